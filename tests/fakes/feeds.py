"""Feeds in memory: say what a source carries or how it fails, and a reader that answers so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from digests.model import FeedEntry, FetchResult, Outcome, Source, SourceState
from digests.ports import Clock
from tests.builders import NOW, a_source


class FakeFeed:
    """One source's feed. Every change gives it a new ETag; read again unchanged, it says so."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.reads = 0
        self._entries: dict[int, FeedEntry] = {}
        self._version = 0
        self._outcome = Outcome.READ
        self._more: dict[str, Any] = {}
        self._error: Exception | None = None

    def entry(self, number: int, *, title: str = "", published: datetime | None = NOW, **changes: Any) -> Self:
        """Add an entry, or replace the one with this number."""
        entry = FeedEntry(
            id=f"tag:example.org,2025:{self.source.id}/{number}",
            title=title or f"Title {number}",
            link=f"https://www.example.org/{self.source.id}/{number}",
            published=published,
            summary=f"Summary {number}.",
        )
        self._entries[number] = replace(entry, **changes)
        self._version += 1
        return self

    def fails(self, outcome: Outcome, reason: str = "It failed, said the test.", **more: Any) -> Self:
        """From now on every read ends so. ``more`` are further fields of the result."""
        self._outcome, self._more = outcome, {"reason": reason, **more}
        return self

    def raises(self, error: Exception) -> Self:
        """From now on every read is a bug of the reader's."""
        self._error = error
        return self

    def works(self) -> Self:
        """Read as before again."""
        self._outcome, self._more, self._error = Outcome.READ, {}, None
        return self

    def answer(self, state: SourceState, now: datetime) -> FetchResult:
        """What a read of this feed brings."""
        self.reads += 1
        if self._error is not None:
            raise self._error
        etag = f'"{self._version}"'
        result = FetchResult(self.source.id, self._outcome, "", now, now, status=200, etag=etag)
        if self._outcome is not Outcome.READ:
            return replace(result, status=None, etag="", **self._more)
        if state.etag == etag:
            return replace(result, outcome=Outcome.UNCHANGED, status=304)
        newest_first = sorted(self._entries.items(), reverse=True)
        return replace(result, title=self.source.name, entries=tuple(entry for _, entry in newest_first))


class FakeFeedReader:
    """Fulfils ``digests.ports.FeedReader``: ``reader.feed("dsit").entry(1)``, ``.fails(Outcome.TIMED_OUT)``.

    ``most_at_once`` is how many reads were under way together at the most.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._feeds: dict[str, FakeFeed] = {}
        self._at_once = 0
        self.most_at_once = 0

    def feed(self, source_id: str, **changes: Any) -> FakeFeed:
        """The feed of a source, made where there is none; ``changes`` are fields of a new source."""
        if source_id not in self._feeds:
            self._feeds[source_id] = FakeFeed(a_source(source_id, **changes))
        return self._feeds[source_id]

    @property
    def sources(self) -> list[Source]:
        """The sources of every feed, in the order in which they were made."""
        return [feed.source for feed in self._feeds.values()]

    async def read(self, source: Source, state: SourceState) -> FetchResult:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(0)
            return self.feed(source.id).answer(state, self._clock.now())
        finally:
            self._at_once -= 1
