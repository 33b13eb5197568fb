"""Keep when an approved edition is posted, and what editors do to an edition as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "edition_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Text(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("member_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_acts")),
    )
    op.create_index(op.f("ix_edition_acts_edition_id"), "edition_acts", ["edition_id"])
    op.add_column("editions", sa.Column("posts_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("editions", "posts_at")
    op.drop_index(op.f("ix_edition_acts_edition_id"), table_name="edition_acts")
    op.drop_table("edition_acts")
