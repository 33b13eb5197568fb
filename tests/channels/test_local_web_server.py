"""The web server: health, polite errors, safe headers, and a plain sentence where the port is taken."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import ClientSession, web

from adapters.web import MAX_BODY_BYTES, WebServer
from adapters.web.limits import FIRST_REQUEST_SECONDS
from digests.errors import Busy, ConfigError


class Health:
    def __init__(self) -> None:
        self.content: Mapping[str, Any] | Exception = {"ok": True, "sources": 12}
        self.looks = 0

    async def __call__(self) -> Mapping[str, Any]:
        self.looks += 1
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def server(health: Health) -> AsyncIterator[WebServer]:
    async def fail(_: web.Request) -> web.Response:
        raise RuntimeError("the secret is 1234")

    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async def gone(_: web.Request) -> web.Response:
        raise web.HTTPNotFound(text="There is no edition <30>.")

    server = WebServer("127.0.0.1", 0, health)
    server.app.router.add_get("/fail/{name}", fail)
    server.app.router.add_get("/gone", gone)
    server.app.router.add_post("/echo", echo)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: WebServer) -> AsyncIterator[ClientSession]:
    async with ClientSession(server.url) as session:
        yield session


async def test_health_is_200_while_all_is_well(client: ClientSession) -> None:
    answer = await client.get("/health")
    assert answer.status == 200
    assert await answer.json() == {"ok": True, "sources": 12}


@pytest.mark.parametrize("content", [{"ok": False, "reason": "No feed was read today."}, {}, RuntimeError("broken")])
async def test_health_is_503_where_something_is_wrong_or_unknown(
    client: ClientSession, health: Health, content: Mapping[str, Any] | Exception
) -> None:
    health.content = content
    answer = await client.get("/health")
    assert answer.status == 503
    assert "broken" not in await answer.text()


async def test_however_many_ask_how_we_are_it_is_looked_once_in_a_while(client: ClientSession, health: Health) -> None:
    answers = await asyncio.gather(*(client.get("/health") for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert health.looks == 1


async def test_a_connection_on_which_no_request_comes_is_closed_and_others_are_not(server: WebServer) -> None:
    opened = [await asyncio.open_connection(server.host, server.port) for _ in range(3)]
    (_, nothing), (_, half), (reader, whole) = opened
    half.write(b"GET /health HTTP/1.1\r\nHost:")
    whole.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    runner = server._runner
    assert runner is not None
    assert runner.server is not None
    first, now = server._first_requests, 1_000.0
    assert first.look(runner.server.connections, now) == 0
    assert first.look(runner.server.connections, now + FIRST_REQUEST_SECONDS - 1) == 0
    assert first.look(runner.server.connections, now + FIRST_REQUEST_SECONDS) == 2
    for silent, _ in opened[:2]:
        assert await asyncio.wait_for(silent.read(), 30) == b""
    whole.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"HTTP/1.1 200" in await asyncio.wait_for(reader.readuntil(b"200 OK"), 30)
    for writer in (nothing, half, whole):
        writer.close()


async def test_every_answer_carries_the_safe_headers(client: ClientSession) -> None:
    for path in ("/health", "/nothing-here"):
        answer = await client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "Convenor"


async def test_a_missing_page_is_said_in_a_page_for_browsers_and_in_a_line_for_programs(client: ClientSession) -> None:
    page = await client.get("/nothing-here", headers={"Accept": "text/html"})
    assert (page.status, page.content_type) == (404, "text/html")
    assert "There is no page at this address." in await page.text()
    line = await client.get("/nothing-here")
    assert (line.status, line.content_type) == (404, "text/plain")


async def test_what_a_handler_says_itself_is_shown_and_escaped(client: ClientSession) -> None:
    page = await client.get("/gone", headers={"Accept": "text/html"})
    assert "There is no edition &lt;30&gt;." in await page.text()


async def test_a_wrong_method_is_told_which_ones_are_right(client: ClientSession) -> None:
    answer = await client.post("/gone")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


async def test_a_fault_gives_a_reference_and_keeps_the_details_to_the_log(
    client: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/fail/alice")
    said = await answer.text()
    assert answer.status == 500
    assert "1234" not in said
    reference = said.strip().rstrip(".")[-8:]
    assert reference in caplog.messages[0]
    assert "alice" not in caplog.messages[0]


async def test_too_much_is_refused(client: ClientSession) -> None:
    assert (await client.post("/echo", data=b"x" * MAX_BODY_BYTES)).status == 200
    answer = await client.post("/echo", data=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status == 413
    assert "too large" in await answer.text()


async def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = WebServer("127.0.0.1", port, Health())
        with pytest.raises(Busy) as busy:
            await server.start()
        await server.stop()
    assert str(busy.value) == (
        f"Port {port} on 127.0.0.1 is in use by another program. Stop it, or set CONVENOR_PORT to another port."
    )


async def test_an_address_of_another_machine_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ConfigError, match=r"CONVENOR_HOST: this machine cannot listen on 192\.0\.2\.1"):
        await WebServer("192.0.2.1", 0, Health()).start()


async def test_stopping_waits_a_moment_for_what_is_under_way_and_no_longer() -> None:
    begun = asyncio.Event()

    async def endless(_: web.Request) -> web.Response:
        begun.set()
        await asyncio.sleep(60)
        return web.Response()

    server = WebServer("127.0.0.1", 0, Health())
    server.app.router.add_get("/endless", endless)
    await server.start()
    async with ClientSession(server.url) as session:
        asking = asyncio.create_task(session.get("/endless"))
        await begun.wait()
        before = asyncio.get_running_loop().time()
        await server.stop()
        assert asyncio.get_running_loop().time() - before < 3.5
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
