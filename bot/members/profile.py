"""What a member declares about themselves. Being in the directory means having a profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum


class Contact(StrEnum):
    """A way in which a member may be reached once they have agreed to an introduction."""

    CHAT = "chat"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Profile:
    """A member's own words, and their wishes.

    ``can_help`` says in their words what they can help with; ``topics`` are ids of the taxonomy. ``email`` is needed
    where ``contacts`` has it, and is shown to nobody before both have agreed. ``per_fortnight`` is how often at most
    they may be asked. ``snoozed_until`` is the first day (in London) on which they may be asked again; None: now.
    ``avoid`` names people and organisations, for the rules alone: nobody else may ever read it. ``revision`` counts
    from 1, and each is agreed to by itself. ``joined_at`` is UTC.
    """

    member_id: str
    name: str
    organisation: str
    role: str
    can_help: str
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    regions: tuple[str, ...]
    contacts: tuple[Contact, ...]
    email: str
    per_fortnight: int
    snoozed_until: date | None
    avoid: tuple[str, ...]
    pronouns: str
    revision: int
    joined_at: datetime

    def snoozed(self, today: date) -> bool:
        """Whether they rest on this day (in London), and are not to be asked."""
        return self.snoozed_until is not None and today < self.snoozed_until

    def on(self, today: date) -> Profile:
        """The same without a rest that is over."""
        return self if self.snoozed(today) else replace(self, snoozed_until=None)
