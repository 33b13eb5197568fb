"""A desk that answers as it is told to and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.messages import Ask, Reply, say


@dataclass
class FakeDesk:
    """Fulfils ``bot.ports.Desk``. A name without a scripted reply is answered with what was asked."""

    replies: Mapping[str, Reply | Exception] = field(default_factory=dict)
    forms: frozenset[str] = frozenset()
    seconds: float = 0.0
    pause: asyncio.Event | None = None
    """Where there is one, nothing is answered before it is set."""
    asks: list[Ask] = field(default_factory=list)

    async def answer(self, ask: Ask) -> Reply:
        self.asks.append(ask)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if self.pause is not None:
            await self.pause.wait()
        reply = self.replies.get(ask.name, Reply((say(f"{ask.name}: {ask.words or ask.value}"),)))
        if isinstance(reply, Exception):
            raise reply
        return reply

    def opens_form(self, ask: Ask) -> bool:
        return ask.name in self.forms

    async def asked(self, number: int = 1) -> Ask:
        """The given ask, once it has come."""
        async with asyncio.timeout(30):
            while len(self.asks) < number:
                await asyncio.sleep(0.005)
        return self.asks[number - 1]


class FirstTimes:
    """Remembers keys, as the inbox does."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.fails = False

    async def __call__(self, key: str) -> bool:
        if self.fails:
            raise RuntimeError("the database is away")
        self.keys.append(key)
        return self.keys.count(key) == 1
