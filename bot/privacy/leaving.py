"""Ends what a member has under way with others, as they are erased, wait to be, or object to being found."""

from __future__ import annotations

from datetime import datetime

from bot import posts
from bot.introductions import outgoing, upkeep
from bot.members import cards
from bot.members import service as members
from bot.ports import UnitOfWork
from bot.privacy import complaints
from bot.services import Services


async def leave(uow: UnitOfWork, services: Services, member_id: str, now: datetime) -> None:
    """Close their requests, take back what they were asked, and their own request to join; in neutral words.

    Their profile stays, as they may undo it: nobody finds it meanwhile.
    """
    await upkeep.leave(uow, member_id, now)
    application = await uow.applications.get(member_id)
    if await uow.applications.remove(member_id):
        await cards.withdraw(uow, services, application, now)


async def forget(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    """Take them out of every card that coordinators or editors were ever shown, wherever those stand.

    To be called while their requests, profile and accounts are there.
    """
    member, profile = await uow.members.get(member_id), await uow.profiles.get(member_id)
    known = (member, profile, *await uow.members.identities(member_id))
    names = {each.name for each in known if each is not None}
    await outgoing.forget(uow, member_id, now)
    await cards.forget(uow, member_id, names, now)
    await complaints.forget(uow, member_id, names, now)
    await posts.forget(uow, names, now)


async def end_consents(uow: UnitOfWork, services: Services, member_id: str, now: datetime) -> None:
    """They are in the directory no more: what they agreed to for it is withdrawn, which its record says."""
    await members.leave_in(uow, services, member_id, now)


async def be_found_no_more(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    """Take back what they were asked; what they asked for themselves goes on."""
    await upkeep.leave_directory(uow, member_id, now)
