"""``convenor manifest``: what Slack and Teams have to be told of Convenor before it can be installed there."""

from __future__ import annotations

import argparse
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import yaml

from bot import app, console
from bot.actions import actions_of
from bot.manifests import checked_app_id, checked_domain, checked_version
from config.settings import Settings
from digests.errors import ConfigError

PACKAGE: Final = "convenor-teams.zip"
NEEDS_DOMAIN: Final = (
    "--domain: say at which domain Teams reaches Convenor, such as digest.example.org. Without the option it is taken "
    "from CONVENOR_PUBLIC_URL, which is not set to a domain."
)
NEEDS_APP_ID: Final = "--app-id: give the application id of the Azure Bot. docs/teams.md says where it is shown."

Arguments = argparse.Namespace


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The actions of ``convenor manifest``, each with its help."""
    parser.set_defaults(json=False)
    action = actions_of(parser)
    slack = action("slack", "print the manifest of the Slack app, to paste where the app is created (docs/slack.md)")
    slack.add_argument(
        "--domain", metavar="NAME", help="have Slack call Convenor there by HTTPS (default: Socket Mode, no domain)"
    )
    slack.add_argument("-o", "--output", metavar="FILE", help="write it into a file (default: standard output)")
    teams = action("teams", "write the app package that is uploaded to Microsoft Teams (docs/teams.md)")
    teams.add_argument(
        "--domain", metavar="NAME", help="where Teams reaches Convenor (default: that of CONVENOR_PUBLIC_URL)"
    )
    teams.add_argument(
        "--app-id", metavar="ID", help="the application id of the Azure Bot (default: CONVENOR_TEAMS_APP_ID)"
    )
    teams.add_argument(
        "--app-version",
        metavar="VERSION",
        help="three numbers; Teams takes an update only with a higher one (default: Convenor’s own)",
    )
    teams.add_argument("-o", "--output", metavar="FILE", default=PACKAGE, help=f"the package (default: {PACKAGE})")


def run(settings: Settings, arguments: Arguments) -> int:
    """Make it; the exit code. Raises ConfigError, which tells every mistake, before anything is written."""
    if arguments.action == "slack":
        return _slack(arguments)
    if arguments.action == "teams":
        return _teams(settings, arguments)
    raise ConfigError(["manifest: say of what. There are two: slack and teams."])


def _slack(arguments: Arguments) -> int:
    domain = checked_domain(arguments.domain) if arguments.domain else None
    made = app.slack_manifest(domain)
    if arguments.json and not arguments.output:
        console.write_json(made)
        return 0
    words = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=100)
    if arguments.output:
        _write(arguments.output, words.encode())
    else:
        console.write(words)
    _say(
        f"The app is for {f'HTTP at https://{domain}' if domain else 'Socket Mode'}. docs/slack.md says where it goes."
    )
    return 0


def _teams(settings: Settings, arguments: Arguments) -> int:
    problems: list[str] = []

    def checked(check: str, given: str | None, needed: str) -> str:
        checks = {"domain": checked_domain, "app_id": checked_app_id, "version": checked_version}
        try:
            if not given:
                raise ConfigError([needed])
            return checks[check](given)
        except ConfigError as wrong:
            problems.extend(wrong.problems)
            return ""

    domain = checked("domain", arguments.domain or _public_domain(settings), NEEDS_DOMAIN)
    app_id = checked("app_id", arguments.app_id or settings.teams_app_id, NEEDS_APP_ID)
    number = checked("version", arguments.app_version or own_version(), "")
    if problems:
        raise ConfigError(problems)
    facts = (app_id, domain, number, settings.owner)
    if arguments.json:
        console.write_json(app.teams_manifest(*facts))
        return 0
    _write(arguments.output, app.teams_package(*facts))
    _say(
        f"{arguments.output} is the app for Teams, version {number}: its bot is {app_id}, at https://{domain}. "
        "docs/teams.md says how to upload it."
    )
    return 0


def own_version() -> str:
    """Convenor's version as three numbers."""
    try:
        found = re.match(r"\d+\.\d+\.\d+", version("convenor"))
    except PackageNotFoundError:
        found = None
    return found[0] if found else "1.0.0"


def _public_domain(settings: Settings) -> str:
    parts = urlsplit(settings.public_url)
    return parts.hostname or "" if parts.scheme == "https" and parts.port is None else ""


def _write(file: str, content: bytes) -> None:
    try:
        Path(file).write_bytes(content)
    except OSError as trouble:
        raise ConfigError([f"--output: {file} cannot be written ({trouble.strerror})."]) from None


def _say(sentence: str) -> None:
    console.err().print(sentence, markup=False, soft_wrap=True)
