"""The whole service with Teams switched on, in this process: what ``convenor run`` puts together answers in Teams."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.teams.security import Microsoft
from bot.app import EVERYTHING, serve
from config.settings import load_settings
from tests.contract.databases import TEST_KEY, open_database, sqlite_url
from tests.fakes.teams_people import people
from tests.fakes.teams_record import ALICE, APP_ID, BOB, PASSWORD, TENANT
from tests.fakes.teams_service import teams_service
from tests.fakes.teams_tokens import a_token
from tests.journeys.slack_emulator import free_port


async def test_the_service_answers_in_teams_and_posts_where_a_channel_was_set_for_it(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await (await open_database(url)).close()
    settings = load_settings(
        {
            "CONVENOR_DATABASE_URL": url,
            "CONVENOR_ENCRYPTION_KEYS": TEST_KEY,
            "CONVENOR_OFFLINE": "1",
            "CONVENOR_PORT": str(free_port()),
            "CONVENOR_TEAMS_DEVELOPMENT": "1",
            "CONVENOR_ADMINS": f"teams:{TENANT}:{BOB.aad}",
        },
        env_file=None,
    )
    async with (
        teams_service(app_id="") as microsoft,
        serve(settings, EVERYTHING, name="a test", ticking=False) as service,
        people(microsoft, f"{service.url}/teams/messages") as acting,
    ):
        team = microsoft.team()
        for person in (ALICE, BOB):
            await acting.install(person)
        await acting.add_to_team(BOB, team)
        await acting.say(ALICE, "topics")
        await acting.say(BOB, "here digest", team.channels[2])
        said: list[str] = []
        async with asyncio.timeout(30):
            while "In #digest you wrote: here digest\nThis channel is set: the digest is posted here." not in said:
                await asyncio.sleep(0.01)
                said = [shown.words() for who in (ALICE, BOB) for shown in microsoft.messages(microsoft.chat_with(who))]
        assert any(words.startswith("You follow nothing yet") for words in said)
        # Nothing is taken from a place that is not Microsoft's, or ours on this machine.
        elsewhere = acting.activity(ALICE, microsoft.chat_with(ALICE), "message", text="help")
        assert (await acting.send({**elsewhere, "serviceUrl": "https://teams.example.org/"})).status == 403


async def test_the_service_serves_its_own_tenant_as_its_app_and_nobody_who_is_not_signed_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sqlite_url(tmp_path)
    await (await open_database(url)).close()
    settings = load_settings(
        {
            "CONVENOR_DATABASE_URL": url,
            "CONVENOR_ENCRYPTION_KEYS": TEST_KEY,
            "CONVENOR_OFFLINE": "1",
            "CONVENOR_PORT": str(free_port()),
            "CONVENOR_TEAMS_APP_ID": APP_ID,
            "CONVENOR_TEAMS_APP_PASSWORD": PASSWORD,
            "CONVENOR_TEAMS_TENANT": TENANT,
        },
        env_file=None,
    )
    async with teams_service() as microsoft:
        there = Microsoft(microsoft.metadata_url, microsoft.login_url, on_loopback=True)
        monkeypatch.setattr("bot.app.teams.Microsoft", lambda on_loopback: there)
        async with (
            serve(settings, EVERYTHING, name="a test", ticking=False) as service,
            people(microsoft, f"{service.url}/teams/messages") as acting,
        ):
            await acting.install(ALICE)
            activity = acting.activity(ALICE, microsoft.chat_with(ALICE), "message", text="topics")
            elsewhere = {**activity, "channelData": {"tenant": {"id": TENANT.replace("a", "b")}}}
            assert (await acting.send(activity, token="")).status == 401
            assert (await acting.send(activity, token=a_token(microsoft.service_url, app_id="another"))).status == 401
            assert (await acting.send(elsewhere)).status == 403
            assert (await acting.send(activity)).status == 200
            said: list[str] = []
            async with asyncio.timeout(30):
                while not any(words.startswith("You follow nothing yet") for words in said):
                    await asyncio.sleep(0.01)
                    said = [shown.words() for shown in microsoft.messages(microsoft.chat_with(ALICE))]
    assert {call.token for call in microsoft.of("post")} == {f"token-1-of-{TENANT}"}
