"""A pretend Slack workspace with the real ``convenor`` command in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.slack.app import PATH
from tests.journeys.convenor import Running, serving
from tests.journeys.slack_emulator import (
    APP_TOKEN,
    BOT_TOKEN,
    PEOPLE,
    SIGNING_SECRET,
    Mode,
    SlackEmulator,
    free_port,
    slack_emulator,
)


@dataclass
class Workspace:
    """The pretend workspace, with the real Convenor in it. Bob is its administrator."""

    slack: SlackEmulator
    convenor: Running

    async def tell(self, person: str, channel: str, words: str) -> str:
        """A person types a command; the private answer that comes."""
        command, _, rest = words.partition(" ")
        before = len([m for m in await self.slack.messages(channel) if m.only_for == PEOPLE[person]])
        await self.slack.command(person, channel, command, rest)
        answer = await self.slack.wait_for_message(channel, "", only_for=person, number=before + 1)
        return f"{answer.text} {answer.words}"


@asynccontextmanager
async def workspace(folder: Path, mode: Mode, settings: Mapping[str, str]) -> AsyncIterator[Workspace]:
    """The workspace, for as long as the block lasts; ``settings`` are Convenor's beside those of Slack."""
    port = free_port()
    way_in = {"SLACK_APP_TOKEN": APP_TOKEN} if mode == "socket" else {"SLACK_SIGNING_SECRET": SIGNING_SECRET}
    async with slack_emulator(folder, mode, request_url=f"http://127.0.0.1:{port}{PATH}") as slack:
        all_settings = {
            "ADMINS": f"slack:{PEOPLE['bob']}",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": slack.api_url,
            "LOG_FORMAT": "json",
            **way_in,
            **settings,
        }
        async with serving("run", cwd=folder, settings=all_settings, port=port) as convenor:
            yield Workspace(slack, convenor)
