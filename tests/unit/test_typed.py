"""Numbers that people or buttons bring: a number, or none, whatever comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Button
from bot.typed import whole_number
from tests.fakes.network import BOB, Network, said


@given(st.integers(0, 10**15 - 1))
def test_a_number_is_what_its_digits_say(number: int) -> None:
    assert whole_number(str(number)) == number


@pytest.mark.parametrize("words", ["", " 1", "-1", "1.0", "²", "٣", "1_0", "9" * 16, "9" * 5000])
def test_what_is_more_than_plain_digits_is_none(words: str) -> None:
    assert whole_number(words) is None


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
