"""The erasure journal and the hold, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.keeping.model import COUNTS_AS_UNKNOWN, FELL_DUE, SHOWN_BEFORE, Departure, Did, Hold, NotOnHold
from digests.model import Delivery, DeliveryState
from tests.fakes.tables import Part

KEY = "key."


class FakeDepartures(Part):
    """Fulfils ``bot.keeping.ports.Departures``. Its marks can be read, which makes tests plain."""

    async def begin(self, now: datetime) -> None:
        if not any(each.did is Did.BEGAN for each in self._seen.departures):
            self._written.departures.append(Departure(Did.BEGAN, "", now))

    async def note(
        self, did: Did, member_id: str, now: datetime, *, due_at: datetime | None = None, other_id: str = ""
    ) -> None:
        other = KEY + other_id if other_id else ""
        await self.keep([Departure(did, KEY + member_id, now, due_at, other)])

    async def all(self) -> Sequence[Departure]:
        return sorted(self._seen.departures, key=lambda each: each.at)

    async def keep(self, departures: Sequence[Departure]) -> int:
        known = {(each.did, each.who, each.at) for each in self._seen.departures}
        new = [each for each in departures if (each.did, each.who, each.at) not in known]
        self._written.departures.extend(new)
        return len(new)

    async def found(self) -> Mapping[str, str]:
        return {KEY + member_id: member_id for member_id in self._seen.members}

    async def unreadable(self, departures: Sequence[Departure]) -> Collection[Departure]:
        return [each for each in departures if each.who and not each.who.startswith(KEY)]


class FakeHolds(Part):
    """Fulfils ``bot.keeping.ports.Holds``."""

    async def get(self) -> Hold | None:
        return next(iter(self._seen.holds), None)

    async def begin(self, hold: Hold) -> int:
        tables, unknown = self._written, 0
        tables.holds[:] = [hold]
        for key, row in tables.deliveries.items():
            if row.state not in (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.RETRY):
                continue
            newer = replace(row, lease_until=None, state=DeliveryState.SENT, reason=SHOWN_BEFORE)
            if not (row.is_there or row.message_ref):
                unknown += 1
                newer = replace(newer, state=DeliveryState.UNKNOWN, reason=COUNTS_AS_UNKNOWN, fence=row.fence + 1)
            tables.deliveries[key] = newer
        return unknown

    async def end(self, *, send: bool) -> Sequence[Delivery]:
        tables, returned = self._written, []
        if not tables.holds:
            raise NotOnHold("hold")
        tables.holds.clear()
        for key, row in tables.deliveries.items():
            unknown = row.state is DeliveryState.UNKNOWN and row.reason in (COUNTS_AS_UNKNOWN, FELL_DUE)
            shown = row.state is DeliveryState.SENT and row.reason == SHOWN_BEFORE
            if send and (unknown or shown):
                tables.deliveries[key] = replace(row, state=DeliveryState.PENDING, attempts=0, reason="")
            elif shown:
                tables.deliveries[key] = replace(row, reason="")
            if unknown:
                returned.append(tables.deliveries[key])
        return returned
