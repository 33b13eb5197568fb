"""Backup, restore, release and upgrade, as whoever runs Convenor meets them on the command line."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from adapters.backup import folder, journal
from adapters.store import upgrade
from adapters.store.database import Database
from adapters.store.lock import ServiceLock
from bot.app import EVERYTHING, open_house, serve
from bot.keeping.model import Did, Hold
from bot.keeping.releasing import release
from bot.messages import say, to_json
from config.settings import load_settings
from digests.errors import ConvenorError
from digests.model import Address, DeliveryState
from tests.builders import a_delivery
from tests.contract.databases import TEST_KEY, open_database, own_database
from tests.journeys.convenor import environment
from tests.journeys.test_commands import Command, convenor

__all__ = ["convenor"]

MADE = (
    r"(?:\d+ kB|\d\.\d MB), made on \w+ \d+ \w+ \d{4}, \d\d:\d\d by convenor [\d.]+; 0 editions, 0 items, 0 members, 0"
)


def test_a_backup_is_looked_at_restored_and_released(convenor: Command, tmp_path: Path) -> None:
    own_database(tmp_path)
    code, out, err = convenor("backup")
    assert (code, err) == (0, "")
    assert re.match(rf"Backed up to (var/backups/convenor-\d+T\d+Z\.db): {MADE} deliveries\.\n", out)
    assert out.endswith(
        "What is encrypted stays so in it, and the keys are not in it: keep CONVENOR_ENCRYPTION_KEYS apart from the "
        "backups, for without it nobody can read what members wrote.\n"
    )
    (made,) = folder.backups(tmp_path / "var" / "backups")
    file = f"var/backups/{made.file}"

    code, out, err = convenor("release")
    assert (code, err) == (1, "Nothing is on hold, so there is nothing to release. Nothing was done.\n")

    code, out, err = convenor("restore", file)
    assert (code, err) == (0, "")
    first, *rest = out.splitlines()
    assert re.fullmatch(rf"{file} is whole: {MADE} deliveries\.", first)
    assert rest == [
        "The keys fit, and its tables can be brought up to date.",
        "The erasure journal has no entry since it was made; whoever left is gone again after the restore.",
        "It would be put in the place of var/convenor.db, which would be kept aside.",
        "Nothing was changed. With --yes it is done.",
    ]

    code, out, err = convenor("restore", file, "--yes")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith(f"Restored var/convenor.db from {file}: ")
    kept = re.fullmatch(
        r"What was there before is kept as (\S+): delete it when you are sure that you need it no more\.", lines[1]
    )
    assert kept is not None
    assert (tmp_path / kept[1]).exists()
    assert lines[2].startswith("It is on hold: nothing is sent, read or drafted.")

    code, out, err = convenor("release", OFFLINE="1")
    assert code == 0
    assert re.fullmatch(
        rf"On hold since .*, when {made.file} was restored, which was made on .*\.\n"
        r"There is nothing to be sent at once\.\n"
        r"Nothing was changed\. With --yes it is done\. The sources are read first then\.\n",
        out,
    )
    code, out, err = convenor("release", "--yes", "--no-read", "--json", OFFLINE="1")
    told = json.loads(out)
    assert (code, told["released"], told["unknown"], told["sent"]) == (0, True, [], [])
    assert told["hold"]["backup"] == made.file


def test_scripts_get_json_and_another_directory(convenor: Command, tmp_path: Path) -> None:
    own_database(tmp_path)
    code, out, _ = convenor("backup", "--json", "--rotate", "--to", str(tmp_path / "elsewhere"))
    told = json.loads(out)
    assert (code, told["engine"], told["rows"]["alembic_version"], told["dropped"]) == (0, "sqlite", 1, [])
    assert Path(told["path"]).parent == tmp_path / "elsewhere"
    assert (tmp_path / "var" / "backups" / journal.NAME).exists()
    code, out, _ = convenor("restore", "--json", told["path"])
    told = json.loads(out)
    assert (code, told["restored"], told["journal"]) == (0, False, 1)
    code, _, err = convenor("restore", str(tmp_path / "nothing.db"))
    assert (code, err.endswith("“convenor backup” says where it keeps backups. Nothing was changed.\n")) == (1, True)
    code, _, err = convenor("backup", DATABASE_URL="postgresql://db.example.org/convenor")
    assert (code, err) == (
        2,
        "CONVENOR_BACKUP_DIR: is not set, and beside a PostgreSQL database there is no default: set it, or say --to "
        "DIR\n",
    )


async def older(tmp_path: Path) -> str:
    own_database(tmp_path)
    before = sorted(upgrade.known())[-3]
    engine = create_engine(f"sqlite:///{tmp_path}/var/convenor.db")
    with engine.begin() as connection:
        upgrade.downgrade(connection, before)
    engine.dispose()
    return before


async def test_convenor_does_not_start_on_an_older_database_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await older(tmp_path)
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environment(), None)
    with pytest.raises(ConvenorError) as refused:
        async with serve(settings, EVERYTHING, name="convenor run"):
            pass
    assert refused.value.sentence == (
        f"The database is of an older Convenor (its version is {before}, this one needs {upgrade.NEWEST}). Nothing was "
        "changed. Run “convenor upgrade”: it makes a backup, and then brings the database up to date."
    )


def test_an_upgrade_makes_a_backup_and_says_what_it_did(convenor: Command, tmp_path: Path) -> None:
    code, out, err = convenor("upgrade", DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    newest = upgrade.NEWEST
    assert (code, out, err) == (0, f"The database was empty and has its tables now (version {newest}).\n", "")
    before = asyncio.run(older(tmp_path))
    with ServiceLock(f"sqlite:///{tmp_path}/var/convenor.db"):
        code, out, err = convenor("upgrade")
    assert (code, out) == (2, "")
    assert err.startswith("Convenor is already running on var/convenor.db: “convenor run”, process ")
    code, out, err = convenor("upgrade")
    assert (code, err) == (0, "")
    (made,) = folder.backups(tmp_path / "var" / "backups")
    assert (made.schema, made.why) == (before, "before an upgrade")
    assert out == (
        f"Backed up to var/backups/{made.file}. The database was at version {before} and is at {newest} now.\n"
    )
    code, out, err = convenor("upgrade")
    assert (code, out) == (0, f"The database is up to date (version {newest}). Nothing was done.\n")
    code, out, err = convenor("restore", f"var/backups/{made.file}")
    assert (code, out.splitlines()[1]) == (0, "The keys fit, and its tables can be brought up to date.")


async def test_a_running_convenor_backs_itself_up_and_says_when_it_did(tmp_path: Path) -> None:
    own_database(tmp_path)
    url = f"sqlite:///{tmp_path}/var/convenor.db"
    settings = load_settings(environment(DATABASE_URL=url, LOCAL_CHAT="1", PORT="8081", CATALOGUE=str(_none(tmp_path))))
    assert settings.keys == (TEST_KEY,)
    async with serve(settings, EVERYTHING, name="convenor run", ticking=False) as service:
        assert (await service._health())["last_backup"] is None
        service.start_ticking()
        async with asyncio.timeout(30):
            while (await service._health())["last_backup"] is None:
                await asyncio.sleep(0.05)
            while not (tmp_path / "var" / "backups" / journal.NAME).exists():
                await asyncio.sleep(0.05)
        health = await service._health()
        async with service.house.services.store.begin() as uow:
            await uow.departures.note(Did.LEFT, "somebody", datetime.now(UTC))
            await uow.commit()
    (made,) = folder.backups(tmp_path / "var" / "backups")
    # In the last minute, too.
    assert [each.did for each in journal.read(tmp_path / "var" / "backups" / journal.NAME)] == [Did.BEGAN, Did.LEFT]
    assert (health["last_backup"], health["on_hold_since"], made.why) == (made.made_at.isoformat(), None, "nightly")
    database = await open_database(url)
    await database.close()


def _none(folder: Path) -> Path:
    """A catalogue whose only source is off."""
    file = folder / "sources.yaml"
    file.write_text(
        "sources:\n"
        "  - {id: example, name: Example, publisher: Example, group: civil_society, kind: rss,\n"
        "     url: https://example.org/feed.xml, enabled: false}\n"
    )
    return file


async def state_of(database: Database) -> DeliveryState | None:
    async with database.read() as uow:
        row = await uow.deliveries.get("waits")
    return row.state if row else None


async def test_a_running_convenor_on_hold_sends_nothing_until_somebody_beside_it_releases_it(tmp_path: Path) -> None:
    own_database(tmp_path)
    url = f"sqlite:///{tmp_path}/var/convenor.db"
    settings = load_settings(environment(DATABASE_URL=url, LOCAL_CHAT="1", PORT="8082", CATALOGUE=str(_none(tmp_path))))
    now = datetime.now(UTC)
    waits = a_delivery(
        "waits", address=Address("local", "browser", channel="editors"), body=to_json(say("Hello")), created_at=now
    )
    database = await open_database(url)
    async with database.begin() as uow:
        await uow.holds.begin(Hold(now, now, "x.db"))
        await uow.deliveries.add([waits])
        await uow.commit()
    async with serve(settings, EVERYTHING, name="convenor run") as service:
        await asyncio.sleep(1.5)
        assert (await service._health())["on_hold_since"] == now.isoformat()
        assert await state_of(database) is DeliveryState.PENDING
        async with open_house(settings) as house:
            done = await release(house.services, house.database.together, send=False, keep=True)
        assert [each.key for each in done.sent] == ["waits"]
        async with asyncio.timeout(30):
            while await state_of(database) is not DeliveryState.SENT:
                await asyncio.sleep(0.05)
    await database.close()
