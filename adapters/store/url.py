"""Database addresses: which ones we take, and how they are shown to people, without their password."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from digests.errors import ConfigError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


_NAME = "CONVENOR_DATABASE_URL"


def parse(url: str) -> URL:
    """The address with the driver that we use. Raises :class:`ConfigError` where it cannot be used.

    A SQLite address must name a file in a folder that exists; the file itself need not.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError([_wanted("the address cannot be read")]) from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise ConfigError([_wanted(f"a database of the sort “{parsed.drivername}” cannot be used")])
    parsed = parsed.set(drivername=driver)
    path = file_of(parsed)
    if path is not None:
        _check(path)
    return parsed


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def shown(url: URL) -> str:
    """The database in words that may be logged: the file's path, or the PostgreSQL database and its host."""
    path = file_of(url)
    if path is not None:
        return str(path)
    host = url.host or url.query.get("host") or "this machine"
    return f"{url.database or 'the default database'} on {host}"


def _check(path: Path) -> None:
    if str(path) in (".", ":memory:"):
        raise ConfigError([f"{_NAME}: must be a file: everything in a database in memory would be lost"])
    if not path.parent.is_dir():
        raise ConfigError([f"{_NAME}: the directory “{path.parent}” does not exist: make it, and try again"])
    if path.is_dir():
        raise ConfigError([f"{_NAME}: “{path}” is a directory: name the database file itself"])


def _wanted(what: str) -> str:
    return f"{_NAME}: {what}: write sqlite:///var/convenor.db or postgresql://user:password@host/name"
