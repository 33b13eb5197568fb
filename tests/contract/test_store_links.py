"""The looks at links, and what members suggest, are kept the same way by every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import Store
from digests.model import EditionState, LinkCheck, LinkState, Suggestion, SuggestionState
from tests.builders import ALICE, BOB, NOW, a_revision, an_edition

PAGE = "https://www.example.org/news/1"
OTHER = "https://www.example.org/news/2"
DEAD = LinkCheck(PAGE, NOW, LinkState.DEAD, "There is no page at this address (404).", failures=1)
MOVED = LinkCheck(OTHER, NOW, LinkState.MOVED, moved_to="https://www.example.org/3")


async def test_the_last_look_at_each_link_is_kept_and_old_ones_are_forgotten(store: Store) -> None:
    later = LinkCheck(PAGE, NOW + timedelta(days=1), LinkState.ALIVE)
    async with store.begin() as uow:
        await uow.link_checks.save([DEAD, MOVED])
        await uow.link_checks.save([later])
        await uow.commit()
    async with store.begin() as uow:
        assert await uow.link_checks.of([PAGE, OTHER, "https://www.example.org/never"]) == {PAGE: later, OTHER: MOVED}
        assert await uow.link_checks.drop(NOW + timedelta(hours=1)) == 1
        assert await uow.link_checks.of([PAGE, OTHER]) == {PAGE: later}


@pytest.fixture
async def alices(store: Store) -> Suggestion:
    """What Alice suggested first; she is a member, and so is Bob."""
    async with store.begin() as uow:
        alice = await uow.members.resolve(ALICE, NOW)
        await uow.members.resolve(BOB, NOW)
        one = Suggestion(
            "s1", alice.id, ALICE.address, PAGE, "It’s <new>.", NOW, "2025-01-24", title="A title", published_at=NOW
        )
        assert await uow.suggestions.add(one)
        await uow.commit()
    return one


async def test_a_suggestion_is_recorded_once_for_a_member_an_address_and_an_edition(
    store: Store, alices: Suggestion
) -> None:
    async with store.begin() as uow:
        bob = await uow.members.resolve(BOB, NOW)
        bobs = replace(alices, id="s2", member_id=bob.id, account=BOB.address)
        later = replace(alices, id="s4", edition_id="2025-01-31", suggested_at=NOW + timedelta(days=7))
        assert not await uow.suggestions.add(replace(alices, id="s3", why="Again"))
        assert await uow.suggestions.add(bobs)
        assert await uow.suggestions.add(later)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.suggestions.get("s1") == alices
        assert await uow.suggestions.get("s3") is None
        assert await uow.suggestions.of_edition("2025-01-24") == [alices, bobs]
        assert await uow.suggestions.of_member(alices.member_id, NOW) == [alices, later]
        assert await uow.suggestions.of_member(alices.member_id, NOW + timedelta(seconds=1)) == [later]


async def test_a_suggestion_changes_only_from_the_state_that_was_seen(store: Store, alices: Suggestion) -> None:
    declined = replace(alices, state=SuggestionState.DECLINED, reason="Told last week", settled_at=NOW)
    async with store.begin() as uow:
        assert await uow.suggestions.change(declined, SuggestionState.OPEN)
        used = replace(alices, state=SuggestionState.USED, edition_id="2025-01-31", carried=1)
        assert not await uow.suggestions.change(used, SuggestionState.OPEN)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.suggestions.in_state(SuggestionState.OPEN) == []
        assert await uow.suggestions.in_state(SuggestionState.OPEN, SuggestionState.DECLINED) == [declined]


async def test_editions_are_listed_with_their_revisions_newest_first(store: Store) -> None:
    days = [an_edition().due_on + timedelta(days=7 * week) for week in range(3)]
    async with store.begin() as uow:
        for number, day in enumerate(days, 1):
            state = EditionState.DRAFT if number == 3 else EditionState.PUBLISHED
            edition = an_edition(day, number=number, revision=number, state=state)
            await uow.editions.add(edition, a_revision(edition))
        await uow.commit()
    async with store.read() as uow:
        published = await uow.editions.present_revisions(EditionState.PUBLISHED)
        assert list(published.items()) == [("2025-01-31", 2), ("2025-01-24", 1)]
        assert await uow.editions.present_revisions(EditionState.PUBLISHED, limit=1) == {"2025-01-31": 2}
