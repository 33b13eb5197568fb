"""Makes many rows ready for a table of SQLite at once: SQLAlchemy prepares each value of each row by itself.

What is stored is the same to the byte; a test holds the two ways together. PostgreSQL keeps SQLAlchemy's way: there
the network is what takes time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import JSON, Table
from sqlalchemy.dialects import sqlite

from adapters.store.tables import Moment, Words, storable

Column = tuple[Any, ...]
Convert = Callable[[Column], Iterable[Any]]
Rows = Sequence[tuple[Any, ...]]

_DIALECT = sqlite.dialect()
# SQLite keeps moments of UTC without saying so.
_ZONE = "+00:00"


class IfThere(Enum):
    """What an insert does about a row whose key is there already."""

    FAIL = "fail"
    KEEP = "keep"
    REPLACE = "replace"


def with_care(insert: Any, table: Table, names: Sequence[str], there: IfThere) -> Any:
    """An insert into this table, by any dialect, told what to do about a row that is there."""
    if there is IfThere.KEEP:
        return insert.on_conflict_do_nothing()
    if there is IfThere.REPLACE:
        keys = [column.name for column in table.primary_key]
        new = {name: insert.excluded[name] for name in names if name not in keys}
        return insert.on_conflict_do_update(index_elements=keys, set_=new)
    return insert


@lru_cache(maxsize=100)
def insert_sql(table: Table, names: tuple[str, ...], there: IfThere) -> str:
    """The insert in SQLite's words, with a question mark for each of ``names``."""
    sql = f"INSERT INTO {table.name} ({_columns(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - ours
    if there is IfThere.FAIL:
        return sql
    if there is IfThere.KEEP:
        return f"{sql} ON CONFLICT DO NOTHING"
    keys = [column.name for column in table.primary_key]
    new = ", ".join(f"{name} = excluded.{name}" for name in map(_quoted, names) if name not in keys)
    return f"{sql} ON CONFLICT ({_columns(keys)}) DO UPDATE SET {new}"


@lru_cache(maxsize=100)
def select_sql(table: Table, names: tuple[str, ...], key: str = "") -> str:
    """A query of these columns in SQLite's words, with a question mark for a JSON list of wanted values of ``key``."""
    sql = f"SELECT {_columns(names)} FROM {table.name}"  # noqa: S608 - ours
    return f"{sql} WHERE {key} IN (SELECT value FROM json_each(?))" if key else sql  # noqa: S608 - ours


def _columns(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return str(_DIALECT.identifier_preparer.quote(name))


def stored(table: Table, names: tuple[str, ...], rows: Rows) -> Rows:
    """The rows, each with a value for each of ``names``, as the driver wants them. Raises what a column type raises."""
    return _converted(_converters(table, names, storing=True), rows)


def restored(table: Table, names: tuple[str, ...], rows: Rows) -> Rows:
    """The rows that :func:`stored` made ready, as they were before."""
    return _converted(_converters(table, names, storing=False), rows)


def _converted(converts: Sequence[Convert | None], rows: Rows) -> Rows:
    if not rows:
        return []
    # Column by column, so that a value that needs nothing costs nothing.
    columns = zip(converts, zip(*rows, strict=True), strict=True)
    return list(zip(*(convert(values) if convert else values for convert, values in columns), strict=True))


@lru_cache(maxsize=100)
def _converters(table: Table, names: tuple[str, ...], *, storing: bool) -> tuple[Convert | None, ...]:
    return tuple(_converter(table.columns[name].type, storing=storing) for name in names)


def _converter(kind: Any, *, storing: bool) -> Convert | None:
    if isinstance(kind, Words):
        return _words if storing else None
    if isinstance(kind, Moment):
        return partial(_each_once, _moment_stored if storing else _moment_restored)
    if isinstance(kind, JSON):
        raise ValueError("JSON is written by the engine's own serializer, so not in bulk")
    kind = kind.dialect_impl(_DIALECT)
    convert = kind.bind_processor(_DIALECT) if storing else kind.result_processor(_DIALECT, None)
    return None if convert is None else partial(_each_once, convert)


def _each_once(convert: Callable[[Any], Any], values: Column) -> Iterable[Any]:
    """The converted values of a column. Where one object stands in many rows, it is converted once."""
    found: dict[int, Any] = {}
    for value in values:
        if id(value) not in found:  # an id is of one object as long as the column holds on to it
            found[id(value)] = convert(value)
    return [found[id(value)] for value in values]


def _words(values: Column) -> Iterable[Any]:
    try:
        together = "".join(values)
    except TypeError:
        together = "\0"  # nothing stands in a row
    # Nearly every column can be stored as it is, which is seen faster of all its words than of each.
    if together.isascii() and "\0" not in together:
        return values
    return [None if value is None else storable(value) for value in values]


def _moment_stored(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.utcoffset() is None:
        raise ValueError(f"a moment needs a time zone: {value!r}")
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[: -len(_ZONE)]


def _moment_restored(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + _ZONE)
