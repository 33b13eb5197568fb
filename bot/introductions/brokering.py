"""Coordinators: look who could be asked, ask, remind, take a question back, close. Each act is in the audit log."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.introductions import acts, outgoing
from bot.introductions.acts import Decision
from bot.introductions.known import known, past
from bot.introductions.model import Ask, Journey, RequestState
from bot.introductions.refusals import CannotBeAsked, IsParty, NoRequest, NotAgreed, Settled
from bot.members.consent import ConsentPurpose
from bot.messages import Identity
from bot.ports import Member, UnitOfWork
from bot.services import Services

_QUEUED = (RequestState.OPEN, RequestState.ASKING, RequestState.AGREED)

Decide = Callable[[UnitOfWork, Member, Journey], Awaitable[Decision]]


async def the_request(uow: UnitOfWork, services: Services, identity: Identity, request_id: str) -> Journey:
    """A request as this coordinator may see it. Raises NoRequest, or IsParty where it is their own."""
    journey = await uow.requests.get(request_id)
    if journey is None:
        raise NoRequest(request_id)
    member = await uow.members.find(identity)
    if member is not None and member.id == journey.request.requester.member_id:
        raise IsParty(request_id)
    return journey


async def queue(uow: UnitOfWork, identity: Identity) -> Sequence[Journey]:
    """The open requests that this coordinator may look after: first those about which nobody is asked, oldest first."""
    member = await uow.members.find(identity)
    asking = member.id if member else None
    waits = [each for each in await uow.requests.unfinished() if each.request.state in _QUEUED]
    theirs = [each for each in waits if asking is None or each.request.requester.member_id != asking]
    return sorted(theirs, key=lambda each: _QUEUED.index(each.request.state))


async def look_again(services: Services, identity: Identity, request_id: str) -> Journey:
    """Bring the candidates of a request up to date, on the card and for a form. Raises as :func:`the_request`."""
    now = services.clock.now()
    async with services.store.read() as uow:
        await services.directory.refresh(uow)
    async with services.store.begin() as uow:
        journey = await the_request(uow, services, identity, request_id)
        member = await uow.members.resolve(identity, now)
        suggested = services.directory.suggest(journey.request, await past(uow, now), now)
        if journey.request.is_over or suggested == journey.request.suggested:
            return _without(journey, member.id)
        journey = journey.with_request(suggested=suggested)
        if not await uow.requests.save(journey):
            raise NoRequest(request_id)
        await outgoing.show(uow, journey, now)
        await uow.commit()
    services.wake()
    return _without(journey, member.id)


async def ask(
    services: Services,
    identity: Identity,
    request_id: str,
    chosen: Sequence[str],
    *,
    note: str,
    then_next: bool,
    joins: bool = False,
) -> None:
    """Ask the first of those chosen now, the others in turn. Raises what ``acts.choose`` does."""
    now = services.clock.now()

    async def decide(uow: UnitOfWork, by: Member, journey: Journey) -> Decision:
        consents = await uow.consents.about(request_id)
        if not any(each.purpose is ConsentPurpose.REQUEST and each.stands for each in consents):
            raise NotAgreed(request_id)
        about = {each.member_id: each.because for each in journey.request.suggested}
        # Nobody is chosen whom the coordinators were not shown.
        if not all(each in about for each in chosen):
            raise CannotBeAsked(request_id)
        asks = [Ask(secrets.token_hex(6), each, about[each]) for each in chosen]
        facts = await known(uow, journey, now, *chosen)
        return acts.choose(journey, by.id, asks, facts, now, note=note, then_next=then_next, joins=joins)

    await _act(services, identity, request_id, "asked about a request", decide)


async def remind(services: Services, identity: Identity, ask_id: str) -> None:
    """Remind whoever is asked. Raises Settled or RemindedAlready."""
    now = services.clock.now()

    async def decide(uow: UnitOfWork, by: Member, journey: Journey) -> Decision:
        _still_asked(journey, ask_id)
        return acts.remind(journey, by.id, now)

    await _act_on_ask(services, identity, ask_id, "reminded about a request", decide)


async def withdraw_ask(services: Services, identity: Identity, ask_id: str) -> None:
    """Take the question back from whoever is asked. Raises Settled."""
    now = services.clock.now()

    async def decide(uow: UnitOfWork, by: Member, journey: Journey) -> Decision:
        _still_asked(journey, ask_id)
        return acts.withdraw_ask(journey, by.id, await known(uow, journey, now), now)

    await _act_on_ask(services, identity, ask_id, "took a question back", decide)


async def close(services: Services, identity: Identity, request_id: str) -> None:
    """Close a request without an introduction."""
    now = services.clock.now()

    async def decide(uow: UnitOfWork, by: Member, journey: Journey) -> Decision:
        return acts.close(journey, by.id, now)

    await _act(services, identity, request_id, "closed a request", decide)


async def _act_on_ask(services: Services, identity: Identity, ask_id: str, action: str, decide: Decide) -> None:
    async with services.store.read() as uow:
        journey = await uow.requests.of_ask(ask_id)
    if journey is None:
        raise Settled(ask_id)
    await _act(services, identity, journey.id, action, decide)


async def _act(services: Services, identity: Identity, request_id: str, action: str, decide: Decide) -> None:
    now = services.clock.now()
    async with services.store.begin() as uow:
        journey = await the_request(uow, services, identity, request_id)
        by = await uow.members.resolve(identity, now)
        await outgoing.keep(uow, await decide(uow, by, journey), now)
        await uow.audit.note(by.id, action, f"request:{request_id}", now)
        await uow.commit()
    services.wake()


def _still_asked(journey: Journey, ask_id: str) -> None:
    if journey.open_ask is None or journey.open_ask.id != ask_id:
        raise Settled(ask_id)


def _without(journey: Journey, member_id: str) -> Journey:
    """The journey as a coordinator is offered it: they cannot ask themselves."""
    kept = tuple(each for each in journey.request.suggested if each.member_id != member_id)
    return replace(journey, request=replace(journey.request, suggested=kept))
