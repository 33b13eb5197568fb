"""Keeps what is public in memory, brought up to date from the store, and says in words how each source is read."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.services import Services
from digests.archive import PUBLIC, Archive, PublicEdition, public_edition
from digests.calendar import say_when
from digests.model import EditionHead, EditionState, Group, Outcome, Source, SourceState, TaggedItem

# The store is asked at most this often whether anything changed, however many readers there are.
FRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The archive as it was at one moment. ``noted_at`` (UTC) is when this process noted its latest change."""

    archive: Archive
    noted_at: datetime


class Archivist:
    """Tells what is public. An edition's text is read once for each revision; withdrawn ones are forgotten."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = asyncio.Lock()
        self._looked_at = -math.inf
        self._heads: Sequence[EditionHead] | None = None
        self._kept: dict[tuple[str, int], PublicEdition] = {}
        self._snapshot = Snapshot(Archive(), services.clock.now())

    async def present(self) -> Snapshot:
        """What is public now, at most :data:`FRESH_SECONDS` old. The same object as long as nothing changed."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if now - self._looked_at >= FRESH_SECONDS:
                await self._look()
                self._looked_at = now
        return self._snapshot

    async def item(self, item_id: str) -> TaggedItem | None:
        """An item with its tags. Whether it is public is for the archive to say."""
        async with self._services.store.read() as uow:
            return await uow.items.get(item_id)

    async def sources(self) -> Sequence[SourceLine]:
        """How the reading of each source goes."""
        async with self._services.store.read() as uow:
            sources = await self._services.all_sources(uow)
            states = await uow.sources.states()
        return source_lines(sources, states)

    async def _look(self) -> None:
        async with self._services.store.read() as uow:
            heads = await uow.editions.heads(*PUBLIC)
            if heads == self._heads:
                return
            kept: dict[tuple[str, int], PublicEdition] = {}
            for head in heads:
                if head.state is EditionState.WITHDRAWN:
                    continue
                known = self._kept.get((head.id, head.revision))
                if known is None:
                    edition = await uow.editions.get(head.id)
                    assert edition is not None, "heads and editions are read in one view"
                    known = public_edition(edition, head)
                    # Made here, one edition after the other, so that no search holds up the chat.
                    _ = known.terms
                kept[head.id, head.revision] = known
        withdrawn = {head.number: head.revision for head in heads if head.state is EditionState.WITHDRAWN}
        closing = [section.id for section in self._services.plan.sections if section.closes]
        archive = Archive(kept.values(), withdrawn, closing)
        # Before anybody asks, and with a turn for others after each, for they take a while in a large archive.
        for index in (lambda: archive.of_item, lambda: archive.of_topic, lambda: archive.days):
            index()
            await asyncio.sleep(0)
        self._heads, self._kept = heads, kept
        self._snapshot = Snapshot(archive, self._services.clock.now())


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source as readers are told of it. ``is_well`` is False where it should be read and is not."""

    name: str
    publisher: str
    group: Group
    url: str
    sentence: str
    is_well: bool


def source_lines(sources: Sequence[Source], states: Mapping[str, SourceState]) -> Sequence[SourceLine]:
    """The sources that are read or should be, by group and name. What is switched off is nobody's business here."""
    order = list(Group)
    shown = sorted(
        (source for source in sources if source.enabled),
        key=lambda source: (order.index(source.group), source.name.casefold()),
    )
    return tuple(
        SourceLine(source.name, source.publisher, source.group, source.url, *_told(states.get(source.id)))
        for source in shown
    )


def _told(state: SourceState | None) -> tuple[str, bool]:
    """How the reading goes, without what only those who keep the sources can use."""
    if state is None or state.outcome is None or state.outcome is Outcome.OFFLINE:
        return "Not read yet.", True
    last = f" It was last read on {say_when(state.last_good_at)}." if state.last_good_at else ""
    if state.paused:
        return f"Not read for now, by decision of the editors.{last}", True
    if state.muted:
        return f"No longer read: it has ended or is gone.{last}", False
    if state.outcome.is_good:
        return f"Read; last on {say_when(state.last_good_at)}." if state.last_good_at else "Read.", True
    return f"Could not be read the last time.{last}", False
