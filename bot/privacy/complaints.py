"""Complaints about personal data: recorded and acknowledged at once, shown to coordinators, reminded of, answered."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.messages import Identity, Message, to_json
from bot.ports import Member, Role, UnitOfWork
from bot.privacy import complaint_texts as texts
from bot.privacy.model import Complaint
from bot.privacy.plain_words import mentions
from bot.privacy.retention import reminder_due
from bot.services import Services
from bot.whereabouts import in_channels, in_private
from digests.errors import NotFound, Stale
from digests.model import Address, Delivery

PURPOSE = "complaint"
_ADMIN = "admin"
# Without the letters and digits that are taken for one another when they are read out.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
NOT_HERE = "There is no complaint with that reference (any more). Nothing was done."
ANSWERED = "Complaint {} has been answered already, so nothing was sent."


async def complain(services: Services, identity: Identity, words: str) -> Complaint:
    """Record a complaint, acknowledge it in a direct message, and tell the coordinators, in one unit of work."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(identity, now)
        complaint = Complaint(_reference(), member.id, identity.address, words, now)
        await uow.rights.complain(complaint)
        receipt = to_json(texts.received(complaint))
        await uow.deliveries.add([Delivery(_key(complaint, "received"), PURPOSE, identity.address, receipt, now)])
        await _announce(uow, services, complaint)
        await uow.inbox.drop_form(identity, texts.FORM)
        await uow.commit()
    services.wake()
    return complaint


async def read(services: Services, reader: Identity, reference: str) -> tuple[Complaint, Member | None]:
    """A complaint and who made it, for a coordinator; that they read it is noted. Raises NotFound."""
    async with services.store.begin() as uow:
        complaint = await the_complaint(uow, reference)
        coordinator = await uow.members.resolve(reader, services.clock.now())
        await uow.audit.note(coordinator.id, "read a complaint", f"complaint:{reference}", services.clock.now())
        member = await uow.members.get(complaint.member_id)
        await uow.commit()
    return complaint, member


async def answer(services: Services, coordinator: Identity, reference: str, words: str) -> Complaint:
    """Answer and close a complaint: whoever made it is told. Raises NotFound, or Stale where somebody else has."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(coordinator, now)
        known = await the_complaint(uow, reference)
        complaint = replace(known, answer=words, answered_by=member.id, answered_at=now)
        if not await uow.rights.answer(complaint):
            raise Stale(reference, ANSWERED.format(reference))
        body = to_json(texts.answer(complaint))
        await uow.deliveries.add([Delivery(_key(complaint, "answer"), PURPOSE, complaint.account, body, now)])
        await uow.audit.note(member.id, "answered a complaint", f"complaint:{reference}", now)
        await _bring_up_to_date(uow, services, complaint, member.name)
        await uow.inbox.drop_form(coordinator, _kept_under(reference))
        await uow.commit()
    services.wake()
    return complaint


async def look_after(services: Services) -> int:
    """Show every open complaint to coordinators who have not seen it, and remind them in time; how many reminders."""
    now = services.clock.now()
    # Nearly always there is none, and a look holds up nobody who writes.
    async with services.store.read() as uow:
        if not await uow.rights.complaints():
            return 0
    given = 0
    async with services.store.begin() as uow:
        for complaint in await uow.rights.complaints():
            await _announce(uow, services, complaint)
            day = reminder_due(complaint.at, complaint.reminded_on, now)
            if day and await uow.rights.note_reminder(complaint.reference, day):
                await _tell(uow, services, complaint, texts.reminder(complaint, day), f"{day}")
                given += 1
        await uow.commit()
    services.wake()
    return given


async def the_complaint(uow: UnitOfWork, reference: str) -> Complaint:
    """The complaint with this reference. Raises NotFound, with a sentence."""
    found = await uow.rights.complaint(reference)
    if found is None:
        raise NotFound(reference[:20], NOT_HERE)
    return found


async def open_complaint(uow: UnitOfWork, reference: str) -> Complaint:
    """The same where it waits for an answer. Raises NotFound or Stale, with a sentence."""
    found = await the_complaint(uow, reference)
    if not found.is_open:
        raise Stale(reference, ANSWERED.format(reference))
    return found


def kept_answer(reference: str) -> str:
    """Under which name a half-written answer is kept."""
    return _kept_under(reference)


def _kept_under(reference: str) -> str:
    return f"{texts.ANSWER_FORM}:{reference}"


async def _announce(uow: UnitOfWork, services: Services, complaint: Complaint) -> None:
    await _tell(uow, services, complaint, texts.card(complaint), "")
    await _bring_up_to_date(uow, services, complaint)
    if not await in_private(uow, Role.COORDINATOR):
        # Nobody may read it, so those are told who can give somebody the role; whoever gets it is told then.
        body, now = to_json(texts.nobody_to_answer(complaint)), services.clock.now()
        admins = await in_private(uow, Role.ADMINISTRATOR)
        rows = [Delivery(_card_key(complaint, to, _ADMIN), PURPOSE, to, body, now) for to in admins]
        await uow.deliveries.add(rows)


async def _tell(uow: UnitOfWork, services: Services, complaint: Complaint, message: Message, day: str) -> None:
    body, now = to_json(message), services.clock.now()
    rows = [
        Delivery(_card_key(complaint, address, day), PURPOSE, address, body, now)
        for address in await _told(uow, services)
    ]
    await uow.deliveries.add(rows)


async def _bring_up_to_date(uow: UnitOfWork, services: Services, complaint: Complaint, answered_by: str = "") -> None:
    """Look after every card about a complaint, as coordinators may have been told elsewhere: there it is neutral."""
    now, told = services.clock.now(), await _told(uow, services)
    card, elsewhere = to_json(texts.card(complaint, answered_by)), to_json(texts.card_elsewhere(complaint.reference))
    for row in await _cards(uow, complaint.reference):
        if row.address not in told:
            await uow.deliveries.replace_body(row.key, elsewhere, now)
        elif not complaint.is_open or row.body == elsewhere:
            await uow.deliveries.replace_body(row.key, card, now)


async def hide_from_others(uow: UnitOfWork, now: datetime) -> None:
    """Make the cards neutral at which nobody is a coordinator any more."""
    places = [*await in_channels(uow, Role.COORDINATOR), *await in_private(uow, Role.COORDINATOR)]
    for row in await _cards(uow):
        if row.address not in places:
            await uow.deliveries.replace_body(row.key, to_json(texts.card_elsewhere(row.key.split(":")[1])), now)


async def _cards(uow: UnitOfWork, reference: str = "") -> list[Delivery]:
    """What coordinators were shown about one complaint, or about all: not what administrators or the member were."""
    rows = await uow.deliveries.under(f"{PURPOSE}:{reference}:" if reference else f"{PURPOSE}:")
    return [row for row in rows if row.key.split(":")[2] == "card" and row.key.split(":")[3] != _ADMIN]


async def forget(uow: UnitOfWork, member_id: str, names: Collection[str], now: datetime) -> None:
    """A coordinator is erased: no card says that it was they who answered. ``names`` is what they were called."""
    for row in await _cards(uow):
        complaint = await uow.rights.complaint(row.key.split(":")[1]) if mentions(row.body, names) else None
        if complaint is not None and complaint.answered_by == member_id:
            await uow.deliveries.replace_body(row.key, to_json(texts.card(complaint)), now)


async def _told(uow: UnitOfWork, services: Services) -> list[Address]:
    """The coordinators' channels, or else each coordinator."""
    return await in_channels(uow, Role.COORDINATOR) or await in_private(uow, Role.COORDINATOR)


def _key(complaint: Complaint, what: str) -> str:
    return f"{PURPOSE}:{complaint.reference}:{what}"


def _card_key(complaint: Complaint, to: Address, day: str) -> str:
    return _key(complaint, f"card{day and ':' + day}:{to.key}")


def _reference() -> str:
    return "C-" + "".join(secrets.choice(_LETTERS) for _ in range(6))
