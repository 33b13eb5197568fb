"""A web site on loopback: pages and feeds by path, which a test may change while it is up."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

HTML, ATOM, RSS = "text/html", "application/atom+xml", "application/rss+xml"


class FakeSite:
    """Serves ``pages`` (path -> content type, body) on 127.0.0.1; any other path is a 404. ``asked`` is in order.

    A page whose content type is a path or an address redirects there.
    """

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        self.port = 0
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def page(self, path: str, body: str) -> None:
        """Put an HTML page at a path."""
        self.pages[path] = HTML, body.encode()

    def feed(self, path: str, *titles: str, name: str = "The example blog") -> None:
        """Put an RSS feed at a path, one item a day from 20 January 2025 on, newest first."""
        items = "".join(
            f"<item><title>{title}</title><link>{self.url(f'{path}/{number}')}</link>"
            f"<pubDate>{20 + number} Jan 2025 09:00:00 GMT</pubDate></item>"
            for number, title in reversed(list(enumerate(titles)))
        )
        body = f'<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'
        self.pages[path] = RSS, body.encode()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        content_type, body = self.pages.get(request.path, ("", b""))
        if content_type.startswith(("/", "http:")):
            return web.Response(status=302, headers={"Location": content_type})
        if not content_type:
            return web.Response(status=404, text="no")
        return web.Response(body=body, content_type=content_type)
