"""A Slack Web API on loopback that records every call and fails as it is told to."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Turn = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came in. ``token`` is the bearer token; ``args`` are decoded."""

    method: str
    args: Json
    token: str = ""


@dataclass
class FakeSlackApi:
    """Answers like Slack. What is scripted for a method is used up call by call; then it succeeds again."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    scopes: str = "commands,chat:write,im:write,mpim:write,users:read"
    grants: Json = field(default_factory=dict)
    """What an installation brings beside, or instead of, the usual."""
    names: dict[str, str] = field(default_factory=lambda: {"U01ALICE": "Alice Example"})
    channels: dict[str, Json] = field(default_factory=dict)
    """What Slack says of each channel that the bot may see."""
    _turns: dict[str, deque[Turn]] = field(default_factory=lambda: defaultdict(deque))
    _ts: int = 0

    def of(self, method: str) -> list[Json]:
        """The arguments of every call of a method."""
        return [call.args for call in self.calls if call.method == method]

    async def wait_for(self, method: str, number: int = 1) -> Json:
        """The arguments of the given call of a method, once it has come."""
        async with asyncio.timeout(30):
            while len(self.of(method)) < number:
                await asyncio.sleep(0.005)
        return self.of(method)[number - 1]

    def refuses(self, method: str, error: str) -> None:
        """The next call is answered ``ok: false`` with this error."""
        self._answer(method, lambda: web.json_response({"ok": False, "error": error}))

    def limits(self, method: str, retry_after: str | None) -> None:
        """The next call is answered 429."""
        headers = {"Retry-After": retry_after} if retry_after is not None else {}
        self._answer(
            method, lambda: web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        )

    def breaks(self, method: str, status: int = 500, body: str = "", content_type: str = "text/html") -> None:
        """The next call is answered with something that is not Slack's JSON."""
        self._answer(method, lambda: web.Response(status=status, text=body, content_type=content_type))

    def loses_reply(self, method: str) -> None:
        """The next call is recorded, then its connection is cut."""

        async def cut(request: web.Request) -> web.StreamResponse:
            assert request.transport
            request.transport.abort()
            return web.Response()

        self._turns[method].append(cut)

    def hangs(self, method: str, seconds: float) -> None:
        """The next call is answered late."""

        async def wait(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(seconds)
            return web.json_response(self._success(self.calls[-1]))

        self._turns[method].append(wait)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        call = await self.take(request)
        method = call.method
        if self._turns[method]:
            return await self._turns[method].popleft()(request)
        if method.startswith("hooks."):
            return web.Response(text="ok")
        return web.json_response(self._success(call), headers={"x-oauth-scopes": self.scopes})

    async def take(self, request: web.Request) -> Call:
        """The call that a request makes, which is recorded."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        call = Call(request.match_info["method"], await _args(request), token)
        self.calls.append(call)
        return call

    def _answer(self, method: str, make: Callable[[], web.StreamResponse]) -> None:
        async def turn(request: web.Request) -> web.StreamResponse:
            return make()

        self._turns[method].append(turn)

    def _success(self, call: Call) -> Json:
        self._ts += 1
        ts = f"1700000000.{self._ts:06}"
        match call.method:
            case "auth.test":
                return {"ok": True, "team_id": "T01", "user_id": "U0BOT", "bot_id": "B0BOT", "url": "https://x"}
            case "oauth.v2.access":
                # A code that looks like a workspace stands for it.
                team = str(call.args["code"]) if str(call.args["code"]).startswith("T") else "T01"
                granted = {"team": {"id": team, "name": "Example Network"}, "access_token": f"xoxb-{team}"}
                who = {"bot_user_id": "U0BOT", "authed_user": {"id": "U01ALICE"}, "scope": self.scopes}
                return {"ok": True, "app_id": "A01", **granted, **who, **self.grants}
            case "chat.postMessage" | "chat.update":
                return {"ok": True, "channel": call.args["channel"], "ts": call.args.get("ts", ts)}
            case "chat.postEphemeral":
                return {"ok": True, "message_ts": ts}
            case "conversations.open":
                return {"ok": True, "channel": {"id": "D" + str(call.args["users"])[1:]}}
            case "users.info":
                user = str(call.args["user"])
                return {"ok": True, "user": {"id": user, "real_name": self.names.get(user, "")}}
            case "apps.connections.open":
                return {"ok": True, "url": "wss://wss.example.org/link"}
            case "conversations.info":
                about = self.channels.get(str(call.args["channel"]))
                return {"ok": True, "channel": about} if about else {"ok": False, "error": "channel_not_found"}
            case "views.open":
                return {"ok": True, "view": {"id": f"V{self._ts}"}}
            case "views.update":
                return {"ok": True, "view": {"id": call.args["view_id"]}}
        return {"ok": False, "error": "unknown_method"}


async def _args(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return dict(await request.json())
    args: Json = dict(request.query)
    for name, value in (await request.post()).items():
        text = str(value)
        args[name] = json.loads(text) if text[:1] in "[{" else text
    return args


@asynccontextmanager
async def slack_api() -> AsyncIterator[FakeSlackApi]:
    """The fake, listening for as long as the block lasts. Answers at ``response_url`` are calls of ``hooks.…``."""
    fake = FakeSlackApi()
    async with listening(fake):
        yield fake


@asynccontextmanager
async def listening(fake: FakeSlackApi) -> AsyncIterator[None]:
    """This fake, listening for as long as the block lasts."""
    web_app = web.Application()
    web_app.router.add_route("*", "/api/{method}", fake.handle)
    runner = web.AppRunner(web_app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    try:
        yield
    finally:
        await runner.cleanup()
