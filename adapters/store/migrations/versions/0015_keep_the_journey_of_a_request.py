"""Keep what follows from a request for an introduction: who was asked, who agreed, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# For what was asked before anybody was promised a date.
ANSWERED_WITHIN = timedelta(days=28)
MEMBER = "fk_requests_member_id"


def upgrade() -> None:
    answer_at = sa.DateTime(timezone=True)
    with op.batch_alter_table("requests") as table:
        table.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("answer_at", answer_at, nullable=True))
        table.add_column(sa.Column("closed_at", answer_at, nullable=True))
        table.add_column(sa.Column("topics", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("blank", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("details", sa.Text(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("course", sa.Text(), nullable=False, server_default="{}"))
        table.alter_column("member_id", existing_type=sa.Text(), nullable=True)
        table.alter_column("state", existing_type=sa.Text(), type_=sa.String(length=40), existing_nullable=False)
        table.drop_constraint(MEMBER, type_="foreignkey")
        table.create_foreign_key(MEMBER, "members", ["member_id"], ["id"], ondelete="CASCADE")
    requests = sa.table(
        "requests", *(sa.column(name) for name in ("state", "created_at")), sa.column("answer_at", answer_at),
        sa.column("closed_at", answer_at),
    )  # fmt: skip
    moment = datetime.now(UTC) + ANSWERED_WITHIN
    # SQLite keeps moments as text without a zone.
    if op.get_bind().dialect.name == "sqlite":
        moment = moment.replace(tzinfo=None)
    op.execute(requests.update().values(answer_at=moment))
    op.execute(requests.update().where(requests.c.state == "withdrawn").values(closed_at=requests.c.created_at))
    with op.batch_alter_table("requests") as table:
        table.alter_column("answer_at", existing_type=answer_at, nullable=False)
        for name in ("revision", "topics", "blank", "details", "course"):
            table.alter_column(name, server_default=None)
        table.create_index(op.f("ix_requests_state"), ["state"])
    op.create_table(
        "asks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_asks_request_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["members.id"], name=op.f("fk_asks_candidate_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asks")),
    )
    op.create_index(op.f("ix_asks_request_id"), "asks", ["request_id"])
    op.create_index(op.f("ix_asks_candidate_id"), "asks", ["candidate_id"])
    op.create_index(op.f("ix_asks_asked_at"), "asks", ["asked_at"])


def downgrade() -> None:
    op.drop_table("asks")
    # Of outsiders nothing was kept before; every other request was open or withdrawn.
    op.execute("DELETE FROM requests WHERE member_id IS NULL")
    op.execute("UPDATE requests SET state = 'withdrawn' WHERE state NOT IN ('open', 'asking', 'closed')")
    op.execute("UPDATE requests SET state = 'open' WHERE state <> 'withdrawn'")
    with op.batch_alter_table("requests") as table:
        table.drop_index(op.f("ix_requests_state"))
        table.drop_constraint(MEMBER, type_="foreignkey")
        table.create_foreign_key(MEMBER, "members", ["member_id"], ["id"])
        table.alter_column("member_id", existing_type=sa.Text(), nullable=False)
        table.alter_column("state", existing_type=sa.String(length=40), type_=sa.Text(), existing_nullable=False)
        for name in ("course", "details", "blank", "topics", "closed_at", "answer_at", "revision"):
            table.drop_column(name)
