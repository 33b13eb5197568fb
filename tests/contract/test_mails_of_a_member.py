"""Which mails are somebody's to read and to have erased: those made for them, whatever address they write."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.members.profile import Contact
from bot.messages import Ask, AskKind, Button, Identity
from bot.privacy import notice, service
from bot.schedule import privacy_tick
from digests.model import DeliveryState
from tests.contract.databases import open_database, postgres_url, sqlite_url
from tests.fakes.network import ALICE, CAROL, DAN, PLATFORM, WORKSPACE, Network
from tests.unit.test_introductions_journey import NEED, coordinator_asks, press

EVE = Identity(PLATFORM, WORKSPACE, "eve", "Eve")
CAROLS, OFFICE, ZOES, LIST = (
    "carol@trust.example.org",
    "office@example.org",
    "zoe@example.org",
    "list@lists.example.org",
)


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def network(request: pytest.FixtureRequest, tmp_path: Any) -> AsyncIterator[Network]:
    """Carol is introduced by mail to an office without an account; Zoe is invited by mail."""
    url = sqlite_url(tmp_path) if request.param == "sqlite" else postgres_url()
    database = await open_database(url)
    network = await Network.make(store=database, can_mail=True)
    await network.joins(CAROL, organisation="Patients Trust", email=CAROLS, contacts=(Contact.EMAIL,))
    await network.say(DAN, f"/convenor invite {ZOES}")
    form = (await network.say(DAN, "/intro outsider")).form
    await network.send(DAN, form, name="An office", email=OFFICE, consent="on the phone", need=NEED, blurb="An office")
    await coordinator_asks(network)
    await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
    await network.sends()
    yield network
    await database.close()


async def mails_of(network: Network, who: Identity) -> list[str]:
    """The mails in somebody's export, by whom they were to."""
    exported = json.loads(await service.export(network.services, who))
    rows = [row for part in exported["held"] if part["table"] == "deliveries" for row in part["rows"]]
    return [row["recipient"] for row in rows if row["platform"] == "mail"]


async def test_whoever_writes_anothers_address_as_their_own_reads_none_of_their_mails(network: Network) -> None:
    assert {line.address.user for line in network.mail.posted} == {f"{OFFICE},{CAROLS}", ZOES}
    for address in (CAROLS, ZOES):
        await network.asks_for(EVE, "someone who knows about bees", email=address)
    assert await mails_of(network, EVE) == []
    assert await mails_of(network, CAROL) == [f"{OFFICE},{CAROLS}"]


async def test_whoever_writes_anothers_address_as_their_own_erases_none_of_their_mails(network: Network) -> None:
    for address in (LIST, ZOES):
        await network.asks_for(EVE, "someone who knows about bees", email=address)
    await network.press(EVE, Button("", notice.ERASE))
    network.clock.advance(days=15)
    await privacy_tick(network.services)
    async with network.store.read() as uow:
        rows = await uow.deliveries.in_state(*DeliveryState)
        assert await uow.members.find(EVE) is None
    assert {row.address.user for row in rows if row.address.platform == "mail"} == {f"{OFFICE},{CAROLS}", ZOES}


async def test_an_introduction_that_was_called_back_before_it_went_out_is_in_no_export(tmp_path: Any) -> None:
    database = await open_database(sqlite_url(tmp_path))
    network = await Network.make(store=database)
    await network.joins(CAROL, organisation="Patients Trust")
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    (asked,) = network.courier.to("carol")
    # The outbox cannot send just now.
    yes = press(asked, "Yes")
    await network.desk.answer(Ask(AskKind.PRESS, CAROL, yes.action, network.clock.now(), value=yes.value))
    async with network.store.read() as uow:
        waiting = await uow.deliveries.in_state(DeliveryState.PENDING)
    assert ("alice", "carol") in [row.address.users for row in waiting]
    exported = await service.export(network.services, ALICE)
    assert "Carol" not in exported
    await network.sends()
    assert "Carol (Patients Trust) has agreed" in await service.export(network.services, ALICE)
    await database.close()
