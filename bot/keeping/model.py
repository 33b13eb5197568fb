"""What has to outlive the database itself: who left, whether it is on hold, what a backup says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.privacy.model import Processing
from digests.errors import ConvenorError


class Did(StrEnum):
    """What somebody did that a restored backup must not undo."""

    BEGAN = "began"
    """Nobody did anything: from this moment on the journal is complete."""
    ERASED = "erased"
    ASKED = "asked"
    """Asked to be erased, at a moment that the entry names."""
    KEPT = "kept"
    """Took that back."""
    LEFT = "left"
    """Left the directory, or took back the request to join it."""
    MERGED = "merged"
    """Turned out to be the same person as another member, whose mark the entry has beside theirs."""
    NOT_INTRODUCED = "objected-introductions"
    INTRODUCED = "allowed-introductions"
    NOT_RANKED = "objected-ranking"
    RANKED = "allowed-ranking"


OBJECTED: Mapping[Did, Processing] = {
    Did.NOT_INTRODUCED: Processing.INTRODUCTIONS,
    Did.NOT_RANKED: Processing.RANKING,
}
ALLOWED: Mapping[Did, Processing] = {Did.INTRODUCED: Processing.INTRODUCTIONS, Did.RANKED: Processing.RANKING}


def objected(processing: Processing, *, taken_back: bool = False) -> Did:
    """How the journal says that somebody objected to a processing, or took that back."""
    sorts = ALLOWED if taken_back else OBJECTED
    return next(did for did, each in sorts.items() if each is processing)


@dataclass(frozen=True, slots=True)
class Departure:
    """One entry of the erasure journal, which is kept outside the backups too.

    ``who`` is a mark: it is made of a member's id with the key that encrypts the database, so that it finds the rows
    of whoever it is about in a backup, and tells nothing to a reader who has no key. ``other`` is a second one, where
    two members became one, and ``due_at`` when somebody who asked for it is to be erased. Moments are UTC.
    """

    did: Did
    who: str
    at: datetime
    due_at: datetime | None = None
    other: str = ""


class NotOnHold(ConvenorError):
    """There is nothing to release."""

    sentence = "Nothing is on hold, so there is nothing to release. Nothing was done."


@dataclass(frozen=True, slots=True)
class Hold:
    """The database was restored from a backup: nothing leaves it, and nothing comes due, until somebody releases it.

    ``since`` is when it was restored, ``made_at`` when the backup was made (UTC), ``backup`` its file's name.
    """

    since: datetime
    made_at: datetime
    backup: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands beside a backup about it.

    ``file`` is its name, ``engine`` sqlite or postgresql, ``made_at`` the moment from which on nothing is in it (UTC),
    ``schema`` the version of its tables, ``program`` Convenor’s own, ``sha256`` and ``size`` (bytes) those of the file,
    ``rows`` how many there are by table, ``why`` what it was made for.
    """

    file: str
    engine: str
    made_at: datetime
    schema: str
    program: str
    sha256: str
    size: int
    rows: Mapping[str, int] = field(default_factory=dict)
    why: str = ""


COUNTS_AS_UNKNOWN = (
    "It waited to be sent when the backup was made that was restored since, so it may or may not have arrived."
)
FELL_DUE = "It fell due before the database was restored from a backup, so it may or may not have been sent."
SHOWN_BEFORE = "It waited to be brought up to date when the backup was made that was restored since."
