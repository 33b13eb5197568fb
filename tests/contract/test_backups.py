"""Backups and restores on both databases: what is copied, what is refused, and what a restore does not undo."""

from __future__ import annotations

import errno
import functools
import json
import os
import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, make_url

from adapters.backup import folder, journal, postgresql, sqlite
from adapters.backup.trouble import BadBackup
from adapters.store import upgrade
from adapters.store.database import Database
from adapters.store.departed import who_left
from adapters.store.lock import ServiceLock
from adapters.store.upgrade import RESTORING, WrongVersion
from adapters.store.url import parse
from adapters.store.vault import MARK, new_key
from bot import schedule
from bot.app import house, keeping, restoring
from bot.keeping.model import COUNTS_AS_UNKNOWN, Departure, Did
from bot.keeping.releasing import release
from bot.keeping.replaying import Replayed
from bot.messages import Button
from bot.privacy import notice
from bot.privacy.model import Processing
from config.settings import Settings, load_settings
from digests.errors import Busy
from digests.model import DeliveryState
from tests.builders import a_delivery
from tests.contract.databases import (
    TEST_KEY,
    empty_postgres_url,
    open_database,
    own_postgres_url,
    postgres_programs,
    sqlite_url,
)
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, said

PROGRAM = "convenor 1.0"


@dataclass
class Place:
    """A database of its own, and the settings of a Convenor that keeps backups of it."""

    folder: Path
    url: str
    keys: str = TEST_KEY

    @property
    def settings(self) -> Settings:
        given = {"DATABASE_URL": self.url, "ENCRYPTION_KEYS": self.keys, "BACKUP_DIR": str(self.folder / "backups")}
        return load_settings({f"CONVENOR_{name}": value for name, value in given.items()}, None)

    def back_up(self) -> Path:
        return keeping.make_backup(self.settings, program=PROGRAM, why="by hand").file

    async def restore(self, file: Path, *, without_journal: bool = False) -> restoring.Restored:
        plan = await restoring.plan_restore(self.settings, file, without_journal=without_journal)
        return await restoring.restore(self.settings, plan)


@functools.cache
def _files() -> Any:
    return house.load_files(load_settings({}, None))


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of the configuration, which are none of the matter, are read once for all of these tests."""
    loaded = _files()
    monkeypatch.setattr(house, "load_files", lambda settings: loaded)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Place:
    return Place(tmp_path, sqlite_url(tmp_path))


@pytest.fixture
def on_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PATH", f"{postgres_programs()}{os.pathsep}{os.environ['PATH']}")
    return Place(tmp_path, own_postgres_url())


async def a_week(database: Database) -> Network:
    """A network at this very moment: Alice asked to be erased 13 days ago; Carol and Dan are in the directory."""
    network = await Network.make(store=database)
    network.clock.set(datetime.now(UTC) - timedelta(days=13))
    await network.press(ALICE, Button("", notice.ERASE))
    network.clock.set(datetime.now(UTC))
    for who in (CAROL, DAN):
        await network.joins(who)
    await network.sends()
    row = a_delivery("waits", address=BOB.address, created_at=network.clock.now())
    async with database.begin() as uow:
        await uow.deliveries.add([row])
        await uow.commit()
    return network


async def a_week_backed_up(place: Place) -> Path:
    """The backup of such a network, with its journal in the file."""
    database = await open_database(place.url)
    await a_week(database)
    await keeping.journal_tick(place.settings, database)
    await database.close()
    return place.back_up()


async def test_after_a_restore_nothing_is_posted_again_and_nobody_who_left_comes_back(place: Place) -> None:
    database = await open_database(place.url)
    network = await a_week(database)
    await keeping.journal_tick(place.settings, database)
    file = place.back_up()
    # What happens in the day that is lost:
    network.clock.advance(hours=20)
    await network.sends()
    assert [line.key for line in network.courier.posted][-1] == "waits"
    network.clock.advance(days=2)
    await schedule.privacy_tick(network.services)
    await network.press(CAROL, Button("", "profile.leave"))
    await network.press(DAN, Button("", notice.SAY_NO, Processing.INTRODUCTIONS.value))
    await keeping.journal_tick(place.settings, database)
    await database.close()

    done = await place.restore(file)

    assert (done.unknown, done.replayed) == (1, Replayed(erased=1, asked=0, left=1, objected=1))
    assert done.kept
    database = await open_database(place.url)
    async with database.read() as uow:
        hold = await uow.holds.get()
        assert hold is not None
        assert (hold.backup, hold.made_at) == (file.name, done.plan.manifest.made_at)
        assert await uow.members.find(ALICE) is None
        carol, dan = await uow.members.find(CAROL), await uow.members.find(DAN)
        assert carol is not None
        assert dan is not None
        assert await uow.profiles.get(carol.id) is None
        assert await uow.rights.absent(Processing.INTRODUCTIONS) == {dan.id}
        assert [row.reason for row in await uow.deliveries.in_state(DeliveryState.UNKNOWN)] == [COUNTS_AS_UNKNOWN]
        assert Did.ERASED in {each.did for each in await uow.departures.all()}
    again = await Network.make(store=database)
    again.clock.set(network.clock.now())
    await again.sends()
    assert again.courier.posted == []
    await release(again.services, database.together, send=False, keep=True)
    await again.sends()
    assert "waits" not in [line.key for line in again.courier.posted]
    assert COUNTS_AS_UNKNOWN in said(await again.say(DAN, "/convenor stuck"))
    await database.close()


async def test_a_backup_says_of_itself_what_it_is_and_holds_no_key_and_nothing_that_is_encrypted(place: Place) -> None:
    database = await open_database(place.url)
    await a_week(database)
    await database.close()
    made = keeping.make_backup(place.settings, program=PROGRAM, why="by hand")
    manifest = folder.verify(made.file)
    assert manifest == made.manifest
    assert (manifest.program, manifest.schema, manifest.why) == (PROGRAM, upgrade.NEWEST, "by hand")
    assert (manifest.rows["members"], manifest.rows["profiles"], manifest.rows["deliveries"]) == (4, 2, 1)
    assert abs(datetime.now(UTC) - manifest.made_at) < timedelta(minutes=1)
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert TEST_KEY not in (held := made.file.read_bytes().decode(errors="ignore"))
    assert "Carol" not in held
    adapter = sqlite if made.file.suffix == sqlite.ENDING else postgresql
    assert (adapter.sample(made.file) or "").startswith(MARK)
    assert "the keys are not in it" in json.loads(folder.manifest_of(made.file).read_text())["keys"]
    assert keeping.latest_backup(place.settings) == manifest


async def test_what_is_not_whole_or_belongs_to_another_is_refused_and_nothing_is_changed(place: Place) -> None:
    database = await open_database(place.url)
    await keeping.journal_tick(place.settings, database)
    await database.close()
    file = place.back_up()
    whole, beside = file.read_bytes(), folder.manifest_of(file).read_text()

    async def refused(sentence: str) -> None:
        with pytest.raises(BadBackup, match=sentence):
            await place.restore(file)

    file.write_bytes(whole[:-100])
    await refused(f"is not whole: it has {len(whole) - 100:,} bytes, and {len(whole):,} when it was made")
    file.write_bytes(whole[:50_000] + b"?" + whole[50_001:] if len(whole) > 50_001 else b"?" + whole[1:])
    await refused("is damaged: its checksum is not that of the backup that was made")
    file.write_bytes(whole)
    folder.manifest_of(file).unlink()
    await refused("has no manifest")
    folder.manifest_of(file).write_text("{}")
    await refused("is not the manifest of a backup of Convenor")
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[json.loads(beside)["engine"]]
    folder.manifest_of(file).write_text(json.dumps({**json.loads(beside), "engine": other}))
    await refused("and CONVENOR_DATABASE_URL names (SQLite|PostgreSQL)")
    folder.manifest_of(file).write_text(json.dumps({**json.loads(beside), "convenor_backup": 2}))
    await refused("was written by a newer Convenor")
    folder.manifest_of(file).write_text(beside)
    place.keys = new_key()
    await refused("was made with a key that is not among those of CONVENOR_ENCRYPTION_KEYS")
    place.keys = f"{new_key()},{TEST_KEY}"
    await restoring.plan_restore(place.settings, file)
    file.unlink()
    await refused("is not there")
    database = await open_database(place.url)
    async with database.read() as uow:
        assert await uow.holds.get() is None
    await database.close()


async def test_a_backup_of_a_newer_convenor_is_refused(on_sqlite: Place) -> None:
    file = on_sqlite.back_up()
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
        opened.commit()
    _vouch_for(file)
    with pytest.raises(BadBackup, match=r"was made by a newer Convenor \(convenor 1.0; its tables are at version 9999"):
        await on_sqlite.restore(file, without_journal=True)


async def test_a_foreign_database_and_a_file_that_is_none_are_refused(on_sqlite: Place) -> None:
    file = on_sqlite.back_up()
    file.unlink()
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("CREATE TABLE songs (title TEXT)")
    _vouch_for(file)
    with pytest.raises(BadBackup, match="is a database, and none of Convenor’s"):
        await on_sqlite.restore(file)
    file.write_bytes(b"no database at all" * 100)
    _vouch_for(file)
    with pytest.raises(BadBackup, match="is damaged, or no SQLite database"):
        await on_sqlite.restore(file)


async def test_an_older_backup_is_brought_up_to_date(on_sqlite: Place) -> None:
    file = on_sqlite.back_up()
    older = sorted(upgrade.known())[-4]
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        upgrade.downgrade(connection, older)
    engine.dispose()
    _vouch_for(file)
    done = await on_sqlite.restore(file, without_journal=True)
    assert done.plan.manifest.schema == older
    database = await open_database(on_sqlite.url, migrate=False)
    assert await database.version() == upgrade.NEWEST
    await database.close()


async def test_a_restore_is_refused_while_convenor_runs(place: Place) -> None:
    database = await open_database(place.url)
    await keeping.journal_tick(place.settings, database)
    file = place.back_up()
    if place.url.startswith("sqlite"):
        await database.close()
        with ServiceLock(place.url), pytest.raises(Busy, match="Convenor is already running on"):
            await place.restore(file)
    else:
        with pytest.raises(BadBackup, match=r"still uses? the PostgreSQL database: .*Stop every part of Convenor"):
            await place.restore(file)
        await database.close()


async def test_without_the_journal_nobody_is_brought_back_unnoticed(on_sqlite: Place) -> None:
    settings, file = on_sqlite.settings, on_sqlite.back_up()
    where = keeping.journal_path(settings)
    assert where is not None
    with pytest.raises(BadBackup, match=r"The erasure journal is missing: .* It is expected at .*erasures.jsonl"):
        await on_sqlite.restore(file)
    journal.append(where, [Departure(Did.BEGAN, "", datetime.now(UTC) + timedelta(hours=1))])
    with pytest.raises(
        BadBackup, match=r"The erasure journal says who left from .* on, but what is to be there again is older"
    ):
        await on_sqlite.restore(file)
    mark = Departure(Did.ERASED, "0123456789ab.unknown", datetime.now(UTC) + timedelta(hours=2))
    journal.append(where, [mark])
    with pytest.raises(BadBackup, match="has 1 entry since this backup was made that nobody can read without the key"):
        await on_sqlite.restore(file, without_journal=True)


async def test_a_restore_into_nothing_needs_only_the_backup_the_journal_and_the_key(
    place: Place, tmp_path: Path
) -> None:
    file = await a_week_backed_up(place)
    new = tmp_path / "new"
    new.mkdir()
    elsewhere = f"sqlite:///{new}/convenor.db" if place.url.startswith("sqlite") else empty_postgres_url()
    done = await Place(tmp_path, elsewhere).restore(file)
    assert done.kept == ""
    database = await open_database(elsewhere, migrate=False)
    async with database.read() as uow:
        assert await uow.members.find(CAROL) is not None
    await database.close()


async def test_what_a_postgresql_restore_replaces_is_kept_and_half_a_restore_is_not_taken_for_whole(
    on_postgresql: Place,
) -> None:
    place, tmp_path = on_postgresql, on_postgresql.folder
    file = await a_week_backed_up(place)
    server = postgresql.Server(parse(place.url))
    kept = server.restore(file, upgrade.NEWEST, datetime.now(UTC))
    assert (kept or "").startswith("replaced_")
    # The machine stops here.
    assert await upgrade.version_at(place.url) == RESTORING
    with pytest.raises(WrongVersion, match="A restore of this database was broken off"):
        await open_database(place.url)
    await place.restore(file)
    database = await open_database(place.url, migrate=False)
    await database.close()
    assert await restoring.replaced(place.settings) == [f"schema {kept}"]
    poor = make_url(place.url).set(username=f"poor_{uuid.uuid4().hex[:8]}")
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {poor.username} LOGIN; GRANT USAGE ON SCHEMA public TO {poor.username}")
        connection.execute(f"GRANT SELECT ON public.alembic_version TO {poor.username}")
    with pytest.raises(
        BadBackup, match=r"refused \(must be owner of schema public\)\. Nothing was changed\. A restore"
    ):
        postgresql.Server(poor).restore(file, upgrade.NEWEST, datetime.now(UTC))
    (tmp_path / "broken").write_bytes(file.read_bytes()[:2000])
    with pytest.raises(BadBackup, match=r"could not be restored \(pg_restore failed: .* is in its place again"):
        server.restore(tmp_path / "broken", upgrade.NEWEST, datetime.now(UTC))
    assert await upgrade.version_at(place.url) == upgrade.NEWEST


async def breaks(*_: object) -> None:
    raise RuntimeError("the machine stops here")


async def test_a_restore_that_is_done_again_brings_nobody_back_who_left_in_its_last_minute(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await open_database(place.url)
    network = await a_week(database)
    await keeping.journal_tick(place.settings, database)
    file = place.back_up()
    network.clock.advance(days=2)
    await schedule.privacy_tick(network.services)
    async with database.read() as uow:
        assert await uow.members.find(ALICE) is None
    # The minute is not over yet, so that the file of the journal does not know it.
    await database.close()
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "replay", breaks)
        with pytest.raises(RuntimeError):
            await place.restore(file)
    done = await place.restore(file)
    assert done.replayed.erased == 1
    database = await open_database(place.url, migrate=False)
    async with database.read() as uow:
        assert await uow.members.find(ALICE) is None
    await database.close()


async def test_what_a_restore_put_aside_says_who_left_where_the_journal_has_no_file(
    on_postgresql: Place,
) -> None:
    place, tmp_path = on_postgresql, on_postgresql.folder
    file = await a_week_backed_up(place)
    before = await who_left(place.url)
    assert {each.did for each in before} >= {Did.BEGAN, Did.ASKED}
    postgresql.Server(parse(place.url)).restore(file, upgrade.NEWEST, datetime.now(UTC))
    (tmp_path / "backups" / journal.NAME).unlink()
    assert set(await who_left(place.url)) == set(before)


async def test_a_second_restore_that_fails_leaves_no_database_that_looks_new(
    on_postgresql: Place,
) -> None:
    place, tmp_path = on_postgresql, on_postgresql.folder
    database = await open_database(place.url)
    await keeping.journal_tick(place.settings, database)
    await database.close()
    file = place.back_up()
    server = postgresql.Server(parse(place.url))
    kept = server.restore(file, upgrade.NEWEST, datetime.now(UTC))
    (tmp_path / "broken").write_bytes(file.read_bytes()[:2000])
    with pytest.raises(BadBackup) as refused:
        server.restore(tmp_path / "broken", upgrade.NEWEST, datetime.now(UTC))
    assert refused.value.sentence.endswith(
        "Nothing was changed: the database is what the last restore left, which was broken off, and Convenor does not "
        f"start on it. What it held before is in schema {kept}. Put right what is wrong, and run “convenor restore” "
        "once more."
    )
    assert await upgrade.version_at(place.url) == RESTORING
    with pytest.raises(WrongVersion, match="A restore of this database was broken off"):
        await open_database(place.url)
    await place.restore(file)
    await (await open_database(place.url, migrate=False)).close()


async def test_where_the_journal_cannot_be_written_nothing_is_replaced(on_sqlite: Place) -> None:
    database = await open_database(on_sqlite.url)
    await keeping.journal_tick(on_sqlite.settings, database)
    file = on_sqlite.back_up()
    await a_week(database)
    await database.close()
    plan = await restoring.plan_restore(on_sqlite.settings, file)
    journal_file = on_sqlite.folder / "backups" / journal.NAME
    journal_file.unlink()
    journal_file.mkdir()
    with pytest.raises(BadBackup, match="Nothing was changed"):
        await restoring.restore(on_sqlite.settings, plan)
    assert await restoring.replaced(on_sqlite.settings) == []
    database = await open_database(on_sqlite.url, migrate=False)
    async with database.read() as uow:
        assert await uow.members.find(ALICE) is not None
        assert await uow.holds.get() is None
    await database.close()


def test_where_the_programs_of_postgresql_are_missing_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadBackup, match="pg_dump is not installed here, and backups of PostgreSQL need it"):
        postgresql.run("pg_dump")


async def test_the_nightly_backup_is_made_once_a_night_and_older_ones_go(on_sqlite: Place) -> None:
    settings = on_sqlite.settings
    first = await keeping.backup_tick(settings, PROGRAM)
    assert first is not None
    assert await keeping.backup_tick(settings, PROGRAM) is None
    for days in range(1, 40):
        _make_older(first.file, days)
    _make_older(first.file, 0.001, why="by hand")
    made = keeping.make_backup(settings, program=PROGRAM, why="nightly", rotate=True)
    left = folder.backups(made.file.parent)
    nightly = [each for each in left if each.why == "nightly"]
    # Of the last seven days, and of those of the last four weeks that none of them is in.
    assert len(nightly) in (9, 10)
    assert [each.why for each in left].count("by hand") == 1
    assert {each.file for each in left} == {path.name for path in made.file.parent.glob("*.db")}


def test_what_a_backup_left_that_was_killed_goes_a_day_later(on_sqlite: Place) -> None:
    kept = on_sqlite.back_up()
    left = [kept.with_name(f"convenor-20250101T030000Z.db{ending}") for ending in (".part", ".part-journal")]
    for each in left:
        each.write_bytes(b"half a backup")
    now = datetime.now(UTC)
    assert folder.sweep(kept.parent, now + timedelta(hours=23)) == 0
    assert folder.sweep(kept.parent, now + timedelta(hours=25)) == 2
    assert [each.name for each in left if each.exists()] == []
    assert folder.verify(kept).file == kept.name


def test_a_folder_that_cannot_be_written_is_said(on_sqlite: Place) -> None:
    (on_sqlite.folder / "backups").write_text("a file, and no folder")
    with pytest.raises(BadBackup, match="Convenor may not write in"):
        on_sqlite.back_up()
    assert keeping.latest_backup(on_sqlite.settings) is None


async def test_the_journal_outlives_a_line_that_was_broken_off_and_is_told_what_it_lacks(on_sqlite: Place) -> None:
    database = await open_database(on_sqlite.url)
    await keeping.journal_tick(on_sqlite.settings, database)
    where = keeping.journal_path(on_sqlite.settings)
    assert where is not None
    network = await a_week(database)
    assert await keeping.journal_tick(on_sqlite.settings, database) == 1
    assert where.stat().st_mode & 0o777 == 0o600
    whole = where.read_text()
    assert "alice" not in whole.casefold()
    where.write_text(whole[:-9])
    assert [each.did for each in journal.read(where)] == [Did.BEGAN]
    await network.press(ALICE, Button("", notice.UNDO))
    assert await keeping.journal_tick(on_sqlite.settings, database) == 2
    assert [each.did for each in journal.read(where)] == [Did.BEGAN, Did.ASKED, Did.KEPT]
    where.write_text("what is this\n" + whole)
    with pytest.raises(BadBackup, match="is not an erasure journal: its line 1 cannot be read"):
        journal.read(where)
    await database.close()


def _vouch_for(file: Path) -> None:
    """Give a file that was changed a manifest that fits, as whoever wants to fool us would."""
    beside = folder.manifest_of(file)
    data = {**json.loads(beside.read_text()), "sha256": folder.checksum(file), "size": file.stat().st_size}
    beside.write_text(json.dumps(data))


def _make_older(file: Path, days: float, why: str = "nightly") -> None:
    data = json.loads(folder.manifest_of(file).read_text())
    made_at = datetime.fromisoformat(data["made_at"]) - timedelta(days=days)
    copy = file.with_name(f"convenor-{days}.db")
    shutil.copyfile(file, copy)
    changed = {**data, "file": copy.name, "made_at": made_at.isoformat(), "why": why}
    folder.manifest_of(copy).write_text(json.dumps(changed))


async def test_a_database_that_somebody_else_restored_is_put_on_hold_too(on_sqlite: Place) -> None:
    database = await open_database(on_sqlite.url)
    network = await a_week(database)
    await keeping.journal_tick(on_sqlite.settings, database)
    carol = await network.joins(CAROL)
    async with database.begin() as uow:
        # As if she had left since, which this database does not know.
        await uow.departures.note(Did.LEFT, carol, datetime.now(UTC))
        await uow.commit()
    await database.close()
    done = await restoring.put_on_hold(on_sqlite.settings, datetime.now(UTC) - timedelta(minutes=1))
    assert (done.unknown, done.replayed) == (1, Replayed(left=1))
    database = await open_database(on_sqlite.url)
    async with database.read() as uow:
        hold = await uow.holds.get()
        assert hold is not None
        assert hold.backup == restoring.ELSEWHERE
        assert await uow.profiles.get(carol) is None
    await database.close()


async def test_a_hold_asks_for_the_journal_as_what_was_restored_knows_nothing_of_what_came_after(
    on_sqlite: Place,
) -> None:
    database = await open_database(on_sqlite.url)
    await a_week(database)
    await keeping.journal_tick(on_sqlite.settings, database)
    await database.close()
    made_at = datetime.now(UTC)
    file = on_sqlite.folder / "backups" / journal.NAME
    elsewhere = file.rename(on_sqlite.folder / "kept.jsonl")
    for wrong in (on_sqlite.folder / "mistyped.jsonl", on_sqlite.folder):
        with pytest.raises(BadBackup, match=rf"^.*There is no erasure journal at “{wrong}”\. Nothing was changed\.$"):
            await restoring.put_on_hold(on_sqlite.settings, made_at, journal_file=wrong)
    with pytest.raises(BadBackup, match=r"The erasure journal is missing: .* It is expected at .*erasures.jsonl"):
        await restoring.put_on_hold(on_sqlite.settings, made_at)
    done = await restoring.put_on_hold(on_sqlite.settings, made_at, journal_file=elsewhere)
    assert done.unknown == 1


async def test_a_restore_that_breaks_off_leaves_the_database_as_it_was(
    on_sqlite: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await open_database(on_sqlite.url)
    await keeping.journal_tick(on_sqlite.settings, database)
    file = on_sqlite.back_up()
    await a_week(database)
    await database.close()

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "replay", breaks)
        with pytest.raises(RuntimeError):
            await on_sqlite.restore(file)
    assert [path.name for path in sorted(on_sqlite.folder.glob("convenor.db*"))] == ["convenor.db", "convenor.db.lock"]
    database = await open_database(on_sqlite.url, migrate=False)
    async with database.read() as uow:
        assert await uow.members.find(ALICE) is not None
        assert await uow.holds.get() is None
    await database.close()
    assert await restoring.replaced(on_sqlite.settings) == []
    # Had it been killed, it could not have tidied up.
    for left in ("convenor.db.restoring", "convenor.db.restoring-wal"):
        (on_sqlite.folder / left).write_bytes(b"half a database")
    done = await on_sqlite.restore(file)
    assert await restoring.replaced(on_sqlite.settings) == [done.kept]


async def test_what_is_being_written_is_in_no_backup_and_holds_none_up(place: Place) -> None:
    database = await open_database(place.url)
    async with database.begin() as uow:
        await uow.deliveries.add([a_delivery("half")])
        manifest = keeping.make_backup(place.settings, program=PROGRAM, why="by hand").manifest
        await uow.commit()
    assert manifest.rows["deliveries"] == 0
    assert keeping.make_backup(place.settings, program=PROGRAM, why="by hand").manifest.rows["deliveries"] == 1
    await database.close()


def test_a_full_disk_is_said_and_leaves_no_half_a_backup(on_sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folder, "checksum", full)
    with pytest.raises(BadBackup, match=r"There is no room left on the disk of .*backups”"):
        on_sqlite.back_up()
    assert [path.name for path in (on_sqlite.folder / "backups").iterdir()] == []


def test_what_was_deleted_is_not_in_the_free_pages_of_a_backup(on_sqlite: Place) -> None:
    path = on_sqlite.folder / "convenor.db"
    with closing(sqlite3.connect(path)) as opened:
        # Some builds of SQLite overwrite what is deleted, and others do not.
        opened.execute("PRAGMA secure_delete=OFF")
        opened.execute("CREATE TABLE scratch (words TEXT)")
        opened.executemany("INSERT INTO scratch VALUES (?)", [("what nobody may find again " * 20,)] * 200)
        opened.commit()
        opened.execute("DELETE FROM scratch")
        opened.commit()
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"what nobody may find again" in path.read_bytes()
    assert b"what nobody may find again" not in on_sqlite.back_up().read_bytes()
