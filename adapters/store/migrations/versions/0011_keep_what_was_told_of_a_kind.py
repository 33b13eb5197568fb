"""Keep what a source or GOV.UK said of an item's kind, so that changed rules about titles can sort the archive again."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("items", sa.Column("told_kind", sa.String(40), nullable=True))
    op.add_column("items", sa.Column("told_because", sa.Text(), nullable=False, server_default=""))
    # Where no title has said better since, the reason of the kind tells who said it.
    op.execute(
        "UPDATE items SET told_kind = kind, told_because = kind_because"
        " WHERE kind_because LIKE 'its source says so: %' OR kind_because LIKE 'GOV.UK calls it %'"
    )


def downgrade() -> None:
    op.drop_column("items", "told_because")
    op.drop_column("items", "told_kind")
