"""When a nightly backup is due, and which older ones go: the clocks change, nights are missed, somebody rests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.keeping.model import Manifest
from bot.keeping.rotation import NIGHTLY, due_since, is_due, to_drop

NIGHT = datetime(2025, 1, 24, 3, 5, tzinfo=UTC)


def backup(made_at: datetime, why: str = NIGHTLY) -> Manifest:
    return Manifest(f"{why} {made_at:%m-%d %H:%M}", "sqlite", made_at, "0001", "convenor", "", 0, {}, why)


def nights(number: int) -> list[Manifest]:
    return [backup(NIGHT - timedelta(days=day)) for day in range(number)]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2025, 1, 24, 2, 59, tzinfo=UTC), datetime(2025, 1, 23, 3, tzinfo=UTC)),
        (datetime(2025, 1, 24, 3, 0, tzinfo=UTC), datetime(2025, 1, 24, 3, tzinfo=UTC)),
        # In summer London is an hour ahead; in the two nights of the change three o'clock comes once.
        (datetime(2025, 3, 30, 2, 30, tzinfo=UTC), datetime(2025, 3, 30, 2, tzinfo=UTC)),
        (datetime(2025, 10, 26, 2, 30, tzinfo=UTC), datetime(2025, 10, 25, 2, tzinfo=UTC)),
        (datetime(2025, 10, 26, 3, 0, tzinfo=UTC), datetime(2025, 10, 26, 3, tzinfo=UTC)),
    ],
)
def test_the_nightly_backup_is_due_at_three_in_london(now: datetime, due: datetime) -> None:
    assert due_since(now) == due


def test_it_is_made_once_a_night_and_a_missed_one_is_made_up_for() -> None:
    assert is_due([], NIGHT)
    assert not is_due([NIGHT], NIGHT + timedelta(hours=23))
    assert is_due([NIGHT], NIGHT + timedelta(hours=24))
    assert is_due([NIGHT], NIGHT + timedelta(days=30))


def test_a_backup_that_was_made_while_the_clock_was_wrong_takes_no_nights_place() -> None:
    next_year = NIGHT + timedelta(days=400)
    assert is_due([next_year], NIGHT)
    assert is_due([next_year, NIGHT], NIGHT + timedelta(days=1))
    assert not is_due([next_year, NIGHT], NIGHT + timedelta(hours=1))
    assert not is_due([NIGHT + timedelta(minutes=20)], NIGHT)


def test_of_forty_nights_those_of_seven_days_and_four_weeks_stay() -> None:
    every = nights(40)
    gone = {each.file for each in to_drop(every, days=7, weeks=4)}
    kept = [each.made_at.day for each in every if each.file not in gone]
    # The seven days to Friday 24 January, and the Sundays on which the two weeks before them ended.
    assert kept == [24, 23, 22, 21, 20, 19, 18, 12, 5]


def test_a_long_rest_deletes_nothing() -> None:
    old = [backup(each.made_at - timedelta(days=400)) for each in nights(7)]
    assert {each.file for each in to_drop(old, days=7, weeks=4)} == set()
    assert len(to_drop([*old, backup(NIGHT)], days=7, weeks=4)) == 1


def test_of_several_in_a_day_the_newest_stays_and_what_was_made_by_hand_is_nobody_elses_to_delete() -> None:
    twice = [backup(NIGHT), backup(NIGHT - timedelta(minutes=5)), backup(NIGHT, "by hand")]
    assert [each.file for each in to_drop(twice, days=7, weeks=4)] == ["nightly 01-24 03:00"]
