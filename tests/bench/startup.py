"""How soon Convenor is ready and how much memory it holds: run it as ``python -m tests.bench.startup``.

``convenor run`` with Slack and Teams set up, beside a process that imports what both chat platforms and the store need,
builds a Bolt app, and answers /health, with no Convenor in it: what nobody could go below with these libraries. Each is
started anew for each repetition; Slack's Web API is played on loopback, and the sample feeds are read.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.running import convenor, machine, running, settings
from tests.fakes.slack_api import slack_api

READY_SECONDS = 2.0
MEMORY_MB = 150.0
SETTLE_SECONDS = 6.0
"""Long enough for the first read of the samples and the first look of every tick."""

PEER = """
import asyncio
from aiohttp import web
import sqlalchemy.ext.asyncio, sqlalchemy.dialects.sqlite.aiosqlite, aiosqlite
import botbuilder.core, botbuilder.schema
from slack_bolt.async_app import AsyncApp

async def main():
    bolt = AsyncApp(token="xoxb-1", signing_secret="secret")
    app = web.Application()
    async def health(request):
        return web.json_response({"ok": True})
    app.router.add_get("/health", health)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", %d).start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


def main() -> None:
    """Print the medians and their ratios; exits with 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--port", type=int, default=8768)
    options = parser.parse_args()
    print(machine())
    found: dict[str, list[tuple[float, float, float, float]]] = {"peer": [], "first start": [], "start": []}
    with _slack() as api_url, tempfile.TemporaryDirectory() as folder:
        for number in range(-1, options.repeat):
            here = Path(folder) / str(number)
            here.mkdir()
            environ = settings(
                f"sqlite:///{here}/convenor.db",
                options.port,
                offline=1,
                slack_bot_token="xoxb-1",
                slack_signing_secret="secret",
                slack_api_url=api_url,
                teams_app_id="01234567-89ab-cdef-0123-456789abcdef",
                teams_app_password="secret",
                teams_tenant="01234567-89ab-cdef-0123-456789abcdef",
            )
            peer = [sys.executable, "-c", PEER % options.port]
            measured = {"peer": peer, "first start": convenor("run"), "start": convenor("run")}
            for name, command in measured.items():
                with running(command, cwd=here, environ=environ) as process:
                    ready = process.until_answers(options.port)
                    at_once = process.use().seconds
                    time.sleep(0.2 if name == "peer" else SETTLE_SECONDS)
                    if number >= 0:  # the one before compiles the modules
                        found[name].append((ready, at_once, process.own_memory(), process.use().memory))
    ok = _tell(found)
    sys.exit(not ok)


def _tell(found: dict[str, list[tuple[float, float, float, float]]]) -> bool:
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in found.items()}
    print(f"{'':12} ready after   processor time   resident   with children")
    for name, (ready, seconds, own, whole) in medians.items():
        ratios = [mine / bare for mine, bare in zip((ready, seconds, own), medians["peer"], strict=False)]
        print(
            f"{name:12} {ready:5.2f} s x{ratios[0]:.1f}  {seconds:6.2f} s x{ratios[1]:.1f}   "
            f"{own:6.0f} MB x{ratios[2]:.1f}  {whole:6.0f} MB"
        )
    # The verdict is on processor time: the clock on the wall also counts what else the machine does.
    print(f"aims: {READY_SECONDS:g} s of processor time, {MEMORY_MB:g} MB resident")
    return bool(medians["start"][1] <= READY_SECONDS and medians["start"][2] <= MEMORY_MB)


@contextmanager
def _slack() -> Iterator[str]:
    """Slack's Web API on loopback, in a thread of its own."""
    loop = asyncio.new_event_loop()
    started, address, stop = threading.Event(), [""], asyncio.Event()

    async def serve() -> None:
        async with slack_api() as api:
            address[0] = api.url
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait()
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


if __name__ == "__main__":
    main()
