"""What a database says of who left, also one that is of an older Convenor or half restored, and cannot be opened."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, MetaData, inspect, select

from adapters.store import upgrade
from adapters.store.repositories.keeping import departure
from adapters.store.tables import departures
from adapters.store.url import file_of, parse
from bot.keeping.model import Departure

_ASIDE = "replaced_"


async def who_left(url: str) -> Sequence[Departure]:
    """The erasure journal of the database at this address; nothing where it has none.

    Where a restore was broken off on PostgreSQL, what restores have put aside says it. Raises StoreTrouble and Busy.
    """
    path = file_of(parse(url))
    if path is not None and not path.exists():
        return ()
    return await upgrade.looked(url, _who_left)


def _who_left(connection: Connection) -> list[Departure]:
    found = _in_schema(connection, None)
    if connection.dialect.name == "postgresql" and upgrade.version_of(connection) == upgrade.RESTORING:
        for schema in inspect(connection).get_schema_names():
            if schema.startswith(_ASIDE):
                found += _in_schema(connection, schema)
    return found


def _in_schema(connection: Connection, schema: str | None) -> list[Departure]:
    if not inspect(connection).has_table(departures.name, schema=schema):
        return []
    there = departures.to_metadata(MetaData(), schema=schema) if schema else departures
    return [departure(row) for row in connection.execute(select(there))]
