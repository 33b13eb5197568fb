"""From an editor's yes to the readers: approval, cooling-off, the posts, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.edition_messages import published_parts
from bot.editions.corrections import apply_correction
from bot.editions.lookup import the_edition
from bot.editions.showing import show_draft, show_headline
from bot.editions.suggested import note_published
from bot.messages import Identity, to_json
from bot.ports import Purpose, UnitOfWork
from bot.services import Services
from digests import approval, publishing
from digests.approval import TooLate, Verdict
from digests.calendar import slot_on
from digests.errors import ConvenorError
from digests.model import Act, Address, Delivery, Edition, EditionAct, EditionState


class NowhereToPost(ConvenorError):
    """An edition cannot be approved while no channel would get it."""

    sentence = (
        "No channel is set up to receive the digest yet, so it was not approved. "
        "An administrator can run “/convenor here digest” in the channel; then approve again."
    )


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of pressing Approve: the verdict, the edition as it now is, how many channels it is going to.

    ``waits`` tells whether it can be pulled back for a while.
    """

    verdict: Verdict
    edition: Edition
    channels: int = 0
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What came of pulling an edition back, or of posting it at once.

    ``too_late`` says why nothing was done. ``rows`` are the messages that this was about: those that were called
    back or brought forward; where it was too late, those of the edition as they stand.
    """

    edition: Edition
    too_late: TooLate | None = None
    rows: Sequence[Delivery] = ()
    acts: Sequence[EditionAct] = ()


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
            await uow.editions.history(edition_id),
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
        await uow.audit.note(member.id, "approved", f"edition:{edition_id}:{edition.revision}", now)
        channels: list[Address] = []
        if verdict.complete and edition.state is EditionState.CORRECTING:
            corrected = await apply_correction(uow, services, edition)
            channels = [one.address for one in publishing.reach(await uow.deliveries.of_edition(corrected.id))]
            edition = replace(edition, state=EditionState.CORRECTED)
        elif verdict.complete:
            channels = [binding.address for binding in await uow.channels.bound(Purpose.DIGEST)]
            if not channels:
                raise NowhereToPost(edition_id)
            planned = slot_on(services.plan.schedule, date.fromisoformat(edition_id)).post_at
            posts_at = approval.posting_moment(now, services.plan.approval, planned)
            await uow.editions.set_state(edition_id, EditionState.DRAFT, EditionState.APPROVED)
            await uow.editions.set_posting(edition_id, posts_at)
            edition = replace(edition, state=EditionState.APPROVED, posts_at=posts_at)
            parts = [to_json(part) for part in published_parts(edition)]
            await uow.deliveries.add(publishing.plan(edition, parts, channels, now, posts_at))
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return Approved(verdict, edition, len(channels), edition.waits(now))


async def pull_back(services: Services, editor: Identity, edition_id: str) -> Held:
    """Make an approved edition a draft again, unless some of it has been posted or may have been.

    Its messages leave the outbox, its approvals are void, and who did it is kept. Raises NotFound.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        edition = await the_edition(uow, edition_id)
        newest = next(iter(await uow.editions.recent(1)), None)
        rows = publishing.of_publication(await uow.deliveries.of_edition(edition_id))
        too_late = approval.refuse_pull_back(edition, newest)
        for purpose in publishing.TO_READERS:
            if too_late is None and await uow.deliveries.call_back(edition_id, purpose):
                too_late = TooLate.GONE
        if too_late is not None:
            present = publishing.of_publication(await uow.deliveries.of_edition(edition_id))
            return Held(edition, too_late, present, await uow.editions.acts(edition_id))
        await uow.editions.void_approvals(edition_id)
        await uow.editions.set_state(edition_id, EditionState.APPROVED, EditionState.DRAFT)
        await uow.editions.set_posting(edition_id, None)
        edition = replace(edition, state=EditionState.DRAFT, posts_at=None)
        await _record(uow, editor, edition_id, Act.PULLED_BACK, now)
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return Held(edition, None, rows)


async def post_now(services: Services, editor: Identity, edition_id: str) -> Held:
    """Post an approved edition without waiting any longer. Raises NotFound."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        edition = await the_edition(uow, edition_id)
        rows = publishing.of_publication(await uow.deliveries.of_edition(edition_id))
        if not edition.waits(now):
            too_late = TooLate.GONE if rows else TooLate.NOT_APPROVED
            return Held(edition, too_late, rows, await uow.editions.acts(edition_id))
        await uow.deliveries.bring_forward(edition_id, publishing.PURPOSE, now)
        await uow.editions.set_posting(edition_id, now)
        edition = replace(edition, posts_at=now)
        await _record(uow, editor, edition_id, Act.POSTED_NOW, now)
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return Held(edition, None, rows)


async def note_delivery(uow: UnitOfWork, services: Services, settled: Delivery) -> None:
    """After a part of an edition has gone out or got stuck, in the unit of work that records it: show editors.

    With its first part an edition is published: readers have it, so it is corrected or withdrawn from now on, and
    pulled back no more.
    """
    if settled.purpose not in publishing.TO_READERS:
        return
    if settled.is_there and await uow.editions.set_state(
        settled.edition_id, EditionState.APPROVED, EditionState.PUBLISHED
    ):
        published = await uow.editions.get(settled.edition_id)
        assert published is not None  # its state has just been set
        await note_published(uow, published, services.clock.now())
    await show_again(uow, services, settled.edition_id)


async def show_again(uow: UnitOfWork, services: Services, edition_id: str) -> None:
    """Show editors how an edition stands by now."""
    edition = await uow.editions.get(edition_id)
    if edition is not None:
        await show_headline(uow, services, edition)


async def _record(uow: UnitOfWork, editor: Identity, edition_id: str, act: Act, now: datetime) -> None:
    member = await uow.members.resolve(editor, now)
    await uow.editions.add_act(EditionAct(edition_id, act, member.id, member.name, now))
    await uow.audit.note(member.id, act.value, f"edition:{edition_id}", now)
