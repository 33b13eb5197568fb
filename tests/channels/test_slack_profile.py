"""A member's profile in Slack: signed requests in, the whole desk behind them, and what Slack is asked to show."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from bot.members import texts
from bot.messages import Identity
from tests.channels.slack_installation import Installation, installed
from tests.fakes.network import Network

ALICE = Identity("slack", "T01", "U01ALICE", "alice")


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
