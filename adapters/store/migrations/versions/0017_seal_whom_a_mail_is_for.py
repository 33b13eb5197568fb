"""Seal whom a mail is for: an address says more of somebody than the id of an account."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("recipient", sa.Text(), nullable=True))
    op.execute("UPDATE deliveries SET recipient = user_id, user_id = '' WHERE platform = 'mail'")
    # The next start, which has a key, encrypts what was moved.
    op.execute(
        "INSERT INTO counters (name, value) "
        "SELECT 'left plain', 1 WHERE EXISTS (SELECT 1 FROM deliveries WHERE recipient IS NOT NULL)"
    )


def downgrade() -> None:
    # What is encrypted cannot be put back here; mails that have left need no address any more.
    op.execute("DELETE FROM deliveries WHERE platform = 'mail' AND state NOT IN ('sent', 'dropped')")
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_column("recipient")
    op.execute("DELETE FROM counters WHERE name = 'left plain'")
