"""Writes everything that a database holds into a folder, a few hundred rows in memory at a time."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, Row, func, select

from adapters.store.database import Database
from adapters.store.portable.files import FILES
from adapters.store.portable.shape import FORMAT, VERSION, File, Json, Part, is_sealed, to_text, written
from adapters.store.tables import deliveries
from adapters.store.transaction import Transaction
from digests.model import DeliveryState
from digests.publishing import TO_READERS

AT_ONCE = 500
MANIFEST = "manifest.json"
_ON_ITS_WAY = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.RETRY)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: ``lines`` by file. ``waiting`` messages were on their way to people and are not in it."""

    lines: Mapping[str, int]
    waiting: int


async def write_out(database: Database, folder: Path, *, members: bool, made_by: str) -> Written:
    """Write one consistent view of the database into an existing folder, the manifest last.

    The same database always gives the same bytes. Without ``members`` nothing that is encrypted is read, so no key is
    needed. Raises Locked or WrongKey.
    """
    lines: dict[str, int] = {}
    async with database.reading() as transaction:
        for file in FILES:
            if members or not file.members:
                lines[file.name] = await _write(transaction, folder / file.name, file, members=members)
        on_its_way = deliveries.c.state.in_(_ON_ITS_WAY), deliveries.c.purpose.not_in(TO_READERS)
        waiting = await transaction.value(select(func.count()).select_from(deliveries).where(*on_its_way))
    manifest = {"format": FORMAT, "version": VERSION, "made_by": made_by, "members": members, "lines": lines}
    with _open(folder / MANIFEST) as out:
        out.write((json.dumps(manifest, indent=2) + "\n").encode())
        out.flush()
        os.fsync(out.fileno())
    return Written(lines, int(waiting or 0))


async def _write(transaction: Transaction, path: Path, file: File, *, members: bool) -> int:
    count = 0
    with _open(path) as out:
        async for rows in _in_order(transaction, file, members=members):
            of_rows = [
                await _parts_of(transaction, part, [row._mapping[_key(file).name] for row in rows], members=members)
                for part in file.parts
            ]
            for row in rows:
                data: Json | None = dict(row._mapping)
                assert data is not None
                key = data[_key(file).name]
                if file.change and (data := file.change(data, members)) is None:
                    continue
                line = {each.name: written(each, data.get(each.name), members=members) for each in file.fields}
                line |= {part.name: found.get(key, []) for part, found in zip(file.parts, of_rows, strict=True)}
                out.write((to_text(line) + "\n").encode())
                count += 1
    return count


async def _in_order(transaction: Transaction, file: File, *, members: bool) -> AsyncIterator[Sequence[Row[Any]]]:
    """The rows by their primary key, which either database sorts alike, some at a time."""
    wanted = [file.table.columns[each.name] for each in file.fields if members or not is_sealed(file.table, each)]
    names = {column.name for column in wanted}
    keys = [column for column in file.table.primary_key if column.name not in names]
    query = select(*wanted, *keys).order_by(*(in_bytes(transaction, column) for column in file.table.primary_key))
    async for rows in transaction.stream(query, AT_ONCE):
        yield rows


async def _parts_of(
    transaction: Transaction, part: Part, keys: Sequence[Any], *, members: bool
) -> Mapping[Any, list[Json]]:
    on = part.table.columns[part.on]
    wanted = [part.table.columns[each.name] for each in part.fields]
    order = [in_bytes(transaction, column) for column in part.table.primary_key if column is not on]
    found: dict[Any, list[Json]] = {}
    for row in await transaction.rows(select(on.label("_of"), *wanted).where(on.in_(keys)).order_by(*order)):
        line = {each.name: written(each, row._mapping[each.name], members=members) for each in part.fields}
        found.setdefault(row._mapping["_of"], []).append(line)
    return found


def in_bytes(transaction: Transaction, column: Column[Any]) -> Any:
    """The column as it is sorted: text by its bytes, where PostgreSQL would ask the language of the machine."""
    if transaction.dialect == "postgresql" and not isinstance(column.type, Integer):
        return column.collate("C")
    return column


def _key(file: File) -> Column[Any]:
    return next(iter(file.table.primary_key))


def _open(path: Path) -> Any:
    """A new file that its owner alone can read, as it may hold people's words."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
