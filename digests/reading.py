"""One pass over the sources that are due: fetch, decide, tag, and store each source's outcome on its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from digests import intake, polling
from digests.corrections import corrected
from digests.kinds import NO_RULES, KindRules
from digests.model import (
    UNTAGGED,
    Fetch,
    FetchResult,
    Installation,
    Item,
    ItemRevision,
    Outcome,
    Source,
    SourceState,
    TaggedItem,
    Tagging,
)
from digests.polling import Notice
from digests.ports import Clock, FeedReader, UnitOfWork

log = logging.getLogger(__name__)

MOST_TOGETHER = 200
"""A unit of work stores at most so many sources."""
MOST_ENTRIES_TOGETHER = 500
"""It stores several sources only where they have no more entries than these, which are looked up all at once."""
LONGEST_UNIT_SECONDS = 0.05
"""A unit of work that stores several sources takes no further one after this: people's presses wait for it."""
LONGEST_WAIT_SECONDS = 0.1
"""What is to be stored waits at most so long for others, and only where none of it brought anything."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_OUR_FAULT = "Convenor itself failed while reading this source. Its log says where; other sources are not affected."
_NOT_STORED = "What was read could not be stored. Convenor's log says why; it will be read again."


Work = TypeVar("Work", bound=UnitOfWork)
Work_co = TypeVar("Work_co", bound=UnitOfWork, covariant=True)


class StoreOf(Protocol[Work_co]):
    """A store, with the sort of unit of work that it begins: those who are told of notices may need more of it."""

    def begin(self) -> AbstractAsyncContextManager[Work_co]:
        """A unit of work that may write."""
        ...

    def read(self) -> AbstractAsyncContextManager[Work_co]:
        """A consistent view that must not write."""
        ...


@dataclass(frozen=True, slots=True)
class PassSummary:
    """What came of a pass: how many sources ended how, how many items are new or changed, and who failed why.

    ``failed`` maps source ids to reasons. ``seconds`` is how long the pass took.
    """

    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    new: int = 0
    changed: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def fetched(self) -> int:
        """How many sources were tried."""
        return sum(self.outcomes.values())


async def read_due(
    sources: Sequence[Source],
    *,
    store: StoreOf[Work],
    reader: FeedReader,
    tag: Callable[[Item], Tagging],
    clock: Clock,
    concurrency: int = 8,
    force: bool = False,
    on_result: Callable[[Source, Fetch], None] | None = None,
    tell: Callable[[Work, Sequence[Notice]], Awaitable[None]] | None = None,
    window_start: datetime,
    kind_rules: KindRules = NO_RULES,
) -> PassSummary:
    """Read every source that is due, or with ``force`` every one that is not muted, paused or disabled.

    One source's trouble never stops the rest: whatever happens becomes its outcome, which is stored together with
    its items, wholly or not at all. Background items, which no draft takes, are stored as :data:`UNTAGGED`: whoever
    lets them be found tags them first (see ``Items.untagged``). The first pass that reads anything is recorded as the
    installation's, with ``window_start`` as the start of its first edition's window (see
    :func:`digests.intake.decide`).
    ``on_result`` is called after each source. ``tell`` gets what editors should hear of a source, inside the unit of
    work that stores its state, so that it is said exactly once. ``kind_rules`` are what editors settled of kinds.
    """
    started_at = clock.now()
    began = asyncio.get_running_loop().time()
    async with store.read() as uow:
        states = await uow.sources.states()
        installation = await uow.installation()
    first = installation is None
    fetches: list[Fetch] = []

    def note(source: Source, fetch: Fetch) -> None:
        fetches.append(fetch)
        if on_result is not None:
            on_result(source, fetch)

    reading = _Pass(
        store, reader, tag, clock, tell, note, first=first, window_start=window_start, kind_rules=kind_rules
    )
    due = _due(sources, states, started_at, force=force)
    await reading.read([(source, states.get(source.id) or SourceState(source.id)) for source in due], concurrency)
    if installation is None and any(fetch.outcome is Outcome.READ for fetch in fetches):
        async with store.begin() as uow:
            await uow.record_installation(Installation(first_pass_at=started_at, window_start=window_start))
            await uow.commit()
    return _summary(fetches, asyncio.get_running_loop().time() - began)


def _due(sources: Sequence[Source], states: Mapping[str, SourceState], now: datetime, *, force: bool) -> list[Source]:
    """The sources to read, those first that have waited longest."""
    waiting: list[tuple[datetime, Source]] = []
    for source in sources:
        state = states.get(source.id, SourceState(source.id))
        if polling.is_due(source, state, now, force=force):
            waiting.append((state.next_due_at or _LONG_AGO, source))
    return [source for _, source in sorted(waiting, key=lambda pair: pair[0])]


def _summary(fetches: Sequence[Fetch], seconds: float) -> PassSummary:
    return PassSummary(
        outcomes=dict(Counter(fetch.outcome for fetch in fetches)),
        new=sum(fetch.new for fetch in fetches),
        changed=sum(fetch.changed for fetch in fetches),
        failed={
            fetch.source_id: fetch.reason
            for fetch in fetches
            if not fetch.outcome.is_good and fetch.outcome is not Outcome.OFFLINE
        },
        seconds=seconds,
    )


@dataclass(slots=True, eq=False)
class _Read:
    """One source on its way through a pass. ``fetch`` is set once it is stored."""

    source: Source
    state: SourceState
    started_at: datetime
    result: FetchResult
    fetch: Fetch | None = None
    _urls: tuple[str, ...] | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        """The canonical URLs of the entries, worked out once."""
        if self._urls is None:
            self._urls = intake.addresses(self.result)
        return self._urls


class _Pass(Generic[Work]):
    """What every source of one pass is read with."""

    def __init__(
        self,
        store: StoreOf[Work],
        reader: FeedReader,
        tag: Callable[[Item], Tagging],
        clock: Clock,
        tell: Callable[[Work, Sequence[Notice]], Awaitable[None]] | None,
        note: Callable[[Source, Fetch], None],
        *,
        first: bool,
        window_start: datetime,
        kind_rules: KindRules,
    ) -> None:
        self._store = store
        self._reader = reader
        self._tag = tag
        self._clock = clock
        self._tell = tell
        self._note = note
        self._first = first
        self._window_start = window_start
        self._kind_rules = kind_rules
        self._waiting: list[_Read] = []
        self._storing = asyncio.Lock()

    async def read(self, due: Sequence[tuple[Source, SourceState]], concurrency: int) -> None:
        """Fetch and store these, at most ``concurrency`` at once. Raises only where the task is cancelled."""
        rest = iter(due)

        async def take() -> None:
            for source, state in rest:
                await self._take(await self._fetch(source, state))

        async with asyncio.TaskGroup() as tasks:
            now_and_then = tasks.create_task(self._store_now_and_then())
            async with asyncio.TaskGroup() as takers:
                for _ in range(min(concurrency, len(due))):
                    takers.create_task(take())
            await self._store_all()
            now_and_then.cancel()

    async def _fetch(self, source: Source, state: SourceState) -> _Read:
        started_at = self._clock.now()
        try:
            result = await self._reader.read(source, state)
        except Exception as fault:
            _log(source, "reading", fault)
            result = self._failed(source, started_at, _OUR_FAULT)
        return _Read(source, state, started_at, result)

    async def _take(self, read: _Read) -> None:
        """Have stored what was read.

        A unit of work costs much more than what a source that has not changed writes in it, so such a source waits
        for others, and nobody waits for it. Whoever holds much in memory fetches no other before it is stored.
        """
        self._waiting.append(read)
        if read.result.entries or len(self._waiting) >= MOST_TOGETHER:
            await self._store_all(read)

    async def _store_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LONGEST_WAIT_SECONDS)
            await self._store_all()

    async def _store_all(self, until: _Read | None = None) -> None:
        """Store what waits, or of that as much as stands before and with one of them.

        Each source is stored wholly or not at all; and where one spoils a unit of work, each gets one of its own.
        """
        while self._waiting and (until is None or until.fetch is None):
            async with self._storing:
                if self._waiting and (until is None or until.fetch is None):
                    await self._store_waiting()

    async def _store_waiting(self) -> None:
        reads = _few(self._waiting)
        stored: Sequence[_Read] = ()
        if len(reads) > 1:
            # What went wrong is logged when the source that did it is stored by itself.
            with contextlib.suppress(Exception):
                stored = await self._store_together(reads)
        if not stored:
            for read in reads:
                await self._store_alone(read)
            stored = reads
        self._waiting = [read for read in self._waiting if read.fetch is None]
        for read in stored:
            assert read.fetch is not None
            self._note(read.source, read.fetch)

    async def _store_alone(self, read: _Read) -> None:
        for doing in ("storing", "storing the failure of"):
            try:
                await self._store_together([read])
                return
            except Exception as fault:
                _log(read.source, doing, fault)
                read.result = self._failed(read.source, read.started_at, _NOT_STORED)
        read.fetch = intake.decide(
            read.source, read.state, read.result, {}, now=self._clock.now(), first_pass=self._first, window_start=None
        ).fetch

    def _failed(self, source: Source, started_at: datetime, reason: str) -> FetchResult:
        return FetchResult(source.id, Outcome.UNREADABLE, reason, started_at, self._clock.now())

    async def _store_together(self, reads: Sequence[_Read]) -> list[_Read]:
        """Store these in one unit of work, or the first of them, where it would last too long; returns which."""
        time = asyncio.get_running_loop().time
        found: list[intake.Intake] = []
        new: list[TaggedItem] = []
        revised: list[tuple[ItemRevision, Tagging]] = []
        async with self._store.begin() as uow:
            began = time()
            # The clock is read inside the unit of work: an item must not be received before a draft that missed it.
            await uow.items.arrive()
            # So is what we remember of the source: somebody may have paused it while it was being fetched.
            now = self._clock.now()
            remembered = await uow.sources.states([read.source.id for read in reads])
            urls = {url for read in reads for url in read.urls}
            known = dict(await uow.items.by_urls(urls)) if urls else {}
            for read in reads:
                one = await self._decide(uow, read, remembered.get(read.source.id, read.state), known, now)
                found.append(one)
                new += [TaggedItem(item, UNTAGGED if item.background else self._tag(item)) for item in one.new]
                revised += [(revision, self._tag(revision.item)) for revision in one.changed]
                # The next source may bring the same documents.
                known |= {item.url: item for item in (*one.new, *(revision.item for revision in one.changed))}
                if time() - began > LONGEST_UNIT_SECONDS:
                    break
            really_new = await self._store_items(uow, new, revised)
            fetches = [_with_new(one, really_new) for one in found]
            await uow.sources.save_states([one.state for one in found])
            await uow.sources.add_fetches(fetches)
            notices = [one.notice for one in found if one.notice]
            if notices and self._tell is not None:
                await self._tell(uow, notices)
            await uow.commit()
        stored = list(reads[: len(fetches)])
        for read, fetch in zip(stored, fetches, strict=True):
            read.fetch = fetch
        return stored

    async def _decide(
        self, uow: Work, read: _Read, state: SourceState, known: Mapping[str, Item], now: datetime
    ) -> intake.Intake:
        """What one source brought."""
        source = read.source
        result = intake.settled(source, state, read.result)
        known = {url: known[url] for url in read.urls if url in known} if result is read.result else {}
        renamed = intake.looks_renamed(state, result, known)
        return intake.decide(
            source,
            state,
            result,
            known,
            now=now,
            first_pass=self._first,
            window_start=self._window_start,
            titles=await uow.items.titles(source.id) if renamed else (),
            kind_rules=self._kind_rules,
        )

    async def _store_items(
        self, uow: Work, new: Sequence[TaggedItem], revised: Sequence[tuple[ItemRevision, Tagging]]
    ) -> Collection[str]:
        """Store what several sources brought, in order; returns the ids of the items that were really new."""
        really_new = set(await uow.items.add(new)) if new else set()
        # A new wording does not undo what editors said of the item.
        changed = [revision.item.id for revision, _ in revised]
        said = await uow.corrections.of_items(changed) if changed else {}
        for revision, tagging in revised:
            await uow.items.revise(revision, corrected(tagging, said.get(revision.item.id, ())))
        return really_new


def _few(waiting: Sequence[_Read]) -> Sequence[_Read]:
    """The first of those that wait to be stored: as many as can be looked up and stored soon."""
    entries = 0
    for count, read in enumerate(waiting[:MOST_TOGETHER]):
        entries += len(read.result.entries)
        if count and entries > MOST_ENTRIES_TOGETHER:
            return waiting[:count]
    return waiting[:MOST_TOGETHER]


def _with_new(found: intake.Intake, really_new: Collection[str]) -> Fetch:
    """The fetch, with how many of the items it brought nobody else had brought meanwhile."""
    new = sum(item.id in really_new for item in found.new)
    return found.fetch if new == found.fetch.new else replace(found.fetch, new=new)


def _log(source: Source, doing: str, fault: Exception) -> None:
    """Log where it happened, without the exception's message: that may quote the feed."""
    where = "".join(traceback.format_tb(fault.__traceback__))
    log.error("%s source %s failed with %s\n%s", doing, source.id, type(fault).__name__, where)
