"""Copies a SQLite database while it is used, looks whether a copy is whole, and puts one in the place of another."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from adapters.backup.trouble import DAMAGED, BadBackup, said

ENDING = ".db"
PATIENCE_SECONDS = 30.0
_BESIDE = ("-wal", "-shm")

FOREIGN = "“{}” is a database, and none of Convenor’s. Nothing was changed."
NOTHING = "There is no database at “{}” yet, so there is nothing to back up."


def copy(source: Path, target: Path) -> None:
    """Copy a database, as it is at one moment, to a file that only its owner can read. Raises BadBackup.

    Whoever uses the database meanwhile is not disturbed. What was deleted is not in the copy, not even in its free
    pages.
    """
    if not source.exists():
        raise BadBackup(str(source), NOTHING.format(source))
    with said(target):
        target.unlink(missing_ok=True)
        target.touch(mode=0o600)
    with said(source), closing(_open(source, "rw")) as present, closing(_open(target, "rw")) as new:
        present.backup(new)
        # One file alone, which needs nothing beside it.
        new.execute("PRAGMA journal_mode=DELETE")
        new.execute("VACUUM")


def look(file: Path) -> tuple[str, dict[str, int]]:
    """The version of a database’s tables, and how many rows each has; every page of it is checked. Raises BadBackup."""
    with said(file), closing(_open(file, "ro")) as opened:
        (found,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise BadBackup(str(file), DAMAGED.format(file, found))
        names = [row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        if "alembic_version" not in names or "deliveries" not in names:
            raise BadBackup(str(file), FOREIGN.format(file))
        (version,) = opened.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
        ours = [name for name in names if not name.startswith(("sqlite_", "search_words"))]
        rows = {name: opened.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ours}  # noqa: S608
    return str(version), rows


def sample(file: Path) -> str | None:
    """The sealed word by which keys are known to fit; None where nothing is sealed. Raises BadBackup."""
    with said(file), closing(_open(file, "ro")) as opened:
        has_seals = opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'seals'").fetchone()
        row = opened.execute("SELECT sample FROM seals").fetchone() if has_seals else None
    return str(row[0]) if row else None


def take_over(source: Path, target: Path) -> None:
    """Copy a backup to where it is made ready. Raises BadBackup."""
    with said(target):
        forget(target)
        target.touch(mode=0o600)
        shutil.copyfile(source, target)


def aside(path: Path, now: datetime) -> Path:
    """Where a database is kept that is replaced. A restore that was killed may have taken the name already."""
    stamp = f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}"
    names = (f"{stamp}{f'-{number}' if number else ''}" for number in range(1000))
    return next(each for name in names if not (each := path.with_name(name)).exists())


def replaced(path: Path) -> list[Path]:
    """The databases that were replaced in this place and are still kept."""
    kept = path.parent.glob(f"{path.name}.replaced-*")
    return sorted(each for each in kept if not each.name.endswith(_BESIDE))


def forget(path: Path) -> None:
    """Delete a copy that was made ready and is not needed, with what stands beside it."""
    for name in (path, *_beside(path)):
        name.unlink(missing_ok=True)


def put_in_place(new: Path, path: Path, aside: Path) -> bool:
    """Put a database in the place of another, which is kept aside; whether there was one. Raises BadBackup.

    At every moment there is a whole database at ``path``, and afterwards both are on the disk.
    """
    _fold(new)
    with said(path):
        was_there = path.exists()
        if was_there:
            # One that cannot be opened any more is kept as it is, with what stands beside it.
            with contextlib.suppress(sqlite3.Error):
                _fold(path)
            try:
                os.link(path, aside)
            except OSError:
                shutil.copy2(path, aside)
            for beside, kept in zip(_beside(path), _beside(aside), strict=True):
                if beside.exists():
                    beside.replace(kept)
        _sync(new)
        new.replace(path)
        _sync(path.parent)
    return was_there


def _fold(path: Path) -> None:
    """Bring what stands in the write-ahead log into the file itself."""
    with closing(_open(path, "rw")) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _open(path: Path, mode: str) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + ending) for ending in _BESIDE)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
