"""Where conversations in Microsoft Teams are written to."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, UniqueConstraint

from adapters.store.tables.columns import account, metadata, moment, one_of, order, words
from adapters.teams.book import Kind, Presence

conversations = Table(
    "conversations",
    metadata,
    order(),
    # A channel or team has no user, and a person no channel.
    *account(),
    words("channel"),
    Column("kind", one_of(Kind), nullable=False),
    words("conversation_id"),
    words("service_url"),
    words("bot_id"),
    words("team"),
    Column("presence", one_of(Presence), nullable=False),
    moment("at"),
    UniqueConstraint("workspace", "kind", "user_id", "channel"),
    Index(None, "workspace", "team"),
)
