"""The editors' acts on an edition: make the draft, edit it, approve it. Each is one unit of work.

Whatever others see of it (the draft in the editors' channels, the posts in the digest channels) is written to the
outbox in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.edition_messages import HEADLINE, DraftView, draft_pages, published_parts
from bot.messages import Identity, say, to_json
from bot.ports import Purpose, UnitOfWork
from bot.services import Services
from digests import approval, calendar, drafting, editing, publishing
from digests.approval import Verdict
from digests.calendar import Due
from digests.editing import Edit
from digests.errors import ConvenorError, NotFound, Stale
from digests.model import Address, Content, Delivery, Edition, EditionState, Revision, Window

PURPOSE = "draft"
EMPTIED_PAGE = say("Nothing is left on this page.")
# An edit is repeated on the newer text when another editor's came first; more than a handful in a row is not chance.
EDIT_ATTEMPTS = 5


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


async def view_of(uow: UnitOfWork, services: Services, edition: Edition) -> DraftView:
    """Everything that the draft message shows of an edition."""
    return DraftView(
        edition,
        await uow.editions.revisions(edition.id),
        await uow.editions.approvals(edition.id),
        await uow.deliveries.of_edition(edition.id),
        services.plan.approval,
        services.topics,
    )


async def open_draft(uow: UnitOfWork) -> Edition | None:
    """The draft that editors are working on, if there is one."""
    drafts = await uow.editions.in_state(EditionState.DRAFT)
    return drafts[0] if drafts else None


async def latest_published(uow: UnitOfWork) -> Edition | None:
    """The newest edition that readers have been sent."""
    gone = await uow.editions.in_state(EditionState.PUBLISHED, EditionState.APPROVED)
    return gone[0] if gone else None


async def compose(uow: UnitOfWork, services: Services, window: Window, number: int, note: str = "") -> Content:
    """The content that an edition of this window has by the rules alone. Stores nothing.

    Near days are told whatever the age of what named them, so that nobody misses one for having missed an edition.
    """
    now = services.clock.now()
    today = calendar.london_day(now)
    last_day = today + timedelta(days=services.plan.weights.deadline_days)
    return drafting.draft(
        await uow.items.received(window.start, window.end),
        plan=services.plan,
        sources={source.id: source for source in await services.all_sources(uow)},
        topics=services.topics,
        window=window,
        number=number,
        now=now,
        notes=(note,) if note else (),
        ahead=await uow.items.ahead(window.start, today, last_day),
    )


async def make_due_edition(services: Services) -> Edition | None:
    """Draft the edition that should exist by now and does not. None where nothing is due."""
    return await _make(services, calendar.due_edition)


async def make_edition_now(services: Services) -> Edition | None:
    """Draft the coming edition early, from what has arrived so far.

    None where nothing has been read yet, or where the coming edition exists already.
    """
    return await _make(services, calendar.early_edition)


async def _make(services: Services, decide: Callable[..., Due | None]) -> Edition | None:
    now = services.clock.now()
    async with services.store.begin() as uow:
        editions = await uow.editions.recent()
        due = decide(services.plan.schedule, now, installation=await uow.installation(), editions=editions)
        if due is None:
            return None
        number = calendar.next_number(editions, services.plan)
        content = await compose(uow, services, due.window, number, due.note)
        edition = Edition(due.edition_id, number, due.due_on, due.window, EditionState.DRAFT, 1, content, now)
        if not await uow.editions.add(edition, Revision(edition.id, 1, "", now, "drafted", content)):
            return None
        for old in await uow.editions.in_state(EditionState.DRAFT):
            if old.id != edition.id and await uow.editions.set_state(old.id, EditionState.DRAFT, EditionState.LAPSED):
                await show_draft(uow, services, replace(old, state=EditionState.LAPSED))
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return edition


async def edit_entry(
    services: Services, editor: Identity, edition_id: str, change: Callable[[Content], Edit]
) -> tuple[Edition, Edit]:
    """Apply ``change`` to the draft as it now stands, as this editor.

    Raises NotFound or Stale, with a sentence, where there is nothing (any more) to change.
    """
    now = services.clock.now()
    for _ in range(EDIT_ATTEMPTS):
        async with services.store.begin() as uow:
            edition = await _edition(uow, edition_id)
            author = await uow.members.resolve(editor, now)
            edit = change(edition.content)
            changed, revision = editing.apply(edition, edit, author=author.id, now=now)
            if not await uow.editions.save_revision(changed, revision):
                continue
            await show_draft(uow, services, changed)
            await uow.commit()
        services.wake()
        return changed, edit
    raise Stale(edition_id, "Several people are editing this draft at once. Nothing was changed; please press again.")


async def approve(services: Services, editor: Identity, edition_id: str, seen_hash: str) -> Approved:
    """Record this editor's yes to the text with this hash; with the last yes needed, send the edition on its way.

    Raises NotFound, or NowhereToPost where no channel is bound to the digest.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        edition = await _edition(uow, edition_id)
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


async def show_draft(uow: UnitOfWork, services: Services, edition: Edition) -> None:
    """Bring the draft's messages in every editors' channel up to date: new pages are posted, known ones updated."""
    channels = [binding.address for binding in await uow.channels.bound(Purpose.EDITORS)]
    if not channels:
        return
    now = services.clock.now()
    pages = draft_pages(await view_of(uow, services, edition))
    known = {row.key for row in await uow.deliveries.of_edition(edition.id) if row.purpose == PURPOSE}
    shown: set[str] = set()
    new: list[Delivery] = []
    for address in channels:
        headline = _key(edition, address, HEADLINE)
        for page in pages:
            key, body = _key(edition, address, page.name), to_json(page.message)
            shown.add(key)
            if key in known:
                await uow.deliveries.replace_body(key, body, now)
            else:
                thread = "" if key == headline else headline
                new.append(Delivery(key, PURPOSE, address, body, now, edition_id=edition.id, thread_key=thread))
    await uow.deliveries.add(new)
    for key in sorted(known - shown):
        await uow.deliveries.replace_body(key, to_json(EMPTIED_PAGE), now)


def _key(edition: Edition, address: Address, page: str) -> str:
    return f"{PURPOSE}:{edition.id}:{address.platform}:{address.workspace}:{address.channel}:{page}"


async def _edition(uow: UnitOfWork, edition_id: str) -> Edition:
    edition = await uow.editions.get(edition_id)
    if edition is None:
        raise NotFound(edition_id, "That draft is not here any more. Nothing was changed.")
    return edition
