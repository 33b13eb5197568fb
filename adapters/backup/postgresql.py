"""Copies a PostgreSQL database with pg_dump, looks whether a copy is whole, and restores one with pg_restore.

Both programs come with PostgreSQL’s client, and must be at least as new as the server.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.pq import Conninfo
from sqlalchemy import URL

from adapters.backup.trouble import BadBackup, said
from adapters.store.upgrade import RESTORING

ENDING = ".dump"
CONNECT_SECONDS = 10

NO_PROGRAM = (
    "{0} is not installed here, and backups of PostgreSQL need it. Install the client of PostgreSQL (on Debian "
    "“postgresql-client”), at least as new as the server, or use the backups of whoever runs the database for you."
)
FAILED = "{} failed: {}"
NOT_A_DUMP = "“{}” is not a backup of PostgreSQL that can be read ({}). Nothing was changed."
FOREIGN = "“{}” is a backup of a PostgreSQL database, and none of Convenor’s. Nothing was changed."
NOTHING = "There is nothing of Convenor’s in the PostgreSQL database yet, so there is nothing to back up."
UNREACHABLE = "The PostgreSQL database could not be reached ({}). Nothing was changed."
REFUSED = (
    "The PostgreSQL database refused ({}). Nothing was changed. A restore needs the owner of the database, as it puts "
    "a schema in the place of another."
)
IN_USE = (
    "{} still use{} the PostgreSQL database: {}. Stop every part of Convenor, and whatever else is connected, and try "
    "again. Nothing was changed."
)
NOT_RESTORED = (
    "The backup could not be restored ({}). What the database held before is in its place again; nothing was changed."
)

STILL_BROKEN_OFF = (
    "The backup could not be restored ({}). Nothing was changed: the database is what the last restore left, "
    "which was broken off, and Convenor does not start on it. What it held before is in {}. Put right what is wrong, "
    "and run “convenor restore” once more."
)

_COPY = re.compile(rb'COPY (?:"?[\w$]+"?\.)?"?(\w+)"? .*FROM stdin;\n')
_LISTED = re.compile(r"^\d+; \d+ \d+ (TABLE|TABLE DATA|CONSTRAINT|SCHEMA|COMMENT|ACL)\b (.*)$")


class Server:
    """One PostgreSQL database, as the programs and we reach it."""

    def __init__(self, url: URL) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)

    def copy(self, target: Path) -> None:
        """Copy the database, as it is at one moment, to a file that only its owner can read. Raises BadBackup."""
        with self._connected() as connection:
            schema = _schema(connection)
            if _version(connection, schema) is None:
                raise BadBackup("postgresql", NOTHING)
        with said(target):
            target.unlink(missing_ok=True)
            target.touch(mode=0o600)
        self._run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--schema={schema}", f"--file={target}"
        )

    def refuse_while_used(self) -> None:
        """Raises BadBackup where anybody else is connected."""
        query = (
            "SELECT application_name, count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1"
        )
        with self._connected() as connection:
            others = cast("list[tuple[str, int]]", connection.execute(query).fetchall())
        if others:
            many = sum(number for _, number in others)
            names = ", ".join(name or "without a name" for name, _ in others)
            who = "One connection" if many == 1 else f"{many} connections"
            raise BadBackup("postgresql", IN_USE.format(who, "s" if many == 1 else "", names))

    def replaced(self) -> list[str]:
        """The schemas in which restores keep what they replaced."""
        query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s ORDER BY nspname"
        with self._connected() as connection:
            return [f"schema {row[0]}" for row in connection.execute(query, (r"replaced\_%",)).fetchall()]

    def restore(self, file: Path, version: str, now: datetime) -> str | None:
        """Put a backup in the place of what is there; returns the schema in which that is kept, if there was any.

        The tables then are at ``version``; but the database says that it is being restored, so that nobody takes it
        for whole before :func:`adapters.store.upgrade.restored` says so. Raises BadBackup.
        """
        kept: str | None
        with self._connected() as connection:
            schema, kept = _schema(connection), _free_name(connection, f"replaced_{now:%Y%m%dt%H%M%S}")
            present = _version(connection, schema)
            again = present == RESTORING
            name = sql.Identifier(schema)
            if present is None and _is_empty(connection, schema):
                kept = None
            elif again:
                # What another restore left that was broken off; what was there before that is kept already.
                connection.execute(sql.SQL("DROP SCHEMA {0} CASCADE; CREATE SCHEMA {0}").format(name))
                kept = None
            else:
                aside = sql.Identifier(str(kept))
                connection.execute(sql.SQL("ALTER SCHEMA {0} RENAME TO {1}; CREATE SCHEMA {0}").format(name, aside))
            _mark(connection, name)
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
                wanted.write(self._without_version(file))
                wanted.flush()
                how = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
                database = Conninfo.parse(self._conninfo.encode())
                dbname = next(o.val for o in database if o.keyword == b"dbname") or b""
                self._run("pg_restore", *how, f"--use-list={wanted.name}", f"--dbname={dbname.decode()}", str(file))
        except BadBackup as failed:
            self._put_back(schema, kept, again=again)
            if again:
                kept_before = " or ".join(self.replaced()) or "no schema any more"
                raise BadBackup(str(file), STILL_BROKEN_OFF.format(failed.sentence, kept_before)) from None
            raise BadBackup(str(file), NOT_RESTORED.format(failed.sentence)) from None
        return kept

    def _put_back(self, schema: str, kept: str | None, *, again: bool) -> None:
        with self._connected() as connection:
            name = sql.Identifier(schema)
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(name))
            if kept is None:
                connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
                if again:
                    # Or else the next start would take it for a new network.
                    _mark(connection, name)
            else:
                connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(kept), name))

    def _without_version(self, file: Path) -> str:
        """What the backup holds, as pg_restore lists it, but for the schema itself and the version of the tables."""
        lines = self._run("pg_restore", "--list", str(file)).decode().splitlines(keepends=True)
        return "".join(line for line in lines if not _is_left_out(line))

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with psycopg.connect(self._conninfo, connect_timeout=CONNECT_SECONDS) as connection:
                yield connection
        except psycopg.OperationalError as trouble:
            raise BadBackup("postgresql", UNREACHABLE.format(_said(trouble))) from None
        except psycopg.Error as trouble:
            raise BadBackup("postgresql", REFUSED.format(_said(trouble))) from None

    def _run(self, program: str, *arguments: str) -> bytes:
        return run(program, *arguments, environment=self._environment())

    def _environment(self) -> dict[str, str]:
        # Never on the command line, where everybody on the machine can read it.
        given = {option.envvar: option.val for option in Conninfo.parse(self._conninfo.encode()) if option.val}
        return {name.decode(): value.decode() for name, value in given.items() if name and value}


def run(program: str, *arguments: str, environment: dict[str, str] | None = None) -> bytes:
    """What the program writes. Raises BadBackup where it is not here, or fails."""
    done = subprocess.run(  # noqa: S603
        [_program(program), *arguments],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise BadBackup(program, FAILED.format(program, _first_line(done.stderr)))
    return done.stdout


def look(file: Path) -> tuple[str, dict[str, int]]:
    """The version of the tables in a backup, and how many rows each has; all of it is read. Raises BadBackup."""
    reading = subprocess.Popen(  # noqa: S603
        [_program("pg_restore"), "--file=-", "--data-only", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    rows: dict[str, int] = {}
    version = ""
    with reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        table = ""
        for line in reading.stdout:
            if not table:
                began = _COPY.fullmatch(line)
                if began:
                    table = began[1].decode()
                    rows[table] = 0
            elif line == b"\\.\n":
                table = ""
            else:
                rows[table] += 1
                if table == "alembic_version":
                    version = line.decode().strip()
        complaint = reading.stderr.read()
    if reading.returncode:
        raise BadBackup(str(file), NOT_A_DUMP.format(file, _first_line(complaint)))
    if "alembic_version" not in rows or "deliveries" not in rows:
        raise BadBackup(str(file), FOREIGN.format(file))
    return version, rows


def sample(file: Path) -> str | None:
    """The sealed word by which keys are known to fit; None where nothing is sealed. Raises BadBackup."""
    written = run("pg_restore", "--file=-", "--data-only", "--table=seals", str(file)).splitlines()
    start = next((number for number, line in enumerate(written) if line.startswith(b"COPY ")), None)
    if start is None or written[start + 1] == b"\\.":
        return None
    return written[start + 1].decode().split("\t")[1]


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BadBackup(name, NO_PROGRAM.format(name))
    return found


def _is_left_out(line: str) -> bool:
    listed = _LISTED.match(line)
    if listed is None:
        return False
    return listed[1] == "SCHEMA" or " SCHEMA " in listed[2] or "alembic_version" in listed[2].split()


def _schema(connection: psycopg.Connection[Any]) -> str:
    (schema,) = connection.execute("SELECT coalesce(current_schema(), 'public')").fetchone() or ("public",)
    return str(schema)


def _mark(connection: psycopg.Connection[Any], schema: sql.Identifier) -> None:
    """Say in a schema that a restore into it is not done, so that nobody takes it for whole."""
    connection.execute(
        sql.SQL(
            "CREATE TABLE {}.alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        ).format(schema)
    )
    connection.execute(sql.SQL("INSERT INTO {}.alembic_version VALUES (%s)").format(schema), (RESTORING,))


def _free_name(connection: psycopg.Connection[Any], wanted: str) -> str:
    """The name, with a number behind it where there is a schema of this name."""
    taken = {name for (name,) in connection.execute("SELECT nspname FROM pg_namespace").fetchall()}
    return next(name for n in range(1000) if (name := f"{wanted}_{n}" if n else wanted) not in taken)


def _version(connection: psycopg.Connection[Any], schema: str) -> str | None:
    table = sql.Identifier(schema, "alembic_version")
    there = connection.execute("SELECT to_regclass(%s)", (table.as_string(connection),)).fetchone()
    if there is None or there[0] is None:
        return None
    row = connection.execute(sql.SQL("SELECT version_num FROM {}").format(table)).fetchone()
    return str(row[0]) if row else None


def _is_empty(connection: psycopg.Connection[Any], schema: str) -> bool:
    there = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", (schema,)).fetchone()
    return there is not None and there[0] == 0


def _said(trouble: psycopg.Error) -> str:
    return next(iter(str(trouble).strip().splitlines()), "it gave no reason")


def _first_line(complaint: bytes) -> str:
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[0] if lines else "it gave no reason"
