"""The directory and the record of what was agreed to, on every store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.members.consent import Consent, ConsentPurpose
from bot.messages import Identity
from bot.ports import Store
from digests.errors import NotFound
from tests.builders import NOW, a_profile


async def _members(store: Store, count: int) -> list[str]:
    async with store.begin() as uow:
        people = [await uow.members.resolve(Identity("local", "here", f"u{n}", f"U{n}"), NOW) for n in range(count)]
        await uow.commit()
    return [person.id for person in people]


async def test_a_profile_comes_back_as_it_was_put(store: Store) -> None:
    (member_id,) = await _members(store, 1)
    profile = a_profile(member_id, snoozed_until=date(2025, 2, 1), avoid=("Bob", "Example Ltd"), pronouns="they/them")
    async with store.begin() as uow:
        assert await uow.profiles.get(member_id) is None
        await uow.profiles.put(profile)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.profiles.get(member_id) == profile
        assert await uow.profiles.all() == [profile]


async def test_putting_again_replaces_and_removing_removes_and_each_raises_the_stamp(store: Store) -> None:
    one, two = await _members(store, 2)
    stamps = []
    async with store.begin() as uow:
        stamps.append(await uow.profiles.stamp())
        await uow.profiles.put(a_profile(one))
        stamps.append(await uow.profiles.stamp())
        await uow.profiles.put(a_profile(two))
        stamps.append(await uow.profiles.stamp())
        await uow.profiles.put(a_profile(one, revision=2, role="Director"))
        stamps.append(await uow.profiles.stamp())
        assert await uow.profiles.remove(two)
        stamps.append(await uow.profiles.stamp())
        assert not await uow.profiles.remove(two)
        assert stamps == sorted(set(stamps))
        assert await uow.profiles.stamp() == stamps[-1]
        await uow.commit()
    async with store.read() as uow:
        assert await uow.profiles.all() == [a_profile(one, revision=2, role="Director")]


async def test_two_changes_at_once_leave_two_numbers(store: Store) -> None:
    one, two = await _members(store, 2)

    async def put(member_id: str) -> int:
        async with store.begin() as uow:
            await uow.profiles.put(a_profile(member_id))
            stamp = await uow.profiles.stamp()
            await uow.commit()
        return stamp

    stamps = await asyncio.gather(put(one), put(two))
    assert sorted(stamps) == [1, 2]


async def test_nobody_has_a_profile_who_is_no_member(store: Store) -> None:
    async with store.begin() as uow:
        with pytest.raises(NotFound):
            await uow.profiles.put(a_profile("nobody"))


async def test_a_consent_is_kept_with_its_exact_text_and_withdrawn_once(store: Store) -> None:
    yes = Consent("c1", "m1", ConsentPurpose.DIRECTORY, "profile", "Alice “agrees”\n— to this", 3, NOW)
    other = Consent("c2", "", ConsentPurpose.REQUEST, "r9", "An outsider", 1, NOW)
    later = NOW + timedelta(days=1)
    async with store.begin() as uow:
        await uow.consents.record(yes)
        await uow.consents.record(other)
        await uow.consents.record(replace(yes, text="something else"))
        assert await uow.consents.of("m1") == [yes]
        assert await uow.consents.about("r9") == [other]
        assert await uow.consents.withdraw("c1", later)
        assert not await uow.consents.withdraw("c1", later + timedelta(days=1))
        assert not await uow.consents.withdraw("none", later)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.consents.of("m1") == [replace(yes, withdrawn_at=later)]
        assert not (await uow.consents.about("profile"))[0].stands
