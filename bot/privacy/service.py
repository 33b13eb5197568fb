"""What people can do about their own data: see it, have it, object to its use, have it erased, and undo that."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.introductions.upkeep import clear
from bot.keeping.model import Did, objected
from bot.members.consent import Consent
from bot.messages import Identity
from bot.ports import Member, Role, UnitOfWork
from bot.privacy import audit
from bot.privacy.leaving import be_found_no_more, end_consents, forget, leave
from bot.privacy.model import Complaint, Erasure, Held, Objection, Processing
from bot.privacy.ports import CONVENOR, FORMER
from bot.privacy.register import BASES, kept_in
from bot.privacy.retention import UNDO_DAYS, Swept, due
from bot.services import Services
from digests.errors import ConvenorError, Stale

log = logging.getLogger(__name__)

FORMAT = "convenor-personal-data"
VERSION = 1
NOTHING_TO_ERASE = "Nothing is held about you here, so there is nothing to erase."
NOTHING_HELD_THERE = "Nothing is held about that account, so nothing was done."
NOT_ASKED = "You have not asked to be erased (any more). Nothing was changed."
NOT_TO_BE_ERASED = "That account is not (or no longer) to be erased. Nothing was changed."
ERASED_MEANWHILE = "What was held about you has been erased meanwhile, so there was nothing left to do."


@dataclass(frozen=True, slots=True)
class View:
    """What is held about somebody, and what they have asked about it. ``member`` is None where nothing is held."""

    member: Member | None
    held: Mapping[str, Held]
    at: datetime
    consents: Sequence[Consent] = ()
    objections: Sequence[Objection] = ()
    erasure: Erasure | None = None
    complaints: Sequence[Complaint] = ()
    roles: frozenset[Role] = frozenset()


async def look(services: Services, identity: Identity) -> View:
    """Everything that ``/convenor privacy`` shows. Looking leaves no trace of its own."""
    now = services.clock.now()
    async with services.store.read() as uow:
        member = await uow.members.find(identity)
        if member is None:
            return View(None, {}, now)
        return View(
            member,
            await uow.personal.held(member.id),
            now,
            await uow.consents.of(member.id),
            await uow.rights.objections(member.id),
            await uow.rights.erasure_of(member.id),
            await uow.rights.complaints(member.id),
            frozenset(await uow.roles.of(member.id)),
        )


async def export(services: Services, identity: Identity) -> str:
    """Everything that is held about somebody, as JSON (its shape is in docs/privacy.md)."""
    now = services.clock.now()
    async with services.store.read() as uow:
        member = await uow.members.find(identity)
        rows = await uow.personal.export(member.id) if member else {}
    held = [
        {
            "table": table,
            "what": kept_in(table).what[1],
            "purpose": kept_in(table).why.value,
            "basis": BASES[kept_in(table).why].value,
            "kept": kept_in(table).how_long,
            "rows": list(found),
        }
        for table, found in rows.items()
    ]
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.isoformat(),
        "asked_from": identity.key,
        "held": held,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


async def export_for(services: Services, identity: Identity) -> str:
    """The same for somebody who asked whoever runs Convenor, which the audit log says. Raises Stale for nobody."""
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        if member is None:
            raise Stale(identity.key, NOTHING_HELD_THERE)
        await audit.note(uow, None, "exported what is held", f"member:{member.id}", services.clock.now())
        await uow.commit()
    return await export(services, identity)


async def ask_erasure(services: Services, identity: Identity, *, for_them: bool = False) -> Erasure:
    """Treat somebody as absent from now on, and erase them in a fortnight. Raises Stale where nothing is held.

    ``for_them``: they asked whoever runs Convenor, which the audit log says.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        if member is None:
            raise Stale(identity.key, NOTHING_HELD_THERE if for_them else NOTHING_TO_ERASE)
        if for_them:
            await audit.note(uow, None, "asked for erasure", f"member:{member.id}", now)
        due_at = now + timedelta(days=UNDO_DAYS)
        if await uow.rights.ask_erasure(Erasure(member.id, now, due_at)):
            await uow.departures.note(Did.ASKED, member.id, now, due_at=due_at)
        await leave(uow, services, member.id, now)
        erasure = await uow.rights.erasure_of(member.id)
        assert erasure is not None  # it was there before, or has just been recorded
        await uow.commit()
    services.wake()
    return erasure


async def undo_erasure(services: Services, identity: Identity, *, for_them: bool = False) -> None:
    """Take the wish to be erased back. Raises Stale where there is none, or it was carried out."""
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        if member is None:
            raise Stale(identity.key, NOTHING_HELD_THERE if for_them else ERASED_MEANWHILE)
        if not await uow.rights.undo_erasure(member.id):
            raise Stale(member.id, NOT_TO_BE_ERASED if for_them else NOT_ASKED)
        await uow.departures.note(Did.KEPT, member.id, services.clock.now())
        if for_them:
            await audit.note(uow, None, "undid an erasure", f"member:{member.id}", services.clock.now())
        await uow.commit()


async def object_to(services: Services, identity: Identity, processing: Processing) -> bool:
    """Record an objection, which is in effect at once; False where it was recorded before."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(identity, now)
        new = await uow.rights.object(Objection(member.id, processing, now))
        if new:
            await uow.departures.note(objected(processing), member.id, now)
        if new and processing is Processing.INTRODUCTIONS:
            await be_found_no_more(uow, member.id, now)
        await uow.commit()
    services.wake()
    return new


async def take_back(services: Services, identity: Identity, processing: Processing) -> bool:
    """Take an objection back; False where there was none."""
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        gone = member is not None and await uow.rights.take_back(member.id, processing)
        if member is not None and gone:
            did = objected(processing, taken_back=True)
            await uow.departures.note(did, member.id, services.clock.now())
        await uow.commit()
    return gone


class NotErased(ConvenorError):
    """Somebody whose fortnight is over is still there. Whoever watches over Convenor has to hear of it."""

    sentence = "An erasure that is due could not be carried out. It is tried again."


async def erase_due(services: Services) -> int:
    """Erase everybody whose fortnight is over; returns how many. Each is one unit of work: all of it or nothing.

    Raises NotErased at the end where one or more could not be.
    """
    now = services.clock.now()
    # Nearly always nobody waits, and a look holds up nobody who writes.
    async with services.store.read() as uow:
        waiting = await uow.rights.erasures_due(now)
    erased = failed = 0
    for erasure in waiting:
        try:
            erased += await _erase(services, erasure.member_id, now)
        except Exception:
            # The others must not wait for this one, which is tried again at the next tick.
            log.exception("an erasure could not be carried out yet")
            failed += 1
    if erased:
        services.wake()
    if failed:
        raise NotErased(f"{failed} of {len(waiting)}", retry=True)
    return erased


async def _erase(services: Services, member_id: str, now: datetime) -> bool:
    async with services.store.begin() as uow:
        known = await uow.rights.erasure_of(member_id)
        if known is None or known.due_at > now:
            return False  # undone, or carried out by another clock, since we looked
        if not await uow.rights.undo_erasure(member_id):
            return False  # another clock has just taken it: whoever takes the wish away carries it out
        await uow.departures.note(Did.ERASED, member_id, now)
        touched = await erase_in(uow, services, member_id, now)
        await uow.commit()
    log.info("erased a member: %s", touched)
    return True


async def erase_in(uow: UnitOfWork, services: Services, member_id: str, now: datetime) -> str:
    """Erase somebody inside a unit of work; returns how many rows that touched, by table, in words for a log."""
    # Something may have begun in the fortnight.
    await leave(uow, services, member_id, now)
    await forget(uow, member_id, now)
    mark = f"{FORMER}-{secrets.token_hex(4)}"
    touched = await uow.personal.erase(member_id, mark)
    await end_consents(uow, services, member_id, now)
    await uow.audit.note(CONVENOR, "erased a member", _numbers(touched), now)
    return _numbers(touched)


async def sweep(services: Services) -> Mapping[Swept, int]:
    """Delete what has been kept for its time; says what went, as numbers, in the log and the audit log."""
    now = services.clock.now()
    old = due(now)
    async with services.store.begin() as uow:
        await clear(uow, old[Swept.REQUESTS], now)
        gone = {swept: number for swept, number in (await uow.personal.sweep(old)).items() if number}
        if gone:
            await uow.audit.note(CONVENOR, "swept", _numbers({each.name.lower(): n for each, n in gone.items()}), now)
        await uow.commit()
    if gone:
        services.wake()
        log.info("deleted what was kept for its time: %s", ", ".join(f"{n} {each.value}" for each, n in gone.items()))
    return gone


def _numbers(by_name: Mapping[str, int]) -> str:
    return ",".join(f"{name}={number}" for name, number in sorted(by_name.items())) or "nothing"
