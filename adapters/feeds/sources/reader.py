"""Reads every source: feeds through the feed reader, APIs through their own, with the same manners on the wire."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from adapters.feeds.feed import NotAFeed, Unreadable
from adapters.feeds.sources import READERS
from adapters.feeds.sources.days import filled
from adapters.feeds.sources.listing import JSON, Fetcher, Listing
from adapters.feeds.sources.recognise import recognised
from adapters.feeds.sources.shape import ApiFormat, Further, document
from adapters.feeds.understand import Understood
from digests.calendar import london_day
from digests.model import FeedEntry, FetchResult, Format, Outcome, Source, SourceState
from digests.ports import Clock

MAX_FURTHER = 25
"""How many second requests one fetch may make."""
FURTHER_SECONDS = 60.0
"""How long all of them together may take."""
REMEMBERED = 2_000
"""How many completed entries are remembered, so that none is asked for again while the list says the same of it."""


class ApiReader:
    """Fulfils ``digests.ports.FeedReader`` for every format.

    ``relevant`` says of an entry, as the API's list has it, whether it is worth a request of its own for what the
    list leaves out (see :class:`~adapters.feeds.sources.shape.Further`); without it no such request is made. A
    source stays read when they fail: its entries are then as the list has them.
    """

    def __init__(self, http: Fetcher, clock: Clock, *, relevant: Callable[[FeedEntry], bool] | None = None) -> None:
        self._http = http
        self._clock = clock
        self._relevant = relevant
        self._completed: OrderedDict[tuple[object, ...], FeedEntry] = OrderedDict()

    async def read(self, source: Source, state: SourceState) -> FetchResult:
        """One fetch, with the days of today filled into the address of an API."""
        api = READERS.get(source.format)
        if api is None:
            return await self._http.read(source, state)
        today = london_day(self._clock.now())
        asked = replace(source, url=filled(source.url, today))

        result = await Listing(self._http, api, source, asked, state, today).read()
        # Without a hash the list broke off: its server is in trouble, and is left alone.
        if result.outcome is not Outcome.READ or not result.body_hash or self._relevant is None or not api.further:
            return result
        entries = await self._complete(api, asked, result.entries, today)
        return replace(result, entries=entries, finished_at=self._clock.now())

    async def format_of(self, source: Source) -> Format | None:
        """The API whose answer a source's address gives; None where it gives none that is known for certain."""
        found: list[Format] = []

        async def understand(body: bytes, content_type: str, url: str) -> Understood:
            if kind := await asyncio.to_thread(recognised, body):
                found.append(kind)
            return Understood(Outcome.READ if found else Outcome.NOT_A_FEED)

        await self._http.read_as(source, SourceState(source.id), understand, accept=JSON)
        return found[0] if found else None

    async def _complete(
        self, api: ApiFormat, source: Source, entries: tuple[FeedEntry, ...], today: date
    ) -> tuple[FeedEntry, ...]:
        completed = list(entries)
        errand = _Errand(self._http, source, MAX_FURTHER)
        try:
            async with asyncio.timeout(FURTHER_SECONDS):
                for position, entry in enumerate(entries):
                    if entry.id and self._relevant is not None and self._relevant(entry):
                        for number, further in enumerate(api.further):
                            key = (source.id, number, today if further.daily else None, completed[position])
                            completed[position] = await self._one(further, key, completed[position], errand, today)
        except TimeoutError:
            pass  # what is complete by now stays so; the rest comes with a later fetch
        return tuple(completed)

    async def _one(
        self, further: Further, key: tuple[object, ...], entry: FeedEntry, errand: _Errand, today: date
    ) -> FeedEntry:
        """The entry with what one second request adds; as it was where that is not to be had."""
        if not further.wanted(entry):
            return entry
        if (known := self._completed.get(key)) is not None:
            self._completed.move_to_end(key)
            return known
        found = await errand.ask(further.url(entry.id, errand.source.url))
        if found is None:
            return entry
        known = self._completed[key] = further.merge(entry, found, today)
        if len(self._completed) > REMEMBERED:
            self._completed.popitem(last=False)
        return known


class _Errand:
    """The second requests of one fetch. The first trouble of the server ends them all."""

    def __init__(self, http: Fetcher, source: Source, most: int) -> None:
        self.source = source
        self._http = http
        self._left = most

    async def ask(self, url: str) -> Any | None:
        """The JSON at an address; None where it is not to be had."""
        if self._left <= 0:
            return None
        self._left -= 1
        found: list[Any] = []

        async def keep(body: bytes, content_type: str, url: str) -> Understood:
            try:
                found.append(await asyncio.to_thread(document, body))
            except (NotAFeed, Unreadable) as trouble:
                return Understood(Outcome.UNREADABLE, trouble.sentence)
            return Understood(Outcome.READ)

        state = SourceState(self.source.id)
        result = await self._http.read_as(replace(self.source, url=url), state, keep, accept=JSON)
        if result.outcome not in (Outcome.READ, Outcome.UNREADABLE, Outcome.NOT_FOUND):
            self._left = 0
        return found[0] if found else None
