"""A server of made-up feeds, for ``intake.py``: GOV.UK's two kinds of Atom and Parliament's RSS in turn.

``/feed/N.xml`` answers 200, or 304 to a fitting validator; ``/bump`` puts a new entry on top of every feed; ``/stats``
counts the answers by status; ``/reset`` begins anew.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

WORDS = ("policy", "data", "bill", "consultation", "report", "minister", "inquiry", "guidance", "standards", "privacy")
START = datetime(2026, 9, 1, 12, tzinfo=UTC)


def _words(dice: random.Random, count: int) -> str:
    return " ".join(dice.choices(WORDS, k=count)).capitalize()


def _entries(feed: int, count: int, new: int) -> Iterator[tuple[str, str, str, datetime]]:
    """The path, title, summary and moment of each entry, newest first; an entry is the same whatever ``new`` is."""
    for number in range(new - 1, new - 1 - count, -1):
        dice = random.Random(f"{feed}/{number}")
        moment = START + timedelta(minutes=40 * number)
        yield f"/work/{feed}/{number}-{dice.choice(WORDS)}", _words(dice, 9), _words(dice, 28), moment


def _feed(feed: int, count: int, new: int) -> str:
    entries = list(_entries(feed, count, new))
    if feed % 3 == 2:
        items = "".join(
            f"<item><guid>https://committees.parliament.uk{path}</guid><title>{title}</title>"
            f"<link>https://committees.parliament.uk{path}</link><pubDate>{format_datetime(moment)}</pubDate>"
            f"<description><![CDATA[<p>{summary}</p>]]></description></item>"
            for path, title, summary, moment in entries
        )
        return f'<rss version="2.0"><channel><title>Committee {feed}</title>{items}</channel></rss>'
    # An organisation's feed changes its ids at every update, a search feed never.
    items = "".join(
        f"<entry><id>https://www.gov.uk{path}{f'#{moment.isoformat()}' if feed % 3 else ''}</id>"
        f"<updated>{moment.isoformat()}</updated><title>{title}</title><summary>{summary}</summary>"
        f'<link rel="alternate" type="text/html" href="https://www.gov.uk{path}"/></entry>'
        for path, title, summary, moment in entries
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Activity {feed}</title>{items}</feed>'


class Server:
    """Keeps every feed ready as bytes."""

    def __init__(self, feeds: int, entries: int, delay: float) -> None:
        self._feeds, self._entries, self._delay = feeds, entries, delay
        self._counts: Counter[str] = Counter()
        self._build(0)
        self.app = web.Application()
        self.app.router.add_get("/feed/{number}.xml", self._answer)
        for path, answer in (("/bump", self._bump), ("/stats", self._stats), ("/reset", self._reset)):
            self.app.router.add_get(path, answer)

    def _build(self, new: int) -> None:
        self._new = new
        self._bodies = [_feed(number, self._entries, new).encode() for number in range(self._feeds)]

    async def _answer(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._delay)
        body = self._bodies[int(request.match_info["number"])]
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"', "Cache-Control": "max-age=300"}
        status = 304 if request.headers.get("If-None-Match") == headers["ETag"] else 200
        self._counts[str(status)] += 1
        return web.Response(status=status, body=body if status == 200 else None, headers=headers)

    async def _bump(self, _: web.Request) -> web.Response:
        self._build(self._new + 1)
        return web.json_response({})

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response(self._counts)

    async def _reset(self, _: web.Request) -> web.Response:
        self._counts.clear()
        self._build(0)
        return web.json_response({})


def main() -> None:
    """Serve until stopped; prints a line that begins with ``ready`` first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=1, help="so many addresses of this machine, from 127.0.0.1 on")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--entries", type=int, default=50)
    parser.add_argument("--delay-ms", type=float, default=0)
    options = parser.parse_args()
    server = Server(options.feeds, options.entries, options.delay_ms / 1000)
    hosts = [f"127.0.0.{number}" for number in range(1, options.hosts + 1)]
    print("ready", flush=True)
    web.run_app(server.app, host=hosts, port=options.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
