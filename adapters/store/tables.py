"""The tables, in the glossary's words. Migrations bring a database to exactly this; a test compares the two."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy import false as literal_false
from sqlalchemy import text as literal_text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeEngine

from bot.ports import Purpose, Role
from digests.model import (
    Act,
    Cadence,
    DeliveryState,
    EditionState,
    FieldName,
    Format,
    Group,
    Kind,
    LinkState,
    Outcome,
    SuggestionState,
    Trouble,
    Verdict,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. A naive datetime is refused; what comes back is aware and in UTC, whatever the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        moment = value.astimezone(UTC)
        # SQLite keeps text without a zone, and compares it as text: every value must be in the same one.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(words: str) -> str:
    """The text as every database can hold it: NUL and half a surrogate pair become a mark that stands for them."""
    if not words.isascii():
        words = words.encode("utf-8", "replace").decode()
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in words else words


class Words(TypeDecorator[str]):
    """Text from anywhere, made :func:`storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Terms(TypeDecorator[Collection[str]]):
    """The terms of an item (see ``digests.search``), to be searched and never to be read back.

    They need no escaping in PostgreSQL's own notation, nor its parser, which would make other words of some of them.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(sorted(value))


def _one_of(values: type[StrEnum]) -> Enum:
    """A column that holds the enumeration's values (not its names) as plain text."""
    return Enum(
        values,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def _words(name: str, **how: Any) -> Column[str]:
    return Column(name, Words, nullable=False, **how)


def _moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, Moment, nullable=nullable)


def _number(name: str, **how: Any) -> Column[int]:
    return Column(name, Integer, nullable=False, **how)


def _order() -> Column[int]:
    """The order in which rows were added."""
    return Column("id", Integer, primary_key=True)


def _account() -> tuple[Column[str], ...]:
    return _words("platform"), _words("workspace"), _words("user_id")


# The digest

source_states = Table(
    "source_states",
    metadata,
    _words("source_id", primary_key=True),
    _words("etag"),
    _words("last_modified"),
    _moment("first_read_at", nullable=True),
    _moment("last_fetch_at", nullable=True),
    _moment("last_good_at", nullable=True),
    _moment("next_due_at", nullable=True),
    _number("failures"),
    Column("outcome", _one_of(Outcome), nullable=True),
    _words("reason"),
    Column("muted", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    _words("url"),
    _words("address"),
    _words("moved_from"),
    _words("body_hash"),
    _moment("failing_since", nullable=True),
    _moment("newest_entry_at", nullable=True),
    Column("rhythm_seconds", Float, nullable=True),
    Column("told", _one_of(Trouble), nullable=False),
    _words("moved_to"),
    _number("moved_times"),
    _moment("moved_since", nullable=True),
)

added_sources = Table(
    "added_sources",
    metadata,
    _order(),
    _words("source_id", unique=True),
    _words("name"),
    _words("publisher"),
    Column("format", _one_of(Format), nullable=False),
    _words("url", unique=True),
    Column("group", _one_of(Group), nullable=False),
    Column("weight", Float, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("document_kind", _one_of(Kind), nullable=False),
    _words("note"),
    _words("added_by"),
    _moment("added_at"),
)

fetches = Table(
    "fetches",
    metadata,
    _order(),
    _words("source_id"),
    _moment("started_at"),
    _moment("finished_at"),
    Column("outcome", _one_of(Outcome), nullable=False),
    _words("reason"),
    Column("status", Integer, nullable=True),
    _number("entries"),
    _number("new"),
    _number("changed"),
    Index(None, "source_id", "started_at"),
)

items = Table(
    "items",
    metadata,
    # The id is the hash of the URL, so it is the unique key for both; an index on the URL itself would refuse
    # very long ones on PostgreSQL.
    _words("id", primary_key=True),
    _words("url"),
    _words("title"),
    _words("summary"),
    _words("publisher"),
    _words("source_id"),
    Column("group", _one_of(Group), nullable=False),
    Column("kind", _one_of(Kind), nullable=False),
    _moment("received_at"),
    _moment("published_at", nullable=True),
    _moment("updated_at", nullable=True),
    _words("stage"),
    _words("kind_because", server_default=literal_text("''")),
    Column("deadline", Date, nullable=True),
    Column("deadline_time", Time, nullable=True),
    Column("happens_on", Date, nullable=True),
    Column("happens_at", Time, nullable=True),
    _words("date_words"),
    Column("background", Boolean, nullable=False),
    _number("revision"),
    Column("relevant", Boolean, nullable=False),
    _words("gate"),
    _words("rules_version"),
    # Whether search_entries holds the terms of this revision.
    Column("indexed", Boolean, nullable=False, server_default=literal_false()),
    Index(None, "received_at"),
)
_NOT_INDEXED = items.c.indexed.is_(False)
Index("ix_items_waiting", items.c.id, sqlite_where=_NOT_INDEXED, postgresql_where=_NOT_INDEXED)

# Its index is a matter of the migration: a GIN index on PostgreSQL; on SQLite the full-text table search_words, which
# triggers keep in step with this one.
search_entries = Table(
    "search_entries",
    metadata,
    _order(),
    Column("item_id", Words, ForeignKey("items.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("terms", Terms, nullable=False),
)

item_tags = Table(
    "item_tags",
    metadata,
    Column("item_id", Words, ForeignKey("items.id", ondelete="CASCADE"), nullable=False),
    _number("position"),
    _words("topic_id"),
    _words("phrase"),
    Column("field", _one_of(FieldName), nullable=False),
    _words("rule"),
    PrimaryKeyConstraint("item_id", "position"),
)

item_revisions = Table(
    "item_revisions",
    metadata,
    Column("item_id", Words, ForeignKey("items.id", ondelete="CASCADE"), nullable=False),
    _number("revision"),
    _moment("seen_at"),
    Column("changes", JSON, nullable=False),
    Column("item", JSON, nullable=False),
    PrimaryKeyConstraint("item_id", "revision"),
)

corrections = Table(
    "corrections",
    metadata,
    _order(),
    Column("item_id", Words, ForeignKey("items.id", ondelete="CASCADE"), nullable=False),
    _words("member_id"),
    _moment("at"),
    Column("verdict", _one_of(Verdict), nullable=False),
    _words("topic_id"),
    _words("rule"),
    _words("rules_version"),
    Index(None, "item_id", "id"),
)

editions = Table(
    "editions",
    metadata,
    _words("id", primary_key=True),
    _number("number"),
    Column("due_on", Date, nullable=False),
    _moment("window_start"),
    _moment("window_end"),
    Column("state", _one_of(EditionState), nullable=False),
    # The content of the present revision is kept once, in edition_revisions.
    _number("revision"),
    _moment("created_at"),
    _moment("posts_at", nullable=True),
    Index(None, "due_on"),
)

edition_revisions = Table(
    "edition_revisions",
    metadata,
    Column("edition_id", Words, ForeignKey("editions.id"), nullable=False),
    _number("revision"),
    _words("author"),
    _moment("at"),
    _words("what"),
    Column("content", JSON, nullable=False),
    # The revision whose text stands again where an edit was undone; otherwise 0.
    _number("back_to"),
    PrimaryKeyConstraint("edition_id", "revision"),
)

# Who has a form about an edition open. A form that nobody sends is told by its age alone.
presences = Table(
    "presences",
    metadata,
    Column("edition_id", Words, ForeignKey("editions.id"), nullable=False),
    Column("member_id", Words, ForeignKey("members.id"), nullable=False),
    _words("doing"),
    _moment("at"),
    PrimaryKeyConstraint("edition_id", "member_id"),
)

approvals = Table(
    "approvals",
    metadata,
    _order(),
    Column("edition_id", Words, ForeignKey("editions.id"), nullable=False),
    _words("content_hash"),
    _words("member_id"),
    _words("member_name"),
    _moment("at"),
    UniqueConstraint("edition_id", "content_hash", "member_id"),
)

edition_acts = Table(
    "edition_acts",
    metadata,
    _order(),
    # No foreign key: a week can be skipped before there is a draft of it.
    _words("edition_id", index=True),
    Column("act", _one_of(Act), nullable=False),
    _words("member_id"),
    _words("member_name"),
    _moment("at"),
)

link_checks = Table(
    "link_checks",
    metadata,
    # The hash of the address, as with items: an address may be longer than an index takes.
    _words("id", primary_key=True),
    _words("url"),
    _moment("checked_at"),
    Column("state", _one_of(LinkState), nullable=False),
    _words("reason"),
    _words("moved_to"),
    _number("failures"),
)

deliveries = Table(
    "deliveries",
    metadata,
    _order(),
    _words("key"),
    _words("purpose"),
    *_account(),
    _words("channel"),
    _words("body"),
    _moment("created_at"),
    _words("edition_id"),
    _words("thread_key"),
    Column("state", _one_of(DeliveryState), nullable=False),
    _number("version"),
    _number("sent_version"),
    _number("attempts"),
    _number("fence"),
    _moment("available_at", nullable=True),
    _moment("lease_until", nullable=True),
    _words("message_ref"),
    _words("reason"),
    _moment("sent_at", nullable=True),
    UniqueConstraint("key"),
    Index(None, "state", "id"),
    Index(None, "edition_id", "id"),
)

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    _moment("first_pass_at"),
    _moment("window_start"),
)

# The network

members = Table(
    "members",
    metadata,
    _words("id", primary_key=True),
    _words("name"),
    _moment("created_at"),
)

identities = Table(
    "identities",
    metadata,
    _order(),
    *_account(),
    _words("name"),
    Column("member_id", Words, ForeignKey("members.id"), nullable=False, index=True),
    UniqueConstraint("platform", "workspace", "user_id"),
)

roles = Table(
    "roles",
    metadata,
    Column("member_id", Words, ForeignKey("members.id"), nullable=False),
    Column("role", _one_of(Role), nullable=False),
    _words("granted_by"),
    _moment("at"),
    PrimaryKeyConstraint("member_id", "role"),
)

channels = Table(
    "channels",
    metadata,
    _order(),
    *_account(),
    _words("channel"),
    Column("purpose", _one_of(Purpose), nullable=False),
    _words("bound_by"),
    _moment("at"),
    UniqueConstraint("platform", "workspace", "user_id", "channel", "purpose"),
)

requests = Table(
    "requests",
    metadata,
    _words("id", primary_key=True),
    Column("member_id", Words, ForeignKey("members.id"), nullable=False, index=True),
    *_account(),
    _words("name"),
    _words("need"),
    _moment("created_at"),
    _words("state"),
)

suggestions = Table(
    "suggestions",
    metadata,
    _order(),
    _words("suggestion_id", unique=True),
    Column("member_id", Words, ForeignKey("members.id"), nullable=False),
    *_account(),
    # The item that the address is or would be.
    _words("item_id"),
    _words("url"),
    _words("why"),
    _moment("suggested_at"),
    _words("edition_id"),
    Column("state", _one_of(SuggestionState), nullable=False),
    _words("title"),
    _words("publisher"),
    _words("description"),
    _moment("published_at", nullable=True),
    _number("carried"),
    _words("reason"),
    _moment("settled_at", nullable=True),
    UniqueConstraint("member_id", "item_id", "edition_id"),
    Index(None, "edition_id", "id"),
    Index(None, "state", "id"),
)

follows = Table(
    "follows",
    metadata,
    _order(),
    _words("follow_id", unique=True),
    Column("member_id", Words, ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
    _words("topic_id"),
    _words("words"),
    _words("without"),
    Column("cadence", _one_of(Cadence), nullable=False),
    _moment("at"),
)

listeners = Table(
    "listeners",
    metadata,
    Column("member_id", Words, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    *_account(),
    Column("quiet_from", Time, nullable=True),
    Column("quiet_until", Time, nullable=True),
    # Until which receipt time the member was told, by cadence.
    *(_moment(f"told_{cadence.value}_until") for cadence in Cadence),
)

inbox = Table(
    "inbox",
    metadata,
    _words("key", primary_key=True),
    _moment("seen_at"),
)

kept_forms = Table(
    "kept_forms",
    metadata,
    *_account(),
    _words("form"),
    Column("fields", JSON, nullable=False),
    _moment("kept_at"),
    PrimaryKeyConstraint("platform", "workspace", "user_id", "form"),
)

# The chat in the browser

chat_lines = Table(
    "chat_lines",
    metadata,
    _order(),
    _words("room"),
    _words("author"),
    _words("body"),
    _moment("at"),
    Column("thread", Integer, ForeignKey("chat_lines.id"), nullable=True),
    _words("only_for"),
    _moment("edited_at", nullable=True),
    Column("key", Words, nullable=True),
    _number("edits"),
    UniqueConstraint("key"),
    Index(None, "room", "id"),
)
