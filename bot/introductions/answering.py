"""Candidates answer, or take a yes back; and both say later whether they met."""

from __future__ import annotations

from bot.introductions import acts, outgoing, ways
from bot.introductions.known import known
from bot.introductions.model import Ask, AskState, Journey, Met, Way
from bot.introductions.refusals import NotYours, Reworded
from bot.members.consent import Consent, ConsentPurpose
from bot.messages import Identity
from bot.ports import Member, UnitOfWork
from bot.services import Services

CONSENT_REVISION = 1


async def the_ask(uow: UnitOfWork, identity: Identity, ask_id: str) -> tuple[Member, Journey, Ask]:
    """An ask, for the one whom it is to. Raises NotYours for everybody else, whether or not there is such an ask."""
    member = await uow.members.find(identity)
    journey = await uow.requests.of_ask(ask_id)
    ask = journey.ask(ask_id) if journey else None
    if member is None or journey is None or ask is None or ask.candidate_id != member.id or ask.asked_at is None:
        raise NotYours(ask_id)
    return member, journey, ask


async def answer(services: Services, identity: Identity, ask_id: str, said: AskState, reason: str = "") -> None:
    """Yes, not now or no. A yes is recorded with the words that were shown.

    Raises NotYours or Settled; and Reworded where a yes would share something else than those words say.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        member, journey, ask = await the_ask(uow, identity, ask_id)
        way = await _way(uow, services, journey, ask) if said is AskState.YES else None
        facts = await known(uow, journey, now)
        decision = acts.answer(journey, member.id, ask_id, said, facts, now, way, reason)
        changed = said is AskState.YES and await outgoing.reworded(uow, journey, ask, now)
        if not changed:
            if said is AskState.YES:
                words, purpose = ask.consent_text, ConsentPurpose.INTRODUCTION
                await uow.consents.record(Consent(ask_id, member.id, purpose, journey.id, words, CONSENT_REVISION, now))
            await outgoing.keep(uow, decision, now)
        await uow.commit()
    services.wake()
    if changed:
        raise Reworded(ask_id)


async def take_back(services: Services, identity: Identity, ask_id: str) -> None:
    """The candidate thinks better of a yes. Raises NotYours, or OnItsWay where the introduction may be out."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member, journey, _ = await the_ask(uow, identity, ask_id)
        left = await outgoing.has_left(uow, journey)
        await outgoing.keep(uow, acts.take_yes_back(journey, member.id, ask_id, has_left=left, now=now), now)
        await uow.consents.withdraw(ask_id, now)
        await uow.commit()
    services.wake()


async def say_met(services: Services, identity: Identity, request_id: str, met: Met) -> None:
    """One of the two says whether they met. Raises NotYours."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        journey = await uow.requests.get(request_id)
        if member is None or journey is None:
            raise NotYours(request_id)
        await outgoing.keep(uow, acts.say_met(journey, member.id, met, now), now)
        await uow.commit()
    services.wake()


async def _way(uow: UnitOfWork, services: Services, journey: Journey, ask: Ask) -> Way:
    asks, agrees = await outgoing.reachable(uow, journey, ask)
    return ways.way(asks, agrees, can_mail=services.can_mail)
