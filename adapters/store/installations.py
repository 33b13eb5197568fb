"""The Slack workspaces in which Convenor is installed, with their tokens, encrypted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from adapters.slack.book import Workspace
from adapters.store.database import Database
from adapters.store.tables import slack_workspaces


class SlackInstallations:
    """Fulfils ``adapters.slack.book.Installations``; each act is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, workspace: Workspace) -> None:
        """Keep an installation, in the place of an earlier one of the workspace."""
        values = {
            "name": workspace.name,
            "bot_token": workspace.bot_token,
            "bot_id": workspace.bot_id,
            "bot_user": workspace.bot_user,
            "installed_at": workspace.installed_at,
        }
        async with self._database.writing() as transaction:
            insert = transaction.insert(slack_workspaces).values(id=workspace.id, **values)
            await transaction.change(insert.on_conflict_do_update(index_elements=["id"], set_=values))
            await transaction.commit()

    async def find(self, workspace: str) -> Workspace | None:
        """The installation in the workspace with this id, if there is one."""
        async with self._database.reading() as transaction:
            row = await transaction.first(select(slack_workspaces).where(slack_workspaces.c.id == workspace))
        return _workspace(row) if row else None

    async def remove(self, workspace: str, before: datetime) -> bool:
        """Forget an installation made before a moment, and its token; False where there is none."""
        delete = slack_workspaces.delete().where(
            slack_workspaces.c.id == workspace, slack_workspaces.c.installed_at < before
        )
        async with self._database.writing() as transaction:
            removed = await transaction.change(delete)
            await transaction.commit()
        return removed == 1

    async def all(self) -> Sequence[Workspace]:
        """Every installation, by the name of its workspace."""
        async with self._database.reading() as transaction:
            rows = await transaction.rows(
                select(slack_workspaces).order_by(slack_workspaces.c.name, slack_workspaces.c.id)
            )
        return [_workspace(row) for row in rows]


def _workspace(row: Row[Any]) -> Workspace:
    return Workspace(row.id, row.name, row.bot_token, row.bot_id, row.bot_user, row.installed_at)
