"""Procrastinate's own tables in our database: made on the first start, and renewed when a newer one is installed.

They are the library's and follow its migrations, not ours: a database that never used the queue has none of them. Which
version they are of stands in the comment of its table of jobs.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from procrastinate.schema import SchemaManager

from digests.errors import ConvenorError

# Any number that nothing else in the same database uses: two starts take turns.
_ADVISORY_LOCK = 4_836_366_658
_NAME = "Procrastinate "


async def bring_up_to_date(connection: Any) -> None:
    """Make or renew the tables, in the transaction of this connection of psycopg.

    Raises ConvenorError where they are of a newer Procrastinate than is installed here.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ADVISORY_LOCK,))
    installed = version("procrastinate")
    there = await _present(connection)
    if there == installed:
        return
    if there is None:
        await connection.execute(SchemaManager.get_schema())
    elif _number(there) > _number(installed):
        raise ConvenorError(
            "the queue",
            f"The queue’s tables are of Procrastinate {there}, newer than the {installed} installed here. Nothing was "
            "changed. Update Convenor on this machine.",
        )
    else:
        for path in migrations_after(there):
            await connection.execute(path.read_text(encoding="utf-8"))
    await connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{_NAME}{installed}'")


def migrations_after(there: str) -> list[Path]:
    """The library's migrations that are newer than a version, in order.

    Their names begin with the version that they belong to, such as ``03.04.00_01_pre_…``.
    """
    folder = Path(SchemaManager.get_migrations_path())
    found = sorted(folder.glob("*.sql"), key=lambda path: path.name)
    return [path for path in found if _number(path.name.partition("_")[0]) > _number(there)]


async def _present(connection: Any) -> str | None:
    """The version of the tables that are there; None where there are none."""
    found = await connection.execute(
        "SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class'), to_regclass('procrastinate_jobs')"
    )
    comment, table = await found.fetchone()
    if table is None:
        return None
    if not (comment or "").startswith(_NAME):
        raise ConvenorError(
            "the queue",
            "There are tables of Procrastinate in this database that Convenor did not make. Nothing was changed. Give "
            "Convenor a database, or a schema, of its own.",
        )
    return str(comment).removeprefix(_NAME)


def _number(words: str) -> tuple[int, ...]:
    return tuple(int(part) for part in words.split(".")[:3] if part.isdigit())
