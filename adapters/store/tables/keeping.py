"""What a restored backup must not undo, and the hold that it begins with."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, Table, UniqueConstraint

from adapters.store.tables.columns import Marked, metadata, moment, one_of, order, words
from bot.keeping.model import Did

# Nothing refers to anybody: whoever an entry is about may be gone.
departures = Table(
    "departures",
    metadata,
    order(),
    Column("did", one_of(Did), nullable=False),
    Column("who", Marked, nullable=False),
    moment("at"),
    moment("due_at", nullable=True),
    Column("other", Marked, nullable=False),
    UniqueConstraint("did", "who", "at"),
)

# At most one row: while it is there, the database is on hold.
holds = Table(
    "holds",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    moment("since"),
    moment("made_at"),
    words("backup"),
)
