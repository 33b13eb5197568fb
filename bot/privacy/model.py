"""What people asked for about their own data: objections, erasures, complaints; and what is held about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.privacy.retention import COMPLAINT_DAYS
from digests.model import Address


class Processing(StrEnum):
    """What somebody may object to while they go on using the rest."""

    INTRODUCTIONS = "introductions"
    """Being found and asked when others look for an introduction."""
    RANKING = "ranking"
    """Counting what they follow when the digest is ranked."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Somebody's no to one sort of processing; in effect from when it was recorded until it is taken back."""

    member_id: str
    processing: Processing
    at: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """Somebody's wish to be erased. Until ``due_at`` they are treated as absent, and can take it back."""

    member_id: str
    asked_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint about personal data. ``reference`` is its id, in a form that people can read out.

    ``account`` is where the answer goes. ``reminded_on`` is the day of its age on which coordinators were last
    reminded; 0: never. ``answered_at`` is None while it is open. Moments are UTC.
    """

    reference: str
    member_id: str
    account: Address
    words: str
    at: datetime
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    reminded_on: int = 0

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it."""
        return self.answered_at is None

    @property
    def answer_by(self) -> datetime:
        """By when it is to be answered."""
        return self.at + timedelta(days=COMPLAINT_DAYS)


@dataclass(frozen=True, slots=True)
class Held:
    """How many rows of a table are about somebody; the earliest and latest moment, where the rows have one."""

    count: int
    first: datetime | None = None
    last: datetime | None = None


Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""Rows by table, each with its columns' names and plain values (text, numbers, truth values, None, lists)."""
