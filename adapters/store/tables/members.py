"""The directory: who is in it, what they agreed to; and what shows whether a key fits the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table

from adapters.store.tables.columns import Words, account, metadata, moment, number, one_of, order, sealed, words
from bot.members.codes import CodePurpose
from bot.members.consent import ConsentPurpose


def _profile() -> tuple[Column[Any], ...]:
    return (
        Column("member_id", Words, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
        number("revision"),
        number("per_fortnight"),
        Column("snoozed_until", Date, nullable=True),
        moment("joined_at"),
        # Everything else in one JSON, as ten thousand profiles have to be opened when matching starts.
        sealed("details"),
    )


# ``changed`` is what the stamp of the directory was made by this row.
profiles = Table("profiles", metadata, *_profile(), number("changed", index=True))

# Profiles of those who said yes and wait for a coordinator.
applications = Table("applications", metadata, *_profile(), moment("asked_at"))

consents = Table(
    "consents",
    metadata,
    order(),
    words("consent_id", unique=True),
    # Not a reference: a record outlives the member, and an outsider is no member.
    words("member_id", index=True),
    Column("purpose", one_of(ConsentPurpose), nullable=False),
    words("subject"),
    sealed("text"),
    number("revision"),
    moment("at"),
    moment("withdrawn_at", nullable=True),
    Index(None, "subject", "id"),
)

codes = Table(
    "codes",
    metadata,
    order(),
    words("digest", unique=True),
    Column("purpose", one_of(CodePurpose), nullable=False),
    # A member, or the command line.
    words("made_by"),
    moment("made_at"),
    moment("expires_at"),
    sealed("sent_to"),
    words("used_by", index=True),
    moment("used_at", nullable=True),
    Index(None, "made_by", "made_at"),
)

wrong_codes = Table(
    "wrong_codes",
    metadata,
    order(),
    *account(),
    moment("at"),
    Index(None, "user_id", "at"),
)

# Numbers that only ever rise, by name.
counters = Table(
    "counters",
    metadata,
    words("name", primary_key=True),
    number("value"),
)

# One sealed word, by which a start sees that it has the right key before anything else does.
seals = Table(
    "seals",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    sealed("sample"),
)
