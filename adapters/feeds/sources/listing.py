"""Reads an API's list: its first page, and as many more as are worth asking for, politely and within limits."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Protocol

from adapters.feeds.feed import MAX_ENTRIES
from adapters.feeds.http import Understand
from adapters.feeds.sources.days import BACK
from adapters.feeds.sources.shape import ApiFormat, Page, left_out_words, understand_page
from adapters.feeds.understand import Understood
from digests.calendar import london_day
from digests.model import FeedEntry, FetchResult, Outcome, Source, SourceState

MAX_PAGES = 5
"""How many pages one fetch may ask for."""
PAGES_SECONDS = 60.0
"""How long all pages after the first may take together."""
JSON = "application/json"

_PASSING = (Outcome.RATE_LIMITED, Outcome.SERVER_TROUBLE, Outcome.UNREACHABLE, Outcome.TIMED_OUT)


class Fetcher(Protocol):
    """What is needed of :class:`adapters.feeds.http.HttpFeedReader`."""

    async def read(self, source: Source, state: SourceState) -> FetchResult: ...
    async def read_as(
        self, source: Source, state: SourceState, understand: Understand, *, accept: str
    ) -> FetchResult: ...


class Listing:
    """One fetch of an API's list. ``asked`` is the source with the days of ``today`` (in London) in its address.

    What an answer means depends on the day (a sitting is to come, or is over), and so may its address. So validators
    and the hash of the last answer count on the day on which it was read, and on no other.
    """

    def __init__(
        self, http: Fetcher, api: ApiFormat, source: Source, asked: Source, state: SourceState, today: date
    ) -> None:
        self._http = http
        self._api = api
        self._asked = asked
        self._state = state
        self._today = today
        last_read = london_day(state.last_good_at) if state.last_good_at else None
        is_known = state.first_read_at is not None and state.url in ("", source.url)
        self._is_first = not is_known
        self._same_day = last_read == today and state.url in ("", source.url)
        # A list that broke off last time has left no hash: what was missed then is looked for once more.
        self._since = last_read if is_known and last_read and state.body_hash else today - BACK
        self._pages: list[Page] = []
        self._hashes: list[str] = []
        self._entries: dict[tuple[str, str], FeedEntry] = {}

    async def read(self) -> FetchResult:
        """The list as far as it was read; where that is not all that was asked for, the reason says so.

        A later page that cannot be had leaves what came before it: the result then has no hash, so that nothing
        hides the rest at the next reading. Only a first reading fails altogether where the trouble will pass,
        for what came later would then be taken for news.
        """
        known = replace(self._state, url=self._asked.url, body_hash="")
        if not self._same_day:
            known = replace(known, etag="", last_modified="")
        first, page = await self._ask(self._asked.url, known)
        if page is None:
            return first
        self._take(page, first)
        failed, note = await self._read_on()
        if failed is not None:
            return self._broken_off(first, failed)
        # A validator speaks for one page alone.
        result = first if len(self._pages) == 1 and not note else replace(first, etag="", last_modified="")
        result = self._in_all(result, note)
        if self._same_day and result.body_hash == self._state.body_hash:
            return replace(result, outcome=Outcome.UNCHANGED, entries=())
        return result

    async def _read_on(self) -> tuple[FetchResult | None, str]:
        """Ask for the pages after the first. What failed, if anything, and why the list was not read further."""
        url = self._asked.url
        try:
            async with asyncio.timeout(PAGES_SECONDS):
                while url := self._next_url(url):
                    if len(self._pages) >= MAX_PAGES or len(self._entries) >= MAX_ENTRIES:
                        return None, f"{self._so_far} were read, which is as much as one reading takes."
                    result, page = await self._ask(url, SourceState(self._asked.id))
                    if page is None:
                        return result, ""
                    if result.body_hash in self._hashes:
                        return None, f"{self._so_far} were read, for the server gave the same page again."
                    self._take(page, result)
        except TimeoutError:
            return None, f"{self._so_far} were read, for the next did not come in time."
        return None, ""

    @property
    def _so_far(self) -> str:
        return f"Only the first {sum(page.rows for page in self._pages):,} entries of the list"

    def _next_url(self, url: str) -> str:
        """The address of the page after the last one, where that one held something that is asked for."""
        paging, page = self._api.paging, self._pages[-1]
        return paging.next_url(page.document, url, page.rows) if paging and self._may_go_on(page.found.entries) else ""

    def _may_go_on(self, entries: Sequence[FeedEntry]) -> bool:
        """Whether what follows these entries may be asked for: of a list in order, the last of them tells."""
        asked_for = [self._is_asked_for(entry) for entry in entries]
        moments = [moment for entry in entries if (moment := entry.updated or entry.published)]
        in_order = len(moments) == len(entries) and all(newer >= older for newer, older in pairwise(moments))
        return any(asked_for[-1:] if in_order else asked_for)

    def _is_asked_for(self, entry: FeedEntry) -> bool:
        """Whether an entry is what the list is read on for."""
        if self._api.paging is None or self._api.paging.standing:
            return True
        moment = entry.updated or entry.published
        return moment is None or london_day(moment) >= self._since

    async def _ask(self, url: str, state: SourceState) -> tuple[FetchResult, Page | None]:
        """Fetch one page; None where there is nothing new to be had."""
        pages: list[Page] = []

        async def understand(body: bytes, content_type: str, url: str) -> Understood:
            pages.append(await asyncio.to_thread(understand_page, self._api, body, self._today))
            return pages[0].found

        result = await self._http.read_as(replace(self._asked, url=url), state, understand, accept=JSON)
        return result, pages[0] if result.outcome is Outcome.READ else None

    def _take(self, page: Page, result: FetchResult) -> None:
        """Keep a page's entries. One that has slid from one page to the next meanwhile is kept once.

        Of later pages, what is older than the last reading was passed over then, and would look like news.
        """
        is_later = bool(self._pages)
        self._pages.append(page)
        self._hashes.append(result.body_hash)
        for entry in page.found.entries:
            if self._is_first or not is_later or self._is_asked_for(entry):
                self._entries.setdefault((entry.id, entry.link), entry)

    def _broken_off(self, first: FetchResult, failed: FetchResult) -> FetchResult:
        if self._is_first and failed.outcome in _PASSING:
            reason = f"Its list has further pages, and one of them could not be had. {failed.reason}"
            return replace(failed, reason=f"{reason} Nothing was taken yet.", started_at=first.started_at, entries=())
        note = f"{self._so_far} were read. The next page could not be had: {failed.reason} It will be tried again."
        waits = [each for each in (first.fresh_seconds, failed.retry_after_seconds) if each is not None]
        result = self._in_all(first, note)
        return replace(result, etag="", last_modified="", body_hash="", fresh_seconds=max(waits, default=None))

    def _in_all(self, first: FetchResult, note: str) -> FetchResult:
        """What all pages together hold."""
        return replace(
            first,
            entries=tuple(self._entries.values()) if len(self._pages) > 1 else self._pages[0].found.entries,
            reason=" ".join(filter(None, [self._left_out(), note])),
            body_hash=_hash_of([self._today.isoformat(), *self._hashes]),
        )

    def _left_out(self) -> str:
        rows = sum(min(page.rows, MAX_ENTRIES) for page in self._pages)
        return left_out_words(sum(page.left_out for page in self._pages), rows)


def _hash_of(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
