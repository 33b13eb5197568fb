"""The address of Teams as Microsoft sees it, and what Microsoft sends to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from adapters.teams.security import Credentials
from tests.fakes.teams_house import Heard, teams_app
from tests.fakes.teams_record import APP_ID, TENANT, Json
from tests.fakes.teams_service import TeamsService, teams_service

SERVICE = "https://smba.trafficmanager.net/uk/"


def activity(**changes: Any) -> Json:
    """A message from Teams; a change of None leaves a field out."""
    whole = {
        "type": "message",
        "id": "1",
        "text": "digest",
        "channelId": "msteams",
        "serviceUrl": SERVICE,
        "from": {"id": "29:x", "aadObjectId": "a11ce000-0000-4000-8000-00000000a11c", "name": "Alice"},
        "recipient": {"id": f"28:{APP_ID}"},
        "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


@dataclass
class Door:
    """The address, as Microsoft sees it in production: no service URL on this machine is taken."""

    url: str
    heard: Heard
    service: TeamsService
    session: aiohttp.ClientSession

    async def knock(self, body: object, token: str | None, **headers: str) -> int:
        """Send a body; the status of the answer."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
        async with self.session.post(self.url, data=data, headers=headers) as answer:
            return answer.status


@asynccontextmanager
async def a_door(credentials: Credentials | None = None, **given: Any) -> AsyncIterator[Door]:
    heard = Heard()
    async with (
        teams_service(**given) as service,
        teams_app(service, heard, credentials=credentials, on_loopback=False) as url,
        aiohttp.ClientSession() as session,
    ):
        yield Door(url, heard, service, session)
