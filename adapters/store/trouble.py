"""What the databases say when something is wrong, as sentences for people, without the values that were stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from sqlalchemy.engine import ExceptionContext

from digests.errors import Busy, ConvenorError, NotFound

LOCKED = "Another process is writing to the database. Try again in a minute."
MISSING = "Something that this refers to is not (or no longer) there. Nothing was changed."


class StoreTrouble(ConvenorError):
    """The database cannot be used just now, or at all."""

    sentence = "The database could not do this. Nothing was changed."


def translator(database: str) -> Callable[[ExceptionContext], BaseException | None]:
    """A listener for SQLAlchemy's ``handle_error``. ``database`` is how people know the database."""

    def translate(context: ExceptionContext) -> BaseException | None:
        import psycopg  # a tenth of a second, which nobody need wait for while nothing is wrong

        trouble = context.original_exception
        words = str(trouble)
        if isinstance(trouble, psycopg.Error) and trouble.diag.message_detail:
            # The detail quotes the row. The error stays in the traceback as the cause, so it must go.
            trouble.args = (trouble.diag.message_primary,)
        match trouble:
            case ValueError() | ConvenorError():
                return trouble  # a value that our own column types refused
            case psycopg.errors.ForeignKeyViolation():
                return NotFound(database, MISSING)
            case sqlite3.IntegrityError() if "FOREIGN KEY" in words:
                return NotFound(database, MISSING)
            case sqlite3.IntegrityError() | psycopg.IntegrityError() | psycopg.DataError():
                return StoreTrouble(database)
            case psycopg.errors.DeadlockDetected() | psycopg.errors.SerializationFailure():
                return Busy(database, "Two changes met in the database. Nothing was changed; try again.", retry=True)
            case psycopg.errors.LockNotAvailable():
                return Busy(database, LOCKED, retry=True)
            case sqlite3.OperationalError() if "readonly" in words:
                return StoreTrouble(database, "The database file must not be written to. Check its permissions.")
            case sqlite3.OperationalError() if "locked" in words or "busy" in words:
                return Busy(database, LOCKED, retry=True)
            case sqlite3.OperationalError() if "unable to open" in words:
                return StoreTrouble(database, "The database file cannot be opened. Check its permissions.")
            case sqlite3.OperationalError() if "full" in words or "disk I/O" in words:
                return StoreTrouble(database, f"The database file cannot be written ({words}). Nothing was changed.")
            case sqlite3.DatabaseError() if "not a database" in words or "malformed" in words:
                return StoreTrouble(database, "This file is not a Convenor database, or it is damaged.")
            case psycopg.OperationalError():
                return StoreTrouble(database, "The database cannot be reached. Nothing was changed.", retry=True)
        return None

    return translate
