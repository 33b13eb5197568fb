"""Keep a directory with what was agreed to, and make room for texts that are encrypted.

What is there already is encrypted when Convenor is next started with a key, not here: a migration has none.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("per_fortnight", sa.Integer(), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_profiles_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.UniqueConstraint("consent_id", name=op.f("uq_consents_consent_id")),
    )
    op.create_index(op.f("ix_consents_member_id"), "consents", ["member_id"])
    op.create_index(op.f("ix_consents_subject_id"), "consents", ["subject", "id"])
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "seals",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_seals_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
    )
    with op.batch_alter_table("kept_forms") as forms:
        forms.alter_column(
            "fields",
            existing_type=sa.JSON(),
            type_=sa.Text(),
            existing_nullable=False,
            postgresql_using="fields::text",
        )


def downgrade() -> None:
    # What is encrypted is not JSON, and what somebody began to write is worth less than being able to go back.
    op.execute("DELETE FROM kept_forms")
    with op.batch_alter_table("kept_forms") as forms:
        forms.alter_column(
            "fields",
            existing_type=sa.Text(),
            type_=sa.JSON(),
            existing_nullable=False,
            postgresql_using="fields::json",
        )
    op.drop_table("seals")
    op.drop_table("counters")
    op.drop_index(op.f("ix_consents_subject_id"), "consents")
    op.drop_index(op.f("ix_consents_member_id"), "consents")
    op.drop_table("consents")
    op.drop_table("profiles")
