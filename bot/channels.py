"""Gives a channel its purpose, and brings it what is waiting for such a channel; or takes both from it."""

from __future__ import annotations

from datetime import datetime

from bot import alerts, editions, posts
from bot.introductions import requesting as introductions
from bot.members import cards
from bot.ports import Binding, Purpose, UnitOfWork
from bot.privacy import complaints
from bot.services import Services
from digests.model import Address


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
        await rearrange(uow, services, binding.at)
    return True


async def unbind(uow: UnitOfWork, services: Services, address: Address, now: datetime) -> bool:
    """Take every purpose from a channel, and with them what stands there for coordinators or editors alone.

    Coordinators are shown elsewhere what waits for them. False, with nothing done, where it had no purpose.
    """
    if not await uow.channels.unbind(address):
        return False
    await rearrange(uow, services, now)
    return True


async def rearrange(uow: UnitOfWork, services: Services, now: datetime) -> None:
    """Bring coordinators what waits for them to wherever they are now, and take it from where they are no more."""
    await introductions.announce_open(uow, now)
    await cards.announce_waiting(uow, services, now)
    await hide_from_others(uow, now)


async def hide_from_others(uow: UnitOfWork, now: datetime) -> None:
    """Take the words from every card that somebody can see whom its role does not (or no longer) let."""
    await introductions.hide_from_others(uow, now)
    await cards.hide_from_others(uow, now)
    await complaints.hide_from_others(uow, now)
    await posts.hide_from_others(uow, now)
