"""A week of the network, killed (SIGKILL) anywhere in it, on both databases and both queues; and what else befalls one.

CONVENOR_KILLS says how many lives each combination gets: 1 unless set; ``make faults`` sets 200.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from adapters.store.database import Database
from adapters.store.trouble import StoreTrouble
from bot import editions, posts, schedule
from bot.posts import Choice
from digests.errors import ConvenorError
from digests.model import DeliveryState, EditionState, content_hash
from tests.contract.databases import open_database, postgres_url, sqlite_url
from tests.fakes.clock import FakeClock
from tests.fakes.courier import LINK
from tests.fakes.network import BOB, CAROL, Network, a_plan
from tests.faults import life
from tests.faults.invariants import broken
from tests.faults.life import FileChat, Life, Task
from tests.forks import forking

LIVES = int(os.environ.get("CONVENOR_KILLS", "1"))
SEED = int(os.environ.get("CONVENOR_SEED", "1"))
# So many moments there are in a week, about; a death that was to come later does not come.
MOMENTS, SURELY = 70, 20
CHILD_SECONDS = 30.0
THURSDAY = datetime(2025, 1, 23, 10, tzinfo=UTC)
# Before the nights in which the clocks change in London, too: an hour comes twice then, or not at all.
BEGINNINGS = (THURSDAY, datetime(2025, 3, 27, 10, tzinfo=UTC), datetime(2025, 10, 23, 10, tzinfo=UTC))
NIGHT = timedelta(days=2, hours=15, minutes=10)
# How much later the next process starts: soon, in that night, a week later, or an hour before by a clock put back.
LATER = (timedelta(minutes=5), NIGHT, timedelta(days=7), timedelta(hours=-1))


class Week:
    """One database, one chat, and processes that live on it one after the other."""

    def __init__(self, url: str, queue: str, database: Database, folder: Path, begins: datetime) -> None:
        self.url = url
        self.queue = queue
        self.database = database
        self.path = folder / f"{begins:%m%d}-{os.urandom(4).hex()}.jsonl"
        self.chat = FileChat(self.path, life.Fate(0))
        self.clock = FakeClock(begins)
        self.friday = begins + timedelta(hours=23, minutes=10)
        self.network = Life(database, self.clock)

    async def process(self, kill: int = 0, *, down: bool = False) -> bool:
        """One process, to its end; whether it was killed."""
        task = Task(self.url, self.queue, str(self.path), self.clock.now(), self.friday, kill, down)
        process = forking().Process(target=life.run, args=(task,))
        process.start()
        await asyncio.to_thread(process.join, CHILD_SECONDS)
        assert process.exitcode in (0, -signal.SIGKILL), f"a process ended with {process.exitcode}"
        return process.exitcode != 0

    async def decide(self) -> int:
        """What is stuck is decided as by people who look first; returns how much there was."""
        async with self.database.read() as uow:
            stuck = await uow.deliveries.in_state(DeliveryState.UNKNOWN, DeliveryState.PARKED)
        for row in stuck:
            refs = self.chat.refs_of(row.key)
            if row.state is DeliveryState.PARKED:
                await posts.decide(self.network.services, BOB, row.key, row.fence, Choice.TRY_AGAIN)
            elif refs:
                where = row.address.channel or row.address.user
                await posts.decide(
                    self.network.services, BOB, row.key, row.fence, Choice.IS_THERE, f"{LINK}{where}/{refs[0]}"
                )
            else:
                await posts.decide(self.network.services, BOB, row.key, row.fence, Choice.SEND_AGAIN)
        return len(stuck)

    async def rest(self) -> list[str]:
        """Live once more in peace, and look; then let people decide until nothing is left to. What is broken."""
        for _ in range(10):
            self.clock.advance(hours=3)
            assert not await self.process()
            problems = await broken(self.database, self.chat, self.clock.now() + life.SOON)
            if problems or not await self.decide():
                return problems
        return ["people are asked again and again"]


@asynccontextmanager
async def a_week(database: str, queue: str, folder: Path, begins: datetime = THURSDAY) -> AsyncIterator[Week]:
    """A network with its people and a feed that was read before, as the week begins."""
    url = sqlite_url(folder, f"{os.urandom(4).hex()}.db") if database == "sqlite" else postgres_url()
    opened = await open_database(url, migrate=False)
    if queue == "procrastinate":
        await life.open_queue(queue, url, opened)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    try:
        people = await Network.make(plan=a_plan(), store=opened)
        await people.joins(CAROL, organisation="Patients Trust")
        week = Week(url, queue, opened, folder, begins)
        week.clock.advance(hours=-1)
        await life.begin(week.network)
        week.clock.advance(hours=1)
        yield week
    finally:
        await opened.close()


@pytest.mark.timeout(60 + 5 * LIVES)
@pytest.mark.parametrize(
    ("database", "queue"), [("sqlite", "inline"), ("postgresql", "inline"), ("postgresql", "procrastinate")]
)
async def test_a_week_is_whole_wherever_it_was_killed(tmp_path: Path, database: str, queue: str) -> None:
    dice = random.Random(f"{SEED} {database} {queue}")
    kills = 0
    for _ in range(LIVES):
        async with a_week(database, queue, tmp_path, dice.choice(BEGINNINGS)) as week:
            for most in (SURELY, MOMENTS):
                kills += await week.process(dice.randint(1, most))
                week.clock.set(week.clock.now() + dice.choice(LATER))
            assert await week.rest() == []
            async with week.database.read() as uow:
                drafts = await uow.editions.in_state(EditionState.DRAFT)
            # What was read too late for its Friday leaves a draft with nothing in it, which nobody approves.
            assert [draft.id for draft in drafts if draft.content.entries] == []
    assert kills >= LIVES


async def test_a_day_without_the_chat_costs_nothing(tmp_path: Path) -> None:
    async with a_week("sqlite", "inline", tmp_path) as week:
        for _ in range(2):
            assert not await week.process(down=True)
            week.clock.advance(hours=12)
        assert week.chat.posts() == []
        assert await broken(week.database, week.chat, week.clock.now()) == []
        assert await week.rest() == []
        assert week.chat.posts()


async def test_a_full_disk_undoes_what_did_not_fit_and_the_rest_goes_on_when_there_is_room(tmp_path: Path) -> None:
    async with a_week("sqlite", "inline", tmp_path) as week:
        refused = 0
        for pages in range(200):
            try:
                await _limit_pages(week.database, more=pages)
                await life.live(week.network, week.friday)
                await life.send(week.network, week.chat, None)
                break
            except StoreTrouble:
                refused += 1
        assert refused
        await _limit_pages(week.database, more=1_000_000)
        assert await week.rest() == []


async def _limit_pages(database: Database, *, more: int) -> None:
    """Let the file grow by so many pages and no further."""
    async with database._writer.engine.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
        assert pages is not None
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}")


async def test_connections_that_are_cut_all_the_time_only_delay(tmp_path: Path) -> None:
    async with a_week("postgresql", "inline", tmp_path) as week:
        done = asyncio.Event()

        async def cut() -> None:
            others = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
            )
            async with await psycopg.AsyncConnection.connect(week.url, autocommit=True) as connection:
                while not done.is_set():
                    await asyncio.sleep(0.12)
                    await connection.execute(others, (connection.info.dbname,))

        cutting = asyncio.create_task(cut())
        failed = 0
        for _ in range(40):
            try:
                await life.live(week.network, week.friday)
                await life.send(week.network, week.chat, None)
            except ConvenorError:
                failed += 1
            if failed > 1:
                break
        done.set()
        await cutting
        assert failed
        assert await week.rest() == []


async def test_two_who_approve_in_two_processes_at_the_same_moment_publish_once(tmp_path: Path) -> None:
    async with a_week("postgresql", "inline", tmp_path) as week:
        await life.read(week.network)
        week.clock.set(week.friday)
        await schedule.draft_tick(week.network.services)
        async with week.database.read() as uow:
            (draft,) = await uow.editions.in_state(EditionState.DRAFT)
        beside = await open_database(week.url, migrate=False)
        other = Life(beside, week.clock)
        ended = await asyncio.gather(
            editions.approve(week.network.services, BOB, draft.id, content_hash(draft.content)),
            editions.approve(other.services, CAROL, draft.id, content_hash(draft.content)),
            return_exceptions=True,
        )
        assert [one for one in ended if isinstance(one, Exception)] == []
        await beside.close()
        assert await week.rest() == []
