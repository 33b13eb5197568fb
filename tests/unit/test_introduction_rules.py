"""The introduction rules, one by one: limits, dates, lists, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.introductions import acts, machine, rules
from bot.introductions.acts import Decision, Does, Known
from bot.introductions.model import (
    FINAL,
    Ask,
    Asked,
    AskState,
    Journey,
    Met,
    Request,
    Requester,
    RequestState,
    Way,
    Wish,
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
from bot.introductions.rules import Person, WhyNot
from digests.errors import Stale
from tests.builders import NOW

DAY = timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
CAROL = Person("carol", "Carol", "Patients Trust")
DAVE = Person("dave", "Dave", "Example Council")


def a_request(request_id: str = "r1", **changes: object) -> Request:
    requester = Requester("Alice", "alice", organisation="Example Charity")
    wish = Wish("someone who knows about NHS data opt-outs", "I run a small charity.")
    request = Request(request_id, requester, wish, NOW, rules.answer_at(request_id, NOW, None))
    return replace(request, **changes)  # type: ignore[arg-type]


def known(*past: Asked, people: tuple[Person, ...] = (CAROL, DAVE)) -> Known:
    return Known({person.member_id: person for person in people}, past)


def asked(candidate: str, days_ago: float, requester: str = "erin", *, is_open: bool = False) -> Asked:
    return Asked("r0", candidate, requester, NOW - days_ago * DAY, is_open)


def choose(journey: Journey, *candidates: str, then_next: bool = False) -> Decision:
    chosen = [Ask(f"{journey.id}-{each}", each) for each in candidates]
    return acts.choose(journey, "dan", chosen, known(), NOW, then_next=then_next)


def say(journey: Journey, candidate: str, said: AskState, days: float = 1, *past: Asked) -> Decision:
    way = Way.GROUP if said is AskState.YES else None
    return acts.answer(journey, candidate, f"r1-{candidate}", said, known(*past), NOW + days * DAY, way)


def state(journey: Journey, candidate: str) -> AskState:
    ask = journey.ask(f"r1-{candidate}")
    assert ask is not None
    return ask.state


def test_the_answers_date_is_a_working_hour_about_three_weeks_away_and_only_the_id_moves_it() -> None:
    dates = [rules.answer_at(f"request {n}", NOW, None) for n in range(300)]
    assert dates == [rules.answer_at(f"request {n}", NOW, None) for n in range(300)]
    local = [at.astimezone(LONDON) for at in dates]
    assert {at.weekday() for at in local} <= {0, 1, 2, 3, 4}
    assert {9 <= at.hour < 17 for at in local} == {True}
    assert {(at.date() - NOW.date()).days for at in local} == {21, 22, 25}  # the 23rd and 24th day are a weekend
    assert len({at.time() for at in local}) > 200


@pytest.mark.parametrize(("needed_in", "least", "most"), [(2, 8, 13), (14, 14, 19), (200, 35, 40)])
def test_who_needs_it_by_a_day_hears_about_then_within_reason(needed_in: int, least: int, most: int) -> None:
    for n in range(50):
        at = rules.answer_at(f"request {n}", NOW, NOW.date() + needed_in * DAY)
        assert least <= (at.astimezone(LONDON).date() - NOW.date()).days <= most


def test_two_open_requests_are_the_most_and_one_that_was_closed_in_silence_counts_as_open() -> None:
    one, two = a_request("r1"), a_request("r2", state=RequestState.CLOSED)
    assert rules.may_submit([one])
    assert not rules.may_submit([one, two])
    assert rules.may_submit([one, replace(two, state=RequestState.ANSWERED)])


@pytest.mark.parametrize(
    ("why", "changes", "past"),
    [
        (None, {}, []),
        (WhyNot.SELF, {"member_id": "alice"}, []),
        (WhyNot.PARTY, {"member_id": "dan"}, []),
        (WhyNot.SNOOZED, {"snoozed_until": NOW.date() + DAY}, []),
        (None, {"snoozed_until": NOW.date()}, []),
        (WhyNot.AVOIDED, {"avoid": ("alice",)}, []),
        (WhyNot.AVOIDED, {"avoid": ("The Example Charity Ltd",)}, []),
        (None, {"avoid": ("Bob", "")}, []),
        (WhyNot.BUSY, {"per_fortnight": 5}, [asked("carol", 2, is_open=True)]),
        (WhyNot.FORTNIGHT, {}, [asked("carol", 13.9)]),
        (None, {}, [asked("carol", 14)]),
        (None, {"per_fortnight": 2}, [asked("carol", 5)]),
        (WhyNot.FORTNIGHT, {"per_fortnight": 2}, [asked("carol", 5), asked("carol", 6, "frank")]),
        (WhyNot.FORTNIGHT, {"per_fortnight": 0}, []),
        (WhyNot.SAME_PAIR, {}, [asked("carol", 182, "alice")]),
        (WhyNot.SAME_PAIR, {}, [asked("alice", 182, "carol")]),
        (None, {}, [asked("carol", 183, "alice")]),
    ],
)
def test_why_somebody_cannot_be_asked(why: WhyNot | None, changes: dict[str, object], past: list[Asked]) -> None:
    person = replace(CAROL, **changes)  # type: ignore[arg-type]
    assert rules.why_not(a_request(), person, past, NOW, "dan") is why


def test_a_name_is_the_same_however_its_letters_are_written() -> None:
    assert rules.same_name(("Jose\u0301 A\u0301lvarez",), ("José Álvarez",))


def test_the_requesters_own_list_and_organisations_to_avoid_count_too() -> None:
    request = a_request()
    assert rules.avoid_each_other(replace(request, requester=replace(request.requester, avoids=("@Carol",))), CAROL)
    avoiding = replace(request, wish=replace(request.wish, avoid=("patients trust",)))
    assert rules.avoid_each_other(avoiding, CAROL)
    assert not rules.avoid_each_other(avoiding, DAVE)
    assert rules.is_preferred(replace(request, wish=replace(request.wish, prefer=("Example Council",))), DAVE)


def test_the_first_of_several_is_asked_and_the_next_in_silence_where_the_coordinator_said_so() -> None:
    decision = choose(Journey(a_request()), "carol", "dave", then_next=True)
    assert [(each.does, each.ask_id) for each in decision.follows] == [(Does.ASK, "r1-carol")]
    after = say(decision.journey, "carol", AskState.NO)
    assert [each.does for each in after.follows] == [Does.SETTLE, Does.ASK]
    assert (state(after.journey, "carol"), state(after.journey, "dave")) == (AskState.NO, AskState.OPEN)
    assert after.journey.request.state is RequestState.ASKING
    # By then Dave has been asked by somebody else.
    passed = say(decision.journey, "carol", AskState.NOT_NOW, 1, asked("dave", -1, is_open=True))
    assert (state(passed.journey, "dave"), passed.journey.request.state) == (AskState.PASSED_OVER, RequestState.OPEN)
    waiting = say(choose(Journey(a_request()), "carol", "dave").journey, "carol", AskState.NO)
    assert (state(waiting.journey, "dave"), waiting.journey.request.state) == (
        AskState.PASSED_OVER,
        RequestState.OPEN,
    )


def test_one_reminder_on_day_4_and_silence_is_no_on_day_7() -> None:
    journey = choose(Journey(a_request()), "carol").journey
    assert acts.tick(journey, known(), NOW + 3.99 * DAY).journey == journey
    reminded = acts.tick(journey, known(), NOW + 4 * DAY)
    assert [each.does for each in reminded.follows] == [Does.REMIND]
    assert not acts.tick(reminded.journey, known(), NOW + 6.99 * DAY).follows
    with pytest.raises(RemindedAlready):
        acts.remind(reminded.journey, "dan", NOW + 5 * DAY)
    with pytest.raises(Settled):
        say(reminded.journey, "carol", AskState.YES, 7)
    expired = acts.tick(reminded.journey, known(), NOW + 7 * DAY)
    assert (state(expired.journey, "carol"), expired.journey.request.state) == (AskState.EXPIRED, RequestState.OPEN)


def test_nobody_accepts_for_another_and_a_planned_candidate_has_no_say_yet() -> None:
    journey = choose(Journey(a_request()), "carol", "dave").journey
    for who in ("alice", "dan", "dave", ""):
        with pytest.raises(NotYours):
            acts.answer(journey, who, "r1-carol", AskState.YES, known(), NOW, Way.GROUP)
    with pytest.raises(NotYours):
        say(journey, "dave", AskState.YES)
    with pytest.raises(NotYours):
        acts.answer(journey, "carol", "r9-carol", AskState.YES, known(), NOW, Way.GROUP)


def test_the_coordinator_who_brokers_is_not_party() -> None:
    journey = Journey(a_request())
    with pytest.raises(IsParty):
        acts.choose(journey, "alice", [Ask("a", "carol")], known(), NOW, then_next=False)
    with pytest.raises(IsParty):
        acts.choose(journey, "carol", [Ask("a", "carol")], known(), NOW, then_next=False)
    asking = choose(journey, "carol").journey
    for who in ("alice", "carol"):
        for act in (acts.close, acts.remind):
            with pytest.raises(IsParty):
                act(asking, who, NOW)
        with pytest.raises(IsParty):
            acts.withdraw_ask(asking, who, known(), NOW)


def test_one_is_asked_at_a_time_and_never_against_a_limit() -> None:
    asking = choose(Journey(a_request()), "carol").journey
    with pytest.raises(OneAtATime):
        acts.choose(asking, "dan", [Ask("b", "dave")], known(), NOW, then_next=False)
    for chosen in ([], [Ask("a", "nobody")], [Ask("a", "carol"), Ask("b", "carol")]):
        with pytest.raises(CannotBeAsked):
            acts.choose(Journey(a_request()), "dan", chosen, known(), NOW, then_next=False)


def test_a_yes_brings_the_two_together_and_can_be_taken_back_until_it_is_out() -> None:
    agreed = say(choose(Journey(a_request()), "carol", "dave").journey, "carol", AskState.YES)
    assert [each.does for each in agreed.follows] == [Does.SETTLE, Does.INTRODUCE]
    assert state(agreed.journey, "dave") is AskState.PASSED_OVER
    back = acts.take_yes_back(agreed.journey, "carol", "r1-carol", has_left=False, now=NOW + DAY)
    assert [each.does for each in back.follows] == [Does.CALL_BACK, Does.SETTLE]
    assert back.journey.request.state is RequestState.OPEN
    with pytest.raises(OnItsWay):
        acts.take_yes_back(agreed.journey, "carol", "r1-carol", has_left=True, now=NOW + DAY)
    with pytest.raises(OnItsWay):
        acts.withdraw(agreed.journey, "alice", has_left=True, now=NOW + DAY)
    taken_back = acts.withdraw(agreed.journey, "alice", has_left=False, now=NOW + DAY)
    assert [each.does for each in taken_back.follows] == [Does.SETTLE, Does.CALL_BACK]
    assert taken_back.journey.request.state is RequestState.WITHDRAWN
    with pytest.raises(NoRequest):
        acts.withdraw(taken_back.journey, "alice", has_left=False, now=NOW + DAY)


def test_did_you_meet_is_asked_once_after_two_weeks_and_ends_with_both_answers_or_without() -> None:
    agreed = say(choose(Journey(a_request()), "carol").journey, "carol", AskState.YES).journey
    out = acts.sent(agreed, NOW + DAY).journey
    assert not acts.tick(out, known(), NOW + 14.9 * DAY).follows
    asked_both = acts.tick(out, known(), NOW + 15 * DAY)
    assert [each.does for each in asked_both.follows] == [Does.FOLLOW_UP]
    assert not acts.tick(asked_both.journey, known(), NOW + 28 * DAY).follows
    with pytest.raises(NotYours):
        acts.say_met(asked_both.journey, "dan", Met.YES, NOW)
    one = acts.say_met(asked_both.journey, "alice", Met.YES, NOW + 16 * DAY).journey
    assert one.request.state is RequestState.FOLLOWED_UP
    both = acts.say_met(one, "carol", Met.NOT_YET, NOW + 17 * DAY).journey
    assert (both.request.state, both.request.closed_at) == (RequestState.FINISHED, NOW + 17 * DAY)
    silent = acts.tick(one, known(), NOW + 29 * DAY).journey
    assert (silent.request.state, silent.request.closed_at) == (RequestState.FINISHED, NOW + 29 * DAY)


def test_whoever_asked_hears_of_a_closed_request_on_their_date_and_not_before() -> None:
    closed = acts.close(choose(Journey(a_request()), "carol").journey, "dan", NOW + DAY)
    assert [each.does for each in closed.follows] == [Does.SETTLE]
    at = closed.journey.request.answer_at
    assert not acts.tick(closed.journey, known(), at - timedelta(seconds=1)).follows
    told = acts.tick(closed.journey, known(), at)
    assert [each.does for each in told.follows] == [Does.NO_INTRODUCTION]
    assert told.journey.request.state is RequestState.ANSWERED


def test_an_introduction_that_may_have_arrived_is_left_to_people_and_counts_as_out_two_weeks_later() -> None:
    agreed = say(choose(Journey(a_request()), "carol").journey, "carol", AskState.YES).journey
    at = agreed.request.answer_at
    told = acts.tick(agreed, known(), at)
    assert [each.does for each in told.follows] == [Does.SETTLE, Does.CALL_BACK, Does.NO_INTRODUCTION]
    assert acts.tick(agreed, known(), NOW + 14.9 * DAY, may_be_there=True).journey == agreed
    late = acts.tick(agreed, known(), at, may_be_there=True)
    assert [each.does for each in late.follows] == [Does.SETTLE]
    assert late.journey.request.state is RequestState.INTRODUCED


@pytest.mark.parametrize("who", ["alice", "carol", "dave"])
def test_whoever_leaves_is_let_go_at_every_state(who: str) -> None:
    open_one = Journey(a_request())
    asking = choose(open_one, "carol", "dave", then_next=True).journey
    agreed = say(asking, "carol", AskState.YES).journey
    out = acts.sent(agreed, NOW + DAY).journey
    followed = acts.tick(out, known(), NOW + 15 * DAY).journey
    expected = {
        "alice": ["withdrawn", "withdrawn", "withdrawn", "finished", "finished", "finished"],
        "carol": ["open", "asking", "open", "finished", "finished", "finished"],
        "dave": ["open", "asking", "agreed", "agreed", "introduced", "followed up"],
    }[who]
    cases = [(open_one, False), (asking, False), (agreed, False), (agreed, True), (out, True), (followed, True)]
    for (journey, has_left), state_after in zip(cases, expected, strict=True):
        left = acts.leave(journey, who, known(), NOW + 2 * DAY, has_left=has_left).journey
        assert left.request.state.value == state_after
        assert all(ask.state is not AskState.OPEN for ask in left.asks if ask.candidate_id == who)
        again = acts.leave(left, who, known(), NOW + 2 * DAY, has_left=has_left)
        assert (again.journey, again.follows) == (left, ())


def test_whoever_snoozes_is_asked_no_further_and_a_yes_stays() -> None:
    asking = choose(Journey(a_request()), "carol", "dave", then_next=True).journey
    snoozed = acts.snooze(asking, "carol", known(), NOW + DAY)
    assert [each.does for each in snoozed.follows] == [Does.SETTLE, Does.ASK]
    assert state(acts.snooze(asking, "dave", known(), NOW + DAY).journey, "dave") is AskState.PASSED_OVER
    agreed = say(asking, "carol", AskState.YES).journey
    assert acts.snooze(agreed, "carol", known(), NOW + DAY).journey == agreed


def test_what_cannot_happen_to_a_request_is_refused_in_words() -> None:
    with pytest.raises(Stale, match="has moved on"):
        machine.after(RequestState.FINISHED, machine.Happening.ASKED)
    assert {to for (_, _), to in machine.REQUEST.items()} | {RequestState.OPEN} == set(RequestState)
    assert not [state for state, _ in machine.REQUEST if state in FINAL]


def test_the_date_by_which_something_is_needed_is_a_day_in_london() -> None:
    late = NOW.replace(month=7, hour=23, minute=30)  # the next day already, in summer
    at = rules.answer_at("request", late, date(2025, 7, 24) + 14 * DAY)
    assert at >= late + 13 * DAY
