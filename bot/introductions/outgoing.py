"""What leaves Convenor about an introduction: every row of the outbox, under keys by which it is found again.

All of it is written in the unit of work that decided it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.introductions import ways
from bot.introductions.acts import Decision, Does
from bot.introductions.model import Ask, Journey, RequestState
from bot.introductions.texts import both, candidate, coordinator, requester
from bot.introductions.texts.both import Introduced
from bot.introductions.ways import MAIL, Reachable
from bot.messages import Identity, Message, say, to_json
from bot.ports import Purpose, Role, UnitOfWork
from digests.errors import Stale
from digests.model import Address, Delivery, DeliveryState

CARD, ASK, ANSWER, INTRODUCTION, FOLLOW_UP = "request", "ask", "answer", "introduction", "follow-up"
"""The purposes of the rows. All of them are the coordinators' business where one is stuck."""
UNSEEN = frozenset({ASK, ANSWER, INTRODUCTION, FOLLOW_UP})
"""Those of messages that no coordinator can look at, as they are between Convenor and others."""

ELSEWHERE = say("This request is looked after by coordinators in private, as it is a coordinator’s own.")


async def keep(uow: UnitOfWork, decision: Decision, now: datetime) -> Journey:
    """Store what was decided, and write all that follows from it. Raises Stale where somebody else was faster."""
    journey = decision.journey
    for follows in decision.follows:
        ask = journey.ask(follows.ask_id)
        if follows.does is Does.ASK and ask is not None:
            # Not before: until they are asked, nothing that is kept of a candidate names whoever asks.
            journey = journey.with_ask(await _worded(uow, journey, ask))
    if not await uow.requests.save(journey):
        raise Stale(journey.id)
    for follows in decision.follows:
        await _carry_out(uow, journey, follows.does, journey.ask(follows.ask_id), now)
    await show(uow, journey, now, tell=True)
    return journey


async def show(uow: UnitOfWork, journey: Journey, now: datetime, *, tell: bool = False) -> bool:
    """Bring the coordinators' cards up to date; with ``tell`` say in their threads what needs somebody.

    Returns whether anybody sees it.
    """
    names = await names_of(uow, journey)
    body = to_json(coordinator.card(journey, names))
    watchers = await _watchers(uow, journey)
    await uow.deliveries.add([Delivery(card_key(journey.id, to), CARD, to, body, now) for to in watchers])
    for to in watchers:
        await uow.deliveries.replace_body(card_key(journey.id, to), body, now)
    for binding in await uow.channels.bound(Purpose.COORDINATORS):
        if binding.address not in watchers:
            await uow.deliveries.replace_body(card_key(journey.id, binding.address), to_json(ELSEWHERE), now)
    note = coordinator.needs_you(journey, names) if tell else None
    if note is not None:
        state, last = journey.request.state, _last_answer(journey)
        threads = [(to, card_key(journey.id, to)) for to in watchers]
        notes = [
            Delivery(_note_key(journey.id, state, last, to), CARD, to, to_json(note), now, thread_key=of)
            for to, of in threads
        ]
        await uow.deliveries.add(notes)
    return bool(watchers)


async def show_again(uow: UnitOfWork, key: str, now: datetime) -> None:
    """Show the card with this key wherever coordinators are by now."""
    journey = await uow.requests.get(key.split(":")[1])
    if journey is not None:
        await show(uow, journey, now)


async def email_of(uow: UnitOfWork, key: str, member_id: str) -> str:
    """The address that one of the two agreed to share, for the introduction with this key; empty where they did not."""
    journey = await uow.requests.of_ask(key.split(":")[1])
    ask = journey.ask(key.split(":")[1]) if journey else None
    if journey is None or ask is None:
        return ""
    asks, agrees = await reachable(uow, journey, ask)
    return asks.email if journey.request.requester.member_id == member_id else agrees.email


def card_key(request_id: str, to: Address) -> str:
    """The key of a card."""
    return f"{CARD}:{request_id}:{_where(to)}"


async def introduction_rows(uow: UnitOfWork, ask_id: str) -> list[Delivery]:
    """The rows of an introduction: one, or one to each."""
    rows = [await uow.deliveries.get(f"{INTRODUCTION}:{ask_id}:{number}") for number in range(2)]
    return [row for row in rows if row is not None]


async def has_left(uow: UnitOfWork, journey: Journey) -> bool:
    """Whether the introduction may be seen by either already."""
    if journey.introduction is None:
        return False
    return any(row.may_have_left for row in await introduction_rows(uow, journey.introduction.ask_id))


async def to_clear(uow: UnitOfWork, journey: Journey) -> dict[str, str]:
    """The messages that still have words of a request, by key, each with what it is to say in their place.

    What was sent to both, or to whoever asked, is theirs.
    """
    bodies: dict[str, str] = {}
    for to in await _watchers(uow, journey):
        notes = [_note_key(journey.id, state, ask.id, to) for state in RequestState for ask in journey.asks]
        bodies |= dict.fromkeys((card_key(journey.id, to), *notes), to_json(coordinator.OVER))
    for ask in journey.asks:
        bodies |= dict.fromkeys((f"{ASK}:{ask.id}", f"{ASK}:{ask.id}:again"), to_json(candidate.OVER))
    rows = {key: await uow.deliveries.get(key) for key in bodies}
    return {key: body for key, body in bodies.items() if (row := rows[key]) is not None and row.body != body}


async def reachable(uow: UnitOfWork, journey: Journey, ask: Ask) -> tuple[Reachable, Reachable]:
    """How the two may be reached: what each agreed to share, and still does."""
    who = journey.request.requester
    accounts = await _accounts(uow, who.member_id) if who.member_id else ()
    profile = await uow.profiles.get(ask.candidate_id)
    theirs = await _accounts(uow, ask.candidate_id)
    shares = {way.value for way in profile.contacts} & set(ask.shares) if profile else set()
    email = profile.email if profile and "email" in shares else ""
    name = profile.name if profile else ""
    return Reachable(who.name, accounts, bool(accounts), who.email), Reachable(name, theirs, "chat" in shares, email)


async def _accounts(uow: UnitOfWork, member_id: str) -> tuple[Identity, ...]:
    """The accounts at which somebody can be met: those that are lost only where there are no others."""
    every = tuple(await uow.members.identities(member_id))
    return tuple([each for each in every if not await uow.members.is_lost(each)]) or every


async def _carry_out(uow: UnitOfWork, journey: Journey, does: Does, ask: Ask | None, now: datetime) -> None:
    request = journey.request
    if does is Does.NO_INTRODUCTION:
        await _add(
            uow, f"{ANSWER}:{request.id}", ANSWER, _requesters_address(journey), requester.no_introduction(request), now
        )
        return
    assert ask is not None
    if does in (Does.ASK, Does.REMIND):
        await _ask(uow, journey, ask, now, again=does is Does.REMIND)
    elif does is Does.SETTLE:
        body = to_json(candidate.settled(request, ask))
        for key in (f"{ASK}:{ask.id}", f"{ASK}:{ask.id}:again"):
            await uow.deliveries.replace_body(key, body, now)
    elif does is Does.INTRODUCE:
        await _introduce(uow, journey, ask, now)
    elif does is Does.CALL_BACK:
        for row in await introduction_rows(uow, ask.id):
            if not row.may_have_left:
                await uow.deliveries.settle(row, DeliveryState.DROPPED, now=now, reason="It was called back.")
    elif does is Does.FOLLOW_UP:
        await _follow_up(uow, journey, ask, now)


async def _worded(uow: UnitOfWork, journey: Journey, ask: Ask) -> Ask:
    """The ask with what a yes agrees to, by the profile as it is now."""
    profile = await uow.profiles.get(ask.candidate_id)
    if profile is None:
        return ask
    shares = tuple(way.value for way in profile.contacts)
    accounts = await uow.members.identities(ask.candidate_id)
    words = candidate.consent(
        journey.request.requester,
        profile.name,
        profile.organisation,
        shares,
        profile.email,
        signs_in=ways.shows_sign_in(accounts),
        joins=(await _who_joins(uow, journey))[0],
    )
    return replace(ask, consent_text=words, shares=shares)


async def reworded(uow: UnitOfWork, journey: Journey, ask: Ask, now: datetime) -> bool:
    """Whether what a yes agrees to is not what the open question says any more; then the question says it anew."""
    anew = await _worded(uow, journey, ask)
    if (anew.consent_text, anew.shares) == (ask.consent_text, ask.shares):
        return False
    if not await uow.requests.save(journey.with_ask(anew)):
        raise Stale(journey.id)
    for key, message in (
        (f"{ASK}:{ask.id}", candidate.ask_message(journey.request, anew)),
        (f"{ASK}:{ask.id}:again", candidate.reminder(journey.request, anew)),
    ):
        await uow.deliveries.replace_body(key, to_json(message), now)
    return True


async def _ask(uow: UnitOfWork, journey: Journey, ask: Ask, now: datetime, *, again: bool) -> None:
    accounts = await uow.members.identities(ask.candidate_id)
    if not accounts:
        return
    message = candidate.reminder(journey.request, ask) if again else candidate.ask_message(journey.request, ask)
    await _add(uow, f"{ASK}:{ask.id}{':again' if again else ''}", ASK, accounts[0].address, message, now)


async def _introduce(uow: UnitOfWork, journey: Journey, ask: Ask, now: datetime) -> None:
    assert journey.introduction is not None
    request, chosen = journey.request, journey.introduction.way
    asks, agrees = ways.met_by_link(*await reachable(uow, journey, ask))
    name, accounts = await _who_joins(uow, journey)
    profile = await uow.profiles.get(ask.candidate_id)
    who = Introduced(agrees.name, profile.organisation if profile else "")
    to = ways.addresses(chosen, asks, agrees, accounts)
    if len(to) == 1:
        messages = [both.together(request, who, chosen, name if len(to[0].users) > 2 else "")]
    else:
        # An outsider can be told of an account in chat, but not write to it.
        reach = agrees.reach() if asks.accounts or agrees.email else ""
        people = ways.chat(asks, agrees, accounts)
        joins = name if len(people) > 2 else ""
        messages = [
            both.for_requester(request, who, reach, people, joins),
            both.for_candidate(request, who, asks.reach(), people, joins, writes_first=not reach),
        ]
    for number, (address, message) in enumerate(zip(to, messages, strict=True)):
        await _add(uow, f"{INTRODUCTION}:{ask.id}:{number}", INTRODUCTION, address, message, now)


async def _who_joins(uow: UnitOfWork, journey: Journey) -> tuple[str, tuple[Identity, ...]]:
    """The name and accounts of the coordinator who is to be in the conversation; nothing where nobody is."""
    request = journey.request
    member = await uow.members.get(request.coordinator_id) if request.joins else None
    # Both agreed to a coordinator, and whoever is to be erased is treated as absent.
    if member is None or Role.COORDINATOR not in await uow.roles.of(member.id):
        return "", ()
    if await uow.rights.erasure_of(member.id) is not None:
        return "", ()
    return member.name, await _accounts(uow, member.id)


async def _follow_up(uow: UnitOfWork, journey: Journey, ask: Ask, now: datetime) -> None:
    request = journey.request
    who = request.requester
    profile = await uow.profiles.get(ask.candidate_id)
    member = await uow.members.get(ask.candidate_id)
    name = profile.name if profile else member.name if member else ""
    pairs = [(ask.candidate_id, who.name, "candidate")]
    if who.member_id and name:
        pairs.append((who.member_id, name, "requester"))
    for member_id, other, part in pairs:
        accounts = await uow.members.identities(member_id)
        if accounts:
            key = f"{FOLLOW_UP}:{request.id}:{part}"
            await _add(uow, key, FOLLOW_UP, accounts[0].address, both.did_you_meet(request, other), now)


def _requesters_address(journey: Journey) -> Address:
    who = journey.request.requester
    return who.identity.address if who.identity else Address(MAIL, "", user=who.email)


async def _add(uow: UnitOfWork, key: str, purpose: str, to: Address, message: Message, now: datetime) -> None:
    await uow.deliveries.add([Delivery(key, purpose, to, to_json(message), now)])


async def _watchers(uow: UnitOfWork, journey: Journey) -> list[Address]:
    """Where the card is: the coordinators' channels, or each coordinator; never where whoever asked would read it."""
    coordinators = [grant.member.id for grant in await uow.roles.all() if grant.role is Role.COORDINATOR]
    channels = [binding.address for binding in await uow.channels.bound(Purpose.COORDINATORS)]
    asking = journey.request.requester.member_id
    if channels and asking not in coordinators:
        return channels
    accounts = [await uow.members.identities(each) for each in coordinators if each != asking]
    return [known[0].address for known in accounts if known]


async def names_of(uow: UnitOfWork, journey: Journey) -> Mapping[str, str]:
    """What the candidates of a journey are called, for coordinators; those who have left are not there."""
    # In one statement, so that whoever asks cannot tell by the time how many there are.
    profiles = await uow.profiles.some(coordinator.option_names(journey))
    return {each.member_id: coordinator.name_of(each.name, each.organisation) for each in profiles}


def _last_answer(journey: Journey) -> str:
    last = journey.last_answered
    return last.id if last else ""


def _note_key(request_id: str, state: RequestState, ask_id: str, to: Address) -> str:
    return f"{CARD}-note:{request_id}:{state.value.replace(' ', '-')}:{ask_id}:{_where(to)}"


def _where(to: Address) -> str:
    return f"{to.platform}:{to.workspace}:{to.channel or '@' + to.user}"
