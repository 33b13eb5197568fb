"""Connects Convenor to Teams: takes the Bot Framework's requests, checks them, and hands them to the listeners."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Protocol, TypeVar

import aiohttp
from aiohttp import web
from botbuilder.core import CloudAdapterBase, TurnContext
from botbuilder.core.serializer_helper import serializer_helper
from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticateRequestResult,
    AuthenticationConstants,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)
from msrest.serialization import Model

from adapters.teams.connector import Connector, ConnectorTrouble
from adapters.teams.keys import NoKeys, SigningKeys
from adapters.teams.limits import written
from adapters.teams.security import (
    Credentials,
    Json,
    Microsoft,
    Refused,
    check_place,
    check_token,
    read_activity,
    read_bearer,
)
from bot.ports import Courier

log = logging.getLogger("convenor.teams")

CourierT = TypeVar("CourierT", bound=Courier)

PATH: Final = "/teams/messages"
# Teams sends no more than 28 KB of a message, and a card's data with it; a forwarded message may hold pictures.
BODY_BYTES: Final = 512_000
DRAIN_SECONDS: Final = 10.0


class Turns(Protocol):
    """What carries out the activities."""

    async def on_turn(self, context: TurnContext) -> None:
        """Carry out one activity; the answer to an invoke is sent as an activity of type ``invokeResponse``."""
        ...

    async def drain(self, seconds: float) -> None:
        """Let work that has begun come to its end, for so long; then cancel it."""
        ...


class _NoConnectors(ConnectorFactory):  # type: ignore[misc]  # botbuilder has no types
    """What goes out goes by our own client, so that a turn is given none of botbuilder's."""

    async def create(self, service_url: str, audience: str) -> Any:
        return object()


class _Checked(BotFrameworkAuthentication):  # type: ignore[misc]  # as above
    """Tells botbuilder that a request has been checked: it is given none that has not."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        raise PermissionError("a request must have been checked before")

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> Any:
        raise PermissionError("there is no streaming here")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        return _NoConnectors()

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> Any:
        return None

    def passed(self) -> AuthenticateRequestResult:
        """What stands for a request that was checked."""
        claims = {AuthenticationConstants.AUDIENCE_CLAIM: self._app_id}
        result = AuthenticateRequestResult()
        result.claims_identity = ClaimsIdentity(claims, True)
        result.connector_factory = _NoConnectors()
        return result


@dataclass(frozen=True, slots=True)
class _Running:
    """What exists between start and stop."""

    session: aiohttp.ClientSession
    keys: SigningKeys
    turns: Turns


class TeamsApp:
    """Convenor in Teams, for one home tenant and those that it serves besides.

    ``make_courier`` and ``make_turns`` are given what calls Teams, the latter the courier as well. ``microsoft`` is
    for tests and a developer's tool.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        make_courier: Callable[[Connector], CourierT],
        make_turns: Callable[[Connector, CourierT], Turns],
        microsoft: Microsoft | None = None,
    ) -> None:
        self._credentials = credentials
        self._microsoft = microsoft or Microsoft()
        self._checked = _Checked(credentials.app_id)
        self._adapter = CloudAdapterBase(self._checked)
        self._connector = Connector(credentials, self._microsoft)
        self._courier = make_courier(self._connector)
        self._make_turns: Callable[[], Turns] = partial(make_turns, self._connector, self._courier)
        self._running: _Running | None = None
        self._checking: asyncio.Task[None] | None = None

    @property
    def courier(self) -> Courier:
        """Carries messages to Teams."""
        return self._courier

    async def start(self, *, listen: bool = True) -> None:
        """Begin to send and, with ``listen``, to take requests.

        Microsoft is asked for a token and its keys meanwhile; what is wrong with them is written to the log.
        """
        await self._connector.open()
        if listen:
            session = aiohttp.ClientSession()
            self._running = _Running(session, SigningKeys(self._microsoft.metadata_url, session), self._make_turns())
        if self._credentials.app_id:
            self._checking = asyncio.create_task(self._check())

    async def stop(self) -> None:
        """Stop listening, let work that has begun come to its end for a short while, and let go of everything."""
        if self._checking:
            self._checking.cancel()
            await asyncio.gather(self._checking, return_exceptions=True)
            self._checking = None
        if running := self._running:
            self._running = None
            await running.turns.drain(DRAIN_SECONDS)
            await running.keys.close()
            await running.session.close()
        await self._connector.close()

    async def is_connected(self) -> bool:
        """Whether we are started: Teams calls us, so that nothing stands open meanwhile."""
        return self._running is not None

    def attach(self, web_app: web.Application) -> None:
        """Take the Bot Framework's requests at ``/teams/messages``."""
        web_app.router.add_post(PATH, self._receive)

    async def _check(self) -> None:
        """Ask once for what every message needs, so that a wrong password is known before the first one."""
        try:
            await self._connector.check()
        except ConnectorTrouble as trouble:
            code = trouble.code.removeprefix("login: ")
            if not trouble.status:
                log.error("Microsoft cannot be asked for a token for Teams (%s). Check the network.", code)
            else:
                log.error(
                    "Microsoft gives Convenor no token for Teams (%s). Check CONVENOR_TEAMS_APP_ID, "
                    "CONVENOR_TEAMS_APP_PASSWORD, CONVENOR_TEAMS_APP_TYPE and CONVENOR_TEAMS_TENANT.",
                    code,
                )
        if self._running:
            await self._running.keys.read()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        running = self._running
        if running is None:
            return _refuse(503, "Convenor is starting")
        try:
            activity = await self._checked_activity(request, running.keys)
        except web.RequestPayloadError:
            return _refuse(400, "unreadable")
        except Refused as refused:
            log.info("A request to the Teams address is refused: %s.", refused.why)
            return _refuse(refused.status, refused.why)
        except NoKeys as none:
            log.error("%s", none)
            return _refuse(503, "no keys to check this with")
        return await self._carry_out(activity, running.turns)

    async def _checked_activity(self, request: web.Request, keys: SigningKeys) -> Json:
        """What was sent, once it is known that Microsoft sent it and that we serve whom it is about."""
        if request.content_type != "application/json":
            raise Refused(415, "not JSON")
        service_url = await self._authenticated(request, keys)
        activity = read_activity(await _read_body(request))
        if service_url not in (None, activity["serviceUrl"]):
            raise Refused(401, "made for another service")
        check_place(self._credentials, self._microsoft, activity)
        return activity

    async def _authenticated(self, request: web.Request, keys: SigningKeys) -> str | None:
        """The service for which Microsoft signed a request; None in development, where nobody signs.

        Before the body is read: what anybody may send costs us no more than its head.
        """
        if not self._credentials.app_id:
            return None
        token, kid = read_bearer(request.headers.get("Authorization", ""))
        return check_token(token, await keys.get(kid), self._credentials.app_id)

    async def _carry_out(self, data: Json, turns: Turns) -> web.StreamResponse:
        try:
            activity: Activity = Activity().deserialize(dict(data))
            # The answer to an invoke is the only one that goes back on the same way.
            activity.delivery_mode = None
            answer = await self._adapter.process_activity(self._checked.passed(), activity, turns.on_turn)
            if answer is None:
                return web.Response(status=200)
            if answer.status == HTTPStatus.NOT_IMPLEMENTED:
                return _refuse(400, "unknown")
            if answer.body is None:
                return web.Response(status=int(answer.status))
            body = serializer_helper(answer.body) if isinstance(answer.body, Model) else answer.body
            return web.json_response(body, status=int(answer.status), dumps=written)
        # Our listeners do not fail, so what came from Microsoft has a shape that botbuilder or we do not know.
        except Exception as error:
            log.error("A request of Teams cannot be read (%s).", type(error).__name__)
            return _refuse(400, "unreadable")


async def _read_body(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_BYTES:
        raise Refused(413, "too large")
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > BODY_BYTES:
            raise Refused(413, "too large")
    return bytes(body)


def _refuse(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
