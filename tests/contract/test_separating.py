"""An account that is separated is told nothing more of what is the other's, on every store."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.store.repositories.network import TOLD_AT_AN_ACCOUNT
from adapters.store.tables import identities, metadata
from bot import following
from bot.editions import suggested
from bot.introductions import answering, outgoing, requesting
from bot.introductions.model import AskState, RequestState, Wish
from bot.members import linking
from bot.members.cards import NOTICE
from bot.messages import Identity, say, to_json
from bot.ports import Grant, Role, Store
from bot.privacy import complaints
from digests.errors import Stale
from digests.model import Address, Delivery, DeliveryState, Suggestion
from tests.builders import NOW, a_tagged_item
from tests.fakes.network import ALICE, CAROL, DAN, PLATFORM, WORKSPACE, Network, channel, words_of
from tests.unit.test_introductions_journey import NEED, a_network, coordinator_asks, days_pass, press

EVE = Identity(PLATFORM, WORKSPACE, "eve", "Eve")
FAR = Identity(PLATFORM, "W2", "alice2", "Alice far away")


async def linked(network: Network, one: Identity, *others: Identity) -> str:
    """These accounts are one person's, the oldest first; returns their member id."""
    async with network.store.begin() as uow:
        for each in (one, *others):
            await uow.members.resolve(each, NOW)
        await uow.commit()
    for other in others:
        await linking.link(network.services, other, await linking.begin(network.services, one))
    await network.sends()
    async with network.store.read() as uow:
        member = await uow.members.find(one)
    assert member is not None
    return str(member.id)


async def the_row(network: Network, key: str) -> Delivery:
    async with network.store.read() as uow:
        row: Delivery | None = await uow.deliveries.get(key)
    assert row is not None
    return row


async def test_whatever_the_member_is_to_be_told_is_told_at_an_account_that_is_left(store: Store) -> None:
    network = await Network.make(store=store)
    alice = await linked(network, ALICE, EVE)
    await network.receives(a_tagged_item(90, received_at=NOW, published_at=NOW))
    await network.say(EVE, "/topics follow ai")
    await network.asks_for(EVE, NEED)
    await network.asks_for(CAROL, NEED)
    complaint = await complaints.complain(network.services, EVE, "Somebody read my request.")
    async with store.begin() as uow:
        one = Suggestion("s1", alice, EVE.address, "https://example.org/a", "It is new.", NOW, "2025-01-24")
        await uow.suggestions.add(one)
        (before,) = await uow.requests.of_requester(alice)
        await uow.commit()
    await network.sends()
    await linking.unlink(network.services, ALICE, EVE.key)
    await network.sends()
    async with store.begin() as uow:
        listener = await uow.follows.listener(alice)
        assert listener is not None
        assert listener.address == ALICE.address
        (journey,) = await uow.requests.of_requester(alice)
        asked = journey.request.requester.identity
        assert asked is not None
        assert asked.address == ALICE.address
        assert journey.request.wish == before.request.wish
        # Whoever read it before has to look again, and puts nothing back.
        assert not await uow.requests.save(before)
        assert await uow.suggestions.get("s1") == replace(one, account=ALICE.address)
        kept = await uow.rights.complaint(complaint.reference)
        assert kept is not None
        assert kept.account == ALICE.address
        carol = await uow.members.find(CAROL)
        assert carol is not None
        (hers,) = await uow.requests.of_requester(carol.id)
        assert hers.request.requester.identity is not None
        assert hers.request.requester.identity.key == CAROL.key
    told = len(network.courier.to("eve"))
    network.clock.advance(minutes=5)
    now = network.clock.now()
    await network.receives(a_tagged_item(91, received_at=now, published_at=now))
    network.clock.advance(hours=26)
    await following.alert_tick(network.services)
    await complaints.answer(network.services, DAN, complaint.reference, "We have looked at it.")
    await days_pass(network, 27)
    assert network.courier.to("eve")[told:] == []
    alices = "\n".join(words_of(message) for message in network.courier.to("alice"))
    for words in ("New in what you follow", "We have looked at it.", "There is no introduction this time"):
        assert words in alices


async def test_what_waits_for_the_account_goes_to_one_that_is_left_and_what_has_arrived_or_is_about_it_stays(
    store: Store,
) -> None:
    network = await Network.make(store=store)
    await linked(network, ALICE, EVE)
    later = network.clock.now().replace(hour=23)
    waits = Delivery("a1", suggested.PURPOSE, EVE.address, to_json(say("Words")), NOW, available_at=later)
    rows = [
        waits,
        replace(waits, key="a2", state=DeliveryState.RETRY, reason="Busy."),
        replace(waits, key="a3", state=DeliveryState.PARKED, reason="They have removed Convenor."),
        replace(waits, key="joined:a:1", purpose=NOTICE),
        replace(waits, key="linked:ab:fake:W:eve", purpose=NOTICE),
        replace(waits, key="a5", state=DeliveryState.UNKNOWN),
        replace(waits, key="a6", state=DeliveryState.PENDING, sent_version=1, message_ref="7", version=2),
        replace(waits, key="a7", address=CAROL.address),
        replace(waits, key="a8", address=Address(PLATFORM, "W2", user="eve")),
        replace(waits, key="a9", address=channel("eve")),
    ]
    async with store.begin() as uow:
        await uow.deliveries.add(rows)
        await uow.commit()
    await linking.unlink(network.services, ALICE, EVE.key)
    for row in rows:
        moved = row.key in {"a1", "a2", "a3", "joined:a:1"}
        assert await the_row(network, row.key) == (replace(row, address=ALICE.address) if moved else row)


@pytest.mark.parametrize(("left", "user"), [((ALICE,), "alice,carol"), ((FAR,), None), ((FAR, ALICE), "alice,carol")])
async def test_a_conversation_that_was_to_be_opened_with_the_account_is_opened_with_another_there_or_called_back(
    store: Store, left: tuple[Identity, ...], user: str | None
) -> None:
    network = await Network.make(store=store)
    await linked(network, left[0], *left[1:], EVE)
    row = Delivery(
        "introduction:x:0",
        outgoing.INTRODUCTION,
        Address(PLATFORM, WORKSPACE, user="eve,carol"),
        to_json(say("Meet")),
        NOW,
        available_at=NOW.replace(hour=23),
    )
    async with store.begin() as uow:
        await uow.deliveries.add([row])
        await uow.commit()
    await linking.unlink(network.services, left[0], EVE.key)
    now = await the_row(network, row.key)
    if user is None:
        assert now.state is DeliveryState.DROPPED
        assert now.address == row.address
    else:
        assert now == replace(row, address=Address(PLATFORM, WORKSPACE, user=user))


async def test_an_introduction_that_was_called_back_so_is_the_coordinators_business_again(store: Store) -> None:
    network = await a_network(store)
    await linked(network, FAR, EVE)
    await network.asks_for(EVE, NEED)
    await coordinator_asks(network)
    async with store.read() as uow:
        (ask,) = (await uow.requests.unfinished())[0].asks
    # Said, and not sent yet.
    await answering.answer(network.services, CAROL, ask.id, AskState.YES)
    assert (await the_row(network, f"introduction:{ask.id}:0")).address.users == ("eve", "carol")
    await linking.unlink(network.services, FAR, EVE.key)
    await days_pass(network, 1)
    async with store.read() as uow:
        (journey,) = await uow.requests.unfinished()
    assert journey.request.state is RequestState.OPEN
    assert journey.introduction is None
    assert network.courier.to("eve,carol") == []


async def test_a_coordinators_card_that_waits_for_the_account_is_shown_where_the_coordinator_is(store: Store) -> None:
    network = await Network.make(store=store, bound=False)
    dan = await linked(network, EVE, FAR)
    async with store.begin() as uow:
        member, old = await uow.members.get(dan), await uow.members.find(DAN)
        assert member is not None
        assert old is not None
        await uow.roles.revoke(old.id, Role.COORDINATOR)
        await uow.roles.grant(Grant(member, Role.COORDINATOR, "settings", NOW))
        await uow.commit()
    await requesting.submit(network.services, ALICE, Wish(NEED))
    await linking.unlink(network.services, FAR, EVE.key)
    await network.sends()
    assert not any("Request for an introduction" in words_of(each) for each in network.courier.to("eve"))
    (card,) = [each for each in network.courier.to("alice2") if "Request for an introduction" in words_of(each)]
    assert press(card, "Close")


async def test_where_two_accounts_separate_each_other_at_once_each_is_somebody(store: Store) -> None:
    network = await Network.make(store=store)
    member = await linked(network, ALICE, EVE)
    both = [linking.unlink(network.services, one, other.key) for one, other in ((ALICE, EVE), (EVE, ALICE))]
    ended = await asyncio.gather(*both, return_exceptions=True)
    assert [isinstance(each, Stale) for each in ended].count(True) == 1
    async with store.read() as uow:
        assert len(await uow.members.identities(member)) == 1


def test_every_table_that_says_where_a_member_is_told_is_moved() -> None:
    named = {table for table in metadata.sorted_tables if {"member_id", "user_id"} <= set(table.columns.keys())}
    assert named - {identities} == set(TOLD_AT_AN_ACCOUNT)
