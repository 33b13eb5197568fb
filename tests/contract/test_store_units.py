"""Units of work: what lasts, what others see of it, and what is an error."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.ports import Store, UnitOfWork
from digests.model import Installation
from tests.builders import ALICE, NOW, a_tagged_item
from tests.contract.databases import open_database


async def count(store: Store) -> int:
    async with store.read() as uow:
        return await uow.items.count()


async def test_what_is_committed_lasts(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(1)])
        await uow.commit()
    assert await count(store) == 1


async def test_what_is_not_committed_is_forgotten(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(1)])
        assert await uow.items.count() == 1
    assert await count(store) == 0


async def test_an_error_undoes_everything_in_its_unit_of_work(store: Store) -> None:
    async def break_off() -> None:
        async with store.begin() as uow:
            await uow.items.add([a_tagged_item(1)])
            await uow.members.resolve(ALICE, NOW)
            raise LookupError("broken off")

    with pytest.raises(LookupError, match="broken off"):
        await break_off()
    async with store.read() as uow:
        assert await uow.items.count() == 0
        assert await uow.members.find(ALICE) is None


async def test_a_unit_of_work_that_was_cancelled_leaves_nothing_and_blocks_nobody(store: Store) -> None:
    started = asyncio.Event()

    async def never_done() -> None:
        async with store.begin() as uow:
            await uow.items.add([a_tagged_item(1)])
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_done())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.begin() as uow:
        assert await uow.items.count() == 0
        await uow.items.add([a_tagged_item(2)])
        await uow.commit()
    assert await count(store) == 1


async def test_a_task_that_is_cancelled_again_and_again_still_lets_go(store: Store) -> None:
    async def work() -> None:
        async with store.begin() as uow:
            await uow.items.add([a_tagged_item(1)])
            await uow.items.count()

    for steps in range(25):
        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0.0005)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(30), store.begin() as uow:
        assert await uow.items.count() == 0


async def test_others_see_nothing_of_a_unit_of_work_before_it_commits(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(1)])
        assert await count(store) == 0
        await uow.commit()
        assert await count(store) == 1


async def test_a_reader_keeps_the_view_it_began_with(store: Store) -> None:
    async with store.read() as reader:
        assert await reader.items.count() == 0
        async with store.begin() as writer:
            await writer.items.add([a_tagged_item(1)])
            await writer.commit()
        assert await reader.items.count() == 0
    assert await count(store) == 1


async def test_a_reader_must_not_write(store: Store) -> None:
    async with store.read() as uow:
        with pytest.raises(RuntimeError, match="must not write"):
            await uow.items.add([a_tagged_item(1)])
    async with store.read() as uow:
        with pytest.raises(RuntimeError, match="must not write"):
            await uow.deliveries.replace_body("key", "body", NOW)
    async with store.read() as uow:
        with pytest.raises(RuntimeError, match="must not write"):
            await uow.editions.lock("2025-01-24")
    async with store.read() as uow:
        with pytest.raises(RuntimeError, match="must not write"):
            await uow.members.lock("m1")
    async with store.read() as uow:
        with pytest.raises(RuntimeError, match="must not write"):
            await uow.commit()


async def test_using_a_unit_of_work_after_its_commit_is_an_error(store: Store) -> None:
    async with store.begin() as uow:
        await uow.commit()
        with pytest.raises(RuntimeError, match="has ended"):
            await uow.items.count()
        with pytest.raises(RuntimeError, match="has ended"):
            await uow.commit()


async def test_using_a_unit_of_work_after_leaving_it_is_an_error(store: Store) -> None:
    left: list[UnitOfWork] = []
    async with store.begin() as uow:
        left.append(uow)
    async with store.read() as uow:
        left.append(uow)
    for uow in left:
        with pytest.raises(RuntimeError, match="has ended"):
            await uow.installation()


async def test_the_first_pass_is_recorded_once(store: Store) -> None:
    first = Installation(NOW, NOW - timedelta(days=7))
    async with store.begin() as uow:
        assert await uow.installation() is None
        await uow.record_installation(first)
        await uow.record_installation(Installation(NOW + timedelta(days=1), NOW))
        assert await uow.installation() == first
        await uow.commit()
    async with store.read() as uow:
        assert await uow.installation() == first


async def test_many_writers_at_once_take_turns(store: Store) -> None:
    async def add(number: int) -> None:
        async with store.begin() as uow:
            await uow.items.add([a_tagged_item(number)])
            await asyncio.sleep(0)
            await uow.commit()

    await asyncio.gather(*(add(number) for number in range(30)))
    assert await count(store) == 30


async def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    async with store.begin() as writer:
        await writer.items.add([a_tagged_item(1)])
        async with asyncio.timeout(30):
            assert await asyncio.gather(*(count(store) for _ in range(6))) == [0] * 6


async def test_what_is_committed_survives_closing_and_opening(database_url: str) -> None:
    database = await open_database(database_url)
    async with database.begin() as uow:
        await uow.items.add([a_tagged_item(1)])
        await uow.commit()
    await database.close()
    database = await open_database(database_url)
    assert await count(database) == 1
    await database.close()
