"""What people do, and what time does, to one introduction. Pure: a journey in, the journey after and what follows out.

The service loads and stores journeys and carries out what follows. Nothing here knows of rows, messages or names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.introductions import rules
from bot.introductions.machine import Happening, after, ask_after
from bot.introductions.model import (
    FINAL,
    Ask,
    Asked,
    AskState,
    Introduction,
    Journey,
    Met,
    Request,
    RequestState,
    Way,
)
from bot.introductions.refusals import (
    CannotBeAsked,
    IsParty,
    NoRequest,
    NotYours,
    OneAtATime,
    OnItsWay,
    RemindedAlready,
    Settled,
)
from bot.introductions.rules import Person


class Does(StrEnum):
    """What follows from an act. All that an ``ask`` or an introduction shows to anybody is in this list."""

    ASK = "ask the candidate"
    REMIND = "remind the candidate"
    SETTLE = "show the candidate that the question is settled"
    NO_INTRODUCTION = "tell the requester that there is none this time"
    INTRODUCE = "bring the two together"
    CALL_BACK = "keep the introduction from going out"
    FOLLOW_UP = "ask the two whether they met"


@dataclass(frozen=True, slots=True)
class Follows:
    """One thing to be done, and about which ask."""

    does: Does
    ask_id: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an act comes to. The coordinators' card is brought up to date after every one."""

    journey: Journey
    follows: tuple[Follows, ...] = ()

    def then(self, other: Decision) -> Decision:
        """Both, one after the other."""
        return Decision(other.journey, (*self.follows, *other.follows))


@dataclass(frozen=True, slots=True)
class Known:
    """What an act may need to know of others: who can be asked (by member id), and the asks of six months."""

    people: Mapping[str, Person]
    past: Sequence[Asked]

    def may_ask(self, request: Request, member_id: str, now: datetime, coordinator_id: str = "") -> bool:
        """Whether somebody is there and nothing speaks against asking them."""
        person = self.people.get(member_id)
        return person is not None and rules.why_not(request, person, self.past, now, coordinator_id) is None


def choose(
    journey: Journey,
    by: str,
    chosen: Sequence[Ask],
    known: Known,
    now: datetime,
    *,
    note: str = "",
    then_next: bool,
    joins: bool = False,
) -> Decision:
    """A coordinator asks somebody: the first at once, the others in turn as each says no.

    ``joins``: the coordinator is to be in the conversation of the two, which is part of what is asked.
    Raises IsParty, OneAtATime, CannotBeAsked (then nobody was asked), or Stale.
    """
    _not_party(journey, by, *(ask.candidate_id for ask in chosen))
    if journey.open_ask is not None:
        raise OneAtATime(journey.id)
    request = journey.request
    if not chosen or len({ask.candidate_id for ask in chosen}) < len(chosen) or now >= request.answer_at:
        raise CannotBeAsked(journey.id)
    if not all(known.may_ask(request, ask.candidate_id, now, by) for ask in chosen):
        raise CannotBeAsked(journey.id)
    journey = journey.with_request(
        state=after(request.state, Happening.ASKED), coordinator_id=by, note=note, then_next=then_next, joins=joins
    )
    for ask in chosen:
        journey = journey.with_ask(replace(ask, state=AskState.PLANNED))
    return _open(journey, journey.planned[0], now)


def answer(journey: Journey, by: str, ask_id: str, said: AskState, known: Known, now: datetime, way: Way | None = None,
           reason: str = "") -> Decision:  # fmt: skip
    """The candidate answers yes, not now or no. ``way`` is how the two would be brought together.

    Raises NotYours for anybody else and for what is no ask, Settled where it is none any more.
    """
    ask = journey.ask(ask_id)
    if ask is None or ask.candidate_id != by or ask.state is AskState.PLANNED:
        raise NotYours(ask_id)
    if ask.state is not AskState.OPEN or rules.has_expired(ask, now):
        raise Settled(ask_id)
    answered = replace(ask, state=ask_after(ask.state, said), answered_at=now, reason=reason)
    journey = journey.with_ask(answered)
    settled = Decision(journey, (Follows(Does.SETTLE, ask_id),))
    if said is not AskState.YES:
        return settled.then(_next(journey, known, now))
    assert way is not None, "a yes has to say how the two are brought together"
    journey = journey.with_request(state=after(journey.request.state, Happening.YES))
    journey = _pass_over(replace(journey, introduction=Introduction(ask.id, ask.candidate_id, way, now)))
    return settled.then(Decision(journey, (Follows(Does.INTRODUCE, ask_id),)))


def take_yes_back(journey: Journey, by: str, ask_id: str, *, has_left: bool, now: datetime) -> Decision:
    """The candidate thinks better of a yes. Raises NotYours, or OnItsWay where the introduction may be out."""
    ask = journey.ask(ask_id)
    if ask is None or ask.candidate_id != by or ask.state is not AskState.YES:
        raise NotYours(ask_id)
    if journey.request.state is not RequestState.AGREED or has_left:
        raise OnItsWay(ask_id)
    return _undo(journey, ask, AskState.TAKEN_BACK, now)


def withdraw(journey: Journey, by: str, *, has_left: bool, now: datetime) -> Decision:
    """Whoever asked takes it back: the same for them in every state. Raises NoRequest, or OnItsWay."""
    if not by or journey.request.requester.member_id != by or not journey.request.is_open_to_requester:
        raise NoRequest(journey.id)
    if has_left:
        raise OnItsWay(journey.id)
    return _end(journey, Happening.TAKEN_BACK, now)


def close(journey: Journey, by: str, now: datetime) -> Decision:
    """A coordinator closes it. Whoever asked hears of that on their date, as of everything else."""
    _not_party(journey, by)
    return _end(journey, Happening.CLOSED, now)


def remind(journey: Journey, by: str, now: datetime) -> Decision:
    """A coordinator reminds before day 4; it is the one reminder all the same."""
    _not_party(journey, by)
    ask = _asked(journey)
    if ask.reminded_at is not None:
        raise RemindedAlready(ask.id)
    return _remind(journey, ask, now)


def withdraw_ask(journey: Journey, by: str, known: Known, now: datetime) -> Decision:
    """A coordinator takes the open ask back, and the next is asked if that was said."""
    _not_party(journey, by)
    ask = _asked(journey)
    journey = journey.with_ask(replace(ask, state=ask_after(ask.state, AskState.WITHDRAWN), answered_at=now))
    return Decision(journey, (Follows(Does.SETTLE, ask.id),)).then(_next(journey, known, now))


def sent(journey: Journey, now: datetime) -> Decision:
    """The introduction is out."""
    assert journey.introduction is not None
    journey = replace(journey, introduction=replace(journey.introduction, sent_at=now))
    journey = journey.with_request(state=after(journey.request.state, Happening.SENT))
    assert journey.introduction is not None
    return Decision(journey, (Follows(Does.SETTLE, journey.introduction.ask_id),))


def given_up(journey: Journey, now: datetime) -> Decision:
    """A person decided that the introduction does not go out."""
    assert journey.introduction is not None
    ask = journey.ask(journey.introduction.ask_id)
    assert ask is not None
    return _undo(journey, ask, AskState.WITHDRAWN, now)


def say_met(journey: Journey, by: str, met: Met, now: datetime) -> Decision:
    """One of the two says whether they met; the last word of each counts. Raises NotYours."""
    introduction = journey.introduction
    if introduction is None or journey.request.state is not RequestState.FOLLOWED_UP or not by:
        raise NotYours(journey.id)
    if by == introduction.candidate_id:
        introduction = replace(introduction, candidate_met=met)
    elif by == journey.request.requester.member_id:
        introduction = replace(introduction, requester_met=met)
    else:
        raise NotYours(journey.id)
    journey = replace(journey, introduction=introduction)
    is_outsiders = not journey.request.requester.member_id
    if introduction.candidate_met and (introduction.requester_met or is_outsiders):
        journey = _closed(journey.with_request(state=after(journey.request.state, Happening.FINISHED)), now)
    return Decision(journey)


def leave(journey: Journey, member_id: str, known: Known, now: datetime, *, has_left: bool) -> Decision:
    """Somebody leaves the network: whatever waits for them or speaks of them ends, and nothing starts."""
    request = journey.request
    if request.is_over:
        return Decision(journey)
    if request.requester.member_id == member_id:
        return _requester_leaves(journey, has_left, now)
    if journey.introduction is not None and journey.introduction.candidate_id == member_id:
        ask = journey.ask(journey.introduction.ask_id)
        assert ask is not None
        if request.state is RequestState.AGREED and not has_left:
            return _undo(journey, ask, AskState.LEFT, now)
        return Decision(_finished_by_leaving(journey, now))
    return snooze(journey, member_id, known, now)


def snooze(journey: Journey, member_id: str, known: Known, now: datetime) -> Decision:
    """Somebody does not want to be asked for now: they are asked no further; a yes that they have said stays."""
    for ask in journey.planned:
        if ask.candidate_id == member_id:
            journey = journey.with_ask(replace(ask, state=ask_after(ask.state, AskState.PASSED_OVER)))
    asked = journey.open_ask
    if asked is None or asked.candidate_id != member_id:
        return Decision(journey)
    journey = journey.with_ask(replace(asked, state=ask_after(asked.state, AskState.LEFT), answered_at=now))
    return Decision(journey, (Follows(Does.SETTLE, asked.id),)).then(_next(journey, known, now))


def tick(journey: Journey, known: Known, now: datetime, *, may_be_there: bool = False) -> Decision:
    """What is due by now. ``may_be_there``: the introduction may have arrived, and nobody has said whether it did."""
    request, introduction = journey.request, journey.introduction
    if not rules.is_due(journey, now):
        return Decision(journey)
    if request.is_open_to_requester and now >= request.answer_at:
        if not may_be_there:
            return _end(journey, Happening.DATE, now)
        assert introduction is not None
        late = now >= introduction.agreed_at + rules.TAKEN_AS_SENT_AFTER
        return sent(journey, now) if late else Decision(journey)
    if request.state is RequestState.ASKING:
        return _tick_ask(journey, known, now)
    assert introduction is not None
    if request.state is RequestState.INTRODUCED:
        journey = replace(journey, introduction=replace(introduction, followed_up_at=now))
        journey = journey.with_request(state=after(request.state, Happening.FOLLOWED_UP))
        return Decision(journey, (Follows(Does.FOLLOW_UP, introduction.ask_id),))
    return Decision(_closed(journey.with_request(state=after(request.state, Happening.FINISHED)), now))


def _tick_ask(journey: Journey, known: Known, now: datetime) -> Decision:
    ask = _asked(journey)
    if not rules.has_expired(ask, now):
        return _remind(journey, ask, now)
    journey = journey.with_ask(replace(ask, state=ask_after(ask.state, AskState.EXPIRED), answered_at=now))
    return Decision(journey, (Follows(Does.SETTLE, ask.id),)).then(_next(journey, known, now))


def _next(journey: Journey, known: Known, now: datetime) -> Decision:
    """After a no: the next who can be asked, if the coordinator said so and there is time; or back to them."""
    request = journey.request
    going_on = request.then_next and now < request.answer_at
    for ask in journey.planned if going_on else ():
        if known.may_ask(request, ask.candidate_id, now, request.coordinator_id):
            return _open(journey.with_request(state=after(request.state, Happening.NEXT)), ask, now)
        journey = journey.with_ask(replace(ask, state=ask_after(ask.state, AskState.PASSED_OVER)))
    journey = journey.with_request(state=after(request.state, Happening.NOBODY_LEFT))
    return Decision(_pass_over(journey))


def _open(journey: Journey, ask: Ask, now: datetime) -> Decision:
    expires_at = rules.expires_at(journey.request, now)
    asked = replace(ask, state=ask_after(ask.state, AskState.OPEN), asked_at=now, expires_at=expires_at)
    return Decision(journey.with_ask(asked), (Follows(Does.ASK, ask.id),))


def _remind(journey: Journey, ask: Ask, now: datetime) -> Decision:
    return Decision(journey.with_ask(replace(ask, reminded_at=now)), (Follows(Does.REMIND, ask.id),))


def _undo(journey: Journey, ask: Ask, to: AskState, now: datetime) -> Decision:
    """A yes counts no more: the introduction is called back, and the coordinators may ask somebody else."""
    journey = journey.with_ask(replace(ask, state=ask_after(ask.state, to), answered_at=now))
    journey = journey.with_request(state=after(journey.request.state, Happening.UNDONE))
    follows = (Follows(Does.CALL_BACK, ask.id), Follows(Does.SETTLE, ask.id))
    return Decision(replace(journey, introduction=None), follows)


def _end(journey: Journey, happening: Happening, now: datetime) -> Decision:
    """The request ends (or is closed for now): nobody is asked any more, and nothing goes out."""
    state = after(journey.request.state, happening)
    follows: list[Follows] = []
    for ask in journey.asks:
        if ask.state in (AskState.OPEN, AskState.YES):
            withdrawn = replace(ask, state=ask_after(ask.state, AskState.WITHDRAWN), answered_at=now)
            journey = journey.with_ask(withdrawn)
            follows.append(Follows(Does.SETTLE, ask.id))
    if journey.introduction is not None:
        follows.append(Follows(Does.CALL_BACK, journey.introduction.ask_id))
        journey = replace(journey, introduction=None)
    journey = _pass_over(journey.with_request(state=state))
    if state is RequestState.ANSWERED:
        follows.append(Follows(Does.NO_INTRODUCTION))
    return Decision(_closed(journey, now) if state in FINAL else journey, tuple(follows))


def _requester_leaves(journey: Journey, has_left: bool, now: datetime) -> Decision:
    if journey.request.is_open_to_requester and not has_left:
        return _end(journey, Happening.TAKEN_BACK, now)
    return Decision(_finished_by_leaving(journey, now))


def _finished_by_leaving(journey: Journey, now: datetime) -> Journey:
    """Out already, or nobody knows: there is nothing to call back, and nobody is asked whether they met."""
    if journey.request.state is RequestState.AGREED:
        journey = sent(journey, now).journey
    return _closed(journey.with_request(state=after(journey.request.state, Happening.LEFT)), now)


def _closed(journey: Journey, now: datetime) -> Journey:
    return journey.with_request(closed_at=now)


def _pass_over(journey: Journey) -> Journey:
    for ask in journey.planned:
        journey = journey.with_ask(replace(ask, state=ask_after(ask.state, AskState.PASSED_OVER)))
    return journey


def _asked(journey: Journey) -> Ask:
    ask = journey.open_ask
    if ask is None:
        raise Settled(journey.id)
    return ask


def _not_party(journey: Journey, by: str, *candidates: str) -> None:
    theirs = [ask.candidate_id for ask in journey.asks if ask.state in (AskState.OPEN, AskState.YES)]
    if not by or by in (journey.request.requester.member_id, *candidates, *theirs):
        raise IsParty(journey.id)
