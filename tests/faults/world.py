"""One database, one platform and a sender that dies: runs editions through them, plays the editors, checks the promise.

The promise: whatever happens, each message ends sent, parked, or unknown and shown to people; nothing is lost, and
nothing is posted twice.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from adapters.store.database import Database
from bot import editions, posts
from bot.edition_messages import published_parts
from bot.messages import Buttons, EntryLine, Message, from_json, to_json
from bot.ports import Binding, Grant, Purpose, Role, UnitOfWork
from bot.post_messages import value_of
from bot.posts import Choice
from bot.services import Services
from digests import publishing
from digests.editing import Edit
from digests.model import Content, Delivery, DeliveryState, Edition, EditionState
from tests.builders import NOW, a_content, a_revision, an_edition, an_entry
from tests.contract.databases import open_database
from tests.fakes.clock import FakeClock
from tests.fakes.turns import Turn
from tests.faults import sender
from tests.faults.peers import PEERS, Peer, Post
from tests.faults.sender import Task
from tests.forks import forking

CHILD_SECONDS = 30.0
TROUBLES = (Turn.DONE_LOST, Turn.DONE_FAILED, Turn.NOT_LOST, Turn.NOT_FAILED, Turn.NOT_NOW, Turn.NOT_NOW)
# A call without an answer costs its whole time limit, so it is rare.
LATE = 0.01


class World:
    """Everything that one run of kills works with. ``kills`` counts those that came about.

    ``problems`` is how the promise was not kept, as far as it was looked at.
    """

    def __init__(self, url: str, database: Database, peer: Peer, seed: int) -> None:
        self.url = url
        self.peer = peer
        self.bob = peer.far.editors[0]
        self.kills = 0
        self.problems: list[str] = []
        self.random = random.Random(seed)
        self.clock = FakeClock(NOW)
        self.services: Services = sender.services_for(database, self.clock)
        self.trouble = 0.0
        self._killing: tuple[Turn, int] | None = None
        self._child = 0
        self._senders: Any = None
        self._server: Any = None

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, seed: int, platform: str = "slack") -> AsyncIterator[World]:
        """A world on an empty database that is up to date."""
        peer, database = PEERS[platform](), await open_database(url, migrate=False)
        try:
            world = cls(url, database, peer, seed)
            async with peer.listening(world._turn, world._kill):
                async with world.services.store.begin() as uow:
                    await uow.channels.bind(Binding(peer.editors, Purpose.EDITORS, "settings", NOW))
                    for who in peer.far.editors:
                        member = await uow.members.resolve(who, NOW)
                        await uow.roles.grant(Grant(member, Role.EDITOR, "settings", NOW))
                    for address in peer.readers:
                        await uow.channels.bind(Binding(address, Purpose.DIGEST, "settings", NOW))
                    await uow.commit()
                try:
                    yield world
                finally:
                    world._stop()
        finally:
            await database.close()

    async def draft(self, number: int) -> Edition:
        """A draft that goes out as a headline and a thread, shown to the editors."""
        entries = [an_entry(n, section="news" if n < 3 else "dates", blurb="x" * 1_900) for n in range(1, 5)]
        edition = an_edition(date(2025, 1, 24) + timedelta(weeks=number), number=number, content=a_content(*entries))
        async with self.services.store.begin() as uow:
            await uow.editions.add(edition, a_revision(edition))
            await editions.show_draft(uow, self.services, edition)
            await uow.commit()
        return edition

    async def correct(self, edition: Edition) -> Edition:
        """A correction of a published edition, by Bob: it waits for a second editor."""
        draft = await editions.begin_correction(self.services, self.bob, edition.id, "the first entry")

        def reword(content: Content) -> Edit:
            first, *others = content.entries
            return Edit(replace(content, entries=(replace(first, blurb="z" * 1_900), *others)), "reworded the first")

        changed, _ = await editions.edit_entry(self.services, self.bob, draft.id, reword)
        return changed

    async def child(self, acts: Sequence[str] = (), kill: tuple[str, int] = ("", 0)) -> bool:
        """Run one sender until nothing is due or it dies; whether it died."""
        # A restart is some minutes later, or, where the clock was put back in between, an hour earlier.
        self.clock.advance(minutes=self.random.choice((1, 5, 5, 30, -60)))
        self._killing = None
        if kill[0].startswith("flight."):
            self._killing = (Turn.DONE_KILLED if kill[0] == "flight.done" else Turn.NOT_KILLED), kill[1]
        task = Task(self.peer.far, self.clock.now(), tuple(acts), kill)
        code = await asyncio.to_thread(self._run, task, [*acts])
        assert code in (0, -signal.SIGKILL), f"the sender ended with {code}"
        self.kills += code != 0
        return bool(code)

    def _run(self, task: Task, acts: Sequence[str]) -> int:
        if self._senders is None:
            forks = forking()
            self._senders, theirs = forks.Pipe()
            arguments = (theirs, self._senders, self.url, acts, self.peer.far.editors)
            self._server = forks.Process(target=sender.serve, args=arguments, daemon=True)
            self._server.start()
            theirs.close()
        self._senders.send(task)
        self._child = self._senders.recv()
        if not self._senders.poll(CHILD_SECONDS):
            self._kill()
            raise AssertionError("the sender did not come to an end")
        code: int = self._senders.recv()
        return code

    def _stop(self) -> None:
        if self._senders is not None:
            self._senders.close()
            self._server.join(CHILD_SECONDS)

    async def rest(self) -> int:
        """Start until nothing is due, and look; then decide as editors do who look first. Returns about how much."""
        # Long enough for any lease and any retry to be over, wherever the clock stood.
        self.clock.advance(hours=3)
        await self.child()
        self.problems += self._at_rest(await self._look())
        return await self.decide()

    async def settle(self) -> list[str]:
        """The same until there is nothing left to decide, from some time on without trouble.

        Returns every way in which the promise was not kept, at any rest or in the end.
        """
        self.trouble /= 2
        while not self.problems and await self.rest():
            self.trouble = 0.0
        return self.problems or await self._undelivered()

    async def _undelivered(self) -> list[str]:
        """In the end: every message once, where it belongs, bit for bit; or what is not so."""
        found = await self._look()
        problems = [f"{row.key} is {row.state.value}" for row in found.rows if row.state is not DeliveryState.SENT]
        for row in found.rows:
            known = self.peer.posts_of(row.key)
            if len(known) != 1:
                problems.append(f"{row.key} was posted {len(known)} times")
                continue
            problems += self.peer.differences(row, found.by_key.get(row.thread_key))
        for edition in found.editions:
            problems += self._out_of_order(edition, found)
        return problems

    def _at_rest(self, found: Found) -> list[str]:
        """What is half done, or there and should not be, or unknown and not shown: nothing, at any rest."""
        problems: list[str] = []
        for row in found.rows:
            known = self.peer.posts_of(row.key)
            match row.state:
                case DeliveryState.SENT if not _is_known(row, known):
                    problems.append(f"{row.key} is sent, and was posted {len(known)} times")
                case DeliveryState.UNKNOWN if len(known) > 1:
                    problems.append(f"{row.key} is unknown, and was posted {len(known)} times")
                case DeliveryState.UNKNOWN | DeliveryState.PARKED if not found.shows(row):
                    problems.append(f"{row.key} is {row.state.value}, and nobody is shown it")
                case DeliveryState.PARKED if bool(known) != row.is_there:
                    problems.append(f"{row.key} is parked, and was posted {len(known)} times")
                case DeliveryState.PENDING | DeliveryState.RETRY if not found.waits(row):
                    problems.append(f"{row.key} is {row.state.value} and nobody sends it")
                case DeliveryState.SENDING | DeliveryState.DROPPED:
                    problems.append(f"{row.key} is {row.state.value} at rest")
        for edition in found.editions:
            problems += found.unplanned(edition, self.peer)
        return problems

    def _out_of_order(self, edition: Edition, found: Found) -> list[str]:
        problems = []
        for reach in publishing.reach([row for row in found.rows if row.edition_id == edition.id]):
            times = [self.peer.moment_of(row.key) for row in reach.rows]
            if times != sorted(times):
                problems.append(f"edition {edition.id} is out of order in {reach.address.channel}")
        return problems

    async def decide(self) -> int:
        """Every stuck message: it is there if it is there, else once more. Returns how many there were."""
        async with self.services.store.read() as uow:
            stuck = [post.delivery for post in await posts.waiting(uow, frozenset(Role))]
        for row in stuck:
            known = self.peer.posts_of(row.key)
            if row.state is DeliveryState.PARKED:
                await posts.decide(self.services, self.bob, row.key, row.fence, Choice.TRY_AGAIN)
            elif known:
                await posts.decide(self.services, self.bob, row.key, row.fence, Choice.IS_THERE, known[0].permalink)
            else:
                await posts.decide(self.services, self.bob, row.key, row.fence, Choice.SEND_AGAIN)
        return len(stuck)

    async def _look(self) -> Found:
        async with self.services.store.read() as uow:
            return await Found.of(uow)

    def _turn(self, method: str) -> Turn:
        if self._killing is not None:
            turn, left = self._killing
            self._killing = (turn, left - 1) if left > 1 else None
            if left == 1:
                return turn
        if self.random.random() < self.trouble:
            return Turn.DONE_LATE if self.random.random() < LATE else self.random.choice(TROUBLES)
        return Turn.DONE

    def _kill(self) -> None:
        os.kill(self._child, signal.SIGKILL)


class Found:
    """What the database says at a moment."""

    def __init__(self, rows: Sequence[Delivery], approved: Sequence[Edition]) -> None:
        self.rows = rows
        self.editions = approved
        self.by_key = {row.key: row for row in rows}

    @classmethod
    async def of(cls, uow: UnitOfWork) -> Found:
        rows = await uow.deliveries.in_state(*DeliveryState)
        approved = await uow.editions.in_state(EditionState.APPROVED, EditionState.PUBLISHED)
        return cls(rows, approved)

    def unplanned(self, edition: Edition, peer: Peer) -> list[str]:
        """Where the outbox does not hold exactly the text that was approved last for every channel."""
        parts = [to_json(part) for part in published_parts(edition)]
        channels = publishing.reach([row for row in self.rows if row.edition_id == edition.id])
        held = {channel.address: [row.body for row in channel.rows] for channel in channels}
        assert len(parts) > 2, "a thread is what this is about"
        return (
            []
            if held == dict.fromkeys(peer.readers, parts)
            else [f"edition {edition.id} is not held as it was approved"]
        )

    def shows(self, row: Delivery) -> bool:
        """Whether people are shown that a row is stuck, with the buttons to decide: by a card, and in the draft."""
        if row.purpose in posts.CARDS.values():
            return True  # the row that it is about is shown elsewhere too
        cards = [one for one in self.rows if one.key.startswith(f"stuck:{row.key}:{row.fence}:")]
        drafts = [one for one in self.rows if one.purpose == editions.PURPOSE and one.key.endswith(":headline")]
        if row.purpose != publishing.PURPOSE:
            return any(_offers(card, row) for card in cards)
        return any(_offers(card, row) for card in cards) and any(_offers(draft, row) for draft in drafts)

    def waits(self, row: Delivery) -> bool:
        """Whether a row rightly waits: for its headline, or for a part before it, that waits for people."""
        thread = [one for one in self.rows if row.thread_key and one.thread_key == row.thread_key]
        before = [self.by_key[row.thread_key], *thread[: thread.index(row)]] if thread else []
        return any(one.is_stuck and not one.is_there for one in before)


def _is_known(row: Delivery, known: Sequence[Post]) -> bool:
    """Whether a row names the one message that was posted for it, or was believed where no link can name one."""
    if row.address.user and not row.message_ref:
        return len(known) == 1
    return [one.ref for one in known] == [row.message_ref]


def _offers(message: Delivery, row: Delivery) -> bool:
    return any(button.value == value_of(row) for button in _buttons(from_json(message.body)))


def _buttons(message: Message) -> list[Any]:
    return [button for block in message.blocks if isinstance(block, Buttons | EntryLine) for button in block.buttons]
