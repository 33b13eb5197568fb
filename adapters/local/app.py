"""The chat in the browser, put together: give it a log, a desk and a clock, and attach it to a web application."""

from __future__ import annotations

from aiohttp import web

from adapters.local.cast import CAST, PLATFORM, ROOMS, WORKSPACE, Person, Room
from adapters.local.listeners import Commands, Listeners
from adapters.local.send import Changes, ChatLog, LocalCourier, Scribe
from bot.ports import Desk
from digests.ports import Clock

__all__ = ["CAST", "PLATFORM", "ROOMS", "WORKSPACE", "LocalChat", "Person", "Room"]


class LocalChat:
    """A chat with a cast of four, for this computer alone.

    ``commands`` are names with their help lines, for the list of suggestions, or a function that tells those of a
    person; a leading slash may be left out.
    ``courier`` posts into the rooms. What the visitors send goes to ``desk``.
    """

    def __init__(self, log: ChatLog, desk: Desk, clock: Clock, commands: Commands) -> None:
        self._changes = Changes()
        scribe = Scribe(log, clock, self._changes)
        self.courier = LocalCourier(scribe)
        self._listeners = Listeners(log, desk, clock, scribe, self._changes, commands)

    def attach(self, web_app: web.Application) -> None:
        """Add the chat's routes, under ``/``, ``/chat/`` and ``/static/``. To be called before the server starts."""
        web_app.add_routes(self._listeners.routes())
        # Streams must end before the server waits for its connections, whoever stops first.
        web_app.on_shutdown.append(self._end_streams)

    async def start(self) -> None:
        """Let pages listen for changes."""
        self._changes.open()

    async def stop(self) -> None:
        """End the streams of all open pages; they ask again when the chat is back. Safe to call twice."""
        self._changes.close()

    async def _end_streams(self, _: web.Application) -> None:
        await self.stop()
