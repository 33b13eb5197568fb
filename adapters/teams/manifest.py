"""The app package for Microsoft Teams: a manifest and two icons in a zip, the same bytes for the same facts."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.commands import Table
from bot.manifests import COLOUR, IN_CHANNELS, IN_PRIVATE, LONG, NAME, SHORT, SUGGEST, SUGGEST_HELP, Line, lines
from bot.privacy.public_notice import PAGE, USE

# The first version in which an app can say that it works in private and shared channels, where editors and coordinators
# want to be. Newer ones add nothing that Convenor uses.
VERSION: Final = "1.25"
SCHEMA: Final = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}/MicrosoftTeams.schema.json"

SEARCH: Final = "search"
"""The message extension's command that searches the archive."""
WORDS: Final = "words"
"""Its one parameter: what to search for."""
SUGGEST_LINK: Final = "suggest"
"""The message extension's command, on a message, that suggests the link in it."""

COLOR_ICON, OUTLINE_ICON, MANIFEST = "color.png", "outline.png", "manifest.json"
ICONS: Final = Path(__file__).parent / "icons"

# Limits that Teams sets, from its schema.
DEVELOPER_CHARACTERS: Final = 32
COMMANDS_AT_MOST: Final = 10

# A zip holds the time of each file; a fixed one keeps the package the same (the earliest that a zip can say).
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_ORDINARY_FILE: Final = 0o644 << 16

OURSELVES: Final = "convenor"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AppFacts:
    """What differs from network to network. ``app_id`` is that of the Azure Bot; ``owner`` may be empty."""

    app_id: str
    domain: str
    version: str
    owner: str = ""


def teams_package(table: Table, facts: AppFacts) -> bytes:
    """The package that is uploaded to Teams."""
    words = json.dumps(teams_manifest(table, facts), ensure_ascii=False, indent=2) + "\n"
    files = {
        MANIFEST: words.encode(),
        COLOR_ICON: (ICONS / COLOR_ICON).read_bytes(),
        OUTLINE_ICON: (ICONS / OUTLINE_ICON).read_bytes(),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            about = zipfile.ZipInfo(name, _TIME)
            about.external_attr = _ORDINARY_FILE
            about.create_system = 3
            # Stored and not packed: what zlib makes of the same bytes differs from one of its versions to the next.
            archive.writestr(about, content, zipfile.ZIP_STORED)
    return made.getvalue()


def teams_manifest(table: Table, facts: AppFacts) -> Json:
    """The manifest as Teams takes it."""
    site = f"https://{facts.domain}"
    return {
        "$schema": SCHEMA,
        "manifestVersion": VERSION,
        "version": facts.version,
        "id": facts.app_id,
        "developer": {
            "name": developer(facts.owner),
            "websiteUrl": f"{site}/",
            "privacyUrl": f"{site}{PAGE}",
            "termsOfUseUrl": f"{site}{PAGE}#{USE}",
        },
        "name": {"short": NAME, "full": f"{NAME}: the digest and introductions"},
        "description": {"short": SHORT, "full": LONG.format(privacy="convenor privacy")},
        "icons": {"color": COLOR_ICON, "outline": OUTLINE_ICON},
        "accentColor": COLOUR,
        "bots": [
            {
                "botId": facts.app_id,
                "scopes": ["personal", "team"],
                "isNotificationOnly": False,
                "supportsFiles": False,
                "commandLists": [
                    {"scopes": ["personal"], "commands": _listed(lines(table, IN_PRIVATE))},
                    {"scopes": ["team"], "commands": _listed(lines(table, IN_CHANNELS))},
                ],
            }
        ],
        "composeExtensions": [
            {
                "botId": facts.app_id,
                "commands": [
                    {
                        "id": SEARCH,
                        "type": "query",
                        "context": ["compose", "commandBox"],
                        "title": "Search the archive",
                        "description": "Finds what Convenor has read, to put it into a message",
                        "initialRun": False,
                        "parameters": [
                            {
                                "name": WORDS,
                                "title": "Words",
                                "description": "Words, “a phrase”, -without, topic:, kind:, publisher:, from:, to:",
                                "inputType": "text",
                            }
                        ],
                    },
                    {
                        "id": SUGGEST_LINK,
                        "type": "action",
                        "context": ["message"],
                        "title": SUGGEST,
                        "description": SUGGEST_HELP,
                        "fetchTask": True,
                    },
                ],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [facts.domain],
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot"},
        "supportsChannelFeatures": "tier1",
    }


def developer(owner: str) -> str:
    """Who stands in Teams as the maker: whoever runs Convenor, cut at a word where their name is too long."""
    name = " ".join(owner.split())
    if len(name) <= DEVELOPER_CHARACTERS:
        return name or NAME
    words = name[:DEVELOPER_CHARACTERS].rsplit(" ", 1)[0].rstrip(" ,;:&-")
    return f"{words[: DEVELOPER_CHARACTERS - 1]}…"


def _listed(shown: Sequence[Line]) -> list[Json]:
    # In Teams commands are words, and ours need not begin with our name.
    return [{"title": line.typed.removeprefix(f"{OURSELVES} "), "description": line.help} for line in shown]
