"""The ticker: a tick that fails is said and comes again; one that is cut short by the end is not a failure."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

import adapters.clock
from adapters.clock import Ticker


async def test_a_tick_that_is_cut_short_by_the_end_is_not_logged_as_a_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    running = asyncio.Event()
    ended = asyncio.Event()

    async def act() -> None:
        running.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    ticker = Ticker()
    ticker.every(60, "reading", act)
    ticker.start()
    with caplog.at_level(logging.INFO):
        await asyncio.wait_for(running.wait(), 30)
        ticker.stop()
        await asyncio.wait_for(ended.wait(), 30)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert caplog.messages == []


async def test_a_tick_that_fails_is_logged_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    calls = 0
    twice = asyncio.Event()

    async def act() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ValueError("no")
        twice.set()

    ticker = Ticker()
    ticker.every(0.05, "sweep", act)
    ticker.start()
    await asyncio.wait_for(twice.wait(), 30)
    ticker.stop()
    assert caplog.messages == ["the sweep tick failed; it will look again in 0.05 seconds"]


async def test_a_clock_that_is_put_back_stops_no_tick(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class PutBack(datetime):
        by = timedelta()

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> PutBack:
            return super().now(tz) - cls.by

    monkeypatch.setattr(adapters.clock, "datetime", PutBack)
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", PutBack)
    monkeypatch.setattr(adapters.clock, "LOOK_SECONDS", 0.05)
    ticked = asyncio.Event()

    async def act() -> None:
        ticked.set()

    ticker = Ticker()
    ticker.every(0.05, "watch", act)
    ticker.start()
    for _ in range(3):
        ticked.clear()
        await asyncio.wait_for(ticked.wait(), 30)
    PutBack.by = timedelta(days=1)
    for _ in range(3):
        ticked.clear()
        await asyncio.wait_for(ticked.wait(), 30)
    ticker.stop()
    assert caplog.messages == ["the clock was put back by 86400 seconds"]
