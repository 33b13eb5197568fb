"""How much one client may ask, and how long an answer may take.

A few lines of ours rather than a library: those that are kept make callers wait, or want a server to remember in, and
aiohttp has none. One process serves the web, so its own memory is enough.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.answers import Bucket

PER_SECOND, AT_ONCE = 10.0, 200
"""A page brings two files with it, and whole offices share an address."""
MOST_CLIENTS = 10_000
ANSWER_SECONDS = 30.0
"""Slack waits 3 seconds and Teams 10; whoever sends its request more slowly than this holds us up."""
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


def client_of(peer: str | None, forwarded: str, *, behind_proxy: bool) -> str:
    """Who asks: an address, or of IPv6 the network that one household has. Empty where that is not to be limited.

    Behind a proxy it is the last address that the proxy added to X-Forwarded-For: all before it anybody can write.
    Without one, whoever is on this machine is not limited.
    """
    words = forwarded.rpartition(",")[2].strip() if behind_proxy else peer or ""
    try:
        address = ipaddress.ip_address(words.strip("[]"))
    except ValueError:
        # A proxy that names nobody, or a socket without an address.
        return "unknown" if behind_proxy else ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif not address.is_loopback:
            return str(ipaddress.ip_network((address, 64), strict=False))
    return "" if address.is_loopback and not behind_proxy else str(address)


def limited(clients: Clients, clock: Callable[[], float], *, behind_proxy: bool) -> Middleware:
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
