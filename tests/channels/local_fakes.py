"""Fakes for the chat in the browser: a chat log in memory, and a desk that answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.messages import Ask, AskKind, Reply
from bot.ports import Line
from digests.errors import NotFound

Answer = Callable[[Ask], Reply]


class FakeChatLog:
    """Fulfils ``adapters.local.send.ChatLog``."""

    def __init__(self) -> None:
        self.all: list[Line] = []

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
        if thread is not None and not 1 <= thread <= len(self.all):
            raise NotFound(str(thread))
        for known in self.all:
            if key and known.key == key:
                return known
        line = Line(len(self.all) + 1, room, author, body, at, thread, only_for, None, key)
        self.all.append(line)
        return line

    async def replace(self, line_id: int, body: str, at: datetime, *, room: str, author: str) -> bool:
        if not 1 <= line_id <= len(self.all):
            return False
        if (self.all[line_id - 1].room, self.all[line_id - 1].author) != (room, author):
            return False
        self.all[line_id - 1] = replace(self.all[line_id - 1], body=body, edited_at=at)
        return True

    async def groups(self) -> Sequence[str]:
        return list(dict.fromkeys(line.room for line in self.all if line.room.startswith("@") and "," in line.room))

    async def lines(self, room: str, viewer: str, limit: int = 200) -> Sequence[Line]:
        return [line for line in self.all if line.room == room and line.only_for in ("", viewer)][-limit:]


class FakeDesk:
    """Fulfils ``bot.ports.Desk``. ``on(kind, name, answer)`` sets what is answered; ``asks`` is what came in.

    While ``pause`` is cleared, answers wait for it: long work.
    """

    def __init__(self) -> None:
        self.asks: list[Ask] = []
        self.pause = asyncio.Event()
        self.pause.set()
        self._answers: dict[tuple[AskKind, str], Answer] = {}

    def on(self, kind: AskKind, name: str, answer: Answer | Reply) -> None:
        def always(_: Ask) -> Reply:
            assert isinstance(answer, Reply)
            return answer

        self._answers[kind, name] = always if isinstance(answer, Reply) else answer

    async def answer(self, ask: Ask) -> Reply:
        self.asks.append(ask)
        await self.pause.wait()
        answer = self._answers.get((ask.kind, ask.name))
        return answer(ask) if answer else Reply()

    def opens_form(self, ask: Ask) -> bool:
        return False
