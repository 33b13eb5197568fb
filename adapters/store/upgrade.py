"""Brings a database up to date with the tables of this Convenor, by Alembic's migrations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.store.trouble import translator
from adapters.store.url import parse, shown
from digests.errors import ConvenorError

if TYPE_CHECKING:
    from alembic.config import Config

Found = TypeVar("Found")

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0023"
"""The revision that this Convenor needs. Alembic takes a while to load, and most starts find the database at it."""

RESTORING = "restoring"
"""What stands for the revision while a backup is being put in the place of a PostgreSQL database."""

NOT_RESTORED = (
    "A restore of this database was broken off, so it is not whole. Run “convenor restore” once more, with the same "
    "backup. What was there before is kept, in a schema whose name begins with replaced_."
)
OLDER = (
    "The database is of an older Convenor (its version is {}, this one needs {}). Nothing was changed. Run “convenor "
    "upgrade”: it makes a backup, and then brings the database up to date."
)

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


async def check(reader: AsyncEngine, writer: AsyncEngine, name: str, *, migrate: bool, older: bool = True) -> None:
    """Make sure that the database is as this Convenor needs it, migrating it where that is allowed.

    With ``migrate`` alone an empty database is made ready, and without ``older`` one that has rows is left as it is.
    Raises WrongVersion where it was written by a newer Convenor, or needs a migration that is not allowed here.
    ``name`` is how people know the database. Two starts take turns where there is something to migrate.
    """
    async with reader.connect() as connection:
        present = await connection.run_sync(version_of)
    if present == NEWEST:
        return
    async with writer.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        await connection.run_sync(_bring_up_to_date, name, migrate, older)


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


def version_of(connection: Connection) -> str | None:
    """The revision that the database is at; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


async def present(engine: AsyncEngine) -> str | None:
    """The revision that a database is at; None where it is empty."""
    async with engine.connect() as connection:
        return await connection.run_sync(version_of)


async def version_at(url: str) -> str | None:
    """The revision that the database at this address is at; None where it is empty."""
    return await looked(url, version_of)


async def looked(url: str, look: Callable[[Connection], Found]) -> Found:
    """What there is to see in the database at this address, whatever its version. Raises StoreTrouble and Busy."""
    parsed = parse(url)
    engine = create_async_engine(parsed)
    event.listen(engine.sync_engine, "handle_error", translator(shown(parsed)), retval=True)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


def known() -> set[str]:
    """Every revision that this Convenor knows."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}


def migrate_restored(connection: Connection, revision: str) -> None:
    """Bring what was just restored at ``revision`` up to date; nobody may take it for whole yet."""
    _say(connection, revision)
    upgrade(connection)
    _say(connection, RESTORING)


def restored(connection: Connection) -> None:
    """Say that what was restored is whole."""
    _say(connection, NEWEST)


def _say(connection: Connection, revision: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def _bring_up_to_date(connection: Connection, name: str, migrate: bool, older: bool) -> None:
    present = version_of(connection)
    if present == NEWEST:
        return
    if present == RESTORING:
        raise WrongVersion(name, NOT_RESTORED)
    if present is not None and present not in known():
        raise WrongVersion(
            name,
            f"The database was written by a newer Convenor (its version is {present}, this one knows {NEWEST}). "
            "Nothing was changed. Update Convenor, or restore a backup from before the newer one ran.",
        )
    if not migrate:
        raise WrongVersion(
            name,
            "The database has not been brought up to date for this Convenor. Nothing was changed. "
            "“convenor upgrade” brings it up to date.",
        )
    if present is not None and not older:
        raise WrongVersion(name, OLDER.format(present, NEWEST))
    upgrade(connection)
