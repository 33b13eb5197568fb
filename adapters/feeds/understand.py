"""From the bytes of an answer to the outcome of a fetch, without holding up the event loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from adapters.feeds.feed import NotAFeed, Unreadable
from adapters.feeds.parse import parse
from digests.model import FeedEntry, Outcome


@dataclass(frozen=True, slots=True)
class Understood:
    """What an answer was: ``reason`` says in words why it was no use, and is empty where it was."""

    outcome: Outcome
    reason: str = ""
    title: str = ""
    entries: tuple[FeedEntry, ...] = ()


async def understand(body: bytes, content_type: str, base_url: str) -> Understood:
    """Parse an answer in a thread; whatever is wrong with it is an outcome."""
    try:
        feed = await asyncio.to_thread(parse, body, content_type, base_url)
    except NotAFeed as trouble:
        return Understood(Outcome.NOT_A_FEED, trouble.sentence)
    except Unreadable as trouble:
        return Understood(Outcome.UNREADABLE, trouble.sentence)
    if feed.ended:
        return Understood(Outcome.ENDED, "The publisher says that this feed has ended.", feed.title)
    return Understood(Outcome.READ, "", feed.title, feed.entries)
