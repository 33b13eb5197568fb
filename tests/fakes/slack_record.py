"""A Slack on loopback that keeps every message it was given, so that posts can be counted, and fails by plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.slack_api import Call, FakeSlackApi, Json
from tests.fakes.turns import Turn


@dataclass(slots=True)
class Kept:
    """A message as Slack shows it. ``key`` is the delivery's, from its metadata."""

    key: str
    channel: str
    ts: str
    thread_ts: str
    text: str
    blocks: list[Json]
    updates: int = 0

    @property
    def ref(self) -> str:
        """As the courier names it."""
        return f"{self.channel}|{self.ts}"

    @property
    def permalink(self) -> str:
        """As “Copy link” gives it."""
        link = f"https://example.slack.com/archives/{self.channel}/p{self.ts.replace('.', '')}"
        return f"{link}?thread_ts={self.thread_ts}&cid={self.channel}" if self.thread_ts else link


@dataclass
class SlackRecord(FakeSlackApi):
    """``turn`` decides about each post and update; ``kill`` ends the process that calls."""

    kept: list[Kept] = field(default_factory=list)
    turn: Callable[[str], Turn] = lambda method: Turn.DONE
    kill: Callable[[], None] = lambda: None

    def posts_of(self, key: str) -> list[Kept]:
        """Every message that was posted for a delivery."""
        return [one for one in self.kept if one.key == key]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["method"] not in ("chat.postMessage", "chat.update"):
            return await super().handle(request)
        call = await self.take(request)
        turn = self.turn(call.method)
        if turn in (Turn.NOT_LOST, Turn.NOT_KILLED):
            return self._cut(request, turn is Turn.NOT_KILLED)
        if turn is Turn.NOT_FAILED:
            return web.Response(status=503, text="upstream connect error")
        if turn is Turn.NOT_NOW:
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "7"})
        answer = self._done(call)
        if turn in (Turn.DONE_LOST, Turn.DONE_KILLED):
            return self._cut(request, turn is Turn.DONE_KILLED)
        if turn is Turn.DONE_FAILED:
            return web.Response(status=500, text="<html>")
        if turn is Turn.DONE_LATE:
            await asyncio.sleep(5)
        return web.json_response(answer)

    def _cut(self, request: web.Request, killed: bool) -> web.StreamResponse:
        if killed:
            self.kill()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _done(self, call: Call) -> Json:
        args = call.args
        if call.method == "chat.update":
            known = next((one for one in self.kept if (one.channel, one.ts) == (args["channel"], args["ts"])), None)
            if known is None:
                return {"ok": False, "error": "message_not_found"}
            known.text, known.blocks, known.updates = args["text"], args["blocks"], known.updates + 1
            return {"ok": True, "channel": known.channel, "ts": known.ts}
        answer = self._success(call)
        key = str(args.get("metadata", {}).get("event_payload", {}).get("key", ""))
        self.kept.append(
            Kept(key, args["channel"], answer["ts"], args.get("thread_ts", ""), args["text"], args["blocks"])
        )
        return answer
