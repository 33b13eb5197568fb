"""Editions with their revisions and approvals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, select

from adapters.store.codec import content_from_json, content_to_json
from adapters.store.tables import approvals, edition_acts, edition_revisions, editions
from adapters.store.transaction import Transaction
from digests.correcting import correction_id
from digests.model import Approval, Edited, Edition, EditionAct, EditionHead, EditionState, Revision, Window

_IS_PRESENT = (edition_revisions.c.edition_id == editions.c.id) & (edition_revisions.c.revision == editions.c.revision)


class SqlEditions:
    """Fulfils ``digests.ports.Editions``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, edition: Edition, revision: Revision) -> bool:
        insert = self._transaction.insert(editions).values(
            id=edition.id,
            number=edition.number,
            due_on=edition.due_on,
            window_start=edition.window.start,
            window_end=edition.window.end,
            state=edition.state,
            revision=edition.revision,
            created_at=edition.created_at,
            posts_at=edition.posts_at,
        )
        added = await self._transaction.added(insert)
        if added:
            await self._add_revision(revision)
        return added

    async def get(self, edition_id: str) -> Edition | None:
        row = await self._transaction.first(_present().where(editions.c.id == edition_id))
        return _edition(row) if row else None

    async def lock(self, edition_id: str) -> None:
        self._transaction.require_writing()
        await self._transaction.rows(select(editions.c.id).where(editions.c.id == edition_id).with_for_update())

    async def recent(self, limit: int = 10) -> Sequence[Edition]:
        own = editions.c.state.not_in([state for state in EditionState if state.is_correction])
        newest_first = _present().where(own).order_by(editions.c.due_on.desc()).limit(limit)
        return [_edition(row) for row in await self._transaction.rows(newest_first)]

    async def corrections_of(self, edition_id: str) -> Sequence[Edition]:
        ours = editions.c.id.startswith(correction_id(edition_id, ""), autoescape=True)
        oldest_first = _present().where(ours).order_by(editions.c.created_at, editions.c.id)
        return [_edition(row) for row in await self._transaction.rows(oldest_first)]

    async def in_state(self, *states: EditionState) -> Sequence[Edition]:
        newest_first = _present().where(editions.c.state.in_(states)).order_by(editions.c.due_on.desc())
        return [_edition(row) for row in await self._transaction.rows(newest_first)]

    async def present_revisions(self, *states: EditionState, limit: int = 100) -> Mapping[str, int]:
        newest_first = (
            select(editions.c.id, editions.c.revision)
            .where(editions.c.state.in_(states))
            .order_by(editions.c.due_on.desc())
            .limit(limit)
        )
        return {row.id: row.revision for row in await self._transaction.rows(newest_first)}

    async def heads(self, *states: EditionState) -> Sequence[EditionHead]:
        columns = (editions.c.id, editions.c.number, editions.c.due_on, editions.c.state, editions.c.revision)
        newest_first = (
            select(*columns, edition_revisions.c.at)
            .join(edition_revisions, _IS_PRESENT)
            .where(editions.c.state.in_(states))
            .order_by(editions.c.due_on.desc())
        )
        return [EditionHead(*values) for values in map(tuple, await self._transaction.rows(newest_first))]

    async def save_revision(self, edition: Edition, revision: Revision) -> bool:
        update = (
            editions.update()
            .where(
                editions.c.id == edition.id,
                editions.c.revision == edition.revision - 1,
                editions.c.state == edition.state,
            )
            .values(revision=edition.revision)
        )
        if not await self._transaction.change(update):
            return False
        await self._add_revision(revision)
        if edition.state.is_open:
            await self.void_approvals(edition.id)
        return True

    async def history(self, edition_id: str) -> Sequence[Edited]:
        table = edition_revisions.c
        oldest_first = (
            select(table.edition_id, table.revision, table.author, table.at, table.what, table.back_to)
            .where(table.edition_id == edition_id)
            .order_by(table.revision)
        )
        return [
            Edited(row.edition_id, row.revision, row.author, row.at, row.what, back_to=row.back_to)
            for row in await self._transaction.rows(oldest_first)
        ]

    async def revisions(self, edition_id: str, since: int = 1) -> Sequence[Revision]:
        oldest_first = (
            select(edition_revisions)
            .where(edition_revisions.c.edition_id == edition_id, edition_revisions.c.revision >= since)
            .order_by(edition_revisions.c.revision)
        )
        return [_revision(row) for row in await self._transaction.rows(oldest_first)]

    async def revision(self, edition_id: str, number: int) -> Revision | None:
        row = await self._transaction.first(
            select(edition_revisions).where(
                edition_revisions.c.edition_id == edition_id, edition_revisions.c.revision == number
            )
        )
        return _revision(row) if row else None

    async def set_state(self, edition_id: str, expected: EditionState, state: EditionState) -> bool:
        update = editions.update().where(editions.c.id == edition_id, editions.c.state == expected).values(state=state)
        return await self._transaction.change(update) == 1

    async def set_posting(self, edition_id: str, posts_at: datetime | None) -> None:
        await self._transaction.change(editions.update().where(editions.c.id == edition_id).values(posts_at=posts_at))

    async def void_approvals(self, edition_id: str) -> int:
        return await self._transaction.change(delete(approvals).where(approvals.c.edition_id == edition_id))

    async def add_act(self, act: EditionAct) -> None:
        await self._transaction.change(edition_acts.insert().values(asdict(act)))

    async def acts(self, edition_id: str) -> Sequence[EditionAct]:
        return await self._acts(edition_acts.c.edition_id == edition_id)

    async def acts_from(self, edition_id: str) -> Sequence[EditionAct]:
        return await self._acts(edition_acts.c.edition_id >= edition_id)

    async def _acts(self, wanted: ColumnElement[bool]) -> list[EditionAct]:
        oldest_first = select(edition_acts).where(wanted).order_by(edition_acts.c.id)
        return [
            EditionAct(row.edition_id, row.act, row.member_id, row.member_name, row.at)
            for row in await self._transaction.rows(oldest_first)
        ]

    async def add_approval(self, approval: Approval) -> bool:
        insert = self._transaction.insert(approvals).values(asdict(approval))
        return await self._transaction.added(insert)

    async def approvals(self, edition_id: str) -> Sequence[Approval]:
        oldest_first = (
            select(approvals).where(approvals.c.edition_id == edition_id).order_by(approvals.c.at, approvals.c.id)
        )
        return [
            Approval(row.edition_id, row.content_hash, row.member_id, row.member_name, row.at)
            for row in await self._transaction.rows(oldest_first)
        ]

    async def _add_revision(self, revision: Revision) -> None:
        await self._transaction.change(
            edition_revisions.insert().values(
                edition_id=revision.edition_id,
                revision=revision.revision,
                author=revision.author,
                at=revision.at,
                what=revision.what,
                content=content_to_json(revision.content),
                back_to=revision.back_to,
            )
        )


def _present() -> Select[Any]:
    """Editions with the content of their present revision."""
    return select(editions, edition_revisions.c.content).join(edition_revisions, _IS_PRESENT)


def _revision(row: Row[Any]) -> Revision:
    content = content_from_json(row.content)
    return Revision(row.edition_id, row.revision, row.author, row.at, row.what, content, back_to=row.back_to)


def _edition(row: Row[Any]) -> Edition:
    return Edition(
        id=row.id,
        number=row.number,
        due_on=row.due_on,
        window=Window(row.window_start, row.window_end),
        state=row.state,
        revision=row.revision,
        content=content_from_json(row.content),
        created_at=row.created_at,
        posts_at=row.posts_at,
    )
