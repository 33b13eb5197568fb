"""The editors' presses on the entries of a draft: leave one out, put it back."""

from __future__ import annotations

from collections.abc import Callable

from bot import editions
from bot.edition_messages import parse_value
from bot.messages import Ask, Message, Reply, say
from bot.services import Services
from digests import editing
from digests.editing import Edit
from digests.model import Content


def edited(edit: Edit) -> Message:
    """An edit was made."""
    return say(f"Done: {edit.what}. Type /digest draft to see the draft as it now stands.")


async def drop(ask: Ask, services: Services) -> Reply:
    """Leave out."""
    return await _edit(ask, services, editing.drop)


async def restore(ask: Ask, services: Services) -> Reply:
    """Put back, or add a maybe."""
    return await _edit(ask, services, editing.restore)


async def up(ask: Ask, services: Services) -> Reply:
    """Move up."""
    return await _edit(ask, services, editing.up)


async def down(ask: Ask, services: Services) -> Reply:
    """Move down."""
    return await _edit(ask, services, editing.down)


async def _edit(ask: Ask, services: Services, change: Callable[[Content, str], Edit]) -> Reply:
    edition_id, entry_id = parse_value(ask.value)
    edition, edit = await editions.edit_entry(
        services, ask.identity, edition_id, lambda content: change(content, entry_id)
    )
    async with services.store.read() as uow:
        live = {row.message_ref for row in await uow.deliveries.of_edition(edition.id)}
    # The editors' channel shows the edit itself; a private copy does not change, so there it is said.
    return Reply() if ask.message_ref and ask.message_ref in live else Reply((edited(edit),))
