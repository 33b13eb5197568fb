"""Convenor's side of Teams in a test's own process: the real app, listening, with what carries out its activities."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes

from adapters.teams.app import PATH, TeamsApp, Turns
from adapters.teams.connector import Connector
from adapters.teams.security import Credentials, Microsoft
from bot.ports import Courier
from tests.fakes.courier import FakeCourier
from tests.fakes.teams_record import APP_ID, PASSWORD, TENANT, Json
from tests.fakes.teams_service import TeamsService


class Heard:
    """Fulfils :class:`adapters.teams.app.Turns`: keeps every activity, and answers an invoke with ``answer``."""

    def __init__(self, answer: Json | None = None) -> None:
        self.activities: list[Any] = []
        self.answer = {"statusCode": 200} if answer is None else answer

    async def on_turn(self, context: TurnContext) -> None:
        self.activities.append(context.activity)
        if context.activity.type == ActivityTypes.invoke:
            value = InvokeResponse(status=200, body=self.answer)
            await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=value))

    async def drain(self, seconds: float) -> None:
        return None


def a_teams_app(
    service: TeamsService,
    turns: Turns,
    *,
    credentials: Credentials | None = None,
    on_loopback: bool = True,
    make_courier: Callable[[Connector], Courier] = lambda connector: FakeCourier(),
) -> TeamsApp:
    """The app, not started and attached to nothing."""
    return TeamsApp(
        credentials or Credentials(APP_ID, PASSWORD, TENANT),
        make_courier=make_courier,
        make_turns=lambda connector, courier: turns,
        microsoft=Microsoft(service.metadata_url, service.login_url, on_loopback=on_loopback),
    )


@asynccontextmanager
async def teams_app(
    service: TeamsService,
    turns: Turns,
    *,
    credentials: Credentials | None = None,
    on_loopback: bool = True,
    make_courier: Callable[[Connector], Courier] = lambda connector: FakeCourier(),
) -> AsyncIterator[str]:
    """The app, for as long as the block lasts; gives the address to which activities go."""
    app = a_teams_app(service, turns, credentials=credentials, on_loopback=on_loopback, make_courier=make_courier)
    web_app = web.Application()
    app.attach(web_app)
    runner = web.AppRunner(web_app, access_log=None)
    await runner.setup()
    await app.start()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    finally:
        await runner.cleanup()
        await app.stop()
