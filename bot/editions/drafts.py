"""Makes the draft that should exist by now, or the coming one early."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.editions.links import with_links_of
from bot.editions.showing import show_draft
from bot.editions.suggested import bring_to_draft
from bot.messages import Identity
from bot.ports import UnitOfWork
from bot.privacy import audit
from bot.services import Services
from digests import calendar, drafting
from digests.calendar import Due
from digests.model import Content, Edition, EditionAct, EditionState, Revision, Window


async def compose(
    uow: UnitOfWork, services: Services, window: Window, number: int, notes: Sequence[str] = ()
) -> Content:
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
        notes=tuple(notes),
        signs=services.signs,
        interest=await uow.follows.by_topic(),
        ahead=await uow.items.ahead(window.start, today, last_day),
    )


async def make_due_edition(services: Services) -> Edition | None:
    """Draft the edition that should exist by now and does not. None where no draft is due.

    A week that editors skipped or merged beforehand gets its row in passing, without a draft.
    """
    await _close_decided(services)
    made = await _make(services, calendar.due_edition)
    while made is not None and made.state is not EditionState.DRAFT:
        made = await _make(services, calendar.due_edition)
    return made


async def make_edition_now(services: Services, by: Identity | None = None) -> Edition | None:
    """Draft the coming edition early, from what has arrived so far.

    None where nothing has been read yet, where the coming edition exists already or is to be skipped, and while an
    approved edition waits to be posted. ``by`` is the editor who asked for it, if anybody did.
    """
    return await _make(services, calendar.early_edition, by)


async def recent_acts(uow: UnitOfWork, recent: Sequence[Edition]) -> Sequence[EditionAct]:
    """What editors did to these editions and to the weeks after them."""
    return await uow.editions.acts_from(min((edition.id for edition in recent), default=""))


async def next_draft_at(uow: UnitOfWork, services: Services) -> datetime:
    """When the next draft is made by itself, in UTC."""
    recent = await uow.editions.recent()
    acts = await recent_acts(uow, recent)
    return calendar.next_draft(services.plan.schedule, services.clock.now(), recent, acts).draft_at


async def _make(services: Services, decide: Callable[..., Due | None], by: Identity | None = None) -> Edition | None:
    now = services.clock.now()

    async def looked(uow: UnitOfWork) -> tuple[Sequence[Edition], Due | None]:
        recent = await uow.editions.recent()
        acts = await recent_acts(uow, recent)
        installation = await uow.installation()
        return recent, decide(services.plan.schedule, now, installation=installation, editions=recent, acts=acts)

    # Nearly always nothing is due, and a look holds up nobody who writes.
    async with services.store.read() as uow:
        if (await looked(uow))[1] is None:
            return None
    async with services.store.begin() as uow:
        await uow.items.all_are_there()
        # Whoever approves the latest edition, pulls it back or leaves its week out takes turns with this.
        for newest in await uow.editions.recent(1):
            await uow.editions.lock(newest.id)
        recent, due = await looked(uow)
        if due is None:
            return None
        number = calendar.next_number(recent, services.plan)
        is_draft = due.state is EditionState.DRAFT
        if is_draft:
            content = await compose(uow, services, due.window, number, due.notes)
            content = await with_links_of(uow, content, [each for each in recent if _is_covered(each, due.window)])
        else:
            content = Content(services.plan.title, (), notes=due.notes)
        edition = Edition(due.edition_id, number, due.due_on, due.window, due.state, 1, content, now)
        what = "drafted" if is_draft else due.state.value
        if not await uow.editions.add(edition, Revision(edition.id, 1, "", now, what, content)):
            return None
        if by is not None:
            await audit.note(uow, by, "drafted early", f"edition:{edition.id}", now)
        for old in await uow.editions.in_state(EditionState.DRAFT):
            if old.id != edition.id and await uow.editions.set_state(old.id, EditionState.DRAFT, EditionState.LAPSED):
                await show_draft(uow, services, replace(old, state=EditionState.LAPSED))
        if is_draft:
            await bring_to_draft(uow, edition, await uow.editions.recent(), now)
            await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return edition


def _is_covered(edition: Edition, window: Window) -> bool:
    """Whether an edition was never published, and another one of this window covers its time as well."""
    unpublished = edition.state in (EditionState.DRAFT, EditionState.LAPSED, EditionState.MERGED)
    return unpublished and edition.window.start >= window.start


async def _close_decided(services: Services) -> None:
    """Skip or merge the drafts whose weeks editors had decided about just as the draft was made elsewhere."""

    async def found(uow: UnitOfWork) -> list[tuple[Edition, EditionState]]:
        drafts = await uow.editions.in_state(EditionState.DRAFT)
        decisions = calendar.decided(await recent_acts(uow, drafts)) if drafts else {}
        return [(each, calendar.LEFT_OUT[decisions[each.id].act]) for each in drafts if each.id in decisions]

    async with services.store.read() as uow:
        if not await found(uow):
            return
    async with services.store.begin() as uow:
        for draft, state in await found(uow):
            if await uow.editions.set_state(draft.id, EditionState.DRAFT, state):
                await show_draft(uow, services, replace(draft, state=state))
        await uow.commit()
    services.wake()
