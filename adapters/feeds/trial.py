"""Reads one file from disk as an answer from the network would be read: the same limits, the same parser."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

from adapters.feeds.processes import ParsingProcesses
from adapters.feeds.sources import READERS
from adapters.feeds.sources.recognise import recognised
from adapters.feeds.sources.shape import understand_list
from adapters.feeds.understand import Understood, understand
from adapters.feeds.unpack import Damaged, TooLarge, UnknownPacking, unpack
from digests.model import Format, Outcome

_GZIP = b"\x1f\x8b"


async def read_file(path: Path, *, max_bytes: int, today: date, kind: Format | None = None) -> Understood:
    """What an answer with this file's bytes would be. A file that is packed with gzip counts as sent so.

    ``kind`` is what it is; without it, an API is known by its answer, and all else is taken for a feed. ``today`` is
    the day in London: on another, an API's answer may mean something else. Whatever is wrong with the file is an
    outcome, never an exception.
    """
    body = await asyncio.to_thread(_bytes_of, path, max_bytes)
    if isinstance(body, Understood):
        return body
    if body.startswith(_GZIP):
        try:
            body = await unpack(_once(body), "gzip", max_bytes)
        except TooLarge:
            return Understood(Outcome.TOO_LARGE, f"Unpacked, the file is larger than {max_bytes:,} bytes.")
        except (Damaged, UnknownPacking):
            return Understood(Outcome.UNREADABLE, "The file is packed, and damaged.")
    api = READERS.get(kind or await asyncio.to_thread(recognised, body) or Format.RSS)
    if api is not None:
        return await asyncio.to_thread(understand_list, api, body, today)
    processes = ParsingProcesses()
    try:
        return await understand(body, "", "", processes=processes)
    finally:
        await processes.aclose()


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _bytes_of(path: Path, max_bytes: int) -> bytes | Understood:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return Understood(Outcome.NOT_A_FEED, "This is a folder, and no file.")
        if not stat.S_ISREG(status.st_mode):
            return Understood(Outcome.NOT_A_FEED, "This is no ordinary file, so it was not read.")
        if status.st_size > max_bytes:
            return Understood(Outcome.TOO_LARGE, f"The file is larger than {max_bytes:,} bytes, and was not read.")
        return path.read_bytes()
    except FileNotFoundError:
        return Understood(Outcome.NOT_FOUND, "There is no such file. A web address begins with https:// or http://.")
    except (OSError, ValueError) as trouble:
        why = getattr(trouble, "strerror", None) or "its name is not one that a file can have"
        return Understood(Outcome.UNREACHABLE, f"The file cannot be read: {why}.")
