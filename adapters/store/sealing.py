"""Brings what is encrypted under the newest key, and finds out at the start whether the keys fit the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy import Column, Text, and_, delete, func, select, tuple_, type_coerce
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.tables import Sealed, counters, metadata, seals
from adapters.store.transaction import Transaction
from adapters.store.vault import MARK, Vault, WrongKey
from digests.errors import ConfigError

SAMPLE = "Convenor"
AT_ONCE = 200
"""Rows that one transaction brings under the newest key, so that nobody waits long for SQLite's only write lock."""

NOT_THESE_KEYS = (
    "CONVENOR_ENCRYPTION_KEYS: none of these keys opens what the database holds, so Convenor did not start, and "
    "nothing was changed. Put back the key that was used before: alone, or behind a newer one with a comma between."
)

# A migration has no key, so one that moves what is not encrypted into a column that is says so by this counter.
_LEFT_PLAIN = counters.c.name == "left plain"

Begin = Callable[[], AbstractAsyncContextManager[Transaction]]


def sealed_columns() -> Iterator[Column[Any]]:
    """Every column that is encrypted at rest, table by table."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, Sealed))


async def check(reader: AsyncEngine, writer: AsyncEngine, vault: Vault, *, may_write: bool) -> int:
    """See whether the keys fit the database; seal with them what it holds in plain text, if there is any.

    Returns how many values were kept in plain text until now. Raises ConfigError where they do not fit.
    """
    async with reader.connect() as connection:
        sample = (await connection.execute(select(_raw(seals.c.sample)))).scalar()
        left_plain = (await connection.execute(select(counters.c.value).where(_LEFT_PLAIN))).scalar()
    if sample is not None:
        try:
            vault.open(sample)
        except WrongKey:
            raise ConfigError([NOT_THESE_KEYS]) from None
    if not may_write or (sample is not None and not left_plain):
        return 0
    async with writer.begin() as connection:
        transaction, sealed = Transaction(connection, writing=True), 0
        await transaction.change(delete(counters).where(_LEFT_PLAIN))
        await transaction.added(transaction.insert(seals).values(id=1, sample=SAMPLE))
        for column in sealed_columns():
            last: tuple[Any, ...] | None = ()
            while last is not None:
                last, more = await _renew_some(transaction, column, vault, last, only_plain=True)
                sealed += more
    return sealed


async def renew(begin: Begin, vault: Vault) -> int:
    """Bring everything that is encrypted under the newest key, a little at a time; returns how many values changed.

    It may run beside a service that has all of the keys: what changes meanwhile is left as it then is. The sample
    that a start looks at comes last, so that a start with the newest key alone is refused until all is done.
    """
    changed = 0
    for column in sorted(sealed_columns(), key=lambda column: column.table is seals):
        last: tuple[Any, ...] | None = ()
        while last is not None:
            async with begin() as transaction:
                last, more = await _renew_some(transaction, column, vault, last)
                await transaction.commit()
            changed += more
    return changed


async def _renew_some(
    transaction: Transaction, column: Column[Any], vault: Vault, last: tuple[Any, ...], *, only_plain: bool = False
) -> tuple[tuple[Any, ...] | None, int]:
    """The rows that come after the primary key ``last``. Returns the last one's (None: no more) and what changed."""
    table, raw = column.table, _raw(column)
    keys = list(table.primary_key)
    query = select(*keys, raw.label("raw")).where(raw.is_not(None)).order_by(*keys).limit(AT_ONCE)
    if last:
        query = query.where(tuple_(*keys) > last)
    if only_plain:
        query = query.where(func.substr(raw, 1, len(MARK)) != MARK)
    rows = await transaction.rows(query)
    changed = 0
    for row in rows:
        key, stored = row[:-1], row[-1]
        newer = vault.renewed(stored)
        if newer is not None:
            here = and_(raw == stored, tuple_(*keys) == tuple(key))
            # Whoever has written it since has done so under the newest key.
            update = table.update().where(here).values({column: type_coerce(newer, Text)})
            changed += await transaction.change(update)
    return (tuple(rows[-1][:-1]) if rows else None), changed


def _raw(column: Column[Any]) -> Any:
    """The column as it is stored."""
    return type_coerce(column, Text)
