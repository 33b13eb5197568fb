"""Microsoft's Agents Playground on this machine, and Convenor in it with the bundled sample feeds and a small network.

The Playground forgets everything when it stops; so the database begins anew each time too.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from adapters.store.conversations import Conversations
from adapters.teams.book import Conversation, Kind
from bot import editions, schedule
from bot.app import EVERYTHING, Service, new_key, serve
from bot.messages import Identity
from bot.ports import Grant, Role
from bot.services import Services
from config.settings import load_settings
from tests.builders import a_profile

HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules/@microsoft/m365agentsplayground/cli.js"
PEOPLE = ".m365agentsplayground.yml"
"""The Playground looks for it where it is started."""
FOLDER = Path("var/playground")

BOT = "28:11111111-2222-3333-4444-555555555555"
TENANT = "00000000-0000-0000-0000-00000000000a"
START_SECONDS = 60.0


def person(name: str, mark: str) -> Identity:
    """Somebody of the Playground, as Convenor knows them; ``mark`` is the end of their id in its file."""
    return Identity("teams", TENANT, f"00000000-0000-0000-0000-0000000000{mark}", name)


BOB, CAROL, ALICE, DAN, ERIN = (
    person("Bob Editor", "b0"),
    person("Carol Editor", "c0"),
    person("Alice Member", "a0"),
    person("Dan Coordinator", "d0"),
    person("Erin Member", "e1"),
)
ROLES = {BOB: (Role.EDITOR, Role.ADMINISTRATOR), CAROL: (Role.EDITOR,), DAN: (Role.COORDINATOR,)}


@dataclass(frozen=True, slots=True)
class Playing:
    """Both are running. ``url`` is what to open in a browser."""

    service: Service
    url: str


@asynccontextmanager
async def playing(port: int = 3978, playground_port: int = 56150) -> AsyncIterator[Playing]:
    """Convenor and the Playground, for as long as the block lasts."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    settings = load_settings(
        {
            "CONVENOR_DATABASE_URL": f"sqlite:///{FOLDER}/convenor.db",
            "CONVENOR_ENCRYPTION_KEYS": new_key(),
            "CONVENOR_OFFLINE": "1",
            "CONVENOR_PORT": str(port),
            "CONVENOR_TEAMS_DEVELOPMENT": "1",
            "CONVENOR_LOG_LEVEL": "warning",
        },
        env_file=None,
    )
    async with serve(settings, EVERYTHING, name="the playground", ticking=False) as service:
        services = service.house.services
        await _settle_in(services)
        await schedule.read_sources(services)
        await editions.make_edition_now(services)
        service.start_ticking()
        async with _playground(f"{service.url}/teams/messages", playground_port) as url:
            await _open_chats(service, f"{url}_connector")
            yield Playing(service, url)


@asynccontextmanager
async def _playground(endpoint: str, port: int) -> AsyncIterator[str]:
    shutil.copy(HERE / PEOPLE, FOLDER / PEOPLE)
    command = ["node", str(PROGRAM), "start", "-e", endpoint, "-c", "msteams", "-p", str(port), "--disable-telemetry"]
    environment = {**os.environ, "TEAMSAPPTESTER_BROWSER": "none"}
    log = FOLDER / "playground.log"
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=FOLDER, env=environment, stdout=written, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}/"
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(url):
                if process.poll() is not None:
                    raise RuntimeError(f"The Playground has stopped: {log} and {FOLDER / 'devTools'} say why.")
                await asyncio.sleep(0.2)
        yield url
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _open_chats(service: Service, service_url: str) -> None:
    """Convenor can write to the others, too: Teams finds them by the id that Convenor has, the Playground does not."""
    book = Conversations(service.house.database, lambda url: url == service_url)
    now = service.house.services.clock.now()
    async with aiohttp.ClientSession() as session:
        for who in (CAROL, ALICE, DAN, ERIN):
            account = f"29:{who.name.split()[0].lower()}"
            asked = {"isGroup": False, "bot": {"id": BOT}, "members": [{"id": account}], "tenantId": TENANT}
            async with session.post(f"{service_url}/v3/conversations", json=asked) as answer:
                made = (await answer.json())["id"]
            await book.note(Conversation(TENANT, Kind.PERSONAL, who.user, made, service_url, BOT, now))


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def _settle_in(services: Services) -> None:
    """The people have their roles, and two are in the directory."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        for who in (BOB, CAROL, ALICE, DAN, ERIN):
            member = await uow.members.resolve(who, now)
            for role in ROLES.get(who, ()):
                await uow.roles.grant(Grant(member, role, "settings", now))
        for who, organisation, can_help in (
            (CAROL, "Patients Trust", "How NHS data opt-outs work, and whom to ask about them."),
            (ERIN, "Example Council", "What it takes to publish a record of the algorithms that a council uses."),
        ):
            member = await uow.members.resolve(who, now)
            await uow.profiles.put(a_profile(member.id, name=who.name, organisation=organisation, can_help=can_help))
        await uow.commit()
