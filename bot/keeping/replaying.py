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
    whenever it was; the rest only if it came after the backup, which has the rest already.
    """
    entries = sorted(departures, key=lambda each: each.at)
    ids = {mark: found.get(mark, mark) for each in entries for mark in (each.who, each.other)}
    became = {ids[each.who]: ids[each.other] for each in entries if each.did is Did.MERGED}
    due: dict[str, Redo] = {}
    for each in entries:
        if each.did not in (Did.BEGAN, Did.MERGED):
            _note(due.setdefault(ids[each.who], Redo()), each, made_at)
    members_here = set(found.values())
    redo: dict[str, Redo] = {}
    for member_id in sorted(members_here & ({*due} | {*became})):
        for person in _chain(member_id, became):
            if person in due:
                _join(redo.setdefault(member_id, Redo()), due[person])
    return redo


def _note(redo: Redo, entry: Departure, made_at: datetime) -> None:
    since = entry.at >= made_at - MARGIN
    if entry.did is Did.ERASED:
        redo.erase = True
    elif entry.did is Did.ASKED:
        redo.wish, redo.keep = entry, False
    elif entry.did is Did.KEPT:
        redo.wish, redo.keep = None, True
    elif entry.did is Did.LEFT:
        redo.left = redo.left or since
    elif since:
        redo.objections[{**OBJECTED, **ALLOWED}[entry.did]] = entry


def _join(redo: Redo, other: Redo) -> None:
    """Whoever turned out to be the same person did what each of the two did."""
    redo.erase = redo.erase or other.erase
    redo.wish = other.wish or redo.wish
    redo.keep = (redo.keep or other.keep) and redo.wish is None
    redo.left = redo.left or other.left
    redo.objections.update(other.objections)


def _chain(member_id: str, became: Mapping[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    while member_id not in seen:
        seen.add(member_id)
        yield member_id
        if member_id not in became:
            return
        member_id = became[member_id]


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
