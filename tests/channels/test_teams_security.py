"""Who gets in at the Teams address: tokens as Microsoft makes them, and every other sort, against a server of keys."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import jwt
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.teams.app import BODY_BYTES, PATH
from adapters.teams.security import Credentials, may_call
from tests.channels.teams_door import SERVICE, Door, a_door, activity
from tests.fakes.teams_house import Heard, a_teams_app, teams_app
from tests.fakes.teams_record import APP_ID, PASSWORD, TENANT, Json
from tests.fakes.teams_service import teams_service
from tests.fakes.teams_tokens import KEY_ID, a_token, public_jwk

EVIL = "http://127.0.0.1:9/evil"
OTHER_TENANT = TENANT.replace("a", "b")
# Who issues the emulator's tokens, and those of other bots that call this one as a skill of theirs.
EMULATOR: Json = {
    "iss": "https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/",
    "ver": "1.0",
    "serviceurl": None,
}
SKILL: Json = {
    "iss": "https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0",
    "ver": "2.0",
    "azp": APP_ID,
}


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with a_door() as door:
        yield door


def hs256() -> str:
    claims = {"iss": "https://api.botframework.com", "aud": APP_ID, "exp": int(time.time()) + 60, "serviceurl": SERVICE}
    return jwt.encode(claims, "s" * 40, algorithm="HS256", headers={"kid": KEY_ID})


def unsigned() -> str:
    claims = {"iss": "https://api.botframework.com", "aud": APP_ID, "exp": int(time.time()) + 60, "serviceurl": SERVICE}
    return jwt.encode(claims, "", algorithm="none", headers={"kid": KEY_ID})


async def test_what_microsoft_sends_is_heard(door: Door) -> None:
    assert await door.knock(activity(), a_token(SERVICE)) == 200
    assert [heard.text for heard in door.heard.activities] == ["digest"]


TOKENS = {
    "none": None,
    "one that is none": "abc.def.ghi",
    "an empty one": "",
    "for another app": a_token(SERVICE, app_id="other"),
    "without an app": a_token(SERVICE, aud=None),
    "one that ended": a_token(SERVICE, exp=int(time.time()) - 1_000),
    "one without an end": a_token(SERVICE, exp=None),
    "one that is not good yet": a_token(SERVICE, nbf=int(time.time()) + 1_000),
    "by another issuer": a_token(SERVICE, iss="https://evil.example.org"),
    "without an issuer": a_token(SERVICE, iss=None),
    "by a key that nobody knows": a_token(SERVICE, kid="key-2"),
    "without the id of a key": a_token(SERVICE, kid=None),
    "signed by another key": a_token(SERVICE, key="key-2"),
    "signed by a secret": hs256(),
    "unsigned": unsigned(),
    "for another service": a_token(EVIL),
    "for no service": a_token(SERVICE, serviceurl=None),
    "of the emulator, for another app": a_token(SERVICE, **{**EMULATOR, "appid": "other"}),
    "of the emulator, for this app": a_token(SERVICE, **{**EMULATOR, "appid": APP_ID}),
    "of another bot": a_token(SERVICE, **SKILL),
    "far too long": "a" * 5_000 + ".b.c",
}


@pytest.mark.parametrize("name", TOKENS)
async def test_a_token_that_is_not_microsofts_for_this_is_refused(door: Door, name: str) -> None:
    assert await door.knock(activity(), TOKENS[name]) == 401
    assert door.heard.activities == []


async def test_a_header_that_is_no_bearer_token_is_refused(door: Door) -> None:
    for header in ("Basic x", "Bearer", f"Bearer {a_token(SERVICE)} x", f"Negotiate {a_token(SERVICE)}"):
        assert await door.knock(activity(), None, Authorization=header) == 401
    assert door.heard.activities == []


@pytest.mark.parametrize("claims", [{}, EMULATOR | {"appid": APP_ID}], ids=["microsoft", "emulator"])
async def test_a_body_that_names_another_service_than_its_token_is_refused(door: Door, claims: Json) -> None:
    assert await door.knock(activity(serviceUrl=EVIL), a_token(SERVICE, **claims)) == 401
    assert door.heard.activities == []


async def test_a_key_that_may_not_speak_for_teams_does_not(door: Door) -> None:
    door.service.keys = [public_jwk("chat", ("webchat",)), public_jwk("none", ()), public_jwk()]
    for key in ("chat", "none"):
        assert await door.knock(activity(), a_token(SERVICE, key=key, kid=key)) == 401
    assert await door.knock(activity(), a_token(SERVICE)) == 200
    assert len(door.heard.activities) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"5",
        b'"x"',
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"type": ' + b"[" * 100_000,
        b'{"type": "message", "channelId": "msteams"}',
    ],
)
async def test_a_body_that_is_no_activity_is_refused(door: Door, body: bytes) -> None:
    assert await door.knock(body, a_token(SERVICE)) == 400
    assert door.heard.activities == []


@pytest.mark.parametrize("name", ["type", "channelId", "serviceUrl", "from", "conversation"])
@pytest.mark.parametrize("value", [None, "", 5, [], {}, {"id": 5}, {"id": {"id": "x"}}, "x" * 2_000])
async def test_what_every_activity_has_must_be_there(door: Door, name: str, value: object) -> None:
    assert await door.knock(activity(**{name: value}), a_token(SERVICE)) == 400
    assert door.heard.activities == []


async def test_a_body_that_is_not_said_to_be_json_is_refused(door: Door) -> None:
    assert await door.knock(activity(), a_token(SERVICE), **{"Content-Type": "text/plain"}) == 415


async def test_a_body_that_is_too_large_is_refused_however_it_comes(door: Door) -> None:
    whole = json.dumps(activity(text="x" * BODY_BYTES)).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), 50_000):
            yield whole[start : start + 50_000]

    headers = {"Authorization": f"Bearer {a_token(SERVICE)}", "Content-Type": "application/json"}
    for data in (whole, in_pieces()):
        async with door.session.post(door.url, data=data, headers=headers) as answer:
            assert answer.status == 413
    assert door.heard.activities == []


async def test_a_body_is_not_read_before_it_is_known_who_sends_it(door: Door) -> None:
    assert await door.knock(b"[" * (BODY_BYTES + 1), None) == 401
    assert await door.knock(b"[" * (BODY_BYTES + 1), a_token(SERVICE, app_id="other")) == 401


@pytest.mark.parametrize("channel", ["webchat", "emulator", "directline", "MSTEAMS"])
async def test_only_teams_is_listened_to(door: Door, channel: str) -> None:
    assert await door.knock(activity(channelId=channel), a_token(SERVICE)) == 403
    assert door.heard.activities == []


@pytest.mark.parametrize("url", [EVIL, "https://evil.example.org/", "http://smba.trafficmanager.net/uk/"])
async def test_a_service_that_is_not_microsofts_is_refused_even_with_a_good_token(door: Door, url: str) -> None:
    assert await door.knock(activity(serviceUrl=url), a_token(url)) == 403
    assert door.heard.activities == []


@pytest.mark.parametrize(
    "data", [None, {}, {"tenant": None}, {"tenant": {}}, {"tenant": {"id": 5}}, {"tenant": {"id": OTHER_TENANT}}, "x"]
)
async def test_only_our_tenant_is_served(door: Door, data: object) -> None:
    assert await door.knock(activity(channelData=data), a_token(SERVICE)) == 403
    assert door.heard.activities == []


async def test_further_tenants_are_served_where_they_are_named() -> None:
    credentials = Credentials(APP_ID, PASSWORD, TENANT, frozenset({OTHER_TENANT}), many_tenants=True)
    async with a_door(credentials) as door:
        for tenant, status in ((TENANT.upper(), 200), (OTHER_TENANT, 200), (TENANT.replace("a", "c"), 403)):
            data = {"tenant": {"id": tenant}}
            assert await door.knock(activity(channelData=data), a_token(SERVICE)) == status


async def test_an_invoke_is_answered_with_its_body_written_once(door: Door) -> None:
    door.heard.answer = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Ŵedi 😀."}
    headers = {"Authorization": f"Bearer {a_token(SERVICE)}"}
    body = activity(type="invoke", name="adaptiveCard/action", value={"action": {"verb": "x"}})
    async with door.session.post(door.url, json=body, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (200, door.heard.answer)
        assert "Ŵedi 😀." in await answer.text(), "as it is measured: an escape takes more room"


async def test_a_wrong_password_is_told_when_convenor_starts_with_what_to_look_at(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with a_door(Credentials(APP_ID, "no password of the app", TENANT)) as door:
        await door.service.wait_for("metadata")
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert told == [
        "Microsoft gives Convenor no token for Teams (invalid_client). Check CONVENOR_TEAMS_APP_ID, "
        "CONVENOR_TEAMS_APP_PASSWORD, CONVENOR_TEAMS_APP_TYPE and CONVENOR_TEAMS_TENANT."
    ]
    assert "no password of the app" not in caplog.text


async def test_a_network_that_is_away_at_the_start_is_told_as_that_and_nobody_looks_at_the_settings(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard = Heard()
    async with teams_service() as service, service.out_of_reach():
        app = a_teams_app(service, heard)
        await app.start()
        async with asyncio.timeout(30):
            while not caplog.records:
                await asyncio.sleep(0.005)
        await app.stop()
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert told == ["Microsoft cannot be asked for a token for Teams (ClientConnectorError). Check the network."]


async def test_what_comes_before_the_start_or_after_the_end_is_to_be_sent_again() -> None:
    heard = Heard()
    async with teams_service() as service, aiohttp.ClientSession() as session:
        app, web_app = a_teams_app(service, heard), web.Application()
        app.attach(web_app)
        runner = web.AppRunner(web_app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        door = Door(f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}", heard, service, session)
        body, token = activity(serviceUrl=service.service_url), a_token(service.service_url)
        statuses = [await door.knock(body, token)]
        await app.start()
        statuses.append(await door.knock(body, token))
        await app.stop()
        statuses.append(await door.knock(body, token))
        await runner.cleanup()
    assert statuses == [503, 200, 503]
    assert len(heard.activities) == 1


async def test_in_development_nobody_is_checked_but_only_this_machine_is_answered() -> None:
    heard = Heard()
    async with (
        teams_service(app_id="") as service,
        teams_app(service, heard, credentials=Credentials("", "", "")) as url,
        aiohttp.ClientSession() as session,
    ):
        door = Door(url, heard, service, session)
        assert await door.knock(activity(serviceUrl=service.service_url, channelData=None), None) == 200
        assert await door.knock(activity(serviceUrl="http://evil.example.org/"), None) == 403
    assert len(heard.activities) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *activity(),
    *("name", "value", "entities", "timestamp", "localTimestamp", "attachments", "membersAdded", "membersRemoved"),
    *("replyToId", "action", "locale", "textFormat", "deliveryMode", "callerId", "channelData", "suggestedActions"),
)


@settings(max_examples=40, deadline=None)
@given(kind=st.sampled_from(["message", "invoke", "conversationUpdate", "installationUpdate", "event"]), data=st.data())
def shaken(runner: asyncio.Runner, door: Door, kind: str, data: st.DataObject) -> None:
    changes = data.draw(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
    body = activity(type=kind) | changes
    url = body.get("serviceUrl")
    assert runner.run(door.knock(body, a_token(url if isinstance(url, str) else SERVICE))) < 500


def test_no_shape_of_an_activity_makes_us_fail() -> None:
    with asyncio.Runner() as runner:
        doors = a_door()
        door = runner.run(doors.__aenter__())
        try:
            shaken(runner, door)
            assert door.heard.activities
        finally:
            runner.run(doors.__aexit__(None, None, None))


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/teams/",
        "https://smba.trafficmanager.net/uk/",
        "https://SMBA.trafficmanager.net/amer",
        "https://smba.trafficmanager.net:443/emea/",
        "https://smba.infra.gcc.teams.microsoft.com/teams/",
    ],
)
def test_services_of_microsofts_are_called(url: str) -> None:
    assert may_call(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "smba.trafficmanager.net",
        "//smba.trafficmanager.net/",
        "http://smba.trafficmanager.net/uk/",
        "ftp://smba.trafficmanager.net/uk/",
        "https://smba.trafficmanager.net:8443/uk/",
        "https://smba.trafficmanager.net:port/uk/",
        "https://attacker.trafficmanager.net/",
        "https://smba.trafficmanager.net.example.org/",
        "https://smba.trafficmanager.net@example.org/",
        "https://user:secret@smba.trafficmanager.net/",
        "https://example.org/?smba.trafficmanager.net",
        "https://smba.trafficmanager.net/?to=x",
        "https://smba.trafficmanager.net/#x",
        "https://example.org\\@smba.trafficmanager.net/",
        "https://smba.trafficmanager.net/uk/\nx",
        "https://[::1]/",
        "http://127.0.0.1:3978/",
        "https://smba.trafficmanager.net./uk/",
    ],
)
def test_no_other_service_is_called(url: str) -> None:
    assert not may_call(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:56150/", "http://localhost:56150/_connector", "http://[::1]:1/"])
def test_a_tool_on_this_machine_is_called_in_development_alone(url: str) -> None:
    assert may_call(url, on_loopback=True)
    assert not may_call(url)
    assert not may_call(
        url.replace("127.0.0.1", "10.0.0.1").replace("localhost", "example.org").replace("::1", "::2"), on_loopback=True
    )


async def test_a_message_with_all_that_teams_puts_into_it_is_heard(door: Door) -> None:
    channel = "19:abc@thread.tacv2"
    html = '<div><span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">Convenor</span> x</div>'
    whole = activity(
        timestamp="2026-11-28T10:00:00.1234567Z",
        localTimestamp="2026-11-28T10:00:00.1234567+00:00",
        localTimezone="Europe/London",
        text="<at>Convenor</at> digest\n",
        textFormat="plain",
        attachments=[{"contentType": "text/html", "content": html}],
        entities=[
            {"type": "mention", "text": "<at>Convenor</at>", "mentioned": {"id": f"28:{APP_ID}", "name": "Convenor"}},
            {"type": "clientInfo", "locale": "en-GB", "country": "GB", "platform": "Web", "timezone": "Europe/London"},
        ],
        conversation={
            "id": f"{channel};messageid=1764324000123",
            "isGroup": True,
            "conversationType": "channel",
            "tenantId": TENANT,
        },
        channelData={
            "teamsChannelId": channel,
            "teamsTeamId": channel,
            "channel": {"id": channel},
            "team": {"id": channel, "aadGroupId": TENANT, "name": "The network"},
            "tenant": {"id": TENANT},
        },
        locale="en-GB",
    )
    assert await door.knock(whole, a_token(SERVICE)) == 200
    heard = door.heard.activities[0]
    assert (heard.text, heard.entities[0].type) == ("<at>Convenor</at> digest\n", "mention")
    assert heard.channel_data == whole["channelData"]
