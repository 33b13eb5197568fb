"""What docs/slack.md tells people to paste is what Convenor needs: its commands, its scopes, its settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.slack.app import PATH, SCOPES
from bot.suggestion_texts import FROM_MESSAGE
from bot.table import build_table
from config.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "slack.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    (found,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    made: dict[str, Any] = yaml.safe_load(found)
    return made


def test_the_manifest_has_every_command_and_no_other(manifest: dict[str, Any]) -> None:
    commands = manifest["features"]["slash_commands"]
    assert {command["command"] for command in commands} == {f"/{name}" for name in build_table().names}
    assert all(command["should_escape"] is True for command in commands)


def test_the_manifest_has_the_shortcut_on_messages_within_slacks_limits(manifest: dict[str, Any]) -> None:
    (shortcut,) = manifest["features"]["shortcuts"]
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", FROM_MESSAGE)
    assert shortcut["callback_id"] in build_table().presses
    assert (len(shortcut["name"]) <= 24, len(shortcut["description"]) <= 150) == (True, True)


def test_the_manifest_asks_for_the_scopes_that_are_needed_and_each_is_explained(manifest: dict[str, Any]) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES
    assert set(re.findall(r"^\| `([a-z:]+)` \|", PAGE, re.MULTILINE)) == SCOPES


def test_the_manifest_lets_buttons_and_forms_through(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert PAGE.count(f"https://YOUR-ADDRESS{PATH}") == 2


def test_every_setting_for_slack_is_explained() -> None:
    for name in Settings.model_fields:
        if name.startswith("slack_"):
            assert f"| `CONVENOR_{name.upper()}` |" in PAGE
