"""Keep who is editing an edition, and to which revision an edit was undone."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "presences",
        sa.Column("edition_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_presences_edition_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_presences_member_id")),
        sa.PrimaryKeyConstraint("edition_id", "member_id", name=op.f("pk_presences")),
    )
    # The default fills the rows that are there already, and then goes: the code names every value.
    with op.batch_alter_table("edition_revisions") as revisions:
        revisions.add_column(sa.Column("back_to", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("edition_revisions") as revisions:
        revisions.alter_column("back_to", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("edition_revisions") as revisions:
        revisions.drop_column("back_to")
    op.drop_table("presences")
