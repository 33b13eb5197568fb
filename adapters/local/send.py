"""Puts messages into the chat log, and tells the pages that are open that something changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from adapters.local.cast import CONVENOR, Person, may_see, room_at, room_exists
from bot.messages import Message, to_json
from bot.ports import Line, TransportError
from digests.errors import NotFound
from digests.model import Address
from digests.ports import Clock

MAX_DIGITS = 18  # of a line's id: what a database's integer holds for certain


class ChatLog(Protocol):
    """Where the lines are kept."""

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
        """Add a line; where one with this key is there already, return that. Raises NotFound for no such thread."""
        ...

    async def replace(self, line_id: int, body: str, at: datetime, *, room: str, author: str) -> bool:
        """Change a line's text; False where there is no such line of this author's in this room."""
        ...

    async def groups(self) -> Sequence[str]:
        """The rooms of several people with Convenor (``@alice,bob``) that have lines, the oldest first."""
        ...

    async def lines(self, room: str, viewer: str, limit: int = 200) -> Sequence[Line]:
        """The latest lines of a room that the viewer may see, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed in a room. ``latest`` is the id of a new line, or None where an old one was edited."""

    room: str
    latest: int | None


class Changes:
    """Carries changes to every open page of this process. A slow page gets the newest change of each room, once."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._closed = False

    def publish(self, change: Change, only_for: str = "") -> None:
        """Tell the pages of everybody who is in the room, or of one person (by id) alone."""
        for listener in self._listeners:
            if may_see(listener.person, change.room) and only_for in ("", listener.person.id):
                listener.put(change)

    @contextmanager
    def listen(self, person: Person) -> Iterator[Listener]:
        """Hear of changes from now on."""
        listener = Listener(person)
        if self._closed:
            listener.end()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def open(self) -> None:
        """Let pages listen (again)."""
        self._closed = False

    def close(self) -> None:
        """End every stream, and those that would begin now."""
        self._closed = True
        for listener in self._listeners:
            listener.end()


class Listener:
    """One open page's ear."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._waiting: dict[str, Change] = {}
        self._news = asyncio.Event()
        self._ended = False

    def put(self, change: Change) -> None:
        """Note a change, to be fetched by :meth:`changes`."""
        before = self._waiting.get(change.room)
        if before is not None and change.latest is None:
            change = Change(change.room, before.latest)
        self._waiting[change.room] = change
        self._news.set()

    def end(self) -> None:
        """Let :meth:`changes` come to its end."""
        self._ended = True
        self._news.set()

    async def changes(self, heartbeat_seconds: float) -> AsyncIterator[Change | None]:
        """Changes as they come, None whenever nothing has happened for a while; ends when the chat stops."""
        while True:
            try:
                async with asyncio.timeout(heartbeat_seconds):
                    await self._news.wait()
            except TimeoutError:
                yield None
                continue
            self._news.clear()
            if self._ended:
                return
            waiting, self._waiting = self._waiting, {}
            for change in waiting.values():
                yield change


class Scribe:
    """Writes into the chat log and announces it: the one way in which a line comes to be."""

    def __init__(self, log: ChatLog, clock: Clock, changes: Changes) -> None:
        self._log = log
        self._clock = clock
        self._changes = changes

    async def write(
        self,
        room: str,
        author: str,
        message: Message,
        *,
        thread: int | None = None,
        only_for: str = "",
        key: str = "",
    ) -> int:
        """Add a line, and return its id."""
        line = await self._log.post(
            room, author, to_json(message), at=self._clock.now(), thread=thread, only_for=only_for, key=key
        )
        self._changes.publish(Change(room, line.id), only_for)
        return line.id

    async def rewrite(self, room: str, line_id: int, message: Message) -> bool:
        """Change the text of a line of Convenor's; False where there is no such line."""
        if not await self._log.replace(line_id, to_json(message), self._clock.now(), room=room, author=CONVENOR):
            return False
        self._changes.publish(Change(room, None))
        return True


class LocalCourier:
    """Fulfils ``bot.ports.Courier`` for the chat in the browser. A message's reference is its line's id."""

    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        """Post a message. Raises a permanent :class:`TransportError` where the room or the thread does not exist."""
        room = _room(address)
        thread = _line_id(room, thread_ref) if thread_ref else None
        try:
            return str(await self._scribe.write(room, CONVENOR, message, thread=thread, key=key))
        except NotFound:
            raise _gone(room) from None

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        """Replace a message's text. Raises a permanent :class:`TransportError` where it is not there."""
        room = _room(address)
        if not await self._scribe.rewrite(room, _line_id(room, message_ref), message):
            raise _gone(room)


def _room(address: Address) -> str:
    room = room_at(address)
    if not room_exists(room):
        raise TransportError(room, "There is no such room in the local chat. Nothing was posted.", permanent=True)
    return room


def _line_id(room: str, reference: str) -> int:
    if not (reference.isascii() and reference.isdigit() and len(reference) <= MAX_DIGITS):
        raise _gone(room)
    return int(reference)


def _gone(room: str) -> TransportError:
    return TransportError(
        room,
        "The message that this belongs to is not in this room any more. Nothing was posted or changed.",
        permanent=True,
        missing=True,
    )
