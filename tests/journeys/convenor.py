"""Starts the real ``convenor`` command as a process of its own, and stops exactly that process again.

It is forked from a process that has imported everything, on a database that has every table. A ``fresh`` start, which
imports and makes all that itself, takes a second or two longer: it is for where that is what a test is about.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import aiohttp

from tests.contract.databases import TEST_KEY, own_database
from tests.forks import forking
from tests.journeys.slack_emulator import free_port

START_SECONDS = 40.0
STOP_SECONDS = 15.0
ROOT = Path(__file__).resolve().parents[2]


def environment(**settings: str) -> dict[str, str]:
    """The process's environment with only these CONVENOR_ settings, and the tests' own key."""
    ours = {f"CONVENOR_{name}": value for name, value in {"ENCRYPTION_KEYS": TEST_KEY, **settings}.items()}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONVENOR_")}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **ours}


class Process(Protocol):
    """A process, as asyncio knows it. A negative exit code: the signal that ended it."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def send_signal(self, number: int, /) -> None: ...

    async def wait(self) -> int: ...


class Forked:
    """A command that runs in a fork of the prepared process."""

    def __init__(
        self, arguments: Sequence[str], cwd: Path, settings: Mapping[str, str], streams: Sequence[str]
    ) -> None:
        given = (list(arguments), str(cwd), environment(**settings), list(streams))
        self._process = forking().Process(target=begin, args=given)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int, /) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    async def wait(self) -> int:
        while self._process.is_alive():
            ended = asyncio.Event()
            loop = asyncio.get_running_loop()
            loop.add_reader(self._process.sentinel, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(self._process.sentinel)
        assert self.returncode is not None
        return self.returncode


def begin(arguments: Sequence[str], cwd: str, environ: Mapping[str, str], streams: Sequence[str]) -> None:
    """The command in the fork, as if it had been started in a shell: with its folder, environment and streams."""
    from bot.__main__ import main

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    for number, name in enumerate(streams):
        opened = os.open(name, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["convenor", *arguments]
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, "w" if number else "r", 1) for number in range(3))
    sys.exit(main(arguments))


async def _start(
    arguments: Sequence[str], cwd: Path, settings: Mapping[str, str], streams: Sequence[str], *, fresh: bool
) -> Process:
    if not fresh:
        if not {"DATABASE_URL", "ENCRYPTION_KEYS"} & set(settings):
            own_database(cwd, "demo-samples.db" if arguments[0] == "demo" else "convenor.db")
        return Forked(arguments, cwd, settings, streams)
    stdin, out, err = map(Path, streams)
    with stdin.open("rb") as given, out.open("ab") as written, err.open("ab") as complaints:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=cwd,
            env=environment(**settings),
            stdin=given,
            stdout=written,
            stderr=complaints,
        )


async def run(*arguments: str, cwd: Path, stdin: str = "", **settings: str) -> tuple[int, str, str]:
    """Run a command to its end: exit code, standard output, standard error."""
    return await _run(arguments, cwd, stdin, settings, fresh=False)


async def run_afresh(*arguments: str, cwd: Path, stdin: str = "", **settings: str) -> tuple[int, str, str]:
    """The same, by a ``fresh`` start."""
    return await _run(arguments, cwd, stdin, settings, fresh=True)


async def _run(
    arguments: Sequence[str], cwd: Path, stdin: str, settings: Mapping[str, str], *, fresh: bool
) -> tuple[int, str, str]:
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin, encoding="utf-8")
        process = await _start(arguments, cwd, settings, [str(path) for path in streams], fresh=fresh)
        try:
            code = await asyncio.wait_for(process.wait(), START_SECONDS)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
        return code, streams[1].read_text(encoding="utf-8"), streams[2].read_text(encoding="utf-8")


class Running:
    """A service that is up. ``log`` is what it has written so far."""

    def __init__(self, process: Process, port: int, log: Path) -> None:
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
                await asyncio.sleep(0.02)

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
    fresh: bool = False,
) -> AsyncIterator[Running]:
    """A service (``run``, ``demo``) from when it says ``ready`` until the block ends; it must then stop cleanly."""
    port = port or free_port()
    log = cwd / f"{arguments[0]}-{port}.log"
    log.touch()
    streams = (os.devnull, str(log), str(log))
    process = await _start([*arguments, "--port", str(port)], cwd, settings or {}, streams, fresh=fresh)
    running = Running(process, port, log)
    try:
        await running.says(ready)
        yield running
        code = await running.stop()
        assert code == 0, f"it did not stop cleanly ({code}):\n{running.log}"
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()
