"""Who may give us an activity, and where we give ours: what a request must be, decided without any I/O.

botbuilder's own check is not used. It also takes tokens of the emulator's and of other bots' issuers, whatever service
URL they come with, takes a token without one, and never looks for new keys while it has any.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import jwt

Json = Mapping[str, Any]

CHANNEL: Final = "msteams"
ISSUER: Final = "https://api.botframework.com"
# The hosts of Microsoft's public cloud, as its own Teams SDK lists them.
SERVICE_HOSTS: Final = frozenset(
    {"smba.trafficmanager.net", "smba.onyx.prod.teams.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"}
)
# Microsoft's documents allow its clocks and ours to differ by five minutes.
LEEWAY_SECONDS: Final = 300
# Microsoft’s have about a thousand.
TOKEN_CHARACTERS: Final = 4_096
ID_CHARACTERS: Final = 1_024
# An app that any tenant may install gets its tokens here.
ANY_TENANT: Final = "botframework.com"

_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Microsoft:
    """Where Microsoft's side is. ``on_loopback``: it is played on this machine, by a test or a developer's tool."""

    metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    login_url: str = "https://login.microsoftonline.com"
    on_loopback: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A key that Microsoft signs with, and the channels that it may speak for."""

    key: Any
    endorsements: Sequence[str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who the app is and whom it serves. Without an ``app_id`` nothing is authenticated: for development alone.

    ``home`` is the tenant where it is registered; ``further`` are other tenants that it serves, for which its
    registration must be one for many tenants. Without any tenant, in development, everybody is served.
    """

    app_id: str
    password: str
    home: str
    further: frozenset[str] = frozenset()
    many_tenants: bool = False

    @property
    def login_tenant(self) -> str:
        """Where the app gets its tokens."""
        return ANY_TENANT if self.many_tenants else self.home

    @property
    def tenants(self) -> frozenset[str]:
        """Whom the app serves, in lower case."""
        return frozenset(tenant.lower() for tenant in (self.home, *self.further) if tenant)


class Refused(Exception):
    """A request is answered with ``status`` and nothing is done. ``why`` holds no word of the request's."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(why)


def read_activity(body: bytes) -> Json:
    """The activity that a body holds, with what every activity has: strings where we rely on strings.

    Raises :class:`Refused` (400).
    """
    try:
        data = json.loads(body)
    # Nesting that is too deep for the parser is a RecursionError.
    except (ValueError, RecursionError):
        raise Refused(400, "not JSON") from None
    if not isinstance(data, dict):
        raise Refused(400, "no activity")
    for path in (("type",), ("channelId",), ("serviceUrl",), ("from", "id"), ("conversation", "id")):
        if not _word(data, *path):
            raise Refused(400, f"no {'.'.join(path)}")
    return data


def read_bearer(header: str) -> tuple[str, str]:
    """The token of an ``Authorization`` header, and the id of the key that it says it is signed with.

    Raises :class:`Refused` (401).
    """
    found = _BEARER.fullmatch(header) if len(header) <= TOKEN_CHARACTERS else None
    if not found:
        raise Refused(401, "no token")
    try:
        head = jwt.get_unverified_header(found[1])
    # The library trips over some tokens that are none with errors that are not its own.
    except Exception:
        raise Refused(401, "no token") from None
    kid = head.get("kid")
    if head.get("alg") != "RS256" or not isinstance(kid, str) or not kid:
        raise Refused(401, "not signed as it must be")
    return found[1], kid


def check_token(token: str, key: Key | None, app_id: str) -> str:
    """The service URL for which Microsoft made a token for this app. Raises :class:`Refused` (401)."""
    if key is None or CHANNEL not in key.endorsements:
        raise Refused(401, "not signed by a key for Teams")
    try:
        claims = jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience=app_id,
            issuer=ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud"]},
        )
    # As above; whatever it is, the token is not good.
    except Exception as error:
        raise Refused(401, f"not a good token ({type(error).__name__})") from None
    service_url = claims.get("serviceurl", claims.get("serviceUrl"))
    if not isinstance(service_url, str) or not service_url:
        raise Refused(401, "made for no service")
    return service_url


def check_place(credentials: Credentials, microsoft: Microsoft, activity: Json) -> None:
    """Check that an activity comes from Teams, from a tenant we serve, by a way that we may go back.

    Raises :class:`Refused` (403).
    """
    if activity["channelId"] != CHANNEL:
        raise Refused(403, "not from Teams")
    if not may_call(activity["serviceUrl"], on_loopback=microsoft.on_loopback):
        raise Refused(403, "a service that is not Microsoft’s")
    if credentials.tenants and tenant_of(activity) not in credentials.tenants:
        raise Refused(403, "another tenant")


def tenant_of(activity: Json) -> str:
    """The tenant that an activity is from, in lower case; empty where it does not say.

    The conversation names it too, but not always, and botbuilder loses it there.
    """
    return _word(activity, "channelData", "tenant", "id").lower()


def may_call(service_url: str, *, on_loopback: bool = False) -> bool:
    """Whether our token may go to a service URL: https at one of Microsoft's hosts, at its own port."""
    try:
        parts = urlsplit(service_url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        return False
    # Browsers and libraries do not agree on what a backslash or a blank in an address is.
    if re.search(r"[\\\s]", service_url):
        return False
    if on_loopback and parts.scheme == "http" and _is_loopback(host):
        return True
    return parts.scheme == "https" and host in SERVICE_HOSTS and port in (None, 443)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _word(data: Json, *path: str) -> str:
    found: object = data
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) and len(found) <= ID_CHARACTERS else ""
