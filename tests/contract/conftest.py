"""The stores that the contract suite runs on: the fake, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.store.database import Database
from bot.ports import Store
from tests.contract.databases import open_database, postgres_url, sqlite_url
from tests.fakes.store import FakeStore


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, up-to-date database of each sort."""
    return sqlite_url(tmp_path) if request.param == "sqlite" else postgres_url()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database of each sort."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of each sort, the fake among them."""
    if request.param == "fake":
        yield FakeStore()
        return
    opened = await open_database(sqlite_url(tmp_path) if request.param == "sqlite" else postgres_url())
    yield opened
    await opened.close()
