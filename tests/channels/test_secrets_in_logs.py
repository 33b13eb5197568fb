"""Nothing secret and nothing that people wrote comes into the log, even at the level at which it says most."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from pydantic import SecretStr

from bot import logs, schedule
from bot.app import EVERYTHING, serve
from bot.messages import Letter, Message, Paragraph, text, to_json
from config.settings import Settings, load_settings
from digests.errors import ConfigError
from digests.model import Address, Delivery
from tests.channels.test_every_route import SIGNING_SECRET, _free_port, _signed, microsoft_here
from tests.contract.databases import TEST_KEY, sqlite_url
from tests.fakes.slack_api import slack_api
from tests.fakes.teams_record import APP_ID, PASSWORD, TENANT
from tests.fakes.teams_tokens import a_token

SECRETS = {
    "ENCRYPTION_KEYS": TEST_KEY,
    "SLACK_BOT_TOKEN": "xoxb-secret-of-the-bot",
    "SLACK_APP_TOKEN": "xapp-secret-of-the-app",
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "SLACK_CLIENT_SECRET": "secret-of-the-client",
    "METRICS_TOKEN": "secret-of-the-metrics",
    "PINGS": "read=http://127.0.0.1:9/secret-ping",
    "SMTP_URL": "smtp://writer:secret-of-the-mail@127.0.0.1:9",
    "DATABASE_URL": "",
    "TEAMS_APP_PASSWORD": PASSWORD,
}
"""Every secret that there is. The address of the database has tests of its own, in
tests/contract/test_store_database.py."""
TOLD = ("secret-ping", "secret-of-the-mail", "writer:secret")
WORDS = "A-need-that-nobody-else-may-read"


def test_every_secret_that_there_is_is_looked_for() -> None:
    there = {name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert set(SECRETS) == there


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that the log says at its most talkative, in both forms."""
    root, written = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in logs.QUIET}
    logs.set_up("debug", "json")
    root.handlers[0].setStream(written)  # type: ignore[attr-defined]
    yield written
    root.handlers[:], root.level = handlers, level
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)


def chosen(folder: Path, url: str, **more: str) -> Settings:
    values = {
        "DATABASE_URL": sqlite_url(folder),
        "PORT": str(_free_port()),
        "OFFLINE": "1",
        "ALLOW_PRIVATE_ADDRESSES": "1",
        "MAIL_FROM": "digest@example.org",
        "MAIL_LIST": "list@example.org",
        "SLACK_API_URL": url,
        "TEAMS_APP_ID": APP_ID,
        "TEAMS_TENANT": TENANT,
        **{name: value for name, value in SECRETS.items() if value},
        **more,
    }
    return load_settings(
        {f"CONVENOR_{name}": value for name, value in values.items() if value is not None}, env_file=None
    )


def look(written: str, given: Settings) -> None:
    for name in Settings.model_fields:
        value = getattr(given, name)
        if isinstance(value, SecretStr) and name != "database_url":
            assert value.get_secret_value() not in written, name
    for part in (*TOLD, WORDS, "alice@example.org", "Alice Example"):
        assert part not in written, part


async def test_a_journey_leaves_no_secret_and_no_words_in_the_log(tmp_path: Path, log: io.StringIO) -> None:
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(slack_api())
        microsoft = await stack.enter_async_context(microsoft_here())
        client = {"SLACK_CLIENT_ID": "1.2", "SLACK_WORKSPACES": "T01", "PUBLIC_URL": "https://digest.example.org"}
        given = chosen(tmp_path, api.url, SLACK_APP_TOKEN="", SLACK_BOT_TOKEN="", **client)
        service = await stack.enter_async_context(serve(given, EVERYTHING, name="test", ticking=False))
        services = service.house.services
        await schedule.read_tick(services)
        await schedule.draft_tick(services)
        for well in (True, False):
            service._watching.ticked("read", 0.1, well)
        async with services.store.begin() as uow:
            message = Message(WORDS, (Paragraph(text(WORDS)),), Letter(f"<p>{WORDS}</p>", WORDS))
            to = Address("mail", "", user="alice@example.org")
            await uow.deliveries.add([Delivery("mail:1", "mail", to, to_json(message), services.clock.now())])
            await uow.commit()
        await service.outbox.drain()
        http = await stack.enter_async_context(aiohttp.ClientSession(service.url))
        body = urlencode(
            {
                "team_id": "T01",
                "user_id": "U01ALICE",
                "user_name": "alice",
                "channel_id": "C1",
                "command": "/intro",
                "text": f"{WORDS} alice@example.org",
                "trigger_id": "1.1.abc",
                "response_url": f"{api.url}hooks.1",
            }
        ).encode()
        sort = {"Content-Type": "application/x-www-form-urlencoded"}
        for headers in (_signed(body), {}):
            await http.post("/slack/events", data=body, headers={**sort, **headers})
        activity = {"type": "message", "text": WORDS, "serviceUrl": microsoft.service_url, "channelId": "msteams"}
        for token in (a_token(microsoft.service_url), "x"):
            await http.post("/teams/messages", json=activity, headers={"Authorization": f"Bearer {token}"})
        await http.get("/metrics", headers={"Authorization": "Bearer secret-of-the-metrics"})
        await http.get(f"/search?q={WORDS}")
        await http.get("/slack/oauth_redirect?code=secret-of-the-client&state=secret-of-the-metrics")
    written = log.getvalue()
    for said in ("read 13 sources", "delivery mail:1", "the ping of the read tick"):
        assert said in written, "the log has what it should have"
    look(written, given)


async def test_a_token_that_slack_does_not_take_is_not_shown(tmp_path: Path, log: io.StringIO) -> None:
    async with slack_api() as api, microsoft_here():
        given = chosen(tmp_path, api.url, SLACK_CLIENT_SECRET="")
        api.refuses("apps.connections.open", "invalid_auth")
        with pytest.raises(ConfigError) as refused:
            async with serve(given, EVERYTHING, name="test", ticking=False):
                pass
    assert "CONVENOR_SLACK_APP_TOKEN" in str(refused.value)
    look(log.getvalue() + str(refused.value), given)


def test_settings_do_not_show_their_secrets(tmp_path: Path) -> None:
    given = chosen(tmp_path, "http://127.0.0.1:9/api/", SLACK_CLIENT_SECRET="")
    look(repr(given) + str(given) + given.model_dump_json(), given)
