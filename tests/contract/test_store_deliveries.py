"""The outbox: who may send a row, when, and what is believed when two say different things about it."""

from __future__ import annotations

import pytest

from bot.ports import Store
from digests.model import Address, DeliveryState
from tests.builders import NOW, a_delivery
from tests.contract.deliveries import (
    LATER,
    LEASE,
    claim,
    claim_one,
    keep,
    keys,
    replace_body,
    row,
    send,
    settle,
)


async def test_a_row_comes_back_as_it_was_added(store: Store) -> None:
    full = a_delivery(
        "full",
        address=Address("teams", "tenant", user="user-1"),
        edition_id="2025-01-24",
        thread_key="headline",
        state=DeliveryState.PARKED,
        version=3,
        sent_version=2,
        attempts=4,
        fence=5,
        available_at=NOW,
        lease_until=LEASE,
        message_ref="ref",
        reason="The channel “example” is archived.",
        sent_at=NOW,
    )
    await keep(store, full, a_delivery("plain"))
    assert await row(store, "full") == full
    assert await row(store, "plain") == a_delivery("plain")
    async with store.read() as uow:
        assert await uow.deliveries.get("nothing") is None


async def test_a_row_whose_key_exists_is_left_as_it_is(store: Store) -> None:
    await keep(store, a_delivery("one"))
    await keep(store, a_delivery("one", body="another"), a_delivery("two"), a_delivery("two", body="another"))
    assert await row(store, "one") == a_delivery("one")
    assert await row(store, "two") == a_delivery("two")
    assert keys(await claim(store)) == ["one", "two"]


async def test_rows_are_claimed_in_the_order_in_which_they_were_added(store: Store) -> None:
    await keep(store, a_delivery("c"), a_delivery("a"))
    await keep(store, a_delivery("b"))
    assert keys(await claim(store, limit=2)) == ["c", "a"]
    assert keys(await claim(store, limit=2)) == ["b"]
    assert await claim(store) == []


async def test_a_claimed_row_is_being_sent_under_a_new_fence(store: Store) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    expected = a_delivery("one", state=DeliveryState.SENDING, fence=1, attempts=1, lease_until=LEASE)
    assert claimed == expected
    assert await row(store, "one") == expected


async def test_a_row_is_not_due_before_it_is_available(store: Store) -> None:
    await keep(store, a_delivery("later", available_at=LATER))
    assert await claim(store, NOW) == []
    assert keys(await claim(store, LATER)) == ["later"]


@pytest.mark.parametrize(
    "state", [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.PARKED, DeliveryState.UNKNOWN]
)
async def test_only_pending_and_retry_rows_are_ever_claimed(store: Store, state: DeliveryState) -> None:
    await keep(store, a_delivery("stuck", state=state), a_delivery("again", state=DeliveryState.RETRY))
    assert keys(await claim(store, LATER)) == ["again"]


async def test_a_row_that_somebody_asks_for_is_claimed_alone_whatever_it_waits_for(store: Store) -> None:
    later = a_delivery("b", state=DeliveryState.RETRY, available_at=LATER, thread_key="a")
    await keep(store, a_delivery("a"), later, a_delivery("c", state=DeliveryState.UNKNOWN), a_delivery("d"))
    async with store.begin() as uow:
        (claimed,) = await uow.deliveries.claim(NOW, LEASE, key="b")
        assert await uow.deliveries.claim(NOW, LEASE, key="b") == []
        assert await uow.deliveries.claim(NOW, LEASE, key="c") == []
        assert await uow.deliveries.claim(NOW, LEASE, key="none") == []
        await uow.commit()
    assert (claimed.key, claimed.state, claimed.fence) == ("b", DeliveryState.SENDING, 1)
    assert [row.key for row in await claim(store)] == ["a", "d"]


async def test_a_thread_waits_for_its_headline_to_be_sent(store: Store) -> None:
    await keep(store, a_delivery("headline"), a_delivery("part", thread_key="headline"), a_delivery("other"))
    claimed = await claim(store)
    assert keys(claimed) == ["headline", "other"]
    assert await settle(store, claimed[0], DeliveryState.RETRY, available_at=LATER)
    assert await claim(store) == []
    headline = await claim_one(store, LATER)
    assert await settle(store, headline, DeliveryState.SENT, message_ref="ref")
    assert keys(await claim(store)) == ["part"]


@pytest.mark.parametrize("state", [DeliveryState.PARKED, DeliveryState.UNKNOWN])
async def test_a_thread_waits_while_its_headline_is_stuck(store: Store, state: DeliveryState) -> None:
    await keep(store, a_delivery("headline", state=state), a_delivery("part", thread_key="headline"))
    assert await claim(store, LATER) == []


async def test_a_thread_does_not_wait_for_a_correction_of_its_headline(store: Store) -> None:
    await send(store, "headline")
    await keep(store, a_delivery("part", thread_key="headline"))
    await replace_body(store, "headline", "corrected")
    assert keys(await claim(store)) == ["headline", "part"]


async def test_a_thread_without_a_headline_row_waits_for_nobody(store: Store) -> None:
    await keep(store, a_delivery("part", thread_key="never added"))
    assert keys(await claim(store)) == ["part"]


@pytest.mark.parametrize("state", [DeliveryState.RETRY, DeliveryState.PARKED, DeliveryState.UNKNOWN])
async def test_a_part_waits_for_the_one_before_it_however_that_ended(store: Store, state: DeliveryState) -> None:
    await send(store, "headline")
    parts = (a_delivery("one", thread_key="headline"), a_delivery("two", thread_key="headline"))
    await keep(store, *parts, a_delivery("elsewhere", thread_key="another headline"))
    one = await claim_one(store)
    assert keys(await claim(store)) == ["elsewhere"]
    assert await settle(store, one, state, available_at=LATER)
    assert await claim(store) == []
    assert await settle(store, await row(store, "one"), DeliveryState.PENDING)
    assert keys(await claim(store)) == ["one"]


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.DROPPED])
async def test_a_part_goes_when_the_one_before_it_went_or_was_dropped(store: Store, state: DeliveryState) -> None:
    await send(store, "headline")
    await keep(store, a_delivery("one", thread_key="headline"), a_delivery("two", thread_key="headline"))
    assert await settle(store, await claim_one(store), state, message_ref="ref-one")
    await replace_body(store, "headline", "corrected")
    assert keys(await claim(store)) == ["headline", "two"]


async def test_a_part_that_is_updated_waits_for_nobody(store: Store) -> None:
    await send(store, "headline")
    await keep(store, a_delivery("one", thread_key="headline", state=DeliveryState.PARKED))
    await keep(store, a_delivery("two", thread_key="headline", sent_version=1, message_ref="ref-two"))
    assert keys(await claim(store)) == ["two"]


async def test_a_sent_row_says_where_and_when_it_is(store: Store) -> None:
    sent = await send(store, "one")
    assert sent.state is DeliveryState.SENT
    assert (sent.message_ref, sent.sent_at, sent.sent_version, sent.lease_until) == ("ref-one", NOW, 1, None)
    assert await claim(store, LATER) == []


async def test_a_row_to_retry_is_claimed_again_when_its_time_has_come(store: Store) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    assert await settle(store, claimed, DeliveryState.RETRY, reason="Slow down.", available_at=LATER)
    waiting = await row(store, "one")
    assert (waiting.state, waiting.reason, waiting.available_at) == (DeliveryState.RETRY, "Slow down.", LATER)
    assert await claim(store, NOW) == []
    again = await claim_one(store, LATER)
    assert (again.fence, again.attempts) == (2, 2)


async def test_a_stuck_row_keeps_its_reason(store: Store) -> None:
    await keep(store, a_delivery("one"))
    assert await settle(store, await claim_one(store), DeliveryState.PARKED, reason="The channel is archived.")
    parked = await row(store, "one")
    assert (parked.state, parked.reason, parked.sent_at) == (DeliveryState.PARKED, "The channel is archived.", None)


async def test_the_fence_stops_a_late_settle(store: Store) -> None:
    await keep(store, a_delivery("one"))
    late = await claim_one(store)
    assert await settle(store, late, DeliveryState.RETRY)
    present = await claim_one(store)
    assert not await settle(store, late, DeliveryState.SENT, message_ref="late")
    assert (await row(store, "one")).state is DeliveryState.SENDING
    assert await settle(store, present, DeliveryState.SENT, message_ref="present")
    assert (await row(store, "one")).message_ref == "present"


async def test_a_claim_is_settled_once(store: Store) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    assert await settle(store, claimed, DeliveryState.SENT, message_ref="ref")
    assert not await settle(store, claimed, DeliveryState.RETRY)
    assert (await row(store, "one")).state is DeliveryState.SENT


async def test_a_row_that_is_not_there_cannot_be_settled(store: Store) -> None:
    assert not await settle(store, a_delivery("nothing"), DeliveryState.SENT)


async def test_what_is_due_can_be_seen_without_being_taken(store: Store) -> None:
    later = a_delivery("later", available_at=LATER)
    await keep(store, a_delivery("head"), a_delivery("part", thread_key="head"), later, a_delivery("other"))
    async with store.read() as uow:
        assert keys(await uow.deliveries.due(NOW, 10)) == ["head", "other"]
        assert keys(await uow.deliveries.due(LATER, 10)) == ["head", "later", "other"]
        assert keys(await uow.deliveries.due(LATER, 1)) == ["head"]


async def test_a_claim_can_be_for_one_channel_or_person_alone(store: Store) -> None:
    alice = Address("slack", "T01", user="U01")
    await keep(store, a_delivery("1"), a_delivery("2", address=alice), a_delivery("3"), a_delivery("4", address=alice))
    async with store.begin() as uow:
        assert keys(await uow.deliveries.claim(NOW, LEASE, 10, beside="4")) == ["2", "4"]
        assert keys(await uow.deliveries.claim(NOW, LEASE, 10, beside="4")) == []
        assert keys(await uow.deliveries.claim(NOW, LEASE, 10, beside="nothing")) == []
        assert keys(await uow.deliveries.claim(NOW, LEASE, 10, beside="1")) == ["1", "3"]


@pytest.mark.parametrize(
    "other", [Address("teams", "tenant", user="user-1"), Address("mail", "", user="alice@example.org")]
)
async def test_a_row_may_be_sent_to_another_address_by_whoever_holds_it(store: Store, other: Address) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    async with store.begin() as uow:
        assert await uow.deliveries.settle(claimed, DeliveryState.PENDING, now=NOW, address=other)
        assert not await uow.deliveries.settle(claimed, DeliveryState.PENDING, now=NOW, address=claimed.address)
        await uow.commit()
    again = await claim_one(store)
    assert (again.key, again.address, again.attempts, again.fence) == ("one", other, 1, 2)


async def test_rows_are_found_by_how_their_keys_begin(store: Store) -> None:
    await keep(
        store,
        *map(
            a_delivery, ("card:r1:b", "card:r10:a", "Card:r1:x", "card:r1", "card-note:r1:a", "card:r1:a", "card:r1:é")
        ),
        *map(a_delivery, ("a_b:1", "axb:1", "a%b:1", "a\\b:1")),
    )
    async with store.read() as uow:
        assert keys(await uow.deliveries.under("card:r1:")) == ["card:r1:b", "card:r1:a", "card:r1:é"]
        assert keys(await uow.deliveries.under("card-note:r1:", "card:r10:")) == ["card:r10:a", "card-note:r1:a"]
        for prefix in ("a_b:", "a%b:", "a\\b:"):
            assert keys(await uow.deliveries.under(prefix)) == [f"{prefix}1"]
        assert list(await uow.deliveries.under("nothing:")) == list(await uow.deliveries.under()) == []
