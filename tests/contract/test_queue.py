"""The queues' contract: what was decided is sent, in order for each channel, and never twice, whoever works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.queue import schema
from adapters.queue.inline import InlineQueue
from adapters.queue.procrastinate import QUEUE, Pace, ProcrastinateQueue
from adapters.store.database import Database
from bot.messages import Message
from bot.outbox import LEASE, Outbox
from bot.ports import Queue, TransportError
from digests.errors import ConvenorError
from digests.model import Address, Delivery, DeliveryState
from tests.builders import CHANNEL, NOW, a_delivery
from tests.contract.databases import empty_postgres_url, open_database, postgres_url, sqlite_url
from tests.fakes.clock import FakeClock
from tests.fakes.courier import FakeCourier

QUICK = Pace(round=0.05, heartbeat=0.1, dead=15.0, grace=20.0, again=0.05)
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)
# A sequence counts on where a transaction is rolled back.
REFUSE_ONE_END = """
CREATE SEQUENCE ends;
CREATE FUNCTION refuse_one_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('ends') = 1 THEN RETURN NULL; END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER refuse_one_end BEFORE DELETE ON procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION refuse_one_end();
"""
COMMENT = "SELECT obj_description('procrastinate_jobs'::regclass)"
FUNCTIONS = "SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%' ORDER BY 1"
OTHER = Address("slack", "T01", channel="C02")


class SlowCourier(FakeCourier):
    """A platform on which a message takes a moment; knows how many came to one channel at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.begun = 0
        self.at_once = 0
        self._busy: set[Address] = set()

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        self.begun += 1
        self.at_once += address in self._busy
        self._busy.add(address)
        await asyncio.sleep(self.seconds)
        self._busy.discard(address)
        return await super().post(address, message, key=key, thread_ref=thread_ref)


@dataclass
class Works:
    """A database, and workers on it."""

    url: str
    database: Database
    make_queue: Callable[[], Queue]
    queue: Queue
    """The queue of whoever decides: it sends nothing itself, and only wakes the senders that share it."""
    several: bool
    clock: FakeClock = field(default_factory=FakeClock)
    courier: SlowCourier = field(default_factory=SlowCourier)

    async def decide(self, *rows: Delivery, commit: bool = True) -> None:
        async with self.database.begin() as uow:
            await uow.deliveries.add(rows)
            if commit:
                await uow.commit()
        self.queue.wake()

    @asynccontextmanager
    async def working(self, workers: int = 1) -> AsyncIterator[asyncio.Event]:
        """So many workers, until the block ends or the event that it is given is set."""
        stop = asyncio.Event()
        senders = [Outbox(self.database, {"slack": self.courier}, self.clock) for _ in range(workers)]
        queues = [self.queue if number == 0 else self.make_queue() for number in range(workers)]
        tasks = [asyncio.create_task(queue.run(sender, stop)) for queue, sender in zip(queues, senders, strict=True)]
        try:
            yield stop
        finally:
            stop.set()
            self.queue.wake()
            await asyncio.wait_for(asyncio.gather(*tasks), 30)

    def passes(self, **time: float) -> None:
        """Time passes; the next look comes at once rather than within a second."""
        self.clock.advance(**time)
        self.queue.wake()

    async def states(self) -> dict[str, DeliveryState]:
        async with self.database.read() as uow:
            return {row.key: row.state for row in await uow.deliveries.in_state(*DeliveryState)}

    async def until_no_job_is_left(self) -> None:
        """A worker deletes a job just after the row says that it is done."""

        async def gone() -> bool:
            return sql(self.url, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]

        if self.several:
            await until(gone)

    async def until_sent(self, *keys: str) -> None:
        async def there() -> bool:
            states = await self.states()
            return all(states[key] is DeliveryState.SENT for key in keys)

        await until(there)

    @property
    def posted(self) -> list[str]:
        return [one.key for one in self.courier.posted]


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await true():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def inline(url: str) -> AsyncIterator[Works]:
    database = await open_database(url)
    yield Works(url, database, InlineQueue, InlineQueue(), several=False)
    await database.close()


@asynccontextmanager
async def procrastinate(url: str) -> AsyncIterator[Works]:
    database = await open_database(url)
    queue = ProcrastinateQueue(url, pace=QUICK)
    await queue.prepare(database)
    sql(url, "TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    yield Works(url, database, lambda: ProcrastinateQueue(url, pace=QUICK), queue, several=True)
    await database.close()


@pytest.fixture(params=["inline", "procrastinate"])
async def works(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Works]:
    opened = inline(sqlite_url(tmp_path)) if request.param == "inline" else procrastinate(postgres_url())
    async with opened as works:
        yield works


@pytest.fixture
async def many() -> AsyncIterator[Works]:
    """Only the queue that lets several workers share the work."""
    async with procrastinate(postgres_url()) as works:
        yield works


def sql(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []


async def test_what_was_decided_is_sent_and_its_job_is_gone(works: Works) -> None:
    async with works.working():
        await works.decide(a_delivery("one"))
        await works.until_sent("one")
        await works.until_no_job_is_left()
    assert works.posted == ["one"]


async def test_what_was_rolled_back_is_never_sent_and_leaves_no_job(works: Works) -> None:
    async with works.working():
        await works.decide(a_delivery("undone"), commit=False)
        await works.decide(a_delivery("one"))
        await works.until_sent("one")
        await works.until_no_job_is_left()
    assert works.posted == ["one"]


async def test_what_was_written_before_anybody_worked_is_sent_when_somebody_does(works: Works) -> None:
    works.database.announce = None
    await works.decide(a_delivery("one"), a_delivery("two"))
    async with works.working():
        await works.until_sent("one", "two")
    assert works.posted == ["one", "two"]


async def test_a_channel_has_everything_in_order_however_many_work(works: Works) -> None:
    works.courier.seconds = 0.005
    keys = [f"{number:02}" for number in range(12)]
    async with works.working(3 if works.several else 1):
        for key in keys:
            await works.decide(a_delivery(key))
        await works.until_sent(*keys)
    assert works.posted == keys
    assert works.courier.at_once == 0


async def test_a_thread_waits_for_its_headline_and_keeps_its_order(works: Works) -> None:
    works.courier.fails(TransportError("head", "Slow down.", retry_after_seconds=0.01))
    parts = [a_delivery(f"part {number}", thread_key="head") for number in range(3)]
    async with works.working(2 if works.several else 1):
        await works.decide(a_delivery("head"), *parts)

        async def again() -> bool:
            works.passes(seconds=1)
            return all(state is DeliveryState.SENT for state in (await works.states()).values())

        await until(again)
    assert works.posted == ["head", "part 0", "part 1", "part 2"]


async def test_what_is_for_later_waits_and_holds_up_nobody_in_its_channel(works: Works) -> None:
    async with works.working():
        await works.decide(a_delivery("later", available_at=NOW + timedelta(hours=1)), a_delivery("now"))
        await works.until_sent("now")
        assert (await works.states())["later"] is DeliveryState.PENDING
        works.passes(hours=1)
        await works.until_sent("later")
    assert works.posted == ["now", "later"]


async def test_what_failed_is_tried_again_when_the_ledger_says_so(works: Works) -> None:
    works.courier.fails(TransportError("one", "It cannot be reached."))
    async with works.working():
        await works.decide(a_delivery("one"))

        async def failed() -> bool:
            return (await works.states())["one"] is DeliveryState.RETRY

        await until(failed)
        await asyncio.sleep(0.15)
        assert works.posted == []
        works.passes(minutes=1)
        await works.until_sent("one")
    assert works.posted == ["one"]


async def test_stopping_finishes_what_is_being_sent_and_begins_nothing_more(works: Works) -> None:
    works.courier.seconds = 0.3
    async with works.working() as stop:
        await works.decide(a_delivery("one"), a_delivery("two"))

        async def begun() -> bool:
            return bool(works.courier.begun)

        await until(begun)
        stop.set()
    assert works.posted == ["one"]
    assert await works.states() == {"one": DeliveryState.SENT, "two": DeliveryState.PENDING}


async def test_several_workers_send_everything_once_to_several_channels_at_the_same_time(many: Works) -> None:
    many.courier.seconds = 0.01
    rows = [a_delivery(f"{number:02}", address=CHANNEL if number % 2 else OTHER) for number in range(16)]
    async with many.working(3):
        await many.decide(*rows)
        await many.until_sent(*(row.key for row in rows))
    assert sorted(many.posted) == [row.key for row in rows]
    assert many.courier.at_once == 0


async def test_what_a_dead_worker_had_begun_is_taken_up_and_the_row_decides(many: Works) -> None:
    await many.decide(a_delivery("begun"), a_delivery("next"))
    # As a worker leaves it that was killed while it sent: its job is running, and nobody says that it lives.
    manager = ProcrastinateQueue(many.url)._app
    async with manager.open_async():
        dead = await manager.job_manager.register_worker()
        job = await manager.job_manager.fetch_job(queues=[QUEUE], worker_id=dead)
    assert job is not None
    assert job.task_kwargs == {"key": "begun"}
    async with many.database.begin() as uow:
        assert await uow.deliveries.claim(many.clock.now(), many.clock.now() + LEASE, key="begun")
        await uow.commit()
    sql(many.url, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    async with many.working():
        await many.until_sent("next")
        assert (await many.states())["begun"] is DeliveryState.SENDING
        many.passes(seconds=LEASE.total_seconds())

        async def shown() -> bool:
            return (await many.states())["begun"] is DeliveryState.UNKNOWN

        await until(shown)
        await many.until_no_job_is_left()
    assert many.posted == ["next"]


async def test_a_connection_that_is_cut_is_made_again(many: Works) -> None:
    async with many.working():
        await many.decide(a_delivery("before"))
        await many.until_sent("before")
        await many.until_no_job_is_left()
        sql(many.url, CUT)
        for _ in range(20):
            try:
                await many.decide(a_delivery("after"))
                break
            except Exception:
                await asyncio.sleep(0.05)
        await many.until_sent("after")
    assert many.posted == ["before", "after"]


async def test_a_job_whose_end_could_not_be_recorded_holds_up_its_channel_for_a_moment_only(many: Works) -> None:
    # As when the connection is cut just then: the first end of a job is refused, and the library does not try again.
    sql(many.url, REFUSE_ONE_END)
    async with many.working():
        await many.decide(a_delivery("one"))
        await many.until_sent("one")
        await many.decide(a_delivery("two"))
        await many.until_sent("two")
    assert many.posted == ["one", "two"]
    ((ends,),) = sql(many.url, "SELECT last_value FROM ends")
    assert ends >= 2


async def test_the_tables_of_the_queue_are_made_once_by_three_starts_at_the_same_time() -> None:
    url = empty_postgres_url()
    database = await open_database(url)
    await asyncio.gather(*(ProcrastinateQueue(url).prepare(database) for _ in range(3)))
    assert sql(url, COMMENT) == [(f"Procrastinate {version('procrastinate')}",)]
    await database.close()


async def test_tables_of_an_older_procrastinate_are_renewed_and_then_are_those_of_a_new_one() -> None:
    old, new = empty_postgres_url(), empty_postgres_url()
    everything = schema.migrations_after("-1")
    since = schema.migrations_after("3.2.0")
    assert 0 < len(since) < len(everything)
    for path in everything[: -len(since)]:
        sql(old, path.read_text(encoding="utf-8"))
    sql(old, "COMMENT ON TABLE procrastinate_jobs IS 'Procrastinate 3.2.0'")
    for url in (old, new):
        database = await open_database(url)
        await ProcrastinateQueue(url).prepare(database)
        await database.close()
    assert sql(old, COMMENT) == sql(new, COMMENT)
    assert sql(old, FUNCTIONS) == sql(new, FUNCTIONS)


async def test_tables_that_are_not_ours_are_left_alone() -> None:
    url = empty_postgres_url()
    database = await open_database(url)
    sql(url, "CREATE TABLE procrastinate_jobs (id int)")
    with pytest.raises(ConvenorError) as refused:
        await ProcrastinateQueue(url).prepare(database)
    assert refused.value.sentence == (
        "There are tables of Procrastinate in this database that Convenor did not make. Nothing was changed. "
        "Give Convenor a database, or a schema, of its own."
    )
    sql(url, "COMMENT ON TABLE procrastinate_jobs IS 'Procrastinate 99.0.0'")
    with pytest.raises(ConvenorError, match="newer than the"):
        await ProcrastinateQueue(url).prepare(database)
    await database.close()
