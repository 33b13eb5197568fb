"""What happens to a row of the outbox meanwhile: new bodies, senders that vanish, many at once, calling back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import Store
from digests.model import Address, Delivery, DeliveryState
from tests.builders import NOW, a_delivery
from tests.contract.databases import open_database
from tests.contract.deliveries import (
    LATER,
    LEASE,
    claim,
    claim_one,
    expire,
    keep,
    keys,
    replace_body,
    row,
    send,
    settle,
)


async def test_a_sent_row_with_a_new_body_is_sent_again_as_an_update(store: Store) -> None:
    await send(store, "one")
    assert await replace_body(store, "one", "newer", LATER)
    pending = await row(store, "one")
    assert (pending.state, pending.body, pending.version, pending.sent_version) == (
        DeliveryState.PENDING,
        "newer",
        2,
        1,
    )
    assert (pending.message_ref, pending.attempts, pending.available_at) == ("ref-one", 0, LATER)
    update = await claim_one(store, LATER)
    assert await settle(store, update, DeliveryState.SENT, now=LATER)
    updated = await row(store, "one")
    assert (updated.state, updated.message_ref) == (DeliveryState.SENT, "ref-one")
    assert (updated.sent_version, updated.sent_at) == (2, LATER)


async def test_a_pending_row_just_carries_the_newer_body(store: Store) -> None:
    await keep(store, a_delivery("one", available_at=LATER))
    assert await replace_body(store, "one", "newer")
    assert await row(store, "one") == a_delivery("one", available_at=LATER, body="newer", version=2)


async def test_a_row_replaced_while_it_is_sent_becomes_pending_when_it_settles(store: Store) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    assert await replace_body(store, "one", "newer")
    assert (await row(store, "one")).state is DeliveryState.SENDING
    assert await settle(store, claimed, DeliveryState.SENT, message_ref="ref")
    pending = await row(store, "one")
    assert (pending.state, pending.message_ref) == (DeliveryState.PENDING, "ref")
    assert (pending.version, pending.sent_version, pending.body) == (2, 1, "newer")
    assert keys(await claim(store)) == ["one"]


@pytest.mark.parametrize("state", [DeliveryState.RETRY, DeliveryState.PARKED, DeliveryState.UNKNOWN])
async def test_a_row_replaced_while_it_is_sent_in_vain_keeps_how_it_ended(store: Store, state: DeliveryState) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    assert await replace_body(store, "one", "newer")
    assert await settle(store, claimed, state, reason="It did not work.", available_at=LATER)
    settled = await row(store, "one")
    assert (settled.state, settled.body, settled.available_at) == (state, "newer", LATER)


@pytest.mark.parametrize("state", [DeliveryState.RETRY, DeliveryState.PARKED, DeliveryState.UNKNOWN])
async def test_a_row_that_waits_or_is_stuck_carries_the_newer_body_and_stays(
    store: Store, state: DeliveryState
) -> None:
    stuck = a_delivery("one", state=state, reason="It did not work.", attempts=3, fence=3, available_at=LATER)
    await keep(store, stuck)
    assert await replace_body(store, "one", "newer")
    assert await row(store, "one") == replace(stuck, body="newer", version=2)


async def test_the_same_body_or_an_unknown_row_is_no_replacement(store: Store) -> None:
    sent = await send(store, "one")
    assert not await replace_body(store, "one", sent.body)
    assert not await replace_body(store, "nothing", "body")
    assert await row(store, "one") == sent


async def test_a_lease_that_has_not_run_out_is_left_alone(store: Store) -> None:
    await keep(store, a_delivery("one"), a_delivery("pending"))
    await claim_one(store)
    assert await expire(store, LEASE - timedelta(microseconds=1)) == []
    assert (await row(store, "one")).state is DeliveryState.SENDING


async def test_a_first_sending_that_vanished_becomes_unknown_and_is_never_resent(store: Store) -> None:
    await keep(store, a_delivery("one"), a_delivery("two"))
    await claim(store)
    unknown = await expire(store, LEASE)
    assert keys(unknown) == ["one", "two"]
    assert unknown[0] == await row(store, "one")
    assert (unknown[0].state, unknown[0].lease_until) == (DeliveryState.UNKNOWN, None)
    assert "may or may not have arrived" in unknown[0].reason
    assert await claim(store, LATER) == []
    assert await expire(store, LATER) == []


async def test_an_update_that_vanished_is_pending_again(store: Store) -> None:
    await send(store, "one")
    await replace_body(store, "one", "newer")
    lost = await claim_one(store)
    assert await expire(store, LEASE) == []
    assert (await row(store, "one")).state is DeliveryState.PENDING
    again = await claim_one(store)
    assert (again.fence, again.message_ref) == (lost.fence + 1, "ref-one")
    assert not await settle(store, lost, DeliveryState.SENT)


async def test_a_sender_that_comes_back_may_say_what_happened_while_nobody_has_decided(store: Store) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    await expire(store, LEASE)
    assert await settle(store, claimed, DeliveryState.SENT, message_ref="ref")
    assert (await row(store, "one")).state is DeliveryState.SENT


async def test_once_a_person_has_decided_the_sender_that_comes_back_is_not_heard(store: Store) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    await expire(store, LEASE)
    assert await settle(store, await row(store, "one"), DeliveryState.SENT)
    assert not await settle(store, claimed, DeliveryState.RETRY)
    assert (await row(store, "one")).state is DeliveryState.SENT


async def test_of_two_people_who_decide_about_one_row_the_first_counts(store: Store) -> None:
    await keep(store, a_delivery("one", state=DeliveryState.UNKNOWN))
    shown = await row(store, "one")
    assert await settle(store, shown, DeliveryState.PENDING)
    assert not await settle(store, shown, DeliveryState.SENT)
    assert keys(await claim(store)) == ["one"]


async def test_where_a_person_says_that_it_is_may_be_shown_by_an_update_and_be_denied(store: Store) -> None:
    await keep(store, a_delivery("one", state=DeliveryState.UNKNOWN, attempts=5))
    shown = await row(store, "one")
    assert await settle(store, shown, DeliveryState.PENDING, message_ref="said")
    said = await row(store, "one")
    assert (said.message_ref, said.sent_version, said.attempts, said.is_there) == ("said", 0, 0, False)
    await claim_one(store)
    assert await expire(store, LEASE) == [], "an update may be repeated"
    again = await claim_one(store)
    assert await settle(store, again, DeliveryState.UNKNOWN, reason="It is not there.")
    denied = await row(store, "one")
    assert (denied.state, denied.message_ref, denied.reason) == (DeliveryState.UNKNOWN, "", "It is not there.")


async def test_a_lease_is_ended_once_and_only_when_it_has_run_out(store: Store) -> None:
    await keep(store, a_delivery("one"))
    await claim_one(store)
    async with store.begin() as uow:
        assert await uow.deliveries.lapsed(NOW) == []
        assert await uow.deliveries.expire("one", NOW) is None
        assert keys(await uow.deliveries.lapsed(LEASE)) == ["one"]
        ended = await uow.deliveries.expire("one", LEASE)
        assert ended is not None
        assert await uow.deliveries.expire("one", LEASE) is None
        assert await uow.deliveries.expire("nothing", LEASE) is None


async def test_a_row_is_found_by_its_message_at_its_own_address_alone(store: Store) -> None:
    other = Address("slack", "T01", user="U01")
    await keep(store, a_delivery("one", message_ref="ref"), a_delivery("two", message_ref="ref", address=other))
    async with store.read() as uow:
        found = [await uow.deliveries.by_ref(address, "ref") for address in (a_delivery().address, other)]
        assert [known and known.key for known in found] == ["one", "two"]
        assert await uow.deliveries.by_ref(other, "another") is None


async def test_rows_are_found_by_edition_and_by_state_in_the_order_of_adding(store: Store) -> None:
    rows = [
        a_delivery("b", edition_id="2025-01-24"),
        a_delivery("a", edition_id="2025-01-24", state=DeliveryState.PARKED),
        a_delivery("c", edition_id="2025-01-31", state=DeliveryState.UNKNOWN),
    ]
    await keep(store, *rows)
    async with store.read() as uow:
        assert await uow.deliveries.of_edition("2025-01-24") == rows[:2]
        assert await uow.deliveries.of_edition("2030-01-01") == []
        assert await uow.deliveries.in_state(DeliveryState.UNKNOWN, DeliveryState.PARKED) == rows[1:]
        assert await uow.deliveries.in_state(DeliveryState.SENT) == []


async def claim_all(store: Store) -> list[str]:
    mine: list[str] = []
    while claimed := await claim(store, limit=3):
        mine += keys(claimed)
        await asyncio.sleep(0)
    return mine


async def test_many_claimers_at_once_never_share_a_row(store: Store) -> None:
    rows = [a_delivery(f"row-{number}") for number in range(40)]
    await keep(store, *rows)
    shares = await asyncio.gather(*(claim_all(store) for _ in range(5)))
    assert sorted(key for share in shares for key in share) == sorted(keys(rows))


async def test_claimers_in_two_processes_never_share_a_row(database_url: str) -> None:
    first, second = await open_database(database_url), await open_database(database_url)
    rows = [a_delivery(f"row-{number}") for number in range(30)]
    await keep(first, *rows)
    shares = await asyncio.gather(claim_all(first), claim_all(second), claim_all(first), claim_all(second))
    assert sorted(key for share in shares for key in share) == sorted(keys(rows))
    await first.close()
    await second.close()


async def test_a_claim_that_is_not_committed_yet_is_not_given_to_another(store: Store) -> None:
    await keep(store, a_delivery("one"), a_delivery("two"))
    async with store.begin() as uow:
        mine = await uow.deliveries.claim(NOW, LEASE)
        other = asyncio.create_task(claim(store, limit=2))
        await asyncio.sleep(0.05)
        await uow.commit()
    assert keys(mine) == ["one"]
    assert keys(await other) == ["two"]


async def test_a_body_replaced_while_the_settle_is_under_way_is_not_lost(store: Store) -> None:
    await keep(store, a_delivery("one"))
    claimed = await claim_one(store)
    async with store.begin() as uow:
        await uow.deliveries.settle(claimed, DeliveryState.SENT, now=NOW, message_ref="ref")
        other = asyncio.create_task(replace_body(store, "one", "newer"))
        await asyncio.sleep(0.05)
        await uow.commit()
    assert await other
    pending = await row(store, "one")
    assert (pending.state, pending.body, pending.message_ref) == (DeliveryState.PENDING, "newer", "ref")


async def call_back(store: Store, edition_id: str = "2025-01-24") -> Sequence[Delivery]:
    async with store.begin() as uow:
        left = await uow.deliveries.call_back(edition_id, "edition")
        await uow.commit()
    return left


def of_edition(key: str, **changes: object) -> Delivery:
    row = a_delivery(key, purpose="edition", edition_id="2025-01-24", available_at=LATER)
    return replace(row, **changes)  # type: ignore[arg-type]


async def test_what_has_not_left_is_called_back_and_nothing_else(store: Store) -> None:
    another = of_edition("another", edition_id="2025-01-31")
    draft = of_edition("draft", purpose="draft")
    states = (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.PARKED)
    await keep(store, another, draft, *(of_edition(state.value, state=state) for state in states))
    assert await call_back(store) == []
    async with store.read() as uow:
        assert keys(await uow.deliveries.of_edition("2025-01-24")) == ["draft"]
        assert keys(await uow.deliveries.of_edition("2025-01-31")) == ["another"]
    await keep(store, of_edition("pending"))
    assert keys(await claim(store, LATER)) == ["another", "draft", "pending"], "the same key can be added again"


@pytest.mark.parametrize("state", [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN])
async def test_nothing_is_called_back_once_one_row_has_left_or_may_have(store: Store, state: DeliveryState) -> None:
    await keep(store, of_edition("waiting"), of_edition("left", state=state))
    assert keys(await call_back(store)) == ["left"]
    async with store.read() as uow:
        assert keys(await uow.deliveries.of_edition("2025-01-24")) == ["waiting", "left"]


async def test_a_claim_and_a_call_back_at_once_never_both_succeed(store: Store) -> None:
    for number in range(4):
        key = f"row-{number}"
        await keep(store, of_edition(key, edition_id=key))
        acts = [claim(store, LATER), call_back(store, key)]
        if number % 2:
            acts.reverse()
        came = await asyncio.gather(*acts)
        claimed, left = reversed(came) if number % 2 else came
        assert keys(claimed) == keys(left)
        if claimed:
            assert await settle(store, claimed[0], DeliveryState.SENT, message_ref="ref")


async def test_pending_rows_of_an_edition_can_be_brought_forward(store: Store) -> None:
    due = of_edition("due", available_at=NOW - (LATER - NOW))
    failed = of_edition("failed", state=DeliveryState.RETRY)
    await keep(store, of_edition("later"), due, failed, of_edition("draft", purpose="draft"))
    async with store.begin() as uow:
        assert await uow.deliveries.bring_forward("2025-01-24", "edition", NOW) == 1
        await uow.commit()
    assert keys(await claim(store, NOW)) == ["later", "due"]
