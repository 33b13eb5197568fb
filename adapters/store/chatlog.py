"""The lines of the chat in the browser, kept so that a reload or a restart loses nothing that was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from adapters.store.database import Database
from adapters.store.tables import chat_lines
from bot.ports import Line


class ChatLog:
    """Posts, replaces and reads lines; each is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def post(
        self,
        room: str,
        author: str,
        body: str,
        *,
        at: datetime,
        thread: int | None = None,
        only_for: str = "",
        key: str = "",
    ) -> Line:
        """Add a line. A line with this ``key`` that is there already is returned as it is, and nothing is added.

        Raises NotFound where ``thread`` is no line.
        """
        async with self._database.writing() as transaction:
            insert = transaction.insert(chat_lines).values(
                room=room, author=author, body=body, at=at, thread=thread, only_for=only_for, key=key or None, edits=0
            )
            added = await transaction.changed(
                insert.on_conflict_do_nothing(index_elements=["key"]).returning(chat_lines)
            )
            known = select(chat_lines).where(chat_lines.c.key == key)
            line = _line(added[0] if added else await transaction.only(known))
            await transaction.commit()
        return line

    async def replace(self, line_id: int, body: str, at: datetime, *, room: str, author: str) -> bool:
        """Give a line a new body; False where there is no such line of this author's in this room."""
        update = chat_lines.update().where(
            chat_lines.c.id == line_id, chat_lines.c.room == room, chat_lines.c.author == author
        )
        async with self._database.writing() as transaction:
            replaced = await transaction.change(update.values(body=body, edited_at=at, edits=chat_lines.c.edits + 1))
            await transaction.commit()
        return replaced == 1

    async def lines(self, room: str, viewer: str, limit: int = 200) -> Sequence[Line]:
        """The latest lines of a room that this viewer may see, oldest first."""
        visible = or_(chat_lines.c.only_for == "", chat_lines.c.only_for == viewer)
        query = select(chat_lines).where(chat_lines.c.room == room, visible)
        async with self._database.reading() as transaction:
            latest_first = await transaction.rows(query.order_by(chat_lines.c.id.desc()).limit(limit))
        return [_line(row) for row in reversed(latest_first)]

    async def groups(self) -> Sequence[str]:
        """The rooms of several people (``@alice,bob``) that have lines, the oldest first."""
        several = and_(chat_lines.c.room.startswith("@", autoescape=True), chat_lines.c.room.contains(","))
        query = select(chat_lines.c.room).where(several).group_by(chat_lines.c.room).order_by(func.min(chat_lines.c.id))
        async with self._database.reading() as transaction:
            return [row.room for row in await transaction.rows(query)]

    async def last_change(self, room: str) -> int:
        """A number that rises whenever a line of the room is posted or replaced."""
        changes = func.count() + func.coalesce(func.sum(chat_lines.c.edits), 0)
        async with self._database.reading() as transaction:
            return int(await transaction.value(select(changes).where(chat_lines.c.room == room)))


def _line(row: Row[Any]) -> Line:
    return Line(
        id=row.id,
        room=row.room,
        author=row.author,
        body=row.body,
        at=row.at,
        thread=row.thread,
        only_for=row.only_for,
        edited_at=row.edited_at,
        key=row.key or "",
    )
