"""Which edition is due, what it covers, and how its window meets its neighbours'."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.calendar import (
    LONDON,
    Due,
    covered_until,
    current_window,
    due_after,
    due_before,
    due_edition,
    early_edition,
    next_number,
    say_day,
    say_when,
)
from digests.model import Content, Edition, EditionState, Installation, Window
from digests.plan import ApprovalPolicy, DigestPlan, Schedule, Weights

FRIDAY_NINE = Schedule(4, time(9), LONDON)
PLAN = DigestPlan("Data Policy Digest", 30, FRIDAY_NINE, (), Weights(), 40, 20, ApprovalPolicy())
# 09:00 in London on Fridays of January 2025 is 09:00 in UTC.
JANUARY_3, JANUARY_10, JANUARY_17, JANUARY_24 = (datetime(2025, 1, day, 9, tzinfo=UTC) for day in (3, 10, 17, 24))
INSTALLED = Installation(first_pass_at=datetime(2025, 1, 8, 12, tzinfo=UTC), window_start=JANUARY_3)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


# Any minute of three years.
MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: utc(2024, 1, 1) + timedelta(minutes=minutes))


def edition(day: date, start: datetime, end: datetime, state: EditionState, number: int = 30) -> Edition:
    content = Content(PLAN.title, ())
    return Edition(day.isoformat(), number, day, Window(start, end), state, 1, content, end)


def made(due: Due, state: EditionState) -> Edition:
    return edition(due.due_on, due.window.start, due.window.end, state)


def test_an_edition_is_due_at_the_same_hour_in_london_on_both_sides_of_a_clock_change() -> None:
    # Clocks went forward on 30 March 2025 and back on 26 October 2025.
    assert due_before(FRIDAY_NINE, utc(2025, 3, 30, 12)) == utc(2025, 3, 28, 9)
    assert due_after(FRIDAY_NINE, utc(2025, 3, 30, 12)) == utc(2025, 4, 4, 8)
    assert due_before(FRIDAY_NINE, utc(2025, 10, 26, 12)) == utc(2025, 10, 24, 8)
    assert due_after(FRIDAY_NINE, utc(2025, 10, 26, 12)) == utc(2025, 10, 31, 9)


def test_the_due_instant_itself_is_already_due() -> None:
    assert due_before(FRIDAY_NINE, JANUARY_24) == JANUARY_24
    assert due_after(FRIDAY_NINE, JANUARY_24) == utc(2025, 1, 31, 9)
    just_before = JANUARY_24 - timedelta(microseconds=1)
    assert due_before(FRIDAY_NINE, just_before) == JANUARY_17
    assert due_after(FRIDAY_NINE, just_before) == JANUARY_24


@pytest.mark.parametrize("change_day", [date(2025, 3, 30), date(2025, 10, 26)])
def test_an_hour_that_the_clocks_skip_or_repeat_is_due_once(change_day: date) -> None:
    schedule = Schedule(6, time(1, 30), LONDON)
    start = datetime.combine(change_day, time(), tzinfo=UTC) - timedelta(days=3)
    ticks = [start + timedelta(minutes=10 * step) for step in range(6 * 24 * 7)]
    assert len({due_before(schedule, tick) for tick in ticks}) == 2


@given(MOMENTS, st.integers(0, 6), st.times())
def test_every_moment_lies_between_two_due_instants_about_a_week_apart(
    moment: datetime, weekday: int, at: time
) -> None:
    schedule = Schedule(weekday, at, LONDON)
    before, after = due_before(schedule, moment), due_after(schedule, moment)
    assert before <= moment < after
    assert abs(after - before - timedelta(days=7)) <= timedelta(hours=1)
    assert due_before(schedule, after) == after
    assert due_after(schedule, before) == after
    assert before.astimezone(LONDON).weekday() == weekday


def test_the_current_window_runs_from_what_was_covered_to_the_next_due_instant() -> None:
    wednesday = utc(2025, 1, 22, 15)
    assert current_window(FRIDAY_NINE, wednesday, None) == Window(JANUARY_17, JANUARY_24)
    assert current_window(FRIDAY_NINE, wednesday, JANUARY_10) == Window(JANUARY_10, JANUARY_24)


def test_what_went_to_readers_is_covered_and_what_lapsed_is_not() -> None:
    lapsed = edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.LAPSED)
    published = edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, EditionState.PUBLISHED)
    assert covered_until([], None) is None
    assert covered_until([], INSTALLED) == JANUARY_3
    assert covered_until([lapsed, published], INSTALLED) == JANUARY_10
    assert covered_until([replace(lapsed, state=EditionState.APPROVED), published], INSTALLED) == JANUARY_17


def test_nothing_is_due_before_the_first_pass() -> None:
    now = utc(2025, 1, 9, 9)
    assert due_edition(FRIDAY_NINE, now, installation=None, editions=()) is None
    assert due_edition(FRIDAY_NINE, now, installation=INSTALLED, editions=()) is None
    assert early_edition(FRIDAY_NINE, now, installation=None, editions=()) is None


def test_the_first_edition_runs_from_the_installations_window_and_covers_one_week() -> None:
    due = due_edition(FRIDAY_NINE, JANUARY_10, installation=INSTALLED, editions=())
    assert due == Due("2025-01-10", date(2025, 1, 10), Window(JANUARY_3, JANUARY_10), 1, "")


@pytest.mark.parametrize("state", list(EditionState))
def test_an_edition_that_exists_is_never_due_again(state: EditionState) -> None:
    editions = [edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, state)]
    assert due_edition(FRIDAY_NINE, utc(2025, 1, 16), installation=INSTALLED, editions=editions) is None


def test_a_week_that_was_not_approved_is_covered_by_the_next_edition() -> None:
    editions = [
        edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.LAPSED),
        edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, EditionState.PUBLISHED),
    ]
    due = due_edition(FRIDAY_NINE, JANUARY_24, installation=INSTALLED, editions=editions)
    assert due is not None
    assert (due.window, due.weeks) == (Window(JANUARY_10, JANUARY_24), 2)
    assert due.note == "This edition covers two weeks: the edition of 17 January was not approved."


def test_a_week_that_was_not_drafted_is_covered_by_the_next_edition() -> None:
    editions = [edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, EditionState.PUBLISHED)]
    due = due_edition(FRIDAY_NINE, JANUARY_24, installation=INSTALLED, editions=editions)
    assert due is not None
    assert (due.window, due.weeks) == (Window(JANUARY_10, JANUARY_24), 2)
    assert due.note == "This edition covers two weeks: the edition of 17 January was not drafted."


def test_a_long_gap_is_told_by_cause() -> None:
    editions = [
        edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.LAPSED),
        edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, EditionState.WITHDRAWN),
    ]
    due = due_edition(FRIDAY_NINE, utc(2025, 2, 7, 10), installation=INSTALLED, editions=editions)
    assert due is not None
    assert due.note == (
        "This edition covers four weeks: the edition of 17 January was not approved "
        "and the editions of 24 January and 31 January were not drafted."
    )
    later = due_edition(FRIDAY_NINE, utc(2025, 6, 6, 10), installation=INSTALLED, editions=editions)
    assert later is not None
    assert later.weeks == 21
    assert later.note.endswith("and 19 editions from 24 January to 30 May were not drafted.")


def test_many_lapsed_editions_do_not_make_the_window_start_at_the_installation_again() -> None:
    # Only the latest editions are handed over; the approved one before them is not among them.
    editions = [edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.LAPSED)]
    due = due_edition(FRIDAY_NINE, JANUARY_24, installation=INSTALLED, editions=editions)
    assert due is not None
    assert due.window.start == JANUARY_10


def test_an_editor_may_have_the_coming_edition_early_and_the_next_starts_where_it_ended() -> None:
    published = edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, EditionState.PUBLISHED)
    wednesday = utc(2025, 1, 15, 14)
    early = early_edition(FRIDAY_NINE, wednesday, installation=INSTALLED, editions=[published])
    assert early == Due("2025-01-17", date(2025, 1, 17), Window(JANUARY_10, wednesday), 1, "")
    editions = [made(early, EditionState.APPROVED), published]
    assert early_edition(FRIDAY_NINE, utc(2025, 1, 16), installation=INSTALLED, editions=editions) is None
    assert due_edition(FRIDAY_NINE, utc(2025, 1, 17, 9, 5), installation=INSTALLED, editions=editions) is None
    due = due_edition(FRIDAY_NINE, JANUARY_24, installation=INSTALLED, editions=editions)
    assert due == Due("2025-01-24", date(2025, 1, 24), Window(wednesday, JANUARY_24), 1, "")


def test_the_next_edition_is_drafted_only_when_an_approved_one_no_longer_waits_to_be_posted() -> None:
    posts_at = utc(2025, 1, 24, 9, 20)
    late = replace(edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.APPROVED), posts_at=posts_at)
    for decide in (due_edition, early_edition):
        waiting = posts_at - timedelta(seconds=1)
        assert decide(FRIDAY_NINE, waiting, installation=INSTALLED, editions=[late]) is None
        due = decide(FRIDAY_NINE, posts_at, installation=INSTALLED, editions=[late])
        assert due is not None
        assert due.window.start == JANUARY_17


def test_an_early_edition_that_covered_a_missed_week_leaves_nothing_due_for_it() -> None:
    early = edition(date(2025, 1, 24), JANUARY_10, utc(2025, 1, 18, 9), EditionState.APPROVED)
    assert due_edition(FRIDAY_NINE, utc(2025, 1, 18, 10), installation=INSTALLED, editions=[early]) is None


def test_numbers_start_at_the_first_and_one_that_never_reached_readers_is_used_again() -> None:
    assert next_number([], PLAN) == 30
    published = edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, EditionState.PUBLISHED, number=30)
    lapsed = edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.LAPSED, number=31)
    assert next_number([published], PLAN) == 31
    assert next_number([lapsed, published], PLAN) == 31
    assert next_number([lapsed], PLAN) == 31
    assert next_number([replace(lapsed, state=EditionState.WITHDRAWN), published], PLAN) == 32


def test_times_are_said_in_london() -> None:
    assert say_when(JANUARY_24) == "Friday 24 January 2025, 09:00"
    assert say_when(utc(2025, 7, 31, 23, 30)) == "Friday 1 August 2025, 00:30"
    assert say_day(date(2025, 3, 2)) == "Sunday 2 March 2025"


ACTIONS = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=24 * 20),  # hours until the next look
        st.sampled_from(["tick", "early"]),
        st.sampled_from([EditionState.PUBLISHED, EditionState.APPROVED, EditionState.WITHDRAWN, EditionState.LAPSED]),
    ),
    min_size=5,
    max_size=40,
)


@given(MOMENTS, ACTIONS)
def test_windows_of_published_editions_meet_without_gap_or_overlap(
    now: datetime, actions: list[tuple[int, str, EditionState]]
) -> None:
    installation = Installation(first_pass_at=now, window_start=now - timedelta(days=7))
    editions: list[Edition] = []
    for hours, act, fate in actions:
        now += timedelta(hours=hours)
        decide = due_edition if act == "tick" else early_edition
        due = decide(FRIDAY_NINE, now, installation=installation, editions=editions[-10:])
        if due is None:
            continue
        assert due.window.start < due.window.end <= now
        assert (due.weeks > 1) == bool(due.note)
        editions.append(made(due, fate))
    assert len({each.id for each in editions}) == len(editions)
    covered = [each for each in editions if each.state is not EditionState.LAPSED]
    edges = [installation.window_start, *(each.window.end for each in covered)]
    assert [each.window.start for each in covered] == edges[:-1]
