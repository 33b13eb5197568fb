"""What people asked for about their own data, and who did what for the network, in ids and fixed words alone."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table

from adapters.store.tables.columns import Words, account, metadata, moment, number, one_of, order, sealed, words
from bot.privacy.model import Processing

# No foreign keys: a line outlives its actor and its subject.
audit_log = Table(
    "audit_log",
    metadata,
    order(),
    words("actor", index=True),
    words("action"),
    words("subject", index=True),
    moment("at"),
)

objections = Table(
    "objections",
    metadata,
    Column("member_id", Words, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("processing", one_of(Processing), nullable=False),
    moment("at"),
    PrimaryKeyConstraint("member_id", "processing"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("member_id", Words, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    moment("asked_at"),
    moment("due_at"),
)

# No foreign key: a complaint is kept when whoever made it is erased.
complaints = Table(
    "complaints",
    metadata,
    order(),
    words("reference", unique=True),
    words("member_id", index=True),
    *account(),
    sealed("words"),
    moment("at"),
    sealed("answer"),
    words("answered_by"),
    moment("answered_at", nullable=True),
    number("reminded_on"),
)

# What is left of what was deleted.
tallies = Table(
    "tallies",
    metadata,
    words("what"),
    words("month"),
    number("number"),
    PrimaryKeyConstraint("what", "month"),
)
