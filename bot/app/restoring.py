"""Restores: what looks at a backup and puts it in the place of the database, with the settings of this Convenor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from adapters.backup import folder, journal, sqlite
from adapters.backup.trouble import BadBackup
from adapters.clock import SystemClock
from adapters.store import upgrade
from adapters.store.database import Database
from adapters.store.departed import who_left
from adapters.store.lock import ServiceLock
from adapters.store.trouble import StoreTrouble
from adapters.store.url import file_of, parse, shown
from adapters.store.vault import Vault, WrongKey
from bot.app.house import open_house
from bot.app.keeping import journal_path
from bot.keeping.model import Departure, Hold, Manifest
from bot.keeping.replaying import MARGIN, Replayed, begins_at, replay
from bot.messages import count
from config.settings import Settings
from digests.calendar import say_when

OTHER_ENGINE = "“{}” is a backup of {}, and CONVENOR_DATABASE_URL names {}. Nothing was changed."
TOO_NEW = (
    "“{}” was made by a newer Convenor ({}; its tables are at version {}, and this one knows {}). Update Convenor "
    "first. Nothing was changed."
)
WRONG_KEYS = (
    "“{}” was made with a key that is not among those of CONVENOR_ENCRYPTION_KEYS. Put the key of that time behind the "
    "others, with a comma between. Nothing was changed."
)
NO_JOURNAL = (
    "The erasure journal is missing: without it nobody knows who left since {}, and everybody who did would be back. "
    "It is expected at {}. Say where it is with --journal FILE; or, if nobody can have left since then, say "
    "--without-journal. Nothing was changed."
)
NO_SUCH_JOURNAL = "There is no erasure journal at “{}”. Nothing was changed."
SHORT_JOURNAL = (
    "The erasure journal says who left from {} on, but what is to be there again is older, of {}. If nobody can have "
    "left in between, say --without-journal: what it does say is done all the same. Nothing was changed."
)
UNREADABLE_MARKS = (
    "The erasure journal has {} since this backup was made that nobody can read without the key that they were made "
    "with. Put every key since then into CONVENOR_ENCRYPTION_KEYS, with commas between. Nothing was changed."
)
ELSEWHERE = "a backup that Convenor did not make"
NOWHERE = "a place that CONVENOR_ERASURE_JOURNAL or CONVENOR_BACKUP_DIR names; neither is set"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restore would do, after everything was looked at. ``departures`` is the whole of the erasure journal."""

    file: Path
    manifest: Manifest
    database: str
    departures: Sequence[Departure]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. ``kept`` is where what was replaced is; empty where nothing was. ``unknown``: messages."""

    plan: Plan
    kept: str
    unknown: int
    replayed: Replayed


async def plan_restore(
    settings: Settings, file: Path, *, journal_file: Path | None = None, without_journal: bool = False
) -> Plan:
    """Look at everything that a restore needs, and change nothing. Raises ConfigError, BadBackup and StoreTrouble."""
    url = parse(settings.database_url.get_secret_value())
    manifest, sample = await asyncio.to_thread(_look_at, file, url.get_backend_name())
    try:
        if sample is not None:
            Vault(settings.keys).open(sample)
    except WrongKey:
        raise BadBackup(str(file), WRONG_KEYS.format(file)) from None
    # What is there now knows who left as well as the file does.
    entries = _together(await _written(settings, journal_file), await _departures_here(settings))
    plan = Plan(file, manifest, shown(url), entries)
    _check_journal(plan, settings, entries, without_journal=without_journal)
    return plan


async def restore(settings: Settings, plan: Plan) -> Restored:
    """Put a backup in the place of the database, on hold, with everybody gone who left since.

    What it replaces is kept aside. Raises Busy where a service runs, and BadBackup; then nothing was changed.
    """
    url = parse(settings.database_url.get_secret_value())
    path = file_of(url)
    now = SystemClock().now()
    lock = ServiceLock(settings.database_url.get_secret_value(), name="convenor restore")
    lock.acquire()
    try:
        if path is None:
            from adapters.backup import postgresql

            server = postgresql.Server(url)
            await asyncio.to_thread(server.refuse_while_used)
            await _write_down(settings, plan)
            schema = await asyncio.to_thread(server.restore, plan.file, plan.manifest.schema, now)
            kept = f"schema {schema}" if schema else ""
            database = await Database.open(
                settings.database_url.get_secret_value(), keys=settings.keys, restored_at=plan.manifest.schema
            )
            unknown, replayed = await _make_ready(settings, database, plan, now)
        else:
            await _write_down(settings, plan)
            new = path.with_name(f"{path.name}.restoring")
            aside = sqlite.aside(path, now)
            try:
                await asyncio.to_thread(sqlite.take_over, plan.file, new)
                database = await Database.open(f"sqlite:///{new}", keys=settings.keys)
                unknown, replayed = await _make_ready(settings, database, plan, now)
                kept = str(aside) if await asyncio.to_thread(sqlite.put_in_place, new, path, aside) else ""
            finally:
                sqlite.forget(new)
    finally:
        lock.release()
    return Restored(plan, kept, unknown, replayed)


async def _write_down(settings: Settings, plan: Plan) -> None:
    """Have in the file all that is known of who left, before the database that knows it is replaced.

    A restore that breaks off is done again, and reads it there. Raises BadBackup.
    """
    if where := journal_path(settings):
        await asyncio.to_thread(journal.append, where, plan.departures)


async def put_on_hold(
    settings: Settings, made_at: datetime, *, journal_file: Path | None = None, without_journal: bool = False
) -> Restored:
    """Treat the database as it is as a backup of this moment, which somebody else has restored.

    Raises Busy where a service runs, and BadBackup; then nothing was changed.
    """
    url = parse(settings.database_url.get_secret_value())
    lock = ServiceLock(settings.database_url.get_secret_value(), name="convenor hold")
    lock.acquire()
    try:
        if file_of(url) is None:
            from adapters.backup import postgresql

            await asyncio.to_thread(postgresql.Server(url).refuse_while_used)
        written = await _written(settings, journal_file)
        made = Manifest(ELSEWHERE, url.get_backend_name(), made_at, "", "", "", 0)
        plan = Plan(Path(ELSEWHERE), made, shown(url), _together(written, await _departures_here(settings)))
        # What is there now is what was restored, and knows nothing of what came after it.
        _check_journal(plan, settings, written, without_journal=without_journal)
        database = await Database.open(settings.database_url.get_secret_value(), keys=settings.keys)
        unknown, replayed = await _make_ready(settings, database, plan, SystemClock().now())
    finally:
        lock.release()
    return Restored(plan, "", unknown, replayed)


async def replaced(settings: Settings) -> Sequence[str]:
    """What restores have put aside and nobody has deleted: files, or schemas of PostgreSQL."""
    url = parse(settings.database_url.get_secret_value())
    path = file_of(url)
    if path is None:
        from adapters.backup import postgresql

        return await asyncio.to_thread(postgresql.Server(url).replaced)
    return [str(each) for each in await asyncio.to_thread(sqlite.replaced, path)]


def _look_at(file: Path, engine: str) -> tuple[Manifest, str | None]:
    manifest = folder.verify(file)
    if manifest.engine != engine:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        theirs = names.get(manifest.engine, manifest.engine)
        raise BadBackup(str(file), OTHER_ENGINE.format(file, theirs, names[engine]))
    version, rows, sample = _look_inside(file, engine)
    if version not in upgrade.known():
        raise BadBackup(str(file), TOO_NEW.format(file, manifest.program, version, upgrade.NEWEST))
    return replace(manifest, schema=version, rows=rows), sample


def _look_inside(file: Path, engine: str) -> tuple[str, dict[str, int], str | None]:
    """The version of its tables, how many rows they have, and the sample of its keys."""
    if engine == "sqlite":
        return *sqlite.look(file), sqlite.sample(file)
    from adapters.backup import postgresql

    return *postgresql.look(file), postgresql.sample(file)


async def _departures_here(settings: Settings) -> Sequence[Departure]:
    """What the database that is to be replaced says of who left, where it can still be read."""
    url = settings.database_url.get_secret_value()
    try:
        return await who_left(url)
    except StoreTrouble:
        # A file may be damaged, which is what backups are for. A server that does not answer is to be asked again.
        if file_of(parse(url)) is None:
            raise
        return ()


async def _written(settings: Settings, journal_file: Path | None) -> Sequence[Departure]:
    """What the file of the erasure journal says. Raises BadBackup where there is none at a place that was named."""

    def read() -> Sequence[Departure]:
        if journal_file is not None and not journal_file.is_file():
            raise BadBackup(str(journal_file), NO_SUCH_JOURNAL.format(journal_file))
        path = journal_file or journal_path(settings)
        return journal.read(path) if path else []

    return await asyncio.to_thread(read)


def _together(*parts: Sequence[Departure]) -> list[Departure]:
    known = {(each.did, each.who, each.at): each for part in parts for each in part}
    return sorted(known.values(), key=lambda each: each.at)


def _check_journal(plan: Plan, settings: Settings, complete: Sequence[Departure], *, without_journal: bool) -> None:
    """Refuse where ``complete``, the entries of who knows all that came after the backup, do not reach back to it."""
    made_at, file = plan.manifest.made_at, str(plan.file)
    begins = begins_at(complete)
    if not without_journal:
        if begins is None:
            raise BadBackup(file, NO_JOURNAL.format(say_when(made_at), journal_path(settings) or NOWHERE))
        if begins > made_at + MARGIN:
            raise BadBackup(file, SHORT_JOURNAL.format(say_when(begins), say_when(made_at)))
    vault = Vault(settings.keys)
    since = [each for each in plan.departures if each.who and each.at >= made_at - MARGIN]
    if unreadable := [each for each in since if not vault.has_made(each.who)]:
        entries = count(len(unreadable), "entry", "entries")
        raise BadBackup(file, UNREADABLE_MARKS.format(entries))


async def _make_ready(settings: Settings, database: Database, plan: Plan, now: datetime) -> tuple[int, Replayed]:
    """Put what was restored on hold, and erase again who left; then it is whole."""
    async with open_house(settings, database=database) as house:
        services = replace(house.services, clock=SystemClock(), wake=lambda: None)
        async with services.store.begin() as uow:
            unknown = await uow.holds.begin(Hold(now, plan.manifest.made_at, plan.manifest.file))
            await uow.commit()
        replayed = await replay(services, plan.departures, plan.manifest.made_at)
        await database.restored()
    return unknown, replayed
