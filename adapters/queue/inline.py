"""The default queue: one sender in this process, woken by whoever wrote something to send, and looking every second."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from bot.ports import Sender

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
TROUBLE_SECONDS = 5.0


class InlineQueue:
    """Fulfils ``bot.ports.Queue`` with an event. What another process wrote is found within a second."""

    def __init__(self) -> None:
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """Look now."""
        self._awake.set()

    async def run(self, sender: Sender, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set; a row being sent is finished first."""
        while not stop.is_set():
            self._awake.clear()
            try:
                await sender.drain(stop)
                pause = sender.take_pause()
            except Exception:
                log.exception("the outbox could not be read; trying again")
                pause = TROUBLE_SECONDS
            events = [stop] if pause else [stop, self._awake]
            await first_of(events, pause or IDLE_SECONDS)


async def first_of(events: list[asyncio.Event], seconds: float) -> None:
    """Wait until one of the events is set, or so many seconds have passed."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    with contextlib.suppress(TimeoutError):
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
