"""Parses feeds in processes of their own, which may take only so much time and memory, and may die."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.feeds.feed import NotAFeed, ParsedFeed, Unreadable
from adapters.feeds.worker import LENGTH
from digests.model import FeedEntry

SECONDS = 10.0
MEMORY = 1_000_000_000
"""In bytes of address space. A feed of 10 MB needs less than half of it."""

_ROOT = Path(__file__).parents[2]
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ")
_STOP_SECONDS = 5.0
_MAX_ANSWER = 64_000_000


class ParsingProcesses:
    """Up to ``processes`` of them, started when first needed. One that dies or takes too long is replaced.

    ``seconds`` is what one feed may take, ``memory`` how much address space a process may have, in bytes (where the
    system can limit it). Waiting for a turn does not count. Use it from one event loop, and call :meth:`aclose`.
    """

    def __init__(self, *, processes: int = 1, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._turns = asyncio.Semaphore(processes)
        self._idle: list[Process] = []

    async def parse(self, body: bytes, content_type: str, base_url: str) -> ParsedFeed:
        """What :func:`adapters.feeds.parse.parse` gives. Raises :class:`NotAFeed` or :class:`Unreadable`."""
        async with self._turns:
            process = await self._ready()
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await _ask(process, body, content_type, base_url)
            except TimeoutError:
                await _stop(process)
                raise Unreadable(
                    "", f"It took longer than {self._seconds:g} seconds to read this feed. It was given up."
                ) from None
            except (OSError, EOFError, ValueError):
                await _stop(process)
                raise Unreadable("", "Reading this feed took too much memory, or broke off. It was given up.") from None
            except BaseException:
                await _stop(process)
                raise
            self._idle.append(process)
        if "not_a_feed" in answer:
            raise NotAFeed("", answer["not_a_feed"])
        if "unreadable" in answer:
            raise Unreadable("", answer["unreadable"])
        return _feed(answer["feed"])

    async def aclose(self) -> None:
        """Stop every process. Parsing again starts new ones."""
        idle, self._idle = self._idle, []
        for process in idle:
            await _stop(process)

    async def _ready(self) -> Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
        return await self._start()

    async def _start(self) -> Process:
        # Nothing but what a Python needs: no settings, and no secrets.
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONPATH": str(_ROOT)}
        starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "adapters.feeds.worker", str(self._memory)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=environment,
                start_new_session=True,  # an interrupt from the terminal is for us alone; we stop it in our own time
            )
        )
        try:
            # CPython's asyncio waits for ever where a start is cancelled half way, so it is let come to its end.
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await _stop(await starting)
            raise


async def _ask(process: Process, body: bytes, content_type: str, base_url: str) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    head = json.dumps([content_type, base_url]).encode()
    process.stdin.write(LENGTH.pack(len(head)) + head + LENGTH.pack(len(body)))
    process.stdin.write(body)
    await process.stdin.drain()
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    if length > _MAX_ANSWER:
        raise ValueError("an answer that long cannot be right")
    answer: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
    return answer


async def _stop(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    # Only then are its pipes closed for good, and nothing is left over when the event loop ends.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_STOP_SECONDS):
            await process.communicate()


def _feed(answer: list[Any]) -> ParsedFeed:
    title, ttl_seconds, entries = answer
    return ParsedFeed(title, tuple(_entry(*entry) for entry in entries), ttl_seconds)


def _entry(
    identity: str,
    title: str,
    link: str,
    published: str | None,
    updated: str | None,
    summary: str,
    categories: list[str],
    stage: str,
) -> FeedEntry:
    return FeedEntry(
        id=identity,
        title=title,
        link=link,
        published=datetime.fromisoformat(published) if published else None,
        updated=datetime.fromisoformat(updated) if updated else None,
        summary=summary,
        categories=tuple(categories),
        stage=stage,
    )
