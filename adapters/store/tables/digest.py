"""What the digest is made of: sources, items, tags, editions, deliveries."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Time,
    UniqueConstraint,
)
from sqlalchemy import false as literal_false
from sqlalchemy import text as literal_text

from adapters.store.tables.columns import (
    Sealed,
    Terms,
    Words,
    account,
    metadata,
    moment,
    number,
    one_of,
    order,
    sealed,
    words,
)
from digests.model import (
    Act,
    DeliveryState,
    EditionState,
    FieldName,
    Format,
    Group,
    Kind,
    LinkState,
    Outcome,
    Trouble,
    Verdict,
)

source_states = Table(
    "source_states",
    metadata,
    words("source_id", primary_key=True),
    words("etag"),
    words("last_modified"),
    moment("first_read_at", nullable=True),
    moment("last_fetch_at", nullable=True),
    moment("last_good_at", nullable=True),
    moment("next_due_at", nullable=True),
    number("failures"),
    Column("outcome", one_of(Outcome), nullable=True),
    words("reason"),
    Column("muted", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    words("url"),
    words("address"),
    words("moved_from"),
    words("body_hash"),
    moment("failing_since", nullable=True),
    moment("newest_entry_at", nullable=True),
    Column("rhythm_seconds", Float, nullable=True),
    Column("told", one_of(Trouble), nullable=False),
    words("moved_to"),
    number("moved_times"),
    moment("moved_since", nullable=True),
)

added_sources = Table(
    "added_sources",
    metadata,
    order(),
    words("source_id", unique=True),
    words("name"),
    words("publisher"),
    Column("format", one_of(Format), nullable=False),
    words("url", unique=True),
    Column("group", one_of(Group), nullable=False),
    Column("weight", Float, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("document_kind", one_of(Kind), nullable=False),
    words("note"),
    words("added_by"),
    moment("added_at"),
)

fetches = Table(
    "fetches",
    metadata,
    order(),
    words("source_id"),
    moment("started_at"),
    moment("finished_at"),
    Column("outcome", one_of(Outcome), nullable=False),
    words("reason"),
    Column("status", Integer, nullable=True),
    number("entries"),
    number("new"),
    number("changed"),
    Index(None, "source_id", "started_at"),
)

items = Table(
    "items",
    metadata,
    # The id is the hash of the URL, so it is the unique key for both; an index on the URL itself would refuse
    # very long ones on PostgreSQL.
    words("id", primary_key=True),
    words("url"),
    words("title"),
    words("summary"),
    words("publisher"),
    words("source_id"),
    Column("group", one_of(Group), nullable=False),
    Column("kind", one_of(Kind), nullable=False),
    moment("received_at"),
    moment("published_at", nullable=True),
    moment("updated_at", nullable=True),
    words("stage"),
    words("kind_because", server_default=literal_text("''")),
    Column("deadline", Date, nullable=True),
    Column("deadline_time", Time, nullable=True),
    Column("happens_on", Date, nullable=True),
    Column("happens_at", Time, nullable=True),
    words("date_words"),
    Column("background", Boolean, nullable=False),
    number("revision"),
    Column("told_kind", one_of(Kind), nullable=True),
    words("told_because", server_default=literal_text("''")),
    Column("relevant", Boolean, nullable=False),
    words("gate"),
    words("rules_version"),
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
    order(),
    Column("item_id", Words, ForeignKey("items.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("terms", Terms, nullable=False),
)

item_tags = Table(
    "item_tags",
    metadata,
    Column("item_id", Words, ForeignKey("items.id", ondelete="CASCADE"), nullable=False),
    number("position"),
    words("topic_id"),
    words("phrase"),
    Column("field", one_of(FieldName), nullable=False),
    words("rule"),
    PrimaryKeyConstraint("item_id", "position"),
)

item_revisions = Table(
    "item_revisions",
    metadata,
    Column("item_id", Words, ForeignKey("items.id", ondelete="CASCADE"), nullable=False),
    number("revision"),
    moment("seen_at"),
    Column("changes", JSON, nullable=False),
    Column("item", JSON, nullable=False),
    PrimaryKeyConstraint("item_id", "revision"),
)

corrections = Table(
    "corrections",
    metadata,
    order(),
    Column("item_id", Words, ForeignKey("items.id", ondelete="CASCADE"), nullable=False),
    words("member_id"),
    moment("at"),
    Column("verdict", one_of(Verdict), nullable=False),
    words("topic_id"),
    words("rule"),
    words("rules_version"),
    Index(None, "item_id", "id"),
)

editions = Table(
    "editions",
    metadata,
    words("id", primary_key=True),
    number("number"),
    Column("due_on", Date, nullable=False),
    moment("window_start"),
    moment("window_end"),
    Column("state", one_of(EditionState), nullable=False),
    # The content of the present revision is kept once, in edition_revisions.
    number("revision"),
    moment("created_at"),
    moment("posts_at", nullable=True),
    Index(None, "due_on"),
)

edition_revisions = Table(
    "edition_revisions",
    metadata,
    Column("edition_id", Words, ForeignKey("editions.id"), nullable=False),
    number("revision"),
    words("author"),
    moment("at"),
    words("what"),
    Column("content", JSON, nullable=False),
    # The revision whose text stands again where an edit was undone; otherwise 0.
    number("back_to"),
    PrimaryKeyConstraint("edition_id", "revision"),
)

# Who has a form about an edition open. A form that nobody sends is told by its age alone.
presences = Table(
    "presences",
    metadata,
    Column("edition_id", Words, ForeignKey("editions.id"), nullable=False),
    Column("member_id", Words, ForeignKey("members.id"), nullable=False),
    words("doing"),
    moment("at"),
    PrimaryKeyConstraint("edition_id", "member_id"),
)

approvals = Table(
    "approvals",
    metadata,
    order(),
    Column("edition_id", Words, ForeignKey("editions.id"), nullable=False),
    words("content_hash"),
    words("member_id"),
    sealed("member_name"),
    moment("at"),
    UniqueConstraint("edition_id", "content_hash", "member_id"),
)

edition_acts = Table(
    "edition_acts",
    metadata,
    order(),
    # No foreign key: a week can be skipped before there is a draft of it.
    words("edition_id", index=True),
    Column("act", one_of(Act), nullable=False),
    words("member_id"),
    sealed("member_name"),
    moment("at"),
)

link_checks = Table(
    "link_checks",
    metadata,
    # The hash of the address, as with items: an address may be longer than an index takes.
    words("id", primary_key=True),
    words("url"),
    moment("checked_at"),
    Column("state", one_of(LinkState), nullable=False),
    words("reason"),
    words("moved_to"),
    number("failures"),
)

deliveries = Table(
    "deliveries",
    metadata,
    order(),
    words("key"),
    words("purpose"),
    *account(),
    words("channel"),
    # Whom a mail is for: an address, which accounts of a chat are not. Then ``user_id`` is empty.
    Column("recipient", Sealed, nullable=True),
    # It may be a private message.
    sealed("body"),
    moment("created_at"),
    words("edition_id"),
    words("thread_key"),
    Column("state", one_of(DeliveryState), nullable=False),
    number("version"),
    number("sent_version"),
    number("attempts"),
    number("fence"),
    moment("available_at", nullable=True),
    moment("lease_until", nullable=True),
    words("message_ref"),
    words("reason"),
    moment("sent_at", nullable=True),
    UniqueConstraint("key"),
    Index(None, "state", "id"),
    Index(None, "edition_id", "id"),
    # A part waits for those before it: without this each look goes through all that was ever sent.
    Index(None, "thread_key", "id"),
)

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    moment("first_pass_at"),
    moment("window_start"),
)
