"""``convenor check`` against a Slack, a Microsoft and a mail server on loopback, and a database in every state."""

from __future__ import annotations

import asyncio
import functools
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.store.database import Database
from adapters.teams.book import Conversation, Kind
from adapters.teams.security import Microsoft
from bot.app import checking, keeping
from bot.app.checking import check
from bot.app.house import load_files
from bot.app.teams import book_of
from bot.checking.model import Level, Row
from bot.keeping.model import Hold
from bot.ports import Binding, Grant, Purpose, Role
from config.settings import DEFAULT_DATABASE_URL, Settings, load_settings
from digests.model import Address
from tests.builders import ALICE, BOB, NOW
from tests.contract.databases import TEST_KEY, own_database, sqlite_url
from tests.fakes.slack_api import FakeSlackApi, slack_api
from tests.fakes.smtp import PASSWORD, Mails, mail_server
from tests.fakes.teams_service import TeamsService
from tests.journeys.test_commands import Command, convenor

__all__ = ["convenor"]

TENANT = "0f9c2b7e-8c3d-4e0a-9b1f-3d2c1b0a9f8e"


def settings_of(folder: Path, **given: str) -> Settings:
    every = {
        "DATABASE_URL": sqlite_url(folder),
        "ENCRYPTION_KEYS": TEST_KEY,
        "OWNER": "Example",
        "CONTACT": "desk@example.org",
        "PUBLIC_URL": "https://digest.example.org",
        "CATALOGUE": str(catalogue(folder)),
        **given,
    }
    return load_settings({f"CONVENOR_{name}": value for name, value in every.items()}, None)


def catalogue(folder: Path) -> Path:
    file = folder / "sources.yaml"
    source = {"id": "example", "name": "Example", "publisher": "Example", "kind": "rss", "group": "civil_society"}
    file.write_text(json.dumps({"sources": [{**source, "url": "https://example.org/feed"}]}))
    return file


@functools.cache
def _loaded() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return load_files(settings_of(Path(folder)))


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of the configuration are read once for all tests that are about something else."""
    monkeypatch.setattr(checking, "load_files", lambda settings: _loaded())


def on_slack(api: FakeSlackApi) -> Mapping[str, str]:
    return {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": api.url}


def by_what(rows: list[Row]) -> dict[str, Row]:
    return {row.what: row for row in rows}


async def test_a_network_in_order_has_nothing_broken(tmp_path: Path, files: None) -> None:
    mails = Mails()
    async with slack_api() as api, mail_server(mails) as server:
        settings = settings_of(
            tmp_path, **on_slack(api), SMTP_URL=f"smtp://127.0.0.1:{server.port}", MAIL_FROM="digest@example.org"
        )
        api.channels["C01"] = {"id": "C01", "is_member": True}
        database = await Database.open(sqlite_url(tmp_path), keys=(TEST_KEY,))
        async with database.begin() as uow:
            for purpose in Purpose:
                await uow.channels.bind(Binding(Address("slack", "T01", channel="C01"), purpose, "settings", NOW))
            for who in (ALICE, BOB):
                member = await uow.members.resolve(who, NOW)
                await uow.roles.grant(Grant(member, Role.EDITOR, "settings", NOW))
                await uow.roles.grant(Grant(member, Role.ADMINISTRATOR, "settings", NOW))
            await uow.commit()
        await keeping.journal_tick(settings, database)
        await database.close()
        await asyncio.to_thread(keeping.make_backup, settings, program="convenor", why="nightly")
        rows = await check(settings)
    assert [row for row in rows if row.level is not Level.OK] == []
    found = by_what(rows)
    assert found["Slack"].found == "the bot token is good, for T01"
    assert found["channel for editors"].found == "#C01 in slack"
    assert found["clock"].found.endswith("as Slack has it")
    assert found["mail"].found == f"127.0.0.1:{server.port} takes our mail"
    assert found["keys"].found == "they open what the database holds"
    assert found["sources"].found == "1 is read, 0 need attention, 1 not read yet"
    # Nothing was posted, and no mail was begun.
    assert {call.method for call in api.calls} == {"auth.test", "apps.connections.open", "conversations.info"}
    assert (mails.talks, mails.envelopes) == (1, [])


async def test_what_is_not_in_order_is_said_row_by_row(tmp_path: Path, files: None) -> None:
    async with slack_api() as api, mail_server(Mails()) as server:
        api.scopes = "commands,chat:write"
        api.refuses("apps.connections.open", "not_allowed_token_type")
        settings = settings_of(
            tmp_path,
            **on_slack(api),
            SMTP_URL=f"smtp://user:wrong@127.0.0.1:{server.port}",
            MAIL_FROM="digest@example.org",
            OWNER="",
        )
        database = await Database.open(sqlite_url(tmp_path), keys=(TEST_KEY,))
        async with database.begin() as uow:
            await uow.channels.bind(Binding(Address("slack", "T01", channel="C09"), Purpose.DIGEST, "settings", NOW))
            await uow.holds.begin(Hold(NOW, NOW, "x.db"))
            await uow.commit()
        await database.close()
        found = by_what(await check(settings))
    broken = {what for what, row in found.items() if row.level is Level.BROKEN}
    assert broken == {"hold", "Slack: scopes", "Slack: app token", "channel for digest", "people", "mail"}
    assert found["Slack: scopes"].found == "missing: im:write, mpim:write, users:read"
    assert found["channel for digest"].found == "#C09 in slack: it is gone, or private and without Convenor"
    warnings = {what for what, row in found.items() if row.level is Level.WARNING}
    assert warnings == {"settings", "backup", "channel for editors", "channel for coordinators"}
    assert PASSWORD not in str(found)


async def test_a_token_that_slack_does_not_take_leaves_the_other_rows(tmp_path: Path, files: None) -> None:
    async with slack_api() as api:
        settings = settings_of(tmp_path, **on_slack(api))
        api.refuses("auth.test", "invalid_auth")
        found = by_what(await check(settings))
    assert found["Slack"].found == "Slack does not take the bot token (invalid_auth)"
    assert found["database"].level is Level.OK
    found = by_what(await check(settings))
    assert found["Slack"].found.startswith("Slack cannot be reached (")


async def test_microsoft_gives_a_token_or_says_why_not(tmp_path: Path, files: None) -> None:
    service = TeamsService()
    async with service.listening():
        there = Microsoft(service.metadata_url, service.login_url, on_loopback=True)
        given = {"TEAMS_APP_ID": service.app_id, "TEAMS_TENANT": TENANT}
        well = settings_of(tmp_path, **given, TEAMS_APP_PASSWORD=service.password)
        wrong = settings_of(tmp_path, **given, TEAMS_APP_PASSWORD="expired")
        database = await Database.open(sqlite_url(tmp_path), keys=(TEST_KEY,))
        async with database.begin() as uow:
            for channel in ("19:known@thread.tacv2", "19:gone@thread.tacv2"):
                address = Address("teams", TENANT, channel=channel)
                await uow.channels.bind(Binding(address, Purpose.EDITORS, "settings", NOW))
            await uow.commit()
        there_at = ("19:known@thread.tacv2", "https://smba.trafficmanager.net/emea/", "28:bot")
        known = Conversation(TENANT, Kind.CHANNEL, "19:known@thread.tacv2", *there_at, NOW)
        await book_of(well, database).note(known)
        await database.close()
        rows = await check(well, microsoft=there)
        assert by_what(rows)["Teams"].level is Level.OK
        assert {row.found for row in rows if row.what == "channel for editors"} == {
            "#19:known@thread.tacv2 in teams",
            "#19:gone@thread.tacv2 in teams: it is gone, or private and without Convenor",
        }
        row = by_what(await check(wrong, microsoft=there))["Teams"]
    assert (row.level, row.found) == (Level.BROKEN, "Microsoft gives no token (invalid_client)")
    row = by_what(await check(well, microsoft=there))["Teams"]
    assert row.found.startswith("Microsoft cannot be reached (")


async def test_whoever_gives_no_answer_does_not_hold_up_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: None
) -> None:
    monkeypatch.setattr(checking, "SECONDS", 0.3)
    async with slack_api() as api:
        settings = settings_of(tmp_path, **on_slack(api))
        api.hangs("auth.test", 5)
        found = by_what(await check(settings))
    assert found["chat"].found == "gave no answer within 0 seconds"
    assert found["database"].level is Level.OK


async def test_before_the_first_start_nothing_is_broken_that_a_start_makes_by_itself(
    tmp_path: Path, files: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = by_what(await check(settings_of(tmp_path, DATABASE_URL=DEFAULT_DATABASE_URL)))
    assert found["database"].level is Level.WARNING
    assert {row.what for row in found.values() if row.level is Level.BROKEN} == set()


async def test_a_database_in_every_other_state(tmp_path: Path) -> None:
    new = by_what(await check(settings_of(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/new.db")))
    assert (new["database"].level, new["database"].fix) == (
        Level.WARNING,
        "Run “convenor upgrade”, or start Convenor.",
    )
    away = by_what(await check(settings_of(tmp_path, DATABASE_URL="postgresql://127.0.0.1:1/none")))
    assert away["database"].level is Level.BROKEN
    assert away["backup"].found == "Convenor makes none here"
    keyless = by_what(await check(settings_of(tmp_path, ENCRYPTION_KEYS="")))
    assert keyless["keys"].level is Level.BROKEN
    (tmp_path / "sources.yaml").write_text("sources: 5")
    broken = settings_of(tmp_path).model_copy(update={"catalogue": tmp_path / "topics.yaml"})
    assert by_what(await check(broken))["configuration"].level is Level.BROKEN
    catalogue(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    (own / "synonyms.yaml").write_text("synonyms-: [mid wife]\n")
    row = by_what(await check(settings_of(tmp_path, CONFIG_DIR=str(own))))["configuration"]
    assert (row.level, row.found) == (
        Level.WARNING,
        f"{own}/synonyms.yaml:1: “mid wife” is not in “synonyms”, so nothing is taken away",
    )


def test_the_command_prints_a_table_or_json_and_fails_where_anything_is_broken(
    convenor: Command, tmp_path: Path
) -> None:
    own_database(tmp_path)
    given = {"CATALOGUE": str(catalogue(tmp_path)), "ADMINS": "local:bob"}
    code, out, err = convenor("check", **given)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["What", "┃", "┃", "Found", "┃", "What", "to", "do"]
    assert out.splitlines()[-1].startswith("0 broken, ")
    code, out, err = convenor("check", "--json", **{**given, "ADMINS": ""})
    people = next(row for row in json.loads(out) if row["what"] == "people")
    assert (code, people["level"]) == (1, "broken")
    assert people["fix"] == "Nobody may set anything up: name an account in CONVENOR_ADMINS."
