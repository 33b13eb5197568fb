"""What is somebody's own stays in their own chat: a channel is given none of it, whatever is said or pressed there."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import pytest

from adapters.teams import texts
from bot.members.profile import Contact
from bot.table import build_table
from tests.channels.teams_network import TeamsNetwork, identity, teams_network
from tests.fakes.teams_record import ALICE, BOB, CAROL, DAN, Json, Person, Shown, actions_on

# What a profile and a request hold that nobody but their owner, and perhaps a coordinator, may read.
OWN_MAIL, AVOIDED, BLURB, NEED, WATCHED = (
    "own.mail@example.org", "Rival Trust", "I run a shelter in Oldtown.", "help with dismissals", "sanctuary",
)  # fmt: skip


@pytest.fixture
async def world() -> AsyncIterator[TeamsNetwork]:
    async with teams_network() as world:
        for person in (ALICE, BOB, CAROL):
            await world.network.joins(identity(person), email=OWN_MAIL, contacts=(Contact.EMAIL,), avoid=(AVOIDED,))
        for channel in world.at.service.team().channels[1:]:
            await world.says(BOB, f"here {channel.name}", channel)
        await world.network.has_a_draft(3)
        for person in (ALICE, BOB):
            await world.says(person, f"topics follow {WATCHED}")
            form = (await world.says(person, f"intro {NEED}"))[-1]
            await world.press(person, form, "Send to coordinators", {"blurb": BLURB, "email": OWN_MAIL})
        yield world


def in_channels(world: TeamsNetwork) -> list[Shown]:
    return [shown for channel in world.at.service.team().channels for shown in world.at.said_in(channel)]


def is_own(shown: Shown) -> list[str]:
    """What should not be in a channel; coordinators are shown a request there, which is what it is made for."""
    known = {NEED, BLURB} if shown.place.name == "coordinators" else set()
    found = json.dumps(shown.activity, ensure_ascii=False)
    return [words for words in {OWN_MAIL, AVOIDED, BLURB, NEED, WATCHED} - known if words in found]


async def test_whatever_is_said_in_a_channel_the_channel_hears_no_word_of_the_answer(
    world: TeamsNetwork, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "convenor")
    before = in_channels(world)
    general = world.at.service.team().channels[0]
    for command in build_table().commands:
        await world.says(BOB, " ".join(command.path), general)
    # What was posted for all has the key of its delivery; all else is but one sentence.
    answers = [shown for shown in in_channels(world) if shown not in before and not shown.key]
    assert len(answers) == len(build_table().commands)
    assert {shown.words() for shown in answers} == {texts.SEE_CHAT}
    told = "\n".join(json.dumps(shown.activity) for shown in world.at.said_to(BOB))
    assert [words for words in (OWN_MAIL, AVOIDED, NEED, WATCHED) if words not in told] == [], "in their own chat"
    assert [is_own(shown) for shown in in_channels(world) if is_own(shown)] == []
    assert [words for words in (OWN_MAIL, AVOIDED, BLURB, NEED, WATCHED) if words in caplog.text] == []


async def test_whatever_is_pressed_in_a_channel_shows_nobody_else_more_than_what_was_posted(
    world: TeamsNetwork,
) -> None:
    pressed = 0
    for shown in in_channels(world):
        for action, _ in actions_on(shown.card()):
            for person in (ALICE, DAN):
                pressed += await press(world, person, shown, action)
    assert pressed > 20
    assert [is_own(shown) for shown in in_channels(world) if is_own(shown)] == []
    unasked = [shown.words() for shown in in_channels(world) if not shown.key and not is_greeting(shown)]
    assert set(unasked) == {texts.SEE_CHAT}


async def test_a_form_that_is_sent_as_though_from_a_card_of_a_channel_changes_nothing_there(
    world: TeamsNetwork,
) -> None:
    card = next(shown for shown in in_channels(world) if shown.key)
    before = card.words()
    for verb, data in (
        ("form", {"form": "profile", "value": "", "f:name": "Alice", "f:can_help": BLURB}),
        ("form", {"form": "intro", "value": "", "f:need": NEED, "f:blurb": ""}),
        ("form-cancel", {"form": "intro", "value": ""}),
    ):
        outcome = await world.at.people.execute(ALICE, card, {"type": "Action.Execute", "verb": verb, "data": data})
        await world.settle()
        assert outcome.card, "she alone sees what came of it"
    assert (card.words(), card.updates) == (before, 0)
    assert [is_own(shown) for shown in in_channels(world) if is_own(shown)] == []


async def press(world: TeamsNetwork, person: Person, shown: Shown, action: Json) -> bool:
    """Whether there was something to press."""
    data = action.get("data") or {}
    verb = action.get("verb") or data.get("action")
    if not verb:
        return False
    done = {"type": "Action.Execute", "verb": verb, "data": {"value": data.get("value", "")}}
    outcome = await world.at.people.execute(person, shown, done)
    await world.settle()
    assert outcome.is_good
    assert outcome.note
    return True


def is_greeting(shown: Shown) -> bool:
    return shown.words().startswith("Hello, I am Convenor")
