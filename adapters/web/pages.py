"""Public pages as HTML: one frame and one stylesheet, readable without script, on paper and in the dark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from digests.archive import Ahead
from digests.calendar import say_date, say_day, say_when, with_time
from digests.render.html import linked
from digests.render.view import UPDATES, UPDATES_ANCHOR, lines, machine_time, one_line, paragraphs, web_address

STYLE, ICON = "/public.css", "/public.svg"
STATIC = Path(__file__).parent / "static"


def say_ahead(ahead: Ahead) -> str:
    """A day ahead for people: ``Thursday 3 July 2025, 11:59pm``."""
    return with_time(say_day(ahead.day), ahead.mention.entry.time)


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals.update(
    style=STYLE,
    icon=ICON,
    one_line=one_line,
    paragraphs=paragraphs,
    lines=lines,
    linked=linked,
    machine_time=machine_time,
    say_ahead=say_ahead,
    web_address=web_address,
    say_date=say_date,
    say_day=say_day,
    say_when=say_when,
    UPDATES=UPDATES,
    UPDATES_ANCHOR=UPDATES_ANCHOR,
)


@dataclass(frozen=True, slots=True)
class About:
    """What the site says of itself on every page. ``home`` is the path of its first page.

    ``public_url`` is its address for others, without a slash at the end; empty where none is set. ``on_loopback``:
    only programs on this machine can reach it, so that the address they used is as good as a public one.
    """

    title: str
    home: str = "/"
    owner: str = ""
    contact: str = ""
    public_url: str = ""
    on_loopback: bool = True


def page(name: str, about: About, *, path: str, base: str, **what: Any) -> str:
    """One page. ``path`` is where it stands; ``base`` the site's address, or empty: then feeds are not offered."""
    return _ENVIRONMENT.get_template(f"{name}.html").render(about=about, path=path, base=base, **what)


def framed(article: str, title: str, about: About, *, path: str, base: str) -> str:
    """A page around an ``article`` that was made, and escaped, elsewhere."""
    made = Markup(article)  # noqa: S704 - escaped where it was made
    return page("article", about, path=path, base=base, title=title, article=made)
