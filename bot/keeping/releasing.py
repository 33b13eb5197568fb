"""Ends the hold of a restored database: what may have been sent already is left for people to decide about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from bot import posts, schedule
from bot.keeping.model import FELL_DUE, Hold, NotOnHold
from bot.ports import Store, UnitOfWork
from bot.privacy import complaints
from bot.privacy.ports import COMMAND_LINE
from bot.services import Services
from digests.model import Delivery, DeliveryState

_WAITS = (DeliveryState.PENDING, DeliveryState.RETRY)

Together = Callable[[bool], AbstractAsyncContextManager[Store]]
"""Makes a store whose units of work are one: kept together at the end, or (False) not kept at all."""


@dataclass(frozen=True, slots=True)
class Released:
    """What releasing does. ``unknown`` is left for people to decide about, and ``sent`` goes out at once."""

    hold: Hold
    unknown: Sequence[Delivery]
    sent: Sequence[Delivery]


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at


async def release(services: Services, together: Together, *, send: bool, keep: bool) -> Released:
    """End the hold, in one unit of work; without ``keep`` nothing is done, and what would be is returned.

    What waited when the backup was made, and what fell due from then until it was restored, may have been sent by the
    Convenor that is no more. It counts as unknown, and people decide about each; or, with ``send``, as not sent: then
    all of it goes out. Raises NotOnHold.
    """
    now = services.clock.now()
    async with together(keep) as store:
        async with store.read() as uow:
            hold = await uow.holds.get()
            if hold is None:
                raise NotOnHold("hold")
            waited = {row.key for row in await uow.deliveries.in_state(*_WAITS)}
        if not send:
            await _let_fall_due(replace(services, store=store, wake=_nobody), hold, now)
        async with store.begin() as uow:
            if not send:
                await _count_as_unknown(uow, waited, now)
            unknown = await uow.holds.end(send=send)
            if not send:
                for row in unknown:
                    await posts.settled(services, uow, row, DeliveryState.PENDING)
            await uow.audit.note(COMMAND_LINE, "released the hold", f"restored:{hold.since:%Y-%m-%dT%H:%M}", now)
            waits = await uow.deliveries.in_state(*_WAITS)
            await uow.commit()
    if keep:
        services.wake()
    return Released(hold, () if send else unknown, waits)


async def _let_fall_due(services: Services, hold: Hold, now: datetime) -> None:
    then = replace(services, clock=_Fixed(hold.since))
    await schedule.draft_tick(then)
    await schedule.remind_tick(then)
    await schedule.introduction_tick(then)
    await complaints.look_after(then)
    # Sources were read again meanwhile, and bring what members were told before: so until this moment.
    await schedule.alert_tick(replace(services, clock=_Fixed(now)))


async def _count_as_unknown(uow: UnitOfWork, waited: set[str], now: datetime) -> None:
    for row in await uow.deliveries.in_state(*_WAITS):
        # An update of a message that is there may be repeated, and shows what the database says.
        if row.key not in waited and not row.is_there:
            await uow.deliveries.settle(row, DeliveryState.UNKNOWN, now=now, reason=FELL_DUE)


def _nobody() -> None:
    """There is nobody to wake before all of it is kept."""
