"""A folder of backups: each is a file with its manifest beside it, which comes last, so that half a backup is none."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.backup.trouble import BadBackup, said
from bot.keeping.model import Manifest

FORMAT = 1
KEYS = (
    "What is encrypted stays so in this backup, and the keys are not in it. A restore needs the value that "
    "CONVENOR_ENCRYPTION_KEYS had when it was made: keep that apart from the backups."
)
_LEFT_SECONDS = 24 * 60 * 60.0
_STAMP = "%Y%m%dT%H%M%SZ"

NO_FILE = "“{}” is not there. “convenor backup” says where it keeps backups. Nothing was changed."
NO_MANIFEST = (
    "“{}” has no manifest: the file “{}” should stand beside it. Only what “convenor backup” made, with its manifest, "
    "is restored. Nothing was changed."
)
NOT_A_MANIFEST = "“{}” is not the manifest of a backup of Convenor. Nothing was changed."
NEWER_FORMAT = "“{}” was written by a newer Convenor. Update Convenor first. Nothing was changed."
TRUNCATED = (
    "“{}” is not whole: it has {:,} bytes, and {:,} when it was made. Copy it once more from where it came from, or "
    "take another backup. Nothing was changed."
)
CHANGED = (
    "“{}” is damaged: its checksum is not that of the backup that was made. Copy it once more from where it came from, "
    "or take another backup. Nothing was changed."
)


def manifest_of(file: Path) -> Path:
    """Where the manifest of a backup stands."""
    return file.with_name(f"{file.name}.json")


def new_name(folder: Path, made_at: datetime, ending: str) -> Path:
    """A name for a backup that none has yet."""
    stamp = f"convenor-{made_at:{_STAMP}}"
    names = (f"{stamp}{f'-{number}' if number else ''}{ending}" for number in range(1000))
    return next(folder / name for name in names if not manifest_of(folder / name).exists())


def prepare(folder: Path) -> None:
    """Make the folder, for its owner alone, where it is not there. Raises BadBackup."""
    with said(folder / "backup"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else in this folder meanwhile; whoever comes second waits. Raises BadBackup."""
    with said(folder / "lock"):
        opened = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def finish(part: Path, file: Path, manifest: Manifest) -> Manifest:
    """Give a copy that is whole its name, and write its manifest; returns it with checksum and size."""
    with said(file):
        whole = replace(manifest, file=file.name, sha256=checksum(part), size=part.stat().st_size)
        _sync(part)
        part.replace(file)
        lines = json.dumps(_as_data(whole), ensure_ascii=False, indent=2) + "\n"
        waits = manifest_of(file).with_suffix(".part")
        waits.touch(mode=0o600)
        waits.write_text(lines, encoding="utf-8")
        _sync(waits)
        waits.replace(manifest_of(file))
        _sync(file.parent)
    return whole


def read(file: Path) -> Manifest:
    """The manifest of a backup. Raises BadBackup."""
    if not file.is_file():
        raise BadBackup(str(file), NO_FILE.format(file))
    beside = manifest_of(file)
    if not beside.is_file():
        raise BadBackup(str(file), NO_MANIFEST.format(file, beside.name))
    return _read(beside)


def verify(file: Path) -> Manifest:
    """The manifest of a backup that is as it was made. Raises BadBackup."""
    manifest = read(file)
    with said(file):
        size = file.stat().st_size
        if size != manifest.size:
            raise BadBackup(str(file), TRUNCATED.format(file, size, manifest.size))
        if checksum(file) != manifest.sha256:
            raise BadBackup(str(file), CHANGED.format(file))
    return manifest


def backups(folder: Path) -> list[Manifest]:
    """The backups in a folder, the newest first. What cannot be read is left out."""
    return sorted(_readable(folder), key=lambda each: each.made_at, reverse=True)


def drop(folder: Path, manifest: Manifest) -> None:
    """Delete a backup. The manifest goes first: without it the rest is none."""
    file = folder / manifest.file
    with said(file):
        manifest_of(file).unlink(missing_ok=True)
        file.unlink(missing_ok=True)


def sweep(folder: Path, now: datetime) -> int:
    """Delete what backups left that were killed as they copied, a day after; returns how many files. Raises BadBackup.

    Whoever is copying still does not take a day. The time is that of the file’s own entry, which no copying keeps.
    """
    gone = 0
    with said(folder / "backup"):
        for left in folder.glob("convenor-*.part*"):
            if now.timestamp() - left.stat().st_ctime > _LEFT_SECONDS:
                left.unlink(missing_ok=True)
                gone += 1
    return gone


def checksum(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _readable(folder: Path) -> Iterator[Manifest]:
    with contextlib.suppress(OSError):
        for beside in folder.glob("convenor-*.json"):
            with contextlib.suppress(BadBackup, OSError):
                manifest = _read(beside)
                if (folder / manifest.file).is_file():
                    yield manifest


def _read(beside: Path) -> Manifest:
    try:
        data = json.loads(beside.read_text(encoding="utf-8"))
        if data["convenor_backup"] > FORMAT:
            raise BadBackup(str(beside), NEWER_FORMAT.format(beside))
        manifest = Manifest(
            **{name: data[name] for name in ("file", "engine", "schema", "program", "sha256", "size", "rows", "why")},
            made_at=datetime.fromisoformat(data["made_at"]),
        )
        # A name with a folder in it would lead out of the folder.
        if Path(manifest.file).name != manifest.file or manifest.made_at.tzinfo is None:
            raise ValueError(manifest.file)
    except (ValueError, KeyError, TypeError):
        raise BadBackup(str(beside), NOT_A_MANIFEST.format(beside)) from None
    return manifest


def _as_data(manifest: Manifest) -> dict[str, Any]:
    data = {**asdict(manifest), "made_at": manifest.made_at.isoformat(), "rows": dict(sorted(manifest.rows.items()))}
    return {"convenor_backup": FORMAT, **data, "keys": KEYS}


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
