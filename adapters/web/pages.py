"""Pages for everybody: plain HTML with one stylesheet, readable without script, on paper and in the dark."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

STYLE, ICON = "/public.css", "/public.svg"
FRESH_SECONDS = 60.0
_HERE = Path(__file__).parent
# What is public may be kept by whoever passes it on, for a little while.
_CACHE = {"Cache-Control": "public, max-age=300"}

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False
)


@dataclass(frozen=True, slots=True)
class Page:
    """A public page: its title, and its ``article`` as HTML that was escaped where it was made."""

    title: str
    article: str


def add_public_pages(app: web.Application, pages: Mapping[str, Callable[[], Awaitable[Page]]]) -> None:
    """Serve these pages by their paths. Each is made anew at most once in :data:`FRESH_SECONDS`, however many ask."""
    for path, name in ((STYLE, "public.css"), (ICON, "icon.svg")):
        app.router.add_get(path, _file(name))
    for path, make in pages.items():
        app.router.add_get(path, _handler(make))


def _handler(make: Callable[[], Awaitable[Page]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    turn = asyncio.Lock()
    kept = ""
    made_at = -math.inf

    async def show(_: web.Request) -> web.Response:
        nonlocal kept, made_at
        async with turn:
            if asyncio.get_running_loop().time() - made_at >= FRESH_SECONDS:
                kept = _framed(await make())
                made_at = asyncio.get_running_loop().time()
        return web.Response(text=kept, content_type="text/html", headers=_CACHE)

    return show


def _framed(page: Page) -> str:
    article = Markup(page.article)  # noqa: S704 - escaped where it was made
    return _ENVIRONMENT.get_template("page.html").render(title=page.title, article=article, style=STYLE, icon=ICON)


def _file(name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def send(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(_HERE / "static" / name, headers=_CACHE)

    return send
