"""Web, worker and clock as processes of their own on one PostgreSQL database, as the Procfile names them."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from pathlib import Path

from tests.contract.databases import postgres_url
from tests.journeys.convenor import ROOT, serving
from tests.journeys.slack_emulator import APP_TOKEN, BOT_TOKEN, PEOPLE, slack_emulator

HEADLINE = "Draft: Data Policy Digest 30"


def test_the_procfile_names_the_parts() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert [re.split(r": python -m bot ", line)[0] for line in lines] == ["release", "web", "worker", "clock"]


async def test_three_processes_do_together_what_one_does_alone(tmp_path: Path) -> None:
    async with slack_emulator(tmp_path) as slack:
        settings = {
            "DATABASE_URL": postgres_url(),
            "QUEUE": "procrastinate",
            "OFFLINE": "1",
            "ADMINS": f"slack:{PEOPLE['bob']}",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.api_url,
        }
        async with AsyncExitStack() as parts:
            clock = await parts.enter_async_context(serving("clock", cwd=tmp_path, settings=settings))
            await clock.says("read 13 sources: 62 new, 0 changed")
            # The pretended time begins with each process, and goes on from what was read last: a draft has all of it.
            web = await parts.enter_async_context(serving("web", cwd=tmp_path, settings=settings))
            await slack.command("bob", "editors", "/convenor", "here editors")
            await slack.wait_for_message("editors", "drafts come here", only_for="bob")
            await slack.command("bob", "editors", "/convenor", f"roles add <@{PEOPLE['bob']}|bob> editor")
            await slack.wait_for_message("editors", "is now an editor", only_for="bob")
            await slack.command("bob", "editors", "/digest", "draft")
            offer = await slack.wait_for_message("editors", "There is no draft at the moment.", only_for="bob")
            await slack.click("bob", offer, "Draft it now")
            await slack.wait_for_message("editors", "is drafted, with", only_for="bob")
            public = [message for message in await slack.messages("editors") if not message.only_for]
            assert public == [], "nobody sends while the worker is away"
            health = await web.health()
            assert int(str(health["deliveries_waiting"])) > 0
            async with serving("worker", cwd=tmp_path, settings=settings):
                await slack.wait_for_message("editors", HEADLINE, only_for="nobody")
                await slack.wait_for_message("editors", "Coming up (", only_for="nobody")
        headlines = [message for message in await slack.messages("editors") if HEADLINE in message.words]
        assert len(headlines) == 1
