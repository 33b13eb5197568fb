"""How long what is kept, and when coordinators are reminded of a complaint."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.privacy.retention import RULES, Swept, due, reminder_due
from tests.builders import NOW

DAY = timedelta(days=1)


def test_every_sort_has_its_rule_and_its_moment() -> None:
    assert RULES.keys() == set(Swept)
    moments = due(NOW)
    assert moments.keys() == set(Swept)
    assert all(NOW - moments[swept] == RULES[swept].keep for swept in Swept)


def test_the_times_are_said_in_words() -> None:
    assert RULES[Swept.REQUESTS].words == "90 days after it was closed"
    assert RULES[Swept.AUDIT].words == "2 years after it was noted"
    assert RULES[Swept.SUGGESTIONS].words == "1 year after it was settled"
    assert RULES[Swept.PRESENCES].words == "1 day after it was noted"


@pytest.mark.parametrize(
    ("age", "reminded_on", "day"),
    [
        (0 * DAY, 0, 0),
        (7 * DAY - timedelta(seconds=1), 0, 0),
        (7 * DAY, 0, 7),
        (8 * DAY, 7, 0),
        (21 * DAY, 7, 21),
        (27 * DAY, 21, 0),
        (28 * DAY, 21, 28),
        # After a rest of weeks, one reminder and not three.
        (29 * DAY, 0, 28),
        (400 * DAY, 28, 0),
        # A clock that was put back reminds nobody.
        (-3 * DAY, 0, 0),
    ],
)
def test_a_reminder_is_due_on_the_days_7_21_and_28(age: timedelta, reminded_on: int, day: int) -> None:
    assert reminder_due(NOW, reminded_on, NOW + age) == day
