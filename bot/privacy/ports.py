"""What privacy needs of the store."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

# An action is a few fixed words of ours, and a subject is ids joined by colons: neither can hold a sentence, so that
# no body of a message and no name can come into the log.
_ACTION = re.compile(r"[a-z][a-z-]*:?( [a-z-]+){0,7}")
_SUBJECT = re.compile(r"\S{0,600}")
_ACTOR = re.compile(r"[a-z0-9-]+( [a-z]+)?")

COMMAND_LINE = "command line"
"""Who did something at the machine itself, where no account is known."""
CONVENOR = "convenor"
"""Who did what came due by itself."""
FORMER = "former"
"""Stands for everybody who was erased, where a record must go on saying that somebody did something."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log: who did what to which thing, and when (UTC). ``number`` is its order.

    ``actor`` is a member id, or one of COMMAND_LINE, CONVENOR, FORMER. ``subject`` is a kind and an id, such as
    ``edition:2025-01-24`` or ``member:4f…``. Raises ValueError where any of them could be somebody's own words.
    """

    actor: str
    action: str
    subject: str
    at: datetime
    number: int = 0

    def __post_init__(self) -> None:
        for value, allowed in ((self.actor, _ACTOR), (self.action, _ACTION), (self.subject, _SUBJECT)):
            if not allowed.fullmatch(value):
                raise ValueError(f"not for the audit log: {value[:40]!r}")


class Audit(Protocol):
    """What coordinators, editors and administrators did."""

    async def note(self, actor_member_id: str, action: str, subject: str, now: datetime) -> None:
        """Add a line, as part of the unit of work in which it is done. Raises ValueError as AuditEntry does."""
        ...

    async def latest(self, most: int, before: int = 0) -> Sequence[AuditEntry]:
        """At most so many lines, the newest first; with ``before`` those that are older than the one of this number."""
        ...

    async def of(self, member_id: str) -> Sequence[AuditEntry]:
        """The lines that a member is the actor or the subject of, the oldest first."""
        ...

    async def forget(self, before: datetime) -> Mapping[tuple[str, str], int]:
        """Drop the lines from before a moment; returns how many there were of each action and month (``2025-01``)."""
        ...
