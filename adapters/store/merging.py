"""Makes one member of two, wherever either is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, delete, exists, select

from adapters.store.tables import audit_log, members, metadata
from adapters.store.transaction import Transaction

NAMES = frozenset(
    {
        "member_id",
        "candidate_id",
        "coordinator_id",
        "requester_id",
        "wanted_id",
        "actor",
        "author",
        "added_by",
        "answered_by",
        "bound_by",
        "granted_by",
        "made_by",
        "used_by",
    }
)
"""What columns that hold a member's id are called, whether or not they are references. A test looks for others."""


def columns() -> Iterator[Column[Any]]:
    """Every column that holds a member's id."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            refers = any(key.column is members.c.id for key in column.foreign_keys)
            if refers or (column.name in NAMES and table.name != "chat_lines"):
                yield column


async def merge(transaction: Transaction, old: str, new: str) -> None:
    """Whatever the member ``old`` has or did is the member ``new``'s, and ``old`` is no more.

    Where both have what only one can have (a role, an approval of the same draft, quiet hours), that of ``new`` stays.
    """
    for column in columns():
        table = column.table
        for others in _unique_with(table, column):
            twin = table.alias()
            same = (twin.c[other.name] == table.c[other.name] for other in others)
            both = exists(select(1).select_from(twin).where(twin.c[column.name] == new, *same))
            await transaction.change(delete(table).where(column == old, both))
        await transaction.change(table.update().where(column == old).values({column: new}))
    subject = audit_log.c.subject
    about = audit_log.update().where(subject == f"member:{old}").values(subject=f"member:{new}")
    await transaction.change(about)
    await transaction.change(delete(members).where(members.c.id == old))


def _unique_with(table: Any, column: Column[Any]) -> Iterator[list[Column[Any]]]:
    """For each key of the table that this column is part of, the other parts."""
    assert isinstance(table, Table)
    keys = [list(table.primary_key)]
    keys += [list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)]
    for key in keys:
        if column in key:
            yield [other for other in key if other is not column]
