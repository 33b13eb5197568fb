"""Keep why an item is of its kind, and the times of day of its closing date and its sitting."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ADDED = ("kind_because", "deadline_time", "happens_at")


def upgrade() -> None:
    # Not in a batch: SQLite would make the table anew, and what hangs on its rows would go with the old one.
    op.add_column("items", sa.Column("kind_because", sa.Text(), nullable=False, server_default=""))
    op.add_column("items", sa.Column("deadline_time", sa.Time(), nullable=True))
    op.add_column("items", sa.Column("happens_at", sa.Time(), nullable=True))


def downgrade() -> None:
    for name in _ADDED:
        op.drop_column("items", name)
