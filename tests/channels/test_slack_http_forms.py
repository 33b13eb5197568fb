"""Forms of Slack over HTTP: opened at once, filled in while one waits, and never lost without a word."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from adapters.slack import listeners
from adapters.slack.render import render_form
from bot.messages import AskKind, Button, Buttons, Field, Form, Message, Reply, say, text
from tests.channels.slack_installation import FORM, Installation, desk, slack
from tests.fakes.slack_desk import FakeDesk

__all__ = ["desk", "slack"]


async def test_a_command_for_a_form_opens_a_view_at_once_and_then_the_form(slack: Installation) -> None:
    slack.desk.forms = frozenset({"intro"})
    slack.desk.replies = {"intro": Reply(form=FORM)}
    await slack.send(slack.command_body(command="/intro", trigger_id="9.9.z"))
    opened = await slack.api.wait_for("views.open")
    assert opened["trigger_id"] == "9.9.z"
    assert "One moment…" in json.dumps(opened["view"], ensure_ascii=False)
    shown = await slack.api.wait_for("views.update")
    assert shown["view"] == render_form(FORM, channel="C1")
    assert [call.method for call in slack.api.calls][1] == "views.open", "before anything else that takes time"


async def test_a_shortcut_on_a_message_opens_its_form_and_takes_one_address_from_the_message(
    slack: Installation,
) -> None:
    slack.desk.forms = frozenset({"suggest.message"})
    slack.desk.replies = {"suggest.message": Reply(form=FORM)}
    payload = {
        "type": "message_action",
        "callback_id": "suggest.message",
        "team": {"id": "T01"},
        "user": {"id": "U01ALICE", "name": "alice"},
        "channel": {"id": "C1", "name": "general"},
        "message_ts": "5.6",
        "message": {"type": "message", "user": "U02BOB", "ts": "5.6", "text": "A secret: <https://example.org/a|here>"},
        "trigger_id": "8.8.z",
        "response_url": f"{slack.api.url}hooks.1",
    }
    body = urlencode({"payload": json.dumps(payload)})
    assert await slack.send(body) == (200, "")
    assert (await slack.api.wait_for("views.open"))["trigger_id"] == "8.8.z"
    assert (await slack.api.wait_for("views.update"))["view"] == render_form(FORM, channel="C1")
    ask = await slack.desk.asked()
    assert (ask.kind, ask.name, ask.value, ask.words) == (
        AskKind.PRESS,
        "suggest.message",
        "https://example.org/a",
        "",
    )
    assert await slack.send(body) == (200, "")
    assert len(slack.desk.asks) == 1, "a repeat is not acted on"


async def test_a_form_that_is_not_to_be_is_answered_in_the_view(slack: Installation) -> None:
    slack.desk.forms = frozenset({"intro"})
    slack.desk.replies = {"intro": Reply((say("You have two open requests already."),))}
    await slack.send(slack.command_body(command="/intro"))
    shown = await slack.api.wait_for("views.update")
    assert "You have two open requests already." in json.dumps(shown["view"])
    assert slack.api.of("hooks.1") == []


async def test_what_can_be_pressed_is_answered_in_the_conversation(slack: Installation) -> None:
    slack.desk.forms = frozenset({"intro"})
    slack.desk.replies = {"intro": Reply((Message("Choose", (Buttons((Button("Go", "x"),)),)),))}
    await slack.send(slack.command_body(command="/intro"))
    shown = await slack.api.wait_for("views.update")
    assert "in the conversation" in json.dumps(shown["view"])
    assert (await slack.api.wait_for("hooks.1"))["text"] == "Choose"


async def test_an_answer_to_a_view_that_was_closed_comes_to_the_conversation(slack: Installation) -> None:
    slack.desk.forms = frozenset({"intro"})
    slack.desk.replies = {"intro": Reply((say("No."),))}
    slack.api.refuses("views.update", "not_found")
    await slack.send(slack.command_body(command="/intro"))
    assert (await slack.api.wait_for("hooks.1"))["text"] == "No."


async def test_a_form_that_slack_does_not_open_in_time_is_said_to_be_lost(slack: Installation) -> None:
    slack.desk.forms = frozenset({"intro"})
    slack.api.refuses("views.open", "expired_trigger_id")
    await slack.send(slack.command_body(command="/intro"))
    assert "did not wait" in (await slack.api.wait_for("hooks.1"))["text"]
    assert slack.desk.asks == []


async def test_a_form_that_nobody_expected_is_opened_all_the_same(slack: Installation) -> None:
    slack.desk.replies = {"entry.drop": Reply(form=FORM)}
    await slack.send(slack.press_body())
    assert (await slack.api.wait_for("views.open"))["view"] == render_form(FORM, channel="C1")


async def test_a_form_that_does_not_fit_is_owned_up_to(slack: Installation) -> None:
    slack.desk.forms = frozenset({"intro"})
    slack.desk.replies = {"intro": Reply(form=Form("f", "T", "S", (Field("a", "A", value="x" * 4000),)))}
    await slack.send(slack.command_body(command="/intro"))
    assert "does not fit" in json.dumps((await slack.api.wait_for("views.update"))["view"])


async def test_a_form_that_is_accepted_closes_and_the_answer_is_seen_by_one(slack: Installation) -> None:
    slack.desk.replies = {"intro": Reply((say("Recorded."),))}
    assert await slack.send(slack.submit_body(need="advice", why="")) == (200, "")
    ask = await slack.desk.asked()
    assert (ask.kind, ask.name, ask.value, ask.fields) == (AskKind.SUBMIT, "intro", "r1", {"need": "advice", "why": ""})
    args = await slack.api.wait_for("chat.postEphemeral")
    assert (args["channel"], args["user"], args["text"]) == ("C1", "U01ALICE", "Recorded.")


async def test_a_form_with_mistakes_stays_open_with_a_sentence_at_each(slack: Installation) -> None:
    slack.desk.replies = {"intro": Reply(errors={"need": "Say more.", "elsewhere": "And this."})}
    status, said = await slack.send(slack.submit_body(need="x"))
    assert status == 200
    assert json.loads(said) == {"response_action": "errors", "errors": {"need": "Say more. And this."}}


async def test_a_form_may_lead_to_another(slack: Installation) -> None:
    slack.desk.replies = {"intro": Reply(form=FORM)}
    _, said = await slack.send(slack.submit_body(need="x"))
    answered = render_form(FORM, channel="C1", after=render_form(FORM))
    assert json.loads(said) == {"response_action": "update", "view": answered}


async def test_mistakes_in_a_form_without_questions_are_said(slack: Installation) -> None:
    slack.desk.replies = {"sure": Reply(errors={"x": "Too late."})}
    form = Form("sure", "Sure?", "Yes", (), intro=text("Really?"))
    assert await slack.send(slack.submit_body(form)) == (200, "")
    assert (await slack.api.wait_for("chat.postEphemeral"))["text"] == "Too late."


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch, desk: FakeDesk) -> None:
    """A desk that takes longer than Slack waits."""
    monkeypatch.setattr(listeners, "SUBMIT_SECONDS", 0.1)
    desk.seconds = 0.3


@pytest.mark.usefixtures("hurry")
async def test_a_form_that_takes_long_is_acknowledged_with_a_waiting_view(slack: Installation) -> None:
    slack.desk.replies = {"intro": Reply((say("Recorded."),))}
    _, said = await slack.send(slack.submit_body(need="advice"))
    answer = json.loads(said)
    assert answer["response_action"] == "update"
    assert "One moment…" in json.dumps(answer["view"], ensure_ascii=False)
    shown = await slack.api.wait_for("views.update")
    assert shown["view_id"] == "V9"
    assert "Recorded." in json.dumps(shown["view"])


@pytest.mark.usefixtures("hurry")
async def test_mistakes_that_come_late_bring_the_form_back_with_what_was_typed(slack: Installation) -> None:
    slack.desk.replies = {"intro": Reply(errors={"need": "Say more."})}
    await slack.send(slack.submit_body(need="some advice"))
    view = (await slack.api.wait_for("views.update"))["view"]
    assert view["callback_id"] == "intro"
    assert "Say more." in json.dumps(view["blocks"][1])
    questions = [block for block in view["blocks"] if block["type"] == "input"]
    assert questions[0]["element"]["initial_value"] == "some advice"


@pytest.mark.usefixtures("hurry")
async def test_mistakes_that_come_late_to_a_closed_form_are_said(slack: Installation) -> None:
    slack.desk.replies = {"intro": Reply(errors={"need": "Say more."})}
    slack.api.refuses("views.update", "not_found")
    await slack.send(slack.submit_body(need="some advice"))
    assert (await slack.api.wait_for("chat.postEphemeral"))["text"] == "Say more."
