"""What leaves Convenor about an introduction: every row of the outbox, under keys by which it is found again.

All of it is written in the unit of work that decided it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.introductions import rules, ways
from bot.introductions.acts import Decision, Does
from bot.introductions.model import Ask, Journey, RequestState
from bot.introductions.texts import both, candidate, coordinator, requester
from bot.introductions.texts.both import Introduced
from bot.introductions.ways import MAIL, Reachable
from bot.messages import Identity, Message, say, to_json
from bot.ports import Role, UnitOfWork
from bot.whereabouts import in_channels, in_private
from digests.errors import Stale
from digests.model import Address, Delivery, DeliveryState

CARD, ASK, ANSWER, FOLLOW_UP = "request", "ask", "answer", "follow-up"
INTRODUCTION = ways.INTRODUCTION
"""The purposes of the rows. All of them are the coordinators' business where one is stuck."""
UNSEEN = frozenset({ASK, ANSWER, INTRODUCTION, FOLLOW_UP})
"""Those of messages that no coordinator can look at, as they are between Convenor and others."""

ELSEWHERE = say("This request is looked after by coordinators in private, as it is a coordinator’s own.")
NOT_HERE = say(
    "This request is no longer shown here. If there is anything left to do, the coordinators see to it elsewhere."
)
_WORDLESS = frozenset(
    to_json(message)
    for message in (
        ELSEWHERE,
        NOT_HERE,
        coordinator.OVER,
        coordinator.LEFT,
        coordinator.NOTE_OF_NOBODY,
        candidate.OVER,
        candidate.NO_LONGER,
    )
)
"""What stands on cards and questions that have nobody's words any more."""


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
    await _bring_up_to_date(uow, journey, body, watchers, now)
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
    if journey is not None and not _has_had_its_time(journey, now):
        await show(uow, journey, now)


async def hide(uow: UnitOfWork, journey: Journey, now: datetime) -> None:
    """Take the words from the cards at which somebody can look now who must not; the others stay as they are.

    That is whoever asked, since they became a coordinator, and whoever or whatever is the coordinators' no longer.
    """
    await _bring_up_to_date(uow, journey, "", await _may_look(uow, journey), now)


async def forget(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    """Somebody is erased: no card, and no question, names them any more or has what they wrote.

    To be called while their requests and the asks of them are there. What was sent to the two who met is theirs.
    """
    for journey in await uow.requests.of_requester(member_id):
        for row in await uow.deliveries.under(*_prefixes(journey.id)):
            await _blank(uow, row, to_json(coordinator.LEFT), now)
        for row in await _questions(uow, journey):
            await _blank(uow, row, to_json(candidate.NO_LONGER), now)
    for journey in await uow.requests.of_candidate(member_id):
        if _has_had_its_time(journey, now):
            continue  # nothing is left on its cards, or nothing will be from now on
        others = replace(journey, asks=tuple(ask for ask in journey.asks if ask.candidate_id != member_id))
        body = to_json(coordinator.card(others, await names_of(uow, others)))
        await _bring_up_to_date(uow, journey, body, await _watchers(uow, journey), now)
        theirs = {ask.id for ask in journey.asks if ask.candidate_id == member_id}
        for row in await uow.deliveries.under(f"{CARD}-note:{journey.id}:"):
            if not theirs.isdisjoint(row.key.split(":")):
                await _blank(uow, row, to_json(coordinator.NOTE_OF_NOBODY), now)


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
    return f"{CARD}:{request_id}:{to.key}"


async def introduction_rows(uow: UnitOfWork, ask_id: str) -> list[Delivery]:
    """The rows of an introduction: one, or one to each."""
    rows = [await uow.deliveries.get(ways.introduction_key(ask_id, number)) for number in range(2)]
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
    cards = await uow.deliveries.under(*_prefixes(journey.id))
    bodies = dict.fromkeys((row.key for row in cards if row.body not in _WORDLESS), to_json(coordinator.OVER))
    asked = await _questions(uow, journey)
    return bodies | dict.fromkeys((row.key for row in asked if row.body not in _WORDLESS), to_json(candidate.OVER))


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
        await _add(uow, ways.introduction_key(ask.id, number), INTRODUCTION, address, message, now)


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
    asking = journey.request.requester.member_id
    channels = await in_channels(uow, Role.COORDINATOR, but_not=asking)
    return channels or await in_private(uow, Role.COORDINATOR, but_not=asking)


async def _may_look(uow: UnitOfWork, journey: Journey) -> list[Address]:
    """Where a card may be though it would not be sent there now: both of those."""
    asking = journey.request.requester.member_id
    channels = await in_channels(uow, Role.COORDINATOR, but_not=asking)
    return [*channels, *await in_private(uow, Role.COORDINATOR, but_not=asking)]


async def _bring_up_to_date(uow: UnitOfWork, journey: Journey, body: str, at: list[Address], now: datetime) -> None:
    """Give the cards at these places this text, where there is one, and those at any other a sentence without words.

    So that sentence is also what is left of the threads of those others, which name whom the card names. All that were
    ever written are looked at, as coordinators may have been elsewhere then.
    """
    here = {card_key(journey.id, to) for to in at}
    ours = {card_key(journey.id, to) for to in await in_channels(uow, Role.COORDINATOR)}
    for row in await uow.deliveries.under(*_prefixes(journey.id)):
        card = row.thread_key or row.key
        if card not in here:
            await _blank(uow, row, to_json(ELSEWHERE if card in ours else NOT_HERE), now)
        elif row.key == card and body:
            await uow.deliveries.replace_body(row.key, body, now)


async def _blank(uow: UnitOfWork, row: Delivery, body: str, now: datetime) -> None:
    """Put a sentence in the place of words; one that stands there already stays."""
    if row.body not in _WORDLESS:
        await uow.deliveries.replace_body(row.key, body, now)


async def _questions(uow: UnitOfWork, journey: Journey) -> list[Delivery]:
    """The messages in which candidates were asked."""
    keys = [f"{ASK}:{ask.id}{again}" for ask in journey.asks for again in ("", ":again")]
    rows = [await uow.deliveries.get(key) for key in keys]
    return [row for row in rows if row is not None]


def _prefixes(request_id: str) -> tuple[str, ...]:
    """How the keys begin of all that coordinators were ever shown of a request."""
    return (f"{CARD}:{request_id}:", f"{CARD}-note:{request_id}:")


def _has_had_its_time(journey: Journey, now: datetime) -> bool:
    """Whether the words of a request are to be on no card any more."""
    closed_at = journey.request.closed_at
    return closed_at is not None and closed_at < now - rules.CLEARED_AFTER


async def names_of(uow: UnitOfWork, journey: Journey) -> Mapping[str, str]:
    """What the candidates of a journey are called, for coordinators; those who have left are not there."""
    # In one statement, so that whoever asks cannot tell by the time how many there are.
    profiles = await uow.profiles.some(coordinator.option_names(journey))
    return {each.member_id: coordinator.name_of(each.name, each.organisation) for each in profiles}


def _last_answer(journey: Journey) -> str:
    last = journey.last_answered
    return last.id if last else ""


def _note_key(request_id: str, state: RequestState, ask_id: str, to: Address) -> str:
    return f"{CARD}-note:{request_id}:{state.value.replace(' ', '-')}:{ask_id}:{to.key}"
