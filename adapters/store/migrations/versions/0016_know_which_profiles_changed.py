"""Know which profiles changed since the directory was last looked at."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # The default fills the rows that are there already, and then goes: the code names every value.
    with op.batch_alter_table("profiles") as profiles:
        profiles.add_column(sa.Column("changed", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("profiles") as profiles:
        profiles.alter_column("changed", existing_type=sa.Integer(), server_default=None)
    op.create_index(op.f("ix_profiles_changed"), "profiles", ["changed"])


def downgrade() -> None:
    op.drop_index(op.f("ix_profiles_changed"), "profiles")
    with op.batch_alter_table("profiles") as profiles:
        profiles.drop_column("changed")
