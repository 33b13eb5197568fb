"""Find the parts of a thread without looking through every message that ever went out."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(op.f("ix_deliveries_thread_key_id"), "deliveries", ["thread_key", "id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_thread_key_id"), "deliveries")
