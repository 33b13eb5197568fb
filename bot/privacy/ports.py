"""What privacy needs of the store."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.privacy.model import Complaint, Erasure, Held, Objection, Processing, Rows
from bot.privacy.retention import Swept

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

    async def last(self, action: str, subject: str) -> AuditEntry | None:
        """The newest line that says that this was done to this thing; None where the log knows of none any more."""
        ...

    async def of(self, member_id: str) -> Sequence[AuditEntry]:
        """The lines that a member is the actor or the subject of, the oldest first."""
        ...

    async def forget(self, before: datetime) -> Mapping[tuple[str, str], int]:
        """Drop the lines from before a moment; returns how many there were of each action and month (``2025-01``)."""
        ...


class Rights(Protocol):
    """What people asked for about their own data."""

    async def object(self, objection: Objection) -> bool:
        """Record an objection; False where it is recorded already."""
        ...

    async def take_back(self, member_id: str, processing: Processing) -> bool:
        """Take an objection back; False where there is none."""
        ...

    async def objections(self, member_id: str) -> Sequence[Objection]:
        """What a member objects to, the oldest first."""
        ...

    async def ask_erasure(self, erasure: Erasure) -> bool:
        """Record that somebody wants to be erased; False where that is recorded already."""
        ...

    async def undo_erasure(self, member_id: str) -> bool:
        """Forget that wish; False where there is none (any more)."""
        ...

    async def erasure_of(self, member_id: str) -> Erasure | None:
        """Somebody's wish to be erased, if it waits to be carried out."""
        ...

    async def erasures_due(self, now: datetime) -> Sequence[Erasure]:
        """The erasures to be carried out by now, the longest due first."""
        ...

    async def absent(self, processing: Processing | None = None) -> Collection[str]:
        """The members who are treated as if they were not there: they wait to be erased, or object to this."""
        ...

    async def complain(self, complaint: Complaint) -> None:
        """Record a complaint."""
        ...

    async def complaint(self, reference: str) -> Complaint | None:
        """The complaint with this reference."""
        ...

    async def complaints(self, member_id: str = "") -> Sequence[Complaint]:
        """The complaints of a member, or else every open one; the oldest first."""
        ...

    async def answer(self, complaint: Complaint) -> bool:
        """Record the answer to an open complaint; False where it is answered already."""
        ...

    async def note_reminder(self, reference: str, day: int) -> bool:
        """Record that coordinators were reminded on this day of its age; False where they were, or it is answered."""
        ...


class Personal(Protocol):
    """The rows that are about somebody, whatever table they stand in (see ``bot.privacy.register``)."""

    async def held(self, member_id: str) -> Mapping[str, Held]:
        """By table, how much is about a member; tables with nothing are left out."""
        ...

    async def export(self, member_id: str) -> Rows:
        """The rows about a member, with the ids of other people left out."""
        ...

    async def erase(self, member_id: str, mark: str) -> Mapping[str, int]:
        """Delete what is about a member; ``mark`` takes their place where a record must go on.

        Returns how many rows that touched, by table.
        """
        ...

    async def sweep(self, due: Mapping[Swept, datetime]) -> Mapping[Swept, int]:
        """Delete of each sort what is older than its moment, keep numbers by month, and return how many went."""
        ...

    async def tallies(self) -> Mapping[tuple[str, str], int]:
        """How many of each sort were deleted, by the month (``2025-01``) that they were from."""
        ...
