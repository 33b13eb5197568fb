"""SQLite's driver with one trip to its thread for each statement, where it would take four.

Each trip costs more than most of our statements do. aiosqlite has a thread for each connection, and SQLAlchemy asks it
for a cursor, has it execute, fetches all rows and closes the cursor, one after another. Here the thread does all of
that at once. What is streamed goes the driver's own way, as it is not fetched at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)


class _Cursor:
    """What SQLAlchemy asks of an asynchronous cursor, with all rows there as soon as a statement was executed."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        await self._does(sqlite3.Cursor.execute, statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._does(sqlite3.Cursor.executemany, statement, parameters)

    async def _does(self, execute: Callable[..., Any], statement: str, parameters: Sequence[Any]) -> None:
        # The thread has no other way in for a function of ours; SQLAlchemy uses it, too.
        driver: Any = self._connection
        await driver._execute(self._in_thread, execute, statement, parameters)

    def _in_thread(self, execute: Callable[..., Any], statement: str, parameters: Sequence[Any]) -> None:
        cursor = self._connection._conn.cursor()
        try:
            execute(cursor, statement, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            # Of what returns rows, known only when the last one has been fetched.
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    def close(self) -> None:
        """Nothing is left open."""


class _AdaptedCursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Cursor(connection)

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor


class _AdaptedConnection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    _cursor_cls = _AdaptedCursor


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        return _AdaptedConnection(self, super().connect(*arguments, **options)._connection)


def driver() -> Any:
    """The driver, as ``module`` for ``create_async_engine``."""
    return _Driver(aiosqlite, sqlite3)
