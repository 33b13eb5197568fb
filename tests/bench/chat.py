"""How soon Slack and Teams hear from Convenor under load: run it as ``python -m tests.bench.chat``.

Commands come at 50 a second for a minute, from a hundred people, and do not wait for each other: signed slash commands
of Slack and messages of Teams with Microsoft's tokens, by turns. Convenor is the real one in a process of its own; 200
feeds of 50 entries each come due as the load begins, so that it reads, stores, tags and indexes 10,000 entries
meanwhile. Beside it, in the same run: a bare Bolt app on aiohttp that acknowledges as many commands and does nothing.
How late an acknowledgement is counts from when its command was due. The run fails where a command was not acknowledged
or answered, a feed was not read, or the aim is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.bench.running import ROOT, Running, machine, running, settings
from tests.fakes.slack_api import Call, FakeSlackApi, listening
from tests.fakes.teams_people import People
from tests.fakes.teams_record import APP_ID, PASSWORD, TENANT, Person
from tests.fakes.teams_service import TeamsService, teams_service
from tests.fakes.teams_tokens import a_token

SECRET = "shared-secret"
AIM_MS = 300.0
ANSWER_TENTHS = 300
"""How long the last answers are waited for, in tenths of a second."""
HOSTS = 20
"""The feeds are on so many addresses of this machine, as publishers are: each is read as politely as ever."""
COMMANDS = (
    ("/digest", ""),
    ("/digest", "search data protection"),
    ("/digest", "next"),
    ("/convenor", "help"),
    ("/convenor", "privacy"),
    ("/digest", "search health records"),
    ("/profile", ""),
    ("/intro", "queue"),
)
PEER = f"""
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.authorization import AuthorizeResult

async def authorize(**_):
    return AuthorizeResult(enterprise_id=None, team_id="T01", bot_token="xoxb-1", bot_user_id="U0BOT", bot_id="B0BOT")

bolt = AsyncApp(signing_secret="{SECRET}", authorize=authorize)

async def nothing(ack):
    await ack()

for name in ("/digest", "/convenor", "/profile", "/intro"):
    bolt.command(name)(nothing)

async def events(request):
    return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

async def health(request):
    return web.json_response({{"ok": True}})

app = web.Application()
app.router.add_post("/slack/events", events)
app.router.add_get("/health", health)
web.run_app(app, host="127.0.0.1", port=PORT, print=None, access_log=None)
"""


TEAMS_WORDS = ("digest", "digest search data protection", "digest next", "help")
# Convenor as it is, but for where it takes Microsoft's keys from and asks for its own token: this machine.
WITH_TEAMS = """
import sys
import bot.app.teams
from adapters.teams.security import Microsoft

metadata, login = sys.argv[1:]
bot.app.teams.Microsoft = lambda on_loopback: Microsoft(metadata, login, on_loopback=True)

from bot.__main__ import main

sys.exit(main(["run"]))
"""


@dataclass
class Load:
    """What came of one load: seconds from when a command was due to its acknowledgement, and to its answer."""

    name: str
    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    latest_start: float = 0.0
    """How late at most the driver itself was: what it measures is no better than that."""


class TimedSlack(FakeSlackApi):
    """Slack's Web API, which notes when each answer came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: dict[str, float] = {}

    async def take(self, request: web.Request) -> Call:
        self.came.setdefault(request.match_info["method"], time.monotonic())
        call = await super().take(request)
        self.calls.clear()
        return call


def main() -> None:
    """Print a table; exits with 1 where the run was not whole or the aim was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--port", type=int, default=8773)
    sys.exit(not asyncio.run(_run(parser.parse_args())))


async def _run(options: argparse.Namespace) -> bool:
    print(machine())
    slack = TimedSlack()
    async with listening(slack), teams_service() as teams:
        with tempfile.TemporaryDirectory() as folder, _feeds(options.port + 1, options.feeds) as feeds:
            here = Path(folder)
            peer = [sys.executable, "-c", PEER.replace("PORT", str(options.port))]
            environ = settings("sqlite:///none.db", options.port)
            with running(peer, cwd=here, environ=environ) as process:
                process.until_answers(options.port)
                before = process.use()
                (bare,) = await _drive([Slack(slack, options.port)], options)
                _tell("bare Bolt", [bare], bare, process, before.seconds)
            catalogue = here / "sources.yaml"
            catalogue.write_text(_catalogue(options), encoding="utf-8")
            environ = settings(
                f"sqlite:///{here}/convenor.db",
                options.port,
                catalogue=catalogue,
                allow_private_addresses=1,
                slack_bot_token="xoxb-1",
                slack_signing_secret=SECRET,
                slack_api_url=slack.url,
                teams_app_id=APP_ID,
                teams_app_password=PASSWORD,
                teams_tenant=TENANT,
            )
            command = [sys.executable, "-c", WITH_TEAMS, teams.metadata_url, teams.login_url]
            with running(command, cwd=here, environ=environ) as process:
                process.until_answers(options.port)
                before = process.use()
                ours = await _drive([Slack(slack, options.port, True), Teams(teams, options.port)], options)
                _tell("Convenor", ours, bare, process, before.seconds)
            read = feeds()
    print(f"meanwhile: {read} of {options.feeds} feeds read once, with their {50 * options.feeds:,} entries")
    late = max(_at(load.acknowledged, 99) for load in ours) * 1000
    print(f"aim: p99 of acknowledgement within {AIM_MS:g} ms; it was {late:.0f} ms")
    return late <= AIM_MS and not any(load.failed for load in (bare, *ours)) and read == options.feeds


class Slack:
    """Slack, which sends signed slash commands."""

    name = "Slack"

    def __init__(self, api: TimedSlack, port: int, answers: bool = False) -> None:
        """``answers``: whether each is to be answered too, beyond the acknowledgement."""
        self._api = api
        self._url = f"http://127.0.0.1:{port}/slack/events"
        self._answers = answers
        self._due: dict[int, float] = {}
        api.came.clear()

    def request(self, number: int, due: float) -> tuple[str, bytes, dict[str, str]]:
        """Where a command goes, and what is sent."""
        self._due[number] = due
        command, words = COMMANDS[number % len(COMMANDS)]
        person = f"U{number % 100:05}"
        body = urlencode(
            {
                "team_id": "T01",
                "user_id": person,
                "user_name": person.lower(),
                "channel_id": "C1",
                "command": command,
                "text": words,
                "trigger_id": f"1.{time.monotonic_ns()}.a",
                "response_url": f"{self._api.url}hooks.{number}",
            }
        )
        stamp = str(int(time.time()))
        signature = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signature}",
        }
        return self._url, body.encode(), headers

    async def settle(self, load: Load) -> None:
        """Wait for the answers that are still to come, and note them all."""
        if not self._answers:
            return
        came = {number: f"hooks.{number}" for number in self._due}
        for _ in range(ANSWER_TENTHS):
            if all(method in self._api.came for method in came.values()):
                break
            await asyncio.sleep(0.1)
        for number, method in came.items():
            if method in self._api.came:
                load.answered.append(self._api.came[method] - self._due[number])
            else:
                load.failed.append(f"{' '.join(COMMANDS[number % len(COMMANDS)])} was not answered")


class Teams:
    """Teams, which sends messages with a token of Microsoft's, and is answered with messages."""

    name = "Teams"

    def __init__(self, service: TeamsService, port: int) -> None:
        self._service = service
        self._url = f"http://127.0.0.1:{port}/teams/messages"
        # They have the app, as who writes to it does.
        people = [Person(f"Person {number}", f"bbbbbbbb-0000-4000-8000-{number:012}") for number in range(100)]
        service.people += people
        service.installed |= {person.aad for person in people}
        self._places = [(person, service.chat_with(person)) for person in people]
        self._acts = People(service, self._url, None)  # type: ignore[arg-type]  # it only makes activities here
        self._sent = 0
        self._token, self._made = "", -1e9

    def request(self, number: int, due: float) -> tuple[str, bytes, dict[str, str]]:
        """Where a message goes, and what is sent."""
        if due - self._made > 300:
            self._token, self._made = a_token(self._service.service_url, app_id=self._service.app_id), due
        person, place = self._places[number % len(self._places)]
        activity = self._acts.activity(person, place, "message")
        activity |= {"text": TEAMS_WORDS[number // 2 % len(TEAMS_WORDS)], "textFormat": "plain"}
        self._sent += 1
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        return self._url, json.dumps(activity).encode(), headers

    async def settle(self, load: Load) -> None:
        """Wait for the answers that are still to come."""
        for _ in range(ANSWER_TENTHS):
            if len(self._service.shown) >= self._sent:
                break
            await asyncio.sleep(0.1)
        load.failed += ["a message was not answered"] * (self._sent - len(self._service.shown))


Platform = Slack | Teams


async def _drive(platforms: Sequence[Platform], options: argparse.Namespace) -> list[Load]:
    """Send commands when they are due, whatever became of those before; wait for what is still to come."""
    loads = [Load(platform.name) for platform in platforms]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:
        begun = time.monotonic() + 0.1
        tasks = []
        for number in range(options.seconds * options.rate):
            turn = number % len(platforms)
            due = begun + number / options.rate
            await asyncio.sleep(max(due - time.monotonic(), 0))
            loads[turn].latest_start = max(loads[turn].latest_start, time.monotonic() - due)
            request = platforms[turn].request(number, due)
            tasks.append(asyncio.create_task(_send(session, request, due, loads[turn])))
        await asyncio.gather(*tasks)
    for platform, load in zip(platforms, loads, strict=True):
        await platform.settle(load)
    return loads


async def _send(
    session: aiohttp.ClientSession, request: tuple[str, bytes, dict[str, str]], due: float, load: Load
) -> None:
    url, body, headers = request
    try:
        async with session.post(url, data=body, headers=headers) as answer:
            await answer.read()
            if answer.status != 200:
                load.failed.append(f"a command was answered {answer.status}")
                return
    except (aiohttp.ClientError, TimeoutError) as trouble:
        load.failed.append(f"a command was lost: {trouble!r}")
        return
    load.acknowledged.append(time.monotonic() - due)


def _tell(name: str, loads: Sequence[Load], bare: Load, process: Running, seconds_before: float) -> None:
    for load in loads:
        for what, times in (("acknowledged", load.acknowledged), ("answered", load.answered)):
            if times:
                columns = []
                for label, place in (("p50", 50), ("p99", 99), ("slowest", 100)):
                    ratio = _at(times, place) / _at(bare.acknowledged, place)
                    columns.append(f"{label} {_at(times, place) * 1000:6.1f} ms x{ratio:.1f}")
                print(f"{name:10} {load.name} {what:13} {'   '.join(columns)}   ({len(times):,})")
        for trouble in sorted(set(load.failed))[:5]:
            print(f"{name:10} {load.name} FAILED: {trouble} ({load.failed.count(trouble)} times)")
    use = process.use()
    print(
        f"{name:10} {use.seconds - seconds_before:.1f} s of processor time, {process.own_memory():.0f} MB resident; "
        f"the driver was {max(load.latest_start for load in loads) * 1000:.0f} ms late at most"
    )


def _at(times: Sequence[float], place: int) -> float:
    if place == 100:
        return max(times)
    return statistics.quantiles(times, n=100, method="inclusive")[place - 1]


def _catalogue(options: argparse.Namespace) -> str:
    sources = [
        {
            "id": f"feed-{number}",
            "name": f"Feed {number}",
            "publisher": f"Publisher {number % HOSTS}",
            "kind": "rss" if number % 3 == 2 else "atom",
            "url": f"http://127.0.0.{1 + number % HOSTS}:{options.port + 1}/feed/{number}.xml",
            "group": "government",
            "weight": 0.8,
        }
        for number in range(options.feeds)
    ]
    return json.dumps({"sources": sources})  # which is YAML as well


@contextmanager
def _feeds(port: int, count: int) -> Iterator[_Count]:
    """The server of feeds; what it yields counts how many feeds were read in full."""
    command = [sys.executable, str(ROOT / "tests/bench/server.py"), "--port", str(port), "--feeds", str(count)]
    with running([*command, "--hosts", str(HOSTS)], cwd=ROOT, environ={}) as process:
        process.until_answers(port, "/stats")
        yield _Count(port)


class _Count:
    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/stats"

    def __call__(self) -> int:
        with urllib.request.urlopen(self._url) as answer:
            return int(json.load(answer).get("200", 0))


if __name__ == "__main__":
    main()
