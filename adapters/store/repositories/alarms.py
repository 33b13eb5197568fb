"""Alarms, standing and over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from adapters.store.tables import alarms
from adapters.store.transaction import Transaction
from bot.alarms.rules import Alarm


class SqlAlarms:
    """Fulfils ``bot.alarms.ports.Alarms``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def standing(self) -> Sequence[Alarm]:
        query = select(alarms).where(alarms.c.over_at.is_(None)).order_by(alarms.c.id)
        return [Alarm(row.what, row.subject, row.since) for row in await self._transaction.rows(query)]

    async def begin(self, alarm: Alarm) -> bool:
        values = {"what": alarm.what, "subject": alarm.subject, "since": alarm.since}
        return await self._transaction.added(self._transaction.insert(alarms).values(values))

    async def end(self, alarm: Alarm, now: datetime) -> bool:
        stands = alarms.c.over_at.is_(None)
        this = alarms.update().where(alarms.c.what == alarm.what, alarms.c.subject == alarm.subject, stands)
        return await self._transaction.change(this.values(over_at=now)) == 1

    async def drop(self, before: datetime) -> int:
        return await self._transaction.change(delete(alarms).where(alarms.c.over_at < before))
