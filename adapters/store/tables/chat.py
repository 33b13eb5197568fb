"""What chats need to be kept: what was said in the browser, and the workspaces that added Convenor."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from adapters.store.tables.columns import Words, metadata, moment, number, order, sealed, words

chat_lines = Table(
    "chat_lines",
    metadata,
    order(),
    words("room"),
    words("author"),
    sealed("body"),
    moment("at"),
    Column("thread", Integer, ForeignKey("chat_lines.id"), nullable=True),
    words("only_for"),
    moment("edited_at", nullable=True),
    Column("key", Words, nullable=True),
    number("edits"),
    UniqueConstraint("key"),
    Index(None, "room", "id"),
)

slack_workspaces = Table(
    "slack_workspaces",
    metadata,
    words("id", primary_key=True),
    words("name"),
    sealed("bot_token"),
    words("bot_id"),
    words("bot_user"),
    moment("installed_at"),
)
