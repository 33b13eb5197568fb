"""Tells a watchman outside that a tick ran: when the pings stay away, it raises the alarm that we no longer can."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from time import monotonic

import aiohttp

from adapters.feeds.guard import Guard
from adapters.feeds.http import user_agent

log = logging.getLogger(__name__)

SECONDS = 10.0
LEAST_SECONDS_BETWEEN = 60.0
FAILED = "/fail"


class Pings:
    """Calls an address for each tick that has one, at most once a minute, and its ``/fail`` where the tick failed.

    A call holds nothing up: it goes on beside the ticks, one at a time for each, and what becomes of it concerns
    nobody but the log. The addresses are secrets: whoever has one could pretend that all is well.
    """

    def __init__(self, addresses: Mapping[str, str], *, contact: str = "", allow_private: bool = False) -> None:
        self._addresses = addresses
        self._guard = Guard(allow_private=allow_private)
        self._agent = user_agent(contact)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._last: dict[str, tuple[float, bool]] = {}

    def ticked(self, name: str, *, well: bool) -> None:
        """A tick has ended. Returns at once."""
        if name not in self._addresses or name in self._running:
            return
        last = self._last.get(name)
        if last is not None and last[1] is well and monotonic() - last[0] < LEAST_SECONDS_BETWEEN:
            return
        self._last[name] = monotonic(), well
        task = asyncio.create_task(self._call(name, self._addresses[name] + ("" if well else FAILED)))
        self._running[name] = task
        task.add_done_callback(lambda _: self._running.pop(name, None))

    async def close(self) -> None:
        """Give up the calls that are under way."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _call(self, name: str, address: str) -> None:
        try:
            connector = aiohttp.TCPConnector(socket_factory=self._guard.open_socket, force_close=True)
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            if objection := self._guard.objection(address):
                log.warning("the ping of the %s tick was not sent: %s", name, objection)
                return
            async with (
                aiohttp.ClientSession(
                    connector=connector, timeout=timeout, headers={"User-Agent": self._agent}
                ) as http,
                http.get(address, allow_redirects=False) as answer,
            ):
                if answer.status >= 300:
                    log.warning("the ping of the %s tick was answered with status %d", name, answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
            # The message of an error may hold the address.
            log.warning("the ping of the %s tick did not arrive (%s)", name, type(trouble).__name__)
