"""What can be wrong with a backup or the place for it, in sentences."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digests.errors import ConvenorError


class BadBackup(ConvenorError):
    """A backup cannot be made, or what was given is none that can be restored. Nothing was changed."""

    sentence = "This backup cannot be used. Nothing was changed."


NO_ROOM = "There is no room left on the disk of “{}”. Make room there, and try again. Nothing was changed."
NOT_ALLOWED = "Convenor may not write in “{}” ({}). Nothing was changed."
DAMAGED = "“{}” is damaged, or no SQLite database ({}). Nothing was changed."


@contextmanager
def said(path: Path) -> Iterator[None]:
    """What goes wrong with this file, or beside it, is raised as BadBackup."""
    try:
        yield
    except OSError as trouble:
        words = NO_ROOM.format(path.parent) if trouble.errno == errno.ENOSPC else ""
        raise BadBackup(str(path), words or NOT_ALLOWED.format(path.parent, trouble.strerror)) from None
    except sqlite3.OperationalError as trouble:
        if "disk is full" in str(trouble):
            raise BadBackup(str(path), NO_ROOM.format(path.parent)) from None
        raise BadBackup(str(path), DAMAGED.format(path, trouble)) from None
    except sqlite3.DatabaseError as trouble:
        raise BadBackup(str(path), DAMAGED.format(path, trouble)) from None
