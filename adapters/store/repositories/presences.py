"""Who is working on which edition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from adapters.store.tables import members, presences
from adapters.store.transaction import Transaction
from bot.ports import Member, Presence


class SqlPresences:
    """Fulfils ``bot.ports.Presences``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def note(self, presence: Presence) -> None:
        now = {"doing": presence.doing, "at": presence.at}
        insert = self._transaction.insert(presences).values(
            edition_id=presence.edition_id, member_id=presence.member.id, **now
        )
        keys = ["edition_id", "member_id"]
        await self._transaction.change(insert.on_conflict_do_update(index_elements=keys, set_=now))

    async def leave(self, edition_id: str, member_id: str) -> bool:
        gone = delete(presences).where(presences.c.edition_id == edition_id, presences.c.member_id == member_id)
        return await self._transaction.change(gone) == 1

    async def of(self, edition_id: str, since: datetime) -> Sequence[Presence]:
        query = (
            select(presences, members.c.name, members.c.created_at)
            .join(members)
            .where(presences.c.edition_id == edition_id, presences.c.at >= since)
            .order_by(presences.c.at, presences.c.member_id)
        )
        return [
            Presence(row.edition_id, Member(row.member_id, row.name, row.created_at), row.doing, row.at)
            for row in await self._transaction.rows(query)
        ]

    async def forget(self, before: datetime) -> Sequence[str]:
        old = select(presences.c.edition_id).where(presences.c.at < before).distinct().order_by(presences.c.edition_id)
        found = [row.edition_id for row in await self._transaction.rows(old)]
        if found:
            await self._transaction.change(delete(presences).where(presences.c.at < before))
        return found
