"""Several clocks on one PostgreSQL: one of them leads, and where two think that they do, everything is there once."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg

from adapters.clock import Ticker
from adapters.store.leader import LOTS, Leader
from bot import schedule
from bot.app.service import lot_of
from digests.model import EditionState
from tests.builders import NOW, a_source, a_tagged_item
from tests.contract.databases import open_database, postgres_url, sqlite_url
from tests.fakes.network import Network, a_plan
from tests.unit.test_reminders import PLAN


def cut_everybody(url: str) -> None:
    """The connections of every clock end, and then are surely over."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM (SELECT DISTINCT pid FROM pg_locks JOIN pg_database AS here "
            "ON here.oid = database WHERE locktype = 'advisory' AND here.datname = current_database()) AS clocks"
        )


async def test_one_of_two_clocks_leads_and_the_other_takes_over_when_it_ends() -> None:
    url = postgres_url()
    first, second = Leader(url), Leader(url)
    assert await first.leads()
    assert not await second.leads()
    assert await first.leads()
    await first.close()
    assert await second.leads()
    assert not await first.leads()
    await first.close()
    await second.close()


async def test_a_clock_whose_connection_was_cut_leads_again_only_where_nobody_else_does() -> None:
    url = postgres_url()
    first, second = Leader(url), Leader(url)
    assert await first.leads()
    assert not await second.leads()
    cut_everybody(url)
    assert not await second.leads()
    assert await second.leads()
    assert not await first.leads()
    assert not await first.leads()
    await second.close()
    assert await first.leads()
    await first.close()


async def test_clocks_share_what_is_to_be_read_and_never_have_the_same_lot_at_once() -> None:
    url = postgres_url()
    clocks = [Leader(url) for _ in range(3)]
    everything = frozenset(range(LOTS))
    async with clocks[0].share() as alone:
        assert alone == everything
        async with clocks[1].share() as nothing_left:
            assert nothing_left == frozenset()
    async with contextlib.AsyncExitStack() as stack:
        await clocks[2].leads()
        shares = [await stack.enter_async_context(clock.share()) for clock in clocks]
        assert frozenset.union(*shares) == everything
        assert sum(map(len, shares)) == LOTS
        assert [len(share) for share in shares] == [22, 21, 21] or max(map(len, shares)) - min(map(len, shares)) == 1
    for clock in clocks[1:]:
        await clock.close()
    async with asyncio.timeout(30):
        while True:
            async with clocks[0].share() as left:
                if left == everything:
                    break
    await clocks[0].close()


async def test_a_clock_that_was_cut_off_while_it_read_lets_go_and_shares_again() -> None:
    url = postgres_url()
    clock = Leader(url)
    async with clock.share() as lots:
        assert lots
        cut_everybody(url)
    assert not await clock.leads()
    async with clock.share() as lots:
        assert lots == frozenset(range(LOTS))
    await clock.close()


def test_the_sources_of_a_host_are_in_one_lot() -> None:
    first, second = a_source("one"), a_source("two")
    assert lot_of(replace(first, url="https://example.org/a.xml")) == lot_of(
        replace(second, url="https://example.org/b")
    )
    assert len({lot_of(replace(first, url=f"https://{number}.example.org/")) for number in range(200)}) > LOTS / 2


async def test_on_sqlite_the_one_service_always_leads_and_reads_everything(tmp_path: Path) -> None:
    leader = Leader(sqlite_url(tmp_path))
    assert await leader.leads()
    async with leader.share() as lots:
        assert lots == frozenset(range(LOTS))
    await leader.close()


async def test_a_clock_that_does_not_lead_only_asks() -> None:
    asked, done = 0, 0
    twice = asyncio.Event()

    async def may() -> bool:
        nonlocal asked
        asked += 1
        if asked == 3:
            twice.set()
        return asked > 2

    async def act() -> None:
        nonlocal done
        done += 1

    ticker = Ticker(may)
    ticker.every(0.02, "draft", act)
    ticker.start()
    await asyncio.wait_for(twice.wait(), 30)
    ticker.stop()
    assert (asked, done) == (3, 1)


async def test_two_clocks_at_once_make_one_draft_and_give_one_reminder() -> None:
    url = postgres_url()
    databases = [await open_database(url) for _ in range(2)]
    plan = a_plan(reminders=PLAN)
    network = await Network.make(plan=plan, store=databases[0])
    beside = Network(databases[1], plan, ())
    clocks = [network, beside]
    await network.receives(*(a_tagged_item(n, received_at=NOW, published_at=NOW) for n in range(1, 4)))

    async def all_tick(**span: float) -> None:
        for each in clocks:
            each.clock.advance(**span)
        for tick in (schedule.draft_tick, schedule.remind_tick):
            await asyncio.gather(*(tick(each.services) for each in clocks for _ in range(2)))

    await all_tick(days=8)
    async with databases[0].read() as uow:
        (draft,) = await uow.editions.in_state(EditionState.DRAFT)
    await network.sends()
    before = len(network.courier.in_channel("editors"))
    assert before == len({line.key for line in network.courier.posted})
    await all_tick(hours=4)
    await network.sends()
    assert len(network.courier.in_channel("editors")) == before + 1
    assert draft.created_at - NOW > timedelta(days=7)
    for database in databases:
        await database.close()
