"""Takes turns at each host: only so many requests at once, and a pause between their beginnings."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

_MAX_REMEMBERED = 1_000


@dataclass(slots=True)
class _Host:
    """``begins_at`` is when the next request may begin, on the event loop's clock; ``guests`` have or want a turn."""

    turns: asyncio.Semaphore
    begins_at: float = 0.0
    guests: int = 0


@lru_cache(_MAX_REMEMBERED)
def _name_of(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


class _Turn:
    """One turn at a host. It is taken for every request, so it is no generator: those take three times as long."""

    __slots__ = ("_gap_seconds", "_host")

    def __init__(self, host: _Host, gap_seconds: float) -> None:
        self._host = host
        self._gap_seconds = gap_seconds

    async def __aenter__(self) -> None:
        host = self._host
        host.guests += 1
        try:
            await host.turns.acquire()
        except BaseException:
            host.guests -= 1
            raise
        if not self._gap_seconds:
            return
        try:
            now = asyncio.get_running_loop().time()
            begins_at = max(now, host.begins_at)
            host.begins_at = begins_at + self._gap_seconds
            if begins_at > now:
                await asyncio.sleep(begins_at - now)
        except BaseException:
            await self.__aexit__()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._host.turns.release()
        self._host.guests -= 1


class Hosts:
    """At most ``at_once`` requests with one host, begun at least ``gap_seconds`` apart."""

    def __init__(self, *, at_once: int, gap_seconds: float) -> None:
        self._at_once = at_once
        self._gap_seconds = gap_seconds
        self._hosts: dict[str, _Host] = {}

    def turn(self, url: str) -> _Turn:
        """Wait for a turn at this address's host, and hold it: an async context manager."""
        return _Turn(self._host(_name_of(url)), self._gap_seconds)

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= _MAX_REMEMBERED:
                self._hosts = {name: host for name, host in self._hosts.items() if host.guests}
            self._hosts[name] = _Host(asyncio.Semaphore(self._at_once))
        return self._hosts[name]
