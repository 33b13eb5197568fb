"""The coordinators' cards about those who ask to join, and what a coordinator decides with them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.members import joining_texts as texts
from bot.members.consent import ConsentPurpose
from bot.members.profile import Profile
from bot.messages import Identity, Message, from_json, has_buttons, to_json
from bot.ports import Role, UnitOfWork
from bot.privacy import audit
from bot.privacy.plain_words import mentions
from bot.services import Services
from bot.whereabouts import in_channels, in_private
from digests.errors import Stale
from digests.model import Address, Delivery

PURPOSE = "joining"
"""Of the cards, which coordinators see."""
NOTICE = "account notice"
"""Of what one member is told of their own accounts and profile."""
OF_AN_ACCOUNT = ("linked:", "separated:")
"""How the keys of those notices begin that are about one account, and stay with it."""
_NAMELESS = frozenset((to_json(texts.card_withdrawn()), to_json(texts.card_elsewhere())))


async def announce(uow: UnitOfWork, services: Services, profile: Profile, now: datetime) -> bool:
    """A card to each coordinators' channel or, where there is none, to each coordinator. Whether anybody is told.

    Where they were told before, and are not now, the card says nothing of the profile any more.
    """
    card = texts.card(profile, services.topics)
    body = to_json(card)
    rows = [Delivery(_key(profile, address), PURPOSE, address, body, now) for address in await coordinators(uow)]
    await uow.deliveries.add(rows)
    await _replace(uow, profile, card, now)
    return bool(rows)


async def announce_waiting(uow: UnitOfWork, services: Services, now: datetime) -> None:
    """Show every open request to join to coordinators who have not seen it."""
    for profile in await uow.applications.all():
        await announce(uow, services, profile, now)


async def withdraw(uow: UnitOfWork, services: Services, profile: Profile | None, now: datetime) -> None:
    """Whoever asked has taken it back or changed it: the cards say so, and nothing of the profile any more."""
    if profile is not None:
        await _replace(uow, profile, texts.card_withdrawn(), now)


async def decide(services: Services, who: Identity, member_id: str, revision: str, *, let_in: bool) -> Message:
    """Let somebody in, or not, as they asked with this revision. Raises Stale where that is not what waits (now)."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        profile = await uow.applications.get(member_id)
        if profile is None or str(profile.revision) != revision:
            raise Stale(member_id, texts.DECIDED_ALREADY)
        decider = await uow.members.resolve(who, now)
        # Whoever takes it away decides: it may have been taken back, changed or decided since it was read.
        if not await uow.applications.remove(member_id, profile.revision):
            raise Stale(member_id, texts.DECIDED_ALREADY)
        agreed = [
            consent
            for consent in await uow.consents.of(member_id)
            if consent.purpose is ConsentPurpose.DIRECTORY and consent.stands
        ]
        if let_in:
            if not agreed:
                raise Stale(member_id, texts.DECIDED_ALREADY)
            await uow.profiles.put(profile)
        else:
            for consent in agreed:
                await uow.consents.withdraw(consent.id, now)
        await audit.note(uow, who, "let into the directory" if let_in else "not let in", f"member:{member_id}", now)
        await _replace(uow, profile, texts.card_decided(profile.name, decider.name, now, let_in=let_in), now)
        told = texts.LET_IN if let_in else texts.NOT_LET_IN
        await tell(uow, member_id, f"joined:{member_id}:{revision}", told, now)
        await uow.commit()
    services.wake()
    return texts.decided(profile.name, let_in=let_in)


async def tell(uow: UnitOfWork, member_id: str, key: str, message: Message, now: datetime) -> None:
    """A private message to a member, on the account that they have had longest."""
    accounts = await uow.members.identities(member_id)
    if accounts:
        await uow.deliveries.add([Delivery(key, NOTICE, accounts[0].address, to_json(message), now)])


async def coordinators(uow: UnitOfWork) -> list[Address]:
    """Where coordinators are told: their channels, or else each of them."""
    return await in_channels(uow, Role.COORDINATOR) or await in_private(uow, Role.COORDINATOR)


async def hide_from_others(uow: UnitOfWork, now: datetime) -> None:
    """Take the names and profiles from the cards at which nobody is a coordinator any more, decided or not."""
    places = [*await in_channels(uow, Role.COORDINATOR), *await in_private(uow, Role.COORDINATOR)]
    for row in await uow.deliveries.under(f"{PURPOSE}:"):
        if row.address not in places:
            await _blank(uow, row, now)


async def forget(uow: UnitOfWork, member_id: str, names: Collection[str], now: datetime) -> None:
    """Somebody is erased: no card says that they asked to join, or that they decided who may.

    ``names`` is what they were called.
    """
    for row in await uow.deliveries.under(f"{PURPOSE}:"):
        decided = not has_buttons(from_json(row.body))
        if row.key.startswith(f"{PURPOSE}:{member_id}:") or (decided and mentions(row.body, names)):
            await _blank(uow, row, now)


async def _replace(uow: UnitOfWork, profile: Profile, card: Message, now: datetime) -> None:
    """Bring every card about this request up to date: coordinators may have been told elsewhere then."""
    here = {_key(profile, address) for address in await coordinators(uow)}
    for row in await uow.deliveries.under(f"{PURPOSE}:{profile.member_id}:{profile.revision}:"):
        if row.key in here:
            await uow.deliveries.replace_body(row.key, to_json(card), now)
        else:
            await _blank(uow, row, now)


async def _blank(uow: UnitOfWork, row: Delivery, now: datetime) -> None:
    if row.body not in _NAMELESS:
        await uow.deliveries.replace_body(row.key, to_json(texts.card_elsewhere()), now)


def _key(profile: Profile, address: Address) -> str:
    return f"{PURPOSE}:{profile.member_id}:{profile.revision}:{address.key}"
