"""A sender that can be killed at a chosen moment: the real outbox, services and courier in a process of its own.

It is forked from one that has imported everything and prepared every statement, so that a start takes milliseconds.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from adapters.slack import send
from adapters.store.database import Database
from adapters.teams import connector
from bot import editions, posts
from bot.messages import Identity, Message
from bot.outbox import Outbox
from bot.ports import Courier
from bot.services import Services
from digests.model import Address, DeliveryState, content_hash
from tests.builders import NOW
from tests.contract.databases import open_database
from tests.fakes.clock import FakeClock
from tests.fakes.courier import FakeCourier
from tests.fakes.network import Network, a_plan
from tests.faults.peers import PEERS, Far, courier_to, message_at

CALL_SECONDS = 0.5
Editors = tuple[Identity, Identity]


@dataclass(frozen=True, slots=True)
class Task:
    """What one process is to do: carry out ``acts`` (``approve 2025-01-24``), then send until nothing is due.

    ``kill`` names the moment of its death, and which time of that moment it is; no moment: it lives.
    """

    far: Far
    now: datetime
    acts: tuple[str, ...] = ()
    kill: tuple[str, int] = ("", 0)


class Fate:
    """Kills this process the nth time that it comes to a moment."""

    def __init__(self, moment: str, times: int) -> None:
        self._deadly = (moment, times)
        self._seen: Counter[str] = Counter()

    def at(self, moment: str) -> None:
        """The process has come to this moment."""
        self._seen[moment] += 1
        if (moment, self._seen[moment]) == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalStore:
    """Fulfils ``bot.ports.Store``. Before and after each commit the process may die.

    The moment is named after what the unit of work is about: ``claim.before``, ``settle.after``, ``approve.before``.
    """

    def __init__(self, database: Database, fate: Fate) -> None:
        self._database = database
        self._fate = fate
        self.act = ""
        self.read = database.read

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        async with self._database.begin() as uow:
            yield MortalUnit(uow, self._fate, self.act)


class MortalUnit:
    """A unit of work that notes what it is about."""

    def __init__(self, uow: Any, fate: Fate, act: str) -> None:
        self._uow = uow
        self._fate = fate
        self.about = act
        self.deliveries = MortalDeliveries(uow.deliveries, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uow, name)

    async def commit(self) -> None:
        self._fate.at(f"{self.about}.before")
        await self._uow.commit()
        self._fate.at(f"{self.about}.after")


class MortalDeliveries:
    """The deliveries of such a unit of work."""

    def __init__(self, deliveries: Any, unit: MortalUnit) -> None:
        self._deliveries = deliveries
        self._unit = unit

    def __getattr__(self, name: str) -> Any:
        if name in ("claim", "settle", "expire") and not self._unit.about:
            self._unit.about = name
        return getattr(self._deliveries, name)


class MortalCourier:
    """Fulfils ``bot.ports.Courier``. Before and after each call the process may die."""

    def __init__(self, courier: Courier, fate: Fate) -> None:
        self._courier = courier
        self._fate = fate

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        self._fate.at("post.before")
        ref = await self._courier.post(address, message, key=key, thread_ref=thread_ref)
        self._fate.at("post.after")
        return ref

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        self._fate.at("update.before")
        await self._courier.update(address, message_ref, message)
        self._fate.at("update.after")


def services_for(store: Any, clock: FakeClock) -> Services:
    """The services of the product, on this store."""
    network = Network(store, a_plan(), ())
    return replace(network.services, clock=clock, message_at=message_at)


async def approve(services: Services, editors_of: Editors, edition_id: str) -> None:
    """Bob and Carol say yes, as often as it takes."""
    for who in editors_of:
        async with services.store.read() as uow:
            edition = await uow.editions.get(edition_id)
        assert edition is not None
        await editions.approve(services, who, edition_id, content_hash(edition.content))


async def correct(services: Services, editors_of: Editors, correction_id: str) -> None:
    """Carol says yes to Bob's correction; or it was applied before."""
    async with services.store.read() as uow:
        correction = await uow.editions.get(correction_id)
    assert correction is not None
    await editions.approve(services, editors_of[1], correction_id, content_hash(correction.content))


async def send_until_quiet(services: Services, courier: Any, clock: FakeClock) -> None:
    """Send what is due, moving the clock on to what is due next, until nothing more will be."""
    while True:
        # A new one each time: a pause that the platform asked for is over when the clock has moved on.
        outbox = Outbox(services.store, dict.fromkeys(PEERS, courier), clock, settled=partial(posts.settled, services))
        if await outbox.drain():
            continue
        async with services.store.read() as uow:
            waiting = await uow.deliveries.in_state(DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.SENDING)
        times = [row.lease_until or row.available_at for row in waiting]
        later = [at for at in times if at is not None and at > clock.now()]
        if not later:
            return
        clock.set(min(later))


async def run(database: Database, task: Task) -> None:
    """Do it."""
    fate, clock = Fate(*task.kill), FakeClock(task.now)
    store = MortalStore(database, fate)
    services = services_for(store, clock)
    async with courier_to(task.far, clock) as courier:
        for act in task.acts:
            store.act, edition_id = act.split(" ")
            await ACTS[store.act](services, task.far.editors, edition_id)
        store.act = ""
        await send_until_quiet(services, MortalCourier(courier, fate), clock)
    await database.close()


class Rehearsal:
    """A store on which everything happens in one transaction that is never committed."""

    def __init__(self, database: Database, uow: Any) -> None:
        self._uow = uow
        self.read = database.read

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Any]:
        unit = MortalUnit(self._uow, Fate("", 0), "rehearse")
        unit.commit = _nothing  # type: ignore[method-assign]
        yield unit


async def _nothing() -> None:
    return None


async def rehearse(url: str, acts: Sequence[str], editors_of: Editors) -> Database:
    """A database of which the process knows every statement, so that its children need not prepare them again."""
    database = await open_database(url, migrate=False)
    clock = FakeClock(NOW)
    async with database.begin() as uow:
        services = services_for(Rehearsal(database, uow), clock)
        for act in acts:
            name, edition_id = act.split(" ")
            await ACTS[name](services, editors_of, edition_id)
        await send_until_quiet(services, FakeCourier(), clock)
    await database.close()
    return database


ACTS = {"approve": approve, "correct": correct}


def serve(ours: Connection, theirs: Connection, url: str, acts: Sequence[str], editors_of: Editors) -> None:
    """The process's own beginning: a child for each task that comes; its id, and how it ended, go back."""
    theirs.close()
    logging.disable(logging.CRITICAL)
    send.TOTAL_SECONDS = connector.TOTAL_SECONDS = CALL_SECONDS  # type: ignore[misc]
    database = asyncio.run(rehearse(url, acts, editors_of))
    gc.freeze()  # so that children share what is there, instead of copying it when they collect
    while True:
        try:
            task: Task = ours.recv()
        except EOFError:
            return
        child = os.fork()
        if not child:
            asyncio.run(run(database, task))
            os._exit(0)
        ours.send(child)
        ours.send(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
