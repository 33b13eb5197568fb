"""The erasure journal, and the hold after a restore."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, delete, or_, select, type_coerce

from adapters.store.repositories.deliveries import SqlDeliveries
from adapters.store.tables import deliveries, departures, holds, members
from adapters.store.transaction import Transaction
from bot.keeping.model import COUNTS_AS_UNKNOWN, FELL_DUE, SHOWN_BEFORE, Departure, Did, Hold, NotOnHold
from digests.model import Delivery, DeliveryState

_MOVING = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.RETRY)
_BY_THE_HOLD = (COUNTS_AS_UNKNOWN, FELL_DUE)


class SqlDepartures:
    """Fulfils ``bot.keeping.ports.Departures``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def begin(self, now: datetime) -> None:
        if await self._transaction.first(select(departures.c.id).where(departures.c.did == Did.BEGAN)) is None:
            await self.keep([Departure(Did.BEGAN, "", now)])

    async def note(
        self, did: Did, member_id: str, now: datetime, *, due_at: datetime | None = None, other_id: str = ""
    ) -> None:
        values = {"did": did, "who": member_id, "at": now, "due_at": due_at, "other": other_id}
        await self._transaction.added(self._transaction.insert(departures).values(**values))

    async def all(self) -> Sequence[Departure]:
        query = select(departures).order_by(departures.c.at, departures.c.id)
        rows = await self._transaction.rows(query)
        return [departure(row) for row in rows]

    async def keep(self, entries: Sequence[Departure]) -> int:
        new = 0
        for each in entries:
            marks = {"who": type_coerce(each.who, Text), "other": type_coerce(each.other, Text)}
            values: dict[str, Any] = {"did": each.did, "at": each.at, "due_at": each.due_at, **marks}
            new += await self._transaction.added(self._transaction.insert(departures).values(**values))
        return new

    async def found(self) -> Mapping[str, str]:
        ids = [row.id for row in await self._transaction.rows(select(members.c.id))]
        return {mark: each for each in ids for mark in self._transaction.vault.marks(each)}

    async def unreadable(self, entries: Sequence[Departure]) -> Collection[Departure]:
        vault = self._transaction.vault
        return [each for each in entries if each.who and not vault.has_made(each.who)]


def departure(row: Row[Any]) -> Departure:
    """The entry of a row of ``departures``."""
    return Departure(row.did, row.who, row.at, row.due_at, row.other)


class SqlHolds:
    """Fulfils ``bot.keeping.ports.Holds``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self) -> Hold | None:
        row = await self._transaction.first(select(holds))
        return Hold(row.since, row.made_at, row.backup) if row else None

    async def begin(self, hold: Hold) -> int:
        await self._transaction.change(delete(holds))
        row = {"id": 1, "since": hold.since, "made_at": hold.made_at, "backup": hold.backup}
        await self._transaction.change(holds.insert().values(**row))
        is_there = or_(deliveries.c.message_ref != "", deliveries.c.sent_version > 0)
        moving = deliveries.update().where(deliveries.c.state.in_(_MOVING)).values(lease_until=None)
        shown = moving.where(is_there).values(state=DeliveryState.SENT, reason=SHOWN_BEFORE)
        await self._transaction.change(shown)
        # With the fence one higher, a button that was shown on the row before it was restored is known as stale.
        unknown = {"state": DeliveryState.UNKNOWN, "reason": COUNTS_AS_UNKNOWN, "fence": deliveries.c.fence + 1}
        return await self._transaction.change(moving.where(~is_there).values(**unknown))

    async def end(self, *, send: bool) -> Sequence[Delivery]:
        if not await self._transaction.change(delete(holds)):
            raise NotOnHold("hold")
        unknown = (deliveries.c.state == DeliveryState.UNKNOWN) & deliveries.c.reason.in_(_BY_THE_HOLD)
        shown = (deliveries.c.state == DeliveryState.SENT) & (deliveries.c.reason == SHOWN_BEFORE)
        keys = [row.key for row in await self._transaction.rows(select(deliveries.c.key).where(unknown))]
        if send:
            again = {"state": DeliveryState.PENDING, "attempts": 0, "reason": ""}
            await self._transaction.change(deliveries.update().where(or_(unknown, shown)).values(**again))
        else:
            await self._transaction.change(deliveries.update().where(shown).values(reason=""))
        every = await SqlDeliveries(self._transaction).in_state(DeliveryState.UNKNOWN, DeliveryState.PENDING)
        return [row for row in every if row.key in frozenset(keys)]
