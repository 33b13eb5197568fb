"""Processes of our own in milliseconds: each is forked from one that has imported everything, once for a test run."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext

# The parent of all of them imports these, and runs nothing of them but what prepares it.
_PREPARED = [
    "bot.__main__",
    "adapters.slack.app",
    "alembic.command",
    "alembic.autogenerate",
    "alembic.runtime.migration",
    "holidays.countries.united_kingdom",
    "psycopg",
    "aiosqlite",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "tests.faults.sender",
    "tests.faults.life",
    "tests.faults.restorer",
    "tests.prepared",
]


def forking() -> ForkServerContext:
    """Where to get processes from. Whatever it is that a process runs must be a function of an importable module."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PREPARED)
    return context
