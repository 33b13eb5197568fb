"""A week of the network in a process that may be killed anywhere in it: read, draft, approve, ask, introduce, send.

Whatever was done before is not done again, so that the next process goes on where the last one died. Its chat is a file
that outlives it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from adapters.queue.procrastinate import Pace, ProcrastinateQueue
from adapters.store.database import Database
from adapters.store.trouble import StoreTrouble
from bot import editions, posts, schedule
from bot.commands import Front
from bot.introductions import answering, brokering, upkeep
from bot.introductions.model import AskState, Journey
from bot.messages import Identity, Message, Reply, to_json
from bot.outbox import Outbox
from bot.ports import TransportError
from bot.table import build_table
from digests.errors import ConvenorError
from digests.model import Address, Delivery, DeliveryState, EditionState, content_hash
from tests.contract.databases import open_database
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFeedReader
from tests.fakes.network import ALICE, BOB, CAROL, DAN, PLATFORM, Network, a_plan, said
from tests.faults.sender import MortalStore
from tests.unit.test_introductions_journey import NEED

ENTRIES = 4
QUICK = Pace(round=0.05, heartbeat=0.1, dead=0.6, grace=2.0, again=0.05)
SOON = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Task:
    """What one process is to live through. It dies the ``kill``-th time that it might; 0: it lives.

    ``down``: the platform takes nothing.
    """

    url: str
    queue: str
    chat: str
    now: datetime
    friday: datetime
    kill: int = 0
    down: bool = False


class Fate:
    """Kills this process the nth time that it comes to any moment: before or after a commit or a post."""

    def __init__(self, kill: int) -> None:
        self._left = kill

    def at(self, _moment: str) -> None:
        """The process has come to a moment."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class FileChat:
    """Fulfils ``bot.ports.Courier`` with a file. A message's reference is its line's number."""

    def __init__(self, path: Path, fate: Fate, *, down: bool = False) -> None:
        self._path = path
        self._fate = fate
        self._down = down

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        self._fate.at("post.before")
        await asyncio.sleep(0)
        if self._down:
            raise TransportError(key, "The chat cannot be reached.")
        where, words = address.channel or address.user, sha256(to_json(message).encode()).hexdigest()
        with self._path.open("a") as chat:
            chat.write(json.dumps({"key": key, "where": where, "words": words, "thread": thread_ref}) + "\n")
        ref = str(len(self.posts()))
        self._fate.at("post.after")
        return ref

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        self._fate.at("update")
        if self._down:
            raise TransportError(message_ref, "The chat cannot be reached.")
        assert int(message_ref) <= len(self.posts())

    def posts(self) -> list[dict[str, str]]:
        """Every message that it holds, in order."""
        return [json.loads(line) for line in self._path.read_text().splitlines()] if self._path.exists() else []

    def refs_of(self, key: str) -> list[str]:
        """The references of the messages that were posted for a row."""
        return [str(number) for number, one in enumerate(self.posts(), start=1) if one["key"] == key]


class Life(Network):
    """The network on one store, with a feed. Nothing is sent but by :func:`send`."""

    def __init__(self, store: Any, clock: FakeClock) -> None:
        reader = FakeFeedReader(clock)
        reader.feed("example")
        super().__init__(store, a_plan(), reader.sources, reader)
        self.clock = clock
        self.feed = reader.feed("example")
        self.services = replace(self.services, clock=clock)
        self.desk = Front(build_table(), self.services)

    async def sends(self) -> None:
        return None

    async def say(
        self, who: Identity, words: str, where: str = "", mentions: Mapping[str, Identity] | None = None
    ) -> Reply:
        reply = await super().say(who, words, where, mentions)
        if reply.form is None:
            # The front turns what goes wrong into words, and here it is the database that may go wrong.
            raise StoreTrouble(words, said(reply))
        return reply


async def begin(life: Life) -> None:
    """The first read, which finds what was there before."""
    life.feed.entry(0)
    await schedule.read_sources(life.services, force=True)


async def read(life: Life) -> None:
    """What was there before, and this week's entries."""
    for number in range(ENTRIES + 1):
        life.feed.entry(number)
    await schedule.read_sources(life.services, force=True)


async def approve(life: Life) -> None:
    """Bob and Carol say yes to every draft."""
    async with life.store.read() as uow:
        drafts = await uow.editions.in_state(EditionState.DRAFT)
    for draft in drafts:
        for who in (BOB, CAROL):
            with suppress(ConvenorError):
                await editions.approve(life.services, who, draft.id, content_hash(draft.content))


async def introduce(life: Life) -> None:
    """Alice asks, Dan asks Carol, Carol says yes: as far as it has not happened yet."""
    if await journeys(life.store) == []:
        await life.asks_for(ALICE, NEED)
    for journey in await journeys(life.store):
        if not journey.asks and journey.request.suggested:
            chosen = [journey.request.suggested[0].member_id]
            with suppress(ConvenorError):
                await brokering.ask(life.services, DAN, journey.id, chosen, note="", then_next=False)
    for journey in await journeys(life.store):
        if journey.open_ask is not None:
            with suppress(ConvenorError):
                await answering.answer(life.services, CAROL, journey.open_ask.id, AskState.YES)


async def journeys(store: Any) -> Sequence[Journey]:
    """What Alice has asked for."""
    async with store.read() as uow:
        alice = await uow.members.find(ALICE)
        assert alice is not None
        found: Sequence[Journey] = await uow.requests.of_requester(alice.id)
        return found


async def live(life: Life, friday: datetime) -> None:
    """All of it, once; each as the clock or a person would do it. What is read before ``friday`` is drafted then."""
    await read(life)
    life.clock.set(max(life.clock.now(), friday))
    await schedule.draft_tick(life.services)
    await approve(life)
    await introduce(life)
    await upkeep.tick(life.services)


async def send(life: Life, chat: FileChat, queue: ProcrastinateQueue | None) -> None:
    """Send until nothing more will be within hours, moving the clock to what is due next."""
    while True:
        outbox = Outbox(life.store, {PLATFORM: chat}, life.clock, settled=partial(posts.settled, life.services))
        if queue is None:
            await outbox.drain()
        else:
            await _run(queue, outbox, life)
            # What was still on its way when the queue was stopped may have brought more.
            if await is_due(life):
                continue
        later = [at for at in await due_times(life) if life.clock.now() < at <= life.clock.now() + SOON]
        if not later:
            return
        life.clock.set(min(later))


async def _run(queue: ProcrastinateQueue, outbox: Outbox, life: Life) -> None:
    """Let the queue work until the ledger holds nothing that is due."""
    stop = asyncio.Event()
    running = asyncio.create_task(queue.run(outbox, stop))
    while True:
        await asyncio.sleep(0.03)
        async with life.store.read() as uow:
            sending = [row for row in await uow.deliveries.in_state(DeliveryState.SENDING) if not _held(row, life)]
        if not sending and not await is_due(life):
            break
    stop.set()
    await running


async def is_due(life: Life) -> bool:
    """Whether there is anything that could be sent now."""
    async with life.store.read() as uow:
        return bool(await uow.deliveries.due(life.clock.now(), 1))


def _held(row: Delivery, life: Life) -> bool:
    """Whether a dead sender may still have it, as far as anybody knows."""
    return row.lease_until is not None and row.lease_until > life.clock.now()


async def due_times(life: Life) -> list[datetime]:
    """When what waits is due, and when leases end."""
    async with life.store.read() as uow:
        rows = await uow.deliveries.in_state(DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.SENDING)
    times = [row.lease_until or row.available_at for row in rows]
    return [at for at in times if at is not None]


async def open_queue(name: str, url: str, database: Database) -> ProcrastinateQueue | None:
    """The queue of this name, ready on this database; None for the one that is in the process."""
    if name == "inline":
        return None
    queue = ProcrastinateQueue(url, pace=QUICK)
    await queue.prepare(database)
    return queue


def run(task: Task) -> None:
    """A process's own beginning."""
    logging.disable(logging.CRITICAL)
    asyncio.run(_run_task(task))


async def _run_task(task: Task) -> None:
    fate = Fate(task.kill)
    database = await open_database(task.url, migrate=False)
    queue = await open_queue(task.queue, task.url, database)
    store = MortalStore(database, fate)  # type: ignore[arg-type]  # it only asks for the moments
    life = Life(store, FakeClock(task.now))
    await live(life, task.friday)
    await send(life, FileChat(Path(task.chat), fate, down=task.down), queue)
    await database.close()
