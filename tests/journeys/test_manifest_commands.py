"""``convenor manifest`` as whoever installs Convenor in Slack or Teams meets it, mistakes included."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import yaml

from bot.manifest_commands import own_version
from tests.journeys.test_commands import Command, convenor

__all__ = ["convenor"]

APP_ID = "11111111-2222-3333-4444-555555555555"


def test_the_package_for_teams_is_written_and_said(convenor: Command, tmp_path: Path) -> None:
    file = tmp_path / "convenor-teams.zip"
    code, out, err = convenor(
        "manifest", "teams", "--domain", "Digest.Example.org", "--app-id", f"{{{APP_ID.upper()}}}", "-o", str(file)
    )
    assert (code, out) == (0, "")
    assert err == (
        f"{file} is the app for Teams, version {own_version()}: its bot is {APP_ID}, at https://digest.example.org. "
        "docs/teams.md says how to upload it.\n"
    )
    with zipfile.ZipFile(file) as package:
        made = json.loads(package.read("manifest.json"))
    assert (made["id"], made["validDomains"]) == (APP_ID, ["digest.example.org"])


def test_what_the_settings_say_need_not_be_said_again(convenor: Command) -> None:
    code, out, _ = convenor(
        "manifest", "teams", "--app-id", APP_ID, "--json", "--app-version", "1.0.2",
        PUBLIC_URL="https://digest.example.org", OWNER="The Example Trust",
    )  # fmt: skip
    made = json.loads(out)
    assert (code, made["version"], made["developer"]["name"]) == (0, "1.0.2", "The Example Trust")
    assert made["validDomains"] == ["digest.example.org"]


def test_every_mistake_is_said_at_once_and_nothing_is_written(convenor: Command, tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    code, out, err = convenor(
        "manifest", "teams", "--domain", "https://digest.example.org/x", "--app-id", "convenor", "--app-version", "2",
        "-o", str(file),
    )  # fmt: skip
    assert (code, out, file.exists()) == (2, "", False)
    assert err.splitlines() == [
        "--domain: write the name alone, without “https://”: digest.example.org",
        "--app-id: “convenor” is not an application id. Azure shows it as “Microsoft App ID” or “Application (client) "
        "ID”; it looks like 11111111-2222-3333-4444-555555555555.",
        "--app-version: “2” is not a version. Write three numbers, such as 1.0.2.",
    ]


def test_what_is_missing_is_asked_for(convenor: Command) -> None:
    code, out, err = convenor("manifest", "teams", PUBLIC_URL="http://127.0.0.1:8080")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "--domain: say at which domain Teams reaches Convenor, such as digest.example.org. Without the option it is "
        "taken from CONVENOR_PUBLIC_URL, which is not set to a domain.",
        "--app-id: give the application id of the Azure Bot. docs/teams.md says where it is shown.",
    ]
    code, _, err = convenor("manifest")
    assert (code, err) == (2, "manifest: say of what. There are two: slack and teams.\n")


def test_a_file_that_cannot_be_written_is_said(convenor: Command, tmp_path: Path) -> None:
    file = tmp_path / "no" / "such" / "folder.zip"
    options = ("--domain", "digest.example.org", "-o", str(file))
    code, _, err = convenor("manifest", "teams", "--app-id", APP_ID, *options)
    assert (code, err) == (2, f"--output: {file} cannot be written (No such file or directory).\n")
    code, _, err = convenor("manifest", "slack", *options)
    assert (code, err) == (2, f"--output: {file} cannot be written (No such file or directory).\n")


def test_the_manifest_for_slack_is_printed_to_be_pasted(convenor: Command, tmp_path: Path) -> None:
    code, out, err = convenor("manifest", "slack")
    made = yaml.safe_load(out)
    assert (code, err) == (0, "The app is for Socket Mode. docs/slack.md says where it goes.\n")
    assert made["settings"]["socket_mode_enabled"] is True
    code, out, err = convenor("manifest", "slack", "--json")
    assert (code, json.loads(out), err) == (0, made, "")


def test_the_manifest_for_slack_over_http_goes_into_a_file(convenor: Command, tmp_path: Path) -> None:
    file = tmp_path / "convenor.yaml"
    code, out, err = convenor("manifest", "slack", "--domain", "digest.example.org", "-o", str(file))
    assert (code, out) == (0, "")
    assert err == "The app is for HTTP at https://digest.example.org. docs/slack.md says where it goes.\n"
    made = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert made["settings"]["interactivity"]["request_url"] == "https://digest.example.org/slack/events"
