"""An editor's edit of the draft: a revision, and the draft's messages brought up to date."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import pairwise

from bot.editions.lookup import the_edition
from bot.editions.showing import show_draft
from bot.messages import Identity
from bot.ports import UnitOfWork
from bot.services import Services
from digests import editing
from digests.editing import Edit
from digests.errors import NotFound, Stale
from digests.model import Content, Edited, Edition, Revision

# An edit is repeated on the newer text when another editor's came first; more than a handful in a row is not chance.
EDIT_ATTEMPTS = 5

Decide = Callable[[UnitOfWork, Edition], Awaitable[Edit]]


async def edit_entry(
    services: Services, editor: Identity, edition_id: str, change: Callable[[Content], Edit]
) -> tuple[Edition, Edit]:
    """Apply ``change`` to the draft as it now stands, as this editor.

    Raises NotFound or Stale, with a sentence, where there is nothing (any more) to change; and what ``change`` raises.
    """

    async def decide(_: UnitOfWork, edition: Edition) -> Edit:
        return change(edition.content)

    return await edit_draft(services, editor, edition_id, decide)


async def undo(services: Services, editor: Identity, edition_id: str, seen: int | None = None) -> tuple[Edition, Edit]:
    """Undo the latest edit, whoever made it, as a revision of its own.

    ``seen`` is the revision that the editor saw as the latest: raises Stale where there is a newer one, or where
    nothing is left to be undone.
    """

    async def decide(uow: UnitOfWork, edition: Edition) -> Edit:
        history = await uow.editions.history(edition_id)
        if seen is not None and edition.revision != seen:
            by = await uow.members.get(history[-1].author)
            raise Stale(
                edition_id,
                f"{by.name if by else 'Convenor'} has edited the draft since this button was shown to you "
                f"({history[-1].what}), so nothing was undone. Look at the draft, and press Undo again if you still "
                "want to.",
            )
        target, undone = editing.undo_target(history), editing.undone_by(history)
        before = await uow.editions.revision(edition_id, target.revision) if target else None
        if before is None or undone is None:
            raise Stale(edition_id, "There is no edit left to undo: this is the draft as it was made.")
        return Edit(before.content, f"undid: {undone.what}", before.revision)

    return await edit_draft(services, editor, edition_id, decide)


async def go_back(services: Services, editor: Identity, edition_id: str, number: int) -> tuple[Edition, Edit]:
    """Give the draft the text of an earlier revision, as a revision of its own.

    Raises NotFound where there is no such revision, or Stale where the draft says the same already.
    """

    async def decide(uow: UnitOfWork, edition: Edition) -> Edit:
        earlier = await the_revision(uow, edition_id, number)
        if earlier.content == edition.content:
            raise Stale(edition_id, f"The draft says the same as revision {number} already. Nothing was changed.")
        return Edit(earlier.content, f"went back to revision {number} ({earlier.what})")

    return await edit_draft(services, editor, edition_id, decide)


async def the_revision(uow: UnitOfWork, edition_id: str, number: int) -> Revision:
    """One revision of an edition. Raises NotFound, with a sentence."""
    found = await uow.editions.revision(edition_id, number)
    if found is None:
        raise NotFound(edition_id, f"This edition has no revision {number}. Nothing was changed.")
    return found


async def who_changed(
    uow: UnitOfWork, edition_id: str, since: int, value: Callable[[Content], str]
) -> tuple[Edited, str] | None:
    """The latest edit after a revision that changed a value, and the name of who made it. None where none did."""
    revisions = await uow.editions.revisions(edition_id, since)
    for before, after in reversed(list(pairwise(revisions))):
        if value(before.content) != value(after.content):
            member = await uow.members.get(after.author)
            return after, member.name if member else "Somebody"
    return None


async def edit_draft(services: Services, editor: Identity, edition_id: str, decide: Decide) -> tuple[Edition, Edit]:
    """Apply what ``decide`` makes of the draft as it now stands, in the unit of work that it may write in.

    Raises NotFound or Stale, with a sentence, where there is nothing (any more) to change; and what ``decide`` raises.
    """
    now = services.clock.now()
    for _ in range(EDIT_ATTEMPTS):
        async with services.store.begin() as uow:
            edition = await the_edition(uow, edition_id)
            author = await uow.members.resolve(editor, now)
            edit = await decide(uow, edition)
            changed, revision = editing.apply(edition, edit, author=author.id, now=now)
            if not await uow.editions.save_revision(changed, revision):
                continue
            await uow.presences.leave(edition_id, author.id)
            await uow.audit.note(author.id, "edited", f"edition:{edition_id}:{changed.revision}", now)
            await show_draft(uow, services, changed)
            await uow.commit()
        services.wake()
        return changed, edit
    raise Stale(edition_id, "Several people are editing this draft at once. Nothing was changed; please press again.")
