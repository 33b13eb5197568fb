"""Sends what the outbox holds: claims a row, hands it to its platform's courier, and records how it ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.messages import from_json
from bot.ports import Courier, Store, TransportError, UnitOfWork
from digests.errors import ConvenorError
from digests.model import Address, Delivery, DeliveryState
from digests.ports import Clock

log = logging.getLogger(__name__)

# Longer than any courier's own time limit: a claim must not run out under a live sender.
LEASE = timedelta(seconds=120)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=15)
MOST_ATTEMPTS = 12
# So much later at most than planned, so that what failed together does not come back together.
JITTER = 0.25
# A platform that says "slow down" holds up everything.
LONGEST_PAUSE_SECONDS = 60.0
# How long the database may be away before what became of a message is left to its lease.
SETTLE_WAITS_SECONDS = (0.1, 0.5, 2.0, 5.0, 10.0)

# A row as it has become, and its state before.
Changed = tuple[Delivery, DeliveryState]

NOT_OURS = "There is no message of Convenor’s at the link that was given. {}"
Settled = Callable[[UnitOfWork, Delivery, DeliveryState], Awaitable[None]]
Change = Callable[[UnitOfWork], Awaitable[Changed | None]]
Elsewhere = Callable[[UnitOfWork, Delivery], Awaitable[Address | None]]


@dataclass(frozen=True, slots=True)
class End:
    """How one attempt ended, as it is to be recorded."""

    state: DeliveryState
    message_ref: str = ""
    reason: str = ""
    available_at: datetime | None = None
    pause_seconds: float = 0.0
    unreachable: bool = False


def retry_delay(attempts: int, key: str = "") -> timedelta:
    """How long to wait after this many attempts: doubling from 5 seconds to 15 minutes, and some jitter.

    The jitter is at most a quarter of it, and always the same for the same attempt at the same row.
    """
    wait = min(FIRST_RETRY * (1 << min(max(attempts - 1, 0), 20)), LONGEST_RETRY)
    return wait * (1 + _jitter(attempts, key))


def after_trouble(row: Delivery, trouble: TransportError, now: datetime) -> End:
    """How an attempt at a claimed row ended that came to grief. Pure."""
    if row.message_ref and not row.sent_version:
        # A person said that it is there, and the update was to show it.
        if trouble.missing:
            return End(DeliveryState.UNKNOWN, reason=NOT_OURS.format(trouble.sentence))
        if trouble.permanent:
            return End(DeliveryState.SENT, row.message_ref)
    if trouble.ambiguous:
        return End(DeliveryState.UNKNOWN, reason=trouble.sentence)
    if trouble.permanent or row.attempts >= MOST_ATTEMPTS:
        # What is there already can be changed nowhere else.
        lost = trouble.unreachable and not row.message_ref
        return End(DeliveryState.PARKED, reason=trouble.sentence, unreachable=lost)
    wait, pause = retry_delay(row.attempts, row.key), 0.0
    if trouble.retry_after_seconds is not None:
        wait = timedelta(seconds=trouble.retry_after_seconds * (1 + _jitter(row.attempts, row.key)))
        pause = min(trouble.retry_after_seconds, LONGEST_PAUSE_SECONDS)
    return End(DeliveryState.RETRY, reason=trouble.sentence, available_at=now + wait, pause_seconds=pause)


def _jitter(attempts: int, key: str) -> float:
    if not key:
        return 0.0
    return JITTER * sha256(f"{attempts} {key}".encode()).digest()[0] / 255


class Outbox:
    """The sender; fulfils ``bot.ports.Sender``. Any number may run: a row is claimed by one at a time.

    A queue says when to look. ``settled`` is called with each row that has gone out or got stuck, and its state
    before, in the unit of work that records it: what follows is lost no more than the record. ``elsewhere`` says where
    else a row goes whose addressee cannot be reached there; None: nowhere, so it is stuck.
    """

    def __init__(
        self,
        store: Store,
        couriers: Mapping[str, Courier],
        clock: Clock,
        *,
        settled: Settled | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._store = store
        self._couriers = couriers
        self._clock = clock
        self._settled = settled
        self._elsewhere = elsewhere
        self._pause_seconds = 0.0

    async def drain(self, stop: asyncio.Event | None = None) -> int:
        """Send everything that is due now, in order, or until ``stop`` is set. Returns how many rows were tried."""
        tried = 0
        await self.expire()
        while not (self._pause_seconds or (stop is not None and stop.is_set())):
            now = self._clock.now()
            async with self._store.begin() as uow:
                claimed = await uow.deliveries.claim(now, now + LEASE, limit=1)
                await uow.commit()
            if not claimed:
                break
            self._pause_seconds = await self._try(claimed[0])
            tried += 1
        return tried

    def take_pause(self) -> float:
        """How many seconds a platform asked the last drain to wait; the next one then begins anew."""
        pause, self._pause_seconds = self._pause_seconds, 0.0
        return pause

    async def send(self, key: str, stop: asyncio.Event) -> float:
        """Send what is due where the row with this key goes, in order, until ``stop`` is set or the platform says wait.

        Returns how many seconds it asks for.
        """
        pause = 0.0
        while not (pause or stop.is_set()):
            now = self._clock.now()
            async with self._store.begin() as uow:
                claimed = await uow.deliveries.claim(now, now + LEASE, beside=key)
                await uow.commit()
            if not claimed:
                break
            pause = await self._try(claimed[0])
        return pause

    async def due(self, limit: int) -> Sequence[Delivery]:
        """The rows that could be sent now, in order."""
        async with self._store.read() as uow:
            return await uow.deliveries.due(self._clock.now(), limit)

    async def send_now(self, key: str, first: Callable[[UnitOfWork], Awaitable[None]]) -> Delivery | None:
        """Send one row at once, whatever else waits; returns it as it then stands.

        ``first`` is done in the unit of work that takes the row, and may write it: so no other sender, who may not be
        able to send it at all, has it in between. Where the row does not wait to be sent, nothing is; None where there
        is none.
        """
        await self.expire()
        now = self._clock.now()
        async with self._store.begin() as uow:
            await first(uow)
            claimed = await uow.deliveries.claim(now, now + LEASE, key=key)
            await uow.commit()
        for row in claimed:
            await self._try(row)
        async with self._store.read() as uow:
            return await uow.deliveries.get(key)

    async def expire(self) -> None:
        """End the leases that have run out: what may or may not have arrived is then for a person to decide."""
        async with self._store.read() as uow:
            lapsed = await uow.deliveries.lapsed(self._clock.now())
        for row in lapsed:

            async def expire(uow: UnitOfWork, row: Delivery = row) -> Changed | None:
                unknown = await uow.deliveries.expire(row.key, self._clock.now())
                return (unknown, row.state) if unknown else None

            if await self._decide(row, expire):
                log.warning("delivery %s may or may not have arrived; a person must decide", row.key)

    async def _try(self, row: Delivery) -> float:
        end = await self._send(row)
        await self._record(row, end)
        return end.pause_seconds

    async def _send(self, row: Delivery) -> End:
        courier = self._couriers.get(row.address.platform)
        if courier is None:
            return End(DeliveryState.PARKED, reason=f"{row.address.platform} is not set up here any more.")
        try:
            message = from_json(row.body)
            if row.message_ref:
                await courier.update(row.address, row.message_ref, message)
                return End(DeliveryState.SENT, row.message_ref)
            thread = await self._thread_ref(row)
            return End(DeliveryState.SENT, await courier.post(row.address, message, key=row.key, thread_ref=thread))
        except TransportError as trouble:
            log.warning("delivery %s: %s", row.key, trouble.sentence)
            return after_trouble(row, trouble, self._clock.now())
        except Exception as trouble:
            if isinstance(trouble, ConvenorError) and trouble.retry:
                # Our own store was away before anything was sent: see the port.
                log.warning("delivery %s: %s", row.key, trouble.sentence)
                return after_trouble(row, TransportError(row.key, trouble.sentence), self._clock.now())
            # We cannot know how far a courier that broke had got.
            log.exception("delivery %s broke", row.key)
            broke = TransportError(row.key, "Sending broke off; it may have arrived.", ambiguous=not row.message_ref)
            return after_trouble(row, broke, self._clock.now())

    async def _record(self, row: Delivery, end: End) -> None:
        async def settle(uow: UnitOfWork) -> Changed | None:
            other = await self._elsewhere(uow, row) if end.unreachable and self._elsewhere is not None else None
            if other is None:
                return await record(uow)
            await uow.deliveries.settle(row, DeliveryState.PENDING, now=self._clock.now(), address=other)
            return None

        async def record(uow: UnitOfWork) -> Changed | None:
            before = await uow.deliveries.get(row.key)
            if before is not None and before.state is DeliveryState.DROPPED:
                return None  # given up for another
            ours = await uow.deliveries.settle(
                row,
                end.state,
                now=self._clock.now(),
                message_ref=end.message_ref,
                reason=end.reason,
                available_at=end.available_at,
            )
            if not ours:
                log.warning("delivery %s was taken over by another sender, or decided about", row.key)
            # Nothing follows from an attempt that is to be repeated.
            after = await uow.deliveries.get(row.key) if ours and end.state is not DeliveryState.RETRY else None
            return (after, before.state) if after and before else None

        for wait in (*SETTLE_WAITS_SECONDS, None):
            try:
                await self._decide(row, settle, otherwise=record)
            except ConvenorError as trouble:
                if wait is None or not trouble.retry:
                    raise
                # While we live we know what became of the message, which the next sender could not.
                log.warning("what became of delivery %s could not be recorded yet: %s", row.key, trouble.sentence)
                await asyncio.sleep(wait)
            else:
                return

    async def _decide(self, row: Delivery, change: Change, otherwise: Change | None = None) -> bool:
        """Change a row, and do what follows from it, in one unit of work. Whether there was anything to follow.

        What follows must not undo the record: should it fail, the record is made without it, by ``otherwise``.
        """
        try:
            async with self._store.begin() as uow:
                if row.edition_id:
                    # In the order in which everybody takes them: first the edition, then its deliveries.
                    await uow.editions.lock(row.edition_id)
                changed = await change(uow)
                if changed is not None and self._settled is not None:
                    await self._settled(uow, *changed)
                await uow.commit()
                return changed is not None
        except Exception as trouble:
            if isinstance(trouble, ConvenorError) and trouble.retry:
                raise
            log.exception("what follows from delivery %s broke; it is recorded without", row.key)
        async with self._store.begin() as uow:
            changed = await (otherwise or change)(uow)
            await uow.commit()
            return changed is not None

    async def _thread_ref(self, row: Delivery) -> str:
        if not row.thread_key:
            return ""
        async with self._store.read() as uow:
            headline = await uow.deliveries.get(row.thread_key)
        return headline.message_ref if headline else ""
