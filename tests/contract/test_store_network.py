"""Members, roles, channels, requests, and the inbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from adapters.store.database import Database
from adapters.store.tables import members
from bot.messages import Identity
from bot.ports import Binding, Grant, Member, Purpose, Role, Store
from digests.errors import NotFound
from digests.model import Address
from tests.builders import ALICE, BOB, CAROL, CHANNEL, NOW

NOBODY = Member("nobody", "Nobody", NOW)


async def member(store: Store, identity: Identity) -> Member:
    async with store.begin() as uow:
        made = await uow.members.resolve(identity, NOW)
        await uow.commit()
    return made


async def test_a_member_is_made_when_first_needed_and_found_again(store: Store) -> None:
    async with store.begin() as uow:
        assert await uow.members.find(ALICE) is None
        alice = await uow.members.resolve(ALICE, NOW)
        bob = await uow.members.resolve(BOB, NOW)
        await uow.commit()
    assert (alice.name, alice.created_at) == ("Alice", NOW)
    assert alice.id != bob.id
    async with store.begin() as uow:
        assert await uow.members.find(ALICE) == alice
        assert await uow.members.resolve(ALICE, NOW + timedelta(days=1)) == alice
        assert await uow.members.get(alice.id) == alice
        assert await uow.members.get("nobody") is None
        assert await uow.members.identities(alice.id) == [ALICE]
        assert await uow.members.identities("nobody") == []


async def test_the_same_user_id_elsewhere_is_another_person(store: Store) -> None:
    alice = await member(store, ALICE)
    assert (await member(store, replace(ALICE, workspace="T02"))).id != alice.id
    assert (await member(store, replace(ALICE, platform="teams"))).id != alice.id


async def test_a_new_name_is_taken_over_and_no_name_changes_nothing(store: Store) -> None:
    alice = await member(store, ALICE)
    renamed = replace(ALICE, name="Alice Example")
    assert await member(store, renamed) == replace(alice, name="Alice Example")
    assert await member(store, replace(ALICE, name="")) == replace(alice, name="Alice Example")
    async with store.read() as uow:
        assert await uow.members.identities(alice.id) == [renamed]


async def test_a_member_without_a_name_is_called_by_their_user_id(store: Store) -> None:
    assert (await member(store, replace(ALICE, name=""))).name == "U01"


async def test_one_account_met_twice_at_once_is_one_member(store: Store) -> None:
    met = await asyncio.gather(*(member(store, ALICE) for _ in range(5)))
    assert len({person.id for person in met}) == 1
    async with store.read() as uow:
        assert await uow.members.identities(met[0].id) == [ALICE]


async def test_an_account_met_twice_at_once_leaves_no_member_without_an_account(database: Database) -> None:
    await asyncio.gather(*(member(database, ALICE) for _ in range(5)))
    async with database.reading() as transaction:
        assert await transaction.value(select(func.count()).select_from(members)) == 1


async def test_a_role_is_given_once(store: Store) -> None:
    alice = await member(store, ALICE)
    async with store.begin() as uow:
        assert await uow.roles.of(alice.id) == frozenset()
        assert await uow.roles.grant(Grant(alice, Role.EDITOR, "settings", NOW))
        assert not await uow.roles.grant(Grant(alice, Role.EDITOR, alice.id, NOW + timedelta(days=1)))
        assert await uow.roles.grant(Grant(alice, Role.ADMINISTRATOR, "settings", NOW))
        assert set(await uow.roles.of(alice.id)) == {Role.EDITOR, Role.ADMINISTRATOR}


async def test_a_role_can_be_taken_away_and_given_again(store: Store) -> None:
    alice, bob = await member(store, ALICE), await member(store, BOB)
    async with store.begin() as uow:
        for person in (alice, bob):
            await uow.roles.grant(Grant(person, Role.EDITOR, "settings", NOW))
        assert await uow.roles.revoke(alice.id, Role.EDITOR)
        assert not await uow.roles.revoke(alice.id, Role.EDITOR)
        assert not await uow.roles.revoke(bob.id, Role.COORDINATOR)
        assert set(await uow.roles.of(alice.id)) == set()
        assert set(await uow.roles.of(bob.id)) == {Role.EDITOR}
        assert await uow.roles.grant(Grant(alice, Role.EDITOR, bob.id, NOW))


async def test_a_role_for_somebody_unknown_is_refused(store: Store) -> None:
    async with store.begin() as uow:
        with pytest.raises(NotFound):
            await uow.roles.grant(Grant(NOBODY, Role.EDITOR, "settings", NOW))


async def test_grants_are_listed_by_role_then_by_the_names_people_now_have(store: Store) -> None:
    zoe = replace(CAROL, name="Zoe")
    people = [await member(store, identity) for identity in (zoe, ALICE, replace(BOB, name="bob"))]
    async with store.begin() as uow:
        for person in people:
            await uow.roles.grant(Grant(person, Role.EDITOR, "settings", NOW))
        await uow.roles.grant(Grant(people[0], Role.COORDINATOR, people[1].id, NOW))
        await uow.members.resolve(replace(zoe, name="Carol"), NOW)
        grants = await uow.roles.all()
    assert [(grant.role, grant.member.name) for grant in grants] == [
        (Role.COORDINATOR, "Carol"),
        (Role.EDITOR, "Alice"),
        (Role.EDITOR, "bob"),
        (Role.EDITOR, "Carol"),
    ]
    assert grants[0] == Grant(replace(people[0], name="Carol"), Role.COORDINATOR, people[1].id, NOW)


async def test_a_channel_is_bound_once_for_each_purpose(store: Store) -> None:
    digest = Binding(CHANNEL, Purpose.DIGEST, "alice", NOW)
    editors = Binding(CHANNEL, Purpose.EDITORS, "bob", NOW)
    elsewhere = Binding(Address("teams", "tenant", channel="C01"), Purpose.DIGEST, "alice", NOW)
    async with store.begin() as uow:
        assert await uow.channels.bind(digest)
        assert not await uow.channels.bind(replace(digest, bound_by="bob"))
        assert await uow.channels.bind(editors)
        assert await uow.channels.bind(elsewhere)
        assert await uow.channels.bound(Purpose.DIGEST) == [digest, elsewhere]
        assert await uow.channels.bound(Purpose.COORDINATORS) == []
        assert await uow.channels.of(CHANNEL) == [digest, editors]
        assert await uow.channels.of(Address("slack", "T01", channel="C99")) == []


async def test_unbinding_a_channel_takes_all_its_purposes_and_no_others(store: Store) -> None:
    other = Binding(Address("slack", "T01", channel="C02"), Purpose.DIGEST, "alice", NOW)
    async with store.begin() as uow:
        for purpose in (Purpose.DIGEST, Purpose.EDITORS):
            await uow.channels.bind(Binding(CHANNEL, purpose, "alice", NOW))
        await uow.channels.bind(other)
        assert await uow.channels.unbind(CHANNEL) == 2
        assert await uow.channels.unbind(CHANNEL) == 0
        assert await uow.channels.of(CHANNEL) == []
        assert await uow.channels.bound(Purpose.DIGEST) == [other]


async def test_an_event_is_new_once(store: Store) -> None:
    async with store.begin() as uow:
        assert await uow.inbox.first_time("Ev01", NOW)
        assert not await uow.inbox.first_time("Ev01", NOW + timedelta(minutes=1))
        assert await uow.inbox.first_time("Ev02", NOW)
        await uow.commit()
    async with store.begin() as uow:
        assert not await uow.inbox.first_time("Ev01", NOW)


async def test_an_event_whose_unit_of_work_failed_is_new_again(store: Store) -> None:
    async with store.begin() as uow:
        assert await uow.inbox.first_time("Ev01", NOW)
    async with store.begin() as uow:
        assert await uow.inbox.first_time("Ev01", NOW)


async def test_an_event_that_arrives_twice_at_once_is_new_to_one(store: Store) -> None:
    async def receive() -> bool:
        async with store.begin() as uow:
            new = await uow.inbox.first_time("Ev01", NOW)
            await asyncio.sleep(0.02)
            await uow.commit()
        return new

    assert sorted(await asyncio.gather(receive(), receive(), receive())) == [False, False, True]


async def test_what_somebody_typed_is_kept_until_the_form_is_accepted(store: Store) -> None:
    typed = {"need": "Somebody who knows “AI audits”…", "topics": ""}
    async with store.begin() as uow:
        assert await uow.inbox.kept_form(ALICE, "request") == {}
        await uow.inbox.keep_form(ALICE, "request", {"need": "First try"}, NOW)
        await uow.inbox.keep_form(ALICE, "request", typed, NOW)
        await uow.inbox.keep_form(ALICE, "suggest", {"link": "https://www.example.org/"}, NOW)
        await uow.commit()
    async with store.begin() as uow:
        assert await uow.inbox.kept_form(replace(ALICE, name="Another name"), "request") == typed
        assert await uow.inbox.kept_form(BOB, "request") == {}
        await uow.inbox.drop_form(ALICE, "request")
        await uow.inbox.drop_form(BOB, "request")
        assert await uow.inbox.kept_form(ALICE, "request") == {}
        assert await uow.inbox.kept_form(ALICE, "suggest") == {"link": "https://www.example.org/"}


async def test_an_account_that_is_lost_comes_last_until_it_is_found_again_or_heard_from(store: Store) -> None:
    alice = await member(store, ALICE)
    in_teams = await member(store, replace(ALICE, platform="teams"))
    async with store.begin() as uow:
        await uow.members.merge(in_teams.id, alice.id)
        assert await uow.members.lose(ALICE, NOW)
        assert not await uow.members.lose(ALICE, NOW)
        assert not await uow.members.lose(BOB, NOW)
        assert await uow.members.is_lost(ALICE)
        await uow.commit()
    second = replace(ALICE, platform="teams")
    async with store.begin() as uow:
        assert await uow.members.identities(alice.id) == [second, ALICE]
        assert not await uow.members.is_lost(second)
        assert await uow.members.find_again(ALICE)
        assert not await uow.members.find_again(ALICE)
        assert await uow.members.identities(alice.id) == [ALICE, second]
        await uow.members.lose(ALICE, NOW)
        await uow.commit()
    assert await member(store, ALICE) == alice
    async with store.read() as uow:
        assert await uow.members.identities(alice.id) == [ALICE, second]
        assert not await uow.members.is_lost(ALICE)


async def test_of_several_accounts_that_are_lost_the_oldest_is_first(store: Store) -> None:
    alice = await member(store, ALICE)
    other = await member(store, replace(ALICE, platform="teams"))
    async with store.begin() as uow:
        await uow.members.merge(other.id, alice.id)
        for account in (replace(ALICE, platform="teams"), ALICE):
            await uow.members.lose(account, NOW)
        assert (await uow.members.identities(alice.id))[0] == ALICE
        await uow.commit()
