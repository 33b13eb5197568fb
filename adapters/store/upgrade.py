"""Brings a database up to date with the tables of this Convenor, by Alembic's migrations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from digests.errors import ConvenorError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0022"
"""The revision that this Convenor needs. Alembic takes a while to load, and most starts find the database at it."""

# Any number will do, as long as nothing else in the same PostgreSQL database uses it.
_ADVISORY_LOCK = 4_836_366_657


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a thing in the database is to be compared with the tables of the code, where Alembic compares them.

    What differs between the two databases is not: the full-text table of SQLite, and PostgreSQL's index of terms. Nor
    are the tables of the queue, which its own library keeps.
    """
    if kind == "table":
        return not (name or "").startswith(("search_words", "procrastinate_"))
    return name != "ix_search_entries_terms"


class WrongVersion(ConvenorError):
    """The database and this Convenor do not belong together."""

    sentence = "The database does not belong to this version of Convenor."


async def check(reader: AsyncEngine, writer: AsyncEngine, name: str, *, migrate: bool) -> None:
    """Make sure that the database is as this Convenor needs it, migrating it where that is allowed.

    Raises WrongVersion where it was written by a newer Convenor, or needs a migration that is not allowed here.
    ``name`` is how people know the database. Two starts take turns where there is something to migrate.
    """
    async with reader.connect() as connection:
        present = await connection.run_sync(_present)
    if present == NEWEST:
        return
    async with writer.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        await connection.run_sync(_bring_up_to_date, name, migrate)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate forwards to a revision, inside the connection's transaction."""
    from alembic import command

    command.upgrade(config(connection), revision)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Migrate back to a revision; ``base`` is an empty database."""
    from alembic import command

    command.downgrade(config(connection), revision)


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, which needs no file beside the code."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _present(connection: Connection) -> str | None:
    """The revision that the database is at; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _bring_up_to_date(connection: Connection, name: str, migrate: bool) -> None:
    from alembic.script import ScriptDirectory

    present = _present(connection)
    if present == NEWEST:
        return
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if present is not None and present not in known:
        raise WrongVersion(
            name,
            f"The database was written by a newer Convenor (its version is {present}, this one knows {NEWEST}). "
            "Nothing was changed. Update Convenor, or restore a backup from before the newer one ran.",
        )
    if not migrate:
        raise WrongVersion(
            name,
            "The database has not been brought up to date for this Convenor. Nothing was changed. "
            "It is brought up to date when Convenor is run.",
        )
    upgrade(connection)
