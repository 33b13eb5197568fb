"""What a restored backup has to be told of those who left since it was made: worked out, and then done again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.keeping.model import ALLOWED, OBJECTED, Departure, Did
from bot.members import service as members
from bot.ports import UnitOfWork
from bot.privacy import service as privacy
from bot.privacy.leaving import be_found_no_more, leave
from bot.privacy.model import Erasure, Objection, Processing
from bot.services import Services

MARGIN = timedelta(minutes=5)
"""A unit of work may have been under way when the backup was made: what it did is done again, which changes nothing."""


@dataclass(slots=True)
class Redo:
    """What is to be done again about one member. ``wish`` is when they are to be erased, if they asked for it."""

    erase: bool = False
    wish: Departure | None = None
    keep: bool = False
    left: bool = False
    objections: dict[Processing, Departure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many members were erased again, are to be erased, left the directory again, or object again."""

    erased: int = 0
    asked: int = 0
    left: int = 0
    objected: int = 0


def begins_at(departures: Sequence[Departure]) -> datetime | None:
    """From when on the entries are complete; None where they do not say."""
    return min((each.at for each in departures if each.did is Did.BEGAN), default=None)


def to_redo(departures: Sequence[Departure], found: Mapping[str, str], made_at: datetime) -> dict[str, Redo]:
    """By member id, what is to be done again in a backup that was made then. Pure.

    ``found`` has the id of every member of the backup by each mark that they may have. An erasure is done again
    whenever it was; the rest only if it came after the backup, which has the rest already. Where two turned out to be
    one person meanwhile, that person is followed as the network did: see :mod:`adapters.store.merging`.
    """
    entries = sorted(departures, key=lambda each: each.at)
    ids = {mark: found.get(mark, mark) for each in entries for mark in (each.who, each.other)}
    said: dict[str, _Said] = {}
    became: dict[str, tuple[str, datetime]] = {}
    for each in entries:
        if each.did is Did.MERGED:
            who, other = ids[each.who], ids[each.other]
            said.setdefault(other, _Said()).take_over(said.get(who, _Said()), each.at)
            became[who] = other, each.at
        elif each.did is not Did.BEGAN:
            said.setdefault(ids[each.who], _Said()).note(each)
    redo: dict[str, Redo] = {}
    for member_id in sorted(set(found.values()) & {*said, *became}):
        lives = list(_lives(member_id, said, became))
        if any(life.has_words for life, _ in lives):
            redo[member_id] = _redo(lives, made_at - MARGIN)
    return redo


@dataclass(slots=True)
class _Said:
    """What one id has said up to a moment. Objections have the moment from which they were this id's."""

    erased: bool = False
    wish: Departure | None = None
    kept: bool = False
    left_at: datetime | None = None
    objections: dict[Processing, tuple[Departure, datetime]] = field(default_factory=dict)
    has_words: bool = False

    def note(self, entry: Departure) -> None:
        self.has_words = True
        if entry.did is Did.ERASED:
            self.erased = True
        elif entry.did is Did.ASKED:
            self.wish, self.kept = entry, False
        elif entry.did is Did.KEPT:
            self.wish, self.kept = None, True
        elif entry.did is Did.LEFT:
            self.left_at = entry.at
        else:
            self.objections[{**OBJECTED, **ALLOWED}[entry.did]] = entry, entry.at

    def take_over(self, other: _Said, at: datetime) -> None:
        """Whatever either of the two wished for or objected to, the one person does."""
        self.has_words = self.has_words or other.has_words
        self.erased = self.erased or other.erased
        self.wish = self.wish or other.wish
        self.kept = (self.kept or other.kept) and self.wish is None
        for processing, (entry, _) in other.objections.items():
            mine = self.objections.get(processing)
            if entry.did in OBJECTED and (mine is None or mine[0].did in ALLOWED):
                self.objections[processing] = entry, at


def _lives(
    member_id: str, said: Mapping[str, _Said], became: Mapping[str, tuple[str, datetime]]
) -> Iterator[tuple[_Said, datetime | None]]:
    """What somebody said as each of the ids that they had in turn, with the moment from which they had it."""
    seen: set[str] = set()
    since: datetime | None = None
    while member_id not in seen:
        seen.add(member_id)
        yield said.get(member_id, _Said()), since
        if member_id not in became:
            return
        member_id, since = became[member_id]


def _redo(lives: Sequence[tuple[_Said, datetime | None]], from_then_on: datetime) -> Redo:
    last, _ = lives[-1]
    redo = Redo(erase=any(life.erased for life, _ in lives), wish=last.wish, keep=last.kept)
    for life, since in lives:
        # Whoever left before the two became one has what the other one brought.
        left = life.left_at is not None and (since is None or life.left_at > since)
        redo.left = redo.left or (left and life.left_at is not None and life.left_at >= from_then_on)
        for processing, (entry, at) in life.objections.items():
            if at >= from_then_on:
                redo.objections[processing] = entry
    return redo


async def replay(services: Services, departures: Sequence[Departure], made_at: datetime) -> Replayed:
    """Do again in the store what the entries say; returns what was done. Doing it twice changes nothing."""
    now = services.clock.now()
    async with services.store.read() as uow:
        redo = to_redo(departures, await uow.departures.found(), made_at)
    erased = asked = left = objected = 0
    for member_id, each in redo.items():
        async with services.store.begin() as uow:
            if each.erase:
                await uow.rights.undo_erasure(member_id)
                await privacy.erase_in(uow, services, member_id, now)
                erased += 1
            else:
                asked += await _wish_again(uow, services, member_id, each, now)
                if each.left:
                    left += await members.leave_in(uow, services, member_id, now) is not members.Leaving.NOTHING
                for processing, entry in each.objections.items():
                    objected += await _object_again(uow, member_id, processing, entry, now)
            await uow.commit()
    async with services.store.begin() as uow:
        await uow.departures.keep(departures)
        await uow.commit()
    return Replayed(erased, asked, left, objected)


async def _wish_again(uow: UnitOfWork, services: Services, member_id: str, redo: Redo, now: datetime) -> bool:
    if redo.keep:
        await uow.rights.undo_erasure(member_id)
        return False
    if redo.wish is None or redo.wish.due_at is None:
        return False
    new = await uow.rights.ask_erasure(Erasure(member_id, redo.wish.at, redo.wish.due_at))
    if new:
        await leave(uow, services, member_id, now)
    return new


async def _object_again(
    uow: UnitOfWork, member_id: str, processing: Processing, entry: Departure, now: datetime
) -> bool:
    if entry.did in ALLOWED:
        await uow.rights.take_back(member_id, processing)
        return False
    new = await uow.rights.object(Objection(member_id, processing, entry.at))
    if new and processing is Processing.INTRODUCTIONS:
        await be_found_no_more(uow, member_id, now)
    return new
