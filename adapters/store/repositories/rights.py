"""Objections, wishes to be erased, and complaints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, union

from adapters.store.repositories.members import SqlProfiles
from adapters.store.tables import complaints, erasures, objections
from adapters.store.transaction import Transaction
from bot.privacy.model import Complaint, Erasure, Objection, Processing
from digests.model import Address


class SqlRights:
    """Fulfils ``bot.privacy.ports.Rights``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def object(self, objection: Objection) -> bool:
        await self._change_directory()
        return await self._transaction.added(self._transaction.insert(objections).values(**asdict(objection)))

    async def take_back(self, member_id: str, processing: Processing) -> bool:
        await self._change_directory()
        known = delete(objections).where(objections.c.member_id == member_id, objections.c.processing == processing)
        return await self._transaction.change(known) == 1

    async def objections(self, member_id: str) -> Sequence[Objection]:
        query = select(objections).where(objections.c.member_id == member_id)
        rows = await self._transaction.rows(query.order_by(objections.c.at, objections.c.processing))
        return [Objection(row.member_id, row.processing, row.at) for row in rows]

    async def ask_erasure(self, erasure: Erasure) -> bool:
        await self._change_directory()
        return await self._transaction.added(self._transaction.insert(erasures).values(**asdict(erasure)))

    async def undo_erasure(self, member_id: str) -> bool:
        await self._change_directory()
        return await self._transaction.change(delete(erasures).where(erasures.c.member_id == member_id)) == 1

    async def erasure_of(self, member_id: str) -> Erasure | None:
        row = await self._transaction.first(select(erasures).where(erasures.c.member_id == member_id))
        return Erasure(row.member_id, row.asked_at, row.due_at) if row else None

    async def erasures_due(self, now: datetime) -> Sequence[Erasure]:
        query = select(erasures).where(erasures.c.due_at <= now).order_by(erasures.c.due_at, erasures.c.member_id)
        return [Erasure(row.member_id, row.asked_at, row.due_at) for row in await self._transaction.rows(query)]

    async def absent(self, processing: Processing | None = None) -> Collection[str]:
        waiting = select(erasures.c.member_id)
        objecting = select(objections.c.member_id).where(objections.c.processing == processing)
        rows = await self._transaction.rows(union(waiting, objecting) if processing else waiting)
        return frozenset(row.member_id for row in rows)

    async def complain(self, complaint: Complaint) -> None:
        account = complaint.account
        await self._transaction.change(
            complaints.insert().values(
                reference=complaint.reference,
                member_id=complaint.member_id,
                platform=account.platform,
                workspace=account.workspace,
                user_id=account.user,
                words=complaint.words,
                at=complaint.at,
                answer=complaint.answer,
                answered_by=complaint.answered_by,
                answered_at=complaint.answered_at,
                reminded_on=complaint.reminded_on,
            )
        )

    async def complaint(self, reference: str) -> Complaint | None:
        row = await self._transaction.first(select(complaints).where(complaints.c.reference == reference))
        return _complaint(row) if row else None

    async def complaints(self, member_id: str = "") -> Sequence[Complaint]:
        wanted = complaints.c.member_id == member_id if member_id else complaints.c.answered_at.is_(None)
        rows = await self._transaction.rows(select(complaints).where(wanted).order_by(complaints.c.id))
        return [_complaint(row) for row in rows]

    async def answer(self, complaint: Complaint) -> bool:
        still_open = complaints.update().where(
            complaints.c.reference == complaint.reference, complaints.c.answered_at.is_(None)
        )
        answered = still_open.values(
            answer=complaint.answer, answered_by=complaint.answered_by, answered_at=complaint.answered_at
        )
        return await self._transaction.change(answered) == 1

    async def note_reminder(self, reference: str, day: int) -> bool:
        unreminded = complaints.update().where(
            complaints.c.reference == reference,
            complaints.c.answered_at.is_(None),
            complaints.c.reminded_on < day,
        )
        return await self._transaction.change(unreminded.values(reminded_on=day)) == 1

    async def _change_directory(self) -> None:
        # Who may be matched is not what it was.
        await SqlProfiles(self._transaction).rise()


def _complaint(row: Row[Any]) -> Complaint:
    return Complaint(
        row.reference,
        row.member_id,
        Address(row.platform, row.workspace, user=row.user_id),
        row.words,
        row.at,
        row.answer,
        row.answered_by,
        row.answered_at,
        row.reminded_on,
    )
