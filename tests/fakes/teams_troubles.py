"""What goes wrong at Microsoft when a test says so: a note of every call, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.teams_record import Json
from tests.fakes.turns import Turn

Proceed = Callable[[], Awaitable[web.StreamResponse]]
Script = Callable[[web.Request, Proceed], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the app's: ``method`` is post, update, create, member, team, token, metadata or keys."""

    method: str
    path: str
    body: Json
    token: str = ""


@dataclass
class Troubles:
    """What is scripted for a method is used up call by call.

    ``turn`` decides about each call of a method that has no script, and ``kill`` ends the process that calls.
    """

    calls: list[Call] = field(default_factory=list)
    turn: Callable[[str], Turn] = lambda method: Turn.DONE
    kill: Callable[[], None] = lambda: None
    _scripts: dict[str, deque[Script]] = field(default_factory=lambda: defaultdict(deque))

    def of(self, method: str) -> list[Call]:
        """Every call of a method."""
        return [call for call in self.calls if call.method == method]

    async def wait_for(self, method: str, number: int = 1) -> Call:
        """The given call of a method, once it has come."""
        async with asyncio.timeout(30):
            while len(self.of(method)) < number:
                await asyncio.sleep(0.005)
        return self.of(method)[number - 1]

    def limits(self, method: str, retry_after: str | None) -> None:
        """The next call is answered 429."""
        headers = {"Retry-After": retry_after} if retry_after is not None else {}
        self.breaks(method, 429, "Throttled", headers=headers)

    def breaks(self, method: str, status: int, code: str = "", *, headers: dict[str, str] | None = None) -> None:
        """The next call is refused with a status, and Microsoft's own word where there is one; nothing is done."""

        async def refuse(request: web.Request, proceed: Proceed) -> web.StreamResponse:
            answer = error(status, code) if code else web.Response(status=status, text="<html>upstream error")
            answer.headers.update(headers or {})
            return answer

        self._scripts[method].append(refuse)

    def answers(self, method: str, text: str, status: int = 200, content_type: str = "application/json") -> None:
        """The next call is answered with this, and nothing is done."""

        async def say(request: web.Request, proceed: Proceed) -> web.StreamResponse:
            return web.Response(status=status, text=text, content_type=content_type)

        self._scripts[method].append(say)

    def loses_reply(self, method: str, *, done: bool = True) -> None:
        """The next call is carried out (or not), then its connection is cut."""

        async def cut(request: web.Request, proceed: Proceed) -> web.StreamResponse:
            if done:
                await proceed()
            return cut_off(request)

        self._scripts[method].append(cut)

    def fails_after(self, method: str, status: int) -> None:
        """The next call is carried out, and answered as if it had not been."""

        async def fail(request: web.Request, proceed: Proceed) -> web.StreamResponse:
            await proceed()
            return web.Response(status=status, text="<html>upstream error")

        self._scripts[method].append(fail)

    def hangs(self, method: str, seconds: float) -> None:
        """The next call is carried out, and answered late."""

        async def wait(request: web.Request, proceed: Proceed) -> web.StreamResponse:
            answer = await proceed()
            await asyncio.sleep(seconds)
            return answer

        self._scripts[method].append(wait)

    def redirects(self, method: str, location: str) -> None:
        """The next call is sent elsewhere."""

        async def send_on(request: web.Request, proceed: Proceed) -> web.StreamResponse:
            return web.Response(status=307, headers={"Location": location})

        self._scripts[method].append(send_on)

    async def go_on(self, method: str, request: web.Request, proceed: Proceed) -> web.StreamResponse:
        """What becomes of a call by its script, or by whose turn it is."""
        if self._scripts[method]:
            return await self._scripts[method].popleft()(request, proceed)
        turn = self.turn(method)
        if turn in (Turn.NOT_LOST, Turn.NOT_KILLED):
            if turn is Turn.NOT_KILLED:
                self.kill()
            return cut_off(request)
        if turn is Turn.NOT_FAILED:
            return web.Response(status=502, text="<html>upstream error")
        if turn is Turn.NOT_NOW:
            refused = error(429, "Throttled")
            refused.headers["Retry-After"] = "7"
            return refused
        answer = await proceed()
        if turn in (Turn.DONE_LOST, Turn.DONE_KILLED):
            if turn is Turn.DONE_KILLED:
                self.kill()
            return cut_off(request)
        if turn is Turn.DONE_FAILED:
            return web.Response(status=504, text="<html>upstream error")
        if turn is Turn.DONE_LATE:
            await asyncio.sleep(5)
        return answer


def error(status: int, code: str, message: str = "") -> web.Response:
    """A refusal as Microsoft words it."""
    return web.json_response({"error": {"code": code, "message": message or code}}, status=status)


def cut_off(request: web.Request) -> web.StreamResponse:
    """End the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
