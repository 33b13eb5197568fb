"""How soon Slack hears from Convenor under load: run it as ``python -m tests.bench.chat``.

Signed slash commands come at 50 a second for a minute, from a hundred people, and do not wait for each other.
Convenor is the real one in a process of its own; 200 feeds of 50 entries each come due as the load begins, so that it
reads, stores, tags and indexes 10,000 entries meanwhile. Beside it, in the same run and under the same load: a bare
Bolt app on aiohttp that acknowledges and does nothing. How late an acknowledgement is counts from when its command was
due. The run fails where a command was not acknowledged or answered, a feed was not read, or the aim is missed.
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

from tests.bench.running import ROOT, Running, convenor, machine, running, settings
from tests.fakes.slack_api import Call, FakeSlackApi, listening

SECRET = "shared-secret"
AIM_MS = 300.0
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


@dataclass
class Load:
    """What came of one load: seconds from when a command was due to its acknowledgement, and to its answer."""

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
    async with listening(slack):
        with tempfile.TemporaryDirectory() as folder, _feeds(options.port + 1, options.feeds) as feeds:
            here = Path(folder)
            peer = [sys.executable, "-c", PEER.replace("PORT", str(options.port))]
            environ = settings("sqlite:///none.db", options.port)
            with running(peer, cwd=here, environ=environ) as process:
                process.until_answers(options.port)
                before = process.use()
                bare = await _drive(slack, options, answers=False)
                _tell("bare Bolt", bare, bare, process, before.seconds)
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
            )
            with running(convenor("run"), cwd=here, environ=environ) as process:
                process.until_answers(options.port)
                before = process.use()
                ours = await _drive(slack, options, answers=True)
                _tell("Convenor", ours, bare, process, before.seconds)
            read = feeds()
    print(f"meanwhile: {read} of {options.feeds} feeds read once, with their {50 * options.feeds:,} entries")
    late = _at(ours.acknowledged, 99) * 1000
    print(f"aim: p99 of acknowledgement within {AIM_MS:g} ms; it was {late:.0f} ms")
    return late <= AIM_MS and not ours.failed and not bare.failed and read == options.feeds


async def _drive(slack: TimedSlack, options: argparse.Namespace, *, answers: bool) -> Load:
    """Send commands when they are due, whatever became of those before; wait for what is still to come."""
    load, count = Load(), options.seconds * options.rate
    slack.came.clear()
    due: list[float] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:
        begun = time.monotonic() + 0.1
        tasks = []
        for number in range(count):
            at = begun + number / options.rate
            due.append(at)
            await asyncio.sleep(max(at - time.monotonic(), 0))
            load.latest_start = max(load.latest_start, time.monotonic() - at)
            tasks.append(asyncio.create_task(_send(session, slack, options.port, number, at, load)))
        await asyncio.gather(*tasks)
    if answers:
        for _ in range(100):
            if len(slack.came) >= count:
                break
            await asyncio.sleep(0.1)
        came = {int(method.removeprefix("hooks.")): at for method, at in slack.came.items() if "hooks." in method}
        load.answered = [at - due[number] for number, at in came.items()]
        load.failed += [
            f"{' '.join(COMMANDS[n % len(COMMANDS)])} was not answered" for n in range(count) if n not in came
        ]
    return load


async def _send(
    session: aiohttp.ClientSession, slack: TimedSlack, port: int, number: int, due: float, load: Load
) -> None:
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
            "response_url": f"{slack.url}hooks.{number}",
        }
    )
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
    }
    try:
        async with session.post(f"http://127.0.0.1:{port}/slack/events", data=body, headers=headers) as answer:
            await answer.read()
            if answer.status != 200:
                load.failed.append(f"{command} {words}: {answer.status}")
                return
    except (aiohttp.ClientError, TimeoutError) as trouble:
        load.failed.append(f"{command} {words}: {trouble!r}")
        return
    load.acknowledged.append(time.monotonic() - due)


def _tell(name: str, load: Load, bare: Load, process: Running, seconds_before: float) -> None:
    for what, times in (("acknowledged", load.acknowledged), ("answered", load.answered)):
        if times:
            columns = []
            for label, place in (("p50", 50), ("p99", 99), ("slowest", 100)):
                ratio = _at(times, place) / _at(bare.acknowledged, place)
                columns.append(f"{label} {_at(times, place) * 1000:6.1f} ms x{ratio:.1f}")
            print(f"{name:10} {what:13} {'   '.join(columns)}   ({len(times):,})")
    use = process.use()
    print(
        f"{name:10} {use.seconds - seconds_before:.1f} s of processor time, {process.own_memory():.0f} MB resident; "
        f"the driver was {load.latest_start * 1000:.0f} ms late at most"
    )
    for trouble in sorted(set(load.failed))[:5]:
        print(f"{name:10} FAILED: {trouble} ({load.failed.count(trouble)} times)")


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
