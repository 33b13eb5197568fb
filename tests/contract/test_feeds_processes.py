"""Hostile feeds cost a process its life at most; chat is answered all the while."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from adapters.feeds.feed import NotAFeed, ParsedFeed, Unreadable
from adapters.feeds.parse import parse
from adapters.feeds.processes import ParsingProcesses
from adapters.feeds.understand import understand
from digests.model import Outcome
from tests.contract.test_feeds_fast import REAL

BASE = "https://feeds.example.org/dir/feed.xml"
ODD = b'<rss version="0.91"><channel><title>News</title><item><title>One</title></item></channel></rss>'


@pytest_asyncio.fixture
async def processes() -> AsyncIterator[ParsingProcesses]:
    made = ParsingProcesses(seconds=6)
    yield made
    await made.aclose()


def rss(item: str) -> bytes:
    return f'<rss version="2.0"><channel><title>News</title><item>{item}</item></channel></rss>'.encode()


def entity_bomb() -> bytes:
    doctype = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    return f"<!DOCTYPE rss [{doctype}]>".encode() + rss("<title>&a11;</title>")


HOSTILE = {
    "an entity bomb": entity_bomb(),
    "deep nesting": b'<rss version="2.0"><channel><item><title>' + b"<a>" * 1_600_000,
    "deep nesting that ends": b'<rss version="2.0"><channel><item>'
    + b"<a>" * 700_000
    + b"</a>" * 700_000
    + b"</item></channel></rss>",
    "nested markup": rss("<title>A</title>" + "<description>&lt;div&gt;" + "&lt;div&gt;" * 400_000 + "</description>"),
    "nested markup in each of many entries": rss(
        "</item><item>".join(["<title>A</title><description>" + "&lt;b&gt;" * 2_000 + "</description>"] * 270)
    ),
    "many attributes": b'<rss version="2.0"><channel><item '
    + b" ".join(b"a%d='1'" % n for n in range(300_000))
    + b"/></channel></rss>",
    "open quotes": b'<rss version="2.0"><channel><item a="' + b"<b c='" * 800_000,
    "half declarations": b'<rss version="2.0">' + b"<!ENTITY " * 550_000,
    "ampersands": b'<rss version="2.0"><channel><item><title>' + b"&" * 5_000_000,
    "null bytes": b'<rss version="2.0"><channel><item><title>' + b"\0" * 5_000_000,
    "noise": b'<rss version="2.0">' + os.urandom(5_000_000),
}


@pytest.mark.alone
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


@pytest.mark.alone
@pytest.mark.parametrize("item", [f"<a>{'<b>' * 70_000}{'</b>' * 30_000}", "<description>" + "&lt;div&gt;" * 30_000])
async def test_what_may_be_read_in_the_event_loop_never_takes_long(processes: ParsingProcesses, item: str) -> None:
    small = rss(item)[:149_000]
    # Processor time, for only what we do ourselves in the event loop is in question here.
    began = time.process_time()
    reading = asyncio.create_task(understand(small, "", BASE, processes=processes))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    took = time.process_time() - began
    await reading
    assert took < 0.2


async def test_a_reading_that_is_cancelled_while_its_process_starts_comes_to_an_end(
    processes: ParsingProcesses,
) -> None:
    for steps in range(6):
        reading = asyncio.create_task(processes.parse(ODD, "", BASE))
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        async with asyncio.timeout(10):
            with pytest.raises(asyncio.CancelledError):
                await reading
        await processes.aclose()
    assert (await processes.parse(ODD, "", BASE)).entries


async def test_a_process_gives_what_the_parser_gives() -> None:
    processes = ParsingProcesses(seconds=30)
    for path in REAL:
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        expected: ParsedFeed | str
        got: ParsedFeed | str
        try:
            expected = parse(body, "text/xml", BASE)
        except (NotAFeed, Unreadable) as refusal:
            expected = refusal.sentence
        try:
            got = await processes.parse(body, "text/xml", BASE)
        except (NotAFeed, Unreadable) as refusal:
            got = refusal.sentence
        assert got == expected, path.name
    await processes.aclose()


async def test_a_feed_that_takes_too_long_is_given_up_and_the_next_one_read() -> None:
    processes = ParsingProcesses(seconds=2)
    await processes.parse(ODD, "", BASE)
    with pytest.raises(Unreadable) as refusal:
        await processes.parse(HOSTILE["half declarations"] * 6, "", BASE)
    assert refusal.value.sentence == "It took longer than 2 seconds to read this feed. It was given up."
    assert (await processes.parse(ODD, "", BASE)).title == "News"
    await processes.aclose()


async def test_a_feed_that_takes_too_much_memory_is_given_up_and_the_next_one_read() -> None:
    processes = ParsingProcesses(memory=80_000_000)
    with pytest.raises(Unreadable) as refusal:
        await processes.parse(rss("<title>A</title>" * 500_000), "", BASE)
    assert refusal.value.sentence == "Reading this feed took too much memory, or broke off. It was given up."
    assert (await processes.parse(ODD, "", BASE)).title == "News"
    await processes.aclose()


async def test_a_process_that_was_killed_is_replaced(processes: ParsingProcesses) -> None:
    await processes.parse(ODD, "", BASE)
    (process,) = processes._idle
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert (await processes.parse(ODD, "", BASE)).title == "News"


async def test_a_reading_that_is_cancelled_leaves_no_half_answer_behind(processes: ParsingProcesses) -> None:
    await processes.parse(ODD, "", BASE)
    reading = asyncio.create_task(processes.parse(HOSTILE["many attributes"], "", BASE))
    await asyncio.sleep(0.05)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await processes.parse(ODD, "", BASE)).title == "News"
