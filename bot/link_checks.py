"""Looks in the background at the links of the open draft, politely, and shows editors what has changed."""

from __future__ import annotations

import asyncio
import logging

from bot.editions.lookup import open_draft
from bot.editions.showing import show_draft
from bot.services import Services
from digests import links
from digests.calendar import london_day
from digests.model import LinkAnswer, LinkCheck, LinkState

log = logging.getLogger(__name__)

EVERY_SECONDS = 5 * 60
# So many links are looked at in one tick, and so many at once; one host is called once at a time in any case.
MOST_AT_A_TICK = 60
AT_ONCE = 4


async def check_links(services: Services) -> int:
    """Look at the draft's links that are due for it; returns how many were looked at.

    Nothing is called while the store is held. The draft's messages change only where a link is other than it was.
    """
    now = services.clock.now()
    async with services.store.read() as uow:
        edition = await open_draft(uow)
        if edition is None:
            return 0
        urls = links.looked_at(edition.content)
        before = await uow.link_checks.of(urls)
        near = bool(await uow.editions.approvals(edition.id)) or london_day(now) >= edition.due_on
    due = list(links.due_for_a_look(urls, before, now, near_approval=near))[:MOST_AT_A_TICK]
    if not due:
        return 0
    turns = asyncio.Semaphore(AT_ONCE)

    async def look(url: str) -> tuple[str, LinkAnswer]:
        async with turns:
            return url, await services.pages.look(url)

    answers = dict(await asyncio.gather(*(look(url) for url in due)))
    if links.is_our_own_trouble(answers):
        log.warning("no link of the draft could be reached; our own network may be down, so nothing is said of them")
        return 0
    now = services.clock.now()
    checks = [links.judged(url, answer, before.get(url), now) for url, answer in answers.items()]
    async with services.store.begin() as uow:
        await uow.link_checks.save(checks)
        if any(_is_news(check, before.get(check.url)) for check in checks):
            present = await open_draft(uow)
            if present is not None:
                await show_draft(uow, services, present)
        await uow.commit()
    services.wake()
    dead = sum(check.state is LinkState.DEAD for check in checks)
    log.info("looked at %d links of the draft: %d lead nowhere", len(checks), dead)
    return len(checks)


def _is_news(check: LinkCheck, before: LinkCheck | None) -> bool:
    """Whether editors see something else than before."""
    was = (before.state, before.moved_to) if before else (LinkState.ALIVE, "")
    if check.state not in (LinkState.DEAD, LinkState.MOVED) and was[0] not in (LinkState.DEAD, LinkState.MOVED):
        return False
    return (check.state, check.moved_to) != was
