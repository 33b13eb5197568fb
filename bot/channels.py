"""Gives a channel its purpose, and brings it what is already waiting for such a channel."""

from __future__ import annotations

from bot import alerts, editions
from bot.introductions import requesting as introductions
from bot.members import cards
from bot.ports import Binding, Purpose, UnitOfWork
from bot.services import Services


async def bind(uow: UnitOfWork, services: Services, binding: Binding) -> bool:
    """Bind a channel; False, with nothing brought, where it is bound so already.

    Editors are shown the open draft and told which sources are in trouble, coordinators the open requests; all of it
    by the outbox, in this unit of work.
    """
    if not await uow.channels.bind(binding):
        return False
    if binding.purpose is Purpose.EDITORS:
        draft = await editions.open_draft(uow)
        if draft is not None:
            await editions.show_draft(uow, services, draft)
        await alerts.tell_newcomer(uow, binding.address, await services.all_sources(uow), binding.at)
    if binding.purpose is Purpose.COORDINATORS:
        await introductions.announce_open(uow, binding.at)
        await cards.announce_waiting(uow, services, binding.at)
    return True
