"""What happens to introductions by itself: time passes, messages arrive or do not, people leave or rest."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from bot.introductions import acts, outgoing, rules
from bot.introductions.known import known
from bot.introductions.model import Journey, RequestState, Suggested
from bot.ports import UnitOfWork
from bot.services import Services
from digests.errors import ConvenorError, Stale
from digests.model import Delivery, DeliveryState

log = logging.getLogger(__name__)


class NotLookedAfter(ConvenorError):
    """Something was due in a request for an introduction and could not be done."""

    sentence = "What was due in a request for an introduction could not be done. It is tried again."


async def tick(services: Services) -> int:
    """Remind, expire, ask the next, answer on the date, follow up: whatever is due. Returns how many journeys moved.

    What is due is computed from what is stored, so a tick that was missed or runs twice changes nothing.
    Raises NotLookedAfter at the end where one or more could not be looked after.
    """
    now = services.clock.now()
    async with services.store.read() as uow:
        # So that whoever asks first does not wait until the directory is read.
        await services.directory.refresh(uow)
        due = [each.id for each in await uow.requests.unfinished() if await _is_due(uow, each, now)]
        old = [each.id for each in await _to_clear(uow, now - rules.CLEARED_AFTER)]
    moved = failed = 0
    # Each by itself, so that nobody who writes waits for all of them, and none waits for one that fails.
    for request_id, act in [*((each, _move_on) for each in due), *((each, _clear) for each in old)]:
        try:
            async with services.store.begin() as uow:
                moved += await act(uow, request_id, now)
                await uow.commit()
        except Stale:
            pass  # somebody else was faster: the next look finds what is left to do
        except Exception:
            log.exception("a request for an introduction could not be looked after yet")
            failed += 1
    if moved or old:
        services.wake()
    if failed:
        raise NotLookedAfter(f"{failed} of {len(due) + len(old)}", retry=True)
    return moved


async def _to_clear(uow: UnitOfWork, closed_before: datetime) -> list[Journey]:
    """Those that came to their end before a moment and have words on cards or questions yet."""
    return [each for each in await uow.requests.closed(closed_before) if await outgoing.to_clear(uow, each)]


async def _clear(uow: UnitOfWork, request_id: str, now: datetime) -> bool:
    journey = await uow.requests.get(request_id)
    for key, body in (await outgoing.to_clear(uow, journey)).items() if journey else ():
        await uow.deliveries.replace_body(key, body, now)
    return False


async def clear(uow: UnitOfWork, closed_before: datetime, now: datetime) -> None:
    """Clear the messages about requests whose words go from the database in this unit of work.

    A tick has done so the day before, unless Convenor did not run then. Afterwards no tick finds them any more.
    """
    for journey in await _to_clear(uow, closed_before):
        await _clear(uow, journey.id, now)


async def _is_due(uow: UnitOfWork, journey: Journey, now: datetime) -> bool:
    return rules.is_due(journey, now) or await _after_delivery(uow, journey, now) is not None


async def _move_on(uow: UnitOfWork, request_id: str, now: datetime) -> bool:
    journey = await uow.requests.get(request_id)
    if journey is None:
        return False
    decision = await _after_delivery(uow, journey, now)
    if decision is None:
        there = await outgoing.has_left(uow, journey)
        decision = acts.tick(journey, await known(uow, journey, now), now, may_be_there=there)
    if decision.journey == journey:
        return False
    await outgoing.keep(uow, decision, now)
    return True


async def note_delivery(uow: UnitOfWork, row: Delivery, now: datetime) -> None:
    """After a message of an introduction has gone out, got stuck, or was given up by a person.

    Should this fail, the next tick does the same.
    """
    if row.purpose != outgoing.INTRODUCTION:
        return
    journey = await uow.requests.of_ask(row.key.split(":")[1])
    decision = await _after_delivery(uow, journey, now) if journey else None
    if decision is not None:
        await outgoing.keep(uow, decision, now)


async def _after_delivery(uow: UnitOfWork, journey: Journey, now: datetime) -> acts.Decision | None:
    """What follows once every message of an introduction has gone out or was given up; None before that."""
    if journey.request.state is not RequestState.AGREED or journey.introduction is None:
        return None
    states = {each.state for each in await outgoing.introduction_rows(uow, journey.introduction.ask_id)}
    if not states or not states <= {DeliveryState.SENT, DeliveryState.DROPPED}:
        return None
    return acts.sent(journey, now) if DeliveryState.SENT in states else acts.given_up(journey, now)


async def not_for(uow: UnitOfWork, row: Delivery) -> str:
    """The id of the member who must not learn of a message before it has arrived: whoever asked, of a question.

    Empty where that is nobody.
    """
    if row.purpose not in (outgoing.ASK, outgoing.INTRODUCTION):
        return ""
    journey = await uow.requests.of_ask(row.key.split(":")[1])
    return journey.request.requester.member_id if journey else ""


async def hold(uow: UnitOfWork, *member_ids: str) -> None:
    """Hold members, and whoever may be asked once they are not: all at once, before any of their requests changes."""
    about = [journey for each in member_ids for journey in await _about(uow, each)]
    await uow.members.lock(*member_ids, *(ask.candidate_id for journey in about for ask in journey.planned))


async def leave(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    """Somebody leaves the network, or is erased: end what waits for them or speaks of them, whatever its state.

    To be called before their profile and accounts go. Raises Stale where somebody else changed the same this moment.
    """
    await hold(uow, member_id)
    for journey in await _about(uow, member_id):
        await _let_go(uow, journey, member_id, now)
    await _suggest_no_more(uow, member_id, now)


async def leave_directory(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    """Somebody is not to be asked or introduced any more; what they asked for themselves goes on.

    To be called before their profile goes.
    """
    await hold(uow, member_id)
    for journey in await uow.requests.of_candidate(member_id):
        if not journey.request.is_over:
            await _let_go(uow, journey, member_id, now)
    await _suggest_no_more(uow, member_id, now)


async def _let_go(uow: UnitOfWork, journey: Journey, member_id: str, now: datetime) -> None:
    left = await outgoing.has_left(uow, journey)
    decision = acts.leave(journey, member_id, await known(uow, journey, now), now, has_left=left)
    if decision.journey != journey:
        await outgoing.keep(uow, decision, now)
        if decision.journey.request.state is RequestState.WITHDRAWN:
            await uow.consents.withdraw(journey.id, now)


async def snooze(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    """Somebody does not want to be asked for now: what they are asked ends, what they agreed to stays.

    To be called before their profile changes.
    """
    await hold(uow, member_id)
    for journey in await _about(uow, member_id):
        decision = acts.snooze(journey, member_id, await known(uow, journey, now), now)
        if decision.journey != journey:
            await outgoing.keep(uow, decision, now)
    await _suggest_no_more(uow, member_id, now)


async def become_one(uow: UnitOfWork, member_id: str, into_id: str, now: datetime) -> None:
    """Two members turn out to be one person: nobody is asked about their own request, or twice about another's.

    What names the first in a request that is not over names the second then. To be called before they are merged, by
    whoever holds both (:func:`hold`).
    Raises Stale where somebody else changed the same this moment.
    """
    both = {member_id, into_id}
    for journey in await uow.requests.unfinished():
        requester = journey.request.requester.member_id
        if requester in both:
            (other,) = both - {requester}
            await _let_go(uow, journey, other, now)
        elif both <= {ask.candidate_id for ask in journey.asks}:
            decision = acts.snooze(journey, member_id, await known(uow, journey, now), now)
            if decision.journey != journey:
                await outgoing.keep(uow, decision, now)
        present = await uow.requests.get(journey.id)
        renamed = _renamed(present, member_id, into_id) if present else None
        if renamed is not None and renamed != present:
            await outgoing.keep(uow, acts.Decision(renamed), now)


def _renamed(journey: Journey, member_id: str, into_id: str) -> Journey:
    """The same with the second in the place of the first; nobody stands twice on a card, or on that of their own."""
    request = journey.request
    own = request.requester.member_id in (member_id, into_id)
    suggested: dict[str, Suggested] = {}
    for each in request.suggested:
        who = into_id if each.member_id == member_id else each.member_id
        if not (own and who == into_id):
            suggested.setdefault(who, replace(each, member_id=who))
    wanted = into_id if request.wish.wanted_id == member_id else request.wish.wanted_id
    if own and wanted == into_id:
        wanted = ""
    by = into_id if request.coordinator_id == member_id else request.coordinator_id
    wish = replace(request.wish, wanted_id=wanted)
    return journey.with_request(suggested=tuple(suggested.values()), wish=wish, coordinator_id=by)


async def _suggest_no_more(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    """Take somebody from every card on which they stand as one who could be asked."""
    for journey in await uow.requests.unfinished():
        kept = tuple(each for each in journey.request.suggested if each.member_id != member_id)
        if kept != journey.request.suggested:
            await outgoing.keep(uow, acts.Decision(journey.with_request(suggested=kept)), now)


async def _about(uow: UnitOfWork, member_id: str) -> list[Journey]:
    found = {each.id: each for each in await uow.requests.of_requester(member_id)}
    found.update({each.id: each for each in await uow.requests.of_candidate(member_id)})
    return [each for each in found.values() if not each.request.is_over]
