"""Find items by their terms: an index for each database, and items that wait to be put into it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_FTS = """
CREATE VIRTUAL TABLE search_words USING fts5(
    terms, content='search_entries', content_rowid='id', tokenize='ascii', detail='none', columnsize=0
)
"""
_FORGET = "INSERT INTO search_words (search_words, rowid, terms) VALUES ('delete', old.id, old.terms);"
_LEARN = "INSERT INTO search_words (rowid, terms) VALUES (new.id, new.terms);"
_TRIGGERS = {"INSERT": _LEARN, "DELETE": _FORGET, "UPDATE": _FORGET + _LEARN}


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    # Not in a batch: SQLite would make the table anew, and what hangs on its rows would go with the old one.
    op.drop_column("items", "search_text")
    op.add_column("items", sa.Column("indexed", sa.Boolean(), nullable=False, server_default=sa.false()))
    where = sa.text("indexed IS false" if on_postgresql else "indexed IS 0")
    op.create_index("ix_items_waiting", "items", ["id"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.TSVECTOR() if on_postgresql else sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_search_entries_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("item_id", name=op.f("uq_search_entries_item_id")),
    )
    if on_postgresql:
        op.create_index("ix_search_entries_terms", "search_entries", ["terms"], postgresql_using="gin")
        return
    op.execute(_FTS)
    for event, does in _TRIGGERS.items():
        op.execute(f"CREATE TRIGGER search_entries_{event.lower()} AFTER {event} ON search_entries BEGIN {does} END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in _TRIGGERS:
            op.execute(f"DROP TRIGGER search_entries_{event.lower()}")
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entries")
    op.drop_index("ix_items_waiting", table_name="items")
    op.drop_column("items", "indexed")
    op.add_column("items", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
