"""A member's profile in Slack: signed requests in, the whole desk behind them, and what Slack is asked to show."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from adapters.slack.render import render_form, render_message
from bot.handlers import forms
from bot.members import joining_texts, rules, texts
from bot.members.profile import Contact
from bot.messages import Identity
from config.topics import load_taxonomy
from tests.builders import NOW, a_profile
from tests.channels.slack_installation import Installation, installed
from tests.fakes.network import Network

ALICE = Identity("slack", "T01", "U01ALICE", "alice")
TOPICS = {topic.id: topic for topic in load_taxonomy(None).topics}
LONGEST = a_profile(
    "m",
    name="n" * rules.SHORT,
    organisation="o" * rules.SHORT,
    role="r" * rules.SHORT,
    can_help="h" * rules.CAN_HELP_AT_MOST,
    topics=tuple(TOPICS),
    languages=tuple(f"{number} " + "l" * (rules.EACH_AT_MOST - 3) for number in range(rules.LIST_AT_MOST)),
    regions=tuple(f"{number} " + "g" * (rules.EACH_AT_MOST - 3) for number in range(rules.LIST_AT_MOST)),
    avoid=tuple(f"{number} " + "a" * (rules.EACH_AVOIDED_AT_MOST - 3) for number in range(rules.AVOID_AT_MOST)),
    contacts=(Contact.CHAT, Contact.EMAIL),
    email="e" * 200 + "@example.org",
    pronouns="p" * rules.PRONOUNS_AT_MOST,
    snoozed_until=date(2025, 2, 1),
)


@pytest.fixture
async def network() -> Network:
    return await Network.make()


@pytest.fixture
async def slack(network: Network) -> AsyncIterator[Installation]:
    async with installed(cast(Any, network.desk), ("profile",)) as installation:
        yield installation


def press(slack: Installation, action: str, value: str = "") -> str:
    return slack.press_body(actions=[{"type": "button", "action_id": f"{action}:0", "block_id": "b", "value": value}])


def submission(slack: Installation, view: dict[str, Any], **answers: Any) -> str:
    """The modal as Slack sends it back, with what was typed and chosen in it."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element, name = block["element"], block["block_id"]
        if element["type"] == "multi_static_select":
            wanted = answers.get(name, [each["value"] for each in element.get("initial_options", ())])
            typed = {"selected_options": [each for each in element["options"] if each["value"] in wanted]}
        elif element["type"] == "static_select":
            typed = {"selected_option": element.get("initial_option")}
        else:
            typed = {"value": answers.get(name, element.get("initial_value"))}
        values[name] = {element["action_id"]: {"type": element["type"], **typed}}
    payload = {
        "type": "view_submission",
        "team": {"id": "T01"},
        "user": {"id": ALICE.user, "name": "alice"},
        "view": {**view, "id": "V1", "hash": "h", "state": {"values": values}},
        "trigger_id": slack.trigger(),
    }
    return urlencode({"payload": json.dumps(payload)})


async def test_a_profile_is_filled_in_and_agreed_to_in_slack(slack: Installation, network: Network) -> None:
    await slack.send(slack.command_body("", command="/profile"))
    page = json.dumps(await slack.api.wait_for("hooks.1"))
    assert "You are not in the directory." in page
    assert texts.EDIT in page
    await slack.send(press(slack, texts.EDIT))
    opened = await slack.api.wait_for("views.open")
    updated = await slack.api.wait_for("views.update")
    view = updated["view"]
    view = json.loads(view) if isinstance(view, str) else view
    assert opened["trigger_id"]
    elements = {block["block_id"]: block["element"]["type"] for block in view["blocks"] if block["type"] == "input"}
    assert (elements["topics"], elements["contacts"]) == ("multi_static_select", "multi_static_select")
    status, body = await slack.send(submission(slack, view, can_help="Too short"))
    assert status == 200
    assert json.loads(body) == {
        "response_action": "errors",
        "errors": {"can_help": "Please say a little more (at least 20 characters): what could somebody ask you about?"},
    }
    words = "How opt-outs of NHS data work, & whom to <ask>."
    await slack.send(
        submission(slack, view, can_help=words, topics=["ai"], contacts=["chat", "email"], email="a@example.org")
    )
    async with network.store.read() as uow:
        kept = await uow.inbox.kept_form(ALICE, texts.FORM)
    assert (kept["can_help"], kept["topics"], kept["contacts"]) == (words, "ai", "chat,email")


def test_even_the_longest_profile_fits_into_what_slack_takes() -> None:
    typed = rules.typed(LONGEST)
    assert rules.problems({**typed, "email": "alice@example.org"}, TOPICS, NOW.date()) == {}
    assert render_form(texts.form(typed, TOPICS, note=forms.KEPT_TYPING, value="1"), channel="C1")
    for message in (
        texts.preview(LONGEST, TOPICS, "abcd1234", may_join=False, note=texts.CHANGED_SINCE),
        texts.page(LONGEST, TOPICS, NOW.date(), kept=True, asked=False, invited=False),
        joining_texts.card(LONGEST, TOPICS),
    ):
        assert render_message(message)
