"""The weekly rule: holidays that move an edition, recesses that thin editions out, and both clock changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.calendar import LONDON, coming, due_edition, recess_on, say_when, slot_after, slot_before, slot_on
from digests.model import Installation
from digests.plan import HolidayRule, Posting, Recess, RecessRule, Schedule

# As the bank holidays of England and Wales were.
HOLIDAYS = {
    date(2025, 1, 1): "New Year's Day",
    date(2025, 4, 18): "Good Friday",
    date(2025, 4, 21): "Easter Monday",
    date(2025, 5, 5): "May Day",
    date(2025, 12, 25): "Christmas Day",
    date(2025, 12, 26): "Boxing Day",
    date(2026, 1, 1): "New Year's Day",
}


def name_holiday(day: date) -> str:
    return HOLIDAYS.get(day, "")


FRIDAY = Schedule(4, time(9), LONDON, holiday=name_holiday)
# Drafted on Thursday afternoon, posted on Friday morning.
THURSDAY = replace(FRIDAY, weekday=3, at=time(16), posting=Posting(4, time(9)))
GOOD_FRIDAY = date(2025, 4, 18)
FEBRUARY = Recess(date(2025, 2, 13), date(2025, 2, 23), "The House of Commons")


def days(schedule: Schedule, day: date) -> list[str]:
    slot = slot_on(schedule, day)
    return [say_when(moment) for moment in (slot.draft_at, slot.post_at) if moment]


def test_a_plain_week_is_drafted_on_its_day_and_posted_when_it_is_approved() -> None:
    slot = slot_on(FRIDAY, date(2025, 1, 24))
    assert (slot.id, slot.due_on, slot.moved, slot.merged) == ("2025-01-24", date(2025, 1, 24), "", "")
    assert (say_when(slot.draft_at), slot.post_at) == ("Friday 24 January 2025, 09:00", None)


def test_a_planned_posting_is_the_first_such_moment_after_the_draft() -> None:
    assert days(THURSDAY, date(2025, 1, 23)) == ["Thursday 23 January 2025, 16:00", "Friday 24 January 2025, 09:00"]
    assert slot_on(THURSDAY, date(2025, 1, 23)).due_on == date(2025, 1, 24)
    same_day = replace(FRIDAY, posting=Posting(4, time(12)))
    assert days(same_day, date(2025, 1, 24))[1] == "Friday 24 January 2025, 12:00"
    before = replace(FRIDAY, posting=Posting(4, time(9)))
    assert days(before, date(2025, 1, 24))[1] == "Friday 31 January 2025, 09:00"


@pytest.mark.parametrize(
    ("rule", "drafted", "told"),
    [
        (HolidayRule.EARLIER, "Thursday 17 April 2025, 09:00", "is drafted on Thursday 17 April 2025."),
        (HolidayRule.LATER, "Tuesday 22 April 2025, 09:00", "is drafted on Tuesday 22 April 2025."),
    ],
)
def test_an_edition_moves_from_a_holiday_to_the_next_working_day_in_one_direction(
    rule: HolidayRule, drafted: str, told: str
) -> None:
    slot = slot_on(replace(FRIDAY, on_holiday=rule), GOOD_FRIDAY)
    assert say_when(slot.draft_at) == drafted
    assert slot.id == "2025-04-18"
    assert slot.moved == f"Friday 18 April 2025 is Good Friday, so this edition {told}"


def test_an_edition_may_stay_on_a_holiday_or_be_merged_into_the_next() -> None:
    stays = slot_on(replace(FRIDAY, on_holiday=HolidayRule.KEEP), GOOD_FRIDAY)
    assert (stays.due_on, stays.moved, stays.merged) == (GOOD_FRIDAY, "", "")
    merged = slot_on(replace(FRIDAY, on_holiday=HolidayRule.MERGE), GOOD_FRIDAY)
    assert (merged.due_on, merged.merged) == (GOOD_FRIDAY, "Good Friday")


def test_what_is_posted_earlier_is_drafted_as_much_earlier() -> None:
    # Good Friday is the day of posting, so that both come a day earlier.
    assert days(THURSDAY, date(2025, 4, 17)) == ["Wednesday 16 April 2025, 16:00", "Thursday 17 April 2025, 09:00"]
    assert slot_on(THURSDAY, date(2025, 4, 17)).moved == (
        "Friday 18 April 2025 is Good Friday, so this edition is drafted on Wednesday 16 April 2025 "
        "and posted on Thursday 17 April 2025."
    )
    # Both days are holidays.
    assert days(THURSDAY, date(2025, 12, 25)) == [
        "Tuesday 23 December 2025, 16:00",
        "Wednesday 24 December 2025, 09:00",
    ]


def test_what_is_drafted_later_is_posted_as_much_later() -> None:
    later = replace(THURSDAY, on_holiday=HolidayRule.LATER)
    assert days(later, date(2025, 4, 17)) == ["Thursday 17 April 2025, 16:00", "Tuesday 22 April 2025, 09:00"]
    assert slot_on(later, date(2025, 4, 17)).moved.endswith("so this edition is posted on Tuesday 22 April 2025.")
    assert days(later, date(2025, 12, 25)) == ["Monday 29 December 2025, 16:00", "Tuesday 30 December 2025, 09:00"]


def test_an_edition_without_a_working_day_nearby_stays_where_it_is() -> None:
    slot = slot_on(replace(FRIDAY, holiday=lambda day: "a long holiday"), GOOD_FRIDAY)
    assert (slot.due_on, slot.moved) == (GOOD_FRIDAY, "")


def test_an_edition_that_moved_earlier_is_due_from_its_new_moment() -> None:
    moved = datetime(2025, 4, 17, 8, tzinfo=UTC)
    assert slot_before(FRIDAY, moved).id == "2025-04-18"
    assert slot_before(FRIDAY, moved - timedelta(seconds=1)).id == "2025-04-11"
    assert slot_after(FRIDAY, moved).id == "2025-04-25"


def test_an_edition_that_moved_later_is_not_due_before() -> None:
    later = replace(FRIDAY, on_holiday=HolidayRule.LATER)
    assert slot_before(later, datetime(2025, 4, 21, 12, tzinfo=UTC)).id == "2025-04-11"
    assert slot_before(later, datetime(2025, 4, 22, 8, tzinfo=UTC)).id == "2025-04-18"


def test_a_recess_is_noted_and_leaves_the_week_as_it_is() -> None:
    schedule = replace(FRIDAY, recesses=(FEBRUARY,))
    assert recess_on(schedule, date(2025, 2, 23)) == FEBRUARY
    assert recess_on(schedule, date(2025, 2, 24)) is None
    assert slot_on(schedule, date(2025, 2, 14)).merged == ""
    installed = Installation(datetime(2025, 2, 10, tzinfo=UTC), datetime(2025, 2, 7, 9, tzinfo=UTC))
    due = due_edition(schedule, datetime(2025, 2, 14, 9, tzinfo=UTC), installation=installed, editions=())
    assert due is not None
    assert due.notes == ("The House of Commons is in recess until Sunday 23 February 2025.",)


@pytest.mark.parametrize(
    ("rule", "merged"),
    [
        (RecessRule.WEEKLY, []),
        (RecessRule.FORTNIGHTLY, ["2025-08-01", "2025-08-15", "2025-08-29"]),
        (RecessRule.MERGE, ["2025-08-01", "2025-08-08", "2025-08-15", "2025-08-22", "2025-08-29"]),
    ],
)
def test_a_recess_may_lower_the_cadence(rule: RecessRule, merged: list[str]) -> None:
    summer = Recess(date(2025, 7, 26), date(2025, 8, 31), "The House of Commons")
    schedule = replace(FRIDAY, recesses=(summer,), in_recess=rule)
    slots = coming(schedule, datetime(2025, 7, 23, tzinfo=UTC), 8)
    assert [slot.id for slot in slots if slot.merged] == merged
    assert {slot.merged for slot in slots} <= {"", "The House of Commons in recess"}


def test_the_first_edition_after_a_recess_says_that_it_covers_it() -> None:
    schedule = replace(FRIDAY, recesses=(FEBRUARY,), in_recess=RecessRule.MERGE)
    installed = Installation(datetime(2025, 2, 10, tzinfo=UTC), datetime(2025, 2, 7, 9, tzinfo=UTC))
    for day in (14, 21):
        now = datetime(2025, 2, day, 10, tzinfo=UTC)
        assert due_edition(schedule, now, installation=installed, editions=()) is None
    due = due_edition(schedule, datetime(2025, 2, 28, 10, tzinfo=UTC), installation=installed, editions=())
    assert due is not None
    assert due.notes == (
        "This edition covers three weeks: the editions of 14 February and 21 February were not due "
        "(The House of Commons in recess).",
    )


def test_a_recess_without_end_does_not_end_the_digest() -> None:
    for_ever = Recess(date(2020, 1, 1), date(2035, 1, 1), "Everybody")
    schedule = replace(FRIDAY, recesses=(for_ever,), in_recess=RecessRule.MERGE)
    now = datetime(2025, 4, 23, tzinfo=UTC)
    assert slot_before(schedule, now).id == "2025-04-18"
    assert slot_after(schedule, now).id == "2025-04-25"


MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda m: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
SCHEDULES = st.builds(
    Schedule,
    st.integers(0, 6),
    st.times(),
    st.just(LONDON),
    st.none() | st.builds(Posting, st.integers(0, 6), st.times()),
    st.just(name_holiday),
    st.sampled_from(HolidayRule),
    st.just((FEBRUARY, Recess(date(2025, 7, 20), date(2025, 9, 1), "The House of Commons"))),
    st.sampled_from(RecessRule),
)


@given(SCHEDULES, MOMENTS)
def test_every_moment_lies_between_two_slots_whatever_the_rules(schedule: Schedule, moment: datetime) -> None:
    before, after = slot_before(schedule, moment), slot_after(schedule, moment)
    assert before.draft_at <= moment < after.draft_at
    assert slot_before(schedule, after.draft_at) == after
    assert slot_after(schedule, before.draft_at) == after
    assert before.id < after.id


@given(SCHEDULES, MOMENTS)
def test_slots_follow_each_other_and_are_posted_after_they_are_drafted(schedule: Schedule, moment: datetime) -> None:
    slots = coming(schedule, moment, 12)
    assert [slot.draft_at for slot in slots] == sorted({slot.draft_at for slot in slots})
    assert [slot.day - slots[0].day for slot in slots] == [timedelta(days=7 * n) for n in range(12)]
    for slot in slots:
        assert slot.post_at is None or slot.post_at > slot.draft_at
        assert abs(slot.draft_at.astimezone(LONDON).date() - slot.day) < timedelta(days=7)
        if schedule.on_holiday in (HolidayRule.EARLIER, HolidayRule.LATER):
            assert not name_holiday(slot.due_on)


@pytest.mark.parametrize("change", [date(2025, 3, 30), date(2025, 10, 26)])
def test_a_draft_and_its_posting_keep_their_hours_across_a_clock_change(change: date) -> None:
    saturday = Schedule(5, time(16), LONDON, Posting(0, time(9)))
    slot = slot_on(saturday, change - timedelta(days=1))
    assert slot.post_at is not None
    assert [moment.astimezone(LONDON).hour for moment in (slot.draft_at, slot.post_at)] == [16, 9]
    hours = (slot.post_at - slot.draft_at) / timedelta(hours=1)
    assert hours == (40 if change.month == 3 else 42)
