"""The pages by which a workspace adds Convenor: Slack's OAuth, with a state that is signed and good for one use."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from typing import Any, Final

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.book import Installations, Workspace, serves
from adapters.slack.listeners import FirstTime
from adapters.slack.send import TROUBLES, error_code
from digests.errors import ConvenorError
from digests.ports import Clock

log = logging.getLogger("convenor.slack")

INSTALL_PATH: Final = "/slack/install"
REDIRECT_PATH: Final = "/slack/oauth_redirect"
STATE_LIFE: Final = timedelta(minutes=10)

Framed = Callable[[str, str], str]
"""A page of the site around an article: its title, and its escaped HTML."""

_BEGIN: Final = "Add Convenor to your Slack workspace"
_DONE: Final = "Convenor has been added"
_FAILED: Final = "Convenor was not added"
_AGAIN: Final = "Nothing was changed. You can begin again."
REFUSALS: Final[Mapping[str, str]] = {
    "access_denied": "You chose not to add Convenor. Nothing was changed.",
    "invalid_browser": (
        "This page was not opened in the browser in which you began, or that browser keeps no cookies. " + _AGAIN
    ),
    "invalid_state": "This page is too old, or was opened twice. " + _AGAIN,
    "missing_code": "Slack did not send what it takes to go on. " + _AGAIN,
    "invalid_code": "Slack did not take the code that it sent us. Codes are good for ten minutes and once. " + _AGAIN,
}
_UNKNOWN: Final = "Slack broke off. " + _AGAIN
_NOT_KEPT: Final = "Slack agreed, but it could not be kept on our side. Please begin again in a minute."
_OUT_OF_REACH: Final = "Slack could not be reached just now. Nothing was changed. Please begin again in a minute."
_ORGANISATION: Final = (
    "Convenor cannot be added to a whole Slack organisation at once. Please add it to each workspace that needs it."
)
_ROTATES: Final = (
    "The Slack app has token rotation switched on, which Convenor does not support. Whoever made the app has to make "
    "it anew without."
)

# What each of the scopes is for, as whoever adds Convenor reads it.
ABLE_TO: Final = (
    "answer the commands that people type to it, such as /digest and /intro",
    "write in the channels to which it is invited, and to people who use it",
    "write to two people together whom it introduces to each other, once both have agreed",
    "read the names of the people in the workspace, so that it can call them by their names",
)
NOT_ABLE_TO: Final = "It cannot read what people write to each other, in channels or in direct messages."


@dataclass(frozen=True, slots=True)
class OAuth:
    """How workspaces may add Convenor. ``workspaces`` are the ids of those that may, or ``*`` for any."""

    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    workspaces: Collection[str]
    owner: str = ""
    authorize_url: str = ""

    def takes(self, workspace: str) -> bool:
        """Whether this workspace may add Convenor."""
        return serves(self.workspaces, workspace)


class Refused(BoltError):
    """An installation that Slack would grant and we do not take. Its words are for whoever wanted it."""


class States(AsyncOAuthStateStore):
    """States that are signed, so that none has to be kept until it comes back; what came back is marked as used."""

    def __init__(self, secret: str, clock: Clock, first_time: FirstTime) -> None:
        self._key = hmac.digest(secret.encode(), b"convenor: state of an installation", "sha256")
        self._clock = clock
        self._first_time = first_time

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """A new state."""
        until = int((self._clock.now() + STATE_LIFE).timestamp())
        words = f"{until}.{secrets.token_urlsafe(18)}"
        return f"{words}.{self._sign(words)}"

    async def async_consume(self, state: str) -> bool:
        """Whether this is a state of ours that is not too old, and was never given to this before."""
        words, _, signature = state.rpartition(".")
        if not hmac.compare_digest(self._sign(words).encode(), signature.encode()):
            return False
        if int(words.partition(".")[0]) < self._clock.now().timestamp():
            return False
        return await self._first_time(f"slack-state:{words}")

    def _sign(self, words: str) -> str:
        return hmac.new(self._key, words.encode(), hashlib.sha256).hexdigest()


class _Kept(AsyncInstallationStore):
    """Takes what Slack's library made of an answer, looks whether we want it, and keeps it."""

    def __init__(self, pages: InstallPages) -> None:
        self._pages = pages

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_save(self, installation: Installation) -> None:
        await self._pages.keep(installation)


class _Flow(AsyncOAuthFlow):
    """Slack's flow with a page of our own."""

    page: Callable[[str], str]

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:
        return self.page(url)


class InstallPages:
    """The two pages. ``added`` is called with the id of a workspace once its installation is kept."""

    def __init__(
        self,
        oauth: OAuth,
        *,
        client: AsyncWebClient,
        scopes: Collection[str],
        installations: Installations,
        clock: Clock,
        first_time: FirstTime,
        framed: Framed,
        added: Callable[[str], None],
    ) -> None:
        self._oauth = oauth
        self._client = client
        self._installations = installations
        self._clock = clock
        self._framed = framed
        self._added = added
        callbacks = AsyncCallbackOptions(success=self._succeeded, failure=self._failed)
        settings = AsyncOAuthSettings(
            client_id=oauth.client_id,
            client_secret=oauth.client_secret,
            scopes=sorted(scopes),
            redirect_uri=oauth.public_url + REDIRECT_PATH,
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            callback_options=callbacks,
            authorization_url=oauth.authorize_url or None,
            installation_store=_Kept(self),
            state_store=States(oauth.client_secret, clock, first_time),
            state_expiration_seconds=int(STATE_LIFE.total_seconds()),
        )
        self._flow = _Flow(client=client, settings=settings)
        self._flow.page = self._first_page

    def attach(self, web_app: web.Application) -> None:
        """Serve the pages."""
        web_app.router.add_get(INSTALL_PATH, self._serve(self._flow.handle_installation))
        web_app.router.add_get(REDIRECT_PATH, self._serve(self._flow.handle_callback))

    async def keep(self, installation: Installation) -> None:
        """Keep an installation that Slack granted. Raises :class:`Refused`; a workspace that may not add Convenor gives
        its token back to Slack.
        """
        why = self._refusal(installation)
        if why:
            await self._give_back(installation.bot_token)
            raise Refused(why)
        workspace = Workspace(
            id=str(installation.team_id),
            name=installation.team_name or "",
            bot_token=str(installation.bot_token),
            bot_id=installation.bot_id or "",
            bot_user=installation.bot_user_id or "",
            installed_at=self._clock.now(),
        )
        try:
            await self._installations.save(workspace)
        except ConvenorError as error:
            # Not given back: a workspace that adds Convenor once more is granted the token with which it is served.
            log.error("An installation could not be kept. %s", error.sentence)
            raise Refused(_NOT_KEPT) from error
        self._added(workspace.id)
        log.info("Convenor was added to the Slack workspace %s.", workspace.id)

    def _refusal(self, installation: Installation) -> str:
        if installation.is_enterprise_install or not installation.team_id:
            return _ORGANISATION
        if installation.bot_refresh_token:
            return _ROTATES
        if not installation.bot_token:
            return _UNKNOWN
        if not self._oauth.takes(installation.team_id):
            whom = self._oauth.owner or "the people who run Convenor"
            return (
                "Your workspace is not among those that this network’s Convenor serves. Nothing was kept. If it should "
                f"be, ask {whom} to add it: its id is {installation.team_id}."
            )
        return ""

    async def _give_back(self, token: str | None) -> None:
        if not token:
            return
        try:
            await self._client.auth_revoke(token=token)
        except TROUBLES as error:
            log.warning("A token that is not wanted could not be given back to Slack (%s).", error_code(error))

    def _serve(
        self, answer: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            try:
                # These pages are only read, and the body that somebody sends all the same may not even be text.
                asked = AsyncBoltRequest(body="", query=request.query_string, headers=dict(request.headers.items()))
                response = await to_aiohttp_response(await answer(asked))
            except TROUBLES as error:
                log.warning("Slack could not be asked about an installation (%s).", error_code(error))
                response = web.Response(text=self._page(_FAILED, _OUT_OF_REACH), status=503, content_type="text/html")
            response.charset = "utf-8"
            # The address holds a code, which is no one else's business.
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["Cache-Control"] = "no-store"
            return response

        return serve

    async def _succeeded(self, args: AsyncSuccessArgs) -> BoltResponse:
        name = args.installation.team_name or "your workspace"
        return self._answer(
            200,
            self._page(
                _DONE,
                f"Convenor is now in {name}.",
                "In Slack, type /convenor to see what it can do. Invite it to every channel that it is to write in.",
                link="",
            ),
        )

    async def _failed(self, args: AsyncFailureArgs) -> BoltResponse:
        if isinstance(args.error, Refused):
            return self._answer(403, self._page(_FAILED, str(args.error)))
        log.info("An installation in Slack ended early (%s).", args.reason if args.reason in REFUSALS else "unknown")
        status = 200 if args.reason == "access_denied" else 400
        return self._answer(status, self._page(_FAILED, REFUSALS.get(args.reason, _UNKNOWN)))

    @staticmethod
    def _answer(status: int, page: str) -> BoltResponse:
        return BoltResponse(status=status, body=page, headers={"Content-Type": "text/html; charset=utf-8"})

    def _first_page(self, url: str) -> str:
        able = "".join(f"<li>{escape(each)}</li>" for each in ABLE_TO)
        who = f"<p>It is run by {escape(self._oauth.owner)}.</p>" if self._oauth.owner else ""
        article = (
            f"<h1>{_BEGIN}</h1><p>Convenor brings the weekly digest into Slack and introduces people to each other. "
            f"In your workspace it will be able to:</p><ul>{able}</ul><p>{NOT_ABLE_TO}</p>{who}"
            f"<p>You need to be somebody who may add apps to the workspace. Slack asks you once more.</p>"
            f'<p><a href="{escape(url)}" rel="noreferrer">Go on to Slack</a></p>'
        )
        return self._framed(_BEGIN, article)

    def _page(self, title: str, *sentences: str, link: str = INSTALL_PATH) -> str:
        told = "".join(f"<p>{escape(each)}</p>" for each in sentences)
        again = f'<p><a href="{link}">Begin again</a></p>' if link else ""
        return self._framed(title, f"<h1>{escape(title)}</h1>{told}{again}")
