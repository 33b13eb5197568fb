"""What people do in Teams, answered: in their own chat, by a note that they alone see, or by a dialog."""

from __future__ import annotations

import asyncio

import pytest

from adapters.teams import texts
from adapters.teams.answering import NAMED_AT_MOST
from adapters.teams.listeners import Listeners
from bot.messages import AskKind, Button, Buttons, Identity, Message, Reply, code, link, say
from digests.model import Address
from tests.channels.teams_installation import A_FORM, is_typing, teams
from tests.fakes.slack_desk import FakeDesk
from tests.fakes.teams_record import ALICE, BOB, TENANT

WITH_BUTTONS = Message("Choose", (Buttons((Button("Again", "again", "v"), Button("Form", "ask", "v2"))),))


async def test_words_in_the_personal_chat_are_answered_there() -> None:
    desk = FakeDesk({"digest": Reply((say("The latest "), say("edition")))})
    async with teams(desk, installed=(ALICE,)) as at:
        assert (await at.people.say(ALICE, "digest")).status == 200
        await at.hears(ALICE, 2)
        assert [one.words() for one in at.said_to(ALICE)] == ["The latest ", "edition"]
        ask = desk.asks[0]
        assert (ask.kind, ask.name) == (AskKind.COMMAND, "digest")
        assert ask.identity == Identity("teams", TENANT, ALICE.aad, ALICE.name)
        assert ask.address == Address("teams", TENANT, user=ALICE.aad)
        assert (await at.book.personal(TENANT, ALICE.aad)) is not None


async def test_words_in_a_channel_are_answered_in_the_personal_chat_and_the_channel_hears_only_that() -> None:
    desk = FakeDesk({"digest": Reply((say("Only for Alice"),))})
    async with teams(desk, installed=(ALICE,)) as at:
        place = at.editors
        await at.people.say(ALICE, "digest", place)
        told = await at.shows(place)
        assert told.words() == "I have answered you in our chat."
        question = next(one for one in at.service.messages(place) if one.by is ALICE)
        assert told.root == question.id, "in the thread in which it was asked"
        assert [one.words() for one in at.said_to(ALICE)] == ["In #editors you wrote: digest\nOnly for Alice"]
        assert desk.asks[0].address == Address("teams", TENANT, channel=place.id)


async def test_somebody_without_the_app_is_told_in_the_channel_how_to_add_it_and_no_word_of_the_answer() -> None:
    async with teams(FakeDesk({"digest": Reply((say("Secret"),))})) as at:
        place = at.editors
        await at.people.say(ALICE, "digest", place)
        told = await at.shows(place)
        assert told.words() == texts.UNREACHABLE
        assert ALICE.name not in told.words()


async def test_what_teams_does_not_take_now_is_told_too() -> None:
    desk = FakeDesk({"digest": Reply((say("x"),))})
    async with teams(desk, installed=(ALICE,)) as at:
        place = at.editors
        at.service.breaks("post", 500)
        await at.people.say(ALICE, "digest", place)
        assert (await at.shows(place)).words() == texts.NOT_REACHED


async def test_a_form_asked_for_in_words_stands_in_the_personal_chat() -> None:
    async with teams(FakeDesk({"intro": Reply(form=A_FORM)}), installed=(ALICE,)) as at:
        await at.people.say(ALICE, "intro", at.editors)
        shown = await at.hears(ALICE)
        assert "Your need" in shown.words()
        assert shown.titles() == ["Send", "Cancel"]
        assert (await at.shows(at.editors)).words() == "I have answered you in our chat."


async def test_a_press_in_the_personal_chat_is_answered_below_it() -> None:
    desk = FakeDesk({"digest": Reply((WITH_BUTTONS,)), "again": Reply((say("Pressed"),))})
    async with teams(desk, installed=(ALICE,)) as at:
        await at.people.say(ALICE, "digest")
        shown = await at.hears(ALICE)
        outcome = await at.people.press(ALICE, shown, "Again")
        assert outcome.is_good
        assert outcome.note == "My answer stands below."
        assert (await at.hears(ALICE, 2)).words() == "Pressed"
        ask = desk.asks[1]
        assert (ask.kind, ask.name, ask.value, ask.message_ref) == (AskKind.PRESS, "again", "v", shown.ref)


@pytest.mark.parametrize(
    ("reply", "note", "private"),
    [
        (Reply((say("Left out of the draft."),)), "Left out of the draft.", []),
        (Reply((say("Not for you. Say ", code("/digest"), "."),)), "Not for you. Say digest.", []),
        (Reply(), "Done.", []),
        (Reply((say("x" * 201),)), "I have answered you in our chat.", ["x" * 201]),
        (Reply((say(link("Here", "https://example.org")),)), "I have answered you in our chat.", ["Here"]),
        (Reply((say("One"), say("Two"))), "I have answered you in our chat.", ["One", "Two"]),
    ],
)
async def test_a_press_in_a_channel_is_answered_by_a_note_or_in_the_personal_chat(
    reply: Reply, note: str, private: list[str]
) -> None:
    async with teams(FakeDesk({"again": reply}), installed=(ALICE,)) as at:
        shown = await at.posted(WITH_BUTTONS)
        outcome = await at.people.press(ALICE, shown, "Again")
        assert (outcome.is_good, outcome.note) == (True, note)
        assert [one.words() for one in at.said_to(ALICE)] == private
        assert at.said_in(shown.place) == [shown], "nothing is said for all to see"


async def test_a_press_that_takes_longer_than_teams_waits_is_answered_later() -> None:
    desk = FakeDesk({"again": Reply((say("At last"),))}, seconds=0.15)
    async with teams(desk, installed=(ALICE,), patience=0.05) as at:
        shown = await at.posted(WITH_BUTTONS)
        outcome = await at.people.press(ALICE, shown, "Again")
        assert outcome.note == texts.ONE_MOMENT
        assert (await at.hears(ALICE)).words() == "At last"


async def test_thanks_are_taken_kindly() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        await at.people.say(ALICE, "Thanks!")
        assert (await at.hears(ALICE)).words() == "You are welcome."
        assert desk.asks == []


async def test_an_answer_waits_where_teams_asks_for_a_pause_and_stands_there_once() -> None:
    desk = FakeDesk({"digest": Reply((say("One"), say("Two")))})
    async with teams(desk, installed=(ALICE,)) as at:
        at.service.limits("post", "0.01")
        await at.people.say(ALICE, "digest")
        await at.hears(ALICE, 2)
        assert [one.words() for one in at.said_to(ALICE)] == ["One", "Two"]
        assert len(at.service.of("post")) == 3


@pytest.mark.parametrize("trouble", ["a long pause", "a lost reply"])
async def test_an_answer_that_cannot_be_given_or_may_be_there_is_not_given_again(trouble: str) -> None:
    desk = FakeDesk({"digest": Reply((say("One"),))})
    async with teams(desk, installed=(ALICE,)) as at:
        if trouble == "a long pause":
            at.service.limits("post", "60")
        else:
            at.service.loses_reply("post")
        await at.people.say(ALICE, "digest")
        await at.settle()
        words = [one.words() for one in at.said_to(ALICE)]
        assert words == [texts.NOT_REACHED] if trouble == "a long pause" else ["One", texts.NOT_REACHED]


async def test_long_work_on_words_shows_that_somebody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.teams.answering.TYPING_AFTER_SECONDS", 0.01)
    async with teams(FakeDesk(seconds=0.1), installed=(ALICE,)) as at:
        await at.people.say(ALICE, "digest")
        assert (await at.hears(ALICE)).words() == "digest: "
        assert [is_typing(one) for one in at.said_in(at.chat(ALICE))] == [True, False]


async def test_what_teams_sends_twice_is_done_once() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        said = {**at.people.activity(ALICE, at.chat(ALICE), "message"), "text": "digest"}
        await at.people.send(said)
        await at.people.send(said)
        await at.settle()
        assert len(desk.asks) == len(at.said_to(ALICE)) == 1
        pressed = at.people.activity(ALICE, at.chat(ALICE), "invoke") | {
            "name": "adaptiveCard/action",
            "value": {"action": {"type": "Action.Execute", "verb": "again", "data": {"value": ""}}},
        }
        await at.people.send(pressed)
        assert (await at.people.send(pressed)).body["value"] == texts.DONE_BEFORE
        assert len(desk.asks) == 2


async def test_a_desk_that_fails_is_told_politely_and_the_next_ask_is_answered() -> None:
    desk = FakeDesk({"digest": RuntimeError("secret words"), "again": RuntimeError("x")})
    async with teams(desk, installed=(ALICE,)) as at:
        await at.people.say(ALICE, "digest")
        assert (await at.hears(ALICE)).words() == texts.FAULT
        await at.people.say(ALICE, "topics")
        assert (await at.hears(ALICE, 2)).words() == "topics: "


async def test_people_who_are_named_are_looked_up_once_an_hour() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        place = at.editors
        for _ in range(2):
            activity = at.people.activity(ALICE, place, "message") | {
                "text": f"<at>Convenor</at> roles add <at>{BOB.name}</at> editor",
                "entities": [
                    {"type": "mention", "mentioned": at.people._bot(), "text": "<at>Convenor</at>"},
                    {"type": "mention", "mentioned": {"id": BOB.id, "name": BOB.name}, "text": f"<at>{BOB.name}</at>"},
                ],
            }
            await at.people.send(activity)
            await at.settle()
        ask = desk.asks[0]
        assert (ask.name, ask.words) == ("convenor", "roles add @Bob_Example editor")
        assert ask.mentions == {"@Bob_Example": Identity("teams", TENANT, BOB.aad, BOB.name)}
        assert len([call for call in at.service.calls if call.method == "member"]) == 1


async def test_only_so_many_people_are_looked_up_for_one_command() -> None:
    async with teams(FakeDesk(), installed=(ALICE,)) as at:
        named = [(f"29:{number}", f"Somebody {number}") for number in range(20)]
        activity = at.people.activity(ALICE, at.chat(ALICE), "message") | {
            "text": "intro " + " ".join(f"<at>{name}</at>" for _, name in named),
            "entities": [
                {"type": "mention", "mentioned": {"id": account, "name": name}, "text": f"<at>{name}</at>"}
                for account, name in named
            ],
        }
        await at.people.send(activity)
        await at.settle()
        assert len(at.service.of("member")) == NAMED_AT_MOST


@pytest.mark.parametrize(("status", "sentence"), [(404, texts.NOT_HERE), (500, texts.NOT_LOOKED_UP)])
async def test_nothing_is_done_where_it_cannot_be_told_who_is_named(status: int, sentence: str) -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        at.service.breaks("member", status)
        activity = at.people.activity(ALICE, at.chat(ALICE), "message") | {
            "text": "roles add <at>Eve</at> editor",
            "entities": [{"type": "mention", "mentioned": {"id": "29:eve", "name": "Eve"}, "text": "<at>Eve</at>"}],
        }
        await at.people.send(activity)
        assert (await at.hears(ALICE)).words() == sentence
        assert desk.asks == []


async def test_in_other_commands_somebody_who_is_not_found_is_but_a_name() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        activity = at.people.activity(ALICE, at.chat(ALICE), "message") | {
            "text": "intro <at>Eve Example</at> please",
            "entities": [
                {"type": "mention", "mentioned": {"id": "29:eve", "name": "x"}, "text": "<at>Eve Example</at>"}
            ],
        }
        await at.people.send(activity)
        await at.settle()
        assert (desk.asks[0].words, desk.asks[0].mentions) == ("Eve Example please", {})


async def test_somebody_whom_teams_names_without_their_id_is_looked_up() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        activity = at.people.activity(ALICE, at.chat(ALICE), "message") | {
            "text": "digest",
            "from": {"id": ALICE.id, "name": ALICE.name},
        }
        await at.people.send(activity)
        await at.settle()
        assert desk.asks[0].identity.user == ALICE.aad


async def test_somebody_whose_name_teams_does_not_say_is_called_as_the_roster_has_them() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        nameless = {"text": "digest", "from": {"id": ALICE.id, "aadObjectId": ALICE.aad}}
        await at.people.send(at.people.activity(ALICE, at.chat(ALICE), "message") | nameless)
        await at.settle()
        at.service.breaks("member", 500)
        nobody = {"text": "digest", "from": {"id": "29:unknown", "aadObjectId": BOB.aad}}
        await at.people.send(at.people.activity(BOB, at.editors, "message") | nobody)
        await at.settle()
        assert [(ask.identity.user, ask.identity.name) for ask in desk.asks] == [(ALICE.aad, ALICE.name), (BOB.aad, "")]


async def test_somebody_who_adds_the_app_is_greeted_once() -> None:
    async with teams(FakeDesk()) as at:
        await at.people.install(ALICE)
        await at.people.install(ALICE)
        await at.settle()
        (hello,) = at.said_to(ALICE)
        assert hello.words().startswith("Hello Alice Example, I am Convenor")
        assert "intro someone who knows about procurement asks for an introduction" in hello.words()


async def test_a_team_is_told_once_how_its_channels_are_bound_and_others_who_come_are_not_greeted() -> None:
    async with teams(FakeDesk()) as at:
        team = at.service.team()
        joined = at.people.team_event(BOB, team, "teamMemberAdded")
        await at.people.send({**joined, "membersAdded": [{"id": ALICE.id}]})
        await at.settle()
        assert at.said_in(team.channels[0]) == []
        await at.people.add_to_team(BOB, team)
        await at.settle()
        (hello,) = at.said_in(team.channels[0])
        assert "@Convenor here digest and the digest is posted there" in hello.words()
        await at.people.send({**joined, "id": at.service.next_id(), "membersAdded": [{"id": ALICE.id}]})
        await at.people.create_channel(BOB, team, "new")
        await at.settle()
        assert at.said_in(team.channels[0]) == [hello]
        assert at.said_to(ALICE) == []


async def test_an_own_message_is_not_answered_nor_is_a_change_or_a_reaction() -> None:
    desk = FakeDesk()
    async with teams(desk, installed=(ALICE,)) as at:
        ours = at.people.activity(ALICE, at.chat(ALICE), "message") | {"text": "digest", "from": at.people._bot()}
        await at.people.send(ours)
        for kind in ("messageUpdate", "messageReaction", "messageDelete", "typing", "event"):
            answer = await at.people.send({**at.people.activity(ALICE, at.chat(ALICE), kind), "text": "digest"})
            assert answer.status == 200
        await at.settle()
        assert desk.asks == []
        assert at.said_to(ALICE) == []


async def test_an_invoke_of_an_unknown_kind_is_answered() -> None:
    async with teams(FakeDesk(), installed=(ALICE,)) as at:
        for name in ("signin/verifyState", "fileConsent/invoke", "", "x" * 500):
            invoke = at.people.activity(ALICE, at.chat(ALICE), "invoke") | {"name": name, "value": {}}
            answer = await at.people.send(invoke)
            assert (answer.status, answer.body["value"]) == (200, texts.UNREADABLE)


async def test_work_that_has_begun_comes_to_its_end_before_the_app_stops() -> None:
    desk = FakeDesk(seconds=0.1)
    async with teams(desk, installed=(ALICE,)) as at:
        await at.people.say(ALICE, "digest")
        turns: Listeners = at.turns
        await turns.drain(2)
        assert len(at.said_to(ALICE)) == 1
        await at.people.say(ALICE, "digest")
        await asyncio.sleep(0.02)
        await turns.drain(0.01)
        assert len(at.said_to(ALICE)) == 1, "what takes longer than that is left"
