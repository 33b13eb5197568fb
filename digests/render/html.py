"""An edition as the body of a web page or an HTML e-mail: semantic, without style, every word escaped."""

from __future__ import annotations

from dataclasses import replace

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from digests.calendar import say_day
from digests.render.linked import pieces
from digests.render.view import (
    UPDATES,
    UPDATES_ANCHOR,
    EditionView,
    lines,
    machine_time,
    one_line,
    paragraphs,
    web_address,
)

ENVIRONMENT = Environment(loader=PackageLoader("digests.render"), autoescape=True, undefined=StrictUndefined)
ENVIRONMENT.globals.update(one_line=one_line, paragraphs=paragraphs, lines=lines, web_address=web_address)
ENVIRONMENT.globals.update(say_day=say_day, machine_time=machine_time, UPDATES=UPDATES, UPDATES_ANCHOR=UPDATES_ANCHOR)


def linked(words: str, style: str = "") -> Markup:
    """The words, escaped, with each web address in them as a link; ``style`` is that of the links."""
    attribute = Markup(' style="{}"').format(style) if style else Markup("")
    link = Markup('<a href="{0}"{1}>{0}</a>')
    return Markup("").join(link.format(address, attribute) if address else part for part, address in pieces(words))


ENVIRONMENT.globals.update(linked=linked)


def render(view: EditionView) -> str:
    """The edition as an ``article`` element; the page around it, with its language and style, is the caller's."""
    return ENVIRONMENT.get_template("edition.html").render(view=view)


def feed_body(view: EditionView, corrected: str) -> str:
    """The edition as the body of a feed's entry. ``corrected`` is a sentence that stands first, or empty."""
    return ENVIRONMENT.get_template("feed.html").render(view=view, corrected=corrected)


def email(view: EditionView) -> str:
    """The edition as a whole page for a newsletter tool or a mail: 600 pixels wide, styles within the tags, no image.

    It is for readers, so it never shows reasons, nor notes for editors.
    """
    return ENVIRONMENT.get_template("email.html").render(view=replace(view, reasons=False))
