"""Editions: revisions under an optimistic lock, states, and approvals that an edit cancels."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.ports import Store
from digests.errors import NotFound
from digests.model import Act, Also, Approval, Correcting, Edition, EditionAct, EditionHead, EditionState, Revision
from tests.builders import NOW, a_content, a_revision, an_edition, an_entry

FULL = a_content(
    an_entry(1, date=date(2025, 2, 3), also=(Also("The Press", "AI & “you”", "https://press.example.org/1"),)),
    an_entry(2, included=False, published_on=None, topics=(), reasons=("first", "second")),
    maybe=(an_entry(3), an_entry(4)),
    outro="Until next week.",
    notes=("It covers two weeks.",),
    left_out=(("not relevant", 120), ("duplicate", 3)),
    corrections=(Correcting("the date", NOW), Correcting("the link")),
)
EDITION = an_edition(content=FULL)
HASH = "0" * 64


def edited(edition: Edition, title: str, author: str = "alice") -> tuple[Edition, Revision]:
    content = replace(edition.content, title=title)
    newer = replace(edition, revision=edition.revision + 1, content=content)
    return newer, a_revision(newer, author, what=f"renamed to “{title}”", at=NOW + timedelta(minutes=newer.revision))


def an_approval(member_id: str = "alice", **changes: object) -> Approval:
    approval = Approval(EDITION.id, HASH, member_id, member_id.title(), NOW)
    return replace(approval, **changes)  # type: ignore[arg-type]


async def test_an_edition_comes_back_as_it_was_added(store: Store) -> None:
    async with store.begin() as uow:
        assert await uow.editions.add(EDITION, a_revision(EDITION))
        await uow.commit()
    async with store.read() as uow:
        assert await uow.editions.get(EDITION.id) == EDITION
        assert await uow.editions.revisions(EDITION.id) == [a_revision(EDITION)]
        assert await uow.editions.get("2030-01-01") is None


async def test_heads_tell_of_editions_without_their_texts_and_when_these_were_written(store: Store) -> None:
    newer, revision = edited(EDITION, "Another title")
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        await uow.editions.save_revision(newer, revision)
        await uow.editions.set_state(EDITION.id, EditionState.DRAFT, EditionState.PUBLISHED)
        for day in (31, 17):
            other = an_edition(date(2025, 1, day), state=EditionState.PUBLISHED)
            await uow.editions.add(other, a_revision(other))
        await uow.commit()
    async with store.read() as uow:
        heads = await uow.editions.heads(EditionState.PUBLISHED, EditionState.WITHDRAWN)
        assert await uow.editions.heads(EditionState.DRAFT) == []
    assert [head.id for head in heads] == ["2025-01-31", "2025-01-24", "2025-01-17"]
    assert heads[1] == EditionHead(EDITION.id, 1, EDITION.due_on, EditionState.PUBLISHED, 2, revision.at)


async def test_an_edition_that_exists_already_is_not_added_again(store: Store) -> None:
    again = replace(EDITION, content=a_content(title="Another"))
    async with store.begin() as uow:
        assert await uow.editions.add(EDITION, a_revision(EDITION))
        assert not await uow.editions.add(again, a_revision(again))
        assert await uow.editions.get(EDITION.id) == EDITION
        assert await uow.editions.revisions(EDITION.id) == [a_revision(EDITION)]


async def test_of_many_who_make_one_edition_at_once_one_succeeds(store: Store) -> None:
    async def make() -> bool:
        async with store.begin() as uow:
            added = await uow.editions.add(EDITION, a_revision(EDITION))
            await uow.commit()
        return added

    assert sorted(await asyncio.gather(*(make() for _ in range(5)))) == [False, False, False, False, True]


async def test_recent_editions_are_the_latest_by_due_date_newest_first(store: Store) -> None:
    editions = [an_edition(date(2025, 1, day)) for day in (10, 24, 17)]
    async with store.begin() as uow:
        for edition in editions:
            await uow.editions.add(edition, a_revision(edition))
        assert await uow.editions.recent() == [editions[1], editions[2], editions[0]]
        assert await uow.editions.recent(limit=1) == [editions[1]]


async def test_editions_are_found_by_state_newest_first(store: Store) -> None:
    states = (EditionState.DRAFT, EditionState.LAPSED, EditionState.PUBLISHED)
    editions = [an_edition(date(2025, 1, 10 + 7 * week), state=state) for week, state in enumerate(states)]
    async with store.begin() as uow:
        for edition in editions:
            await uow.editions.add(edition, a_revision(edition))
        assert await uow.editions.in_state(EditionState.LAPSED) == [editions[1]]
        assert await uow.editions.in_state(EditionState.DRAFT, EditionState.PUBLISHED) == [editions[2], editions[0]]
        assert await uow.editions.in_state(EditionState.WITHDRAWN) == []


async def test_an_edit_makes_a_new_revision_and_keeps_the_old_one(store: Store) -> None:
    newer, revision = edited(EDITION, "A better title")
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        assert await uow.editions.save_revision(newer, revision)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.editions.get(EDITION.id) == newer
        assert await uow.editions.revisions(EDITION.id) == [a_revision(EDITION), revision]
        assert await uow.editions.recent() == [newer]


async def test_an_edit_of_an_older_revision_does_nothing(store: Store) -> None:
    newer, revision = edited(EDITION, "Alice's title")
    late, late_revision = edited(EDITION, "Bob's title", author="bob")
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        assert await uow.editions.save_revision(newer, revision)
        await uow.editions.add_approval(an_approval())
        assert not await uow.editions.save_revision(late, late_revision)
        assert await uow.editions.get(EDITION.id) == newer
        assert await uow.editions.revisions(EDITION.id) == [a_revision(EDITION), revision]
        assert await uow.editions.approvals(EDITION.id) == [an_approval()]


async def test_an_edit_of_an_edition_that_is_not_there_does_nothing(store: Store) -> None:
    newer, revision = edited(EDITION, "Nowhere")
    async with store.begin() as uow:
        assert not await uow.editions.save_revision(newer, revision)
        assert await uow.editions.revisions(EDITION.id) == []


async def test_an_edit_that_did_not_see_the_last_approval_does_nothing(store: Store) -> None:
    newer, revision = edited(EDITION, "Too late")
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        await uow.editions.set_state(EDITION.id, EditionState.DRAFT, EditionState.APPROVED)
        assert not await uow.editions.save_revision(newer, revision)
        assert await uow.editions.get(EDITION.id) == replace(EDITION, state=EditionState.APPROVED)


async def test_of_two_who_edit_one_revision_at_once_one_succeeds(store: Store) -> None:
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        await uow.commit()

    async def edit(author: str) -> bool:
        async with store.begin() as uow:
            edition = await uow.editions.get(EDITION.id)
            assert edition is not None
            # Both have read before either saves, unless the store makes them take turns.
            await asyncio.sleep(0.05)
            saved = await uow.editions.save_revision(*edited(EDITION, f"By {author}", author))
            await uow.commit()
        return saved

    assert sorted(await asyncio.gather(edit("alice"), edit("bob"))) == [False, True]
    async with store.read() as uow:
        assert len(await uow.editions.revisions(EDITION.id)) == 2


async def test_a_published_edition_keeps_its_approvals_when_it_is_corrected(store: Store) -> None:
    published = replace(EDITION, state=EditionState.PUBLISHED)
    async with store.begin() as uow:
        await uow.editions.add(published, a_revision(published))
        await uow.editions.add_approval(an_approval())
        assert await uow.editions.save_revision(*edited(published, "Corrected"))
        assert await uow.editions.approvals(EDITION.id) == [an_approval()]


async def test_corrections_are_found_by_what_they_correct_and_are_no_numbers_of_the_digest(store: Store) -> None:
    states = (EditionState.CORRECTED, EditionState.GIVEN_UP, EditionState.CORRECTING)
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        for number, state in enumerate(states, start=1):
            at = NOW + timedelta(minutes=number)
            correction = replace(EDITION, id=f"{EDITION.id}~{number}", state=state, created_at=at)
            await uow.editions.add(correction, a_revision(correction))
        other = an_edition(date(2025, 1, 31))
        await uow.editions.add(other, a_revision(other))
        await uow.commit()
    async with store.read() as uow:
        found = await uow.editions.corrections_of(EDITION.id)
        assert [(each.id, each.state) for each in found] == [
            (f"{EDITION.id}~{number}", state) for number, state in enumerate(states, start=1)
        ]
        assert await uow.editions.corrections_of("2025-01-3_") == []
        assert [each.id for each in await uow.editions.recent()] == [other.id, EDITION.id]


async def test_an_edit_cancels_approvals_of_its_edition_alone(store: Store) -> None:
    other = an_edition(date(2025, 1, 31))
    async with store.begin() as uow:
        for edition in (EDITION, other):
            await uow.editions.add(edition, a_revision(edition))
        await uow.editions.add_approval(an_approval("alice"))
        await uow.editions.add_approval(an_approval("bob"))
        await uow.editions.add_approval(an_approval("carol", edition_id=other.id))
        assert await uow.editions.save_revision(*edited(EDITION, "Changed"))
        assert await uow.editions.approvals(EDITION.id) == []
        assert await uow.editions.approvals(other.id) == [an_approval("carol", edition_id=other.id)]


async def test_a_state_changes_only_from_the_expected_one(store: Store) -> None:
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        assert await uow.editions.set_state(EDITION.id, EditionState.DRAFT, EditionState.APPROVED)
        assert not await uow.editions.set_state(EDITION.id, EditionState.DRAFT, EditionState.LAPSED)
        assert not await uow.editions.set_state("2030-01-01", EditionState.DRAFT, EditionState.LAPSED)
        assert await uow.editions.get(EDITION.id) == replace(EDITION, state=EditionState.APPROVED)


async def test_a_member_approves_one_content_once(store: Store) -> None:
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        assert await uow.editions.add_approval(an_approval())
        assert not await uow.editions.add_approval(an_approval(at=NOW + timedelta(hours=1)))
        assert await uow.editions.add_approval(an_approval(content_hash="1" * 64))
        assert await uow.editions.add_approval(an_approval("bob"))
        assert len(await uow.editions.approvals(EDITION.id)) == 3


async def test_approvals_are_listed_oldest_first(store: Store) -> None:
    early, late = an_approval("bob"), an_approval("alice", at=NOW + timedelta(minutes=5))
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        await uow.editions.add_approval(late)
        await uow.editions.add_approval(early)
        assert await uow.editions.approvals(EDITION.id) == [early, late]


async def test_an_edition_that_is_not_there_cannot_be_approved(store: Store) -> None:
    async with store.begin() as uow:
        with pytest.raises(NotFound):
            await uow.editions.add_approval(an_approval())


async def test_two_who_approve_at_once_under_the_lock_see_each_other(store: Store) -> None:
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        await uow.commit()

    async def approve(member_id: str) -> int:
        async with store.begin() as uow:
            await uow.editions.lock(EDITION.id)
            standing = len(await uow.editions.approvals(EDITION.id))
            await asyncio.sleep(0.05)
            await uow.editions.add_approval(an_approval(member_id))
            await uow.commit()
        return standing

    assert sorted(await asyncio.gather(approve("alice"), approve("bob"))) == [0, 1]


async def test_locking_an_edition_that_is_not_there_is_no_error(store: Store) -> None:
    async with store.begin() as uow:
        await uow.editions.lock("2030-01-01")
        assert await uow.editions.get("2030-01-01") is None


async def test_when_an_approved_edition_is_posted_is_kept_and_can_be_taken_back(store: Store) -> None:
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        await uow.editions.set_posting(EDITION.id, NOW)
        assert await uow.editions.get(EDITION.id) == replace(EDITION, posts_at=NOW)
        await uow.editions.set_posting(EDITION.id, None)
        await uow.editions.set_posting("2030-01-01", NOW)
        assert await uow.editions.get(EDITION.id) == EDITION


async def test_approvals_can_be_voided_without_an_edit(store: Store) -> None:
    async with store.begin() as uow:
        await uow.editions.add(EDITION, a_revision(EDITION))
        for member in ("alice", "bob"):
            await uow.editions.add_approval(an_approval(member))
        assert await uow.editions.void_approvals(EDITION.id) == 2
        assert await uow.editions.void_approvals(EDITION.id) == 0
        assert await uow.editions.approvals(EDITION.id) == []
        assert await uow.editions.add_approval(an_approval())


async def test_acts_are_kept_in_order_also_before_there_is_an_edition(store: Store) -> None:
    acts = [
        EditionAct("2025-01-31", Act.SKIPPED, "bob", "Bob", NOW),
        EditionAct("2025-01-24", Act.PULLED_BACK, "carol", "Carol", NOW),
        EditionAct("2025-01-31", Act.RESUMED, "carol", "Carol", NOW),
        EditionAct("2025-01-17", Act.POSTED_NOW, "bob", "Bob", NOW),
    ]
    async with store.begin() as uow:
        for act in acts:
            await uow.editions.add_act(act)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.editions.acts("2025-01-31") == [acts[0], acts[2]]
        assert await uow.editions.acts_from("2025-01-24") == acts[:3]
