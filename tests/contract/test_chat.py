"""The contract of chat folders: whatever is said and asked is shown whole, safely, within limits, and comes back.

Everything is run on every platform of ``chat/platforms.py``.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings

from bot.messages import File, Form, Message, say
from bot.suggestion_texts import FROM_MESSAGE
from bot.table import build_table
from tests.contract.chat import extremes, wild
from tests.contract.chat.contract import form_problems, legible, message_problems
from tests.contract.chat.platform import Platform
from tests.contract.chat.platforms import PLATFORMS
from tests.contract.chat.tour import Tour, tour
from tests.fakes.network import BOB, Network, channel

TABLE = build_table()
NEVER_A_BUTTON = {FROM_MESSAGE}
"""What a platform offers in a way of its own, such as a shortcut on a message."""


@pytest.fixture(params=PLATFORMS, ids=lambda platform: platform.name)
def platform(request: pytest.FixtureRequest) -> Platform:
    found: Platform = request.param
    return found


@pytest.fixture(scope="module")
def said_and_asked() -> Tour:
    """What is really said and asked, with the longest and strangest that there can be."""
    whole = asyncio.run(tour())
    whole.messages |= {repr(message): message for message in extremes.MESSAGES}
    whole.forms |= dict.fromkeys(extremes.FORMS)
    return whole


def test_every_button_and_every_form_of_the_table_is_among_what_is_tried(said_and_asked: Tour) -> None:
    assert set(TABLE.presses) - said_and_asked.actions <= NEVER_A_BUTTON
    assert set(TABLE.forms) == {form.name for form in said_and_asked.forms}


def test_no_button_and_no_form_has_a_name_that_a_platform_needs_itself() -> None:
    assert not {"form", "form-cancel", "menu"} & {*TABLE.presses, *TABLE.forms}


def test_nobody_who_presses_a_button_is_left_without_an_answer(said_and_asked: Tour) -> None:
    assert said_and_asked.silent == []


def test_whatever_is_said_is_shown_whole_and_each_of_its_buttons_comes_back(
    platform: Platform, said_and_asked: Tour
) -> None:
    assert [
        found for message in said_and_asked.messages.values() for found in message_problems(platform, message)
    ] == []


def test_whatever_is_asked_is_shown_whole_and_what_stands_in_it_comes_back(
    platform: Platform, said_and_asked: Tour
) -> None:
    assert [found for form in said_and_asked.forms for found in form_problems(platform, form)] == []


def test_a_form_that_is_not_taken_comes_back_with_what_was_typed_and_why(
    platform: Platform, said_and_asked: Tour
) -> None:
    # The same trouble in the same form need not be looked at again.
    of_a_kind = {(form.name, *reply.errors): (form, typed, reply) for form, typed, reply in said_and_asked.errors}
    assert len({form for form, *_ in of_a_kind}) > 10
    found = [
        problem
        for form, typed, reply in of_a_kind.values()
        for problem in form_problems(platform, form, typed, reply.errors)
    ]
    assert found == []


def test_a_form_that_is_filled_to_the_brim_comes_back_whole(platform: Platform, said_and_asked: Tour) -> None:
    found = []
    for form in {form.name: form for form in said_and_asked.forms}.values():
        brim = {field.name: "a" * field.max_length for field in form.fields if not field.options}
        found += form_problems(platform, form, brim, dict.fromkeys(brim, "That is too much."))
    assert found == []


@pytest.mark.parametrize("words", wild.HOSTILE, ids=range(len(wild.HOSTILE)))
def test_hostile_words_stay_words(platform: Platform, words: str) -> None:
    assert message_problems(platform, wild.every_block(words)) == []
    form = wild.every_field(words)
    kept = form.fields[0].value
    assert form_problems(platform, form) == []
    assert (
        form_problems(platform, form, {"paragraph": kept}, {"paragraph": f"Wrong: {words}", "": f"Also {words}"}) == []
    )


@settings(max_examples=60, deadline=None)
@given(message=wild.messages())
def test_no_message_at_all_breaks_a_platform(message: Message) -> None:
    assert [found for platform in PLATFORMS for found in message_problems(platform, message)] == []


@settings(max_examples=40, deadline=None)
@given(wild.forms())
def test_whatever_is_typed_into_any_form_comes_back(asked: tuple[Form, dict[str, str]]) -> None:
    form, typed = asked
    errors = dict.fromkeys(typed, "Please say more.")
    assert [found for platform in PLATFORMS for found in form_problems(platform, form, typed, errors)] == []


@pytest.mark.parametrize("line", ["a line of the digest\n", '  "quoted" \\ & <b>\n', "é{{x}}" * 6_000, "\t|\n"])
def test_a_file_is_shown_whole_and_as_it_is(platform: Platform, line: str) -> None:
    whole = line * max(1, 40_000 // len(line))
    message = Message("Here it is.", (*say("Here it is.").blocks, File("edition-34.md", whole)))
    assert message_problems(platform, message) == []
    pieces = platform.pieces(message)
    assert "".join(block.text for piece in pieces for block in piece.blocks if isinstance(block, File)) == whole
    shown = [platform.see(piece) for piece in pieces]
    assert [sentence for seen in shown for sentence in seen.broken] == []
    for piece, seen in zip(pieces, shown, strict=True):
        assert all(block.text in seen.words for block in piece.blocks if isinstance(block, File))


async def test_a_press_that_comes_too_late_is_answered_politely(platform: Platform) -> None:
    network = await Network.make()
    await network.has_a_draft(2)
    headline, section = network.courier.in_channel("editors")
    drop = next(ask for ask in platform.see(section).asks if ask.name == "entry.drop")
    approve = next(ask for ask in platform.see(headline).asks if ask.name == "draft.approve")
    told = []
    # Bob presses, presses again, and presses what was shown before.
    for ask in (drop, drop, approve):
        reply = await network.desk.answer(replace(ask, identity=BOB, address=channel("editors")))
        await network.sends()
        assert [found for message in reply.messages for found in message_problems(platform, message)] == []
        told.append(" ".join(legible(platform.see(message).words) for message in reply.messages))
    done, again, late = told
    assert done.startswith("Done: left out “Guidance on artificial intelligence, part 2”.")
    assert again.startswith("“Guidance on artificial intelligence, part 2” is left out already. Nothing was changed.")
    assert late == (
        "The draft was changed after this button was shown to you, so your approval was not recorded. Please read the "
        "draft as it now stands and approve that."
    )
