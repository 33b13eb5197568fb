"""How the network stands, in numbers alone: what monitoring asks for, one quick view of the whole database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, case, func, or_, select

from adapters.store.database import Database
from adapters.store.tables import deliveries, fetches, items, requests, source_states
from adapters.store.transaction import Transaction
from bot.introductions.model import RequestState
from digests.model import DeliveryState

DAY = timedelta(days=1)
_WAITING = (DeliveryState.PENDING, DeliveryState.RETRY)
_OPEN = (RequestState.OPEN, RequestState.ASKING, RequestState.AGREED)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts and moments (UTC).

    ``fetches`` of the last day are by outcome, ``deliveries`` by platform and state. ``waiting_since`` tells by
    platform since when the oldest message waits that could be sent now. ``last_good`` is when a source was last read.
    """

    fetches: Mapping[str, int]
    last_fetch: datetime | None
    last_good: datetime | None
    failing: int
    paused: int
    muted: int
    items: int
    relevant: int
    deliveries: Mapping[tuple[str, str], int]
    waiting_since: Mapping[str, datetime]
    open_requests: int


async def numbers(database: Database, now: datetime) -> Numbers:
    """Count everything at this moment."""
    async with database.reading() as transaction:
        return await count(transaction, now)


async def count(transaction: Transaction, now: datetime) -> Numbers:
    """The same within a transaction."""
    by_outcome = (
        select(fetches.c.outcome, func.count()).where(fetches.c.started_at > now - DAY).group_by(fetches.c.outcome)
    )
    states = await _one(
        transaction,
        select(
            func.max(source_states.c.last_fetch_at),
            func.max(source_states.c.last_good_at),
            func.count(source_states.c.failing_since),
            func.coalesce(func.sum(case((source_states.c.paused, 1), else_=0)), 0),
            func.coalesce(func.sum(case((source_states.c.muted, 1), else_=0)), 0),
        ),
    )
    held = await _one(
        transaction,
        select(func.count(), func.coalesce(func.sum(case((items.c.relevant, 1), else_=0)), 0)).select_from(items),
    )
    by_state = select(deliveries.c.platform, deliveries.c.state, func.count()).group_by(
        deliveries.c.platform, deliveries.c.state
    )
    return Numbers(
        fetches={outcome.value: many for outcome, many in await _all(transaction, by_outcome)},
        last_fetch=states[0],
        last_good=states[1],
        failing=states[2],
        paused=int(states[3]),
        muted=int(states[4]),
        items=held[0],
        relevant=int(held[1]),
        deliveries={(platform, state.value): many for platform, state, many in await _all(transaction, by_state)},
        waiting_since=await waiting_since(transaction, now),
        open_requests=int(
            await transaction.value(select(func.count()).select_from(requests).where(requests.c.state.in_(_OPEN)))
        ),
    )


async def waiting_since(transaction: Transaction, now: datetime) -> Mapping[str, datetime]:
    """Since when the oldest message of each platform waits that could be sent now.

    One that was tried in vain waits since it was written; one that is to change what is there, since it was changed.
    """
    tried = deliveries.c.state == DeliveryState.RETRY
    since = case(
        (tried & (deliveries.c.sent_version == 0), deliveries.c.created_at),
        else_=func.coalesce(deliveries.c.available_at, deliveries.c.created_at),
    )
    due = or_(tried, deliveries.c.available_at.is_(None), deliveries.c.available_at <= now)
    query = (
        select(deliveries.c.platform, func.min(since, type_=deliveries.c.created_at.type))
        .where(deliveries.c.state.in_(_WAITING), due)
        .group_by(deliveries.c.platform)
    )
    return {platform: since for platform, since in await _all(transaction, query) if since <= now}


async def _one(transaction: Transaction, query: Executable) -> tuple[Any, ...]:
    return tuple(await transaction.only(query))


async def _all(transaction: Transaction, query: Executable) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await transaction.rows(query)]
