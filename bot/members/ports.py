"""What the directory needs of the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.members.codes import Code, CodePurpose
from bot.members.consent import Consent
from bot.members.profile import Profile
from bot.messages import Identity


class Profiles(Protocol):
    """The directory."""

    async def get(self, member_id: str) -> Profile | None:
        """The profile of a member; None where they are not in the directory."""
        ...

    async def some(self, member_ids: Collection[str]) -> Sequence[Profile]:
        """The profiles of those of these members who are in the directory, by member id.

        It takes the same work however many there are, so that nobody who waits for it can tell.
        """
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

    async def since(self, stamp: int) -> Sequence[Profile]:
        """Those of :meth:`all` that were put after the stamp was this."""
        ...

    async def ids(self) -> Collection[str]:
        """The members whose profiles :meth:`all` has: told much sooner than these are opened."""
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


class Applications(Protocol):
    """Profiles of those who said yes and wait for a coordinator. None of them is in the directory."""

    async def put(self, profile: Profile, asked_at: datetime) -> None:
        """Insert one, or replace that of the same member. Raises NotFound where there is no such member."""
        ...

    async def get(self, member_id: str) -> Profile | None:
        """What a member asked to be in the directory with."""
        ...

    async def remove(self, member_id: str, revision: int | None = None) -> bool:
        """Take it away; False where there is none (any more), or not with this revision."""
        ...

    async def all(self) -> Sequence[Profile]:
        """Every one, the longest waiting first."""
        ...


class Codes(Protocol):
    """Single-use codes, by their digests; and who typed wrong ones."""

    async def add(self, code: Code) -> None:
        """Record a code."""
        ...

    async def get(self, digest: str) -> Code | None:
        """The code with this digest."""
        ...

    async def use(self, digest: str, member_id: str, now: datetime) -> bool:
        """Use a code up; False where it was used already."""
        ...

    async def made_by(self, member_id: str, purpose: CodePurpose, since: datetime) -> int:
        """How many a member has asked for since a moment."""
        ...

    async def open(self, purpose: CodePurpose, now: datetime) -> Sequence[Code]:
        """Those that can still be used, oldest first."""
        ...

    async def invited(self, member_id: str) -> bool:
        """Whether a member used an invitation that still counts."""
        ...

    async def spend(self, member_id: str) -> int:
        """Forget the invitations that a member used: they have joined. Returns how many there were."""
        ...

    async def tried(self, who: Identity, now: datetime) -> None:
        """Note that an account typed a wrong code."""
        ...

    async def tries(self, who: Identity, since: datetime) -> int:
        """How often it did since a moment."""
        ...

    async def forget(self, now: datetime) -> int:
        """Drop what cannot be used any more and wrong codes from before the day before ``now``; returns how many."""
        ...
