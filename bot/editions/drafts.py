"""Makes the draft that should exist by now, or the coming one early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.editions.showing import show_draft
from bot.ports import UnitOfWork
from bot.services import Services
from digests import calendar, drafting
from digests.calendar import Due
from digests.model import Content, Edition, EditionState, Revision, Window


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
