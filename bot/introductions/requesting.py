"""Whoever asks: records a request, or one for an outsider, and takes one back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.introductions import acts, outgoing, rules
from bot.introductions.known import past
from bot.introductions.model import Journey, Request, Requester, Wish
from bot.introductions.refusals import NoRequest, TooMany
from bot.introductions.texts import requester as texts
from bot.members.consent import Consent, ConsentPurpose
from bot.members.profile import Profile
from bot.messages import Identity
from bot.ports import Member, UnitOfWork
from bot.services import Services


def new_id() -> str:
    """An id that nobody can guess: the date of the answer hangs on it."""
    return secrets.token_hex(6)


async def submit(
    services: Services,
    identity: Identity,
    wish: Wish,
    *,
    organisation: str = "",
    email: str = "",
    wanted: Identity | None = None,
    form: str = texts.FORM,
) -> tuple[Request, bool]:
    """Record a request with the requester's consent, and write the coordinators' cards, in one transaction.

    ``wanted`` is the account of somebody who was asked for by name; whether that is a member makes no difference that
    can be seen. Returns the request, and whether anybody has been told (there may be no coordinator yet; whoever
    becomes one is told then). Raises TooMany.
    """
    now = services.clock.now()
    await _refresh(services)
    async with services.store.begin() as uow:
        member = await uow.members.resolve(identity, now)
        await uow.members.lock(member.id)
        profile = await uow.profiles.get(member.id)
        known = await uow.members.find(wanted) if wanted else None
        who = Requester(
            profile.name if profile else member.name,
            member.id,
            identity,
            organisation,
            email,
            profile.avoid if profile else (),
            await _names_of(uow, member, profile),
        )
        mine = await uow.requests.of_requester(member.id)
        journey = await _record(uow, services, who, wish, known.id if known else "", mine)
        request = journey.request
        await uow.consents.record(
            Consent(
                request.id, member.id, ConsentPurpose.REQUEST, request.id, texts.CONSENT, texts.CONSENT_REVISION, now
            )
        )
        told = await outgoing.show(uow, journey, now)
        await uow.inbox.drop_form(identity, form)
        await uow.commit()
    services.wake()
    return request, told


async def submit_for_outsider(
    services: Services, coordinator: Identity, who: Requester, wish: Wish, consent: str, form: str
) -> Request:
    """A coordinator records a request of somebody who is no member, with what they agreed to. Raises TooMany."""
    now = services.clock.now()
    await _refresh(services)
    async with services.store.begin() as uow:
        by = await uow.members.resolve(coordinator, now)
        # Whoever asks is no member, so the same form sent twice waits for whoever sends it.
        await uow.members.lock(by.id)
        theirs = [each for each in await uow.requests.unfinished() if each.request.requester.key == who.key]
        journey = await _record(uow, services, who, wish, "", theirs)
        request = journey.request
        await uow.consents.record(Consent(request.id, "", ConsentPurpose.REQUEST, request.id, consent, 1, now))
        await outgoing.show(uow, journey, now)
        await uow.audit.note(by.id, "recorded a request for an outsider", f"request:{request.id}", now)
        await uow.inbox.drop_form(coordinator, form)
        await uow.commit()
    services.wake()
    return request


async def withdraw(services: Services, identity: Identity, request_id: str) -> None:
    """The member takes a request back. Raises NoRequest where it is not theirs or not open: the same words for both."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        journey = await uow.requests.get(request_id)
        if member is None or journey is None:
            raise NoRequest(request_id)
        left = await outgoing.has_left(uow, journey)
        await outgoing.keep(uow, acts.withdraw(journey, member.id, has_left=left, now=now), now)
        await uow.consents.withdraw(request_id, now)
        await uow.commit()
    services.wake()


async def announce_open(uow: UnitOfWork, now: datetime) -> None:
    """Show every request that is not over to coordinators who have not seen it."""
    for journey in await uow.requests.unfinished():
        await outgoing.show(uow, journey, now)


async def hide_from_others(uow: UnitOfWork, now: datetime) -> None:
    """Take the words of requests from all cards that somebody can see who must not (any more), over or not."""
    # A clock may have been put back since.
    over = await uow.requests.closed(now + timedelta(days=1))
    for journey in (*await uow.requests.unfinished(), *over):
        await outgoing.hide(uow, journey, now)


async def _record(
    uow: UnitOfWork, services: Services, who: Requester, wish: Wish, wanted_id: str, theirs: Sequence[Journey]
) -> Journey:
    now = services.clock.now()
    if not rules.may_submit([each.request for each in theirs]):
        raise TooMany(who.key)
    request_id = new_id()
    answer_at = rules.answer_at(request_id, now, wish.needed_by)
    topics = services.directory.topics_of(wish.need)
    request = Request(request_id, who, replace(wish, wanted_id=wanted_id), now, answer_at, topics=topics)
    suggested = services.directory.suggest(request, await past(uow, now), now)
    journey = Journey(replace(request, suggested=suggested))
    await uow.requests.add(journey)
    return journey


async def _names_of(uow: UnitOfWork, member: Member, profile: Profile | None) -> tuple[str, ...]:
    """Every name by which somebody may stand on a list of people and organisations to avoid."""
    accounts = await uow.members.identities(member.id)
    named = [member.name, *((profile.name, profile.organisation) if profile else ()), *(each.name for each in accounts)]
    return tuple(dict.fromkeys(name for name in named if name))


async def _refresh(services: Services) -> None:
    async with services.store.read() as uow:
        await services.directory.refresh(uow)
