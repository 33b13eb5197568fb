"""Keeps a second Convenor from running on the same SQLite file: a lock file beside it, held while the process lives."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from adapters.store.url import file_of, parse, shown
from digests.errors import Busy

LONDON = ZoneInfo("Europe/London")


class ServiceLock:
    """The one service on a database. PostgreSQL takes any number of services, so there it locks nothing.

    The operating system drops the lock when its process ends, however it ends: a lock file that was left behind
    is simply taken over. Commands that run beside the service do not take this lock.
    """

    def __init__(self, database_url: str, name: str = "convenor run") -> None:
        """Raises ConfigError where the address cannot be used."""
        url = parse(database_url)
        path = file_of(url)
        self._path = path.with_name(f"{path.name}.lock") if path else None
        self._database = shown(url)
        self._name = name
        self._file: int | None = None

    def acquire(self, started_at: datetime | None = None) -> None:
        """Take the lock. Raises Busy, naming who has it, where another process does.

        ``started_at`` is what others are told (UTC; the present moment unless given).
        """
        if self._path is None or self._file is not None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 4096, 0)
            os.close(file)
            raise Busy("", _already_running(self._database, holder)) from None
        self._file = file
        me = {
            "name": self._name,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": (started_at or datetime.now(UTC)).astimezone(UTC).isoformat(),
        }
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(me).encode(), 0)

    def release(self) -> None:
        """Give the lock back. The file stays: removing it could take a lock away from who opened it meanwhile."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _already_running(database: str, holder: bytes) -> str:
    try:
        who = json.loads(holder)
        since = datetime.fromisoformat(who["since"]).astimezone(LONDON)
        host = "" if who["host"] == socket.gethostname() else f" on {who['host']}"
        day = f"{since.day} {since:%B %Y, %H:%M}"
        return f"Convenor is already running on {database}: “{who['name']}”, process {who['pid']}{host}, since {day}."
    except (ValueError, KeyError, TypeError):
        # It is just starting, and has not said who it is.
        return f"Convenor is already running on {database}."
