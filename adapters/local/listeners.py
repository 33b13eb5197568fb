"""What a browser asks for: pages, the lines of a room, a live stream; and the answers to what it sends."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from aiohttp import web

from adapters.local import render
from adapters.local.asks import Place, Refused, home_ask, read_command, read_press, read_submission, string
from adapters.local.cast import (
    CAST,
    CONVENOR,
    ROOMS,
    Person,
    Room,
    group_of,
    is_group,
    may_see,
    person_of,
    room_exists,
)
from adapters.local.send import Change, Changes, ChatLog, Scribe
from bot.messages import Ask, Identity, Message, code, say
from bot.ports import Desk
from digests.ports import Clock

MAX_BODY_BYTES = 64 * 1024
HEARTBEAT_SECONDS = 15.0
# A browser that lost the stream asks again after this many milliseconds.
RETRY_MILLISECONDS = 2000

STATIC = Path(__file__).parent / "static"
STATIC_FILES = {"chat.css": "text/css", "chat.js": "text/javascript", "icon.svg": "image/svg+xml"}

_OWN_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


Commands = Sequence[tuple[str, str]] | Callable[[Identity], Awaitable[Sequence[tuple[str, str]]]]


class Listeners:
    """The handlers of every route of the chat."""

    def __init__(
        self,
        log: ChatLog,
        desk: Desk,
        clock: Clock,
        scribe: Scribe,
        changes: Changes,
        commands: Commands,
    ) -> None:
        self._log = log
        self._desk = desk
        self._clock = clock
        self._scribe = scribe
        self._changes = changes
        self._commands = commands

    def routes(self) -> list[web.RouteDef]:
        """Every route. Each looks at where the request comes from before anything else."""
        room = "/chat/{person}/{room}"
        return [
            web.get("/", _page(self.first)),
            web.get("/static/{name}", _page(self.static)),
            web.get("/chat/{person}", _page(self.home)),
            web.get("/chat/{person}/events", _page(self.events), allow_head=False),
            web.get(room, _page(self.room)),
            web.get(f"{room}/lines", _page(self.lines)),
            web.get(f"{room}/home", _page(self.home_panel)),
            web.post(f"{room}/say", _call(self.say)),
            web.post(f"{room}/press", _call(self.press)),
            web.post(f"{room}/submit", _call(self.submit)),
        ]

    async def first(self, _: web.Request) -> web.StreamResponse:
        """The page on which a visitor chooses who to be."""
        return _html(render.first_page())

    async def static(self, request: web.Request) -> web.StreamResponse:
        """One of our own few files."""
        name = request.match_info["name"]
        if name not in STATIC_FILES:
            raise Refused(404, "There is no such file.")
        headers = {"Content-Type": STATIC_FILES[name], "Cache-Control": "no-cache"}
        return web.FileResponse(STATIC / name, headers=headers)

    async def home(self, request: web.Request) -> web.StreamResponse:
        """A person without a room is in the room that everybody sees."""
        raise web.HTTPFound(f"/chat/{_person(request).id}/{ROOMS[0].id}")

    async def room(self, request: web.Request) -> web.StreamResponse:
        """The page of one person in one room."""
        place = _place(request)
        groups = await self._groups(place.person)
        about = next(
            (room.about for room in (*ROOMS, *groups) if room.id == place.room),
            "Only you and Convenor are here. It answers commands: type / to see them.",
        )
        lines = await self._log.lines(place.room, place.person.id)
        home = await self._home(place) if place.room == place.person.direct_room else None
        commands = await self._commands_of(place.person)
        return _html(render.chat_page(lines, place.person, place.room, about, commands, home, groups))

    async def _commands_of(self, person: Person) -> list[tuple[str, str]]:
        told = await self._commands(person.identity) if callable(self._commands) else self._commands
        return [(f"/{name.lstrip('/')}", help_line) for name, help_line in told]

    async def home_panel(self, request: web.Request) -> web.StreamResponse:
        """What stands above somebody's direct messages, as it is now."""
        home = await self._home(_place(request))
        return _html(render.message_html(home) if home else "")

    async def _home(self, place: Place) -> Message | None:
        reply = await self._desk.answer(home_ask(place, self._clock.now()))
        return next(iter(reply.messages), None)

    async def lines(self, request: web.Request) -> web.StreamResponse:
        """The lines of a room as they are now, to be worked into a page that is open."""
        place = _place(request)
        lines = await self._log.lines(place.room, place.person.id)
        return _html(render.lines_html(lines, place.person, place.room))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """A stream that says in which room something changed: first where each room stands, then changes."""
        person = _person(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        with self._changes.listen(person) as listener:
            await response.prepare(request)
            try:
                await response.write(f"retry: {RETRY_MILLISECONDS}\n\n".encode())
                for change in await self._state(person):
                    await response.write(_event(change))
                async for change_or_none in listener.changes(HEARTBEAT_SECONDS):
                    await response.write(_event(change_or_none) if change_or_none else b": still here\n\n")
            except ConnectionError:
                pass  # the page was closed
        return response

    async def say(self, request: web.Request) -> web.StreamResponse:
        """A line from the composer: a command for Convenor, or words for the room."""
        place = _place(request)
        words = string(await _body(request), "words").strip()
        if not words:
            raise Refused(400, "There is nothing to send yet. Type something first.")
        if len(words) > render.MAX_WORDS:
            raise Refused(400, f"This is longer than {render.MAX_WORDS:,} characters. Shorten it and send it again.")
        if words[:2].rstrip() == "/":
            raise Refused(400, "A command follows the slash at once, as in /digest. Nothing was sent.")
        if not words.startswith("/"):
            await self._scribe.write(place.room, place.person.id, say(words))
            return web.json_response({})
        await self._scribe.write(place.room, place.person.id, say(code(words)), only_for=place.person.id)
        return await self._answer(place, read_command(words, place, self._clock.now()))

    async def press(self, request: web.Request) -> web.StreamResponse:
        """A button. Whether it may still be pressed is for the desk to say."""
        place = _place(request)
        return await self._answer(place, read_press(await _body(request), place, self._clock.now()))

    async def submit(self, request: web.Request) -> web.StreamResponse:
        """A form that was filled in."""
        place = _place(request)
        return await self._answer(place, read_submission(await _body(request), place, self._clock.now()))

    async def _answer(self, place: Place, ask: Ask) -> web.Response:
        reply = await self._desk.answer(ask)
        for message in reply.messages:
            await self._scribe.write(place.room, CONVENOR, message, only_for=place.person.id)
        form = render.form_html(reply.form) if reply.form else ""
        return web.json_response({"form": form, "errors": dict(reply.errors)})

    async def _groups(self, person: Person) -> tuple[Room, ...]:
        """The conversations of several people that somebody is in, in which something was said, oldest first."""
        rooms = [room for room in await self._log.groups() if is_group(room) and may_see(person, room)]
        return tuple(group_of(person, room) for room in rooms)

    async def _state(self, person: Person) -> list[Change]:
        groups = [group.id for group in await self._groups(person)]
        rooms = [room.id for room in ROOMS if may_see(person, room.id)] + [*groups, person.direct_room]
        newest = [(room, await self._log.lines(room, person.id, limit=1)) for room in rooms]
        return [Change(room, lines[-1].id) for room, lines in newest if lines]


def _page(handler: Handler) -> Handler:
    """For what is read: only under our own name, whatever name a hostile page gave our address."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            _check_host(request)
            return await handler(request)
        except Refused as refused:
            return _html(render.problem_page(refused.sentence), refused.status)

    return guarded


def _call(handler: Handler) -> Handler:
    """For what is sent: only from our own pages, as JSON, and answered with JSON."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            _check_host(request)
            _check_origin(request)
            return await handler(request)
        except Refused as refused:
            return web.json_response({"sentence": refused.sentence}, status=refused.status)

    return guarded


def _check_host(request: web.Request) -> None:
    if not _OWN_HOST.fullmatch(request.headers.get("Host", "")):
        raise Refused(403, "This chat answers only on this computer, as 127.0.0.1 or localhost. Nothing was done.")


def _check_origin(request: web.Request) -> None:
    host = request.headers["Host"].lower()
    if request.headers.get("Origin", "").lower() not in (f"http://{host}", f"https://{host}"):
        raise Refused(403, "This came from another site’s page, so nothing was done. Use the chat’s own page.")
    if request.content_type != "application/json":
        raise Refused(403, "This did not come from the chat’s own page, so nothing was done.")


async def _body(request: web.Request) -> Mapping[str, object]:
    try:
        data = json.loads(await request.clone(client_max_size=MAX_BODY_BYTES).read())
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "This is too much at once: the limit is 64 KB. Shorten it and try again.") from None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Refused(400, "What was sent could not be read. Nothing was done: load the page again.")
    return data


def _person(request: web.Request) -> Person:
    person = person_of(request.match_info["person"])
    if person is None:
        names = ", ".join(one.name for one in CAST[:-1])
        raise Refused(404, f"There is nobody of that name in this chat: only {names} and {CAST[-1].name}.")
    return person


def _place(request: web.Request) -> Place:
    person, room = _person(request), request.match_info["room"]
    if not room_exists(room):
        raise Refused(404, "There is no such room in this chat.")
    if not may_see(person, room):
        raise Refused(403, f"{person.name} is not in this room, so it cannot be shown.")
    return Place(person, room)


def _html(page: str, status: int = 200) -> web.Response:
    return web.Response(text=str(page), status=status, content_type="text/html", charset="utf-8")


def _event(change: Change) -> bytes:
    return f"event: changed\ndata: {json.dumps({'room': change.room, 'latest': change.latest})}\n\n".encode()
