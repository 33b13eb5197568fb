"""Finds editions, and gathers what the messages of one are made from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.edition_messages import DraftView
from bot.editions.suggested import suggested_for
from bot.editions.warned import warned_of
from bot.ports import UnitOfWork
from bot.services import Services
from digests import publishing
from digests.errors import NotFound
from digests.model import Edited, Edition, EditionState

PRESENT_FOR = timedelta(minutes=10)
"""A form that was opened so long ago and not sent is taken to have been closed."""


async def view_of(uow: UnitOfWork, services: Services, edition: Edition) -> DraftView:
    """Everything that the draft message shows of an edition."""
    history = await uow.editions.history(edition.id)
    return DraftView(
        edition,
        history,
        await uow.editions.approvals(edition.id),
        await uow.deliveries.of_edition(edition.id),
        services.plan.approval,
        services.topics,
        warnings=await warned_of(uow, services, edition),
        suggested=await suggested_for(uow, services, edition),
        acts=await uow.editions.acts(edition.id),
        names=await names_of(uow, history),
        presences=await uow.presences.of(edition.id, services.clock.now() - PRESENT_FOR),
    )


async def names_of(uow: UnitOfWork, history: Iterable[Edited]) -> dict[str, str]:
    """The names of those who edited, by their member ids. Who has left the network is not among them."""
    authors = sorted({line.author for line in history if line.author})
    members = [await uow.members.get(author) for author in authors]
    return {member.id: member.name for member in members if member}


async def open_draft(uow: UnitOfWork) -> Edition | None:
    """The draft that editors are working on, if there is one."""
    drafts = await uow.editions.in_state(EditionState.DRAFT)
    return drafts[0] if drafts else None


async def latest_published(uow: UnitOfWork) -> Edition | None:
    """The newest edition that readers have been sent, or are being sent: not one that waits to be posted."""
    for edition in await uow.editions.in_state(EditionState.PUBLISHED, EditionState.APPROVED):
        if edition.state is EditionState.PUBLISHED:
            return edition
        if publishing.has_begun(await uow.deliveries.of_edition(edition.id)):
            return edition
    return None


async def the_edition(uow: UnitOfWork, edition_id: str) -> Edition:
    """The edition with this id. Raises NotFound, with a sentence."""
    edition = await uow.editions.get(edition_id)
    if edition is None:
        raise NotFound(edition_id, "That draft is not here any more. Nothing was changed.")
    return edition


async def find_edition(uow: UnitOfWork, number: int | None) -> Edition:
    """The edition with this number, in whatever state; or the latest that readers have. Raises NotFound."""
    if number is None:
        latest = await latest_published(uow)
        if latest is None:
            raise NotFound("latest", "No edition has been published yet.")
        return latest
    heads = [head for head in await uow.editions.heads(*EditionState) if head.number == number]
    # A number that never reached readers is used again, so several may have had it: readers know one of them.
    heads.sort(key=lambda head: head.state in (EditionState.PUBLISHED, EditionState.APPROVED), reverse=True)
    edition = await uow.editions.get(heads[0].id) if heads else None
    if edition is None:
        raise NotFound(str(number), f"There is no edition with the number {number}.")
    return edition
