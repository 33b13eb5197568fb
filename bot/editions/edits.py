"""An editor's edit of the draft: a revision, and the draft's messages brought up to date."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.editions.lookup import the_edition
from bot.editions.showing import show_draft
from bot.messages import Identity
from bot.ports import UnitOfWork
from bot.services import Services
from digests import editing
from digests.editing import Edit
from digests.errors import Stale
from digests.model import Content, Edition

# An edit is repeated on the newer text when another editor's came first; more than a handful in a row is not chance.
EDIT_ATTEMPTS = 5

Decide = Callable[[UnitOfWork, Edition], Awaitable[Edit]]


async def edit_entry(
    services: Services, editor: Identity, edition_id: str, change: Callable[[Content], Edit]
) -> tuple[Edition, Edit]:
    """Apply ``change`` to the draft as it now stands, as this editor.

    Raises NotFound or Stale, with a sentence, where there is nothing (any more) to change.
    """

    async def decide(_: UnitOfWork, edition: Edition) -> Edit:
        return change(edition.content)

    return await edit_draft(services, editor, edition_id, decide)


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
            await show_draft(uow, services, changed)
            await uow.commit()
        services.wake()
        return changed, edit
    raise Stale(edition_id, "Several people are editing this draft at once. Nothing was changed; please press again.")
