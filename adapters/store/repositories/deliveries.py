"""The outbox: which rows are due, who holds them, and how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, false, or_, select

from adapters.store.tables import deliveries, holds
from adapters.store.transaction import Transaction, chunks
from digests.model import Address, Delivery, DeliveryState

VANISHED = "Convenor stopped while it was sending this, so it may or may not have arrived."

_WAITING = (DeliveryState.PENDING, DeliveryState.RETRY)
_IS_ON_HOLD = exists(select(holds.c.id))
_MAIL = "mail"
_LAST = "\U0010ffff"
_ADDRESS = ("platform", "workspace", "channel", "user_id", "recipient")
_PLAIN = tuple(column.name for column in deliveries.columns if column.name not in ("id", *_ADDRESS))


class SqlDeliveries:
    """Fulfils ``digests.ports.Deliveries``.

    A row that is to change is read under a lock first, and decided about in Python. SQLite's writer holds the whole
    database already and ignores ``FOR UPDATE``.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._touched: set[str] = set()
        """The keys of the rows that were written here, and of their threads."""

    async def add(self, rows: Sequence[Delivery]) -> None:
        self._touch(*rows)
        insert = self._transaction.insert(deliveries).on_conflict_do_nothing(index_elements=["key"])
        await self._transaction.add_all(insert, [_values(row) for row in rows])

    async def replace_body(self, key: str, body: str, now: datetime) -> bool:
        row = await self._held(key)
        if row is None or row.body == body:
            return False
        newer = replace(row, body=body, version=row.version + 1)
        if row.state is DeliveryState.SENT:
            newer = replace(newer, state=DeliveryState.PENDING, attempts=0, available_at=now, reason="")
        await self._save(newer)
        return True

    async def claim(
        self, now: datetime, lease_until: datetime, limit: int = 1, key: str = "", *, beside: str = ""
    ) -> Sequence[Delivery]:
        wanted = [deliveries.c.key == key] if key else _is_due(now)
        if beside:
            wanted.append(_is_beside(beside))
        due = (
            select(deliveries.c.id)
            .where(deliveries.c.state.in_(_WAITING), ~_IS_ON_HOLD, *wanted)
            .order_by(deliveries.c.id)
            .limit(limit)
            .with_for_update(of=deliveries, skip_locked=True)
        )
        ids = [row.id for row in await self._transaction.rows(due)]
        if not ids:
            return []
        claim = (
            deliveries.update()
            .where(deliveries.c.id.in_(ids), deliveries.c.state.in_(_WAITING))
            .values(
                state=DeliveryState.SENDING,
                fence=deliveries.c.fence + 1,
                attempts=deliveries.c.attempts + 1,
                lease_until=lease_until,
            )
            .returning(deliveries)
        )
        claimed = await self._transaction.changed(claim)
        return [_delivery(row) for row in sorted(claimed, key=lambda row: row.id)]

    async def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        due = select(deliveries).where(deliveries.c.state.in_(_WAITING), ~_IS_ON_HOLD, *_is_due(now))
        return await self._all(due.limit(limit))

    async def due_here(self, now: datetime) -> Sequence[Delivery]:
        """The same among what was written in this transaction, and what waited for that."""
        found: list[Delivery] = []
        for keys in chunks(sorted(self._touched)):
            written = deliveries.c.key.in_(keys) | deliveries.c.thread_key.in_(keys)
            due = select(deliveries).where(deliveries.c.state.in_(_WAITING), ~_IS_ON_HOLD, *_is_due(now), written)
            found += await self._all(due)
        return found

    async def settle(
        self,
        claimed: Delivery,
        state: DeliveryState,
        *,
        now: datetime,
        message_ref: str = "",
        reason: str = "",
        available_at: datetime | None = None,
        address: Address | None = None,
    ) -> bool:
        row = await self._held(claimed.key)
        # A sender that comes back after its lease may still say what happened, while nobody has decided otherwise.
        if row is None or row.fence != claimed.fence or row.state not in (claimed.state, DeliveryState.UNKNOWN):
            return False
        settled = replace(
            row,
            address=address or row.address,
            state=state,
            lease_until=None,
            message_ref=message_ref or row.message_ref,
            reason=reason,
            available_at=available_at,
        )
        if state is DeliveryState.UNKNOWN:
            settled = replace(settled, message_ref="")
        if state is DeliveryState.PENDING:
            settled = replace(settled, attempts=0)
        if state is DeliveryState.SENT:
            settled = replace(settled, sent_version=claimed.version, sent_at=now)
            if row.version > claimed.version:
                settled = replace(settled, state=DeliveryState.PENDING, attempts=0, available_at=None, reason="")
        await self._save(settled)
        return True

    async def lapsed(self, now: datetime) -> Sequence[Delivery]:
        return await self._all(
            select(deliveries).where(deliveries.c.state == DeliveryState.SENDING, deliveries.c.lease_until <= now)
        )

    async def expire(self, key: str, now: datetime) -> Delivery | None:
        row = await self._held(key)
        if row is None or row.state is not DeliveryState.SENDING or row.lease_until is None or row.lease_until > now:
            return None
        if row.message_ref:
            # An update may be repeated without harm.
            await self._save(replace(row, state=DeliveryState.PENDING, lease_until=None, available_at=None))
            return None
        unknown = replace(row, state=DeliveryState.UNKNOWN, lease_until=None, reason=VANISHED)
        await self._save(unknown)
        return unknown

    async def call_back(self, edition_id: str, purpose: str) -> Sequence[Delivery]:
        self._transaction.require_writing()
        ours = (deliveries.c.edition_id == edition_id) & (deliveries.c.purpose == purpose)
        # Held first: a sender that has just claimed one of them is waited for, and what it holds is seen then.
        rows = await self._all(select(deliveries).where(ours).with_for_update())
        left = [row for row in rows if row.may_have_left]
        if not left:
            await self._transaction.change(delete(deliveries).where(ours))
        return left

    async def bring_forward(self, edition_id: str, purpose: str, now: datetime) -> int:
        later = deliveries.update().where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.purpose == purpose,
            deliveries.c.state == DeliveryState.PENDING,
            deliveries.c.available_at > now,
        )
        moved = await self._transaction.changed(later.values(available_at=now).returning(deliveries.c.key))
        self._touched.update(row.key for row in moved)
        return len(moved)

    async def by_ref(self, address: Address, message_ref: str) -> Delivery | None:
        known = select(deliveries).where(
            deliveries.c.platform == address.platform,
            deliveries.c.workspace == address.workspace,
            deliveries.c.channel == address.channel,
            deliveries.c.user_id == ("" if address.platform == _MAIL else address.user),
            deliveries.c.message_ref == message_ref,
        )
        return next((row for row in await self._all(known) if row.address == address), None)

    async def get(self, key: str) -> Delivery | None:
        return next(iter(await self._all(select(deliveries).where(deliveries.c.key == key))), None)

    async def under(self, *prefixes: str) -> Sequence[Delivery]:
        begins = [_begins_with(prefix, self._transaction.dialect) for prefix in prefixes]
        return await self._all(select(deliveries).where(or_(false(), *begins)))

    async def of_edition(self, edition_id: str) -> Sequence[Delivery]:
        return await self._all(select(deliveries).where(deliveries.c.edition_id == edition_id))

    async def in_state(self, *states: DeliveryState) -> Sequence[Delivery]:
        return await self._all(select(deliveries).where(deliveries.c.state.in_(states)))

    async def _all(self, query: Select[Any]) -> list[Delivery]:
        return [_delivery(row) for row in await self._transaction.rows(query.order_by(deliveries.c.id))]

    async def _held(self, key: str) -> Delivery | None:
        """The row, which nobody else changes until this transaction ends."""
        self._transaction.require_writing()
        row = await self._transaction.first(select(deliveries).where(deliveries.c.key == key).with_for_update())
        return _delivery(row) if row else None

    def _touch(self, *rows: Delivery) -> None:
        self._touched.update(key for row in rows for key in (row.key, row.thread_key) if key)

    async def _save(self, row: Delivery) -> None:
        self._touch(row)
        await self._transaction.change(deliveries.update().where(deliveries.c.key == row.key).values(_values(row)))


def _begins_with(prefix: str, dialect: str) -> ColumnElement[bool]:
    key = deliveries.c.key
    if dialect == "sqlite":
        # Its LIKE takes capitals for small letters, and reads every row; a range of bytes is found by the key's index.
        return and_(key >= prefix, key < prefix + _LAST)
    # Where letters are sorted as a language sorts them, a range would hold other keys and miss some of these.
    return key.startswith(prefix, autoescape=True)


def _is_beside(key: str) -> ColumnElement[bool]:
    named = deliveries.alias("named")
    same = [deliveries.c[name] == named.c[name] for name in ("platform", "workspace", "channel", "user_id")]
    return exists().where(named.c.key == key, *same)


def _is_due(now: datetime) -> list[ColumnElement[bool]]:
    in_time = or_(deliveries.c.available_at.is_(None), deliveries.c.available_at <= now)
    return [in_time, ~_waits_for_its_headline(), ~_waits_for_its_turn()]


def _waits_for_its_headline() -> ColumnElement[bool]:
    # A headline that is being corrected is on the platform all the same: its thread need not wait again.
    headline = deliveries.alias("headline")
    return exists().where(
        headline.c.key == deliveries.c.thread_key,
        headline.c.state != DeliveryState.SENT,
        headline.c.sent_version == 0,
    )


def _waits_for_its_turn() -> ColumnElement[bool]:
    earlier = deliveries.alias("earlier")
    return and_(
        deliveries.c.thread_key != "",
        deliveries.c.sent_version == 0,
        exists().where(
            earlier.c.thread_key == deliveries.c.thread_key,
            earlier.c.id < deliveries.c.id,
            earlier.c.sent_version == 0,
            earlier.c.state.not_in((DeliveryState.SENT, DeliveryState.DROPPED)),
        ),
    )


def _delivery(row: Row[Any]) -> Delivery:
    user = row.user_id if row.recipient is None else row.recipient
    address = Address(row.platform, row.workspace, row.channel, user)
    return Delivery(address=address, **{name: row._mapping[name] for name in _PLAIN})


def _values(row: Delivery) -> dict[str, Any]:
    address = row.address
    user, recipient = ("", address.user) if address.platform == _MAIL else (address.user, None)
    where = dict(zip(_ADDRESS, (address.platform, address.workspace, address.channel, user, recipient), strict=True))
    return {**where, **{name: getattr(row, name) for name in _PLAIN}}
