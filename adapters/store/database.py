"""The database: opens it, brings it up to date, and gives out units of work."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.store import one_trip, sealing, upgrade
from adapters.store.tables import storable
from adapters.store.together import Together
from adapters.store.transaction import Transaction, uninterrupted
from adapters.store.trouble import translator
from adapters.store.unit import Announce, SqlUnitOfWork
from adapters.store.url import file_of, parse, shown
from adapters.store.vault import Vault, give
from bot.ports import Store, UnitOfWork
from digests.errors import Busy, ConfigError, NotFound

log = logging.getLogger(__name__)

# How long a unit of work waits for its turn, and a statement for a lock.
PATIENCE_SECONDS = 10
# A view from before may be open for as long as it likes; the file is then written anew another time.
TIDY_PATIENCE_SECONDS = 10.0
READERS = 4
# On PostgreSQL; SQLite has one.
WRITERS = 4


class _Lane:
    """Some connections, and the queue for them: whoever has a turn finds a connection free."""

    def __init__(self, engine: AsyncEngine, connections: int) -> None:
        self.engine = engine
        self.turns = asyncio.Semaphore(connections)


class Database:
    """Fulfils ``bot.ports.Store``, on a SQLite file or on PostgreSQL. Make it with :meth:`open`."""

    def __init__(self, name: str, writer: _Lane, reader: _Lane, vault: Vault, path: Path | None) -> None:
        self._name = name
        self._writer = writer
        self._reader = reader
        self._vault = vault
        self._path = path
        self.announce: Announce | None = None
        """Is told, inside each transaction, of what can be sent once it is committed."""
        for lane in (writer, reader):
            give(lane.engine.dialect, vault)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        keys: Sequence[str] = (),
        migrate: bool = True,
        older: bool = True,
        restored_at: str | None = None,
    ) -> Database:
        """Open the database at this address, and bring it up to date unless ``migrate`` is False.

        Without ``older`` only a new database is made ready, and one of an older Convenor is left as it is.
        ``restored_at`` is the revision of what was just restored into it, and is not whole before :meth:`restored`.

        ``keys`` encrypt what people wrote, the newest first; without any, that can be neither read nor written.

        Raises ConfigError where the address cannot be used or the keys do not fit, and ConvenorError where the
        database cannot be reached, or was written by a newer Convenor, or (without ``migrate``) is not up to date.
        """
        parsed = parse(url)
        path = file_of(parsed)
        vault = Vault(keys)
        if path is None:
            database = cls(shown(parsed), *_postgresql(parsed), vault, path)
        else:
            _prepare(path, may_create=migrate)
            database = cls(shown(parsed), *_sqlite(parsed), vault, path)
        reader, writer = database._reader.engine, database._writer.engine
        try:
            if restored_at is None:
                await upgrade.check(reader, writer, database._name, migrate=migrate, older=older)
            else:
                async with writer.begin() as connection:
                    await connection.run_sync(upgrade.migrate_restored, restored_at)
            if vault.has_keys and await sealing.check(reader, writer, vault, may_write=migrate):
                await database._tidy()
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def path(self) -> Path | None:
        """The file, on SQLite; None where a server keeps the database."""
        return self._path

    async def close(self) -> None:
        """Give every connection back. On SQLite, the last one to close tidies the write-ahead log away."""
        await self._reader.engine.dispose()
        await self._writer.engine.dispose()

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that may write. On SQLite it takes the write lock at once, and others wait their turn."""
        return self._unit(self.writing())

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A consistent view, which waits for nobody and must not write."""
        return self._unit(self.reading())

    def writing(self) -> AbstractAsyncContextManager[Transaction]:
        """The transaction beneath :meth:`begin`, for the other tables in this folder."""
        return self._transaction(self._writer, writing=True)

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """The transaction beneath :meth:`read`."""
        return self._transaction(self._reader, writing=False)

    @asynccontextmanager
    async def together(self, keep: bool) -> AsyncIterator[Store]:
        """A store whose units of work last together at the end of the block; without ``keep``, or if it raises, none.

        Meanwhile nobody else can write on SQLite.
        """
        async with self.writing() as transaction:
            yield Together(transaction.connection)
            if keep:
                await transaction.commit()

    async def restored(self) -> None:
        """Say that what was restored is whole, so that others may open it."""
        async with self._writer.engine.begin() as connection:
            await connection.run_sync(upgrade.restored)

    async def version(self) -> str | None:
        """The version of its tables."""
        return await upgrade.present(self._reader.engine)

    async def renew_keys(self) -> int:
        """Bring everything that is encrypted under the newest key; returns how many values were under another.

        Raises Locked without keys, and WrongKey where one of them is missing.
        """
        renewed = await sealing.renew(self.writing, self._vault)
        await self._tidy()
        return renewed

    async def _tidy(self) -> None:
        """Write the file of SQLite anew, as what was replaced stays in its free pages otherwise."""
        if self._path is None:
            return
        try:
            await asyncio.to_thread(_vacuum, self._path)
        except sqlite3.OperationalError as busy:
            log.warning(
                "the database file could not be written anew (%s): run “convenor keys rotate” again later", busy
            )

    @asynccontextmanager
    async def _unit(self, transaction: AbstractAsyncContextManager[Transaction]) -> AsyncIterator[UnitOfWork]:
        async with transaction as opened:
            yield SqlUnitOfWork(opened, self.announce)

    @asynccontextmanager
    async def _transaction(self, lane: _Lane, *, writing: bool) -> AsyncIterator[Transaction]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await lane.turns.acquire()
        except TimeoutError:
            raise Busy(self._name, "The database is too busy just now. Try again in a minute.", retry=True) from None
        connection = lane.engine.connect()
        try:
            await uninterrupted(connection.start())
            await uninterrupted(_begin(connection))
            transaction = Transaction(connection, writing=writing)
            try:
                yield transaction
            finally:
                transaction.end()
        finally:
            try:
                # Giving the connection back rolls back whatever was not committed.
                if connection.sync_connection is not None:
                    await uninterrupted(connection.close())
            finally:
                lane.turns.release()


async def _begin(connection: AsyncConnection) -> None:
    await connection.begin()


def _prepare(path: Path, *, may_create: bool) -> None:
    if path.exists():
        return
    if not may_create:
        raise NotFound(str(path), "There is no database here yet. It is made when Convenor is first run.")
    try:
        _create(path)
    except PermissionError:
        raise ConfigError(
            [f"Convenor may not write in the directory “{path.parent}”. Check its permissions."]
        ) from None


def _create(path: Path) -> None:
    # Two connections that switch a file to the write-ahead log at once refuse each other, so the file is made aside
    # and put in its place whole. It will hold people's words: only its owner may read it, and what SQLite puts beside.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder) / path.name
        new.touch(mode=0o600)
        with closing(sqlite3.connect(new)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        try:
            os.link(new, path)
        except FileExistsError:
            pass  # another start has just made it
        except OSError:
            new.rename(path)  # a file system without links


def _vacuum(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=TIDY_PATIENCE_SECONDS, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sqlite(url: URL) -> tuple[_Lane, _Lane]:
    # One writing connection: units of work queue for it in order, instead of polling for SQLite's lock.
    # The driver's own habit of beginning transactions late is switched off: we say when.
    how = {"module": one_trip.driver(), "connect_args": {"timeout": PATIENCE_SECONDS, "isolation_level": None}}
    writer, reader = _engine(url, 1, **how), _engine(url, READERS, **how)
    for engine, begin, query_only in ((writer, "BEGIN IMMEDIATE", "OFF"), (reader, "BEGIN", "ON")):
        pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"query_only={query_only}")
        event.listen(engine.sync_engine, "connect", _on_connect(pragmas))
        event.listen(engine.sync_engine, "begin", _on_begin(begin))
    return _Lane(writer, 1), _Lane(reader, READERS)


def _on_connect(pragmas: tuple[str, ...]) -> Any:
    def connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return connect


def _on_begin(statement: str) -> Any:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _postgresql(url: URL) -> tuple[_Lane, _Lane]:
    # A server that has vanished without a word is given up after half a minute.
    engine = _engine(url, READERS + WRITERS, pool_pre_ping=True, connect_args={"tcp_user_timeout": 30_000})
    event.listen(engine.sync_engine, "connect", _limit_waiting)
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return _Lane(engine, WRITERS), _Lane(reader, READERS)


def _limit_waiting(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{PATIENCE_SECONDS}s'")
    cursor.close()
    connection.commit()


def _engine(url: URL, connections: int, **how: Any) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        # What is stored never appears in an error or a log.
        hide_parameters=True,
        json_serializer=_to_json,
        **how,
    )
    event.listen(engine.sync_engine, "handle_error", translator(shown(url)), retval=True)
    return engine


def _to_json(value: Any) -> str:
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
