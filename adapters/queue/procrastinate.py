"""The queue of many machines: Procrastinate on PostgreSQL. A job only names a row; the rows decide.

A job says that something is to go where its row goes; one job at a time runs for each channel, and sends all that is
due there. A job is written in the transaction that wrote the row, so there is none for what was rolled back. Rows that
are due later, or again, and whatever lost its job are found by the rounds that every worker makes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition, Job, Status
from sqlalchemy import URL

from adapters.queue import schema
from adapters.queue.inline import first_of
from adapters.store.database import Database
from adapters.store.transaction import Transaction
from adapters.store.trouble import StoreTrouble
from adapters.store.url import parse
from bot.ports import Sender
from digests.model import Address, Delivery

log = logging.getLogger(__name__)

QUEUE = "convenor"
SEND = "convenor.send"
# So many rows at most are looked at in one round; the next comes soon.
ROUND_ROWS = 1_000

_LEFT = "SELECT id, worker_id FROM procrastinate_jobs WHERE status = 'doing' AND id = ANY(%(ids)s)"
_LIVE = "SELECT args->>'key' AS key FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name = %(task)s"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how patiently a worker does what, in seconds.

    ``round`` is how late a row may go out that is due at a later time. A worker that has not said for ``dead`` seconds
    that it lives is taken for dead, and what it had begun is looked at by another. ``grace`` is how long a stop waits
    for what is being sent. ``again`` is the wait after trouble with the database.
    """

    round: float = 2.0
    heartbeat: float = 5.0
    dead: float = 30.0
    grace: float = 7.0
    again: float = 2.0


class ProcrastinateQueue:
    """Fulfils ``bot.ports.Queue``. Any number of processes may run it; one message at a time goes to each channel."""

    def __init__(self, database_url: str, *, concurrency: int = 4, pace: Pace | None = None) -> None:
        """``concurrency`` messages to different channels are sent at the same time. Raises ConfigError."""
        # Its own lines say that a job began and ended, which the ledger says better.
        logging.getLogger("procrastinate").setLevel(logging.ERROR)
        self._concurrency = concurrency
        self._pace = pace or Pace()
        self._paused_until = 0.0
        connector = PsycopgConnector(conninfo=_conninfo(parse(database_url)), min_size=1, max_size=concurrency + 1)
        self._app = App(connector=connector)
        self._app.task(name=SEND, queue=QUEUE, pass_context=True)(self._run)
        # Jobs (with their workers) that ended here since the last round, and in the round before.
        self._ended: set[tuple[int | None, int | None]] = set()
        self._ended_before: set[tuple[int | None, int | None]] = set()
        self._sender: Sender | None = None
        self._stop = asyncio.Event()

    def wake(self) -> None:
        """Nothing to do: the database itself tells every worker of a new job."""

    async def prepare(self, database: Database) -> None:
        """Make or renew the library's tables, and let every decision on this database write its jobs."""
        async with database.writing() as transaction:
            await transaction.by_driver(schema.bring_up_to_date)
            await transaction.commit()
        database.announce = self.announce

    async def announce(self, transaction: Transaction, due: Sequence[Delivery]) -> None:
        """Write a job for each row, in the transaction that wrote the rows. Raises StoreTrouble."""
        jobs = [_job(row) for row in due]

        async def write(connection: Any) -> None:
            try:
                await self._app.job_manager.batch_defer_jobs_async(jobs, connection=connection)
            except exceptions.ConnectorException as trouble:
                raise StoreTrouble("the queue", retry=True) from trouble

        await transaction.by_driver(write)

    async def run(self, sender: Sender, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; what is being sent then is finished first. The database may come and go."""
        self._sender, self._stop = sender, stop
        while not stop.is_set():
            try:
                async with self._app.open_async():
                    await self._work(sender, stop)
            except Exception as trouble:
                log.warning("the queue could not be read (%s); trying again", trouble)
            await first_of([stop], self._pace.again)

    async def _run(self, context: JobContext, key: str) -> None:
        """One job."""
        try:
            await self._send(key)
        finally:
            self._ended.add((context.job.id, context.job.worker_id))

    async def _send(self, key: str) -> None:
        await first_of([self._stop], max(self._paused_until - time.monotonic(), 0.0))
        # A row whose job ends here is found by somebody's next round.
        if self._sender is None or self._stop.is_set():
            return
        if pause := await self._sender.send(key, self._stop):
            self._paused_until = max(self._paused_until, time.monotonic() + pause)

    async def _work(self, sender: Sender, stop: asyncio.Event) -> None:
        """One worker's life: until it is told to stop, or the database fails it."""
        pace = self._pace
        work = asyncio.create_task(
            self._app.run_worker_async(
                queues=[QUEUE],
                concurrency=self._concurrency,
                delete_jobs=DeleteJobCondition.ALWAYS,
                install_signal_handlers=False,
                fetch_job_polling_interval=pace.round,
                update_heartbeat_interval=pace.heartbeat,
                stalled_worker_timeout=pace.dead,
                shutdown_graceful_timeout=pace.grace,
            )
        )
        rounds = asyncio.create_task(self._go_round(sender, stop))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, rounds, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
        finally:
            for task in (work, rounds, stopped):
                task.cancel()
            # The worker hears of it as a wish to stop, and ends when what it sends is sent.
            await asyncio.gather(work, rounds, stopped, return_exceptions=True)

    async def _go_round(self, sender: Sender, stop: asyncio.Event) -> None:
        """Until stopped: end lapsed leases, take up what dead workers left, and give whatever is due a job."""
        while not stop.is_set():
            try:
                await sender.expire()
                await self._take_up()
                await self._finish()
                await self._catch_up(await sender.due(ROUND_ROWS))
            except Exception as trouble:
                log.warning("a round of the queue failed (%s); the next comes in %g seconds", trouble, self._pace.round)
            await first_of([stop], self._pace.round)

    async def _take_up(self) -> None:
        """Put back what a dead worker had begun: its row says whether there still is anything to do."""
        manager = self._app.job_manager
        stalled = list(await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self._pace.dead))
        for job in stalled:
            log.warning("a worker stopped in the middle of delivery %s", job.task_kwargs.get("key"))
            try:
                await manager.retry_job(job)
            except exceptions.ConnectorException:
                # Another worker did so just now, or the row has a newer job.
                await manager.finish_job(job, Status.ABORTED, delete_job=True)
        if stalled:
            await manager.prune_stalled_workers(self._pace.dead)

    async def _finish(self) -> None:
        """End jobs that ended here a round ago and do not say so.

        If the connection is cut just then, the library gives up recording it; the job would hold its channel's lock for
        as long as this worker lives.
        """
        if before := self._ended_before:
            ids = [job for job, _ in before]
            left = await self._app.connector.execute_query_all_async(_LEFT, ids=ids)
            for row in left:
                if (row["id"], row["worker_id"]) in before:
                    log.warning("the end of a job of the queue was not recorded; it is now")
                    with contextlib.suppress(exceptions.ConnectorException):
                        await self._app.job_manager.finish_job_by_id_async(row["id"], Status.ABORTED, delete_job=True)
        self._ended, self._ended_before = set(), self._ended

    async def _catch_up(self, due: Iterable[Delivery]) -> None:
        """Write a job for each row that has none: it is due only now, or was written where no queue was told."""
        rows = list(due)
        if not rows:
            return
        live = {row["key"] for row in await self._app.connector.execute_query_all_async(_LIVE, task=SEND)}
        for row in rows:
            if row.key not in live:
                with contextlib.suppress(exceptions.AlreadyEnqueued):
                    await self._app.job_manager.defer_job_async(_job(row, once=True))


def _job(row: Delivery, *, once: bool = False) -> Job:
    # Only where nothing else hangs on it may a job be refused because there is one already.
    return Job(
        queue=QUEUE,
        task_name=SEND,
        task_kwargs={"key": row.key},
        lock=_lock(row.address),
        queueing_lock=row.key if once else None,
    )


def _lock(address: Address) -> str:
    """One lock for each channel and person, short whatever they are called."""
    # Whom a mail is for is sealed in the database, which so cannot tell one from another: they go one by one.
    user = "" if address.platform == "mail" else address.user
    where = "\n".join((address.platform, address.workspace, address.channel, user))
    return sha256(where.encode()).hexdigest()[:32]


def _conninfo(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
