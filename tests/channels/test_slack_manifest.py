"""The Slack app’s manifest, the scopes, the table of commands and docs/slack.md agree, as Slack’s schema allows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from adapters.slack.app import OPTIONAL_SCOPES, PATH, SCOPES
from adapters.slack.install import REDIRECT_PATH
from adapters.slack.manifest import slack_manifest
from bot.commands import EVERYBODY
from bot.manifests import SLASH
from bot.suggestion_texts import FROM_MESSAGE
from bot.table import build_table
from config.settings import Settings
from tests.channels.troubleshooting import explained, sayable, unsaid
from tests.shared import shared_dir

PAGE = (Path(__file__).parents[2] / "docs" / "slack.md").read_text(encoding="utf-8")
DOMAIN = "digest.example.org"


@pytest.mark.parametrize("domain", [None, DOMAIN])
def test_slacks_own_schema_takes_the_manifest(domain: str | None) -> None:
    schema = json.loads((shared_dir("slack") / "manifest.schema.2.0.0.json").read_text(encoding="utf-8"))
    jsonschema.validate(slack_manifest(build_table(), domain), schema)


def test_it_has_every_command_and_no_other_and_says_of_each_what_it_is_for() -> None:
    commands = _manifest()["features"]["slash_commands"]
    assert [command["command"] for command in commands] == [f"/{name}" for name in build_table().names]
    assert all(command["should_escape"] is True and command["description"] for command in commands)


def test_every_word_in_a_hint_is_a_command_that_everybody_may_use() -> None:
    table = build_table()
    paths = {command.path for command in table.commands if command.roles == EVERYBODY or command.path[-1] == "draft"}
    for name, (_, hint) in SLASH.items():
        for choice in hint.strip("[]").split(" | "):
            assert (name, choice.split()[0]) in paths or name == "intro"


def test_the_shortcut_on_messages_is_one_that_convenor_answers() -> None:
    (shortcut,) = _manifest()["features"]["shortcuts"]
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", FROM_MESSAGE)
    assert shortcut["callback_id"] in build_table().presses


def test_it_asks_for_the_scopes_that_are_needed_and_the_page_explains_each() -> None:
    scopes = _manifest()["oauth_config"]["scopes"]
    assert set(scopes["bot"]) == SCOPES
    assert set(scopes["bot_optional"]) == OPTIONAL_SCOPES
    assert not SCOPES & OPTIONAL_SCOPES
    assert set(re.findall(r"^\| `([a-z:]+)` \|", PAGE, re.MULTILINE)) == SCOPES
    assert set(re.findall(r"^\| `([a-z:]+)`, optional \|", PAGE, re.MULTILINE)) == OPTIONAL_SCOPES


def test_without_a_domain_convenor_opens_the_connection_and_no_address_is_named() -> None:
    made = _manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert made["settings"]["interactivity"] == {"is_enabled": True}
    assert "https://" not in json.dumps(made)


def test_with_a_domain_slack_calls_convenor_there_for_commands_buttons_and_events() -> None:
    made = slack_manifest(build_table(), DOMAIN)
    address = f"https://{DOMAIN}{PATH}"
    settings = made["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["interactivity"] == {"is_enabled": True, "request_url": address}
    events = ["app_home_opened", "app_uninstalled", "tokens_revoked"]
    assert settings["event_subscriptions"] == {"request_url": address, "bot_events": events}
    assert made["oauth_config"]["redirect_urls"] == [f"https://{DOMAIN}{REDIRECT_PATH}"]
    assert {command["url"] for command in made["features"]["slash_commands"]} == {address}


def test_every_setting_for_slack_is_explained() -> None:
    for name in Settings.model_fields:
        if name.startswith("slack_"):
            assert f"| `CONVENOR_{name.upper()}` |" in PAGE


def test_every_sentence_that_the_page_explains_is_one_that_convenor_says() -> None:
    texts = sayable("adapters/slack")
    rows = explained(PAGE)
    assert len(rows) >= 8
    assert [(row, part) for row in rows for part in unsaid(row, texts)] == []


def _manifest() -> dict[str, Any]:
    return slack_manifest(build_table(), None)
