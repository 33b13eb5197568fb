"""The erasure journal and the hold, on every store: what is written, who can read it, and what the hold holds back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.store.database import Database
from adapters.store.tables import departures
from adapters.store.vault import Vault, new_key
from bot.keeping.model import COUNTS_AS_UNKNOWN, Departure, Did, Hold, NotOnHold, objected
from bot.ports import Store
from bot.privacy.model import Processing
from digests.model import DeliveryState
from tests.builders import ALICE, BOB, NOW, a_delivery
from tests.contract.databases import TEST_KEY, open_database

HOUR = timedelta(hours=1)
HOLD = Hold(NOW, NOW - 9 * HOUR, "convenor-20250123T010000Z.db")


async def test_the_journal_finds_a_member_by_the_mark_that_an_entry_has(store: Store) -> None:
    async with store.begin() as uow:
        alice, bob = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(BOB, NOW)
        await uow.departures.begin(NOW)
        await uow.departures.begin(NOW + HOUR)
        await uow.departures.note(Did.ASKED, alice.id, NOW + HOUR, due_at=NOW + 9 * HOUR)
        await uow.departures.note(Did.MERGED, bob.id, NOW + 2 * HOUR, other_id=alice.id)
        await uow.commit()
    async with store.read() as uow:
        began, asked, merged = await uow.departures.all()
        found = await uow.departures.found()
    assert began == Departure(Did.BEGAN, "", NOW)
    assert (asked.did, asked.at, asked.due_at, found[asked.who]) == (Did.ASKED, NOW + HOUR, NOW + 9 * HOUR, alice.id)
    assert (found[merged.who], found[merged.other]) == (bob.id, alice.id)


async def test_entries_from_elsewhere_are_added_once(store: Store) -> None:
    entries = [Departure(Did.BEGAN, "", NOW), Departure(Did.ERASED, "key.mark", NOW + HOUR)]
    async with store.begin() as uow:
        assert await uow.departures.keep(entries) == 2
        assert await uow.departures.keep([*entries, Departure(Did.LEFT, "key.mark", NOW + HOUR)]) == 1
        assert list(await uow.departures.all())[:2] == entries


async def test_an_entry_is_stored_as_a_mark_that_only_the_key_can_make(database: Database) -> None:
    async with database.begin() as uow:
        alice = await uow.members.resolve(ALICE, NOW)
        await uow.departures.note(Did.ERASED, alice.id, NOW)
        await uow.commit()
    async with database.reading() as transaction:
        row = (await transaction.rows(select(departures)))[0]
    assert row.who == Vault((TEST_KEY,)).mark(alice.id)
    assert alice.id not in row.who
    other = Vault((new_key(),)).mark(alice.id)
    async with database.read() as uow:
        theirs = Departure(Did.ERASED, other, NOW)
        assert other not in await uow.departures.found()
        assert await uow.departures.unreadable([*await uow.departures.all(), theirs]) == [theirs]


async def test_after_an_exchange_of_keys_older_marks_are_still_found(database_url: str) -> None:
    newer = new_key()
    database = await open_database(database_url)
    async with database.begin() as uow:
        alice = await uow.members.resolve(ALICE, NOW)
        await uow.departures.note(Did.LEFT, alice.id, NOW)
        await uow.commit()
    await database.close()
    database = await open_database(database_url, keys=(newer, TEST_KEY))
    async with database.begin() as uow:
        await uow.departures.note(Did.ERASED, alice.id, NOW + HOUR)
        entries = await uow.departures.all()
        found = await uow.departures.found()
        assert len({each.who for each in entries}) == 2
        assert {found[each.who] for each in entries} == {alice.id}
    await database.close()


async def test_while_on_hold_no_row_is_given_out_and_what_waited_counts_as_unknown(store: Store) -> None:
    sent = a_delivery("sent", state=DeliveryState.SENT, sent_version=1, message_ref="1")
    changed = a_delivery("changed", version=2, sent_version=1, message_ref="2")
    # A person said where it is, and the update was to show it.
    pointed = a_delivery("pointed", message_ref="3")
    async with store.begin() as uow:
        await uow.deliveries.add([pointed])
        await uow.deliveries.add([sent, changed, a_delivery("waits"), a_delivery("fails", state=DeliveryState.RETRY)])
        assert await uow.holds.get() is None
        assert await uow.holds.begin(HOLD) == 2
        await uow.deliveries.add([a_delivery("later")])
        await uow.commit()
    async with store.begin() as uow:
        assert await uow.holds.get() == HOLD
        assert await uow.deliveries.claim(NOW, NOW + HOUR) == []
        assert await uow.deliveries.claim(NOW, NOW + HOUR, key="later") == []
        unknown = await uow.deliveries.in_state(DeliveryState.UNKNOWN)
        assert {(row.key, row.reason) for row in unknown} == {
            ("waits", COUNTS_AS_UNKNOWN),
            ("fails", COUNTS_AS_UNKNOWN),
        }
        assert [row.key for row in await uow.deliveries.in_state(DeliveryState.PENDING)] == ["later"]
        assert {row.key for row in await uow.holds.end(send=False)} == {"waits", "fails"}
        assert await uow.holds.get() is None
        with pytest.raises(NotOnHold):
            await uow.holds.end(send=True)
        assert [row.key for row in await uow.deliveries.claim(NOW, NOW + HOUR, limit=9)] == ["later"]


async def test_an_operator_may_have_all_of_it_sent_instead(store: Store) -> None:
    changed = a_delivery("changed", version=2, sent_version=1, message_ref="2")
    async with store.begin() as uow:
        await uow.deliveries.add([changed, a_delivery("waits"), a_delivery("given up", state=DeliveryState.UNKNOWN)])
        await uow.holds.begin(HOLD)
        await uow.holds.end(send=True)
        assert {row.key for row in await uow.deliveries.claim(NOW, NOW + HOUR, limit=9)} == {"changed", "waits"}


@pytest.mark.parametrize("processing", Processing)
def test_every_objection_and_its_end_have_a_word_in_the_journal(processing: Processing) -> None:
    assert objected(processing) is not objected(processing, taken_back=True)


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "not kept"])
async def test_units_of_work_that_go_together_last_together_or_not_at_all(database: Database, keep: bool) -> None:
    async with database.together(keep) as store:
        async with store.begin() as uow:
            await uow.deliveries.add([a_delivery("one")])
            await uow.commit()
        async with store.begin() as uow:
            await uow.deliveries.add([a_delivery("not committed")])
        async with store.begin() as uow:
            assert await uow.deliveries.get("one") is not None
            await uow.deliveries.add([a_delivery("two")])
            await uow.commit()
        async with store.read() as uow:
            assert await uow.deliveries.get("two") is not None
    async with database.read() as uow:
        left = await uow.deliveries.in_state(DeliveryState.PENDING)
    assert [row.key for row in left] == (["one", "two"] if keep else [])
