"""From an editor's yes to the readers: approval, the posts, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.edition_messages import published_parts
from bot.editions.lookup import the_edition
from bot.editions.showing import show_draft
from bot.messages import Identity, to_json
from bot.ports import Purpose
from bot.services import Services
from digests import approval, publishing
from digests.approval import Verdict
from digests.errors import ConvenorError
from digests.model import Address, Delivery, Edition, EditionState


class NowhereToPost(ConvenorError):
    """An edition cannot be approved while no channel would get it."""

    sentence = (
        "No channel is set up to receive the digest yet, so it was not approved. "
        "An administrator can run “/convenor here digest” in the channel; then approve again."
    )


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of pressing Approve: the verdict, the edition as it now is, how many channels it is going to."""

    verdict: Verdict
    edition: Edition
    channels: int = 0


async def approve(services: Services, editor: Identity, edition_id: str, seen_hash: str) -> Approved:
    """Record this editor's yes to the text with this hash; with the last yes needed, send the edition on its way.

    Raises NotFound, or NowhereToPost where no channel is bound to the digest.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        edition = await the_edition(uow, edition_id)
        member = await uow.members.resolve(editor, now)
        verdict = approval.decide(
            edition,
            await uow.editions.revisions(edition_id),
            await uow.editions.approvals(edition_id),
            member_id=member.id,
            member_name=member.name,
            seen_hash=seen_hash,
            now=now,
            policy=services.plan.approval,
        )
        if verdict.approval is None:
            return Approved(verdict, edition)
        await uow.editions.add_approval(verdict.approval)
        channels: list[Address] = []
        if verdict.complete:
            channels = [binding.address for binding in await uow.channels.bound(Purpose.DIGEST)]
            if not channels:
                raise NowhereToPost(edition_id)
            await uow.editions.set_state(edition_id, EditionState.DRAFT, EditionState.APPROVED)
            edition = replace(edition, state=EditionState.APPROVED)
            parts = [to_json(part) for part in published_parts(edition)]
            await uow.deliveries.add(publishing.plan(edition, parts, channels, now))
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return Approved(verdict, edition, len(channels))


async def note_delivery(services: Services, settled: Delivery) -> None:
    """After a part of an edition has gone out (or got stuck): close the edition, and show editors how it stands."""
    if settled.purpose != publishing.PURPOSE:
        return
    async with services.store.begin() as uow:
        edition = await uow.editions.get(settled.edition_id)
        if edition is None:
            return
        deliveries = await uow.deliveries.of_edition(edition.id)
        if publishing.is_out(deliveries) and await uow.editions.set_state(
            edition.id, EditionState.APPROVED, EditionState.PUBLISHED
        ):
            edition = replace(edition, state=EditionState.PUBLISHED)
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
