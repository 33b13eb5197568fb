"""Backups, the erasure journal and upgrades: what does them, with the settings of this Convenor."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.backup import folder, journal, sqlite
from adapters.clock import SystemClock
from adapters.store import upgrade
from adapters.store.database import Database
from adapters.store.lock import ServiceLock
from adapters.store.upgrade import WrongVersion
from adapters.store.url import file_of, parse
from bot.app.house import make_own_directory
from bot.keeping.model import Manifest
from bot.keeping.replaying import begins_at
from bot.keeping.rotation import NIGHTLY, is_ahead, is_due, to_drop
from bot.ports import Store
from config.settings import Settings
from digests.errors import ConfigError

log = logging.getLogger(__name__)

NEWEST = upgrade.NEWEST
"""The version of the tables that this Convenor needs."""

BACKUP_EVERY_SECONDS = 10 * 60
JOURNAL_EVERY_SECONDS = 60

NO_FOLDER = (
    "CONVENOR_BACKUP_DIR: is not set, and beside a PostgreSQL database there is no default: set it, or say --to DIR"
)


@dataclass(frozen=True, slots=True)
class Backed:
    """A backup that was made, and the older ones that were deleted for it."""

    file: Path
    manifest: Manifest
    dropped: Sequence[Manifest] = ()


def backup_folder(settings: Settings) -> Path | None:
    """Where backups go; None where nobody has said so and there is no default."""
    if settings.backup_dir is not None:
        return settings.backup_dir
    if settings.ephemeral_disk:
        return None
    path = file_of(parse(settings.database_url.get_secret_value()))
    return path.parent / "backups" if path else None


def backs_up(settings: Settings) -> bool:
    """Whether a running Convenor makes backups: not a trial, and not where nobody has said where to."""
    return not (settings.is_trial or settings.offline) and journal_path(settings) is not None


def makes_backups(settings: Settings) -> bool:
    """Whether there should be a backup of last night."""
    return backs_up(settings) and backup_folder(settings) is not None


def journal_path(settings: Settings) -> Path | None:
    """Where the erasure journal is; None as above."""
    if settings.erasure_journal is not None:
        return settings.erasure_journal
    where = backup_folder(settings)
    return where / journal.NAME if where else None


def latest_backup(settings: Settings) -> Manifest | None:
    """The newest backup in the folder of the settings, as far as it can be read from here; none of a wrong clock."""
    where, now = backup_folder(settings), SystemClock().now()
    return next((each for each in folder.backups(where) if not is_ahead(each.made_at, now)), None) if where else None


def make_backup(settings: Settings, *, program: str, why: str, to: Path | None = None, rotate: bool = False) -> Backed:
    """Copy the database into the folder, and look whether the copy is whole; then it gets its name and manifest.

    Convenor may run meanwhile. With ``rotate`` the nightly ones that have had their time go afterwards.
    Raises ConfigError without a folder, and BadBackup.
    """
    url = parse(settings.database_url.get_secret_value())
    path = file_of(url)
    where = to or backup_folder(settings)
    if where is None:
        raise ConfigError([NO_FOLDER])
    made_at = SystemClock().now()
    folder.prepare(where)
    if path:
        ending = sqlite.ENDING
    else:
        # Its driver is 10 MB, which a service on SQLite need not hold.
        from adapters.backup import postgresql

        ending = postgresql.ENDING
    file = folder.new_name(where, made_at, ending)
    part = file.with_name(file.name + ".part")
    try:
        if path:
            sqlite.copy(path, part)
            version, rows = sqlite.look(part)
        else:
            postgresql.Server(url).copy(part)
            version, rows = postgresql.look(part)
        manifest = Manifest(file.name, url.get_backend_name(), made_at, version, program, "", 0, rows, why)
        manifest = folder.finish(part, file, manifest)
    finally:
        part.unlink(missing_ok=True)
    dropped = to_drop(folder.backups(where), settings.backup_days, settings.backup_weeks) if rotate else []
    for old in dropped:
        folder.drop(where, old)
    return Backed(file, manifest, dropped)


async def backup_tick(settings: Settings, program: str) -> Backed | None:
    """Make the nightly backup, if none was made since it came due. A missed night is made up for at the next look."""
    where = backup_folder(settings)
    if where is None:
        return None

    def look() -> Backed | None:
        folder.prepare(where)
        with folder.alone(where):
            made = [each.made_at for each in folder.backups(where) if each.why == NIGHTLY]
            if not is_due(made, SystemClock().now()):
                return None
            folder.sweep(where, SystemClock().now())
            return make_backup(settings, program=program, why=NIGHTLY, rotate=True)

    done = await asyncio.to_thread(look)
    if done is not None:
        log.info("backed up the database to %s (%d bytes)", done.file, done.manifest.size)
    return done


async def journal_tick(settings: Settings, store: Store) -> int:
    """Copy to the file what the erasure journal of the database has and the file has not; returns how many entries."""
    path = journal_path(settings)
    if path is None:
        return 0
    async with store.read() as uow:
        entries = await uow.departures.all()
    if begins_at(entries) is None:
        async with store.begin() as uow:
            await uow.departures.begin(SystemClock().now())
            await uow.commit()
        # What is read back has been stored, so that the file says nothing that the database does not.
        async with store.read() as uow:
            entries = await uow.departures.all()
    return await asyncio.to_thread(journal.append, path, entries)


async def copy_journal(settings: Settings) -> None:
    """The same for a command. An older database has no journal yet."""
    with contextlib.suppress(WrongVersion):
        database = await Database.open(settings.database_url.get_secret_value(), keys=settings.keys, migrate=False)
        try:
            await journal_tick(settings, database)
        finally:
            await database.close()


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The version that the database had (None: it was empty) and has now, and the backup that was made before."""

    before: str | None
    after: str
    backup: Backed | None = None


def bring_up_to_date(settings: Settings, *, program: str, back_up: bool = True) -> Upgraded:
    """Back the database up, and migrate it. Raises Busy where a service runs on an older SQLite file."""
    make_own_directory(settings)
    url = settings.database_url.get_secret_value()
    before = asyncio.run(present_version(settings))
    older = before not in (None, NEWEST)
    # What is under way in an older Convenor would meet tables that it does not know.
    with ServiceLock(url, name="convenor upgrade") if older else contextlib.nullcontext():
        made = make_backup(settings, program=program, why="before an upgrade") if older and back_up else None
        asyncio.run(_migrate(url, settings.keys))
    return Upgraded(before, NEWEST, made)


async def _migrate(url: str, keys: Sequence[str]) -> None:
    database = await Database.open(url, keys=keys)
    await database.close()


async def present_version(settings: Settings) -> str | None:
    """The version of the database as it is; None where there is none yet."""
    path = file_of(parse(settings.database_url.get_secret_value()))
    if path is not None and not path.exists():
        return None
    return await upgrade.version_at(settings.database_url.get_secret_value())
