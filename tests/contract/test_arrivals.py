"""An item that is being stored while an edition is drafted is in that edition or in the next one, never in neither."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import editions
from digests.model import Installation, TaggedItem
from tests.builders import NOW, a_source, a_tagging, an_item
from tests.contract.databases import open_database, postgres_url, sqlite_url
from tests.fakes.network import Network, a_plan

DUE = datetime(2025, 1, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_an_item_that_is_stored_as_the_edition_falls_due_is_waited_for(kind: str, tmp_path: Path) -> None:
    database = await open_database(sqlite_url(tmp_path) if kind == "sqlite" else postgres_url())
    network = await Network.make(store=database, plan=a_plan(), sources=(a_source(),))
    async with database.begin() as uow:
        await uow.record_installation(Installation(NOW - timedelta(days=3), NOW - timedelta(days=6)))
        await uow.commit()
    item = an_item(1, received_at=DUE - timedelta(milliseconds=50), published_at=DUE - timedelta(hours=1))
    async with database.begin() as reading:
        await reading.items.arrive()
        await reading.items.add([TaggedItem(item, a_tagging("ai"))])
        network.clock.set(DUE + timedelta(milliseconds=200))
        drafting = asyncio.create_task(editions.make_due_edition(network.services))
        await asyncio.wait([drafting], timeout=0.2)
        assert not drafting.done()
        await reading.commit()
    edition = await asyncio.wait_for(drafting, 30)
    assert edition is not None
    assert [entry.item_id for entry in edition.content.entries] == [item.id]
    await database.close()


async def test_readings_do_not_wait_for_each_other() -> None:
    database = await open_database(postgres_url())
    async with database.begin() as one, database.begin() as other:
        await one.items.arrive()
        arriving = asyncio.create_task(other.items.arrive())
        done, _ = await asyncio.wait([arriving], timeout=30)
        assert done == {arriving}
        await arriving
    await database.close()
