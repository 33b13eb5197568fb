"""The audit log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, or_, select

from adapters.store.tables import audit_log
from adapters.store.transaction import Transaction
from bot.privacy.ports import AuditEntry


class SqlAudit:
    """Fulfils ``bot.privacy.ports.Audit``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def note(self, actor_member_id: str, action: str, subject: str, now: datetime) -> None:
        entry = AuditEntry(actor_member_id, action, subject, now)
        insert = audit_log.insert().values(actor=entry.actor, action=entry.action, subject=entry.subject, at=entry.at)
        await self._transaction.change(insert)

    async def latest(self, most: int, before: int = 0) -> Sequence[AuditEntry]:
        query = select(audit_log).order_by(audit_log.c.id.desc()).limit(most)
        return await self._entries(query.where(audit_log.c.id < before) if before else query)

    async def last(self, action: str, subject: str) -> AuditEntry | None:
        done = select(audit_log).where(audit_log.c.action == action, audit_log.c.subject == subject)
        return next(iter(await self._entries(done.order_by(audit_log.c.id.desc()).limit(1))), None)

    async def of(self, member_id: str) -> Sequence[AuditEntry]:
        theirs = or_(audit_log.c.actor == member_id, audit_log.c.subject == f"member:{member_id}")
        return await self._entries(select(audit_log).where(theirs).order_by(audit_log.c.id))

    async def forget(self, before: datetime) -> Mapping[tuple[str, str], int]:
        gone = delete(audit_log).where(audit_log.c.at < before).returning(audit_log.c.action, audit_log.c.at)
        return Counter((row.action, f"{row.at:%Y-%m}") for row in await self._transaction.changed(gone))

    async def _entries(self, query: Select[Any]) -> list[AuditEntry]:
        rows = await self._transaction.rows(query)
        return [AuditEntry(row.actor, row.action, row.subject, row.at, row.id) for row in rows]
