"""Finds out quickly whether there is a network at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import urlsplit


async def anybody_answers(urls: Iterable[str], *, seconds: float = 3.0) -> bool:
    """Whether any of these addresses' hosts accepts a connection within ``seconds``. Nothing is sent."""
    hosts = {(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)) for parts in map(urlsplit, urls)}
    tries = [asyncio.create_task(_answers(host, port)) for host, port in hosts if host]
    try:
        for done in asyncio.as_completed(tries, timeout=seconds):
            if await done:
                return True
    except TimeoutError:
        pass
    finally:
        for task in tries:
            task.cancel()
        await asyncio.gather(*tries, return_exceptions=True)
    return False


async def _answers(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
