"""A publisher's web server on loopback, with every way in which one can misbehave."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

import brotli
from aiohttp import web
from aiohttp.typedefs import Handler

ETAG = 'W/"v1, with a comma"'
LAST_MODIFIED = "Thu, 23 Jan 2025 09:00:00 GMT"
BUSY_UNTIL = datetime(2025, 1, 23, 11, 0, tzinfo=UTC)
BROTLI_BOMB = brotli.compress(b" " * 50_000_000, quality=1)
PRIVATE_TARGET = "http://169.254.169.254/latest/meta-data/"


def atom(titles: Iterable[str]) -> bytes:
    """An Atom feed with one entry for each title, at relative links."""
    entries = "".join(
        f'<entry><id>tag:example.org,2025:{number}</id><title>{escape(title)}</title><link href="/news/{number}"/>'
        "<updated>2025-01-22T09:00:00Z</updated></entry>"
        for number, title in enumerate(titles, 1)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{entries}</feed>'.encode()


class FakePublisher:
    """Serves on 127.0.0.1 while its ``async with`` lasts.

    ``requests`` is what it was asked, in order; ``began`` when, on the event loop's clock.
    """

    def __init__(self) -> None:
        self.body = atom(["One", "Two"])
        self.requests: list[web.Request] = []
        self.most_at_once = 0
        self.port = 0
        self.began: list[float] = []
        self._at_once = 0
        self._minutes = itertools.count()
        app = web.Application(middlewares=[self._note])
        for path, answer in {
            "/feed": self._feed,
            "/gzipped": self._gzipped,
            "/brotli": self._brotli,
            "/half-brotli": self._half_brotli,
            "/brotli-bomb": self._brotli_bomb,
            "/without-validators": self._without_validators,
            "/fresh": self._fresh,
            "/changing-ids": self._changing_ids,
            "/half-closed": self._half_closed,
            "/wrong-type": self._wrong_type,
            "/cookie-wall": self._cookie_wall,
            "/slow": self._slow,
            "/drip": self._drip,
            "/huge": self._huge,
            "/bomb": self._bomb,
            "/damaged-gzip": self._damaged_gzip,
            "/half-gzip": self._half_gzip,
            "/cut-short": self._cut_short,
            "/compressed-oddly": self._compressed_oddly,
            "/status/{status}": self._status,
            "/busy": self._busy,
            "/busy-until": self._busy_until,
            "/moved": self._moved,
            "/moved-again": self._moved_again,
            "/moved-for-now": self._moved_for_now,
            "/moved-then-for-now": self._moved_then_for_now,
            "/chain/{left}": self._chain,
            "/loop": self._loop,
            "/to-file": self._to_file,
            "/to-private": self._to_private,
            "/to-nowhere": self._to_nowhere,
            "/page": self._page,
            "/json": self._json,
            "/empty": self._empty,
            "/ended": self._ended,
            "/damaged-feed": self._damaged_feed,
        }.items():
            app.router.add_get(path, answer)
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

    def url(self, path: str) -> str:
        """The address of one of its paths."""
        return f"http://127.0.0.1:{self.port}{path}"

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append(request)
        self.began.append(asyncio.get_running_loop().time())
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await handler(request)
        finally:
            self._at_once -= 1

    async def _feed(self, request: web.Request) -> web.Response:
        validators = {"ETag": ETAG, "Last-Modified": LAST_MODIFIED}
        if request.headers.get("If-None-Match") == ETAG and request.headers.get("If-Modified-Since") == LAST_MODIFIED:
            return web.Response(status=304, headers=validators)
        return web.Response(body=self.body, content_type="application/atom+xml", headers=validators)

    async def _gzipped(self, _: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(self.body), headers={"Content-Encoding": "gzip"})

    async def _slow(self, _: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response(body=self.body)

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=dict(request.query))
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    async def _huge(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=dict(request.query))
        await response.prepare(request)
        while True:
            await response.write(b"<feed>" * 10_000)

    async def _bomb(self, _: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"})

    async def _damaged_gzip(self, request: web.Request) -> web.Response:
        return web.Response(body=b"not gzip at all", headers={"Content-Encoding": "gzip", **request.query})

    async def _half_gzip(self, _: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(self.body)[:-20], headers={"Content-Encoding": "gzip"})

    async def _cut_short(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100000"})
        await response.prepare(request)
        await response.write(self.body)
        assert request.transport is not None
        request.transport.close()
        return response

    async def _brotli(self, _: web.Request) -> web.Response:
        return web.Response(body=brotli.compress(self.body), headers={"Content-Encoding": "br"})

    async def _half_brotli(self, _: web.Request) -> web.Response:
        return web.Response(body=brotli.compress(self.body)[:-20], headers={"Content-Encoding": "br"})

    async def _brotli_bomb(self, _: web.Request) -> web.Response:
        return web.Response(body=BROTLI_BOMB, headers={"Content-Encoding": "br"})

    async def _compressed_oddly(self, _: web.Request) -> web.Response:
        return web.Response(body=b"whatever", headers={"Content-Encoding": "compress"})

    async def _without_validators(self, _: web.Request) -> web.Response:
        return web.Response(body=self.body, content_type="application/atom+xml")

    async def _fresh(self, request: web.Request) -> web.Response:
        return web.Response(body=self.body, headers=dict(request.query))

    async def _changing_ids(self, _: web.Request) -> web.Response:
        time = f"2025-01-22T09:{next(self._minutes):02d}:00Z"
        return web.Response(body=self.body.replace(b"</id>", f"#{time}</id>".encode()))

    async def _half_closed(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100000"})
        await response.prepare(request)
        await response.write(self.body)
        assert isinstance(request.transport, asyncio.Transport)
        request.transport.write_eof()  # no more will come, yet the connection stays
        await asyncio.sleep(30)
        return response

    async def _wrong_type(self, _: web.Request) -> web.Response:
        return web.Response(body=self.body, content_type="image/png")

    async def _cookie_wall(self, request: web.Request) -> web.Response:
        if "consent" in request.cookies:
            return web.Response(body=self.body)
        page = web.Response(text="<!DOCTYPE html><html><p>We value your privacy", content_type="text/html")
        page.set_cookie("consent", "asked")
        return page

    async def _status(self, request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["status"]), text="<html>no</html>")

    async def _busy(self, _: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "120"})

    async def _busy_until(self, _: web.Request) -> web.Response:
        words = f"{BUSY_UNTIL:%a, %d %b %Y %H:%M:%S} GMT"
        return web.Response(status=503, headers={"Retry-After": words})

    async def _moved(self, _: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "/feed"})

    async def _moved_again(self, _: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": "/moved"})

    async def _moved_for_now(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/moved"})

    async def _moved_then_for_now(self, _: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "/moved-for-now"})

    async def _chain(self, request: web.Request) -> web.Response:
        left = int(request.match_info["left"])
        return web.Response(status=301, headers={"Location": f"/chain/{left - 1}" if left > 1 else "/feed"})

    async def _loop(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/loop"})

    async def _to_file(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "file:///etc/passwd"})

    async def _to_private(self, _: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": PRIVATE_TARGET})

    async def _to_nowhere(self, _: web.Request) -> web.Response:
        return web.Response(status=302)

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text="<!DOCTYPE html><html><p>We value your privacy", content_type="text/html")

    async def _json(self, _: web.Request) -> web.Response:
        return web.json_response({"items": []})

    async def _empty(self, _: web.Request) -> web.Response:
        return web.Response(body=b"", content_type="application/atom+xml")

    async def _ended(self, _: web.Request) -> web.Response:
        return web.Response(body=atom(["This feed has ended"]), content_type="application/atom+xml")

    async def _damaged_feed(self, _: web.Request) -> web.Response:
        return web.Response(body=b'<rss version="2.0"><channel><title>News</ti', content_type="application/rss+xml")
