"""Either of two people is erased at any step of an introduction: the other is not left waiting, and nothing stays."""

from __future__ import annotations

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
