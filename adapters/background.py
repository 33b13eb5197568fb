"""Work that a chat goes on with after it has answered its platform: kept alive, ended in time, its faults logged."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Background:
    """The work of one chat. ``fault`` says in the log what could not be done where work raises."""

    def __init__(self, log: logging.Logger, fault: str) -> None:
        self._log = log
        self._fault = fault
        # asyncio holds a task but weakly: these references keep the work alive until it is done.
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Begin work."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    async def drain(self, seconds: float) -> None:
        """Let work that has begun come to its end, for so long; then cancel it."""
        until = asyncio.get_running_loop().time() + seconds
        while self._running and (left := until - asyncio.get_running_loop().time()) > 0:
            # Work may begin further work, such as giving an answer that came late.
            await asyncio.wait(set(self._running), timeout=left)
        late = set(self._running)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log_fault(self._log, self._fault, error)


def log_fault(log: logging.Logger, what: str, error: BaseException) -> None:
    """Where something happened, but not the error's own words: those may quote what somebody wrote."""
    log.error("%s: %s\n%s", what, type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
