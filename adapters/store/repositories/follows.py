"""What members follow, and where and until when they were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, select

from adapters.store.tables import erasures, follows, listeners, objections
from adapters.store.transaction import Transaction
from bot.privacy.model import Processing
from digests.model import Address, Cadence, Follow, Listener, Quiet, Window

_MARKS = {cadence: listeners.c[f"told_{cadence.value}_until"] for cadence in Cadence}


class SqlFollows:
    """Fulfils ``bot.ports.Follows``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, follow: Follow) -> None:
        await self._transaction.change(delete(follows).where(follows.c.follow_id == follow.id))
        await self._transaction.change(
            follows.insert().values(
                follow_id=follow.id,
                member_id=follow.member_id,
                topic_id=follow.topic_id,
                words=follow.words,
                without=follow.without,
                cadence=follow.cadence,
                at=follow.at,
            )
        )

    async def remove(self, member_id: str, follow_id: str) -> bool:
        wanted = delete(follows).where(follows.c.member_id == member_id, follows.c.follow_id == follow_id)
        return await self._transaction.change(wanted) > 0

    async def of(self, member_id: str) -> Sequence[Follow]:
        oldest_first = select(follows).where(follows.c.member_id == member_id).order_by(follows.c.at, follows.c.id)
        return [
            Follow(row.member_id, row.topic_id, row.words, row.without, row.cadence, row.at)
            for row in await self._transaction.rows(oldest_first)
        ]

    async def by_topic(self) -> Mapping[str, int]:
        members = func.count(func.distinct(follows.c.member_id)).label("members")
        objecting = select(objections.c.member_id).where(objections.c.processing == Processing.RANKING)
        counted = select(follows.c.topic_id, members).where(
            follows.c.topic_id != "",
            follows.c.member_id.not_in(select(erasures.c.member_id)),
            follows.c.member_id.not_in(objecting),
        )
        counted = counted.group_by(follows.c.topic_id)
        return {row.topic_id: row.members for row in await self._transaction.rows(counted)}

    async def listen(self, listener: Listener) -> None:
        address, quiet = listener.address, listener.quiet
        insert = self._transaction.insert(listeners).values(
            member_id=listener.member_id,
            platform=address.platform,
            workspace=address.workspace,
            user_id=address.user,
            quiet_from=quiet.start if quiet else None,
            quiet_until=quiet.end if quiet else None,
            **{mark.name: listener.told_until[cadence] for cadence, mark in _MARKS.items()},
        )
        changed = ("platform", "workspace", "user_id", "quiet_from", "quiet_until")
        await self._transaction.change(
            insert.on_conflict_do_update(
                index_elements=["member_id"], set_={name: insert.excluded[name] for name in changed}
            )
        )

    async def listener(self, member_id: str) -> Listener | None:
        row = await self._transaction.first(select(listeners).where(listeners.c.member_id == member_id))
        return _listener(row) if row else None

    async def listeners(self) -> Sequence[Listener]:
        # Who waits to be erased is treated as absent.
        following = select(listeners).where(
            listeners.c.member_id.in_(select(follows.c.member_id)),
            listeners.c.member_id.not_in(select(erasures.c.member_id)),
        )
        return [_listener(row) for row in await self._transaction.rows(following.order_by(listeners.c.member_id))]

    async def advance(self, member_id: str, cadence: Cadence, window: Window) -> bool:
        mark = _MARKS[cadence]
        from_start = listeners.update().where(listeners.c.member_id == member_id, mark == window.start)
        return await self._transaction.change(from_start.values({mark.name: window.end})) == 1


def _listener(row: Row[Any]) -> Listener:
    quiet = None if row.quiet_from is None else Quiet(row.quiet_from, row.quiet_until)
    marks = {cadence: row._mapping[mark.name] for cadence, mark in _MARKS.items()}
    return Listener(row.member_id, Address(row.platform, row.workspace, user=row.user_id), quiet, marks)
