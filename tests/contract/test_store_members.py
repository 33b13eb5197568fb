"""The directory and the record of what was agreed to, on every store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.introductions.directory import Directory
from bot.introductions.model import Journey, Request, Requester, Wish
from bot.members import codes
from bot.members.codes import CodePurpose
from bot.members.consent import Consent, ConsentPurpose
from bot.messages import Identity
from bot.ports import Grant, Role, Store, UnitOfWork
from bot.privacy.model import Objection, Processing
from digests.errors import NotFound
from digests.model import Cadence, Follow, Listener
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
        assert [each.member_id for each in await uow.profiles.some([two, one, two, "nobody"])] == sorted((one, two))
        assert await uow.profiles.some([]) == []
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


BOB = Identity("local", "there", "bob", "Bob")
ALICE = Identity("local", "here", "alice", "Alice")


async def test_two_members_become_one_with_whatever_either_had(store: Store) -> None:
    async with store.begin() as uow:
        alice, bob = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(BOB, NOW)
        for role, member in ((Role.EDITOR, alice), (Role.EDITOR, bob), (Role.COORDINATOR, bob)):
            await uow.roles.grant(Grant(member, role, "settings", NOW))
        await uow.profiles.put(a_profile(bob.id, name="Bob"))
        await uow.consents.record(Consent("c1", bob.id, ConsentPurpose.DIRECTORY, "profile", "yes", 1, NOW))
        both = Follow("", "ai", "", "", Cadence.WEEKLY, NOW)
        for member, identity in ((alice, ALICE), (bob, BOB)):
            await uow.follows.listen(Listener(member.id, identity.address, None, dict.fromkeys(Cadence, NOW)))
            await uow.follows.add(replace(both, member_id=member.id))
        await uow.follows.add(Follow(bob.id, "", "opt-outs", "", Cadence.DAILY, NOW + timedelta(minutes=1)))
        asked = Request("r1", Requester("Bob", bob.id, BOB), Wish("Somebody who knows"), NOW, NOW)
        await uow.requests.add(Journey(asked))
        await uow.members.merge(bob.id, alice.id)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.members.get(bob.id) is None
        for identity in (ALICE, BOB):
            found = await uow.members.find(identity)
            assert found is not None
            assert found.id == alice.id
        assert await uow.members.identities(alice.id) == [ALICE, BOB]
        assert await uow.roles.of(alice.id) == {Role.EDITOR, Role.COORDINATOR}
        assert await uow.profiles.get(alice.id) == a_profile(alice.id, name="Bob")
        assert [consent.id for consent in await uow.consents.of(alice.id)] == ["c1"]
        follows = await uow.follows.of(alice.id)
        assert [(follow.topic_id, follow.words) for follow in follows] == [("ai", ""), ("", "opt-outs")]
        listener = await uow.follows.listener(alice.id)
        assert listener is not None
        assert listener.address == ALICE.address
        assert [each.id for each in await uow.requests.of_requester(alice.id)] == ["r1"]
    async with store.begin() as uow:
        # The ids of follows fit their new owner, who can therefore stop each.
        for follow in follows:
            assert await uow.follows.remove(alice.id, follow.id)


async def test_where_both_have_a_profile_that_of_the_one_who_stays_stays(store: Store) -> None:
    async with store.begin() as uow:
        alice, bob = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(BOB, NOW)
        await uow.profiles.put(a_profile(alice.id))
        await uow.profiles.put(a_profile(bob.id, name="Bob"))
        await uow.members.merge(bob.id, alice.id)
        assert await uow.profiles.all() == [a_profile(alice.id)]
        await uow.commit()


async def test_an_account_is_separated_with_nothing_and_the_last_one_never(store: Store) -> None:
    async with store.begin() as uow:
        alice, bob = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(BOB, NOW)
        await uow.roles.grant(Grant(bob, Role.EDITOR, "settings", NOW))
        await uow.members.merge(bob.id, alice.id)
        apart = await uow.members.separate(BOB, NOW)
        assert apart is not None
        assert apart.name == "Bob"
        assert apart.id not in (alice.id, bob.id)
        assert await uow.members.find(BOB) == apart
        assert await uow.members.identities(alice.id) == [ALICE]
        assert await uow.roles.of(apart.id) == set()
        assert await uow.members.separate(ALICE, NOW) is None
        assert await uow.members.separate(Identity("local", "x", "nobody"), NOW) is None
        # Whoever comes next is somebody new.
        carol = await uow.members.resolve(Identity("local", "here", "carol", "Carol"), NOW)
        assert carol.id not in (alice.id, apart.id)
        await uow.commit()


async def test_applications_wait_in_order_and_are_no_profiles(store: Store) -> None:
    one, two = await _members(store, 2)
    async with store.begin() as uow:
        await uow.applications.put(a_profile(two, name="Two"), NOW)
        await uow.applications.put(a_profile(one, name="One"), NOW + timedelta(hours=1))
        assert [profile.name for profile in await uow.applications.all()] == ["Two", "One"]
        assert await uow.applications.get(one) == a_profile(one, name="One")
        await uow.applications.put(a_profile(two, name="Two", revision=2), NOW + timedelta(hours=2))
        assert [profile.revision for profile in await uow.applications.all()] == [1, 2]
        assert await uow.profiles.all() == []
        assert not await uow.applications.remove(two, 1)
        assert await uow.applications.remove(two, 2)
        assert await uow.applications.remove(one)
        assert not await uow.applications.remove(one)
        with pytest.raises(NotFound):
            await uow.applications.put(a_profile("nobody"), NOW)


async def test_a_code_is_used_once_by_one(store: Store) -> None:
    words = codes.new_words()
    made = codes.made(words, CodePurpose.INVITATION, "m1", NOW, "alice@example.org")
    async with store.begin() as uow:
        await uow.codes.add(made)
        assert await uow.codes.get(codes.digest_of(words)) == made
        assert await uow.codes.get(codes.digest_of(codes.new_words())) is None
        assert await uow.codes.open(CodePurpose.INVITATION, NOW) == [made]
        assert await uow.codes.open(CodePurpose.LINK, NOW) == []
        assert await uow.codes.made_by("m1", CodePurpose.INVITATION, NOW) == 1
        assert await uow.codes.made_by("m1", CodePurpose.INVITATION, NOW + timedelta(seconds=1)) == 0
        assert not await uow.codes.invited("m2")
        assert await uow.codes.use(made.digest, "m2", NOW)
        assert not await uow.codes.use(made.digest, "m3", NOW)
        assert await uow.codes.get(made.digest) == replace(made, used_by="m2", used_at=NOW)
        assert await uow.codes.invited("m2")
        assert await uow.codes.open(CodePurpose.INVITATION, NOW) == []
        assert await uow.codes.spend("m2") == 1
        assert not await uow.codes.invited("m2")
        await uow.commit()


async def test_wrong_codes_are_counted_by_account_and_forgotten_with_what_has_expired(store: Store) -> None:
    link = codes.made(codes.new_words(), CodePurpose.LINK, "m1", NOW)
    async with store.begin() as uow:
        await uow.codes.add(link)
        for minute in (0, 1, 2):
            await uow.codes.tried(ALICE, NOW + timedelta(minutes=minute))
        assert await uow.codes.tries(ALICE, NOW + timedelta(minutes=1)) == 2
        assert await uow.codes.tries(BOB, NOW) == 0
        assert await uow.codes.forget(NOW + timedelta(hours=1)) == 0
        assert await uow.codes.forget(NOW + timedelta(days=2)) == 4
        assert await uow.codes.get(link.digest) is None
        await uow.commit()


async def test_what_changed_since_a_stamp_is_told_and_who_is_present(store: Store) -> None:
    one, two, three = await _members(store, 3)
    async with store.begin() as uow:
        for member_id in (one, two, three):
            await uow.profiles.put(a_profile(member_id))
        await uow.commit()
    async with store.begin() as uow:
        stamp = await uow.profiles.stamp()
        assert await uow.profiles.since(stamp) == []
        assert len(await uow.profiles.since(0)) == 3
        await uow.profiles.put(a_profile(two, role="Director"))
        await uow.profiles.remove(three)
        await uow.rights.object(Objection(one, Processing.INTRODUCTIONS, NOW))
        await uow.commit()
    async with store.read() as uow:
        assert await uow.profiles.since(stamp) == [a_profile(two, role="Director")]
        assert await uow.profiles.ids() == {two}
        assert await uow.profiles.stamp() > stamp


async def test_the_directory_in_memory_follows_whatever_changes(store: Store) -> None:
    one, two = await _members(store, 2)
    directory = Directory()

    async def known() -> dict[str, str]:
        async with store.read() as uow:
            await directory.refresh(uow)
            # Whatever was opened before or now, it is what a new start would open.
            assert {each.member_id: each for each in await uow.profiles.all()} == dict(directory.profiles)
        return {member_id: profile.role for member_id, profile in directory.profiles.items()}

    async def change(act: Callable[[UnitOfWork], Awaitable[object]]) -> dict[str, str]:
        async with store.begin() as uow:
            await act(uow)
            await uow.commit()
        return await known()

    assert await known() == {}
    assert await change(lambda uow: uow.profiles.put(a_profile(one))) == {one: "Researcher"}
    assert await change(lambda uow: uow.profiles.put(a_profile(two))) == {one: "Researcher", two: "Researcher"}
    assert await change(lambda uow: uow.profiles.put(a_profile(one, role="Director"))) == {
        one: "Director",
        two: "Researcher",
    }
    objection = Objection(one, Processing.INTRODUCTIONS, NOW)
    assert await change(lambda uow: uow.rights.object(objection)) == {two: "Researcher"}
    assert await change(lambda uow: uow.rights.take_back(one, Processing.INTRODUCTIONS)) == {
        one: "Director",
        two: "Researcher",
    }
    assert await change(lambda uow: uow.profiles.remove(two)) == {one: "Director"}
