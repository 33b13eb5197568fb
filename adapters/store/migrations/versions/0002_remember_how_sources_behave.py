"""Remember how each source behaves, and keep the sources that people add."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WORDS = ("url", "address", "moved_from", "body_hash", "told", "moved_to")
_MOMENTS = ("failing_since", "newest_entry_at", "moved_since")


def upgrade() -> None:
    op.create_table(
        "added_sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_added_sources")),
        sa.UniqueConstraint("source_id", name=op.f("uq_added_sources_source_id")),
        sa.UniqueConstraint("url", name=op.f("uq_added_sources_url")),
    )
    # The defaults fill the rows that are there already, and then go: the code names every value.
    with op.batch_alter_table("source_states") as states:
        states.add_column(sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()))
        states.add_column(sa.Column("moved_times", sa.Integer(), nullable=False, server_default="0"))
        for name in _WORDS:
            states.add_column(sa.Column(name, _words_type(name), nullable=False, server_default=""))
        for name in _MOMENTS:
            states.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        states.add_column(sa.Column("rhythm_seconds", sa.Float(), nullable=True))
    with op.batch_alter_table("source_states") as states:
        states.alter_column("paused", existing_type=sa.Boolean(), server_default=None)
        states.alter_column("moved_times", existing_type=sa.Integer(), server_default=None)
        for name in _WORDS:
            states.alter_column(name, existing_type=_words_type(name), server_default=None)
    # Nobody noted when a source last had an entry; without a date, one that is well would be called silent.
    op.execute("UPDATE source_states SET newest_entry_at = last_good_at")


def downgrade() -> None:
    with op.batch_alter_table("source_states") as states:
        for name in ("paused", "moved_times", *_WORDS, *_MOMENTS, "rhythm_seconds"):
            states.drop_column(name)
    op.drop_table("added_sources")


def _words_type(name: str) -> sa.types.TypeEngine[str]:
    return sa.String(length=40) if name == "told" else sa.Text()
