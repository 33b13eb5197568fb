"""Whatever comes in at whatever address: never an error of ours, and nothing is done that was not asked rightly."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

import bot.app.teams
from adapters.slack.app import PATH as SLACK_PATH
from adapters.teams.app import PATH as TEAMS_PATH
from adapters.teams.security import Microsoft
from adapters.web import MAX_BODY_BYTES
from adapters.web.limits import AT_ONCE, Clients, client_of
from bot.app import EVERYTHING, serve
from config.settings import load_settings
from tests.contract.databases import TEST_KEY, sqlite_url
from tests.fakes.slack_api import slack_api
from tests.fakes.teams_record import APP_ID, PASSWORD, TENANT
from tests.fakes.teams_service import TeamsService
from tests.fakes.teams_tokens import a_token

SIGNING_SECRET = "the-signing-secret-of-slack"
TOKEN = "the-token-of-metrics-1"
PROXY = "203.0.113.7"
JSON_TYPE = {"Content-Type": "application/json"}
# What cannot be said in a header at all.
SAYABLE = st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f\x85")
NO_SIGNATURE = "v0=" + "0" * 64
WORDS = st.text(SAYABLE, max_size=40)
HEADERS = st.dictionaries(
    st.sampled_from(
        (
            "Accept", "Accept-Encoding", "Authorization", "Content-Encoding", "Content-Type", "Cookie", "If-Match",
            "If-Modified-Since", "If-None-Match", "Origin", "Range", "X-Forwarded-For", "X-Slack-Retry-Num",
            "X-Slack-Request-Timestamp", "X-Slack-Signature",
        )
    ),
    WORDS
    | st.sampled_from(("application/json", "text/html", "gzip", "deflate", "Bearer x", "bytes=0-", "*", NO_SIGNATURE)),
    max_size=5,
)  # fmt: skip
PARTS = st.text(min_size=1, max_size=30) | st.sampled_from(("alice", "everybody", "30", "ai"))
METHODS = st.sampled_from(("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"))
PARAMETER = re.compile(r"\{[^{}]+(?:\{[^{}]*\}[^{}]*)*\}")


@dataclass
class Door:
    """A running Convenor, and the loop that it runs in."""

    runner: asyncio.Runner
    url: str
    routes: list[str]
    http: aiohttp.ClientSession

    def knock(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, dict[str, str], str]:
        """The status, the headers and the text of one answer."""

        async def call() -> tuple[int, dict[str, str], str]:
            address = URL(self.url + path, encoded=True)
            async with self.http.request(
                method, address, headers=headers, data=body or None, allow_redirects=False
            ) as answer:
                if answer.content_type == "text/event-stream":
                    return answer.status, dict(answer.headers), ""
                return answer.status, dict(answer.headers), (await answer.read()).decode("utf-8", "replace")

        return self.runner.run(call())


def _opened(folder: Path, **given: str) -> Iterator[Door]:
    """Convenor in this process, with what can be reached from outside."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start() -> Door:
            values = {
                "DATABASE_URL": sqlite_url(folder),
                "ENCRYPTION_KEYS": TEST_KEY,
                "OFFLINE": "1",
                "PORT": str(_free_port()),
                **given,
            }
            if "SLACK_SIGNING_SECRET" in given:
                api = await stack.enter_async_context(slack_api())
                values["SLACK_API_URL"] = api.url
            if "TEAMS_APP_ID" in given:
                await stack.enter_async_context(microsoft_here())
            chosen = load_settings({f"CONVENOR_{name}": value for name, value in values.items()}, env_file=None)
            service = await stack.enter_async_context(serve(chosen, EVERYTHING, name="test", ticking=False))
            routes = sorted({route.canonical for route in service.web.app.router.resources()})
            http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
            return Door(runner, service.url, routes, http)

        try:
            yield runner.run(start())
        finally:
            runner.run(stack.aclose())


@asynccontextmanager
async def microsoft_here() -> AsyncIterator[TeamsService]:
    """Microsoft on this machine, for a Convenor that is started meanwhile."""
    service = TeamsService()
    async with service.listening():
        with pytest.MonkeyPatch.context() as patch:
            where = Microsoft(service.metadata_url, service.login_url, on_loopback=True)
            patch.setattr(bot.app.teams, "microsoft", lambda settings: where)
            yield service


def _free_port() -> int:

    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A Convenor behind a web server, with Slack over HTTP and workspaces that add it by themselves."""
    yield from _opened(
        tmp_path_factory.mktemp("public"),
        PUBLIC_URL="https://digest.example.org",
        BEHIND_PROXY="1",
        METRICS_TOKEN=TOKEN,
        SLACK_SIGNING_SECRET=SIGNING_SECRET,
        SLACK_CLIENT_ID="1.2",
        SLACK_CLIENT_SECRET="the-client-secret",
        SLACK_WORKSPACES="T01",
        TEAMS_APP_ID=APP_ID,
        TEAMS_APP_PASSWORD=PASSWORD,
        TEAMS_TENANT=TENANT,
    )


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A Convenor with the chat in the browser."""
    yield from _opened(tmp_path_factory.mktemp("local"), LOCAL_CHAT="1")


def _filled(route: str, words: list[str]) -> str:
    rest = iter(words)
    return PARAMETER.sub(lambda _: quote(next(rest, "1"), safe=""), route)


def _shaken(door: Door, turn: list[int]) -> None:
    @settings(max_examples=250, deadline=None)
    @given(
        route=st.sampled_from([*door.routes, "/nowhere", "//", "/%00", "/%ff/..", "/editions/" + "9" * 5000]),
        parts=st.lists(
            st.text(min_size=1, max_size=30) | st.sampled_from(("alice", "everybody", "30", "ai")), max_size=3
        ),
        query=st.text(max_size=60),
        method=METHODS,
        headers=HEADERS,
        body=st.binary(max_size=300),
    )
    def shake(route: str, parts: list[str], query: str, method: str, headers: dict[str, str], body: bytes) -> None:
        turn[0] += 1
        # Each from somewhere else, so that nobody is refused for asking too much.
        sent = {"X-Forwarded-For": f"198.51.{turn[0] // 250 % 250}.{turn[0] % 250}", **headers}
        path = _filled(route, parts) + (f"?{quote(query)}" if query else "")
        status, got, words = door.knock(method, path, headers=sent, body=body)
        assert status < 500, words
        if status < 300:
            # Nothing but reading is allowed without a signature, or without coming from our own page.
            assert method in ("GET", "HEAD")
            assert "Content-Security-Policy" in got
        assert "Traceback" not in words

    shake()


def test_whatever_is_asked_of_a_public_convenor_is_never_an_error(public: Door) -> None:
    assert {"/", "/health", "/metrics", "/search", "/slack/events", "/teams/messages"} <= set(public.routes)
    _shaken(public, [0])


def test_whatever_is_asked_of_the_chat_in_the_browser_is_never_an_error(local: Door) -> None:
    assert "/chat/{person}/{room}/say" in local.routes
    _shaken(local, [0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def test_whatever_comes_from_our_own_page_in_the_browser_is_never_an_error(local: Door) -> None:
    fields = ("words", "line", "action", "value", "fields", "form", "name", "kept")

    @settings(max_examples=120, deadline=None)
    @given(
        act=st.sampled_from(("say", "press", "submit")),
        person=st.sampled_from(("alice", "bob", "nobody")),
        room=st.sampled_from(("everybody", "editors", "digest", "nowhere")),
        data=st.dictionaries(st.sampled_from(fields), JSON, max_size=5) | JSON,
    )
    def shake(act: str, person: str, room: str, data: Any) -> None:
        headers = {"Origin": local.url, "Content-Type": "application/json"}
        body = json.dumps(data).encode()
        status, _, words = local.knock("POST", f"/chat/{person}/{room}/{act}", headers=headers, body=body)
        assert status < 500, words

    shake()


def _signed(body: bytes, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    mark = hmac.new(SIGNING_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mark}"}


def test_whatever_slack_signs_is_never_an_error(public: Door) -> None:
    kinds = st.sampled_from(("event_callback", "block_actions", "view_submission", "shortcut", "url_verification", "x"))

    @settings(max_examples=120, deadline=None)
    @given(
        kind=kinds, data=st.dictionaries(st.sampled_from(("event", "team", "user", "view", "actions")), JSON), form=...
    )
    def shake(kind: str, data: dict[str, Any], form: bool) -> None:
        words = json.dumps({"type": kind, **data})
        body = ("payload=" + quote(words)).encode() if form else words.encode()
        sort = "application/x-www-form-urlencoded" if form else "application/json"
        status, _, answer = public.knock(
            "POST", "/slack/events", headers={"Content-Type": sort, **_signed(body)}, body=body
        )
        assert status < 500, answer

    shake()


def test_what_slack_did_not_sign_or_signed_long_ago_is_refused(public: Door) -> None:
    body = b"command=%2Fdigest&team_id=T01&user_id=U1"
    sort = {"Content-Type": "application/x-www-form-urlencoded"}
    for headers in ({}, _signed(b"another body"), _signed(body, time.time() - 400), _signed(body, time.time() + 400)):
        assert public.knock("POST", "/slack/events", headers={**sort, **headers}, body=body)[0] == 401


def test_what_microsoft_did_not_sign_is_refused(public: Door) -> None:
    body = json.dumps({"type": "message", "serviceUrl": "https://smba.trafficmanager.net/emea/"}).encode()
    sort = {"Content-Type": "application/json"}
    forged = a_token("https://smba.trafficmanager.net/emea/").rpartition(".")[0] + "." + "A" * 342
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {forged}"}):
        assert public.knock("POST", "/teams/messages", headers={**sort, **headers}, body=body)[0] in (401, 403)


@pytest.mark.parametrize("path", ["/slack/events", "/teams/messages", "/search", "/nowhere"])
def test_what_is_too_large_is_refused(public: Door, path: str) -> None:
    body = b"x" * (MAX_BODY_BYTES + 1)
    status, _, _ = public.knock(
        "POST", path, headers={**JSON_TYPE, "X-Forwarded-For": PROXY, **_signed(body)}, body=body
    )
    # Whoever has no token of Microsoft is not even read.
    assert status == {"/slack/events": 413, "/teams/messages": 401, "/search": 405, "/nowhere": 404}[path]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS where none is spoken
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 100_000),
        b"GET / HTTP/1.1\r\nHost: x\r\nA: %s\r\n\r\n" % (b"a" * 100_000),
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"\r\n\r\n\0",
    ],
    ids=lambda sent: repr(sent[:20]),
)
def test_what_is_no_http_is_refused(public: Door, sent: bytes) -> None:
    async def say() -> bytes:
        url = URL(public.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(sent)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(4000), 30)
        writer.close()
        return answer

    answer = public.runner.run(say())
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert b"Traceback" not in answer
    assert public.knock("GET", "/health")[0] == 200


def test_every_answer_has_the_headers_that_keep_browsers_safe(public: Door) -> None:
    for path in ("/", "/editions", "/feed.atom", "/nowhere", "/health", "/slack/install", "/editions/30.html"):
        _, headers, _ = public.knock("GET", path, headers={"X-Forwarded-For": PROXY})
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert headers["Server"] == "Convenor"


def test_without_https_nobody_is_told_to_come_by_it_alone(local: Door) -> None:
    assert "Strict-Transport-Security" not in local.knock("GET", "/health")[1]


def test_metrics_of_a_public_convenor_are_for_whoever_has_the_token(public: Door, local: Door) -> None:
    assert public.knock("GET", "/metrics")[0] == 401
    status, headers, words = public.knock("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "convenor_deliveries_stuck 0.0" in words
    assert local.knock("GET", "/metrics")[0] == 200


def test_whoever_asks_too_much_is_refused_for_a_while_and_others_are_not(public: Door) -> None:
    asked = [
        public.knock("GET", "/robots.txt", headers={"X-Forwarded-For": "192.0.2.9"})[0] for _ in range(AT_ONCE + 30)
    ]
    assert asked[:AT_ONCE] == [200] * AT_ONCE
    assert 429 in asked
    status, headers, words = public.knock("GET", "/", headers={"X-Forwarded-For": "192.0.2.9, 192.0.2.9"})
    assert (status, headers["Retry-After"]) == (429, "5")
    assert words == "Too much is being asked from where you are. Please try again in a few seconds.\n"
    assert public.knock("GET", "/robots.txt", headers={"X-Forwarded-For": "192.0.2.10"})[0] == 200
    # Whoever writes a false name before what the proxy adds is still themselves.
    assert public.knock("GET", "/", headers={"X-Forwarded-For": "192.0.2.99, 192.0.2.9"})[0] == 429
    assert public.knock("GET", "/health", headers={"X-Forwarded-For": "192.0.2.9"})[0] == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind", "client"),
    [
        ("203.0.113.5", "", 0, "203.0.113.5"),
        ("203.0.113.5", "192.0.2.1", 0, "203.0.113.5"),
        ("127.0.0.1", "192.0.2.1", 0, ""),
        ("::1", "", 0, ""),
        ("172.18.0.1", "", 0, ""),
        ("fd00::1", "", 0, ""),
        ("::ffff:10.0.0.7", "192.0.2.1", 0, ""),
        ("10.0.0.7", "10.1.1.1", 1, "10.1.1.1"),
        (None, "", 0, ""),
        ("127.0.0.1", "198.51.100.1, 192.0.2.1", 1, "192.0.2.1"),
        ("127.0.0.1", "10.1.1.1, 198.51.100.1, 192.0.2.1", 2, "198.51.100.1"),
        ("127.0.0.1", "192.0.2.1", 2, "unknown"),
        ("127.0.0.1", "", 1, "unknown"),
        ("127.0.0.1", "192.0.2.1, nonsense", 1, "unknown"),
        ("2001:db8:1:2:3::4", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "", 0, "203.0.113.5"),
        ("10.0.0.1", "[2001:db8::1]", 1, "2001:db8::/64"),
        ("10.0.0.1", "[2001:db8::1]:443", 1, "2001:db8::/64"),
        ("10.0.0.1", "2001:db8::1", 1, "2001:db8::/64"),
        ("10.0.0.1", "203.0.113.7:51234", 1, "203.0.113.7"),
    ],
)
def test_who_asks(peer: str | None, forwarded: str, behind: int, client: str) -> None:
    assert client_of(peer, forwarded, behind_proxy=behind) == client


def test_only_so_many_clients_are_remembered() -> None:
    clients = Clients(rate=1, most=1, clients=2)
    assert clients.may("a", 0)
    assert not clients.may("a", 0.5)
    assert clients.may("a", 2)
    for other in ("b", "c"):
        assert clients.may(other, 2)
    assert clients.may("a", 2), "whoever was forgotten begins anew"


def test_the_addresses_of_chat_platforms_are_not_limited(public: Door) -> None:
    one = {**JSON_TYPE, "X-Forwarded-For": "192.0.2.20"}
    for path in (SLACK_PATH, TEAMS_PATH):
        assert {public.knock("POST", path, headers=one, body=b"x")[0] for _ in range(AT_ONCE + 20)} <= {400, 401, 403}
    body = b"ssl_check=1&token=x"
    sort = {"Content-Type": "application/x-www-form-urlencoded"}
    assert public.knock("POST", SLACK_PATH, headers={**sort, **_signed(body)}, body=body)[0] == 200
