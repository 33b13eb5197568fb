"""What a database says of who left, also one that is of an older Convenor or half restored, and cannot be opened."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, MetaData, Table, Text, event, inspect, select
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.store import upgrade
from adapters.store.tables.columns import Moment, one_of
from adapters.store.trouble import translator
from adapters.store.url import file_of, parse, shown
from bot.keeping.model import Departure, Did

_ASIDE = "replaced_"


async def who_left(url: str) -> Sequence[Departure]:
    """The erasure journal of the database at this address; nothing where it has none.

    Where a restore was broken off on PostgreSQL, what restores have put aside says it. Raises StoreTrouble and Busy.
    """
    parsed = parse(url)
    path = file_of(parsed)
    if path is not None and not path.exists():
        return ()
    engine = create_async_engine(parsed)
    event.listen(engine.sync_engine, "handle_error", translator(shown(parsed)), retval=True)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_who_left)
    finally:
        await engine.dispose()


def _who_left(connection: Connection) -> list[Departure]:
    found = _in_schema(connection, None)
    if connection.dialect.name == "postgresql" and upgrade.version_of(connection) == upgrade.RESTORING:
        for schema in inspect(connection).get_schema_names():
            if schema.startswith(_ASIDE):
                found += _in_schema(connection, schema)
    return found


def _in_schema(connection: Connection, schema: str | None) -> list[Departure]:
    if not inspect(connection).has_table("departures", schema=schema):
        return []
    words, moments = (
        [Column(name, Text) for name in ("who", "other")],
        [Column(name, Moment) for name in ("at", "due_at")],
    )
    table = Table("departures", MetaData(), Column("did", one_of(Did)), *words, *moments, schema=schema)
    rows = connection.execute(select(table)).all()
    return [Departure(row.did, row.who, row.at, row.due_at, row.other) for row in rows]
