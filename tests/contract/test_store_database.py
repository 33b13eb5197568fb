"""Opening a database: addresses, migrations, what SQLite is told, and what people are told when it cannot be used."""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, select, text

from adapters.store import database as database_module
from adapters.store import upgrade
from adapters.store.database import Database
from adapters.store.tables import members, metadata, source_states
from adapters.store.trouble import StoreTrouble
from adapters.store.url import parse, shown
from digests.errors import Busy, ConfigError, NotFound
from digests.model import Outcome, SourceState
from tests.builders import NOW, a_revision, a_tagged_item, an_edition
from tests.contract.databases import empty_postgres_url, open_database, postgres_url, sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of each sort, without any table."""
    return f"sqlite:///{tmp_path / 'convenor.db'}" if request.param == "sqlite" else empty_postgres_url()


@pytest.fixture
def connection(empty_url: str) -> Iterator[Connection]:
    """A plain connection to an empty database, in a transaction."""
    engine = create_engine(empty_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as opened:
        yield opened
    engine.dispose()


# Addresses


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///convenor.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///convenor.db", "sqlite+aiosqlite"),
        ("postgres://db.example.org/convenor", "postgresql+psycopg"),
        ("postgresql://db.example.org/convenor", "postgresql+psycopg"),
        ("postgresql+psycopg://db.example.org/convenor", "postgresql+psycopg"),
    ],
)
def test_every_usual_address_gets_our_driver(url: str, driver: str) -> None:
    assert parse(url).drivername == driver


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://db.example.org/convenor", "CONVENOR_DATABASE_URL: a database of the sort “mysql” cannot be used"),
        ("convenor.db", "cannot be read"),
        ("", "cannot be read"),
        ("postgresql://db.example.org:port/x", "cannot be read"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        (
            "sqlite:////nowhere/at/all/convenor.db",
            "CONVENOR_DATABASE_URL: the directory “/nowhere/at/all” does not exist",
        ),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        parse(url)


def test_a_directory_is_no_database_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a directory"):
        parse(f"sqlite:///{tmp_path}")


def test_a_password_is_never_shown() -> None:
    assert shown(parse("postgres://convenor:s3cret@db.example.org/network")) == "network on db.example.org"
    with pytest.raises(ConfigError) as refused:
        parse("mysql://convenor:s3cret@db.example.org/network")
    assert "s3cret" not in str(refused.value)


# Migrations


async def test_an_empty_database_gets_every_table(empty_url: str) -> None:
    database = await open_database(empty_url)
    async with database.begin() as uow:
        await uow.items.add([a_tagged_item(1)])
        assert await uow.items.count() == 1
    await database.close()


async def test_several_starts_at_once_migrate_once(empty_url: str) -> None:
    opened = await asyncio.gather(*(open_database(empty_url) for _ in range(3)))
    for database in opened:
        async with database.read() as uow:
            assert await uow.items.count() == 0
        await database.close()


def test_migrations_make_exactly_the_tables_of_the_code(connection: Connection) -> None:
    upgrade.upgrade(connection)
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True, "include_name": upgrade.is_ours}
    )
    assert compare_metadata(context, metadata) == []
    checks = inspect(connection).get_check_constraints("installation")
    assert [check["name"] for check in checks] == ["ck_installation_one_row"]


def test_migrations_can_be_undone_to_an_empty_database(connection: Connection) -> None:
    upgrade.upgrade(connection)
    upgrade.downgrade(connection)
    assert inspect(connection).get_table_names() == ["alembic_version"]
    assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 0
    upgrade.upgrade(connection)


def test_a_database_of_the_first_convenor_keeps_everything_when_it_is_brought_up_to_date(
    connection: Connection,
) -> None:
    upgrade.upgrade(connection, "0001")
    old = {
        "source_id": "dsit",
        "etag": 'W/"1"',
        "last_modified": "then",
        "first_read_at": "2025-01-01 09:00:00",
        "last_good_at": "2025-01-23 09:00:00",
        "next_due_at": "2025-01-23 10:00:00",
        "failures": 3,
        "outcome": "timed out",
        "reason": "It did not answer.",
        "muted": True,
    }
    columns = ", ".join(old)
    values = ", ".join(f":{name}" for name in old)
    connection.execute(text(f"INSERT INTO source_states ({columns}) VALUES ({values})"), old)
    connection.execute(
        text(
            "INSERT INTO fetches (source_id, started_at, finished_at, outcome, reason, entries, new, changed)"
            " VALUES ('dsit', '2025-01-23 09:00:00', '2025-01-23 09:00:01', 'read', '', 20, 2, 1)"
        )
    )
    upgrade.upgrade(connection)
    row = connection.execute(select(source_states)).one()
    assert SourceState(**row._mapping) == SourceState(
        "dsit",
        etag='W/"1"',
        last_modified="then",
        first_read_at=datetime(2025, 1, 1, 9, tzinfo=UTC),
        last_good_at=datetime(2025, 1, 23, 9, tzinfo=UTC),
        next_due_at=datetime(2025, 1, 23, 10, tzinfo=UTC),
        failures=3,
        outcome=Outcome.TIMED_OUT,
        reason="It did not answer.",
        muted=True,
        newest_entry_at=datetime(2025, 1, 23, 9, tzinfo=UTC),
    )
    assert connection.execute(text("SELECT entries, new, changed FROM fetches")).one() == (20, 2, 1)
    upgrade.downgrade(connection, "0001")
    assert connection.execute(text("SELECT etag, failures FROM source_states")).one() == ('W/"1"', 3)


def test_no_migration_loses_what_hangs_on_an_item(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # As Convenor itself connects: what refers to a row goes with it, also where a table is made anew.
        connection.execute(text("PRAGMA foreign_keys=ON"))
    upgrade.upgrade(connection, "0003")
    connection.execute(
        text(
            'INSERT INTO items (id, url, title, summary, publisher, source_id, "group", kind, received_at, stage,'
            " date_words, background, revision, relevant, gate, rules_version, search_text) VALUES ('a', 'u', 't', '',"
            " 'p', 's', 'government', 'news', '2025-01-01', '', '', false, 1, true, 'g', 'r', '')"
        )
    )
    connection.execute(text("INSERT INTO item_tags VALUES ('a', 0, 'ai', 'AI', 'title', 'ai*')"))
    upgrade.upgrade(connection)
    assert connection.execute(text("SELECT item_id, topic_id FROM item_tags")).one() == ("a", "ai")
    assert connection.execute(text("SELECT title, kind_because FROM items")).one() == ("t", "")
    upgrade.downgrade(connection, "0003")
    assert connection.execute(text("SELECT item_id, topic_id FROM item_tags")).one() == ("a", "ai")


def test_the_newest_migration_is_the_one_that_the_code_asks_for() -> None:
    assert ScriptDirectory.from_config(upgrade.config()).get_heads() == [upgrade.NEWEST]


async def test_a_database_of_a_newer_convenor_is_refused_and_left_as_it_is(empty_url: str) -> None:
    engine = create_engine(empty_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    with pytest.raises(upgrade.WrongVersion, match=re.escape("newer Convenor (its version is 9999, this one knows")):
        await open_database(empty_url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


async def test_a_database_that_needs_a_migration_is_not_opened_without_leave(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "convenor.db").touch()
    with pytest.raises(upgrade.WrongVersion, match="has not been brought up to date"):
        await open_database(empty_url, migrate=False)
    await (await open_database(empty_url)).close()
    await (await open_database(empty_url, migrate=False)).close()


# The SQLite file


async def test_a_file_that_is_not_there_is_not_made_without_leave(tmp_path: Path) -> None:
    path = tmp_path / "convenor.db"
    with pytest.raises(NotFound, match="There is no database here yet"):
        await open_database(f"sqlite:///{path}", migrate=False)
    assert not path.exists()


async def test_only_its_owner_can_read_a_new_file_and_what_stands_beside_it(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path / '100% mine.db'}")
    async with database.begin() as uow:
        await uow.items.add([a_tagged_item(1)])
        await uow.commit()
    made = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    await database.close()
    assert made["100% mine.db"] == 0o600
    assert set(made.values()) == {0o600}
    assert [path.name for path in tmp_path.iterdir()] == ["100% mine.db"]


async def test_a_file_system_without_links_is_good_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_paths: object) -> None:
        raise OSError("operation not supported")

    monkeypatch.setattr("os.link", refuse)
    await (await open_database(f"sqlite:///{tmp_path / 'convenor.db'}")).close()
    assert [path.name for path in tmp_path.iterdir()] == ["convenor.db"]


async def test_a_directory_that_must_not_be_written_to_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_how: object) -> None:
        raise PermissionError("not permitted")

    monkeypatch.setattr("tempfile.TemporaryDirectory", refuse)
    with pytest.raises(ConfigError, match="may not write in the directory"):
        await open_database(f"sqlite:///{tmp_path / 'convenor.db'}")


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "convenor.db"
    path.write_text("Dear diary, this is not a database at all. " * 100)
    with pytest.raises(StoreTrouble, match="not a Convenor database"):
        await open_database(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear diary")


async def test_sqlite_keeps_what_it_was_told_and_checks_what_refers_to_what(tmp_path: Path) -> None:
    database = await open_database(sqlite_url(tmp_path))
    for transaction, query_only in ((database.writing(), 0), (database.reading(), 1)):
        async with transaction as opened:
            told = {
                pragma: await opened.value(text(f"PRAGMA {pragma}"))
                for pragma in ("journal_mode", "synchronous", "foreign_keys", "query_only", "busy_timeout")
            }
        full = 2
        assert told == {
            "journal_mode": "wal",
            "synchronous": full,
            "foreign_keys": 1,
            "query_only": query_only,
            "busy_timeout": 10_000,
        }
    await database.close()


async def test_a_unit_of_work_takes_the_write_lock_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "PATIENCE_SECONDS", 0.1)
    url = sqlite_url(tmp_path)
    database, other_process = await open_database(url), await open_database(url)
    async with database.begin():
        for waiting in (database, other_process):
            with pytest.raises(Busy, match="Try again in a minute") as busy:
                async with waiting.begin():
                    pytest.fail("two units of work at once")
            assert busy.value.retry
    async with other_process.begin() as uow:
        await uow.commit()
    await database.close()
    await other_process.close()


async def test_a_writer_waits_while_another_process_writes(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    database, other_process = await open_database(url), await open_database(url)

    async def add(store: Database, number: int) -> None:
        async with store.begin() as uow:
            await uow.items.add([a_tagged_item(number)])
            await uow.commit()

    await asyncio.gather(*(add((database, other_process)[number % 2], number) for number in range(20)))
    async with database.read() as uow:
        assert await uow.items.count() == 20
    await database.close()
    await other_process.close()


# PostgreSQL


async def test_waiting_for_what_another_process_holds_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "PATIENCE_SECONDS", 0.1)
    url, edition = postgres_url(), an_edition()
    database, other_process = await open_database(url), await open_database(url)
    async with database.begin() as uow:
        await uow.editions.add(edition, a_revision(edition))
        await uow.commit()
    async with database.begin() as holder, other_process.begin() as waiting:
        await holder.editions.lock(edition.id)
        with pytest.raises(Busy, match="Try again in a minute") as busy:
            await waiting.editions.lock(edition.id)
        assert busy.value.retry
    await database.close()
    await other_process.close()


# What people are told, and what they are not


async def test_a_server_that_cannot_be_reached_is_said_without_the_password() -> None:
    with pytest.raises(StoreTrouble, match="cannot be reached") as trouble:
        await open_database("postgresql://convenor:s3cret@127.0.0.1:1/network?connect_timeout=2")
    assert trouble.value.retry
    assert trouble.value.subject == "network on 127.0.0.1"
    assert "s3cret" not in str(trouble.value)


async def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    naive = datetime(2025, 1, 23, 10, 0)  # noqa: DTZ001
    async with database.begin() as uow:
        with pytest.raises(ValueError, match="needs a time zone"):
            await uow.sources.save_state(SourceState("example", last_fetch_at=naive))
    async with database.begin() as uow:
        await uow.sources.save_state(SourceState("example", last_fetch_at=NOW))


async def test_an_error_never_carries_what_was_stored(database: Database) -> None:
    incomplete = members.insert().values(id="alice", name="Alice Example", created_at=None)
    async with database.writing() as transaction:
        with pytest.raises(StoreTrouble) as trouble:
            await transaction.change(incomplete)
    told = "".join(traceback.format_exception(trouble.value))
    assert "created_at" in told
    assert "Alice Example" not in told
