"""Who is working on an edition, and what was undone: noted, replaced, forgotten."""

from __future__ import annotations

from datetime import timedelta

from bot.ports import Presence, Store
from tests.builders import BOB, CAROL, NOW, a_revision, an_edition

MINUTE = timedelta(minutes=1)


async def test_what_somebody_does_now_replaces_what_they_did_and_age_ends_it(store: Store) -> None:
    edition = an_edition()
    async with store.begin() as uow:
        await uow.editions.add(edition, a_revision(edition))
        bob, carol = await uow.members.resolve(BOB, NOW), await uow.members.resolve(CAROL, NOW)
        await uow.presences.note(Presence(edition.id, bob, "the texts", NOW))
        await uow.presences.note(Presence(edition.id, bob, "“Title”", NOW + MINUTE))
        await uow.presences.note(Presence(edition.id, carol, "News", NOW))
        await uow.commit()
    of_bob, of_carol = Presence(edition.id, bob, "“Title”", NOW + MINUTE), Presence(edition.id, carol, "News", NOW)
    async with store.read() as uow:
        assert await uow.presences.of(edition.id, NOW) == [of_carol, of_bob]
        assert await uow.presences.of(edition.id, NOW + MINUTE) == [of_bob]
        assert await uow.presences.of("2025-01-31", NOW) == []
    async with store.begin() as uow:
        assert await uow.presences.forget(NOW) == []
        assert await uow.presences.forget(NOW + MINUTE) == [edition.id]
        assert await uow.presences.of(edition.id, NOW) == [of_bob]
        assert await uow.presences.leave(edition.id, bob.id)
        assert not await uow.presences.leave(edition.id, bob.id)
        assert await uow.presences.of(edition.id, NOW) == []


async def test_the_history_has_no_texts_and_any_revision_can_be_had_with_its_own(store: Store) -> None:
    edition = an_edition()
    first = a_revision(edition)
    undone = a_revision(edition, author="m1", revision=2, what="undid it", back_to=1)
    async with store.begin() as uow:
        await uow.editions.add(edition, first)
        await uow.editions.save_revision(an_edition(revision=2), undone)
        await uow.commit()
    async with store.read() as uow:
        history = await uow.editions.history(edition.id)
        assert [(each.revision, each.author, each.what, each.back_to) for each in history] == [
            (1, "", "drafted", 0),
            (2, "m1", "undid it", 1),
        ]
        assert await uow.editions.revision(edition.id, 1) == first
        assert await uow.editions.revision(edition.id, 2) == undone
        assert await uow.editions.revision(edition.id, 3) is None
        assert await uow.editions.revisions(edition.id, since=2) == [undone]
