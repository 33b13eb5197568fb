"""Who is in the network, and what they asked for, suggested and follow."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Time,
    UniqueConstraint,
)

from adapters.store.tables.columns import Words, account, metadata, moment, number, one_of, order, sealed, words
from bot.ports import Purpose, Role
from digests.model import (
    Cadence,
    SuggestionState,
)

members = Table(
    "members",
    metadata,
    words("id", primary_key=True),
    sealed("name"),
    moment("created_at"),
)

identities = Table(
    "identities",
    metadata,
    order(),
    *account(),
    sealed("name"),
    Column("member_id", Words, ForeignKey("members.id"), nullable=False, index=True),
    # Since when nothing can be written to it.
    moment("lost_at", nullable=True),
    UniqueConstraint("platform", "workspace", "user_id"),
)

roles = Table(
    "roles",
    metadata,
    Column("member_id", Words, ForeignKey("members.id"), nullable=False),
    Column("role", one_of(Role), nullable=False),
    words("granted_by"),
    moment("at"),
    PrimaryKeyConstraint("member_id", "role"),
)

channels = Table(
    "channels",
    metadata,
    order(),
    *account(),
    words("channel"),
    Column("purpose", one_of(Purpose), nullable=False),
    words("bound_by"),
    moment("at"),
    UniqueConstraint("platform", "workspace", "user_id", "channel", "purpose"),
)

suggestions = Table(
    "suggestions",
    metadata,
    order(),
    words("suggestion_id", unique=True),
    Column("member_id", Words, ForeignKey("members.id"), nullable=False),
    *account(),
    # The item that the address is or would be.
    words("item_id"),
    words("url"),
    sealed("why"),
    moment("suggested_at"),
    words("edition_id"),
    Column("state", one_of(SuggestionState), nullable=False),
    words("title"),
    words("publisher"),
    words("description"),
    moment("published_at", nullable=True),
    number("carried"),
    words("reason"),
    moment("settled_at", nullable=True),
    UniqueConstraint("member_id", "item_id", "edition_id"),
    Index(None, "edition_id", "id"),
    Index(None, "state", "id"),
)

follows = Table(
    "follows",
    metadata,
    order(),
    words("follow_id", unique=True),
    Column("member_id", Words, ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
    words("topic_id"),
    words("words"),
    words("without"),
    Column("cadence", one_of(Cadence), nullable=False),
    moment("at"),
)

listeners = Table(
    "listeners",
    metadata,
    Column("member_id", Words, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    *account(),
    Column("quiet_from", Time, nullable=True),
    Column("quiet_until", Time, nullable=True),
    # Until which receipt time the member was told, by cadence.
    *(moment(f"told_{cadence.value}_until") for cadence in Cadence),
)

inbox = Table(
    "inbox",
    metadata,
    words("key", primary_key=True),
    moment("seen_at"),
)

kept_forms = Table(
    "kept_forms",
    metadata,
    *account(),
    words("form"),
    # JSON of names and texts.
    sealed("fields"),
    moment("kept_at"),
    PrimaryKeyConstraint("platform", "workspace", "user_id", "form"),
)
