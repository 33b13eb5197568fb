"""Hostile feeds cost a process its life at most; chat is answered all the while."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.feeds.feed import NotAFeed, ParsedFeed, Unreadable
from adapters.feeds.parse import parse
from adapters.feeds.processes import ParsingProcesses
from tests.contract.test_feeds_fast import REAL
from tests.fakes.hostile_feeds import HOSTILE, ODD, rss

BASE = "https://feeds.example.org/dir/feed.xml"


@pytest_asyncio.fixture
async def processes() -> AsyncIterator[ParsingProcesses]:
    made = ParsingProcesses(seconds=6)
    yield made
    await made.aclose()


async def test_a_reading_that_is_cancelled_while_its_process_starts_comes_to_an_end(
    processes: ParsingProcesses,
) -> None:
    for steps in range(6):
        reading = asyncio.create_task(processes.parse(ODD, "", BASE))
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        async with asyncio.timeout(30):
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
