"""The service lock: one Convenor for each SQLite file, and nobody locked out by a crash."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.store.lock import ServiceLock
from digests.errors import Busy, ConfigError
from tests.builders import NOW

HOLDER = """
import sys
from adapters.store.lock import ServiceLock
ServiceLock(sys.argv[1]).acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'convenor.db'}"


def test_a_second_service_is_told_about_the_first(url: str, tmp_path: Path) -> None:
    first = ServiceLock(url)
    first.acquire(NOW)
    with pytest.raises(Busy) as busy:
        ServiceLock(url, "convenor try").acquire(NOW)
    assert str(busy.value) == (
        f"Convenor is already running on {tmp_path / 'convenor.db'}: “convenor run”, process {os.getpid()}, "
        "since 23 January 2025, 10:00."
    )
    first.release()


def test_the_time_is_told_as_in_london(url: str) -> None:
    with ServiceLock(url) as lock:
        lock.release()
        lock.acquire(datetime(2025, 7, 1, 23, 30, tzinfo=UTC))
        with pytest.raises(Busy, match=r"since 2 July 2025, 00:30\.$"):
            ServiceLock(url).acquire()


def test_the_lock_is_free_again_after_release(url: str) -> None:
    with ServiceLock(url):
        pass
    second = ServiceLock(url)
    second.acquire()
    second.acquire()
    with pytest.raises(Busy):
        ServiceLock(url).acquire()
    second.release()
    second.release()
    with ServiceLock(url) as third:
        assert third is not None


def test_a_lock_file_that_was_left_behind_is_taken_over(url: str, tmp_path: Path) -> None:
    left_behind = tmp_path / "convenor.db.lock"
    left_behind.write_text(
        '{"name": "convenor run", "pid": 1, "host": "elsewhere", "since": "2025-01-01T00:00:00+00:00"}' * 3
    )
    with ServiceLock(url, "convenor run"):
        assert left_behind.read_text().count('"pid"') == 1
        assert f'"pid": {os.getpid()}' in left_behind.read_text()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "\0\0"])
def test_a_holder_that_has_not_said_who_it_is_yet_is_respected_all_the_same(
    url: str, tmp_path: Path, content: str
) -> None:
    with ServiceLock(url):
        (tmp_path / "convenor.db.lock").write_text(content)
        with pytest.raises(Busy, match=r"already running on .*convenor\.db\.$"):
            ServiceLock(url).acquire()


def test_a_process_that_was_killed_holds_nothing(url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(Busy, match=f"process {process.pid}, since"):
        ServiceLock(url).acquire()
    process.kill()
    process.communicate()
    with ServiceLock(url):
        assert (tmp_path / "convenor.db.lock").exists()


def test_postgresql_takes_any_number_of_services() -> None:
    url = "postgresql://db.example.org/convenor"
    first, second = ServiceLock(url), ServiceLock(url)
    with first, second:
        assert first is not second, "both are held at the same time"


def test_an_address_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        ServiceLock("sqlite:////nowhere/convenor.db")
