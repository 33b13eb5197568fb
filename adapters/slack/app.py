"""Connects Slack to the desk: one workspace or several, by Socket Mode, by signed HTTP requests, or both."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.book import Installations, Workspace
from adapters.slack.install import Framed, InstallPages, OAuth
from adapters.slack.listeners import FirstTime, Listeners
from adapters.slack.quiet import quiet_logger
from adapters.slack.reception import Reception
from adapters.slack.send import TROUBLES, SlackCourier, Whisperer, error_code, open_session
from adapters.slack.workspaces import Connection, Connections, ManyCouriers
from bot.ports import Courier, Desk, TransportError
from digests.errors import ConfigError
from digests.ports import Clock

log = logging.getLogger("convenor.slack")

PATH: Final = "/slack/events"
BODY_BYTES: Final = 1_000_000
# What Convenor cannot do without; docs/slack.md says why.
SCOPES: Final = frozenset({"commands", "chat:write", "im:write", "mpim:write", "users:read"})
# What whoever installs the app may refuse: they let a check tell whether Convenor is in the channels it posts to.
OPTIONAL_SCOPES: Final = frozenset({"channels:read", "groups:read"})
PING_SECONDS: Final = 10.0
# How long a Socket Mode connection may be down before it is made anew from scratch.
DOWN_SECONDS: Final = 120.0
DRAIN_SECONDS: Final = 10.0

NOT_INSTALLED: Final = (
    "Convenor does not serve this workspace (any more), so nothing was done. "
    "Ask whoever looks after apps here to add it again."
)

_WRONG_TOKEN: Final = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
)
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_SIGNATURE: Final = re.compile(r"v0=[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class _Running:
    """What exists between start and stop."""

    session: aiohttp.ClientSession
    bolt: AsyncApp


@dataclass(frozen=True, slots=True)
class Several:
    """Any number of workspaces, each added through pages of ours. ``framed`` makes those look like the site."""

    oauth: OAuth
    installations: Installations
    framed: Framed


class SlackApp:
    """Convenor in Slack: in the one workspace of ``bot_token``, or in those that add it by themselves (``several``).

    ``app_token`` switches Socket Mode on, ``signing_secret`` lets :meth:`attach` take signed requests; at least one is
    needed. ``commands`` are the slash commands without their slash. ``first_time`` says whether a key was never given
    to it before, and remembers it. ``api_url`` is for an emulator.
    ``acknowledged`` hears how many seconds Slack waited for each answer over Socket Mode.
    """

    def __init__(
        self,
        *,
        bot_token: str | None,
        app_token: str | None,
        signing_secret: str | None,
        desk: Desk,
        commands: Collection[str],
        clock: Clock,
        first_time: FirstTime,
        api_url: str | None = None,
        several: Several | None = None,
        acknowledged: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        assert (bot_token is None) != (several is None), "one workspace by its token, or several by themselves"
        if not app_token and not signing_secret:
            raise ConfigError(
                ["Slack needs CONVENOR_SLACK_APP_TOKEN (Socket Mode) or CONVENOR_SLACK_SIGNING_SECRET (HTTP)."]
            )
        self._acknowledged = acknowledged
        self._bot_token = bot_token
        self._app_token = app_token
        self._signing_secret = signing_secret
        self._desk = desk
        self._commands = tuple(commands)
        self._clock = clock
        self._first_time = first_time
        self._logger = quiet_logger()
        self._client = AsyncWebClient(
            token=bot_token, base_url=api_url or AsyncWebClient.BASE_URL, retry_handlers=[], logger=self._logger
        )
        self._one: Connection | None = None
        self._several = several
        self._connections: Connections | None = None
        self._courier: Courier = SlackCourier(self._client)
        self._pages: InstallPages | None = None
        if several:
            serves = several.oauth.takes
            self._connections = Connections(several.installations, self._connect, clock, serves)
            self._courier = ManyCouriers(self._courier_of, serves)
            self._pages = InstallPages(
                several.oauth,
                client=self._client,
                scopes=SCOPES,
                installations=several.installations,
                clock=clock,
                first_time=first_time,
                framed=several.framed,
                added=self._connections.forget,
            )
        self._running: _Running | None = None
        self._socket: AsyncSocketModeHandler | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.workspace = ""
        """The one workspace's id ("T0123"), known once started; empty where there are several."""

    @property
    def courier(self) -> Courier:
        """Carries messages to every workspace."""
        return self._courier

    async def start(self, *, listen: bool = True) -> None:
        """Learn which workspace this is, and begin to listen; without ``listen``, only the courier will work.

        Raises :class:`ConfigError` where Slack does not take a token, and :class:`TransportError` where Slack cannot
        be reached; then nothing keeps running.
        """
        session = open_session()
        self._client.session = session
        try:
            if self._bot_token:
                who = await self._introduce(self._bot_token)
                self._one = self._connection(who, self._client)
            bolt = self._build_bolt()
            Reception(self._listeners_of, self._remove if self._several else None).register(bolt)
            self._running = _Running(session, bolt)
            for workspace in await self._connections.left_out() if self._connections else ():
                log.warning(
                    "The Slack workspace %s added Convenor and is not in CONVENOR_SLACK_WORKSPACES any more: it is not "
                    "served, and its token is kept until it takes Convenor out.",
                    workspace,
                )
            if self._app_token and listen:
                await self._open_socket(self._app_token, bolt)
                self._keeper = asyncio.create_task(self._keep_connected(self._app_token, bolt))
        except BaseException:
            await self.stop()
            await session.close()
            raise

    async def stop(self) -> None:
        """Stop listening, let work that has begun come to its end for a short while, and let go of everything."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        await self._close_socket()
        if running := self._running:
            self._running = None
            await asyncio.gather(*(each.listeners.drain(DRAIN_SECONDS) for each in self._open))
            await running.session.close()
        self._client.session = None

    async def is_connected(self) -> bool:
        """Whether Slack can reach us: in Socket Mode, that the connection stands; else, that we are started."""
        if self._keeper:
            return self._socket is not None and await self._socket.client.is_connected()
        return self._running is not None

    def attach(self, web_app: web.Application) -> None:
        """Take Slack's signed requests at ``/slack/events``. Without a signing secret there is no such address.

        For several workspaces, the pages that add one are served as well.
        """
        if self._signing_secret:
            web_app.router.add_post(PATH, self._receive)
        if self._pages:
            self._pages.attach(web_app)

    @property
    def _open(self) -> Sequence[Connection]:
        if self._connections:
            return self._connections.made
        return [self._one] if self._one else []

    async def _of(self, workspace: str) -> Connection | None:
        return await self._connections.of(workspace) if self._connections else self._one

    async def _listeners_of(self, workspace: str) -> Listeners | None:
        connection = await self._of(workspace)
        return connection.listeners if connection else None

    async def _courier_of(self, workspace: str) -> SlackCourier | None:
        connection = await self._of(workspace)
        return connection.courier if connection else None

    async def _remove(self, workspace: str, at: datetime) -> None:
        assert self._several
        assert self._connections
        if await self._several.installations.remove(workspace, at):
            log.warning(
                "The Slack workspace %s took Convenor out. Nothing reaches it until it is added again.", workspace
            )
        self._connections.forget(workspace)

    def _connect(self, workspace: Workspace) -> Connection:
        client = AsyncWebClient(
            token=workspace.bot_token,
            base_url=self._client.base_url,
            session=self._client.session,
            retry_handlers=[],
            logger=self._logger,
        )
        who = AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.id,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user,
            bot_token=workspace.bot_token,
        )
        return self._connection(who, client)

    def _connection(self, who: AuthorizeResult, client: AsyncWebClient) -> Connection:
        courier = SlackCourier(client)
        listeners = Listeners(
            workspace=who.team_id or "",
            desk=self._desk,
            client=client,
            whisperer=Whisperer(client, courier),
            commands=self._commands,
            clock=self._clock,
            first_time=self._first_time,
        )
        return Connection(who, courier, listeners)

    async def _introduce(self, bot_token: str) -> AuthorizeResult:
        try:
            answer = await self._client.auth_test()
        except TROUBLES as error:
            raise _start_error(error, "CONVENOR_SLACK_BOT_TOKEN", "OAuth & Permissions") from error
        self.workspace = str(answer["team_id"])
        granted = str(answer.headers.get("x-oauth-scopes") or "")
        if granted and (missing := SCOPES.difference(scope.strip() for scope in granted.split(","))):
            log.warning("The Slack app lacks these scopes: %s. Add them and reinstall it.", ", ".join(sorted(missing)))
        return AuthorizeResult(
            enterprise_id=answer.get("enterprise_id"),
            team_id=self.workspace,
            bot_id=answer.get("bot_id"),
            bot_user_id=answer.get("user_id"),
            bot_token=bot_token,
        )

    def _build_bolt(self) -> AsyncApp:
        async def authorize(team_id: str | None) -> AuthorizeResult | None:
            # Bolt's own way asks Slack at every request.
            connection = await self._of(team_id or "")
            return connection.who if connection else None

        return AsyncApp(
            # Bolt sets the level of the logger that is named like the app.
            name=self._logger.name,
            logger=self._logger,
            signing_secret=self._signing_secret or "",
            client=AsyncWebClient(base_url=self._client.base_url, retry_handlers=[], logger=self._logger),
            # None, for a workspace without us, is provided for; the annotation forgets it.
            authorize=authorize,  # type: ignore[arg-type]
            process_before_response=False,
            user_facing_authorize_error_message=NOT_INSTALLED,
        )

    async def _open_socket(self, app_token: str, bolt: AsyncApp) -> None:
        try:
            answer = await self._client.apps_connections_open(app_token=app_token)
        except TROUBLES as error:
            raise _start_error(error, "CONVENOR_SLACK_APP_TOKEN", "Basic Information, App-Level Tokens") from error
        handler = _TimedSocket(
            bolt, app_token, logger=self._logger, web_client=self._client, ping_interval=PING_SECONDS
        )
        handler.acknowledged = self._acknowledged
        # Its own first step would be to ask again and again with a token that is wrong.
        handler.client.wss_uri = str(answer["url"])
        self._socket = handler
        try:
            await asyncio.wait_for(handler.connect_async(), DOWN_SECONDS)  # type: ignore[no-untyped-call]
        except TimeoutError as error:
            raise TransportError("Slack", "Slack did not open a Socket Mode connection. Try again later.") from error

    async def _close_socket(self) -> None:
        if not self._socket:
            return
        client, self._socket = self._socket.client, None
        # slack_sdk cancels its tasks without waiting for them.
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        await client.close()  # type: ignore[no-untyped-call]
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)

    async def _keep_connected(self, app_token: str, bolt: AsyncApp) -> None:
        """Replace a connection that stays down. slack_sdk reconnects by itself, but may go on trying an address
        whose ticket has expired.
        """
        down = 0.0
        while True:
            await asyncio.sleep(PING_SECONDS)
            down = 0.0 if await self.is_connected() else down + PING_SECONDS
            if down < DOWN_SECONDS:
                continue
            log.warning("Slack has been out of reach for %d seconds: the connection is made anew.", down)
            down = 0.0
            try:
                await self._close_socket()
                await self._open_socket(app_token, bolt)
            except (ConfigError, TransportError) as error:
                log.error("%s", error)
            except Exception:
                # Whatever it was: without this nobody would try again.
                log.exception("The connection to Slack could not be made anew yet.")

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        running = self._running
        if running is None:
            return _refuse(503, "Convenor is starting")
        try:
            body = await _read_body(request)
        except web.RequestPayloadError:
            return _refuse(400, "unreadable")
        if body is None:
            return _refuse(413, "too large")
        # Bolt fails on these instead of refusing them.
        if not _TIMESTAMP.fullmatch(request.headers.get("X-Slack-Request-Timestamp", "")):
            return _refuse(401, "no timestamp")
        if not _SIGNATURE.fullmatch(request.headers.get("X-Slack-Signature", "")):
            return _refuse(401, "no signature")
        try:
            bolt_request = AsyncBoltRequest(
                body=body.decode(), query=request.query_string, headers=dict(request.headers.items())
            )
        # Bolt reads the body before its signature is checked, and expects a shape: anybody can make this fail.
        except Exception as error:
            log.info("A request to the Slack address cannot be read (%s).", type(error).__name__)
            return _refuse(400, "unreadable")
        answer = await running.bolt.async_dispatch(bolt_request)
        if answer.status >= 500:
            # Our listeners never fail Bolt, so what is signed by Slack has a shape that Bolt does not know.
            return _refuse(400, "unreadable")
        return web.Response(
            status=answer.status,
            text=answer.body or "",
            content_type=answer.headers.get("content-type", ["text/plain"])[0].partition(";")[0],
        )


class _TimedSocket(AsyncSocketModeHandler):
    """Tells how many seconds Slack waited for each acknowledgement over Socket Mode."""

    acknowledged: Callable[[float], None]

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        begun = monotonic()
        await super().handle(client, req)  # type: ignore[arg-type]  # Bolt narrows what its own base class takes
        self.acknowledged(monotonic() - begun)


async def _read_body(request: web.Request) -> bytes | None:
    if (request.content_length or 0) > BODY_BYTES:
        return None
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)


def _refuse(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)


def _start_error(error: Exception, setting: str, page: str) -> ConfigError | TransportError:
    code = error_code(error)
    if isinstance(error, SlackApiError) and code in _WRONG_TOKEN:
        return ConfigError(
            [f"{setting}: Slack does not take this token ({code}). Copy it again from the app’s settings, {page}."]
        )
    if code == "missing_scope":
        return ConfigError(
            [f"{setting}: this token lacks a scope ({code}). See docs/slack.md for the scopes it needs."]
        )
    return TransportError("Slack", f"Slack could not be reached ({code}). Check the network, then start again.")
