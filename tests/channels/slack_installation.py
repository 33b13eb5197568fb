"""Convenor in Slack over HTTP for tests: signed requests go to it, and what it answers is looked at."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web

from adapters.slack.app import PATH, SlackApp
from adapters.slack.render import render_form
from bot.messages import Field, Form
from tests.fakes.clock import FakeClock
from tests.fakes.slack_api import FakeSlackApi, slack_api
from tests.fakes.slack_desk import FakeDesk, FirstTimes

Json = dict[str, Any]
SECRET = "shared-secret"
FORM = Form("intro", "Introduction", "Ask", (Field("need", "Need"), Field("why", "Why", required=False)), value="r1")


def signed(body: bytes | str, timestamp: str | None = None) -> dict[str, str]:
    """The headers by which Slack proves that a body is its own; ``timestamp`` is now where none is given."""
    raw = body.encode() if isinstance(body, str) else body
    stamp = timestamp if timestamp is not None else str(int(time.time()))
    signature = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}


@dataclass
class Installation:
    """Convenor in a pretend workspace, and the means to speak to it as Slack does."""

    app: SlackApp
    api: FakeSlackApi
    desk: FakeDesk
    first: FirstTimes
    clock: FakeClock
    url: str
    http: aiohttp.ClientSession
    triggers: int = 0
    statuses: list[int] = field(default_factory=list)

    async def send(
        self,
        body: bytes | str,
        *,
        content_type: str = "application/x-www-form-urlencoded",
        headers: Mapping[str, str] | None = None,
        timestamp: str | None = None,
    ) -> tuple[int, str]:
        """POST a signed request; ``headers`` replace ours, and an empty one takes ours away."""
        raw = body.encode() if isinstance(body, str) else body
        sent = {"Content-Type": content_type, **signed(raw, timestamp), **(headers or {})}
        kept = {name: value for name, value in sent.items() if value}
        async with self.http.post(self.url, data=raw, headers=kept) as answer:
            self.statuses.append(answer.status)
            return answer.status, await answer.text()

    def trigger(self) -> str:
        self.triggers += 1
        return f"1.{self.triggers}.abc"

    def command_body(self, words: str = "", **changes: str) -> str:
        return urlencode(
            {
                "team_id": "T01",
                "user_id": "U01ALICE",
                "user_name": "alice",
                "channel_id": "C1",
                "command": "/digest",
                "text": words,
                "trigger_id": self.trigger(),
                "response_url": f"{self.api.url}hooks.1",
                **changes,
            }
        )

    def press_body(self, **changes: Any) -> str:
        payload: Json = {
            "type": "block_actions",
            "team": {"id": "T01"},
            "user": {"id": "U01ALICE", "name": "alice"},
            "channel": {"id": "C1", "name": "editors"},
            "container": {"type": "message", "message_ts": "5.6", "channel_id": "C1"},
            "trigger_id": self.trigger(),
            "response_url": f"{self.api.url}hooks.1",
            "actions": [{"type": "button", "action_id": "entry.drop:3", "block_id": "b", "value": "12 e3"}],
            **changes,
        }
        return urlencode({"payload": json.dumps(payload)})

    def submit_body(self, form: Form = FORM, **answers: str) -> str:
        view = render_form(form, channel="C1")
        view |= {
            "id": "V9",
            "state": {
                "values": {name: {"answer": {"type": "plain_text_input", "value": v}} for name, v in answers.items()}
            },
        }
        payload = {
            "type": "view_submission",
            "team": {"id": "T01"},
            "user": {"id": "U01ALICE", "name": "alice"},
            "trigger_id": self.trigger(),
            "view": view,
        }
        return urlencode({"payload": json.dumps(payload)})


Install = Callable[..., Awaitable[Installation]]


@asynccontextmanager
async def installed(desk: FakeDesk, commands: Sequence[str] = ("digest", "intro")) -> AsyncIterator[Installation]:
    async with slack_api() as api, aiohttp.ClientSession() as http:
        first, clock = FirstTimes(), FakeClock()
        app = SlackApp(
            bot_token="xoxb-1",
            app_token=None,
            signing_secret=SECRET,
            api_url=api.url,
            desk=desk,
            commands=commands,
            clock=clock,
            first_time=first,
        )
        web_app = web.Application()
        app.attach(web_app)
        runner = web.AppRunner(web_app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        await app.start()
        try:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
            yield Installation(app, api, desk, first, clock, url, http)
        finally:
            await app.stop()
            await runner.cleanup()


@pytest.fixture
async def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def slack(desk: FakeDesk) -> AsyncIterator[Installation]:
    async with installed(desk) as installation:
        yield installation


# What is let in
