"""A recorded yes: who said it, when, and the exact words that they were shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConsentPurpose(StrEnum):
    """What somebody agreed to."""

    DIRECTORY = "directory"
    """To be in the directory, as the text shows them."""
    REQUEST = "request"
    """To be shown to those who are asked, and introduced to whoever accepts."""
    INTRODUCTION = "introduction"
    """To be introduced to whoever asked."""


PROFILE = "profile"
"""The subject of a consent to being in the directory; otherwise the subject is the id of a request."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One yes. ``text`` is exactly what was shown, of ``revision`` (of the profile, or of what was asked).

    ``member_id`` is empty where an outsider agreed, whose words a coordinator recorded. Moments are UTC;
    ``withdrawn_at`` is None while it stands.
    """

    id: str
    member_id: str
    purpose: ConsentPurpose
    subject: str
    text: str
    revision: int
    at: datetime
    withdrawn_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_at is None
