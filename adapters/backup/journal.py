"""The file of the erasure journal: one JSON object a line, appended to and never changed."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.backup.trouble import BadBackup, said
from bot.keeping.model import Departure, Did

NAME = "erasures.jsonl"
UNREADABLE = "“{}” is not an erasure journal: its line {} cannot be read. Nothing was changed."


def read(path: Path) -> list[Departure]:
    """The entries of a journal; none where there is no file. Raises BadBackup.

    The last line may be half a one, where the machine stopped while it was written: its entry is still in the database
    of that machine, and is written again.
    """
    if not path.exists():
        return []
    with said(path):
        lines = path.read_text(encoding="utf-8").split("\n")
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_departure(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            if number == len(lines):
                break
            raise BadBackup(str(path), UNREADABLE.format(path, number)) from None
    return found


def append(path: Path, departures: Sequence[Departure]) -> int:
    """Write those of the entries that the file has not; returns how many. Raises BadBackup.

    Any number may do so at once. What was written is on the disk when this returns.
    """
    with said(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            known = {(each.did, each.who, each.at) for each in read(path)}
            new = [each for each in departures if (each.did, each.who, each.at) not in known]
            if new:
                lines = "".join(json.dumps(_data(each)) + "\n" for each in new)
                _cut_half_a_line(path)
                os.write(opened, lines.encode())
                os.fsync(opened)
        finally:
            os.close(opened)
    return len(new)


def _cut_half_a_line(path: Path) -> None:
    """A line that was broken off must not become part of the next one."""
    held = path.read_bytes()
    if held and not held.endswith(b"\n"):
        os.truncate(path, held.rfind(b"\n") + 1)


def _data(entry: Departure) -> dict[str, Any]:
    data: dict[str, Any] = {"did": entry.did.value, "who": entry.who, "at": entry.at.isoformat()}
    if entry.due_at is not None:
        data["due_at"] = entry.due_at.isoformat()
    if entry.other:
        data["other"] = entry.other
    return data


def _departure(data: dict[str, Any]) -> Departure:
    due_at = data.get("due_at")
    at = datetime.fromisoformat(data["at"])
    if at.tzinfo is None:
        raise ValueError(data["at"])
    due = datetime.fromisoformat(due_at) if due_at else None
    return Departure(Did(data["did"]), str(data["who"]), at, due, str(data.get("other", "")))
