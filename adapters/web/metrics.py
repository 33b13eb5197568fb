"""``/metrics`` for Prometheus, for whoever may read it; and how long chat platforms wait for our answers."""

from __future__ import annotations

import hmac
from time import monotonic

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.monitor import CONTENT_TYPE, Monitor

PATH = "/metrics"
NO_TOKEN = "Metrics are for those who watch over this Convenor. Send the token of CONVENOR_METRICS_TOKEN."  # noqa: S105
_PLATFORMS = (("/slack/", "slack"), ("/teams/", "teams"), ("/chat/", "local"))


def attach(app: web.Application, monitor: Monitor, *, token: str | None, open_here: bool) -> None:
    """Add the address where somebody may read it: with the token, or (``open_here``) without one on this machine."""
    app.middlewares.append(timed(monitor))
    if token is None and not open_here:
        return

    async def metrics(request: web.Request) -> web.Response:
        if token is not None and not _sends(request, token):
            raise web.HTTPUnauthorized(text=NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})
        return web.Response(body=await monitor.text(), headers={"Content-Type": CONTENT_TYPE})

    app.router.add_get(PATH, metrics)


def timed(monitor: Monitor) -> Middleware:
    """Measures what a chat platform waits for, from the first header to the answer."""

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        platform = platform_of(request)
        begun = monotonic()
        answer = await handler(request)
        # What is refused is no chat's doing, and would make the figures look good.
        if platform and answer.status < 400:
            monitor.acknowledged(platform, monotonic() - begun)
        return answer

    return measure


def platform_of(request: web.Request) -> str:
    """Which chat waits for the answer to a request; empty where it is a page for people."""
    if request.method != "POST":
        return ""
    return next((platform for start, platform in _PLATFORMS if request.path.startswith(start)), "")


def _sends(request: web.Request, token: str) -> bool:
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(errors="replace"), token.encode())
