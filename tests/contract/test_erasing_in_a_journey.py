"""Either of two people is erased at any step of an introduction: the other is not left waiting, and nothing stays.

Nor does it where all had their time.
"""

from __future__ import annotations

from functools import partial

import pytest

from adapters.store.database import Database
from bot import schedule
from bot.messages import Button, Identity
from bot.privacy import notice
from tests.contract.databases import open_database
from tests.contract.databases import sqlite_url as url_in
from tests.contract.personal_rows import everything
from tests.fakes.network import ALICE, CAROL, Network, words_of
from tests.unit.test_introductions_journey import NEED, a_network, coordinator_asks, days_pass, press

STEPS = ("requested", "asked", "agreed", "followed up", "over")
KEPT = ("consents", "complaints")


async def comes_to(network: Network, step: str) -> None:
    """Alice asks, Carol is asked and says yes, both meet: as far as this step."""
    reached = STEPS.index(step)
    await network.asks_for(ALICE, NEED, organisation="Example Charity", email="alice@example.org")
    if reached >= 1:
        await coordinator_asks(network)
    if reached >= 2:
        await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
    if reached >= 3:
        await days_pass(network, 15)
    if reached >= 4:
        await days_pass(network, 40)


@pytest.mark.parametrize("who", [ALICE, CAROL], ids=lambda who: who.user)
@pytest.mark.parametrize("step", STEPS)
async def test_whoever_is_erased_half_way_is_gone_and_the_journey_ends(
    tmp_path_factory: pytest.TempPathFactory, step: str, who: Identity
) -> None:
    database = await open_database(url_in(tmp_path_factory.mktemp("erased")))
    try:
        network = await erased_at(database, step, who)
        async with network.store.read() as uow:
            assert await uow.members.find(who) is None
            assert await uow.requests.unfinished() == []
        shown = "\n".join(words_of(card) for card in network.courier.in_channel("coordinators"))
        assert who.name not in shown
        assert shown.endswith("was erased, so its words were deleted.") == (who is ALICE)
        assert await traces_of(network, database, who) == []
    finally:
        await database.close()


async def erased_at(database: Database, step: str, who: Identity) -> Network:
    """Somebody asks to be erased at this step, and is; then two months pass."""
    network = await a_network(database)
    await comes_to(network, step)
    await network.press(who, Button("", notice.ERASE))
    told_before = len(network.courier.to(who.user))
    await days_pass(network, 14)
    # Nobody writes to them meanwhile.
    assert len(network.courier.to(who.user)) == told_before
    await schedule.privacy_tick(network.services)
    for _ in range(8):
        network.clock.advance(days=7)
        await days_pass(network, 0.1)
    return network


async def traces_of(network: Network, database: Database, who: Identity) -> list[str]:
    """The tables in which somebody still stands who has been erased, beside what the law asks us to keep."""
    rows = await everything(database)
    # What channels were sent is emptied after 90 days.
    network.clock.advance(days=91)
    await schedule.sweep_tick(network.services)
    swept = await everything(database)
    return [
        table
        for table, kept in {**rows, "deliveries": swept["deliveries"]}.items()
        if table not in (*KEPT, "tallies") and any(f"'{who.user}'" in row or who.name in row for row in kept)
    ]


@pytest.mark.parametrize("first", ["sweep", "tick"])
async def test_words_go_from_messages_whichever_comes_first_after_convenor_did_not_run_for_a_while(
    tmp_path_factory: pytest.TempPathFactory, first: str
) -> None:
    database = await open_database(url_in(tmp_path_factory.mktemp("rested")))
    try:
        network = await a_network(database)
        await network.asks_for(ALICE, NEED)
        await coordinator_asks(network)
        await days_pass(network, 27)
        channel = partial(network.courier.in_channel, "coordinators")
        assert NEED in words_of(channel()[0])
        assert "Carol (Patients Trust) did not answer in time" in words_of(channel()[1])
        # For so long it was switched off, or the database on hold.
        network.clock.advance(days=92)
        ticks = [schedule.sweep_tick, schedule.introduction_tick]
        for tick in ticks if first == "sweep" else reversed(ticks):
            await tick(network.services)
        await network.sends()
        for message in (*channel(), network.courier.to("carol")[0]):
            assert words_of(message).endswith("over for three months, so its words were deleted.")
        async with network.store.read() as uow:
            rows = await uow.deliveries.under("request", "ask:")
            assert list(await uow.requests.closed(network.clock.now())) == []
        # Once, and not again when the text of what says so has had its time too.
        network.clock.advance(days=100)
        for tick in (*ticks, *ticks):
            await tick(network.services)
        async with network.store.read() as uow:
            assert [row.version for row in await uow.deliveries.under("request", "ask:")] == [
                row.version for row in rows
            ]
    finally:
        await database.close()
