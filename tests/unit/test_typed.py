"""Numbers and days that people or buttons bring: one of them, or none, whatever comes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Button
from bot.typed import day_of, settled, whole_number
from digests.calendar import say_day
from tests.fakes.network import BOB, Network, said


@given(st.integers(0, 10**15 - 1))
def test_a_number_is_what_its_digits_say(number: int) -> None:
    assert whole_number(str(number)) == number


@pytest.mark.parametrize("words", ["", " 1", "-1", "1.0", "²", "٣", "1_0", "9" * 16, "9" * 5000])
def test_what_is_more_than_plain_digits_is_none(words: str) -> None:
    assert whole_number(words) is None


TODAY = date(2025, 1, 23)
VALENTINE = date(2025, 2, 14)


@pytest.mark.parametrize(
    "words",
    [
        *("2025-02-14", "2025/02/14", "2025.2.14", "20250214", "14/2/2025", "14/02/2025", "14.02.2025", "14-2-2025"),
        *("14 02 2025", "14/2/25", "14.2.25", "14 February 2025", "14 Feb 2025", "14 feb. 2025", "14th February 2025"),
        *(
            "14th of February 2025",
            "the 14th of February, 2025",
            "14-Feb-2025",
            "14/Feb/2025",
            "14feb2025",
            "14 Feb 25",
        ),
        *("February 14 2025", "February 14th, 2025", "Feb the 14th 2025", "FEB. 14 2025", " 14  February  2025. "),
        *(
            "Friday 14 February 2025",
            "Fri 14 Feb 2025",
            "Fri, 14 Feb 2025",
            "Fri. 14/2/2025",
            "Friday the 14th of Feb 2025",
        ),
    ],
)
def test_a_day_is_read_however_people_write_it_and_whenever_it_is_read(words: str) -> None:
    for today in (None, TODAY, VALENTINE, date(2031, 1, 1)):
        assert day_of(words, today) == VALENTINE
        assert day_of(words, today, past=True) == VALENTINE


@pytest.mark.parametrize(
    "words", ["14 February", "14 Feb", "14th of February", "February 14", "Feb. 14th", "14/2", "14.02."]
)
def test_a_day_without_a_year_is_the_next_or_the_latest_and_none_by_itself(words: str) -> None:
    assert day_of(words, TODAY) == day_of(words, VALENTINE) == VALENTINE
    assert day_of(words, VALENTINE + timedelta(1)) == date(2026, 2, 14)
    assert day_of(words, TODAY, past=True) == date(2024, 2, 14)
    assert day_of(words, VALENTINE, past=True) == VALENTINE
    assert day_of(words) is None


def test_the_29th_of_february_waits_for_a_year_that_has_it() -> None:
    assert day_of("29 Feb", TODAY) == date(2028, 2, 29)
    assert day_of("29 Feb", TODAY, past=True) == date(2024, 2, 29)
    assert day_of("29 February 2025", TODAY) is None


@pytest.mark.parametrize(
    "words",
    [
        *(
            "",
            "soon",
            "tomorrow",
            "Friday",
            "2025",
            "14",
            "February 2025",
            "31 February 2025",
            "0 March 2025",
            "1/20/2025",
        ),
        *(
            "14/13/2025",
            "14 Febtober 2025",
            "14 Xyz 2025",
            "14 Fe 2025",
            "14-2/2025",
            "14 February 2025x",
            "14 Feb 20255",
        ),
        *("Thursday 14 February 2025", "Thu 14 Feb", "14 February 0000", "١٤ February 2025", "14 ² 2025", "1" * 5000),
    ],
)
def test_what_is_no_day_or_contradicts_itself_is_none(words: str) -> None:
    assert day_of(words, TODAY) is None
    assert settled(words, TODAY) == words


def test_a_weekday_without_a_year_says_which_year_is_meant_only_by_agreeing() -> None:
    assert day_of("Friday 14 February", TODAY) == VALENTINE
    assert day_of("Saturday 14 February", TODAY) is None


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_day_that_is_written_out_stays_the_same_day(day: date, today: date) -> None:
    assert day_of(say_day(day)) == day
    assert settled(day.isoformat(), today) == say_day(day)
    assert settled(settled(f"{day.day} {day:%B}", today), day) == settled(f"{day.day} {day:%B}", today)


@given(st.text())
def test_any_text_at_all_is_a_day_or_none(words: str) -> None:
    assert day_of(words, TODAY) is None or isinstance(day_of(words, TODAY), date)


@given(st.text())
def test_any_text_at_all_has_an_answer(words: str) -> None:
    number = whole_number(words)
    assert number is None or number >= 0


@pytest.mark.parametrize(
    ("action", "value", "answer"),
    [
        ("search.more", "² data", "3 found: data"),
        ("week.skip", "yesterday", "There is no such week. Nothing was changed."),
        ("week.resume", "", "There is no such week. Nothing was changed."),
    ],
)
async def test_a_button_that_somebody_made_up_is_answered_politely(action: str, value: str, answer: str) -> None:
    network = await Network.make()
    await network.has_a_draft()
    reply = await network.press(BOB, Button("Made up", action, value))
    assert answer in said(reply)
