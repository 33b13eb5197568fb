"""Sends what the outbox holds: claims a row, hands it to its platform's courier, and records how it ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.messages import from_json
from bot.ports import Courier, Store, TransportError
from digests.model import Delivery, DeliveryState
from digests.ports import Clock

log = logging.getLogger(__name__)

# Longer than any courier's own time limit: a claim must not run out under a live sender.
LEASE = timedelta(seconds=120)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=15)
MOST_ATTEMPTS = 12
IDLE_SECONDS = 1.0
# A platform that says "slow down" holds up everything, so that the parts of a thread stay in order.
LONGEST_PAUSE_SECONDS = 60.0


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after this many attempts: doubling from 5 seconds to 15 minutes."""
    return min(FIRST_RETRY * (1 << min(max(attempts - 1, 0), 20)), LONGEST_RETRY)


class Outbox:
    """The sender. Any number may run: a row is claimed by one at a time.

    ``awake`` is set by whoever wrote something to send; ``settled`` is called after each row has ended.
    """

    def __init__(
        self,
        store: Store,
        couriers: Mapping[str, Courier],
        clock: Clock,
        *,
        awake: asyncio.Event | None = None,
        settled: Callable[[Delivery], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._couriers = couriers
        self._clock = clock
        self._settled = settled
        self._awake = awake or asyncio.Event()
        self._pause_seconds = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set; a row being sent is finished first."""
        while not stop.is_set():
            self._awake.clear()
            try:
                await self.drain()
            except Exception:
                log.exception("the outbox could not be read; trying again")
                self._pause_seconds = 5.0
            waits = [asyncio.ensure_future(stop.wait())]
            if not self._pause_seconds:
                waits.append(asyncio.ensure_future(self._awake.wait()))
            await asyncio.wait(waits, timeout=self._pause_seconds or IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            self._pause_seconds = 0.0

    async def drain(self) -> int:
        """Send everything that is due now, in order. Returns how many rows were tried."""
        tried = 0
        await self._expire()
        while not self._pause_seconds:
            now = self._clock.now()
            async with self._store.begin() as uow:
                claimed = await uow.deliveries.claim(now, now + LEASE, limit=1)
                await uow.commit()
            if not claimed:
                break
            await self._send(claimed[0])
            tried += 1
        return tried

    async def _expire(self) -> None:
        async with self._store.begin() as uow:
            lost = await uow.deliveries.expire_leases(self._clock.now())
            await uow.commit()
        for row in lost:
            log.warning("delivery %s may or may not have arrived; a person must decide", row.key)
            await self._tell(row)

    async def _send(self, row: Delivery) -> None:
        courier = self._couriers.get(row.address.platform)
        if courier is None:
            await self._settle(row, DeliveryState.PARKED, reason=f"{row.address.platform} is not set up here any more.")
            return
        try:
            message = from_json(row.body)
            if row.message_ref:
                await courier.update(row.address, row.message_ref, message)
                await self._settle(row, DeliveryState.SENT, message_ref=row.message_ref)
            else:
                thread = await self._thread_ref(row)
                ref = await courier.post(row.address, message, key=row.key, thread_ref=thread)
                await self._settle(row, DeliveryState.SENT, message_ref=ref)
        except TransportError as trouble:
            await self._failed(row, trouble)
        except Exception:
            # We cannot know how far a courier that broke had got.
            log.exception("delivery %s broke", row.key)
            broke = TransportError(row.key, "Sending broke off; it may have arrived.", ambiguous=not row.message_ref)
            await self._failed(row, broke)

    async def _failed(self, row: Delivery, trouble: TransportError) -> None:
        log.warning("delivery %s: %s", row.key, trouble.sentence)
        if trouble.ambiguous:
            await self._settle(row, DeliveryState.UNKNOWN, reason=trouble.sentence)
        elif trouble.permanent or row.attempts >= MOST_ATTEMPTS:
            await self._settle(row, DeliveryState.PARKED, reason=trouble.sentence)
        else:
            wait = retry_delay(row.attempts)
            if trouble.retry_after_seconds is not None:
                wait = timedelta(seconds=trouble.retry_after_seconds)
                self._pause_seconds = min(trouble.retry_after_seconds, LONGEST_PAUSE_SECONDS)
            at = self._clock.now() + wait
            await self._settle(row, DeliveryState.RETRY, reason=trouble.sentence, available_at=at)

    async def _settle(self, row: Delivery, state: DeliveryState, **how: object) -> None:
        async with self._store.begin() as uow:
            ours = await uow.deliveries.settle(row, state, now=self._clock.now(), **how)  # type: ignore[arg-type]
            await uow.commit()
        if not ours:
            log.warning("delivery %s was taken over by another sender", row.key)
        elif state is not DeliveryState.RETRY:
            await self._tell(row)

    async def _tell(self, row: Delivery) -> None:
        if self._settled is not None:
            await self._settled(row)

    async def _thread_ref(self, row: Delivery) -> str:
        if not row.thread_key:
            return ""
        async with self._store.read() as uow:
            headline = await uow.deliveries.get(row.thread_key)
        return headline.message_ref if headline else ""
