"""What members follow is kept the same way by every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.ports import Store
from digests.model import Cadence, Follow, Listener, Quiet, Window
from tests.builders import ALICE, BOB, NOW

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def people(store: Store) -> tuple[str, str]:
    """The ids of Alice and Bob."""
    async with store.begin() as uow:
        alice, bob = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(BOB, NOW)
        await uow.commit()
    return alice.id, bob.id


async def test_follows_are_kept_by_member_oldest_first_and_counted_by_topic(
    store: Store, people: tuple[str, str]
) -> None:
    alice, bob = people
    one = Follow(alice, "ai", "", "", Cadence.NOW, NOW)
    two = Follow(alice, "ai", "opt-out", "dental", Cadence.WEEKLY, LATER)
    words = Follow(alice, "", "facial recognition", "", Cadence.DAILY, LATER + timedelta(hours=1))
    bobs = Follow(bob, "ai", "", "", Cadence.DAILY, NOW)
    async with store.begin() as uow:
        for follow in (two, one, words, bobs, one):
            await uow.follows.add(follow)
        await uow.commit()
    async with store.begin() as uow:
        assert list(await uow.follows.of(alice)) == [one, two, words]
        assert await uow.follows.by_topic() == {"ai": 2}
        assert not await uow.follows.remove(bob, one.id)
        assert await uow.follows.remove(alice, one.id)
        assert not await uow.follows.remove(alice, one.id)
        assert list(await uow.follows.of(alice)) == [two, words]


async def test_a_listener_keeps_its_marks_when_it_gets_another_account_or_other_hours(
    store: Store, people: tuple[str, str]
) -> None:
    alice, bob = people
    listener = Listener(alice, ALICE.address, Quiet(time(20), time(8)), dict.fromkeys(Cadence, NOW))
    async with store.begin() as uow:
        assert await uow.follows.listener(alice) is None
        await uow.follows.listen(listener)
        changed = replace(listener, address=BOB.address, quiet=None, told_until=dict.fromkeys(Cadence, LATER))
        await uow.follows.listen(changed)
        assert await uow.follows.listener(alice) == replace(listener, address=BOB.address, quiet=None)
        # Only whoever follows something is listening.
        assert list(await uow.follows.listeners()) == []
        await uow.follows.add(Follow(alice, "ai", "", "", Cadence.NOW, NOW))
        assert [each.member_id for each in await uow.follows.listeners()] == [alice]
        assert await uow.follows.listener(bob) is None


async def test_a_mark_is_moved_once_from_where_it_stands(store: Store, people: tuple[str, str]) -> None:
    alice, _ = people
    window = Window(NOW, LATER)
    async with store.begin() as uow:
        assert not await uow.follows.advance(alice, Cadence.NOW, window)
        await uow.follows.listen(Listener(alice, ALICE.address, None, dict.fromkeys(Cadence, NOW)))
        assert await uow.follows.advance(alice, Cadence.NOW, window)
        assert not await uow.follows.advance(alice, Cadence.NOW, window)
        listener = await uow.follows.listener(alice)
        assert listener is not None
        assert listener.told_until == {Cadence.NOW: LATER, Cadence.DAILY: NOW, Cadence.WEEKLY: NOW}
