"""Searches everything that was read, for what shows results outside a conversation. Fulfils ``bot.ports.Lookup``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import shorten

from bot.ports import FoundItem
from bot.services import Services
from digests import search
from digests.calendar import london_day, say_day
from digests.model import TaggedItem, Topic

# What a line of a list can show; longer titles are cut between words.
_TITLE, _PUBLISHER, _ABOUT = 200, 80, 300


class Searcher:
    """The same search as the command's, as lines."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def find(self, words: str, skipped: int, most: int) -> Sequence[FoundItem]:
        """What fits; see :meth:`bot.ports.Lookup.find`."""
        query = search.parse(words, self._services.topics)
        async with self._services.store.read() as uow:
            items = await uow.archive.find(query, most, skipped)
        return [_found(item, self._services.topics) for item in items]


def _found(tagged: TaggedItem, topics: Mapping[str, Topic]) -> FoundItem:
    item = tagged.item
    day = say_day(london_day(item.published_at or item.received_at))
    about = [topics[topic].name for topic in tagged.tagging.topic_ids if topic in topics]
    title = shorten(item.title, _TITLE, placeholder="…") or item.url[:_TITLE]
    publisher = shorten(item.publisher, _PUBLISHER, placeholder="…")
    return FoundItem(title, item.url, shorten(", ".join((publisher, day, *about)), _ABOUT, placeholder="…"))
