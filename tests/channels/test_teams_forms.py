"""Forms in Teams: as a dialog and as a card in the chat; sent, sent back with what is wrong, answered, given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.teams import texts
from adapters.teams.sent_forms import put_in_order, wrong_in
from bot.messages import AskKind, Button, Buttons, File, Message, Reply, say
from tests.channels.teams_installation import A_FORM, Teams, teams
from tests.fakes.slack_desk import FakeDesk
from tests.fakes.teams_people import Dialog
from tests.fakes.teams_record import ALICE, CARD, Shown, inputs_on

ASKS = Message("Ask", (Buttons((Button("Ask", "ask", "v"),)),))
PRESSABLE = Message("Again?", (Buttons((Button("Again", "again", "v"),)),))
GOOD = {"need": "Somebody who knows", "kind": "b", "more": "d,c"}


def a_desk(reply: Reply | Exception | None = None, **more: Reply) -> FakeDesk:
    replies: dict[str, Reply | Exception] = {"ask": Reply(form=A_FORM), "words": Reply(form=A_FORM), **more}
    replies["need"] = reply or Reply((say("Thank you."),))
    return FakeDesk(replies, forms=frozenset({"ask"}))


async def a_dialog(at: Teams, where: str = "chat") -> Dialog:
    if where == "channel":
        shown = await at.posted(ASKS)
    else:
        shown = await a_card(at, "asks")
    outcome = await at.people.press(ALICE, shown, "Ask")
    assert outcome.dialog is not None, outcome
    return outcome.dialog


async def a_card(at: Teams, words: str) -> Shown:
    """A message in Alice's chat: the answer to these words."""
    before = len(at.said_to(ALICE))
    await at.people.say(ALICE, words)
    shown = await at.hears(ALICE, before + 1)
    assert shown.titles()
    return shown


def values_in(card: object) -> dict[str, object]:
    return {str(one["id"]).removeprefix("f:"): one.get("value", "") for one in inputs_on(card and [card])}


def a_desk_that_asks(reply: Reply | Exception | None = None, **more: Reply) -> FakeDesk:
    return a_desk(reply, asks=Reply((ASKS,)), **more)


async def test_a_button_that_asks_opens_a_dialog_and_sending_it_answers_in_the_chat() -> None:
    desk = a_desk_that_asks()
    async with teams(desk, installed=(ALICE,)) as at:
        dialog = await a_dialog(at)
        assert dialog.title == "Ask for something"
        assert "Say what you need." in dialog.words
        outcome = await at.people.fill(dialog, GOOD)
        assert outcome.status == 200
        assert outcome.body == {}, "nothing is what closes a dialog"
        assert (await at.hears(ALICE, 2)).words() == "Thank you."
        ask = desk.asks[-1]
        assert (ask.kind, ask.name, ask.value) == (AskKind.SUBMIT, "need", "v1")
        assert ask.fields == {"need": "Somebody who knows", "kind": "b", "more": "c,d"}, "in the order of the options"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("task/fetch", {"data": {"action": "ask", "value": "v"}}, AskKind.PRESS),
        ("task/submit", {"data": {"form": "need", "value": "v1", "f:need": "Words", "f:kind": "b"}}, AskKind.SUBMIT),
        ("composeExtension/submitAction", {"data": {"form": "need", "f:need": "Words", "f:kind": "b"}}, AskKind.SUBMIT),
        (
            "adaptiveCard/action",
            {"action": {"verb": "form", "data": {"form": "need", "value": "v1", "f:need": "Words", "f:kind": "b"}}},
            AskKind.SUBMIT,
        ),
    ],
)
async def test_a_form_that_teams_brings_twice_is_opened_and_taken_once(
    name: str, value: dict[str, object], kind: AskKind
) -> None:
    desk = a_desk()
    async with teams(desk, installed=(ALICE,)) as at:
        activity = at.people.activity(ALICE, at.chat(ALICE), "invoke") | {"name": name, "value": value}
        first, again = [(await at.people.send(activity)).body for _ in range(2)]
        await at.settle()
        assert texts.DONE_BEFORE not in str(first)
        assert texts.DONE_BEFORE in str(again)
        assert [ask.kind for ask in desk.asks] == [kind]


async def test_the_title_of_a_dialog_is_as_long_as_teams_takes_and_is_cut_visibly() -> None:
    form = replace(A_FORM, title="Ask for " + "something " * 10)
    async with teams(FakeDesk({"ask": Reply(form=form)}, forms=frozenset({"ask"})), installed=(ALICE,)) as at:
        shown = await at.posted(ASKS)
        dialog = (await at.people.press(ALICE, shown, "Ask")).dialog
        assert dialog is not None
        assert dialog.title == "Ask for something something something something something somet…"
        assert len(dialog.title) == 64


async def test_in_a_channel_the_answer_to_a_dialog_stands_in_the_dialog() -> None:
    async with teams(a_desk(), installed=(ALICE,)) as at:
        dialog = await a_dialog(at, "channel")
        before = len(at.said_in(at.editors))
        outcome = await at.people.fill(dialog, GOOD)
        assert outcome.dialog is not None
        assert (outcome.dialog.title, outcome.dialog.words) == ("Ask for something", "Thank you.")
        assert at.said_to(ALICE) == []
        assert len(at.said_in(at.editors)) == before


@pytest.mark.parametrize("message", [PRESSABLE, Message("A file", (File("a.md", "# words"),))])
async def test_what_can_be_pressed_or_copied_goes_to_the_personal_chat(message: Message) -> None:
    async with teams(a_desk(Reply((message,))), installed=(ALICE,)) as at:
        outcome = await at.people.fill(await a_dialog(at, "channel"), GOOD)
        assert outcome.note == "I have answered you in our chat."
        assert len(at.said_to(ALICE)) == 1


async def test_errors_keep_the_dialog_open_with_what_was_typed_and_a_second_try_is_taken() -> None:
    desk = a_desk_that_asks(Reply(errors={"need": "That is not enough."}))
    async with teams(desk, installed=(ALICE,)) as at:
        outcome = await at.people.fill(await a_dialog(at), GOOD)
        assert outcome.dialog is not None
        assert "That is not enough." in outcome.dialog.words
        assert values_in(outcome.dialog.card) == {"need": "Somebody who knows", "kind": "b", "more": "c,d"}
        desk.replies = {"need": Reply((say("Now it is."),))}
        await at.people.fill(outcome.dialog, {"need": "Somebody who really knows"})
        assert (await at.hears(ALICE, 2)).words() == "Now it is."
        assert desk.asks[-1].fields["need"] == "Somebody who really knows"
        assert desk.asks[-1].fields["more"] == "c,d"


async def test_a_further_form_goes_on_in_the_same_dialog() -> None:
    further = replace(A_FORM, name="further", title="And then", value="v2")
    async with teams(a_desk_that_asks(Reply(form=further)), installed=(ALICE,)) as at:
        outcome = await at.people.fill(await a_dialog(at), GOOD)
        assert outcome.dialog is not None
        assert outcome.dialog.title == "And then"


async def test_a_button_that_should_open_a_form_and_has_none_says_why_in_the_dialog() -> None:
    desk = a_desk_that_asks()
    async with teams(desk, installed=(ALICE,)) as at:
        shown = await a_card(at, "asks")
        desk.replies = {"ask": Reply((say("That is for an editor."),))}
        outcome = await at.people.press(ALICE, shown, "Ask")
        assert outcome.dialog is not None
        assert outcome.dialog.words == "That is for an editor."


async def test_a_form_that_is_late_is_sent_to_the_chat_and_works_there() -> None:
    desk = a_desk_that_asks()
    async with teams(desk, installed=(ALICE,), patience=0.05) as at:
        shown = await a_card(at, "asks")
        desk.seconds = 0.15
        assert (await at.people.press(ALICE, shown, "Ask")).note == texts.FORM_COMES
        card = await at.hears(ALICE, 2)
        desk.seconds = 0
        await at.people.press(ALICE, card, "Send", GOOD)
        assert card.words(ALICE) == "Thank you."


async def test_an_answer_to_a_dialog_that_is_late_comes_in_the_chat_with_what_is_wrong() -> None:
    desk = a_desk_that_asks(Reply(errors={"need": "That is not enough."}))
    async with teams(desk, installed=(ALICE,), patience=0.05) as at:
        dialog = await a_dialog(at)
        desk.seconds = 0.15
        assert (await at.people.fill(dialog, GOOD)).note == texts.WORKING
        card = await at.hears(ALICE, 2)
        assert "That is not enough." in card.words()
        assert values_in(card.card())["need"] == "Somebody who knows"


async def test_a_form_in_the_chat_becomes_its_answer_also_for_those_who_load_the_chat_again() -> None:
    async with teams(a_desk(Reply((say("Thank you."), say("And more.")))), installed=(ALICE,)) as at:
        card = await a_card(at, "words")
        outcome = await at.people.press(ALICE, card, "Send", GOOD)
        assert outcome.is_good
        await at.settle()
        assert card.updates == 1
        assert [one.words() for one in at.said_to(ALICE)] == ["Thank you.", "And more."]


async def test_a_form_in_the_chat_comes_back_with_what_is_wrong_and_what_was_typed() -> None:
    desk = a_desk(Reply(errors={"need": "That is not enough."}))
    async with teams(desk, installed=(ALICE,)) as at:
        card = await a_card(at, "words")
        await at.people.press(ALICE, card, "Send", GOOD)
        assert "That is not enough." in card.words(ALICE)
        assert values_in(card.card(ALICE)) == {"need": "Somebody who knows", "kind": "b", "more": "c,d"}
        desk.replies = {"need": Reply((say("Now it is."),))}
        await at.settle()
        await at.people.press(ALICE, card, "Send")
        await at.settle()
        assert card.words() == "Now it is."


async def test_an_answer_that_needs_more_than_a_card_is_said_below() -> None:
    async with teams(a_desk(Reply((Message("A file", (File("a.md", "# words"),)),))), installed=(ALICE,)) as at:
        card = await a_card(at, "words")
        await at.people.press(ALICE, card, "Send", GOOD)
        await at.settle()
        assert card.words() == "Sent. My answer stands below."
        assert len(at.said_to(ALICE)) == 2


async def test_an_answer_with_nothing_to_say_is_done() -> None:
    desk = a_desk()
    desk.replies = {**desk.replies, "need": Reply()}
    async with teams(desk, installed=(ALICE,)) as at:
        card = await a_card(at, "words")
        await at.people.press(ALICE, card, "Send", GOOD)
        assert card.words(ALICE) == "Done."


async def test_a_form_in_the_chat_that_is_given_up_is_closed_for_good() -> None:
    desk = a_desk()
    async with teams(desk, installed=(ALICE,)) as at:
        card = await a_card(at, "words")
        await at.people.press(ALICE, card, "Cancel")
        await at.settle()
        assert card.words() == "Closed. Nothing was sent."
        assert [ask.kind for ask in desk.asks] == [AskKind.COMMAND]


async def test_a_late_answer_still_takes_the_place_of_the_form() -> None:
    desk = a_desk()
    async with teams(desk, installed=(ALICE,), patience=0.05) as at:
        card = await a_card(at, "words")
        desk.seconds = 0.15
        assert (await at.people.press(ALICE, card, "Send", GOOD)).note == texts.ONE_MOMENT
        await at.settle()
        assert card.words() == "Thank you."


async def test_a_form_that_is_not_known_any_more_gives_back_what_was_typed() -> None:
    desk = a_desk(Reply(errors={"need": "That is not enough."}))
    async with teams(desk, installed=(ALICE,)) as at:
        card = await a_card(at, "words")
        at.forms.shown.clear()  # type: ignore[attr-defined]
        await at.people.press(ALICE, card, "Send", GOOD)
        words = card.words(ALICE)
        assert "This form is too old to be shown again. Please open it anew. That is not enough." in words
        assert "Somebody who knows" in words


async def test_a_client_that_checks_nothing_is_told_what_is_wrong_and_the_desk_hears_nothing() -> None:
    desk = a_desk()
    async with teams(desk, installed=(ALICE,)) as at:
        card = await a_card(at, "words")
        data = {"form": "need", "value": "v1", "f:need": "x" * 51, "f:kind": "z", "f:other": "y"}
        outcome = await at.people.execute(ALICE, card, {"type": "Action.Execute", "verb": "form", "data": data})
        assert outcome.body["type"] == CARD
        assert "Please keep it to 50 characters." in card.words(ALICE)
        assert "Please choose one of these." in card.words(ALICE)
        assert [ask.kind for ask in desk.asks] == [AskKind.COMMAND]


def test_answers_are_put_in_order_and_what_was_not_asked_is_left_out() -> None:
    assert put_in_order(A_FORM, {"more": "d, c,x", "need": "a", "other": "b"}) == {
        "need": "a",
        "kind": "",
        "more": "c,d",
    }
    assert put_in_order(A_FORM, {"more": "d"})["more"] == "d"
    assert put_in_order(A_FORM, {"more": ""})["more"] == ""
    assert wrong_in(A_FORM, {"need": " ", "kind": "", "more": ""}) == {"need": texts.NEEDED, "kind": texts.NEEDED}
    assert wrong_in(A_FORM, {"need": "x" * 50, "kind": "a", "more": ""}) == {}


LETTERS = {"need": "字" * 8_500, "kind": "b", "more": ""}


@pytest.mark.parametrize("where", ["dialog", "card", "late dialog"])
async def test_a_form_that_is_too_long_to_be_shown_again_gives_back_what_was_typed(where: str) -> None:
    long_form = replace(A_FORM, fields=(replace(A_FORM.fields[0], max_length=9_000), *A_FORM.fields[1:]))
    desk = a_desk_that_asks(Reply(errors={"need": "That is not enough."}))
    desk.replies = {**desk.replies, "ask": Reply(form=long_form), "words": Reply(form=long_form)}
    async with teams(desk, installed=(ALICE,), patience=0.1 if where == "late dialog" else 5.0) as at:
        if where == "late dialog":
            dialog = await a_dialog(at)
            desk.seconds = 0.2
            assert (await at.people.fill(dialog, LETTERS)).note == texts.WORKING
        elif where == "dialog":
            outcome = await at.people.fill(await a_dialog(at), LETTERS)
            assert outcome.note == "I have answered you in our chat."
        else:
            card = await a_card(at, "words")
            await at.people.press(ALICE, card, "Send", LETTERS)
            assert card.words(ALICE) == "Sent. My answer stands below."
        await at.settle()
        words = "".join(one.words() for one in at.said_to(ALICE))
        assert texts.FORM_TOO_LONG in words
        assert "That is not enough." in words
        assert LETTERS["need"] in words.replace("\n", "")


SECRET = "words of somebody"


class NoForms:
    """A database that is away."""

    async def show(self, *_: object) -> None:
        raise RuntimeError(SECRET)

    async def find(self, *_: object) -> None:
        raise RuntimeError(SECRET)

    async def done(self, *_: object) -> None:
        raise RuntimeError(SECRET)


async def test_forms_work_where_it_cannot_be_noted_that_they_were_shown(caplog: pytest.LogCaptureFixture) -> None:
    desk = a_desk_that_asks()
    async with teams(desk, installed=(ALICE,), forms=NoForms()) as at:
        await at.people.fill(await a_dialog(at), GOOD)
        assert (await at.hears(ALICE, 2)).words() == "Thank you."
        card = await a_card(at, "words")
        await at.people.press(ALICE, card, "Send", GOOD)
        assert card.words(ALICE) == "Thank you."
        assert desk.asks[-1].fields["need"] == "Somebody who knows"
    assert "It cannot be noted who was shown a form" in caplog.text
    assert SECRET not in caplog.text
