"""Starts the real ``convenor`` command as a process of its own, and stops exactly that process again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.contract.databases import TEST_KEY
from tests.journeys.slack_emulator import free_port

START_SECONDS = 40.0
STOP_SECONDS = 15.0
ROOT = Path(__file__).resolve().parents[2]


def environment(**settings: str) -> dict[str, str]:
    """The process's environment with only these CONVENOR_ settings, and the tests' own key."""
    ours = {f"CONVENOR_{name}": value for name, value in {"ENCRYPTION_KEYS": TEST_KEY, **settings}.items()}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONVENOR_")}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **ours}


async def run(*arguments: str, cwd: Path, stdin: str = "", **settings: str) -> tuple[int, str, str]:
    """Run a command to its end: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=cwd,
        env=environment(**settings),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(stdin.encode()), START_SECONDS)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


class Running:
    """A service that is up. ``log`` is what it has written so far."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self._log = log

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    async def says(self, words: str, seconds: float = START_SECONDS) -> None:
        """Wait until these words are in the log."""
        async with asyncio.timeout(seconds):
            while words not in self.log:
                if self.process.returncode is not None:
                    raise AssertionError(f"it stopped with {self.process.returncode}:\n{self.log}")
                await asyncio.sleep(0.05)

    async def health(self) -> Mapping[str, object]:
        """What /health says."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/health") as answer:
            content: Mapping[str, object] = await answer.json()
            return content

    async def stop(self) -> int:
        """Ask it to stop, as a person or a host would; its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), STOP_SECONDS)


@asynccontextmanager
async def serving(
    *arguments: str,
    cwd: Path,
    settings: Mapping[str, str] | None = None,
    ready: str = "Convenor is ready",
    port: int = 0,
) -> AsyncIterator[Running]:
    """A service (``run``, ``demo``) from when it says ``ready`` until the block ends; it must then stop cleanly."""
    port = port or free_port()
    log = cwd / f"{arguments[0]}-{port}.log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            "--port",
            str(port),
            cwd=cwd,
            env=environment(**settings or {}),
            stdout=written,
            stderr=written,
        )
    running = Running(process, port, log)
    try:
        await running.says(ready)
        yield running
        code = await running.stop()
        assert code == 0, f"it did not stop cleanly ({code}):\n{running.log}"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
