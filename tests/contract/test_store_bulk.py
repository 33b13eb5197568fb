"""What is made ready for SQLite in bulk is what SQLAlchemy would have stored, to the byte, and comes back the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import Boolean, Date, Enum, Float, Integer, Table
from sqlalchemy.dialects import sqlite

from adapters.store import bulk
from adapters.store.tables import Moment, Words, metadata

TABLES = [pytest.param(table, id=table.name) for table in metadata.sorted_tables]
BST = timezone(timedelta(hours=1))
VALUES: dict[type, tuple[Any, ...]] = {
    Words: ("", "plain", "naïve café", "nul\0 inside", "half \ud800 pair"),
    Moment: (
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 7, 1, 12, 0, 0, 250, tzinfo=BST),
        datetime(33, 1, 2, tzinfo=UTC),
    ),
    Boolean: (True, False),
    Integer: (0, -7, 2**40),
    Float: (0.5, 1.0),
    Date: (date(2026, 11, 25), date(33, 1, 2)),
}


def _values(kind: Any) -> tuple[Any, ...]:
    """Some values for a column of this type; none for the types of tables that are not stored in bulk."""
    if isinstance(kind, Enum):
        assert kind.enum_class is not None
        assert issubclass(kind.enum_class, StrEnum)
        return tuple(kind.enum_class)
    return next((values for sort, values in VALUES.items() if isinstance(kind, sort)), ())


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_stored_as_sqlalchemy_stores_it_and_read_as_it_reads_it(table: Table) -> None:
    dialect = sqlite.dialect()
    for column in table.columns:
        if not (values := _values(column.type)):
            continue
        kind = column.type.dialect_impl(dialect)
        store, read = kind.bind_processor(dialect), kind.result_processor(dialect, None)
        rows = [(value,) for value in (*values, *([None] if column.nullable else []))]
        stored = bulk.stored(table, (column.name,), rows)
        assert [*stored] == [(store(value) if store else value,) for (value,) in rows]
        assert [*bulk.restored(table, (column.name,), stored)] == [
            (read(value) if read else value,) for (value,) in stored
        ]


@pytest.mark.parametrize("words", [("a", None, "b"), ("a", "b"), (None, None), ("", "nul\0", "a"), ("é", "e")])
def test_words_are_stored_alike_whatever_stands_above_and_below_them(words: tuple[str | None, ...]) -> None:
    table, kind = metadata.tables["fetches"], Words()
    stored = bulk.stored(table, ("reason", "status"), [(each, 200) for each in words])
    assert [*stored] == [(kind.process_bind_param(each, sqlite.dialect()), 200) for each in words]


def test_a_moment_without_a_zone_is_refused() -> None:
    fetches = metadata.tables["fetches"]
    with pytest.raises(ValueError, match="a moment needs a time zone"):
        bulk.stored(fetches, ("started_at",), [(datetime(2026, 1, 1),)])  # noqa: DTZ001


def test_a_row_must_have_a_value_for_each_name() -> None:
    fetches = metadata.tables["fetches"]
    with pytest.raises(ValueError, match="zip"):
        bulk.stored(fetches, ("source_id", "reason"), [("a", "b"), ("c",)])


def test_json_is_refused_as_only_the_engine_knows_how_we_write_it() -> None:
    with pytest.raises(ValueError, match="JSON"):
        bulk.stored(metadata.tables["item_revisions"], ("changes",), [([],)])
