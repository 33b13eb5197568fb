"""What was found of the things that Convenor needs, and a row that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How it stands. Only what is broken makes the check fail."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was looked at, how it stands, what was found, and what to do where it is not well."""

    what: str
    level: Level
    found: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Space:
    """A disk: where, and how many bytes are free of how many."""

    where: str
    free: int
    total: int


class Seen(StrEnum):
    """What the bot sees of a channel that it is to post to."""

    IN = "in"
    OUT = "out"
    """It is there, and the bot is not in it."""
    ARCHIVED = "archived"
    MISSING = "missing"
    """It is not there, or it is private and the bot is not in it."""
    UNKNOWN = "unknown"
    """The app may not look."""


@dataclass(frozen=True, slots=True)
class SlackSeen:
    """What Slack says to a bot token.

    ``error`` is its word for why it does not take the token, or the trouble on the way (``unreachable`` then); both
    empty where it does. ``scopes`` is None where it does not say. ``app_error`` is the same of the app-level token.
    ``channels`` are those that were asked about, by id. ``now`` is Slack's own clock (UTC).
    """

    error: str = ""
    unreachable: bool = False
    team: str = ""
    scopes: frozenset[str] | None = None
    app_error: str = ""
    channels: Mapping[str, Seen] = field(default_factory=dict)
    now: datetime | None = None
