"""Objections, wishes to be erased, and complaints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import Store
from bot.privacy.model import Complaint, Erasure, Objection, Processing
from digests.errors import ConvenorError
from digests.model import Cadence, Follow, Listener
from tests.builders import ALICE, BOB, NOW, a_profile

DAY = timedelta(days=1)


async def the_members(store: Store) -> tuple[str, str]:
    async with store.begin() as uow:
        alice, bob = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(BOB, NOW)
        await uow.commit()
    return alice.id, bob.id


async def test_an_objection_stands_until_it_is_taken_back(store: Store) -> None:
    alice, bob = await the_members(store)
    objection = Objection(alice, Processing.INTRODUCTIONS, NOW)
    async with store.begin() as uow:
        assert await uow.rights.object(objection)
        assert not await uow.rights.object(replace(objection, at=NOW + DAY))
        assert await uow.rights.objections(alice) == [objection]
        assert await uow.rights.objections(bob) == []
        assert await uow.rights.absent(Processing.INTRODUCTIONS) == {alice}
        assert await uow.rights.absent(Processing.RANKING) == frozenset()
        assert await uow.rights.absent() == frozenset()
        assert await uow.rights.take_back(alice, Processing.INTRODUCTIONS)
        assert not await uow.rights.take_back(alice, Processing.INTRODUCTIONS)
        assert await uow.rights.objections(alice) == []


async def test_whoever_waits_to_be_erased_is_absent_until_they_undo_it(store: Store) -> None:
    alice, bob = await the_members(store)
    erasure = Erasure(alice, NOW, NOW + 14 * DAY)
    async with store.begin() as uow:
        assert await uow.rights.ask_erasure(erasure)
        assert not await uow.rights.ask_erasure(replace(erasure, due_at=NOW))
        assert await uow.rights.ask_erasure(Erasure(bob, NOW, NOW + 13 * DAY))
        assert await uow.rights.erasure_of(alice) == erasure
        assert await uow.rights.absent() == {alice, bob}
        assert await uow.rights.absent(Processing.RANKING) == {alice, bob}
        assert await uow.rights.erasures_due(NOW + 13 * DAY - timedelta(seconds=1)) == []
        assert [each.member_id for each in await uow.rights.erasures_due(NOW + 14 * DAY)] == [bob, alice]
        assert await uow.rights.undo_erasure(alice)
        assert not await uow.rights.undo_erasure(alice)
        assert await uow.rights.erasure_of(alice) is None
        assert await uow.rights.absent() == {bob}


async def test_the_directory_changes_with_every_objection_and_erasure(store: Store) -> None:
    alice, _ = await the_members(store)
    async with store.begin() as uow:
        stamps = [await uow.profiles.stamp()]
        await uow.profiles.put(a_profile(alice))
        changes: tuple[Callable[[], Awaitable[bool]], ...] = (
            lambda: uow.rights.object(Objection(alice, Processing.INTRODUCTIONS, NOW)),
            lambda: uow.rights.take_back(alice, Processing.INTRODUCTIONS),
            lambda: uow.rights.ask_erasure(Erasure(alice, NOW, NOW + 14 * DAY)),
            lambda: uow.rights.undo_erasure(alice),
        )
        for change in changes:
            there_before = len(await uow.profiles.all())
            assert await change()
            stamps.append(await uow.profiles.stamp())
            assert len(await uow.profiles.all()) == 1 - there_before
        assert stamps == sorted(set(stamps))


async def test_who_is_absent_or_objects_hears_nothing_and_counts_nowhere(store: Store) -> None:
    alice, bob = await the_members(store)
    marks = dict.fromkeys(Cadence, NOW)
    async with store.begin() as uow:
        for member_id, who in ((alice, ALICE), (bob, BOB)):
            await uow.follows.add(Follow(member_id, "ai", "", "", Cadence.NOW, NOW))
            await uow.follows.listen(Listener(member_id, who.address, None, marks))
        assert await uow.follows.by_topic() == {"ai": 2}
        await uow.rights.object(Objection(alice, Processing.RANKING, NOW))
        assert await uow.follows.by_topic() == {"ai": 1}
        assert len(await uow.follows.listeners()) == 2
        await uow.rights.ask_erasure(Erasure(bob, NOW, NOW + 14 * DAY))
        assert await uow.follows.by_topic() == {}
        assert [each.member_id for each in await uow.follows.listeners()] == [alice]


@pytest.mark.parametrize("what", ["objection", "erasure"])
async def test_only_a_member_can_have_either(store: Store, what: str) -> None:
    async with store.begin() as uow:
        asked = {
            "objection": uow.rights.object(Objection("nobody", Processing.RANKING, NOW)),
            "erasure": uow.rights.ask_erasure(Erasure("nobody", NOW, NOW)),
        }
        wish = asked.pop(what)
        for other in asked.values():
            other.close()
        with pytest.raises(ConvenorError):
            await wish


async def test_a_complaint_is_open_until_it_is_answered_once(store: Store) -> None:
    alice, bob = await the_members(store)
    first = Complaint("C-7K2M", alice, ALICE.address, "Somebody “read” <my> request.\nPlease look.", NOW)
    second = Complaint("C-9QWX", bob, BOB.address, "Mine.", NOW + DAY)
    async with store.begin() as uow:
        await uow.rights.complain(first)
        await uow.rights.complain(second)
        assert await uow.rights.complaint("C-7K2M") == first
        assert await uow.rights.complaint("C-0000") is None
        assert await uow.rights.complaints() == [first, second]
        assert await uow.rights.complaints(alice) == [first]
        answered = replace(first, answer="We looked.", answered_by=bob, answered_at=NOW + DAY)
        assert await uow.rights.answer(answered)
        assert not await uow.rights.answer(replace(answered, answer="Again."))
        assert await uow.rights.complaints() == [second]
        assert await uow.rights.complaints(alice) == [answered]
        assert not await uow.rights.note_reminder("C-7K2M", 7)


async def test_a_reminder_is_given_once_for_each_day(store: Store) -> None:
    alice, _ = await the_members(store)
    async with store.begin() as uow:
        await uow.rights.complain(Complaint("C-7K2M", alice, ALICE.address, "Please look.", NOW))
        assert await uow.rights.note_reminder("C-7K2M", 7)
        assert not await uow.rights.note_reminder("C-7K2M", 7)
        assert await uow.rights.note_reminder("C-7K2M", 21)
        assert not await uow.rights.note_reminder("C-7K2M", 7)
        assert not await uow.rights.note_reminder("C-0000", 7)
        complaint = await uow.rights.complaint("C-7K2M")
        assert complaint is not None
        assert complaint.reminded_on == 21
