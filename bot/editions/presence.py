"""Who has a form about an edition open, shown to the other editors: a courtesy that nothing depends on."""

from __future__ import annotations

from bot.editions.lookup import PRESENT_FOR
from bot.editions.showing import show_headline
from bot.messages import Identity
from bot.ports import Presence
from bot.services import Services


async def arrive(services: Services, editor: Identity, edition_id: str, doing: str) -> None:
    """Somebody opened a form. ``doing`` says what about, in words after “Bob is editing”."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        edition = await uow.editions.get(edition_id)
        if edition is None or not edition.state.is_open:
            return
        await uow.presences.note(Presence(edition_id, await uow.members.resolve(editor, now), doing, now))
        await show_headline(uow, services, edition)
        await uow.commit()
    services.wake()


async def forget_the_gone(services: Services) -> int:
    """Forget the forms that were opened too long ago, and show it; returns about how many editions they were."""
    async with services.store.begin() as uow:
        ids = await uow.presences.forget(services.clock.now() - PRESENT_FOR)
        if not ids:
            return 0
        for edition_id in ids:
            edition = await uow.editions.get(edition_id)
            if edition is not None:
                await show_headline(uow, services, edition)
        await uow.commit()
    services.wake()
    return len(ids)
