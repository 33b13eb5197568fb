"""Signed requests as Slack sends them, over a real socket: what is let in, what is answered, what is done."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.slack import listeners
from adapters.slack.app import BODY_BYTES, PATH, SlackApp
from bot.messages import AskKind, Divider, Message, Reply, say
from bot.ports import TransportError
from digests.errors import ConfigError
from digests.model import Address
from tests.channels.slack_installation import SECRET, Installation, Json, desk, installed, slack
from tests.fakes.clock import FakeClock
from tests.fakes.slack_api import FakeSlackApi, slack_api
from tests.fakes.slack_desk import FakeDesk, FirstTimes

__all__ = ["desk", "slack"]

# What is let in


async def test_a_signed_command_is_acknowledged_and_answered(slack: Installation) -> None:
    assert await slack.send(slack.command_body("draft <@U02BOB|bob>")) == (200, "")
    ask = await slack.desk.asked()
    assert (ask.kind, ask.name, ask.words) == (AskKind.COMMAND, "digest", "draft @bob")
    assert ask.identity.key == "slack:T01:U01ALICE"
    assert ask.address == Address("slack", "T01", channel="C1")
    assert ask.received_at == slack.clock.now()
    answer = await slack.api.wait_for("hooks.1")
    assert answer["text"] == "digest: draft @bob"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=" + "é" * 64},
        {"X-Slack-Signature": "v0=abc"},
        {"X-Slack-Signature": "v1=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "1.5"},
        {"X-Slack-Request-Timestamp": "²"},
        {"X-Slack-Request-Timestamp": "9" * 400},
    ],
    ids=str,
)
async def test_an_unsigned_or_wrongly_signed_request_is_refused(slack: Installation, headers: dict[str, str]) -> None:
    status, body = await slack.send(slack.command_body(), headers=headers)
    assert status == 401
    assert "Traceback" not in body
    assert slack.desk.asks == []


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
async def test_a_request_of_another_time_is_refused(slack: Installation, seconds: int) -> None:
    status, _ = await slack.send(slack.command_body(), timestamp=str(int(time.time()) + seconds))
    assert status == 401
    assert slack.desk.asks == []


async def test_a_body_that_was_changed_after_signing_is_refused(slack: Installation) -> None:
    stamp = str(int(time.time()))
    body = slack.command_body("draft")
    signature = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-Slack-Signature": f"v0={signature}"}
    status, _ = await slack.send(body.replace("draft", "grant"), timestamp=stamp, headers=headers)
    assert status == 401
    assert slack.desk.asks == []


async def test_a_replayed_request_is_acknowledged_and_not_acted_on(slack: Installation) -> None:
    for make in (slack.command_body, slack.press_body, slack.submit_body):
        body, stamp = make(), str(int(time.time()))
        before = len(slack.desk.asks)
        assert (await slack.send(body, timestamp=stamp))[0] == 200
        await slack.desk.asked(before + 1)
        assert await slack.send(body, timestamp=stamp) == (200, "")
        await asyncio.sleep(0.05)
        assert len(slack.desk.asks) == before + 1


async def test_the_same_words_twice_are_two_asks(slack: Installation) -> None:
    await slack.send(slack.command_body("same"))
    await slack.send(slack.command_body("same"))
    await slack.desk.asked(2)
    assert len(slack.desk.asks) == 2


async def test_a_command_is_answered_even_where_repeats_cannot_be_told(slack: Installation) -> None:
    slack.first.fails = True
    assert (await slack.send(slack.command_body()))[0] == 200
    await slack.desk.asked()
    assert len(slack.desk.asks) == 1


async def test_a_request_that_is_too_large_is_refused_however_it_is_sent(slack: Installation) -> None:
    large = b"text=" + b"a" * BODY_BYTES
    assert (await slack.send(large))[0] == 413
    assert (await slack.send(gzip.compress(large), headers={"Content-Encoding": "gzip"}))[0] == 413

    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY_BYTES // 10_000 + 1):
            yield b"a" * 10_000

    async with slack.http.post(slack.url, data=in_pieces()) as answer:
        assert answer.status == 413


MALFORMED: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "application/x-www-form-urlencoded"),
    "no JSON": ("{", "application/json"),
    "a list": ("[1]", "application/json"),
    "a null": ("null", "application/json"),
    "deep nesting": ("[" * 100_000, "application/json"),
    "a payload of no JSON": ("payload=%7B", "application/x-www-form-urlencoded"),
    "a payload that is a list": ("payload=%5B%5D", "application/x-www-form-urlencoded"),
    "a payload that is a number": ("payload=7", "application/x-www-form-urlencoded"),
    "an empty payload": ("payload=", "application/x-www-form-urlencoded"),
    "bytes that are no text": (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
    "a user that is a number": ('{"type":"block_actions","user":5,"team":3}', "application/json"),
    "no actions": ('{"type":"block_actions","user":{"id":"U1"},"actions":[]}', "application/json"),
    "actions of nothing": ('{"type":"block_actions","user":{"id":"U1"},"actions":[null]}', "application/json"),
    "an action without id": ('{"type":"block_actions","user":{"id":"U1"},"actions":[{}]}', "application/json"),
    "a view of nothing": ('{"type":"view_submission","user":{"id":"U1"},"view":null}', "application/json"),
    "a view without state": (
        '{"type":"view_submission","user":{"id":"U1"},"view":{"callback_id":"x"}}',
        "application/json",
    ),
    "a command of nobody": ("command=%2Fdigest", "application/x-www-form-urlencoded"),
    "an event of nothing": ('{"type":"event_callback","event":null}', "application/json"),
    "an event without type": ('{"type":"event_callback","event":{}}', "application/json"),
    "an unknown kind": ('{"type":"from_the_future","user":{"id":"U1"}}', "application/json"),
    "an unknown content type": ("\x00\x01", "image/png"),
}


@pytest.mark.parametrize(("body", "content_type"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_signed_request_that_makes_no_sense_is_never_a_server_error(
    slack: Installation, body: str | bytes, content_type: str
) -> None:
    status, said = await slack.send(body, content_type=content_type)
    assert status < 500
    assert "Traceback" not in said
    assert slack.desk.asks == []
    assert (await slack.send(slack.command_body()))[0] == 200, "it must go on working"


async def test_a_broken_compressed_body_is_never_a_server_error(slack: Installation) -> None:
    status, _ = await slack.send(b"no gzip", headers={"Content-Encoding": "gzip"})
    assert 400 <= status < 500


async def test_slacks_check_of_the_address_is_answered(slack: Installation) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"})
    status, said = await slack.send(body, content_type="application/json")
    assert (status, json.loads(said)) == (200, {"challenge": "abc"})


async def test_an_event_is_acknowledged(slack: Installation) -> None:
    event = {"type": "app_home_opened", "user": "U01ALICE"}
    body = json.dumps({"type": "event_callback", "team_id": "T01", "event_id": "Ev1", "event": event})
    assert (await slack.send(body, content_type="application/json"))[0] == 200


async def test_whoever_opens_the_home_tab_is_shown_their_home(slack: Installation) -> None:
    slack.desk.replies = {"convenor": Reply((say("Hello Alice."),))}
    await slack.send(home_opened("home"), content_type="application/json")
    published = await slack.api.wait_for("views.publish")
    assert published["user_id"] == "U01ALICE"
    view = published["view"] if isinstance(published["view"], dict) else json.loads(published["view"])
    assert view["type"] == "home"
    assert "Hello Alice." in json.dumps(view)
    ask = await slack.desk.asked()
    assert (ask.name, ask.words, ask.identity.name, ask.address) == (
        "convenor",
        "home",
        "Alice Example",
        ask.identity.address,
    )


async def test_another_tab_of_ours_shows_no_home(slack: Installation) -> None:
    assert (await slack.send(home_opened("messages"), content_type="application/json"))[0] == 200
    await slack.send(slack.command_body())
    await slack.desk.asked()
    assert [ask.name for ask in slack.desk.asks] == ["digest"]


async def test_a_press_at_home_is_answered_in_direct_messages_and_shown_at_home(slack: Installation) -> None:
    view = {"id": "V1", "type": "home"}
    body = slack.press_body(channel=None, container={"type": "view", "view_id": "V1"}, view=view, response_url="")
    assert (await slack.send(body))[0] == 200
    await slack.api.wait_for("views.publish")
    said = await slack.api.wait_for("chat.postMessage")
    assert said["text"] == "entry.drop: 12 e3"
    assert [ask.name for ask in slack.desk.asks] == ["entry.drop", "convenor"]
    assert slack.desk.asks[0].address == slack.desk.asks[0].identity.address


def home_opened(tab: str) -> str:
    event = {"type": "app_home_opened", "user": "U01ALICE", "channel": "D1", "tab": tab}
    return json.dumps({"type": "event_callback", "team_id": "T01", "event_id": "Ev2", "event": event})


async def test_before_it_is_started_slack_is_asked_to_come_again() -> None:
    async with slack_api() as api, aiohttp.ClientSession() as http:
        app = slack_app(api)
        web_app = web.Application()
        app.attach(web_app)
        runner = web.AppRunner(web_app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with http.post(f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}", data=b"") as answer:
            assert answer.status == 503
        await runner.cleanup()


# What is answered


async def test_a_command_that_convenor_does_not_have_is_answered_with_those_it_has(slack: Installation) -> None:
    status, said = await slack.send(slack.command_body(command="/lunch"))
    assert status == 200
    assert said == "I have no such command. These are mine: /digest, /intro."
    assert slack.desk.asks == []


async def test_a_press_is_acknowledged_and_answered(slack: Installation) -> None:
    assert await slack.send(slack.press_body()) == (200, "")
    ask = await slack.desk.asked()
    assert (ask.kind, ask.name, ask.value, ask.message_ref) == (AskKind.PRESS, "entry.drop", "12 e3", "C1|5.6")
    assert (await slack.api.wait_for("hooks.1"))["text"] == "entry.drop: 12 e3"


async def test_the_acknowledgement_does_not_wait_for_the_answer(slack: Installation) -> None:
    slack.desk.pause = asyncio.Event()
    assert (await slack.send(slack.press_body()))[0] == 200
    assert (await slack.send(slack.command_body()))[0] == 200
    await slack.desk.asked(2)
    assert slack.api.of("hooks.1") == []
    slack.desk.pause.set()
    await slack.api.wait_for("hooks.1", 2)


async def test_a_person_goes_by_their_full_name_which_is_asked_for_once_an_hour(slack: Installation) -> None:
    for number in (1, 2):
        await slack.send(slack.command_body())
        assert (await slack.desk.asked(number)).identity.name == "Alice Example"
    assert len(slack.api.of("users.info")) == 1
    slack.clock.advance(minutes=61)
    await slack.send(slack.command_body())
    await slack.desk.asked(3)
    assert len(slack.api.of("users.info")) == 2


async def test_a_person_whose_name_slack_does_not_tell_goes_by_their_user_name(
    slack: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "NAME_SECONDS", 0.05)
    slack.api.refuses("users.info", "missing_scope")
    await slack.send(slack.command_body())
    assert (await slack.desk.asked()).identity.name == "alice"
    slack.clock.advance(minutes=6)
    slack.api.hangs("users.info", 5)
    await slack.send(slack.command_body())
    assert (await slack.desk.asked(2)).identity.name == "alice"


async def test_a_fault_of_the_desk_is_owned_up_to_and_logged_without_anybodys_words(
    slack: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    slack.desk.replies = {"digest": ValueError("a secret word")}
    await slack.send(slack.command_body())
    assert "Something went wrong" in (await slack.api.wait_for("hooks.1"))["text"]
    assert "ValueError" in caplog.text
    assert "a secret word" not in caplog.text


async def test_what_people_write_is_not_logged(slack: Installation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("slack_bolt").setLevel(logging.DEBUG)
    assert logging.getLogger("convenor.slack").isEnabledFor(logging.DEBUG), "Bolt must not quieten us"
    await slack.send(slack.command_body("my private need"))
    await slack.send(slack.command_body("my private need"), headers={"X-Slack-Signature": "v0=" + "0" * 64})
    await slack.send(slack.submit_body(need="my private need"))
    await slack.send(json.dumps({"type": "odd", "x": "my private need"}), content_type="application/json")
    await slack.api.wait_for("hooks.1")
    assert "private" not in caplog.text
    assert "xoxb-1" not in caplog.text
    assert SECRET not in caplog.text


# Starting and stopping


def slack_app(api: FakeSlackApi, **changes: Any) -> SlackApp:
    given: Json = {
        "bot_token": "xoxb-1",
        "app_token": None,
        "signing_secret": SECRET,
        "api_url": api.url,
        "desk": FakeDesk(),
        "commands": ("digest",),
        "clock": FakeClock(),
        "first_time": FirstTimes(),
    }
    return SlackApp(**(given | changes))


async def test_it_learns_which_workspace_it_is_in_and_asks_only_once(slack: Installation) -> None:
    assert slack.app.workspace == "T01"
    assert await slack.app.is_connected()
    for _ in range(3):
        await slack.send(slack.command_body())
    await slack.desk.asked(3)
    assert len(slack.api.of("auth.test")) == 1


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_bot_token_that_slack_does_not_take_is_said_so(code: str) -> None:
    async with slack_api() as api:
        api.refuses("auth.test", code)
        app = slack_app(api)
        with pytest.raises(ConfigError) as caught:
            await app.start()
        assert caught.value.problems[0].startswith("CONVENOR_SLACK_BOT_TOKEN: Slack does not take this token")
        assert not await app.is_connected()


@pytest.mark.parametrize("code", ["invalid_auth", "not_allowed_token_type"])
async def test_an_app_token_that_slack_does_not_take_is_said_so(code: str) -> None:
    async with slack_api() as api:
        api.refuses("apps.connections.open", code)
        app = slack_app(api, app_token="xapp-1")
        with pytest.raises(ConfigError) as caught:
            await app.start()
        assert caught.value.problems[0].startswith("CONVENOR_SLACK_APP_TOKEN: Slack does not take this token")
        assert not await app.is_connected()


async def test_a_slack_that_is_away_is_worth_another_try() -> None:
    async with slack_api() as api:
        api.breaks("auth.test", 503)
        with pytest.raises(TransportError) as caught:
            await slack_app(api).start()
        assert caught.value.retry


async def test_scopes_that_are_missing_are_named(caplog: pytest.LogCaptureFixture) -> None:
    async with slack_api() as api:
        api.scopes = "commands,chat:write"
        app = slack_app(api)
        await app.start()
        await app.stop()
    assert "lacks these scopes: im:write, mpim:write, users:read." in caplog.text


async def test_it_cannot_be_built_without_a_way_in() -> None:
    async with slack_api() as api:
        with pytest.raises(ConfigError, match="CONVENOR_SLACK_APP_TOKEN"):
            slack_app(api, signing_secret=None)


async def test_without_a_signing_secret_there_is_no_address_for_requests() -> None:
    async with slack_api() as api:
        web_app = web.Application()
        slack_app(api, signing_secret=None, app_token="xapp-1").attach(web_app)
        assert not list(web_app.router.routes())


async def test_a_process_that_only_sends_does_not_open_socket_mode() -> None:
    async with slack_api() as api:
        app = slack_app(api, app_token="xapp-1")
        await app.start(listen=False)
        await app.courier.post(Address("slack", "T01", channel="C1"), say("Hi"), key="k")
        assert await app.is_connected()
        await app.stop()
        assert [call.method for call in api.calls] == ["auth.test", "chat.postMessage"]


async def test_stopping_lets_what_has_begun_come_to_its_end() -> None:
    desk = FakeDesk(seconds=0.2)
    async with installed(desk) as slack:
        await slack.send(slack.command_body())
        await desk.asked()
        await slack.app.stop()
        assert len(slack.api.of("hooks.1")) == 1
        assert not await slack.app.is_connected()


async def test_the_courier_posts_to_this_workspace(slack: Installation) -> None:
    ref = await slack.app.courier.post(Address("slack", "T01", channel="C1"), Message("Hi", (Divider(),)), key="k")
    assert ref.startswith("C1|")
    assert slack.api.calls[-1].token == "xoxb-1"
