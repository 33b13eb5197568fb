"""Everything that goes out to Teams: one call is one request, with a time limit, and never repeated here.

Not botbuilder's client: it blocks the loop while it fetches a token, follows redirects with what it carries, waits for
an answer without a limit that we set, and of a 502 with a page of HTML says only that it cannot read it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from yarl import URL

from adapters.teams.limits import written
from adapters.teams.security import ISSUER, Credentials, Microsoft, may_call

Json = Mapping[str, Any]

CONNECT_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 30.0
TOKEN_SECONDS: Final = 10.0
ANSWER_BYTES: Final = 1_000_000
# A token is asked for anew so long before it ends.
EARLY_SECONDS: Final = 300.0

_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_SECONDS: Final = re.compile(r"[0-9]{1,6}(\.[0-9]+)?")


class ConnectorTrouble(Exception):
    """A call did not come to a good end.

    ``status`` is HTTP's, 0 where there was no answer; ``code`` is Microsoft's own word (empty where it gave none) or,
    without an answer, the kind of error: fit for a log line. ``retry_after`` is Microsoft's wish in seconds.
    ``before_sending``: the request never left.
    """

    def __init__(
        self, status: int, code: str, *, retry_after: float | None = None, before_sending: bool = False
    ) -> None:
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.before_sending = before_sending
        super().__init__(f"{status} {code}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a conversation's roster. Empty where Teams does not say."""

    aad: str
    """Their Entra object id."""
    name: str = ""
    email: str = ""
    upn: str = ""


def open_session() -> aiohttp.ClientSession:
    """A session that opens a new connection for every request. Close it when done.

    A kept connection may turn out to be dead only after a request was written to it, and then nobody knows whether
    the request arrived. On a new one, a failure to connect means that nothing was sent.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
        json_serialize=written,
        middlewares=(_once,),
    )


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a GET, PUT or DELETE by itself where the connection was lost."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(type(error).__name__) from error


class Tokens:
    """Our own tokens; none for an app without an id."""

    def __init__(self, session: aiohttp.ClientSession, credentials: Credentials, microsoft: Microsoft) -> None:
        self._session = session
        self._url = f"{microsoft.login_url}/{quote(credentials.login_tenant, safe='')}/oauth2/v2.0/token"
        self._app_id = credentials.app_id
        self._password = credentials.password
        self._fetching: asyncio.Task[None] | None = None
        self._token = ""
        self._until = 0.0

    async def get(self) -> str:
        """A token that is good for some minutes yet; empty for an app without authentication.

        Raises :class:`ConnectorTrouble`, always ``before_sending``.
        """
        if not self._app_id:
            return ""
        if self._until <= asyncio.get_running_loop().time():
            # Whoever asks meanwhile waits for the same answer, also if one of them is gone before it comes.
            fetching = self._begin()
            await asyncio.wait({fetching})
            if fetching.cancelled():
                raise ConnectorTrouble(0, "login: closed", before_sending=True)
            fetching.result()
        return self._token

    def forget(self, token: str) -> None:
        """Microsoft does not take this token any more."""
        if token == self._token:
            self._until = 0.0

    async def close(self) -> None:
        """Give up what is being asked."""
        if self._fetching:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _begin(self) -> asyncio.Task[None]:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return self._fetching

    def _fetched(self, task: asyncio.Task[None]) -> None:
        self._fetching = None
        if not task.cancelled():
            # Where nobody who waited is left, nobody needs to be told.
            task.exception()

    async def _fetch(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._app_id,
            "client_secret": self._password,
            "scope": f"{ISSUER}/.default",
        }
        try:
            async with (
                asyncio.timeout(TOKEN_SECONDS),
                self._session.post(self._url, data=form, allow_redirects=False) as response,
            ):
                status, headers = response.status, response.headers
                answer = await _read(response)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ConnectorTrouble(0, f"login: {type(error).__name__}", before_sending=True) from error
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if status != 200 or not isinstance(token, str) or not token:
            code = answer.get("error")
            word = code if isinstance(code, str) and _CODE.fullmatch(code) else f"status {status}"
            raise ConnectorTrouble(
                status, f"login: {word}", retry_after=_retry_after(headers.get("Retry-After")), before_sending=True
            )
        lasts = float(seconds) if isinstance(seconds, int | float) else 2 * EARLY_SECONDS
        self._token = token
        self._until = asyncio.get_running_loop().time() + lasts - min(EARLY_SECONDS, lasts / 2)


class Connector:
    """Calls the conversations' service of Teams, between ``open`` and ``close``.

    Every other method raises :class:`ConnectorTrouble`.
    """

    def __init__(self, credentials: Credentials, microsoft: Microsoft | None = None) -> None:
        self._credentials = credentials
        self._microsoft = microsoft or Microsoft()
        self._session: aiohttp.ClientSession | None = None
        self._tokens: Tokens | None = None

    async def open(self) -> None:
        """Begin; nothing is called yet."""
        self._session = open_session()
        self._tokens = Tokens(self._session, self._credentials, self._microsoft)

    async def close(self) -> None:
        """End every call that is under way."""
        session, self._session = self._session, None
        if session and self._tokens:
            await self._tokens.close()
            await session.close()

    async def __aenter__(self) -> Connector:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def check(self) -> None:
        """Get a token, where there is none yet: whether Microsoft knows the app and its password."""
        if self._tokens:
            await self._tokens.get()

    async def post(self, service_url: str, conversation_id: str, activity: Json) -> str:
        """Post an activity; its id. With ``;messageid=…`` in the conversation's id it goes into that thread."""
        answer = await self._call("POST", service_url, f"{_part(conversation_id)}/activities", activity)
        return _id_in(answer, "id")

    async def create(self, service_url: str, parameters: Json) -> tuple[str, str]:
        """Make a conversation, with its first activity where the parameters have one: the ids of both.

        With one person and no activity it may be called again: there is but one chat with each.
        """
        answer = await self._call("POST", service_url, "", parameters)
        activity_id = answer.get("activityId")
        return _id_in(answer, "id"), activity_id if isinstance(activity_id, str) else ""

    async def update(self, service_url: str, conversation_id: str, activity_id: str, activity: Json) -> None:
        """Replace an activity. It may be called again."""
        path = f"{_part(conversation_id)}/activities/{_quoted(activity_id)}"
        await self._call("PUT", service_url, path, activity)

    async def member(self, service_url: str, conversation_id: str, user: str) -> Person:
        """Who somebody in a conversation is, by either of their ids."""
        answer = await self._call("GET", service_url, f"{_part(conversation_id)}/members/{_quoted(user)}")

        def word(name: str) -> str:
            value = answer.get(name)
            return value if isinstance(value, str) else ""

        # Teams names it differently in a roster and in an activity.
        aad = word("objectId") or word("aadObjectId")
        return Person(aad, word("name"), word("email"), word("userPrincipalName"))

    async def channels(self, service_url: str, team_id: str) -> Mapping[str, str]:
        """The names of a team's channels by their ids; that of its first channel is empty."""
        answer = await self._call("GET", service_url, f"{_part(team_id)}/conversations", what="teams")
        found = answer.get("conversations")
        named = [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
        return {str(each["id"]): str(each.get("name") or "") for each in named if each.get("id")}

    async def _call(
        self, method: str, service_url: str, path: str, body: Json | None = None, *, what: str = "conversations"
    ) -> Json:
        # Also for what was kept: our token goes to nobody but Microsoft.
        if not may_call(service_url, on_loopback=self._microsoft.on_loopback):
            raise ConnectorTrouble(0, "not an address of Microsoft", before_sending=True)
        if self._session is None or self._tokens is None:
            raise ConnectorTrouble(0, "not started", before_sending=True)
        token = await self._tokens.get()
        url = URL(f"{service_url.rstrip('/')}/v3/{what}{path}", encoded=True)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with self._session.request(
                method, url, json=body, headers=headers, allow_redirects=False
            ) as response:
                status, retry_after = response.status, _retry_after(response.headers.get("Retry-After"))
                answer = await _read(response)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ConnectorTrouble(0, type(error).__name__, before_sending=_is_before_sending(error)) from error
        if 200 <= status < 300:
            return answer
        if status == 401:
            self._tokens.forget(token)
        raise ConnectorTrouble(status, _code_in(answer), retry_after=retry_after)


def _is_before_sending(error: Exception) -> bool:
    return isinstance(
        error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.ClientHttpProxyError
    )


async def _read(response: aiohttp.ClientResponse) -> Json:
    """The object that an answer holds; an empty one where it holds none, or too much."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > ANSWER_BYTES:
            return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _id_in(answer: Json, name: str) -> str:
    if isinstance(value := answer.get(name), str) and value:
        return value
    raise ConnectorTrouble(200, "an answer without an id")


def _code_in(answer: Json) -> str:
    """Microsoft's word. Where it has one that says more (who blocks us, say), Microsoft calls it the ``subCode``."""
    error = answer.get("error")
    error = error if isinstance(error, Mapping) else {}
    words = (error.get("subCode"), answer.get("subCode"), error.get("code"))
    return next((word for word in words if isinstance(word, str) and _CODE.fullmatch(word)), "")


def _retry_after(header: str | None) -> float | None:
    if not header:
        return None
    if _SECONDS.fullmatch(header):
        return float(header)
    try:
        at = parsedate_to_datetime(header)
        return max((at - datetime.now(UTC)).total_seconds(), 0.0)
    # A date may lack its zone.
    except (ValueError, TypeError):
        return None


def _part(conversation_id: str) -> str:
    return f"/{_quoted(conversation_id)}"


def _quoted(part: str) -> str:
    return quote(part, safe="")
