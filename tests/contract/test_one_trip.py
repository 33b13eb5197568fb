"""On SQLite a statement is one trip to the driver's thread, and gives all that the driver itself would."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from adapters.store import one_trip


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/one.db", module=one_trip.driver())
    async with engine.connect() as opened:
        await opened.execute(text("CREATE TABLE bees (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
        yield opened
    await engine.dispose()


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many times a thread was asked for something since."""
    counted: Counter[str] = Counter()
    ask = aiosqlite.Connection._execute

    async def counting(self: aiosqlite.Connection, work: Any, *arguments: Any, **named: Any) -> Any:
        counted["asked"] += 1
        return await ask(self, work, *arguments, **named)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counting)
    return counted


async def test_reading_and_writing_take_one_trip_each(connection: AsyncConnection, trips: Counter[str]) -> None:
    written = await connection.execute(text("INSERT INTO bees (name) VALUES ('Maja'), ('Willi')"))
    assert (written.rowcount, trips["asked"]) == (2, 1)
    assert written.lastrowid == 2
    found = await connection.execute(text("SELECT id, name FROM bees ORDER BY id"))
    assert (list(found.keys()), found.all()) == (["id", "name"], [(1, "Maja"), (2, "Willi")])
    assert trips["asked"] == 2
    nothing = await connection.execute(text("SELECT id FROM bees WHERE name = :name"), {"name": "Flip"})
    assert (nothing.first(), trips["asked"]) == (None, 3)


async def test_several_rows_of_parameters_are_one_trip_too(connection: AsyncConnection, trips: Counter[str]) -> None:
    done = await connection.execute(
        text("INSERT INTO bees (name) VALUES (:name)"), [{"name": f"bee {number}"} for number in range(30)]
    )
    assert (done.rowcount, trips["asked"]) == (30, 1)
    changed = await connection.execute(text("UPDATE bees SET name = name || '!' WHERE id > 20 RETURNING id"))
    assert (len(changed.all()), trips["asked"]) == (10, 2)


async def test_what_is_streamed_is_not_fetched_at_once(connection: AsyncConnection, trips: Counter[str]) -> None:
    await connection.execute(
        text("INSERT INTO bees (name) VALUES (:name)"), [{"name": f"bee {number}"} for number in range(30)]
    )
    trips.clear()
    streamed = await connection.stream(text("SELECT name FROM bees"), execution_options={"yield_per": 10})
    assert [len(rows) async for rows in streamed.partitions(10)] == [10, 10, 10]
    assert trips["asked"] > 3


async def test_what_is_refused_says_why_and_leaves_the_connection_of_use(connection: AsyncConnection) -> None:
    await connection.execute(text("INSERT INTO bees (name) VALUES ('Maja')"))
    with pytest.raises(IntegrityError) as refused:
        await connection.execute(text("INSERT INTO bees (name) VALUES ('Maja')"))
    assert isinstance(refused.value.orig, sqlite3.IntegrityError)
    assert (await connection.execute(text("SELECT count(*) FROM bees"))).scalar_one() == 1
