"""Which edition is due, what it covers, and how its window meets its neighbours'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.calendar import (
    LEFT_OUT,
    LONDON,
    Due,
    covered_until,
    current_window,
    decided,
    due_after,
    due_before,
    due_edition,
    early_edition,
    next_draft,
    next_number,
    say_day,
    say_when,
    slot_after,
)
from digests.model import Act, Content, Edition, EditionAct, EditionState, Installation, Window
from digests.plan import ApprovalPolicy, DigestPlan, HolidayRule, Schedule, Weights
from tests.builders import NOW

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
    assert due == Due("2025-01-10", date(2025, 1, 10), Window(JANUARY_3, JANUARY_10), 1)


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
    assert due.notes == ("This edition covers two weeks: the edition of 17 January was not approved.",)


def test_a_week_that_was_not_drafted_is_covered_by_the_next_edition() -> None:
    editions = [edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, EditionState.PUBLISHED)]
    due = due_edition(FRIDAY_NINE, JANUARY_24, installation=INSTALLED, editions=editions)
    assert due is not None
    assert (due.window, due.weeks) == (Window(JANUARY_10, JANUARY_24), 2)
    assert due.notes == ("This edition covers two weeks: the edition of 17 January was not drafted.",)


def test_a_long_gap_is_told_by_cause() -> None:
    editions = [
        edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.LAPSED),
        edition(date(2025, 1, 10), JANUARY_3, JANUARY_10, EditionState.WITHDRAWN),
    ]
    due = due_edition(FRIDAY_NINE, utc(2025, 2, 7, 10), installation=INSTALLED, editions=editions)
    assert due is not None
    assert due.notes == (
        "This edition covers four weeks: the edition of 17 January was not approved "
        "and the editions of 24 January and 31 January were not drafted.",
    )
    later = due_edition(FRIDAY_NINE, utc(2025, 6, 6, 10), installation=INSTALLED, editions=editions)
    assert later is not None
    assert later.weeks == 21
    assert later.notes[0].endswith("and 19 editions from 24 January to 30 May were not drafted.")


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
    assert early == Due("2025-01-17", date(2025, 1, 17), Window(JANUARY_10, wednesday), 1)
    editions = [made(early, EditionState.APPROVED), published]
    assert early_edition(FRIDAY_NINE, utc(2025, 1, 16), installation=INSTALLED, editions=editions) is None
    assert due_edition(FRIDAY_NINE, utc(2025, 1, 17, 9, 5), installation=INSTALLED, editions=editions) is None
    due = due_edition(FRIDAY_NINE, JANUARY_24, installation=INSTALLED, editions=editions)
    assert due == Due("2025-01-24", date(2025, 1, 24), Window(wednesday, JANUARY_24), 1)


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


STEPS = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=24 * 20),  # hours until the next thing happens
        st.sampled_from(["tick", "early", "publish", "withdraw", "skip", "merge", "resume"]),
    ),
    min_size=5,
    max_size=40,
)


class Weeks:
    """Editors, ticks and editions as the calendar sees them, without a store."""

    def __init__(self, schedule: Schedule, now: datetime) -> None:
        self.schedule, self.now = schedule, now
        self.installation = Installation(first_pass_at=now, window_start=now - timedelta(days=7))
        self.editions: list[Edition] = []
        self.acts: list[EditionAct] = []

    @property
    def draft(self) -> Edition | None:
        return next((each for each in self.editions if each.state is EditionState.DRAFT), None)

    def turns(self, present: Edition, state: EditionState) -> None:
        self.editions[self.editions.index(present)] = replace(present, state=state)

    def make(self, decide: Callable[..., Due | None]) -> Due | None:
        recent = self.editions[-10:]
        due = decide(self.schedule, self.now, installation=self.installation, editions=recent, acts=self.acts)
        if due is None:
            return None
        assert due.window.start < due.window.end <= self.now
        if self.draft is not None:
            self.turns(self.draft, EditionState.LAPSED)
        number = next_number(recent, PLAN)
        self.editions.append(edition(due.due_on, due.window.start, due.window.end, due.state, number))
        self.editions[-1] = replace(self.editions[-1], id=due.edition_id)
        return due

    def decide(self, act: Act) -> None:
        """As the editors' presses do: the open draft's week, else the coming one."""
        week = self.draft.id if self.draft else slot_after(self.schedule, self.now).id
        if week in decided(self.acts) or any(each.id > week for each in self.editions):
            return
        known = next((each for each in self.editions if each.id == week), None)
        if known is not None and known.state is not EditionState.DRAFT:
            return
        self.acts.append(EditionAct(week, act, "bob", "Bob", self.now))
        if known is not None:
            self.turns(known, LEFT_OUT[act])

    def resume(self) -> None:
        """The latest decision is undone while no later edition exists."""
        for week in sorted(decided(self.acts), reverse=True)[:1]:
            if any(each.id > week for each in self.editions):
                return
            self.acts.append(EditionAct(week, Act.RESUMED, "carol", "Carol", self.now))
            for known in self.editions:
                if known.id == week:
                    self.turns(known, EditionState.DRAFT)

    def step(self, what: str) -> None:
        if what == "tick":
            while (made := self.make(due_edition)) is not None and made.state is not EditionState.DRAFT:
                pass
        elif what == "early":
            self.make(early_edition)
        elif what in ("skip", "merge"):
            self.decide(Act.SKIPPED if what == "skip" else Act.MERGED)
        elif what == "resume":
            self.resume()
        elif self.draft is not None:
            self.turns(self.draft, EditionState.PUBLISHED if what == "publish" else EditionState.WITHDRAWN)


@given(MOMENTS, STEPS, st.sampled_from(HolidayRule))
def test_whatever_happens_windows_meet_without_gap_or_overlap_and_numbers_follow_each_other(
    now: datetime, steps: list[tuple[int, str]], rule: HolidayRule
) -> None:
    holidays = replace(FRIDAY_NINE, on_holiday=rule, holiday=lambda day: "the 1st" if day.day in (1, 2, 3) else "")
    weeks = Weeks(holidays, now)
    for hours, what in steps:
        weeks.now += timedelta(hours=hours)
        weeks.step(what)
    assert [each.id for each in weeks.editions] == sorted({each.id for each in weeks.editions})
    numbered = [
        each.number
        for each in weeks.editions
        if each.state in (EditionState.APPROVED, EditionState.PUBLISHED, EditionState.WITHDRAWN)
    ]
    assert numbered == list(range(30, 30 + len(numbered)))
    covered = [
        each
        for each in weeks.editions
        if each.state not in (EditionState.LAPSED, EditionState.MERGED, EditionState.DRAFT)
    ]
    edges = [weeks.installation.window_start, *(each.window.end for each in covered)]
    assert [each.window.start for each in covered] == edges[:-1]
    if weeks.draft is not None:
        assert weeks.draft.window.start == edges[-1]


def test_a_week_that_was_skipped_beforehand_is_passed_over_and_the_next_draft_says_so() -> None:
    skipped = EditionAct("2025-01-24", Act.SKIPPED, "bob", "Bob", utc(2025, 1, 20))
    published = edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.PUBLISHED)
    how = {"installation": INSTALLED, "acts": [skipped]}
    assert early_edition(FRIDAY_NINE, utc(2025, 1, 22), editions=[published], **how) is None  # type: ignore[arg-type]
    # Nobody looked for two weeks.
    now = utc(2025, 1, 31, 9)
    row = due_edition(FRIDAY_NINE, now, editions=[published], **how)  # type: ignore[arg-type]
    assert row == Due("2025-01-24", date(2025, 1, 24), Window(JANUARY_17, JANUARY_24), 1, (), EditionState.SKIPPED)
    due = due_edition(FRIDAY_NINE, now, editions=[made(row, row.state), published], **how)  # type: ignore[arg-type]
    assert due is not None
    assert (due.state, due.window) == (EditionState.DRAFT, Window(JANUARY_24, now))
    assert due.notes == (
        "What arrived from Friday 17 January 2025, 09:00 to Friday 24 January 2025, 09:00 is in no edition: "
        "the edition of 24 January was skipped by Bob.",
    )


def test_a_week_that_was_merged_beforehand_is_covered_by_the_next() -> None:
    merged = EditionAct("2025-01-24", Act.MERGED, "bob", "Bob", utc(2025, 1, 20))
    published = edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.PUBLISHED)
    editions = [published]
    now = utc(2025, 1, 31, 9)
    row = due_edition(FRIDAY_NINE, now, installation=INSTALLED, editions=editions, acts=[merged])
    assert row is not None
    assert row.state is EditionState.MERGED
    editions.append(made(row, row.state))
    due = due_edition(FRIDAY_NINE, now, installation=INSTALLED, editions=editions, acts=[merged])
    assert due is not None
    assert due.window == Window(JANUARY_17, now)
    assert due.notes == ("This edition covers two weeks: the edition of 24 January was merged into it.",)


def test_skipping_a_week_does_not_skip_an_earlier_one_that_never_went_out() -> None:
    skipped = EditionAct("2025-01-24", Act.SKIPPED, "bob", "Bob", utc(2025, 1, 20))
    pulled_back = edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.DRAFT)
    due = due_edition(FRIDAY_NINE, JANUARY_24, installation=INSTALLED, editions=[pulled_back], acts=[skipped])
    assert due is not None
    assert (due.state, due.window) == (EditionState.MERGED, Window(JANUARY_10, JANUARY_24))


def test_the_next_draft_is_neither_one_that_exists_nor_one_that_is_left_out() -> None:
    now = utc(2025, 1, 22)
    early = edition(date(2025, 1, 24), JANUARY_17, now, EditionState.PUBLISHED)
    merged = EditionAct("2025-01-31", Act.MERGED, "bob", "Bob", now)
    assert next_draft(FRIDAY_NINE, now, []).id == "2025-01-24"
    assert next_draft(FRIDAY_NINE, now, [early]).id == "2025-01-31"
    assert next_draft(FRIDAY_NINE, now, [early], [merged]).id == "2025-02-07"


def test_a_decision_that_was_undone_counts_no_more() -> None:
    acts = [EditionAct("2025-01-24", act, "bob", "Bob", NOW) for act in (Act.SKIPPED, Act.RESUMED)]
    published = edition(date(2025, 1, 17), JANUARY_10, JANUARY_17, EditionState.PUBLISHED)
    due = due_edition(FRIDAY_NINE, JANUARY_24, installation=INSTALLED, editions=[published], acts=acts)
    assert due is not None
    assert due.state is EditionState.DRAFT
