"""The transparency record, or another page of questions and answers, as the body of a web page or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from digests.calendar import say_day
from digests.render.html import ENVIRONMENT
from digests.transparency import Part

TITLE = "Algorithmic transparency record: Convenor"


def as_html(parts: Sequence[Part], on: date, title: str = TITLE) -> str:
    """The record as an ``article`` element; the page around it is the caller's."""
    return ENVIRONMENT.get_template("record.html").render(title=title, parts=parts, on=on)


def as_markdown(parts: Sequence[Part], on: date) -> str:
    """The record as Markdown, for a page or a repository."""
    lines = [f"# {TITLE}", "", f"As of {say_day(on)}."]
    for part in parts:
        lines += ["", f"## {part.title}"]
        for field, words in part.answers:
            lines += ["", f"**{_escaped(field)}**", "", _escaped(words)]
    return "\n".join(lines) + "\n"


def _escaped(words: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|" else letter for letter in words)
