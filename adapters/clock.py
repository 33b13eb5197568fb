"""Clocks, and the ticker: APScheduler says "look now" and remembers nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often it is looked whether the computer's clock was put back."""
PUT_BACK_SECONDS = 1.0
"""Less is how clocks are kept right."""


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


class PinnedClock:
    """A clock that was set to ``start`` when it was made, and runs on from there."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._made = time.monotonic()

    def now(self) -> datetime:
        """The pretended moment in UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._made)


class Ticker:
    """Calls functions at intervals, never two calls of the same one at once. Missed ticks become one."""

    def __init__(
        self,
        may: Callable[[], Awaitable[bool]] | None = None,
        ended: Callable[[str, float, bool], None] = lambda name, seconds, well: None,
    ) -> None:
        """``may`` is asked before each tick, whether it is ours to do.

        ``ended`` hears of each that has been done: its name, how many seconds it took, and whether it went well.
        """
        self._ended = ended
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._may = may
        self._ahead = 0.0
        self._next_look: asyncio.TimerHandle | None = None

    def every(self, seconds: float, name: str, act: Callable[[], Awaitable[object]], *, shared: bool = False) -> None:
        """Call ``act`` at once and then every ``seconds``. What it raises is logged, and the next tick comes.

        What is ``shared`` is everybody's to do, and is not asked for.
        """

        async def tick() -> None:
            begun = None
            try:
                if shared or self._may is None or await self._may():
                    begun = time.monotonic()
                    await act()
                    self._ended(name, time.monotonic() - begun, True)
            except asyncio.CancelledError:
                # The scheduler cancels at its end what still runs, and would log it as a failure.
                log.debug("the %s tick was cut short", name)
            except Exception:
                log.exception("the %s tick failed; it will look again in %g seconds", name, seconds)
                self._ended(name, 0.0 if begun is None else time.monotonic() - begun, False)

        self._scheduler.add_job(
            tick,
            "interval",
            seconds=seconds,
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )

    def start(self) -> None:
        """Begin. Needs a running event loop."""
        # Its own lines say only that a tick ran, or that one was still running: that is how it should be.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()
        self._ahead = _ahead()
        self._look_again()

    def _look_again(self) -> None:
        self._next_look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Tick at once where the clock was put back: the scheduler waits for a time of day, which is far off then."""
        ahead = _ahead()
        if self._ahead - ahead > PUT_BACK_SECONDS:
            log.warning("the clock was put back by %.0f seconds", self._ahead - ahead)
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))
        self._ahead = ahead
        self._look_again()

    def stop(self) -> None:
        """Stop ticking; a tick that runs is not waited for."""
        if self._next_look is not None:
            self._next_look.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _ahead() -> float:
    """How many seconds the time of day is ahead of the clock that nobody sets."""
    return datetime.now(UTC).timestamp() - time.monotonic()
