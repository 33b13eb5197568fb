"""The browser chat in this process: a real database, the real desk and outbox, and a clock that a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from adapters.local.app import LocalChat
from adapters.queue.inline import InlineQueue
from adapters.store.chatlog import ChatLog
from adapters.store.database import Database
from adapters.web import WebServer
from bot import posts
from bot.app import seed_cast
from bot.commands import Front
from bot.introductions.directory import Directory
from bot.introductions.matching import matcher_for
from bot.outbox import Outbox
from bot.schedule import introduction_tick
from bot.services import Services
from bot.table import build_table
from config.synonyms import load_synonyms
from config.topics import load_taxonomy
from digests.tagging import Tagger
from tests.builders import a_source
from tests.contract.databases import open_database, sqlite_url
from tests.fakes.clock import FakeClock
from tests.fakes.network import Network, a_plan


class ChatWorld:
    """Alice, Bob, Carol and Dan in the browser chat."""

    def __init__(self, database: Database, services: Services, clock: FakeClock, url: str) -> None:
        self.database = database
        self.services = services
        self.clock = clock
        self.url = url

    async def days_pass(self, days: int) -> None:
        """Time passes, with a tick each day."""
        for _ in range(days):
            self.clock.advance(days=1)
            await introduction_tick(self.services)


@asynccontextmanager
async def chat_world(folder: Path) -> AsyncIterator[ChatWorld]:
    """The chat, for as long as the block lasts."""
    database = await open_database(sqlite_url(folder))
    queue, stop = InlineQueue(), asyncio.Event()
    network = Network(database, a_plan(), (a_source(),))
    taxonomy = load_taxonomy()
    services = replace(
        network.services,
        wake=queue.wake,
        topics={topic.id: topic for topic in taxonomy.topics},
        directory=Directory(lambda: matcher_for(Tagger(taxonomy), load_synonyms())),
    )
    desk = Front(build_table(), services)
    local = LocalChat(ChatLog(database), desk, network.clock, desk.commands_of)
    couriers = {"local": local.courier}
    outbox = Outbox(database, couriers, network.clock, settled=partial(posts.settled, services))
    web = WebServer("127.0.0.1", 0, lambda: _healthy())
    local.attach(web.app)
    await seed_cast(services)
    await local.start()
    await web.start()
    sender = asyncio.create_task(queue.run(outbox, stop))
    try:
        yield ChatWorld(database, services, network.clock, web.url)
    finally:
        stop.set()
        await sender
        await local.stop()
        await web.stop()
        await database.close()


async def _healthy() -> dict[str, object]:
    return {"ok": True}
