"""Runs migrations on the connection that ``adapters.store.upgrade`` hands over, inside its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Enum, TypeDecorator

from adapters.store.tables import metadata
from adapters.store.upgrade import is_ours


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own types as what they are in SQL: a migration must not change when the code does."""
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


connection = context.config.attributes["connection"]
# SQLite cannot alter most things in place: batches copy the table instead.
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, render_item=render, include_name=is_ours
)
with context.begin_transaction():
    context.run_migrations()
