"""The conversations of Teams that are known: one suite for the fake and for both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.store.conversations import Conversations
from adapters.store.database import Database
from adapters.teams.book import Book, Conversation, Foreign, Kind, Presence
from bot.messages import Identity
from bot.privacy.retention import Swept
from tests.builders import NOW
from tests.contract.databases import open_database, postgres_url, sqlite_url
from tests.fakes.book import FakeBook

EUROPE, AMERICA, ELSEWHERE = (
    "https://europe.example/emea/",
    "https://america.example/amer/",
    "https://elsewhere.example/",
)
LATER = NOW + timedelta(hours=1)

ALICE = Conversation("tenant-1", Kind.PERSONAL, "aad-alice", "a:alice", EUROPE, "28:convenor", NOW)
TEAM = Conversation("tenant-1", Kind.TEAM, "19:team@thread.tacv2", "19:team@thread.tacv2", EUROPE, "28:convenor", NOW)
DIGEST = Conversation(
    "tenant-1", Kind.CHANNEL, "19:digest@thread.tacv2", "19:digest@thread.tacv2", EUROPE, "28:convenor", NOW, TEAM.key
)


class Trust:
    """What service URLs are trusted, as a test changes it."""

    def __init__(self) -> None:
        self.urls = {EUROPE, AMERICA}

    def __call__(self, service_url: str) -> bool:
        return service_url in self.urls


@pytest.fixture
def trust() -> Trust:
    return Trust()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
async def book(request: pytest.FixtureRequest, tmp_path: Path, trust: Trust) -> AsyncIterator[Book]:
    if request.param == "fake":
        yield FakeBook(trust)
        return
    opened = await open_database(sqlite_url(tmp_path) if request.param == "sqlite" else postgres_url())
    yield Conversations(opened, trust)
    await opened.close()


async def test_a_conversation_comes_back_as_it_was_noted(book: Book) -> None:
    for conversation in (ALICE, TEAM, DIGEST):
        assert await book.note(conversation)
    assert await book.personal("tenant-1", "aad-alice") == ALICE
    assert await book.channel("tenant-1", DIGEST.key) == DIGEST


async def test_nobody_is_known_by_another_key_or_in_another_tenant(book: Book) -> None:
    await book.note(ALICE)
    await book.note(DIGEST)
    assert await book.personal("tenant-1", "aad-bob") is None
    assert await book.personal("tenant-2", "aad-alice") is None
    assert await book.personal("tenant-1", DIGEST.key) is None
    assert await book.channel("tenant-1", "aad-alice") is None
    assert await book.any_of("tenant-2") is None


async def test_the_same_person_may_be_in_two_tenants(book: Book) -> None:
    elsewhere = replace(ALICE, tenant="tenant-2", conversation_id="a:guest")
    await book.note(ALICE)
    await book.note(elsewhere)
    assert await book.personal("tenant-1", "aad-alice") == ALICE
    assert await book.personal("tenant-2", "aad-alice") == elsewhere


async def test_noting_again_what_is_known_changes_nothing(book: Book) -> None:
    await book.note(ALICE)
    assert not await book.note(replace(ALICE, at=LATER))
    assert await book.personal("tenant-1", "aad-alice") == ALICE


async def test_a_conversation_that_moved_is_written_to_at_its_new_address(book: Book) -> None:
    await book.note(ALICE)
    moved = replace(ALICE, service_url=AMERICA, conversation_id="a:alice-2", at=LATER)
    assert await book.note(moved)
    assert await book.personal("tenant-1", "aad-alice") == moved


async def test_old_news_do_not_undo_what_was_heard_later(book: Book) -> None:
    await book.note(replace(ALICE, at=LATER))
    assert not await book.note(replace(ALICE, service_url=AMERICA))
    assert not await book.gone("tenant-1", Kind.PERSONAL, "aad-alice", NOW)
    assert await book.personal("tenant-1", "aad-alice") == replace(ALICE, at=LATER)


async def test_a_person_who_removes_convenor_is_gone_until_it_is_there_again(book: Book) -> None:
    await book.note(ALICE)
    assert await book.gone("tenant-1", Kind.PERSONAL, "aad-alice", LATER)
    assert not await book.gone("tenant-1", Kind.PERSONAL, "aad-alice", LATER)
    known = await book.personal("tenant-1", "aad-alice")
    assert known == replace(ALICE, presence=Presence.GONE, at=LATER)
    assert known is not None
    assert not known.is_here
    again = replace(ALICE, at=LATER + timedelta(hours=1))
    assert await book.note(again)
    assert await book.personal("tenant-1", "aad-alice") == again


async def test_somebody_who_was_never_known_cannot_go(book: Book) -> None:
    await book.note(ALICE)
    assert not await book.gone("tenant-1", Kind.PERSONAL, "aad-bob", LATER)
    assert not await book.gone("tenant-1", Kind.CHANNEL, "aad-alice", LATER)
    assert await book.personal("tenant-1", "aad-alice") == ALICE


async def test_with_a_team_go_its_channels_and_with_it_they_come_back(book: Book) -> None:
    other = replace(DIGEST, key="19:other", conversation_id="19:other", team="19:another-team")
    for conversation in (TEAM, DIGEST, other):
        await book.note(conversation)
    await book.gone("tenant-1", Kind.TEAM, TEAM.key, LATER)
    assert await book.channel("tenant-1", DIGEST.key) == replace(DIGEST, presence=Presence.GONE)
    assert await book.channel("tenant-1", other.key) == other
    await book.note(replace(TEAM, at=LATER + timedelta(hours=1)))
    assert await book.channel("tenant-1", DIGEST.key) == DIGEST


async def test_a_deleted_channel_does_not_come_back_with_its_team(book: Book) -> None:
    await book.note(TEAM)
    await book.note(DIGEST)
    await book.gone("tenant-1", Kind.CHANNEL, DIGEST.key, LATER)
    await book.gone("tenant-1", Kind.TEAM, TEAM.key, LATER)
    await book.note(replace(TEAM, at=LATER + timedelta(hours=1)))
    channel = await book.channel("tenant-1", DIGEST.key)
    assert channel is not None
    assert not channel.is_here


async def test_the_address_of_a_tenant_is_what_was_heard_last_and_is_not_gone(book: Book) -> None:
    await book.note(ALICE)
    await book.note(replace(DIGEST, service_url=AMERICA, at=LATER))
    known = await book.any_of("tenant-1")
    assert known is not None
    assert known.service_url == AMERICA
    await book.gone("tenant-1", Kind.CHANNEL, DIGEST.key, LATER)
    assert await book.any_of("tenant-1") == ALICE
    await book.gone("tenant-1", Kind.PERSONAL, "aad-alice", LATER)
    assert await book.any_of("tenant-1") is None


async def test_a_foreign_address_is_never_noted(book: Book) -> None:
    with pytest.raises(Foreign) as foreign:
        await book.note(replace(ALICE, service_url=ELSEWHERE))
    assert foreign.value.sentence == "The conversation is at an address that is not one of Microsoft Teams’."
    assert await book.personal("tenant-1", "aad-alice") is None
    await book.note(ALICE)
    with pytest.raises(Foreign):
        await book.note(replace(ALICE, service_url=ELSEWHERE, at=LATER))
    assert await book.personal("tenant-1", "aad-alice") == ALICE


async def test_an_address_that_is_not_trusted_any_more_is_not_used(book: Book, trust: Trust) -> None:
    for conversation in (TEAM, DIGEST, ALICE):
        await book.note(conversation)
    await book.note(replace(ALICE, tenant="tenant-1", key="aad-bob", service_url=AMERICA))
    trust.urls.remove(EUROPE)
    assert await book.personal("tenant-1", "aad-alice") is None
    assert await book.channel("tenant-1", DIGEST.key) is None
    known = await book.any_of("tenant-1")
    assert known is not None
    assert known.key == "aad-bob"


async def test_two_who_note_the_same_at_once_make_one_conversation(book: Book) -> None:
    noted = await asyncio.gather(*(book.note(replace(DIGEST, team="")) for _ in range(3)), book.note(DIGEST))
    assert any(noted)
    assert await book.channel("tenant-1", DIGEST.key) is not None


async def test_it_is_still_known_after_a_restart(database: Database, trust: Trust) -> None:
    await Conversations(database, trust).note(ALICE)
    assert await Conversations(database, trust).personal("tenant-1", "aad-alice") == ALICE


async def test_a_person_who_removed_convenor_is_forgotten_after_a_time_and_nobody_else(
    database: Database, trust: Trust
) -> None:
    book = Conversations(database, trust)
    bob = replace(ALICE, key="aad-bob", conversation_id="a:bob")
    for conversation in (ALICE, bob, TEAM, DIGEST):
        await book.note(conversation)
    await book.gone("tenant-1", Kind.PERSONAL, "aad-alice", NOW)
    await book.gone("tenant-1", Kind.TEAM, TEAM.key, NOW)
    async with database.begin() as uow:
        assert await uow.personal.sweep({Swept.CONVERSATIONS: NOW}) == {Swept.CONVERSATIONS: 0}
        assert await uow.personal.sweep({Swept.CONVERSATIONS: LATER}) == {Swept.CONVERSATIONS: 1}
        await uow.commit()
    assert await book.personal("tenant-1", "aad-alice") is None
    assert await book.personal("tenant-1", "aad-bob") == bob
    channel = await book.channel("tenant-1", DIGEST.key)
    assert channel is not None
    assert not channel.is_here


async def test_whoever_is_erased_is_written_to_in_teams_no_more(database: Database, trust: Trust) -> None:
    book = Conversations(database, trust)
    bob = replace(ALICE, key="aad-bob", conversation_id="a:bob")
    for conversation in (ALICE, replace(ALICE, tenant="tenant-2"), bob, DIGEST):
        await book.note(conversation)
    async with database.begin() as uow:
        alice = await uow.members.resolve(Identity("teams", "tenant-1", "aad-alice", "Alice"), NOW)
        held = await uow.personal.held(alice.id)
        (exported,) = (await uow.personal.export(alice.id))["conversations"]
        await uow.personal.erase(alice.id, "former-0a1b2c")
        await uow.commit()
    assert held["conversations"].count == 1
    assert exported == {
        "platform": "teams",
        "workspace": "tenant-1",
        "user_id": "aad-alice",
        "conversation_id": "a:alice",
        "presence": "here",
        "at": NOW.isoformat(),
    }
    assert await book.personal("tenant-1", "aad-alice") is None
    assert await book.personal("tenant-2", "aad-alice") is not None
    assert await book.personal("tenant-1", "aad-bob") == bob
    assert await book.channel("tenant-1", DIGEST.key) == DIGEST
