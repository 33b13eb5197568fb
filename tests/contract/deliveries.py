"""What the contract tests of the outbox share: rows are kept, claimed, settled and looked at, each in a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.ports import Store
from digests.model import Delivery, DeliveryState
from tests.builders import NOW, a_delivery

LEASE = NOW + timedelta(minutes=2)
LATER = NOW + timedelta(minutes=3)


async def keep(store: Store, *rows: Delivery) -> None:
    async with store.begin() as uow:
        await uow.deliveries.add(rows)
        await uow.commit()


async def claim(store: Store, now: datetime = NOW, limit: int = 10) -> Sequence[Delivery]:
    async with store.begin() as uow:
        claimed = await uow.deliveries.claim(now, now + (LEASE - NOW), limit)
        await uow.commit()
    return claimed


async def claim_one(store: Store, now: datetime = NOW) -> Delivery:
    (claimed,) = await claim(store, now, limit=1)
    return claimed


async def settle(
    store: Store,
    claimed: Delivery,
    state: DeliveryState,
    *,
    message_ref: str = "",
    reason: str = "",
    available_at: datetime | None = None,
    now: datetime = NOW,
) -> bool:
    async with store.begin() as uow:
        ours = await uow.deliveries.settle(
            claimed, state, now=now, message_ref=message_ref, reason=reason, available_at=available_at
        )
        await uow.commit()
    return ours


async def replace_body(store: Store, key: str, body: str, now: datetime = NOW) -> bool:
    async with store.begin() as uow:
        replaced = await uow.deliveries.replace_body(key, body, now)
        await uow.commit()
    return replaced


async def expire(store: Store, now: datetime) -> list[Delivery]:
    async with store.begin() as uow:
        ended = [await uow.deliveries.expire(row.key, now) for row in await uow.deliveries.lapsed(now)]
        await uow.commit()
    return [row for row in ended if row is not None]


async def row(store: Store, key: str) -> Delivery:
    async with store.read() as uow:
        found = await uow.deliveries.get(key)
    assert found is not None
    return found


async def send(store: Store, key: str) -> Delivery:
    """Add a row and bring it to its channel."""
    await keep(store, a_delivery(key))
    claimed = await claim_one(store)
    assert await settle(store, claimed, DeliveryState.SENT, message_ref=f"ref-{key}")
    return await row(store, key)


def keys(rows: Sequence[Delivery]) -> list[str]:
    return [delivery.key for delivery in rows]
