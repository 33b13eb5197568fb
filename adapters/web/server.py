"""The web server: one port for health, the chat in the browser and whatever else is served over HTTP."""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.web.limits import QUIET_SECONDS, Clients, FirstRequests, limited, timed
from digests.errors import Busy, ConfigError

MAX_BODY_BYTES = 1_000_000
GRACE_SECONDS = 2.5  # for requests that are under way when we stop
HEALTH_SECONDS = 5.0
HEALTH_KEPT_SECONDS = 1.0
"""A look costs some milliseconds of the processor that chat needs."""

Health = Callable[[], Awaitable[Mapping[str, Any]]]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not no-referrer: with it, browsers send "Origin: null" where a POST must prove where it comes from.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# What makes a page of a problem (its title, its sentence), where somebody frames pages.
PROBLEM_PAGE: web.AppKey[Callable[[web.Request, str, str], str]] = web.AppKey("PROBLEM_PAGE")

TITLES = {404: "Not found", 410: "Withdrawn", 429: "Too many at once", 500: "Something went wrong"}
SENTENCES = {
    400: "This request could not be understood. Nothing was changed.",
    401: "You need to sign in to see this. Nothing was changed.",
    403: "You may not see or do this. Nothing was changed.",
    404: "There is no page at this address. Check the address, or begin at the first page.",
    410: "This was taken away and is not shown any more.",
    408: "This took too long, so it was given up. Try again.",
    405: "This address cannot be used in that way. Nothing was changed.",
    413: "What was sent is too large. Nothing was kept: send less and try again.",
    429: "Too much is being asked just now. Please try again in a few seconds.",
}

_log = logging.getLogger(__name__)


class WebServer:
    """Owns the aiohttp application: add routes to ``app``, then ``start`` it.

    ``health`` tells how we are: ``/health`` answers with it as JSON, 200 where its ``"ok"`` is true and 503 otherwise.
    ``port`` 0 takes any free port; after ``start`` the ``port`` attribute says which. ``https`` tells browsers never to
    come without it; ``behind_proxy`` how many web servers of ours stand before us and name who asks.
    """

    def __init__(self, host: str, port: int, health: Health, *, https: bool = False, behind_proxy: int = 0) -> None:
        self.host = host
        self.port = port
        limit = limited(Clients(), time.monotonic, behind_proxy=behind_proxy)
        self._first_requests = FirstRequests()
        self.app = web.Application(
            middlewares=[self._first_requests.note, _polite_errors, limit, timed], client_max_size=MAX_BODY_BYTES
        )
        self.app.on_response_prepare.append(_set_headers)
        if https:
            self.app.on_response_prepare.append(_only_https)
        self.app.router.add_get("/health", self._health)
        self._ask_health = health
        self._looking_at_health = asyncio.Lock()
        self._looked: tuple[float, Mapping[str, Any]] | None = None
        self._runner: web.AppRunner | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where a browser on this machine finds us, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises :class:`Busy` where the port is taken, :class:`ConfigError` where it cannot be had at all."""
        # aiohttp waits twice: once for requests to end, once more after cancelling them.
        runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=GRACE_SECONDS / 2, keepalive_timeout=QUIET_SECONDS
        )
        await runner.setup()
        site = web.TCPSite(runner, self.host, self.port)
        try:
            await site.start()
        except OSError as refused:
            await runner.cleanup()
            raise _why(refused, self.host, self.port) from None
        self._runner = runner
        self.port = site.port
        assert runner.server is not None
        self._looking = asyncio.create_task(self._first_requests.keep_looking(runner.server))

    async def stop(self) -> None:
        """Stop listening, and give what is under way a moment to end. Safe to call twice."""
        runner, self._runner = self._runner, None
        if self._looking is not None:
            self._looking.cancel()
        if runner is not None:
            await runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        # Anybody may ask, as often as they like: all who ask within a moment have the same look.
        async with self._looking_at_health:
            if self._looked is None or time.monotonic() - self._looked[0] > HEALTH_KEPT_SECONDS:
                content = await self._look_at_health()
                self._looked = time.monotonic(), content
        content = self._looked[1]
        return web.json_response(content, status=200 if content.get("ok") else 503)

    async def _look_at_health(self) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                return await self._ask_health()
        except TimeoutError:
            return {"ok": False, "reason": f"Looking took longer than {HEALTH_SECONDS:g} seconds."}
        except Exception:
            _log.exception("the health check itself failed")
            return {"ok": False, "reason": "The health check itself failed; the log says why."}


def _why(refused: OSError, host: str, port: int) -> Busy | ConfigError:
    if refused.errno == errno.EADDRINUSE:
        sentence = f"Port {port} on {host} is in use by another program. Stop it, or set CONVENOR_PORT to another port."
        return Busy("", sentence)
    if refused.errno == errno.EACCES:
        return ConfigError(
            [f"CONVENOR_PORT: this account may not listen on port {port} of {host}. Choose a port above 1023."]
        )
    return ConfigError([f"CONVENOR_HOST: this machine cannot listen on {host}. Use 127.0.0.1 or 0.0.0.0."])


async def _set_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "Convenor"


async def _only_https(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Strict-Transport-Security", f"max-age={365 * 24 * 3600}")


@web.middleware
async def _polite_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as problem:
        if problem.status < 400:
            raise
        response = _page(request, problem.status, _sentence(problem))
        for name in ("Allow", "Retry-After"):
            if name in problem.headers:
                response.headers[name] = problem.headers[name]
        return response
    except Exception:
        reference = secrets.token_hex(4)
        resource = request.match_info.route.resource
        # The route's pattern and not the path: a path may hold what is not for logs.
        _log.exception(
            "reference %s: %s %s failed", reference, request.method, resource.canonical if resource else "(no route)"
        )
        return _page(
            request,
            500,
            f"Something went wrong on our side, and what you asked for may not have been done. "
            f"Try again; if it goes wrong again, tell the people who run Convenor this reference: {reference}.",
        )


def _sentence(problem: web.HTTPException) -> str:
    # What a handler wrote itself is for people; aiohttp's own text ("404: Not Found") is not.
    if problem.text and problem.text != f"{problem.status}: {problem.reason}" and problem.status != 413:
        return problem.text
    return SENTENCES.get(problem.status, SENTENCES[400])


def _page(request: web.Request, status: int, sentence: str) -> web.Response:
    if "text/html" not in request.headers.get("Accept", ""):
        return web.Response(status=status, text=sentence + "\n")
    make = request.config_dict.get(PROBLEM_PAGE, _plain_page)
    return web.Response(
        status=status, text=make(request, TITLES.get(status, "That did not work"), sentence), content_type="text/html"
    )


def _plain_page(_: web.Request, title: str, sentence: str) -> str:
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{escape(title)}</title>\n</head>\n<body>\n<main>\n'
        f'<h1>{escape(title)}</h1>\n<p>{escape(sentence)}</p>\n<p><a href="/">The first page</a></p>\n'
        "</main>\n</body>\n</html>\n"
    )
