"""Calling Teams: what is sent, that one call is one request, and what each way of failing tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.teams import connector as module
from adapters.teams.connector import Connector, ConnectorTrouble, Person
from adapters.teams.limits import CARD_BYTES, size
from adapters.teams.security import Credentials, Microsoft
from tests.fakes.teams_record import ALICE, APP_ID, PASSWORD, TENANT, Json, Place
from tests.fakes.teams_service import TeamsService, teams_service

HELLO: Json = {"type": "message", "text": "Hello"}


@pytest.fixture
async def service() -> AsyncIterator[TeamsService]:
    async with teams_service() as service:
        service.installed.add(ALICE.aad)
        yield service


def microsoft(service: TeamsService) -> Microsoft:
    return Microsoft(service.metadata_url, service.login_url, on_loopback=True)


@pytest.fixture
async def connector(service: TeamsService) -> AsyncIterator[Connector]:
    async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft(service)) as connector:
        yield connector


@pytest.fixture
def editors(service: TeamsService) -> Place:
    return service.teams[0].channels[1]


def chat(service: TeamsService) -> Json:
    return {"members": [{"id": ALICE.aad}], "channelData": {"tenant": {"id": TENANT}}, "isGroup": False}


async def trouble(call: Awaitable[object]) -> ConnectorTrouble:
    with pytest.raises(ConnectorTrouble) as caught:
        await call
    return caught.value


Call = Callable[[Connector, TeamsService, Place], Awaitable[object]]
# Each with the name under which the service counts it.
CALLS: dict[str, Call] = {
    "post": lambda c, s, p: c.post(s.service_url, p.id, HELLO),
    "create": lambda c, s, p: c.create(s.service_url, chat(s)),
    "update": lambda c, s, p: c.update(s.service_url, p.id, s.add(p, "", HELLO).id, HELLO),
    "member": lambda c, s, p: c.member(s.service_url, p.id, ALICE.aad),
}


async def test_a_message_is_posted_with_our_token_and_changed(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    activity_id = await connector.post(service.service_url, editors.id, HELLO)
    reply = await connector.post(service.service_url, f"{editors.id};messageid={activity_id}", HELLO)
    await connector.update(service.service_url, editors.id, activity_id, {"type": "message", "text": "Hello all"})
    root, below = service.messages(editors)
    assert (root.id, root.words(), root.updates) == (activity_id, "Hello all", 1)
    assert (below.id, below.root) == (reply, activity_id)
    assert {call.token for call in service.of("post") + service.of("update")} == {f"token-1-of-{TENANT}"}
    assert service.of("post")[1].path.endswith(f"/conversations/{editors.id};messageid={activity_id}/activities")


async def test_the_chat_with_a_person_is_made_once_however_often_it_is_asked_for(
    service: TeamsService, connector: Connector
) -> None:
    first = await connector.create(service.service_url, chat(service))
    assert first == await connector.create(service.service_url, chat(service)) == (service.chat_with(ALICE).id, "")


async def test_a_new_thread_is_made_with_its_first_message(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    data = {"tenant": {"id": TENANT}, "channel": {"id": editors.id}}
    made = await connector.create(service.service_url, {"isGroup": True, "channelData": data, "activity": HELLO})
    shown = service.messages(editors)[0]
    assert made == (f"{editors.id};messageid={shown.id}", shown.id)


async def test_a_person_is_known_by_either_id(service: TeamsService, connector: Connector, editors: Place) -> None:
    alice = Person(ALICE.aad, ALICE.name, "alice@example.org", "alice@example.org")
    assert await connector.member(service.service_url, editors.id, ALICE.aad) == alice
    assert await connector.member(service.service_url, editors.id, ALICE.id) == alice


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", [412, 429, 500, 502, 503, 504])
async def test_one_call_is_one_request_whatever_the_answer(
    service: TeamsService, connector: Connector, editors: Place, name: str, status: int
) -> None:
    service.breaks(name, status)
    found = await trouble(CALLS[name](connector, service, editors))
    assert (found.status, found.code, found.before_sending) == (status, "", False)
    assert len(service.of(name)) == 1


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("done", [True, False])
async def test_a_lost_reply_is_never_taken_for_a_reason_to_call_again(
    service: TeamsService, connector: Connector, editors: Place, name: str, done: bool
) -> None:
    service.loses_reply(name, done=done)
    found = await trouble(CALLS[name](connector, service, editors))
    assert (found.status, found.code, found.before_sending) == (0, "ClientConnectionError", False)
    await asyncio.sleep(0.05)
    assert len(service.of(name)) == 1
    if name == "post":
        assert len(service.messages(editors)) == done


async def test_what_was_refused_says_why_in_microsofts_word(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    service.blocked.add(ALICE.aad)
    found = await trouble(connector.post(service.service_url, service.chat_with(ALICE).id, HELLO))
    assert (found.status, found.code) == (403, "MessageWritesBlocked")
    big = {"type": "message", "text": "é" * 15_000}
    assert (await trouble(connector.post(service.service_url, editors.id, big))).status == 413


@pytest.mark.parametrize("sign", ["a", "é", "文", "😀", "\udc00"])
async def test_a_card_of_the_largest_size_is_no_larger_when_it_goes_out_whatever_is_written_on_it(
    service: TeamsService, connector: Connector, editors: Place, sign: str
) -> None:
    card = {"body": [{"text": sign * ((CARD_BYTES - 100) // len(sign.encode("utf-8", "replace")))}]}
    assert CARD_BYTES - 100 < size(card) <= CARD_BYTES
    activity = {"type": "message", "attachments": [{"content": card}]}
    activity_id = await connector.post(service.service_url, editors.id, activity)
    await connector.update(service.service_url, editors.id, activity_id, activity)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"error": {"code": "Forbidden", "subCode": "MessageWritesBlocked"}}', "MessageWritesBlocked"),
        ('{"error": {"code": "Forbidden"}, "subCode": "MessageWritesBlocked"}', "MessageWritesBlocked"),
        ('{"error": {"code": "Forbidden", "subCode": "two words"}}', "Forbidden"),
        ('{"error": {"code": 403, "subCode": ["x"]}}', ""),
        ('{"error": "Forbidden"}', ""),
    ],
)
async def test_where_microsoft_says_more_that_is_its_word(
    service: TeamsService, connector: Connector, editors: Place, body: str, code: str
) -> None:
    service.answers("post", body, 403)
    found = await trouble(connector.post(service.service_url, editors.id, HELLO))
    assert (found.status, found.code) == (403, code)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("1.5", 1.5), (None, None), ("soon", None), ("nan", None), ("-3", None)]
)
async def test_the_pause_that_microsoft_asks_for_is_told(
    service: TeamsService, connector: Connector, editors: Place, header: str | None, seconds: float | None
) -> None:
    service.limits("post", header)
    assert (await trouble(connector.post(service.service_url, editors.id, HELLO))).retry_after == seconds


async def test_a_pause_may_be_told_as_a_time(service: TeamsService, connector: Connector, editors: Place) -> None:
    service.limits("post", format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True))
    found = await trouble(connector.post(service.service_url, editors.id, HELLO))
    assert found.retry_after == pytest.approx(119, abs=2)


async def test_nothing_was_sent_where_nobody_listens(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    await connector.check()
    async with service.out_of_reach():
        found = await trouble(connector.post(service.service_url, editors.id, HELLO))
    assert (found.status, found.before_sending) == (0, True)
    await connector.post(service.service_url, editors.id, HELLO)


async def test_an_answer_that_does_not_come_ends_with_the_time_limit_and_may_have_been_carried_out(
    service: TeamsService, editors: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.2)
    async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft(service)) as connector:
        service.hangs("post", 5)
        found = await trouble(connector.post(service.service_url, editors.id, HELLO))
    assert (found.status, found.before_sending) == (0, False)
    assert len(service.messages(editors)) == 1


@pytest.mark.parametrize("answer", ["<html>", "[]", "{}", '{"id": 5}', "[" * 20_000])
async def test_a_success_that_names_no_message_may_have_been_carried_out(
    service: TeamsService, connector: Connector, editors: Place, answer: str
) -> None:
    service.answers("post", answer, 201)
    found = await trouble(connector.post(service.service_url, editors.id, HELLO))
    assert (found.status, found.before_sending) == (200, False)


async def test_a_token_is_not_carried_to_where_an_answer_points(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    async with teams_service() as elsewhere:
        service.redirects("post", f"{elsewhere.service_url}v3/conversations/x/activities")
        found = await trouble(connector.post(service.service_url, editors.id, HELLO))
        service.redirects("token", f"{elsewhere.login_url}/t/oauth2/v2.0/token")
        async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft(service)) as fresh:
            login = await trouble(fresh.check())
    assert (found.status, found.before_sending) == (307, False)
    assert (login.status, login.before_sending) == (307, True)
    assert elsewhere.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.org/",
        "http://smba.trafficmanager.net/uk/",
        "https://smba.trafficmanager.net@evil.example.org/",
        "https://smba.trafficmanager.net.evil.example.org/",
    ],
)
async def test_our_token_goes_to_nobody_but_microsoft(service: TeamsService, connector: Connector, url: str) -> None:
    found = await trouble(connector.post(url, "19:x@thread.tacv2", HELLO))
    assert (found.status, found.code, found.before_sending) == (0, "not an address of Microsoft", True)
    assert service.calls == []


async def test_one_token_serves_many_calls_and_calls_at_once_ask_for_one(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    await asyncio.gather(*(connector.post(service.service_url, editors.id, HELLO) for _ in range(5)))
    assert len(service.of("token")) == 1


async def test_a_token_that_microsoft_no_longer_takes_is_replaced_at_the_next_call(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    await connector.post(service.service_url, editors.id, HELLO)
    service.expire_tokens()
    found = await trouble(connector.post(service.service_url, editors.id, HELLO))
    assert (found.status, found.before_sending) == (401, False)
    await connector.post(service.service_url, editors.id, HELLO)
    assert len(service.of("token")) == 2


async def test_an_app_for_many_tenants_gets_its_tokens_from_the_bot_framework(
    service: TeamsService, editors: Place
) -> None:
    credentials = Credentials(APP_ID, PASSWORD, TENANT, many_tenants=True)
    async with Connector(credentials, microsoft(service)) as connector:
        await connector.post(service.service_url, editors.id, HELLO)
    assert service.of("post")[0].token == "token-1-of-botframework.com"


async def test_a_wrong_password_is_told_before_anything_is_sent(service: TeamsService, editors: Place) -> None:
    async with Connector(Credentials(APP_ID, "wrong", TENANT), microsoft(service)) as connector:
        found = await trouble(connector.post(service.service_url, editors.id, HELLO))
    assert (found.status, found.code, found.before_sending) == (401, "login: invalid_client", True)
    assert service.of("post") == []


async def test_a_login_that_hangs_has_a_time_limit_and_does_not_stop_others(
    service: TeamsService, connector: Connector, editors: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOKEN_SECONDS", 0.2)
    service.hangs("token", 5)
    waiting = asyncio.create_task(trouble(connector.post(service.service_url, editors.id, HELLO)))
    ticks = 0
    while not waiting.done():
        await asyncio.sleep(0.01)
        ticks += 1
    found = await waiting
    assert (found.code, found.before_sending) == ("login: TimeoutError", True)
    assert ticks > 5


async def test_all_who_wait_for_a_login_that_fails_are_told_by_the_same_one(
    service: TeamsService, connector: Connector, editors: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOKEN_SECONDS", 0.2)
    service.hangs("token", 5)
    found = await asyncio.gather(*(trouble(connector.post(service.service_url, editors.id, HELLO)) for _ in range(5)))
    assert {(one.code, one.before_sending) for one in found} == {("login: TimeoutError", True)}
    assert len(service.of("token")) == 1
    await connector.post(service.service_url, editors.id, HELLO)


async def test_one_who_gives_up_waiting_for_a_login_does_not_cost_the_others_theirs(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    service.hangs("token", 0.2)
    first, second = (asyncio.create_task(connector.post(service.service_url, editors.id, HELLO)) for _ in range(2))
    await service.wait_for("token")
    first.cancel()
    await second
    assert (len(service.of("token")), len(service.of("post"))) == (1, 1)


async def test_whoever_waits_for_a_login_when_convenor_stops_is_told_that_nothing_was_sent(
    service: TeamsService, connector: Connector, editors: Place
) -> None:
    service.hangs("token", 5)
    waiting = asyncio.create_task(trouble(connector.post(service.service_url, editors.id, HELLO)))
    await service.wait_for("token")
    await connector.close()
    found = await waiting
    assert (found.code, found.before_sending) == ("login: closed", True)


async def test_in_development_there_is_no_token() -> None:
    async with teams_service(app_id="") as service:
        there = Microsoft(service.metadata_url, service.login_url, on_loopback=True)
        async with Connector(Credentials("", "", ""), there) as connector:
            await connector.post(service.service_url, service.teams[0].channels[1].id, HELLO)
        assert [call.token for call in service.calls] == [""]
