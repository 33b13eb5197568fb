"""What needed, or needs, somebody to act."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from adapters.store.tables.columns import metadata, moment, one_of, order, words
from bot.alarms.rules import What

alarms = Table(
    "alarms",
    metadata,
    order(),
    Column("what", one_of(What), nullable=False),
    words("subject"),
    moment("since"),
    moment("over_at", nullable=True),
)
_STANDS = alarms.c.over_at.is_(None)
# About one thing one alarm stands at a time, however many clocks look.
Index(
    "uq_alarms_standing", alarms.c.what, alarms.c.subject, unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS
)
