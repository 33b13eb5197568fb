"""What the benches of running services share: processes of our own, watched through /health and /proc."""

from __future__ import annotations

import http.client
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEY = "Y29udmVub3IncyBiZW5jaGVzLCBub3RoaW5nIGVsc2U="
POLL_SECONDS = 0.01
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Use:
    """What a process and its children use: resident memory in MB (shared pages once), processor time in seconds."""

    memory: float
    seconds: float


class Running:
    """A process that was started at ``started``, by the clock that only goes forward."""

    def __init__(self, process: subprocess.Popen[bytes], started: float) -> None:
        self._process = process
        self.started = started

    @property
    def pid(self) -> int:
        return self._process.pid

    def until_answers(self, port: int, path: str = "/health") -> float:
        """Wait until it answers 200 there; returns how many seconds that took since it was started."""
        while time.monotonic() - self.started < READY_SECONDS:
            if self._process.poll() is not None:
                sys.exit(f"a process ended with {self._process.returncode} before it was ready")
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    return time.monotonic() - self.started
            except OSError:
                time.sleep(POLL_SECONDS)
            finally:
                connection.close()
        sys.exit("a process was not ready within a minute")

    def use(self) -> Use:
        """What it and its children use by now."""
        pids = [self.pid, *children(self.pid)]
        return Use(sum(_memory(pid) for pid in pids), sum(_seconds(pid) for pid in pids))

    def own_memory(self) -> float:
        """Its own resident memory in MB, without that of its children."""
        return _field(self.pid, "VmRSS")


@contextmanager
def running(command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], quiet: bool = True) -> Iterator[Running]:
    """A process for as long as the block lasts; then it is told to stop. Its modules are compiled, as installed."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CONVENOR_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    out = subprocess.DEVNULL if quiet else None
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, env={**inherited, **environ}, stdout=out, stderr=out)
    try:
        yield Running(process, started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def convenor(*arguments: str) -> list[str]:
    """The command line of Convenor, in this Python."""
    return [sys.executable, "-m", "bot", *arguments]


def settings(database_url: str, port: int, **more: object) -> dict[str, str]:
    """The environment of a Convenor on this machine; ``more`` are settings without their prefix."""
    values = {"DATABASE_URL": database_url, "PORT": port, "ENCRYPTION_KEYS": KEY, "LOG_LEVEL": "warning", **more}
    return {
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": "/tmp/convenor-bench-pycache",
        **{f"CONVENOR_{name.upper()}": str(value) for name, value in values.items()},
    }


def machine() -> str:
    """When and on what this runs, and what else the machine is doing."""
    busy = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%-d %B %Y}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {busy:.1f} before it began"
    )


def children(pid: int) -> list[int]:
    """Every process that descends from one."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in direct:
            found += [child, *children(child)]
    return found


def _memory(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _field(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
