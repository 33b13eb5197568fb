"""One transaction on one connection, as the repositories use it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Row, Table, UpdateBase, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store import bulk
from adapters.store.bulk import IfThere
from adapters.store.vault import Vault, vault_of
from digests.errors import ConvenorError

Value = TypeVar("Value")

# SQLite takes 32,766 parameters in a statement and PostgreSQL 65,535.
CHUNK = 10_000

Rows = Sequence[Mapping[str, Any]]
Insert = sqlite.Insert | postgresql.Insert


def chunks(values: Iterable[Value]) -> Iterator[list[Value]]:
    """The values, in lists that fit into one statement."""
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


async def uninterrupted(work: Coroutine[Any, Any, Value]) -> Value:
    """Let work on a connection end before a cancellation is heard.

    A statement goes on in the driver's thread, or on the server, whatever becomes of the task that waits for it. A
    connection that was given up in the middle of one may hold SQLite's only write lock until it is forgotten.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as cancellation:
            cancelled = cancellation
    if cancelled is None:
        return task.result()
    if (trouble := task.exception()) is not None:
        raise cancelled from trouble
    raise cancelled


class Attempt:
    """Something that the database may refuse: then ``failed`` says why."""

    failed: ConvenorError | None = None


class Transaction:
    """Runs statements until it is committed or left. Using it afterwards is an error in the program."""

    def __init__(self, connection: AsyncConnection, *, writing: bool) -> None:
        self._connection = connection
        self._writing = writing
        self._open = True

    async def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows of a query."""
        return (await self._run(self._present(), statement)).all()

    async def stream(self, statement: Executable, at_once: int) -> AsyncIterator[Sequence[Row[Any]]]:
        """The rows of a query, at most so many in memory at a time."""
        streamed = await self._present().stream(statement, execution_options={"yield_per": at_once})
        async for rows in streamed.partitions(at_once):
            yield rows

    async def first(self, statement: Executable) -> Row[Any] | None:
        """The first row of a query."""
        return (await self._run(self._present(), statement)).first()

    async def only(self, statement: Executable) -> Row[Any]:
        """The one row of a query that always has exactly one."""
        return (await self._run(self._present(), statement)).one()

    async def value(self, statement: Executable) -> Any:
        """The first column of the first row of a query."""
        return (await self._run(self._present(), statement)).scalar()

    async def change(self, statement: UpdateBase) -> int:
        """Run a statement; returns how many rows an update or a delete touched."""
        return (await self._run(self._written(), statement)).rowcount

    async def change_all(self, statement: UpdateBase, rows: Rows) -> None:
        """Run an update once for each of ``rows``, which fill its parameters."""
        if rows:
            await self._run(self._written(), statement, rows)

    async def changed(self, statement: Executable, rows: Rows | None = None) -> Sequence[Row[Any]]:
        """Run an insert, update or delete that returns rows; once for each of ``rows`` where they are given."""
        return (await self._run(self._written(), statement, rows)).all()

    async def added(self, insert: Insert) -> bool:
        """Insert one row; False, and nothing is done, where a row with its unique key exists already."""
        # Asked for by RETURNING: drivers do not agree on the row count of an insert.
        new = await self.changed(insert.on_conflict_do_nothing().returning(literal(1)))
        return bool(new)

    async def add_all(self, statement: Insert, rows: Rows) -> None:
        """Insert many rows, in order."""
        if rows:
            await self._run(self._written(), statement, rows)

    async def load(self, table: Table, names: tuple[str, ...], rows: bulk.Rows, there: IfThere = IfThere.FAIL) -> None:
        """Insert many rows, in order; each has a value for each of ``names``."""
        if not rows:
            return
        if self.dialect == "sqlite":
            sql = bulk.insert_sql(table, names, there)
            await uninterrupted(self._written().exec_driver_sql(sql, bulk.stored(table, names, rows)))
            return
        insert = bulk.with_care(self.insert(table), table, names, there)
        await self.add_all(insert, [dict(zip(names, row, strict=True)) for row in rows])

    async def load_new(self, table: Table, names: tuple[str, ...], rows: bulk.Rows, key: str) -> Collection[str]:
        """Insert those of many rows whose ``key``, which is unique, is not there; returns the keys of those."""
        at = names.index(key)
        if self.dialect == "sqlite":
            # We hold the only write lock, so nobody can come in between.
            there = {row[0] for row in await self.pick(table, (key,), key, [row[at] for row in rows])}
            new = [row for row in rows if row[at] not in there]
            await self.load(table, names, new, IfThere.KEEP)
            return [row[at] for row in new]
        insert = self.insert(table).on_conflict_do_nothing().returning(table.columns[key])
        values = [dict(zip(names, row, strict=True)) for row in rows]
        return [row[0] for row in await self.changed(insert, values)]

    async def every(self, table: Table, names: tuple[str, ...]) -> bulk.Rows:
        """The values of ``names`` in all rows, in no order."""
        if self.dialect == "sqlite":
            query = self._present().exec_driver_sql(bulk.select_sql(table, names))
            return bulk.restored(table, names, [tuple(row) for row in (await uninterrupted(query)).all()])
        return [tuple(row) for row in await self.rows(select(*(table.columns[name] for name in names)))]

    async def pick(self, table: Table, names: tuple[str, ...], key: str, wanted: Iterable[str]) -> bulk.Rows:
        """The values of ``names`` in the rows in which ``key`` has one of the ``wanted`` values, in no order."""
        found: list[tuple[Any, ...]] = []
        for values in chunks(wanted):
            if self.dialect == "sqlite":
                query = self._present().exec_driver_sql(bulk.select_sql(table, names, key), (json.dumps(values),))
                found += bulk.restored(table, names, [tuple(row) for row in (await uninterrupted(query)).all()])
            else:
                columns = [table.columns[name] for name in names]
                found += map(tuple, await self.rows(select(*columns).where(table.columns[key].in_(values))))
        return found

    async def take_turns(self, what: int, *, together: bool = False) -> None:
        """Hold this until the unit of work ends, alone or ``together`` with others; wait where somebody is in the way.

        Writers of SQLite take turns as it is.
        """
        self.require_writing()
        if self.dialect == "postgresql":
            lock = func.pg_advisory_xact_lock_shared if together else func.pg_advisory_xact_lock
            await self._run(self._written(), select(lock(what)))

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[Attempt]:
        """What is done within is undone, and the rest goes on, where the database refuses it; the attempt says why."""
        attempt = Attempt()
        savepoint = await uninterrupted(self._written().begin_nested().start())
        try:
            yield attempt
        except ConvenorError as refused:
            if refused.retry:
                raise
            await uninterrupted(savepoint.rollback())
            attempt.failed = refused
        else:
            await uninterrupted(savepoint.commit())

    async def by_driver(self, work: Callable[[Any], Coroutine[Any, Any, Value]]) -> Value:
        """Let another library write in this transaction: ``work`` is given the driver's own connection."""
        raw = await self._written().get_raw_connection()
        return await uninterrupted(work(raw.driver_connection))

    @property
    def dialect(self) -> str:
        """Which sort of database this is: ``sqlite`` or ``postgresql``."""
        return self._connection.dialect.name

    @property
    def connection(self) -> AsyncConnection:
        """The connection that it is on."""
        return self._connection

    @property
    def vault(self) -> Vault:
        """What seals and marks in this database."""
        return vault_of(self._connection.dialect)

    def insert(self, table: Table) -> Insert:
        """An insert that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update`` on this database."""
        if self.dialect == "sqlite":
            return sqlite.insert(table)
        return postgresql.insert(table)

    async def commit(self) -> None:
        """Make it last. The transaction has ended then."""
        connection = self._written()
        self._open = False
        await uninterrupted(connection.commit())

    def end(self) -> None:
        """The caller has left: nothing more can be done with this transaction."""
        self._open = False

    @property
    def writes(self) -> bool:
        """Whether this transaction may write."""
        return self._writing

    def require_writing(self) -> None:
        """Raises ``RuntimeError`` where this transaction has ended or must not write."""
        self._written()

    async def _run(
        self, connection: AsyncConnection, statement: Executable, rows: Rows | None = None
    ) -> CursorResult[Any]:
        return await uninterrupted(connection.execute(statement, rows))

    def _present(self) -> AsyncConnection:
        if not self._open:
            raise RuntimeError("this unit of work has ended; begin another one")
        return self._connection

    def _written(self) -> AsyncConnection:
        if not self._writing:
            raise RuntimeError("this unit of work must not write; use begin() instead of read()")
        return self._present()
