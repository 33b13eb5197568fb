"""What setup writes: settings into ``.env``, and what differs of the plan into ``digest.yaml``. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MADE_BY = "# Written by “convenor setup”. Change it as you like: docs/own-settings.md says how."
_PLAIN = re.compile(r"[A-Za-z0-9_.,:/@+=~-]*")
_LINE = re.compile(r"\s*(?:export\s+)?(CONVENOR_[A-Z0-9_]+)\s*=")
_SECRET = re.compile(r"(KEYS|TOKEN|SECRET|PASSWORD|SMTP_URL|DATABASE_URL)")
_OF_CHATS = {
    "slack": ("CONVENOR_SLACK_BOT_TOKEN", "CONVENOR_SLACK_APP_TOKEN"),
    "teams": ("CONVENOR_TEAMS_APP_ID", "CONVENOR_TEAMS_TENANT", "CONVENOR_TEAMS_APP_PASSWORD"),
    "browser": ("CONVENOR_LOCAL_CHAT",),
}


def settings_of(answers: Mapping[str, str], settings: Mapping[str, str], key: str) -> dict[str, str]:
    """The variables to write. ``settings`` has the answers to questions that fill one, by its name.

    The chat in the browser is refused beside another, so choosing one of the two switches the other off.
    """
    chosen = {"CONVENOR_ENCRYPTION_KEYS": key, **settings}
    if answers["chat"] == "browser":
        chosen |= dict.fromkeys((*_OF_CHATS["slack"], *_OF_CHATS["teams"]), "")
        chosen["CONVENOR_LOCAL_CHAT"] = "1"
    elif answers["chat"] in _OF_CHATS:
        chosen["CONVENOR_LOCAL_CHAT"] = ""
    return chosen


def env_file(present: str, changes: Mapping[str, str]) -> str:
    """The file with these variables set, and every other line as it was. Nothing is written for what was not set."""
    left = dict(changes)
    lines = []
    for line in present.splitlines():
        known = _LINE.match(line)
        if known and known[1] in changes:
            if known[1] in left:
                lines.append(f"{known[1]}={quoted(left.pop(known[1]))}")
            continue
        lines.append(line)
    if not present:
        lines.append(MADE_BY)
    lines += [f"{name}={quoted(value)}" for name, value in left.items() if value]
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """A value as ``.env`` has it."""
    if _PLAIN.fullmatch(value):
        return value
    inside = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inside}'"


def digest_file(answers: Mapping[str, str]) -> str:
    """``digest.yaml`` with what was answered."""
    weekday, at = answers["edition"].split()
    title = answers["title"].replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'{MADE_BY}\ntitle: "{title}"\nfirst_number: {answers["first-number"]}\n'
        f'schedule:\n  weekday: {weekday}\n  at: "{at}"\n'
    )


def is_ours(present: str) -> bool:
    """Whether a ``digest.yaml`` has nothing in it but what setup wrote, so that it may be written anew."""
    lines = [line for line in present.splitlines() if line.strip() and line != MADE_BY]
    names = [line.split(":")[0].strip() for line in lines]
    return names == ["title", "first_number", "schedule", "weekday", "at"]


def shown(changes: Mapping[str, str]) -> Sequence[str]:
    """The variables as a person is shown them before they are written: secrets are not."""
    return [
        f"{name}={'(secret)' if value and _SECRET.search(name) else quoted(value)}" for name, value in changes.items()
    ]
