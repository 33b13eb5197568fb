"""Posting to Slack: what is sent, and what each way of failing means for the outbox."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import send
from adapters.slack.asks import Origin
from adapters.slack.render import render_message
from adapters.slack.send import SlackCourier, Whisperer, open_session
from bot.messages import Button, Buttons, Divider, Message, say
from bot.ports import TransportError
from digests.model import Address
from tests.fakes.slack_api import FakeSlackApi, slack_api

TEAM = "T01"
EDITORS = Address("slack", TEAM, channel="C0ED")
ALICE = Address("slack", TEAM, user="U01ALICE")


@pytest.fixture
async def api() -> AsyncIterator[FakeSlackApi]:
    async with slack_api() as fake:
        yield fake


@pytest.fixture
async def client(api: FakeSlackApi) -> AsyncIterator[AsyncWebClient]:
    async with open_session() as session:
        yield AsyncWebClient("xoxb-1", base_url=api.url, session=session, retry_handlers=[])


@pytest.fixture
def courier(client: AsyncWebClient) -> SlackCourier:
    return SlackCourier(client)


async def failure(courier: SlackCourier, address: Address = EDITORS) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await courier.post(address, say("Hello"), key="k1")
    return caught.value


async def update_failure(courier: SlackCourier) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await courier.update(EDITORS, "C0ED|1.2", say("Hello"))
    return caught.value


async def test_a_post_carries_its_delivery_and_gives_its_reference(courier: SlackCourier, api: FakeSlackApi) -> None:
    ref = await courier.post(EDITORS, say("1 < 2"), key="edition/12/1")
    (call,) = api.calls
    assert ref == "C0ED|1700000000.000001"
    assert call.token == "xoxb-1"
    assert call.args["channel"] == "C0ED"
    assert call.args["text"] == "1 &lt; 2"
    assert call.args["metadata"] == {"event_type": "convenor_delivery", "event_payload": {"key": "edition/12/1"}}
    assert call.args["unfurl_links"] is False
    assert call.args["unfurl_media"] is False
    assert not {"link_names", "parse", "thread_ts"} & set(call.args)
    assert call.args["blocks"][0]["elements"][0]["elements"] == [{"type": "text", "text": "1 < 2"}]


async def test_a_post_into_a_thread_names_the_message_it_hangs_on(courier: SlackCourier, api: FakeSlackApi) -> None:
    await courier.post(EDITORS, say("More"), key="k", thread_ref="C0ED|1700000000.000100")
    assert api.of("chat.postMessage")[0]["thread_ts"] == "1700000000.000100"


async def test_a_person_is_written_to_in_their_direct_messages(courier: SlackCourier, api: FakeSlackApi) -> None:
    assert (await courier.post(ALICE, say("Hello"), key="k")).startswith("D01ALICE|")
    await courier.post(ALICE, say("Again"), key="k2")
    assert api.of("conversations.open") == [{"users": "U01ALICE"}]
    assert [args["channel"] for args in api.of("chat.postMessage")] == ["D01ALICE", "D01ALICE"]


async def test_an_update_replaces_the_message_it_names(courier: SlackCourier, api: FakeSlackApi) -> None:
    await courier.update(EDITORS, "C0ED|1.2", say("New & better"))
    (args,) = api.of("chat.update")
    assert (args["channel"], args["ts"], args["text"]) == ("C0ED", "1.2", "New &amp; better")
    assert not {"link_names", "parse"} & set(args)


async def test_being_told_to_wait_is_kept_to(courier: SlackCourier, api: FakeSlackApi) -> None:
    api.limits("chat.postMessage", "17")
    error = await failure(courier)
    assert (error.retry_after_seconds, error.permanent, error.ambiguous, error.retry) == (17.0, False, False, True)
    assert len(api.calls) == 1, "the client must not retry by itself"


@pytest.mark.parametrize("retry_after", [None, "soon", ""])
async def test_being_told_to_wait_for_an_unreadable_time_is_half_a_minute(
    courier: SlackCourier, api: FakeSlackApi, retry_after: str | None
) -> None:
    api.limits("chat.postMessage", retry_after)
    assert (await failure(courier)).retry_after_seconds == 30.0


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("channel_not_found", "channel C0ED"),
        ("not_in_channel", "Invite the app"),
        ("is_archived", "Channel C0ED is archived"),
        ("token_revoked", "Reinstall the app"),
        ("invalid_auth", "Reinstall the app"),
        ("missing_scope", "docs/slack.md"),
        ("msg_too_long", "too long"),
        ("msg_blocks_too_long", "too long"),
        ("invalid_blocks", "fault of Convenor’s"),
        ("never_heard_of", "never_heard_of"),
    ],
)
async def test_a_refusal_needs_a_person_and_says_what_to_do(
    courier: SlackCourier, api: FakeSlackApi, code: str, says: str
) -> None:
    api.refuses("chat.postMessage", code)
    error = await failure(courier)
    assert (error.permanent, error.ambiguous, error.retry) == (True, False, False)
    assert says in error.sentence
    assert error.sentence[0].isupper()
    assert "C0ED" in error.subject


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable"])
async def test_a_failure_halfway_is_ambiguous_for_a_post_and_harmless_for_an_update(
    courier: SlackCourier, api: FakeSlackApi, code: str
) -> None:
    api.refuses("chat.postMessage", code)
    api.refuses("chat.update", code)
    assert (await failure(courier)).ambiguous
    error = await update_failure(courier)
    assert (error.ambiguous, error.permanent, error.retry) == (False, False, True)


async def test_a_refusal_that_passes_is_tried_again(courier: SlackCourier, api: FakeSlackApi) -> None:
    api.refuses("chat.postMessage", "request_timeout")
    error = await failure(courier)
    assert (error.ambiguous, error.permanent, error.retry) == (False, False, True)


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (500, "<html>", "text/html"),
        (502, "bad gateway", "text/plain"),
        (503, '{"ok": false}', "application/json"),
        (500, '{"ok": tr', "application/json"),
        (200, "<html>log in</html>", "text/html"),
        (200, "hello", "text/plain"),
        (200, "[]", "application/json"),
        (200, '{"ok": true}', "application/json"),
        (403, "no", "text/html"),
    ],
)
async def test_an_answer_that_says_nothing_is_ambiguous_for_a_post(
    courier: SlackCourier, api: FakeSlackApi, status: int, body: str, content_type: str
) -> None:
    api.breaks("chat.postMessage", status, body, content_type)
    error = await failure(courier)
    assert (error.ambiguous, error.permanent, error.retry) == (True, False, False)
    assert "look before sending again" in error.sentence


@pytest.mark.parametrize(
    ("status", "body", "content_type"), [(500, "<html>", "text/html"), (200, "hello", "text/plain")]
)
async def test_an_answer_that_says_nothing_is_no_harm_to_an_update(
    courier: SlackCourier, api: FakeSlackApi, status: int, body: str, content_type: str
) -> None:
    api.breaks("chat.update", status, body, content_type)
    error = await update_failure(courier)
    assert (error.ambiguous, error.permanent, error.retry) == (False, False, True)


async def test_a_lost_reply_to_a_post_is_ambiguous_and_is_not_sent_twice(
    courier: SlackCourier, api: FakeSlackApi
) -> None:
    api.loses_reply("chat.postMessage")
    assert (await failure(courier)).ambiguous
    assert len(api.of("chat.postMessage")) == 1


async def test_a_lost_reply_to_an_update_may_be_repeated(courier: SlackCourier, api: FakeSlackApi) -> None:
    api.loses_reply("chat.update")
    error = await update_failure(courier)
    assert (error.ambiguous, error.retry) == (False, True)


async def test_a_post_that_is_not_answered_in_time_is_ambiguous(
    api: FakeSlackApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "TOTAL_SECONDS", 0.2)
    api.hangs("chat.postMessage", 5)
    async with open_session() as session:
        client = AsyncWebClient("xoxb-1", base_url=api.url, session=session, retry_handlers=[])
        assert (await failure(SlackCourier(client))).ambiguous


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/api/", "http://no-such-host.invalid/api/"])
async def test_where_slack_cannot_be_reached_nothing_was_sent(url: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with open_session() as session:
        client = AsyncWebClient("xoxb-1", base_url=url.format(port=port), session=session, retry_handlers=[])
        error = await failure(SlackCourier(client))
    assert (error.ambiguous, error.permanent, error.retry) == (False, False, True)
    assert "Nothing was sent" in error.sentence


async def test_a_failure_to_open_direct_messages_is_never_ambiguous(courier: SlackCourier, api: FakeSlackApi) -> None:
    api.loses_reply("conversations.open")
    assert (await failure(courier, ALICE)).retry
    api.refuses("conversations.open", "user_disabled")
    error = await failure(courier, ALICE)
    assert (error.permanent, error.unreachable) == (True, True)
    assert "direct messages of U01ALICE" in error.sentence
    assert api.of("chat.postMessage") == []


async def test_a_message_that_slack_would_refuse_is_not_sent(courier: SlackCourier, api: FakeSlackApi) -> None:
    with pytest.raises(TransportError) as caught:
        await courier.post(EDITORS, Message("s", (Divider(),) * 51), key="k")
    assert caught.value.permanent
    assert "51 blocks" in caught.value.sentence
    assert api.calls == []


async def test_a_client_that_retries_is_not_accepted() -> None:
    with pytest.raises(AssertionError):
        SlackCourier(AsyncWebClient("xoxb-1"))


# Answers that one person sees


@pytest.fixture
def whisperer(client: AsyncWebClient, courier: SlackCourier) -> Whisperer:
    return Whisperer(client, courier)


def origin(api: FakeSlackApi, **changes: str) -> Origin:
    ways = {"channel": "C1", "thread_ts": "", "response_url": f"{api.url}hooks.1"}
    ways |= changes
    return Origin("U01ALICE", ways["channel"], ways["thread_ts"], response_url=ways["response_url"])


async def test_an_answer_to_a_command_goes_to_its_response_url(whisperer: Whisperer, api: FakeSlackApi) -> None:
    await whisperer.whisper(origin(api), TEAM, (say("One"), say("Two")))
    assert [call.method for call in api.calls] == ["hooks.1", "hooks.1"]
    first = api.calls[0].args
    assert first["response_type"] == "ephemeral"
    assert first["replace_original"] is False
    assert tuple(first["blocks"]) == render_message(say("One")).blocks


async def test_a_sixth_message_goes_another_way(whisperer: Whisperer, api: FakeSlackApi) -> None:
    await whisperer.whisper(origin(api), TEAM, tuple(say(str(n)) for n in range(7)))
    assert [call.method for call in api.calls] == ["hooks.1"] * 5 + ["chat.postEphemeral"] * 2


async def test_without_a_response_url_an_answer_goes_to_the_channel_and_thread(
    whisperer: Whisperer, api: FakeSlackApi
) -> None:
    await whisperer.whisper(origin(api, response_url="", thread_ts="1.2"), TEAM, (say("One"),))
    (args,) = api.of("chat.postEphemeral")
    assert (args["channel"], args["user"], args["thread_ts"]) == ("C1", "U01ALICE", "1.2")


async def test_an_answer_to_a_press_in_a_thread_goes_into_the_thread(whisperer: Whisperer, api: FakeSlackApi) -> None:
    await whisperer.whisper(origin(api, thread_ts="1.2"), TEAM, (say("One"),))
    assert [(call.method, call.args["thread_ts"]) for call in api.calls] == [("chat.postEphemeral", "1.2")]
    api.refuses("chat.postEphemeral", "not_in_channel")
    await whisperer.whisper(origin(api, thread_ts="1.2"), TEAM, (say("Two"),))
    assert api.calls[-1].method == "hooks.1"


async def test_an_answer_that_cannot_be_given_in_the_channel_comes_by_direct_message(
    whisperer: Whisperer, api: FakeSlackApi
) -> None:
    api.breaks("hooks.1", 404, "expired_url", "text/plain")
    api.refuses("chat.postEphemeral", "not_in_channel")
    await whisperer.whisper(origin(api), TEAM, (say("One"),))
    assert [call.method for call in api.calls] == [
        "hooks.1",
        "chat.postEphemeral",
        "conversations.open",
        "chat.postMessage",
    ]
    assert "metadata" not in api.calls[-1].args


async def test_an_answer_that_does_not_fit_is_owned_up_to(whisperer: Whisperer, api: FakeSlackApi) -> None:
    long = Message("s", (Buttons((Button("Go", "x", "v" * 3000),)),))
    await whisperer.whisper(origin(api), TEAM, (long, say("Two")))
    assert "does not fit" in api.calls[0].args["text"]
    assert api.calls[1].args["text"] == "Two"


async def test_two_people_get_one_conversation_with_us_and_a_lost_reply_opens_no_second_post(
    courier: SlackCourier, api: FakeSlackApi
) -> None:
    both = Address("slack", TEAM, user="U01ALICE,U02CAROL")
    await courier.post(both, say("Alice, meet Carol"), key="introduction:a1:0")
    assert api.of("conversations.open") == [{"users": "U01ALICE,U02CAROL"}]
    api.loses_reply("chat.postMessage")
    assert (await failure(courier, both)).ambiguous
    api.refuses("chat.postMessage", "missing_scope")
    assert "the direct messages of U01ALICE and U02CAROL" in (await failure(courier, both)).sentence
