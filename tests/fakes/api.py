"""A publisher's API on loopback: JSON documents by path."""

from __future__ import annotations

import copy
from types import TracebackType
from typing import Any, Self

from aiohttp import web


class FakeApi:
    """Serves ``documents`` on 127.0.0.1 while its ``async with`` lasts, by path, or by path and query.

    A number instead of a document is an HTTP status, a text is sent as it is. ``asked`` is what was asked, in order,
    and ``conditions`` the ETag that each asked about, if any: to one that is still right the answer is 304, unless
    ``knows_validators`` is off.
    """

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        self.accepted: list[str] = []
        self.conditions: list[str | None] = []
        self.knows_validators = True
        self._versions: dict[str, list[Any]] = {}
        self.port = 0
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        self.accepted.append(request.headers["Accept"])
        self.conditions.append(request.headers.get("If-None-Match"))
        found = self.documents.get(request.path_qs, self.documents.get(request.path, 404))
        if isinstance(found, int):
            return web.Response(status=found, headers={"Retry-After": "120"})
        if isinstance(found, str):
            return web.Response(text=found)
        versions = self._versions.setdefault(request.path_qs, [])
        if found not in versions:
            versions.append(copy.deepcopy(found))
        etag = f'"v{versions.index(found) + 1}"'
        if self.knows_validators and self.conditions[-1] == etag:
            return web.Response(status=304)
        return web.json_response(found, headers={"ETag": etag})
