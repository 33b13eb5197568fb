"""What introductions need of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.introductions.model import Asked, Journey
from bot.privacy.statistics import Outcome


class Requests(Protocol):
    """Requests for introductions, each with its asks and its introduction."""

    async def add(self, journey: Journey) -> None:
        """Record a new request; one with its id that is there already stays as it is."""
        ...

    async def get(self, request_id: str) -> Journey | None:
        """One request with everything that follows from it."""
        ...

    async def save(self, journey: Journey) -> bool:
        """Store a journey that was changed, and raise the request's revision by one.

        False, and nothing is stored, where the request is no longer at the revision that it was read at.
        """
        ...

    async def of_ask(self, ask_id: str) -> Journey | None:
        """The journey that an ask belongs to."""
        ...

    async def of_requester(self, member_id: str) -> Sequence[Journey]:
        """Everything that a member asked for, oldest first."""
        ...

    async def of_candidate(self, member_id: str) -> Sequence[Journey]:
        """Every journey in which a member is or was to be asked, oldest first."""
        ...

    async def unfinished(self) -> Sequence[Journey]:
        """Every journey from which something may follow yet, oldest first."""
        ...

    async def closed(self, before: datetime) -> Sequence[Journey]:
        """Those that came to their end before a moment and still have their words, oldest first."""
        ...

    async def asked_since(self, moment: datetime) -> Sequence[Asked]:
        """Every ask since a moment, for the limits; those that were planned and never asked do not count."""
        ...

    async def blank(self, closed_before: datetime) -> Sequence[datetime]:
        """Forget every word and name of the requests that came to their end before a moment, and of their asks.

        The states, dates and topics stay, and whether two met, so that they can be counted. Returns when each that was
        blanked had come to its end.
        """
        ...

    async def outcomes(self) -> Sequence[Outcome]:
        """What became of every request that is kept, in moments and topics alone, oldest first."""
        ...
