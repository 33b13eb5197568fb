"""From the bytes of an answer to the outcome of a fetch, without holding up the event loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from adapters.feeds.fast import read_fast
from adapters.feeds.feed import NotAFeed, ParsedFeed, Unreadable
from adapters.feeds.parse import parse
from adapters.feeds.processes import ParsingProcesses
from digests.model import FeedEntry, Outcome

# What the fast lane may read right here, in the event loop: at most some 50 ms of work, usually 2.
_MAX_HERE = 150_000
_MOST_MARKUP_HERE = 4_000


@dataclass(frozen=True, slots=True)
class Understood:
    """What an answer was: ``reason`` says in words why it was no use, and is empty where it was.

    ``ttl_seconds`` is for how long the feed itself asks to be left alone.
    """

    outcome: Outcome
    reason: str = ""
    title: str = ""
    entries: tuple[FeedEntry, ...] = ()
    ttl_seconds: float | None = None


async def understand(
    body: bytes, content_type: str, base_url: str, *, processes: ParsingProcesses | None = None
) -> Understood:
    """Parse an answer; whatever is wrong with it is an outcome.

    A small, plain feed is read at once. Anything else goes to one of ``processes``; without them, to a thread, which
    cannot be stopped: that is for files of our own.
    """
    try:
        feed = await _parse(body, content_type, base_url, processes)
    except NotAFeed as trouble:
        return Understood(Outcome.NOT_A_FEED, trouble.sentence)
    except Unreadable as trouble:
        return Understood(Outcome.UNREADABLE, trouble.sentence)
    if feed.ended:
        return Understood(Outcome.ENDED, "The publisher says that this feed has ended.", feed.title)
    return Understood(Outcome.READ, "", feed.title, feed.entries, feed.ttl_seconds)


async def _parse(body: bytes, content_type: str, base_url: str, processes: ParsingProcesses | None) -> ParsedFeed:
    if len(body) <= _MAX_HERE and (feed := read_fast(body, base_url, most_markup=_MOST_MARKUP_HERE)):
        return feed
    if processes is None:
        return await asyncio.to_thread(parse, body, content_type, base_url)
    return await processes.parse(body, content_type, base_url)
