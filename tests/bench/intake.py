"""How fast intake is beside the reader library: run it as ``python tests/bench/intake.py --peer PYTHON``.

A server on this machine plays 200 feeds of 50 entries, in the shapes of GOV.UK and Parliament. Both readers read them
in turn, each repetition in a process of its own with an empty database on disk: a first read, a read of what is
unchanged, and a read after each feed has got one new entry. Convenor's part is the real one: its HTTP reader, its
rules, its tagger, its SQLite store. The run fails where a pass did not ask for every feed, or where an entry is lost.

What every entry of a first read is about is not looked at in the pass: no draft takes what was there before us. It is
tagged and indexed after the pass, which is measured by itself; reader does neither.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SERVERS = (ROOT.parent / "shared/bench/bench_server.py", ROOT / "tests/bench/server.py")
PASSES = ("first", "unchanged", "one new")
AFTERWARDS = "afterwards"
WANTED = {"first": 5.0, "unchanged": 10.0, "one new": 5.0}
GROWTH = 5.5
AT_ONCE = {0: 64, 50: 256}
"""So many fetches at once, in all and at each host, by the server's delay in ms. These are settings."""


def main() -> None:
    """Run everything and print a table; exits with 1 where a pass was not whole or a growth too large."""
    options = _options()
    if options.child:
        print(json.dumps(_CHILDREN[options.child](options)))
        return
    print(f"{datetime.now(UTC):%-d %B %Y}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print("Convenor: as many fetches at once per host as in all, no gap, every source forced due")
    ok = True
    for delay in (0, 50):
        with _server(options.port, 200, delay):
            print(f"\n200 feeds x 50 entries, {delay} ms of server delay, median of {options.repeat}")
            print(f"  Convenor: {AT_ONCE[delay]} fetches at once")
            options.at_once = AT_ONCE[delay]
            _compare(options, 200)
    options.at_once = AT_ONCE[0]
    with _server(options.port, 200, 0):
        small = _medians("convenor", options, 200)
    with _server(options.port, 1000, 0):
        large = _medians("convenor", options, 1000)
    print("\n1,000 feeds against 200")
    for name in PASSES:
        wall, used = (large[name][key] / small[name][key] for key in ("wall", "cpu"))
        # The verdict is on processor time: the clock on the wall also counts what else the machine does.
        ok &= used <= GROWTH
        print(
            f"  {name:10} CPU {small[name]['cpu']:6.2f} s {large[name]['cpu']:6.2f} s  x {used:.2f} (at most {GROWTH})"
        )
        print(f"  {'':10} wall {small[name]['wall']:5.2f} s {large[name]['wall']:6.2f} s  x {wall:.2f}")
    sys.exit(not ok)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=sys.executable, help="a Python that has the reader library")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--at-once", type=int, default=AT_ONCE[0], help=argparse.SUPPRESS)
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--feeds", type=int, default=200, help=argparse.SUPPRESS)
    return parser.parse_args()


def _compare(options: argparse.Namespace, feeds: int) -> None:
    rows = {name: _medians(name, options, feeds) for name in ("reader-1", "reader-10", "convenor")}
    ours = rows["convenor"]
    print(f"  {'':10} {'':10} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'wall x':>8} {'CPU x':>8}")
    for name in PASSES:
        for who, row in rows.items():
            it = row[name]
            ratios = (
                ""
                if who == "convenor"
                else f" {it['wall'] / ours[name]['wall']:8.1f} {it['cpu'] / ours[name]['cpu']:8.1f}"
            )
            print(f"  {name:10} {who:10} {it['wall']:8.2f} {it['cpu']:8.2f} {it['peak_mb']:8.0f}{ratios}")
        best = min(rows["reader-1"][name]["wall"], rows["reader-10"][name]["wall"]) / ours[name]["wall"]
        verdict = "reached" if best >= WANTED[name] else "not reached"
        print(f"  {name:10} against the faster of reader's two: {best:.1f} x, wanted {WANTED[name]:g} x: {verdict}")
    after = ours[AFTERWARDS]
    print(
        f"  after the first read, its entries are tagged and indexed: {after['wall']:.2f} s, CPU {after['cpu']:.2f} s"
    )


def _medians(who: str, options: argparse.Namespace, feeds: int) -> dict[str, dict[str, float]]:
    """The medians of several runs, each in a process of its own. Ends the program where a pass was not whole."""
    python = options.peer if who.startswith("reader") else sys.executable
    runs = []
    for _ in range(options.repeat):
        command = [python, __file__, "--child", who, "--feeds", str(feeds), "--port", str(options.port)]
        command += ["--at-once", str(options.at_once)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        if done.returncode:
            sys.exit(done.stderr[-3000:])
        run = json.loads(done.stdout.splitlines()[-1])
        for name in PASSES:
            if run[name]["requests"] != feeds:
                sys.exit(
                    f"{who}: the server counted {run[name]['requests']} requests in the pass “{name}”, not {feeds}."
                )
        if (run["first"]["new"], run["one new"]["new"]) != (feeds * 50, feeds):
            sys.exit(
                f"{who}: {run['first']['new']} and {run['one new']['new']} new entries, not {feeds * 50} and {feeds}."
            )
        runs.append(run)
    return {
        name: {key: statistics.median(run[name][key] for run in runs) for key in ("wall", "cpu", "peak_mb")}
        for name in runs[0]
    }


@contextmanager
def _server(port: int, feeds: int, delay: int) -> Iterator[None]:
    script = next(path for path in SERVERS if path.exists())
    command = [sys.executable, str(script), "--port", str(port), "--feeds", str(feeds), "--delay-ms", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            if not server.stdout.readline().startswith("ready"):
                sys.exit("The server of feeds did not start.")
            _wait_for(port)
            yield
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            _ask(port, "/stats")
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("The server of feeds does not answer.")


def _ask(port: int, path: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _address(port: int, number: int) -> str:
    return f"http://127.0.0.1:{port}/feed/{number}.xml"


def _measured(port: int, work: Callable[[], int]) -> dict[str, float]:
    """What a pass cost, and how many requests the server counted. ``work`` says how many entries were new."""

    def cpu() -> float:
        return sum(
            used.ru_utime + used.ru_stime
            for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )

    def requests() -> int:
        stats = _ask(port, "/stats")
        return int(stats.get("200", 0)) + int(stats.get("304", 0))

    asked, began, cpu_began = requests(), time.perf_counter(), cpu()
    new = work()
    wall, used = time.perf_counter() - began, cpu() - cpu_began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": wall, "cpu": used, "peak_mb": peak, "new": new, "requests": requests() - asked}


def _three_passes(
    port: int, work: Callable[[], int], afterwards: Callable[[], int] | None = None
) -> dict[str, dict[str, float]]:
    """The passes; ``afterwards`` is what is done when the first is over, and it is measured too."""
    _ask(port, "/reset")
    results = {"first": _measured(port, work)}
    if afterwards is not None:
        results[AFTERWARDS] = _measured(port, afterwards)
    results["unchanged"] = _measured(port, work)
    _ask(port, "/bump?n=1")
    return {**results, "one new": _measured(port, work)}


def _peer(workers: int) -> Callable[[argparse.Namespace], dict[str, Any]]:
    def run(options: argparse.Namespace) -> dict[str, Any]:
        from reader import make_reader

        with tempfile.TemporaryDirectory() as folder:
            reader = make_reader(f"{folder}/reader.sqlite", feed_root=None)
            for number in range(options.feeds):
                reader.add_feed(_address(options.port, number))

            def work() -> int:
                results = [each.value for each in reader.update_feeds_iter(workers=workers, scheduled=False)]
                if troubles := [each for each in results if isinstance(each, Exception)]:
                    raise troubles[0]
                return sum(each.new for each in results if each)

            return _three_passes(options.port, work)

    return run


def _convenor(options: argparse.Namespace) -> dict[str, Any]:
    from adapters.clock import SystemClock
    from adapters.feeds.http import HttpFeedReader
    from adapters.store.database import Database
    from bot.lasting import spare_what_is_here
    from bot.schedule import index_archive
    from config.kinds import load_kinds
    from config.topics import load_taxonomy
    from digests.model import Format, Group, Item, Source, Tagging
    from digests.reading import read_due
    from digests.tagging.tagger import Tagger

    tagger, kind_rules = Tagger(load_taxonomy()), load_kinds()

    def tag(item: Item) -> Tagging:
        return tagger.tag(item.title, item.summary, publisher=item.publisher, url=item.url, kind=item.kind)

    sources = [
        Source(
            id=f"feed-{number}",
            name=f"Feed {number}",
            publisher="Publisher",
            format=(Format.ATOM, Format.ATOM, Format.RSS)[number % 3],
            url=_address(options.port, number),
            group=Group.GOVERNMENT,
        )
        for number in range(options.feeds)
    ]
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        clock = SystemClock()

        async def open_database() -> Database:
            return await Database.open(f"sqlite:///{folder}/convenor.db")

        database = runner.run(open_database())
        reader = HttpFeedReader(clock, allow_private=True, per_host=options.at_once, gap_seconds=0)
        spare_what_is_here()

        async def read() -> int:
            summary = await read_due(
                sources,
                store=database,
                reader=reader,
                tag=tag,
                clock=clock,
                concurrency=options.at_once,
                force=True,
                window_start=clock.now() - timedelta(days=7),
                kind_rules=kind_rules,
            )
            if summary.failed:
                raise RuntimeError(
                    f"{len(summary.failed)} sources failed, one of them so: {next(iter(summary.failed.values()))}"
                )
            return summary.new

        results = _three_passes(
            options.port, lambda: runner.run(read()), lambda: runner.run(index_archive(database, tag))
        )
        runner.run(reader.aclose())
        runner.run(database.close())
    return results


_CHILDREN = {"reader-1": _peer(1), "reader-10": _peer(10), "convenor": _convenor}

if __name__ == "__main__":
    main()
