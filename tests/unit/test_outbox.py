"""The outbox: what is sent, what is tried again, and what is left for a person to decide."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import outbox
from bot.messages import from_json
from bot.outbox import LEASE, Outbox, retry_delay
from bot.ports import TransportError, UnitOfWork
from digests.errors import Busy, NotFound
from digests.model import Delivery, DeliveryState
from tests.builders import a_delivery
from tests.fakes.clock import FakeClock
from tests.fakes.courier import FakeCourier
from tests.fakes.store import FakeStore

KEY = a_delivery().key


class Desk:
    """One outbox over a store in memory."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.clock = FakeClock()
        self.courier = FakeCourier()
        self.told: list[tuple[str, DeliveryState]] = []
        self.trouble: Exception | None = None
        self.outbox = Outbox(self.store, {"slack": self.courier}, self.clock, settled=self._tell)

    async def _tell(self, uow: UnitOfWork, row: Delivery, was: DeliveryState) -> None:
        self.told.append((row.key, row.state))
        if self.trouble is not None:
            raise self.trouble

    async def add(self, *rows: Delivery) -> None:
        async with self.store.begin() as uow:
            await uow.deliveries.add(rows)
            await uow.commit()

    async def row(self, key: str = KEY) -> Delivery:
        async with self.store.read() as uow:
            row = await uow.deliveries.get(key)
        assert row is not None
        return row


async def test_a_row_is_sent_once_and_its_reference_is_kept() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    assert await desk.outbox.drain() == 1
    assert await desk.outbox.drain() == 0
    row = await desk.row()
    assert (row.state, row.message_ref, row.sent_at) == (DeliveryState.SENT, "1", desk.clock.now())
    assert [line.key for line in desk.courier.posted] == [KEY]
    assert desk.told == [(KEY, DeliveryState.SENT)]


async def test_a_thread_follows_its_headline_and_stands_beneath_it() -> None:
    desk = Desk()
    await desk.add(a_delivery("part", thread_key="head"), a_delivery("head"))
    await desk.outbox.drain()
    assert [(line.key, line.thread_ref) for line in desk.courier.posted] == [("head", ""), ("part", "1")]


async def test_a_temporary_failure_is_tried_again_later_and_not_before() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    desk.courier.fails(TransportError(KEY, "Slack could not be reached."))
    await desk.outbox.drain()
    row = await desk.row()
    assert (row.state, row.reason) == (DeliveryState.RETRY, "Slack could not be reached.")
    assert await desk.outbox.drain() == 0
    desk.clock.advance(seconds=7)
    await desk.outbox.drain()
    assert (await desk.row()).state is DeliveryState.SENT
    assert len(desk.courier.posted) == 1


async def test_a_lost_reply_is_never_sent_again_by_itself() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    desk.courier.fails(TransportError(KEY, "The answer was lost.", ambiguous=True), after_posting=True)
    await desk.outbox.drain()
    desk.clock.advance(days=2)
    await desk.outbox.drain()
    assert (await desk.row()).state is DeliveryState.UNKNOWN
    assert len(desk.courier.posted) == 1
    assert desk.told == [(KEY, DeliveryState.UNKNOWN)]


async def test_a_permanent_failure_is_parked_with_its_reason() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    desk.courier.fails(TransportError(KEY, "The channel is archived.", permanent=True))
    await desk.outbox.drain()
    row = await desk.row()
    assert (row.state, row.reason) == (DeliveryState.PARKED, "The channel is archived.")
    assert desk.told == [(KEY, DeliveryState.PARKED)]


async def test_a_courier_that_breaks_half_way_leaves_the_row_unknown() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    desk.courier.fails(RuntimeError("boom"), after_posting=True)
    await desk.outbox.drain()
    assert (await desk.row()).state is DeliveryState.UNKNOWN


async def test_a_database_that_is_away_before_anything_was_sent_leaves_nothing_to_decide() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    desk.courier.fails(Busy("database", "The database cannot be reached.", retry=True))
    await desk.outbox.drain()
    row = await desk.row()
    assert (row.state, row.reason) == (DeliveryState.RETRY, "The database cannot be reached.")
    desk.clock.advance(minutes=5)
    await desk.outbox.drain()
    assert (await desk.row()).state is DeliveryState.SENT
    assert len(desk.courier.posted) == 1


async def test_a_platform_that_is_no_longer_set_up_parks_its_rows() -> None:
    desk = Desk()
    address = a_delivery().address
    await desk.add(a_delivery(address=type(address)("teams", "T", channel="C")))
    await desk.outbox.drain()
    assert (await desk.row()).reason == "teams is not set up here any more."


async def test_a_slow_down_holds_up_the_rest_so_that_a_thread_stays_in_order() -> None:
    desk = Desk()
    await desk.add(a_delivery("one"), a_delivery("two"))
    desk.courier.fails(TransportError("one", "Slack asked us to wait.", retry_after_seconds=30))
    assert await desk.outbox.drain() == 1
    assert desk.courier.posted == []
    available_at = (await desk.row("one")).available_at
    assert available_at is not None
    assert timedelta(seconds=30) <= available_at - desk.clock.now() <= timedelta(seconds=37.5)


async def test_a_new_body_updates_the_message_in_place() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    await desk.outbox.drain()
    body = a_delivery("other").body
    async with desk.store.begin() as uow:
        await uow.deliveries.replace_body(KEY, body, desk.clock.now())
        await uow.commit()
    await desk.outbox.drain()
    (line,) = desk.courier.posted
    assert (line.updates, line.message.summary) == (1, "The digest: other.")


async def test_a_sender_that_vanished_leaves_its_row_to_a_person() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    async with desk.store.begin() as uow:
        now = desk.clock.now()
        await uow.deliveries.claim(now, now + LEASE)
        await uow.commit()
    await desk.outbox.drain()
    assert (await desk.row()).state is DeliveryState.SENDING
    desk.clock.advance(seconds=LEASE.total_seconds() + 1)
    await desk.outbox.drain()
    assert (await desk.row()).state is DeliveryState.UNKNOWN
    assert desk.courier.posted == []


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 5), (2, 10), (5, 80), (9, 900), (100, 900)])
def test_waits_double_from_five_seconds_to_a_quarter_of_an_hour(attempts: int, seconds: int) -> None:
    assert retry_delay(attempts) == timedelta(seconds=seconds)


def test_what_failed_together_does_not_come_back_together_nor_ever_too_early() -> None:
    waits = {retry_delay(3, f"row {number}") for number in range(40)}
    assert len(waits) > 20
    assert all(timedelta(seconds=20) <= wait <= timedelta(seconds=25) for wait in waits)
    assert retry_delay(3, "row 1") == retry_delay(3, "row 1")


async def test_a_row_is_parked_after_twelve_attempts_in_vain() -> None:
    desk = Desk()
    await desk.add(a_delivery())
    for _ in range(12):
        desk.courier.fails(TransportError(KEY, "Slack could not be reached."))
        await desk.outbox.drain()
        desk.clock.advance(minutes=20)
    assert ((await desk.row()).state, desk.told) == (DeliveryState.PARKED, [(KEY, DeliveryState.PARKED)])


async def test_a_clock_that_goes_back_an_hour_delays_and_does_no_harm() -> None:
    desk = Desk()
    await desk.add(a_delivery("one"), a_delivery("two"))
    desk.courier.fails(TransportError("one", "Slack could not be reached."))
    desk.courier.fails(TransportError("two", "The answer was lost.", ambiguous=True), after_posting=True)
    await desk.outbox.drain()
    desk.clock.advance(hours=-1)
    for _ in range(3):
        await desk.outbox.drain()
    assert [line.key for line in desk.courier.posted] == ["two"]
    desk.clock.advance(hours=1, seconds=10)
    await desk.outbox.drain()
    assert [line.key for line in desk.courier.posted] == ["two", "one"]


async def test_what_follows_cannot_undo_the_record_of_what_happened() -> None:
    desk = Desk()
    await desk.add(a_delivery("one"), a_delivery("two"))
    for desk.trouble in (RuntimeError("boom"), NotFound("edition")):
        await desk.outbox.drain()
    assert [(await desk.row(key)).state for key in ("one", "two")] == [DeliveryState.SENT] * 2


async def test_a_database_that_is_away_for_a_moment_does_not_make_us_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    await desk.add(a_delivery())
    monkeypatch.setattr(outbox, "SETTLE_WAITS_SECONDS", (0.0, 0.0))
    desk.trouble = Busy("database", retry=True)
    with pytest.raises(Busy):
        await desk.outbox.drain()
    assert desk.told == [(KEY, DeliveryState.SENT)] * 3
    assert (await desk.row()).state is DeliveryState.SENDING, "for good, it is left to the lease"

    desk = Desk()
    await desk.add(a_delivery())
    desk.trouble = Busy("database", retry=True)
    monkeypatch.setattr(outbox, "SETTLE_WAITS_SECONDS", (0.01, 60.0))
    draining = asyncio.create_task(desk.outbox.drain())
    while not desk.told:
        await asyncio.sleep(0)
    desk.trouble = None
    assert await draining == 1
    assert (await desk.row()).state is DeliveryState.SENT
    assert len(desk.courier.posted) == 1


class Pointed(Desk):
    """A row of which a person said where its message is."""

    async def said(self, message_ref: str) -> None:
        await self.add(a_delivery(state=DeliveryState.UNKNOWN))
        async with self.store.begin() as uow:
            shown = await uow.deliveries.get(KEY)
            assert shown is not None
            await uow.deliveries.settle(shown, DeliveryState.PENDING, now=self.clock.now(), message_ref=message_ref)
            await uow.commit()
        await self.outbox.drain()


async def test_where_a_person_says_that_a_message_is_it_is_brought_up_to_date_and_nothing_posted() -> None:
    desk = Pointed()
    ref = await desk.courier.post(a_delivery().address, from_json(a_delivery("older").body), key=KEY)
    await desk.said(ref)
    (line,) = desk.courier.posted
    assert line.message == from_json(a_delivery().body)
    row = await desk.row()
    assert (row.state, row.message_ref, row.sent_version) == (DeliveryState.SENT, ref, 1)


async def test_where_no_message_of_ours_is_a_person_is_asked_again() -> None:
    desk = Pointed()
    await desk.said("nowhere")
    row = await desk.row()
    assert (row.state, row.message_ref) == (DeliveryState.UNKNOWN, "")
    assert row.reason == (
        "There is no message of Convenor’s at the link that was given. That message is not there any more."
    )
    assert desk.told == [(KEY, DeliveryState.UNKNOWN)]


async def test_a_message_that_is_there_and_may_not_be_changed_is_there_all_the_same() -> None:
    desk = Pointed()
    desk.courier.fails(TransportError(KEY, "It is too old to be changed.", permanent=True))
    await desk.said("ref")
    row = await desk.row()
    assert (row.state, row.message_ref) == (DeliveryState.SENT, "ref")
