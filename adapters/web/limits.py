"""How much one client may ask, and how long an answer may take.

A few lines of ours rather than a library: those that are kept make callers wait, or want a server to remember in, and
aiohttp has none. One process serves the web, so its own memory is enough.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestHandler

from adapters.web.answers import Bucket

PER_SECOND, AT_ONCE = 10.0, 200
"""A page brings two files with it, and whole offices share an address."""
MOST_CLIENTS = 10_000
FIRST_REQUEST_SECONDS = 20.0
QUIET_SECONDS = 75.0
"""How long a connection may be without a further request: longer than most web servers before us keep theirs."""
ANSWER_SECONDS = 30.0
"""Slack waits 3 seconds and Teams 10; whoever sends its request more slowly than this holds us up."""
_NEAR = tuple(
    map(
        ipaddress.ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10"),
    )
)
TOO_MANY = "Too much is being asked from where you are. Please try again in a few seconds."
TOO_SLOW = "This took too long, so it was given up. What you asked for may not have been done: look, then try again."

# Signed, and from few addresses of a platform that must never be refused; or for those who watch over us.
_UNLIMITED = ("/health", "/metrics", "/slack/events", "/teams/messages")
# On this machine alone, with answers that come when they come: a stream of changes, a site that is looked at.
_UNTIMED = ("/chat/",)


class Clients:
    """A bucket for each client, as many as fit; whoever was not heard of for longest is forgotten first."""

    def __init__(self, rate: float = PER_SECOND, most: int = AT_ONCE, clients: int = MOST_CLIENTS) -> None:
        self._rate, self._most, self._clients = rate, most, clients
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def may(self, client: str, now: float) -> bool:
        """Whether a client may ask once more. ``now`` is in seconds and never runs backwards."""
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = Bucket(self._rate, self._most)
            if len(self._buckets) > self._clients:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(client)
        return bucket.take(now)


def client_of(peer: str | None, forwarded: str, *, behind_proxy: int) -> str:
    """Who asks: an address, or of IPv6 the network that one household has. Empty where that is not to be limited.

    Behind so many proxies it is the address that the outermost of them added to X-Forwarded-For, counted from the end:
    what stands before it anybody can write. Without one, whoever is on this machine or its own network is not limited:
    as likely as not it is a web server that nobody has told us of, and all its readers would be one client.
    """
    words = peer or ""
    if behind_proxy:
        named = forwarded.split(",")
        words = _without_port(named[-behind_proxy].strip()) if len(named) >= behind_proxy else ""
    try:
        address = ipaddress.ip_address(words.strip("[]"))
    except ValueError:
        # A proxy that names nobody, or a socket without an address.
        return "unknown" if behind_proxy else ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif not _is_near(address):
            return str(ipaddress.ip_network((address, 64), strict=False))
    return "" if _is_near(address) and not behind_proxy else str(address)


def _without_port(words: str) -> str:
    """The address that a proxy names: some write the port behind it, ``192.0.2.1:443`` or ``[2001:db8::1]:443``."""
    if words.startswith("["):
        return words[1:].partition("]")[0]
    return words.partition(":")[0] if words.count(":") == 1 else words


def _is_near(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _NEAR if network.version == address.version)


def limited(clients: Clients, clock: Callable[[], float], *, behind_proxy: int) -> Middleware:
    """Refuses politely whoever asks too much."""

    @web.middleware
    async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in _UNLIMITED:
            forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
            client = client_of(request.remote, forwarded, behind_proxy=behind_proxy)
            if client and not clients.may(client, clock()):
                raise web.HTTPTooManyRequests(text=TOO_MANY, headers={"Retry-After": "5"})
        return await handler(request)

    return limit


@web.middleware
async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives up what takes too long, such as a body that comes a byte at a time."""
    if request.path.startswith(_UNTIMED):
        return await handler(request)
    try:
        async with asyncio.timeout(ANSWER_SECONDS) as time:
            return await handler(request)
    except TimeoutError:
        if not time.expired():
            raise
        raise web.HTTPRequestTimeout(text=TOO_SLOW) from None


class FirstRequests:
    """Closes connections on which no request comes: each costs us memory, and costs whoever opens it nothing."""

    def __init__(self, seconds: float = FIRST_REQUEST_SECONDS) -> None:
        self._seconds = seconds
        self._silent: dict[RequestHandler, float] = {}
        self._spoke: set[RequestHandler] = set()

    @web.middleware
    async def note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """On this connection a request has come."""
        self._spoke.add(request.protocol)
        return await handler(request)

    def look(self, connections: Collection[RequestHandler], now: float) -> int:
        """Close those that have been silent for too long; returns how many. ``now`` never runs backwards."""
        present = set(connections)
        self._spoke &= present
        self._silent = {each: self._silent.get(each, now) for each in present - self._spoke}
        late = [each for each, since in self._silent.items() if now - since >= self._seconds]
        for each in late:
            each.force_close()
        return len(late)

    async def keep_looking(self, server: web.Server) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(self._seconds / 4)
            self.look(server.connections, asyncio.get_running_loop().time())
