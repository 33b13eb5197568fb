"""What surviving needs of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.keeping.model import Departure, Did, Hold
from digests.model import Delivery


class Departures(Protocol):
    """The erasure journal, as the database has it: what is written here is copied to a file outside the backups."""

    async def begin(self, now: datetime) -> None:
        """Say from when on the journal is complete, unless that is said already."""
        ...

    async def note(
        self, did: Did, member_id: str, now: datetime, *, due_at: datetime | None = None, other_id: str = ""
    ) -> None:
        """Add an entry about a member, as part of the unit of work in which it is done."""
        ...

    async def all(self) -> Sequence[Departure]:
        """Every entry, the oldest first."""
        ...

    async def keep(self, departures: Sequence[Departure]) -> int:
        """Add entries that were made elsewhere; returns how many of them were not here."""
        ...

    async def found(self) -> Mapping[str, str]:
        """The id of every member there is, by each mark that an entry about them may have."""
        ...

    async def unreadable(self, departures: Sequence[Departure]) -> Collection[Departure]:
        """Those of the entries that were made with a key that is not set."""
        ...


class Holds(Protocol):
    """Whether what was restored is on hold. The outbox gives out no row meanwhile."""

    async def get(self) -> Hold | None:
        """The hold; None where there is none."""
        ...

    async def begin(self, hold: Hold) -> int:
        """Put everything on hold. What waits to be sent counts as unknown from now on; returns how much that is.

        An update of a message that is there counts as made.
        """
        ...

    async def end(self, *, send: bool) -> Sequence[Delivery]:
        """End the hold. Returns what still counts as unknown by it; with ``send`` that is to be sent instead.

        Raises NotOnHold where there is none (any more): of two who release at the same time, one does.
        """
        ...
