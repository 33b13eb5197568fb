"""One person on several workspaces: a one-time code makes their accounts one member, and they can be separated again.

Nobody is ever taken for somebody else by a name or an address: only who has both accounts can do it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot import channels, reaching
from bot.introductions import upkeep as introductions
from bot.keeping.model import Did
from bot.members import cards, codes, rules
from bot.members import linking_texts as texts
from bot.members.cards import NOTICE
from bot.members.codes import CodePurpose
from bot.members.joining import try_code
from bot.members.profile import Profile
from bot.messages import Identity, Message, to_json
from bot.ports import Member, Role, UnitOfWork
from bot.privacy import audit
from bot.services import Services
from digests.errors import ConvenorError, Stale
from digests.model import Delivery


class TooManyLinks(ConvenorError):
    """A member asked for too many codes."""

    sentence = (
        f"You have asked for {codes.LINKS_MADE} codes within an hour, which is as many as one person can have. The "
        "last one works for ten minutes after it was made; after that, try again in an hour."
    )


class WrongLink(ConvenorError):
    """A code for linking that does not work, whatever the reason."""

    sentence = (
        "That code does not work: it may be mistyped, used already, or too old. Nothing was changed. Make a new one on "
        "your other account with /profile link, and type it here within ten minutes."
    )


class OwnCode(ConvenorError):
    """A code was typed on the account that it was made on, or on one that is linked with it already."""

    sentence = (
        "These two accounts belong together already: you have to type that code on the other account, the one that "
        "is to be linked. Nothing was changed, and the code still works."
    )


class ToBeErased(ConvenorError):
    """One of the two is to be erased, which would take the other with it."""

    sentence = (
        "One of these accounts is to be erased, and the other would be erased with it, so nothing was changed. "
        "If you would rather keep it, undo that first with /convenor privacy."
    )


async def begin(services: Services, who: Identity) -> str:
    """A new code for linking, to be typed on the other account. Raises TooManyLinks."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(who, now)
        made = await uow.codes.made_by(member.id, CodePurpose.LINK, now - codes.LINKS_MADE_WITHIN)
        if not codes.may_make_link(made):
            raise TooManyLinks(member.id)
        words = codes.new_words()
        await uow.codes.add(codes.made(words, CodePurpose.LINK, member.id, now))
        await uow.commit()
    return words


async def look(services: Services, who: Identity, words: str) -> Sequence[Identity]:
    """Whose accounts would be joined with this one by this code; nothing changes.

    Raises WrongLink, TooManyTries or OwnCode.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        other = await _other(uow, who, words, now)
        accounts = await uow.members.identities(other.id) if other else ()
        await uow.commit()
    if other is None:
        raise WrongLink(who.platform)
    return accounts


async def link(services: Services, who: Identity, words: str) -> Sequence[Identity]:
    """Make one member of the two, tell every account, and use the code up; returns the accounts.

    The member who made the code stays; what the other has or did becomes theirs. Raises WrongLink, TooManyTries or
    OwnCode.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        stays = await _other(uow, who, words, now)
        if stays is not None:
            goes = await uow.members.resolve(who, now)
            await _use(uow, words, who, goes, stays, now)
            await _merge(uow, services, goes, stays, now)
            if Role.COORDINATOR in await uow.roles.of(stays.id):
                # What one of the two asked for, the other may have been shown as a coordinator.
                await channels.rearrange(uow, services, now)
            accounts = await uow.members.identities(stays.id)
            told = secrets.token_hex(6)
            await uow.deliveries.add(
                [
                    _notice(f"linked:{told}:{account.key}", account, texts.linked(accounts, account), now)
                    for account in accounts
                ]
            )
        await uow.commit()
    if stays is None:
        raise WrongLink(who.platform)
    services.wake()
    return accounts


async def unlink(services: Services, who: Identity, account_key: str) -> Identity:
    """Separate one of a member's accounts, which begins anew with nothing; every account is told.

    What is on its way to that account is not its own, and goes to one of those that are left.
    Raises Stale where it is not theirs, or their only one.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.find(who)
        if member is not None:
            # Where two accounts separate each other at the same moment, the second is alone already.
            await uow.members.lock(member.id)
            member = await uow.members.find(who)
        accounts = await uow.members.identities(member.id) if member else ()
        account = next((each for each in accounts if each.key == account_key), None)
        if member is None or account is None or await uow.members.separate(account, now) is None:
            raise Stale(who.platform, texts.NOT_LINKED)
        await reaching.move(uow, account, await uow.members.identities(member.id), now)
        await audit.note(uow, who, "accounts separated", f"member:{member.id}", now)
        told = secrets.token_hex(6)
        await uow.deliveries.add(
            [
                _notice(f"separated:{told}:{each.key}", each, texts.separated(account, each), now)
                for each in accounts
                if each.key != who.key
            ]
        )
        await uow.commit()
    services.wake()
    return account


async def accounts_of(services: Services, who: Identity) -> Sequence[Identity]:
    """The accounts of whoever has this one."""
    async with services.store.read() as uow:
        member = await uow.members.find(who)
        return await uow.members.identities(member.id) if member else (who,)


async def _other(uow: UnitOfWork, who: Identity, words: str, now: datetime) -> Member | None:
    code = await try_code(uow, who, words, CodePurpose.LINK, now)
    other = await uow.members.get(code.made_by) if code else None
    present = await uow.members.find(who)
    if other is not None and present is not None and other.id == present.id:
        raise OwnCode(present.id)
    if any([each is not None and await uow.rights.erasure_of(each.id) is not None for each in (other, present)]):
        raise ToBeErased(who.platform)
    return other


async def _use(uow: UnitOfWork, words: str, who: Identity, goes: Member, stays: Member, now: datetime) -> None:
    """Use a code up and hold the two. Raises WrongLink where another account was linked by it at the same moment."""
    if not await uow.codes.use(codes.digest_of(words), goes.id, now):
        raise WrongLink(who.platform)
    await introductions.hold(uow, goes.id, stays.id)
    if await uow.members.get(stays.id) is None or await uow.members.get(goes.id) is None:
        raise WrongLink(who.platform)


async def _merge(uow: UnitOfWork, services: Services, goes: Member, stays: Member, now: datetime) -> None:
    kept, lost = await uow.profiles.get(stays.id), await uow.profiles.get(goes.id)
    asked = await uow.applications.get(stays.id), await uow.applications.get(goes.id)
    for application in asked:
        # A card names the member who asked, and one of the two is no more.
        await cards.withdraw(uow, services, application, now)
    await audit.note(uow, None, "accounts linked", f"member:{stays.id}", now)
    await introductions.become_one(uow, goes.id, stays.id, now)
    await uow.members.merge(goes.id, stays.id)
    await uow.departures.note(Did.MERGED, goes.id, now, other_id=stays.id)
    if kept is None and lost is None:
        if waits := await uow.applications.get(stays.id):
            await _ask_anew(uow, services, waits, now)
        return
    await uow.applications.remove(stays.id)
    if kept is not None:
        if lost is not None:
            await uow.profiles.put(rules.joined(kept, lost))
    elif lost is not None:
        # Said anew, so that whoever keeps the directory in memory hears that it changed hands.
        await uow.profiles.put(replace(lost, member_id=stays.id))


async def _ask_anew(uow: UnitOfWork, services: Services, application: Profile, now: datetime) -> None:
    """Show a request to join once more, under a revision whose card was not withdrawn."""
    past = await uow.consents.of(application.member_id)
    latest = max((consent.revision for consent in past), default=application.revision)
    anew = replace(application, revision=latest + 1)
    await uow.applications.put(anew, now)
    await cards.announce(uow, services, anew, now)


def _notice(key: str, account: Identity, message: Message, now: datetime) -> Delivery:
    return Delivery(key, NOTICE, account.address, to_json(message), now)
