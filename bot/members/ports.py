"""What the directory needs of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.members.consent import Consent
from bot.members.profile import Profile


class Profiles(Protocol):
    """The directory."""

    async def get(self, member_id: str) -> Profile | None:
        """The profile of a member; None where they are not in the directory."""
        ...

    async def put(self, profile: Profile) -> None:
        """Insert a profile, or replace that of the same member. Raises NotFound where there is no such member."""
        ...

    async def remove(self, member_id: str) -> bool:
        """Take a member out of the directory; False where they are not in it."""
        ...

    async def all(self) -> Sequence[Profile]:
        """Every profile, by member id. For the rules and for coordinators: nobody else may list them.

        Members who object to being found, or wait to be erased, are left out.
        """
        ...

    async def stamp(self) -> int:
        """A number that rises whenever :meth:`all` changes."""
        ...


class Consents(Protocol):
    """What was agreed to. Kept when a member leaves, until the retention sweep."""

    async def record(self, consent: Consent) -> None:
        """Record a yes; one with its id that is there already stays as it is."""
        ...

    async def of(self, member_id: str) -> Sequence[Consent]:
        """What a member agreed to, oldest first, with what they withdrew."""
        ...

    async def about(self, subject: str) -> Sequence[Consent]:
        """Every yes about a subject, oldest first, with those that were withdrawn."""
        ...

    async def withdraw(self, consent_id: str, now: datetime) -> bool:
        """Withdraw a yes; False where there is none, or it was withdrawn already."""
        ...
