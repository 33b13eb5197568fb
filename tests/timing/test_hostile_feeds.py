"""Chat is answered all the while that hostile feeds are read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from adapters.feeds.processes import ParsingProcesses
from adapters.feeds.understand import understand
from digests.model import Outcome
from tests.fakes.hostile_feeds import HOSTILE, ODD, rss

BASE = "https://feeds.example.org/dir/feed.xml"


@pytest_asyncio.fixture
async def processes() -> AsyncIterator[ParsingProcesses]:
    # Twice as long as chat may take shows as well as the usual limit that it does not notice a process at full load.
    made = ParsingProcesses(seconds=0.6)
    yield made
    await made.aclose()


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_chat_is_answered_within_300_ms_while_a_hostile_feed_is_read(
    processes: ParsingProcesses, body: bytes
) -> None:
    async def acknowledge(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/command", acknowledge)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    worst = 0.0
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
            reading = asyncio.create_task(understand(body, "", BASE, processes=processes))
            while not reading.done():
                began = time.perf_counter()
                async with session.post("/command") as answer:
                    assert answer.status == 200
                worst = max(worst, time.perf_counter() - began)
                await asyncio.sleep(0.005)
    finally:
        await runner.cleanup()
    print(f"worst {worst * 1000:.0f} ms, {(await reading).outcome}")
    assert (await reading).outcome in (Outcome.READ, Outcome.UNREADABLE, Outcome.NOT_A_FEED)
    assert worst < 0.3
    assert (await understand(ODD, "", BASE, processes=processes)).outcome is Outcome.READ


@pytest.mark.parametrize("item", [f"<a>{'<b>' * 70_000}{'</b>' * 30_000}", "<description>" + "&lt;div&gt;" * 30_000])
async def test_what_may_be_read_in_the_event_loop_never_takes_long(processes: ParsingProcesses, item: str) -> None:
    small = rss(item)[:149_000]
    took = []
    # Processor time, for only what we do ourselves in the event loop is in question here; the least of three, for a
    # full pass of the garbage collector over all that a test run holds may fall into one.
    for _ in range(3):
        began = time.process_time()
        reading = asyncio.create_task(understand(small, "", BASE, processes=processes))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        took.append(time.process_time() - began)
        # What goes on in a process of its own need not be waited for.
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    assert min(took) < 0.2
