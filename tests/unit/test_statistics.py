"""Numbers about introductions: what they say, and that nothing small can be had from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from bot.privacy.statistics import FEWEST, Figure, OfTopic, Outcome, Statistics, count

NOW = datetime(2025, 3, 14, 10, tzinfo=UTC)
CUT = datetime(2025, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ASKED = CUT - 20 * DAY


def an_outcome(days: float = 4, **changes: object) -> Outcome:
    """A request that came to an introduction and a meeting, after asking two people."""
    introduced = ASKED + days * DAY
    outcome = Outcome(ASKED, ("ai",), (ASKED + DAY, ASKED + 2 * DAY), ASKED + 3 * DAY, introduced, ASKED + 18 * DAY)
    return replace(outcome, **changes)  # type: ignore[arg-type]


def test_what_is_told_is_rounded_down_to_fives() -> None:
    told = count([an_outcome(days) for days in (1, 2, 3, 4, 5, 6, 30)], NOW)
    assert told == Statistics(
        date(2025, 3, 1), Figure(5), Figure(10), Figure(5), Figure(5), 4, (OfTopic("ai", Figure(5), Figure(5)),)
    )
    assert (told.requests.words, told.asked.words) == ("5 or more", "10 or more")


def test_under_five_nothing_is_told_not_even_that_there_is_none() -> None:
    few = Figure(None)
    nothing = Statistics(date(2025, 3, 1), few, few, few, few, None, ())
    assert {count([an_outcome(asked_at=()) for _ in range(number)], NOW) for number in range(FEWEST)} == {nothing}
    assert nothing.requests.words == "fewer than 5"


def test_a_topic_is_named_from_five_requests_on_and_in_an_order_that_tells_no_more() -> None:
    outcomes = [an_outcome(topics=("ai",))] * 5 + [an_outcome(topics=("privacy", "ai"))] * 4
    assert count(outcomes, NOW).topics == (OfTopic("ai", Figure(5), Figure(5)),)
    even = [an_outcome(topics=("b",))] * 9 + [an_outcome(topics=("a",))] * 5
    assert [each.topic_id for each in count(even, NOW).topics] == ["a", "b"]


def test_a_topic_named_twice_in_one_request_counts_once() -> None:
    assert count([an_outcome(topics=("ai", "ai"))] * 4, NOW).topics == ()


def test_what_happened_this_month_is_not_told_before_it_is_over() -> None:
    before = [an_outcome() for _ in range(9)]
    new = an_outcome(created_at=CUT)
    assert count([*before, new], NOW) == count(before, NOW)
    assert count([*before, new], CUT + 31 * DAY).requests == Figure(10)
    # Nor is what became this month of an older request.
    waiting = [an_outcome(accepted_at=None, introduced_at=None, met_at=None) for _ in range(9)]
    now_accepted = [replace(each, accepted_at=CUT, introduced_at=CUT + DAY, met_at=CUT + DAY) for each in waiting]
    assert count(now_accepted, NOW) == count(waiting, NOW)


def test_a_month_begins_at_midnight_in_london() -> None:
    july = datetime(2025, 7, 10, tzinfo=UTC)
    just_before = an_outcome(created_at=datetime(2025, 6, 30, 22, 59, tzinfo=UTC))
    just_after = an_outcome(created_at=datetime(2025, 6, 30, 23, 0, tzinfo=UTC))
    assert count([just_before] * 5, july).requests == Figure(5)
    assert count([just_after] * 5, july).requests == Figure(None)


known_moments = some.integers(0, 100).map(lambda days: datetime(2025, 1, 1, tzinfo=UTC) + days * DAY)
moments = some.none() | known_moments
outcomes = some.builds(
    Outcome,
    created_at=known_moments,
    topics=some.lists(some.sampled_from(["ai", "health-data", "privacy"]), max_size=3).map(tuple),
    asked_at=some.lists(known_moments, max_size=4).map(tuple),
    accepted_at=moments,
    introduced_at=moments,
    met_at=moments,
)


def figures(told: Statistics) -> list[Figure]:
    of_topics = [figure for each in told.topics for figure in (each.requests, each.accepted)]
    return [told.requests, told.asked, told.accepted, told.met, *of_topics]


@given(some.lists(outcomes, max_size=40), outcomes)
def test_no_figure_is_small_and_one_request_more_moves_none_by_less_than_five(
    known: list[Outcome], one: Outcome
) -> None:
    told = count(known, NOW)
    for figure in figures(told):
        assert figure.at_least is None or (figure.at_least >= FEWEST and figure.at_least % FEWEST == 0)
    more = count([*known, one], NOW)
    for before, after in zip(figures(replace(told, topics=())), figures(replace(more, topics=())), strict=True):
        assert after.at_least == before.at_least or (after.at_least or 0) - (before.at_least or 0) == FEWEST
    # What happens in a month that is not over tells nothing, whatever it is.
    late = replace(one, created_at=max(one.created_at, CUT))
    assert count([*known, late], NOW) == told
