"""What an app's manifest says of Convenor on any platform, and the checks of what an operator gives for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.commands import EVERYBODY, Table
from bot.suggestion_texts import FROM_MESSAGE as FROM_MESSAGE
from digests.errors import ConfigError

NAME: Final = "Convenor"
SHORT: Final = "The weekly digest of data and AI policy, and introductions within the network"
LONG: Final = (
    "Convenor reads what government, Parliament, regulators, civil society and the press publish on data and AI, and "
    "drafts the weekly digest, which editors of your network shape and approve.\n\n"
    "It also introduces people to each other: you say what you need, a coordinator finds who can help, and nobody is "
    "introduced to anybody before both have said yes.\n\n"
    "You can follow topics, search everything that was read, and suggest links. Convenor sees what you say to it, the "
    "buttons that you press on its messages, and a message that you choose to suggest a link from: nothing else. "
    "“{privacy}” shows what is held about you."
)
COLOUR: Final = "#0B5563"
SUGGEST: Final = "Suggest for the digest"
SUGGEST_HELP: Final = "Suggests the link in this message to the editors of the digest"

# What stands beside each slash command where a platform lists them: what it is for, and what may follow it.
SLASH: Final = {
    "digest": (
        "The latest edition, the draft, and a search of everything that was read",
        "[draft | search words | suggest address why | help]",
    ),
    "topics": ("What you follow, and how soon you hear of it", "[list | follow words | quiet | stop]"),
    "profile": (
        "What you say of yourself to coordinators, and whether they may ask you",
        "[pause | leave | join code | link | accounts]",
    ),
    "intro": ("Ask the coordinators for an introduction", "[someone who knows about …]"),
    "convenor": ("What Convenor can do here, and how it is set up", "[home | privacy | help]"),
}
# What a platform that lists few commands lists: in a person's own chat with Convenor, and in a channel.
IN_PRIVATE: Final = (
    "digest",
    "digest search",
    "digest suggest",
    "topics",
    "topics follow",
    "intro",
    "profile",
    "convenor home",
    "convenor privacy",
    "convenor help",
)
IN_CHANNELS: Final = (
    "digest",
    "digest search",
    "digest draft",
    "digest suggest",
    "intro",
    "intro queue",
    "convenor here",
    "convenor stuck",
    "convenor sources",
    "convenor help",
)

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})")


@dataclass(frozen=True, slots=True)
class Line:
    """One command in a list: how it is typed, without a slash, and what it does, as a sentence without full stop."""

    typed: str
    help: str


def lines(table: Table, which: Sequence[str]) -> list[Line]:
    """The commands ``which``, each with its line of the help."""
    known = {" ".join(command.path): command for command in table.commands}
    return [Line(typed, _capital(known[typed].help)) for typed in which]


def for_everybody(table: Table, which: Sequence[str]) -> bool:
    """Whether anybody may use each of these commands."""
    known = {" ".join(command.path): command for command in table.commands}
    return all(known[typed].roles == EVERYBODY for typed in which)


def checked_domain(given: str) -> str:
    """The domain in small letters. Raises ConfigError where it is an address, a path, or no name of a machine."""
    domain = given.strip().lower()
    if "://" in domain:
        found = re.sub(r"^[a-z+.-]*://|[/?#:].*", "", domain.partition("://")[2])
        example = found if _is_domain(found) else "digest.example.org"
        raise ConfigError([f"--domain: write the name alone, without “{domain.partition('://')[0]}://”: {example}"])
    if not _is_domain(domain):
        raise ConfigError(
            [
                f"--domain: “{given}” is not the name of a site on the internet. Write it alone, without a path or a "
                "port, such as digest.example.org."
            ]
        )
    return domain


def _is_domain(words: str) -> bool:
    return len(words) <= 253 and _DOMAIN.fullmatch(words) is not None


def checked_app_id(given: str) -> str:
    """An application id in small letters. Raises ConfigError where it is none."""
    app_id = given.strip().strip("{}").lower()
    if not _GUID.fullmatch(app_id):
        raise ConfigError(
            [
                f"--app-id: “{given}” is not an application id. Azure shows it as “Microsoft App ID” or “Application "
                "(client) ID”; it looks like 11111111-2222-3333-4444-555555555555."
            ]
        )
    return app_id


def checked_version(given: str) -> str:
    """The version of a package. Raises ConfigError where it is not three whole numbers."""
    if not _VERSION.fullmatch(given):
        raise ConfigError([f"--app-version: “{given}” is not a version. Write three numbers, such as 1.0.2."])
    return given


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
