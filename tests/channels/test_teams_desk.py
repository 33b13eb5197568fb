"""Everything that people can say, press and send, with the real desk, in the Teams that tests play."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.teams import texts
from bot.ports import Grant, Role
from bot.table import build_table
from tests.builders import NOW, an_item
from tests.channels.teams_network import TeamsNetwork, identity, teams_network
from tests.fakes.teams_people import Outcome
from tests.fakes.teams_record import ALICE, BOB, CAROL, DAN, TENANT, Json, Shown, actions_on

# After these there is little left to press.
ENDS = ("week.skip", "week.merge", "privacy.erase", "broker.close", "profile.leave")
WRONG = ("Something went wrong", "does not fit", "older version of Convenor", "could not read", "too old to be shown")


@pytest.fixture
async def world() -> AsyncIterator[TeamsNetwork]:
    async with teams_network() as world:
        yield world


async def everything(world: TeamsNetwork) -> None:
    """A network in which something of everything waits, and in which Bob may do all."""
    async with world.network.store.begin() as uow:
        member = await uow.members.resolve(identity(BOB), NOW)
        await uow.roles.grant(Grant(member, Role.COORDINATOR, "settings", NOW))
        await uow.commit()
    for person in (ALICE, CAROL, DAN):
        await world.network.joins(identity(person), email="somebody@example.org")
    for channel in world.at.service.team().channels[1:]:
        await world.says(BOB, f"here {channel.name}", channel)
    await world.network.has_a_draft(3)
    await world.says(ALICE, "digest suggest https://example.org/suggested because")
    await world.network.asks_for(identity(BOB), "someone who knows about procurement")


def is_right(words: str) -> bool:
    return bool(words) and not any(wrong in words for wrong in WRONG)


async def test_every_command_is_answered_to_those_who_may_and_to_those_who_may_not(world: TeamsNetwork) -> None:
    await everything(world)
    for command in build_table().commands:
        for person in (BOB, ALICE):
            answers = await world.says(person, " ".join(command.path))
            assert answers, command.path
            assert all(is_right(answer.words()) for answer in answers), [answer.words() for answer in answers]
            if command.roles and person is ALICE:
                assert answers[0].words().startswith("That is for ")


async def press(world: TeamsNetwork, shown: Shown, action: Json) -> Outcome:
    """Press what stands on a card, as it is."""
    if action["type"] == "Action.Execute":
        done = {"type": action["type"], "verb": action["verb"], "data": action.get("data") or {}}
        outcome = await world.at.people.execute(BOB, shown, done)
    else:
        outcome = await world.at.people._invoke(
            BOB, shown.place, "task/fetch", {"data": action["data"]}, reply_to=shown
        )
    await world.settle()
    return outcome


async def test_every_button_that_is_shown_is_answered(world: TeamsNetwork) -> None:
    await everything(world)
    waiting: list[Shown] = []
    for command in build_table().commands:
        waiting += await world.says(BOB, " ".join(command.path))
    for channel in world.at.service.team().channels:
        waiting += world.at.said_in(channel)
    seen: set[str] = set()
    last, done = False, list[Shown]()
    while waiting or not last:
        if not waiting:
            last, waiting = True, list(done)
        shown = waiting.pop(0)
        done.append(shown)
        for action, _ in actions_on(shown.card(BOB)):
            name = (action.get("data") or {}).get("action") or action.get("verb")
            name = f"form {action['data']['form']}" if name == "form" else name
            if not name or name in seen:
                continue
            seen.add(name)
            before = len(world.at.said_to(BOB))
            outcome = await press(world, shown, action)
            said = [
                outcome.note,
                outcome.dialog.words if outcome.dialog else "",
                shown.words(BOB) if outcome.card else "",
            ]
            new = world.at.said_to(BOB)[before:]
            said += [answer.words() for answer in new]
            assert outcome.is_good, (name, outcome)
            assert is_right(" ".join(said).strip()), (name, said)
            waiting += new
    assert len(seen) > 40, sorted(seen)


async def test_no_forged_press_or_form_is_an_error(world: TeamsNetwork) -> None:
    value = '["e","x",1,{}]'
    await everything(world)
    table, chat = build_table(), world.at.chat(BOB)
    shown = world.at.said_to(BOB)[0]
    for name in table.presses:
        before = len(world.at.said_to(BOB))
        outcome = await press(world, shown, {"type": "Action.Execute", "verb": name, "data": {"value": value}})
        said = [outcome.note, *(answer.words() for answer in world.at.said_to(BOB)[before:])]
        # That a button is too old to do anything is a good answer to what was never one of ours.
        assert is_right(" ".join(said).strip().replace("older version of Convenor", "")), (name, said)
    for name in table.forms:
        data = {"form": name, "value": value, "f:words": "x", "f:url": "https://example.org/a"}
        outcome = await world.at.people._invoke(BOB, chat, "task/submit", {"data": data})
        await world.settle()
        said = [outcome.note, outcome.dialog.words if outcome.dialog else ""]
        assert outcome.is_good, name
        assert "Something went wrong" not in " ".join(said), (name, said)
        assert "Something went wrong" not in world.at.said_to(BOB)[-1].words(), name


async def test_a_role_is_given_to_somebody_who_is_named_in_a_channel(world: TeamsNetwork) -> None:
    channel = world.at.service.team().channels[1]
    activity = world.at.people.activity(BOB, channel, "message") | {
        "text": f"<at>Convenor</at> roles add <at>{ALICE.name}</at> editor",
        "entities": [
            {"type": "mention", "mentioned": world.at.people._bot(), "text": "<at>Convenor</at>"},
            {"type": "mention", "mentioned": {"id": ALICE.id, "name": ALICE.name}, "text": f"<at>{ALICE.name}</at>"},
        ],
    }
    await world.at.people.send(activity)
    await world.settle()
    assert world.at.said_to(BOB)[-1].words() == (
        "In #editors you wrote: roles add @Alice_Example editor\nAlice Example is now an editor."
    )
    async with world.network.store.read() as uow:
        alice = await uow.members.find(identity(ALICE))
        assert alice is not None
        assert await uow.roles.of(alice.id) == {Role.EDITOR}


async def test_whoever_would_name_somebody_in_their_own_chat_is_told_where_that_can_be(world: TeamsNetwork) -> None:
    for words in ("roles add Alice editor", "help"):
        (answer,) = await world.says(BOB, words)
        assert answer.words().endswith(texts.NAMED_WHERE)
    channel = world.at.service.team().channels[1]
    (answer,) = await world.says(BOB, "roles add Alice editor", channel)
    assert texts.NAMED_WHERE not in answer.words()
    (answer,) = await world.says(ALICE, "help")
    assert texts.NAMED_WHERE not in answer.words(), "members have no command in which somebody is named"


async def test_what_was_read_is_found_by_words_and_by_the_message_extension(world: TeamsNetwork) -> None:
    await world.network.receives(an_item(1, title="Facial recognition in Wales"), an_item(2, title="Data and schools"))
    (answer,) = await world.says(ALICE, "digest search facial")
    assert "Facial recognition in Wales" in answer.words()
    outcome = await world.at.people.query(ALICE, "facial")
    shown = outcome.body["composeExtension"]["attachments"]
    assert [one["preview"]["content"]["title"] for one in shown] == ["Facial recognition in Wales"]
    wrong = await world.at.people.query(ALICE, "zzz:facial")
    assert wrong.body["composeExtension"]["text"] == (
        "I don’t know the filter “zzz:”. There are topic, kind, publisher, from and to."
    )


async def test_the_link_of_a_message_is_suggested_and_a_wrong_address_comes_back_with_what_was_typed(
    world: TeamsNetwork,
) -> None:
    channel = world.at.service.team().channels[1]
    await world.at.people.say(CAROL, "see https://example.org/found.", channel, mention=False)
    message = world.at.service.messages(channel)[-1]
    opened = await world.at.people.act_on(ALICE, message, "suggest")
    assert opened.dialog is not None
    wrong = await world.at.people.fill(opened.dialog, {"url": "nowhere", "why": "It is new."})
    assert wrong.dialog is not None
    assert "Please give the address of a page, such as https://www.example.org/a-page." in wrong.dialog.words
    done = await world.at.people.fill(wrong.dialog, {"url": "https://example.org/found"})
    assert done.dialog is not None
    assert done.dialog.words.startswith("Thank you: ")
    async with world.network.store.read() as uow:
        alice = await uow.members.find(identity(ALICE))
        assert alice is not None
        (suggestion,) = await uow.suggestions.of_member(alice.id, NOW)
    assert (suggestion.url, suggestion.why) == ("https://example.org/found", "It is new.")


async def test_a_topic_is_followed_in_a_dialog_and_stopped_by_a_press(world: TeamsNetwork) -> None:
    (shown,) = await world.says(ALICE, "topics")
    opened = await world.press(ALICE, shown, "Follow something")
    assert opened.dialog is not None
    wrong = await world.at.people.fill(opened.dialog, {})
    assert wrong.dialog is not None
    assert "Please choose a topic, or write words to look for." in wrong.dialog.words
    done = await world.at.people.fill(wrong.dialog, {"words": "facial recognition"})
    assert (done.status, done.dialog, done.note) == (200, None, "")
    await world.settle()
    assert "facial recognition" in world.at.said_to(ALICE)[-1].words()
    (follows,) = await world.says(ALICE, "topics")
    assert (await world.press(ALICE, follows, "Stop")).is_good
    assert "You follow nothing" in (await world.says(ALICE, "topics"))[0].words()


async def test_a_press_on_the_draft_in_the_editors_channel_changes_it_for_all_and_notes_it_to_one(
    world: TeamsNetwork,
) -> None:
    channels = world.at.service.team().channels
    await world.says(BOB, "here editors", channels[1])
    await world.says(BOB, "here digest", channels[2])
    await world.network.has_a_draft(2)
    part = world.at.said_in(channels[1])[-1]
    assert "Guidance on artificial intelligence, part 2" in part.words()
    outcome = await world.press(BOB, part, "Leave out")
    assert outcome.note == "Done."
    assert part.updates == 1
    assert "Left out: " in part.words()
    stranger = await world.press(ALICE, part, "Leave out")
    assert stranger.note.startswith("That is for an editor, and you are not one here, so nothing was done.")
    (preview,) = [one for one in await world.says(BOB, "digest preview") if "Preview" in one.words()]
    assert "It goes to #digest (Teams), exactly in this form." in preview.words()


async def test_somebody_is_erased_and_takes_it_back_in_their_own_chat(world: TeamsNetwork) -> None:
    (shown,) = await world.says(ALICE, "privacy")
    await world.press(ALICE, shown, "Erase …")
    await world.press(ALICE, world.at.said_to(ALICE)[-1], "Erase me", nth=1)
    assert "You will be erased on " in world.at.said_to(ALICE)[-1].words()
    await world.press(ALICE, world.at.said_to(ALICE)[-1], "Undo: keep my data")
    assert "You will not be erased" in world.at.said_to(ALICE)[-1].words()


async def test_an_introduction_is_asked_for_in_the_chat_and_the_form_becomes_the_answer(world: TeamsNetwork) -> None:
    await world.network.joins(identity(ALICE), email="alice@example.org")
    channel = world.at.service.team().channels[3]
    await world.says(BOB, "here coordinators", channel)
    (form,) = await world.says(ALICE, "intro someone who knows about procurement", world.at.editors)
    assert world.at.said_in(world.at.editors)[-1].words() == "I have answered you in our chat."
    outcome = await world.press(ALICE, form, "Send to coordinators", {"blurb": "I run a small charity."})
    assert outcome.is_good
    assert form.updates == 1
    assert "Your request is recorded. The coordinators have been told." in form.words()
    assert any("procurement" in one.words() for one in world.at.said_in(channel))
    assert TENANT not in form.words()
