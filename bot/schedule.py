"""What the ticks do: read the sources that are due, draft the edition that should exist by now, and sweep.

A tick only says "look now". What is due is computed from the store and the clock, so missed ticks, restarts, clock
changes and two clocks at once are one harmless case.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot import alerts, editions, following
from bot.alarms import service as alarms
from bot.introductions import upkeep
from bot.ports import Store, UnitOfWork
from bot.privacy import complaints
from bot.privacy import service as privacy
from bot.services import Services
from digests import calendar, links, polling, reading
from digests.model import Edition, EditionState, Fetch, Item, Source, SourceState, Tagging
from digests.polling import Notice

log = logging.getLogger(__name__)

READ_EVERY_SECONDS = 60
DRAFT_EVERY_SECONDS = 30
ALERT_EVERY_SECONDS = 60
REMIND_EVERY_SECONDS = 5 * 60
DESK_EVERY_SECONDS = 60
PRIVACY_EVERY_SECONDS = 10 * 60
INTRODUCE_EVERY_SECONDS = 60
WATCH_EVERY_SECONDS = 5 * 60
SWEEP_EVERY_SECONDS = 24 * 60 * 60
INDEXED_TOGETHER = 200
FETCHES_KEPT = timedelta(days=30)


async def read_sources(
    services: Services,
    *,
    only: Sequence[Source] | None = None,
    force: bool = False,
    on_result: Callable[[Source, Fetch], None] | None = None,
) -> reading.PassSummary:
    """One pass over the sources that are due (or over all of ``only``, with ``force``).

    Editors are told of sources that are in trouble, or well again.
    """

    async def tell(uow: UnitOfWork, notices: Sequence[Notice]) -> None:
        await alerts.tell_editors(uow, notices, services.clock.now())

    window = calendar.current_window(services.plan.schedule, services.clock.now(), None)
    summary = await reading.read_due(
        await services.present_sources() if only is None else only,
        store=services.store,
        reader=services.reader,
        tag=services.tag,
        clock=services.clock,
        concurrency=services.fetch_concurrency,
        force=force,
        on_result=on_result,
        tell=tell,
        window_start=window.start,
        kind_rules=services.kind_rules,
    )
    await index_archive(services.store, services.tag)
    services.wake()
    return summary


async def index_archive(store: Store, tag: Callable[[Item], Tagging]) -> int:
    """Let everything be found by its present words, and by its tags; returns how many items were indexed.

    It is done after reading, in short units of work, so that neither reading nor people's presses wait for it. What
    was there before us is tagged only now, for until it is found nobody asks for its tags.
    """
    indexed = 0
    while True:
        async with store.begin() as uow:
            untagged = await uow.items.untagged(INDEXED_TOGETHER)
            await uow.items.retag({item.id: tag(item) for item in untagged})
            some = await uow.archive.index(INDEXED_TOGETHER)
            await uow.commit()
        indexed += some
        if some < INDEXED_TOGETHER:
            return indexed


async def unless_held(services: Services, tick: Callable[[], Awaitable[object]]) -> None:
    """Look for what is due, unless the database was restored and waits to be released."""
    async with services.store.read() as uow:
        hold = await uow.holds.get()
    if hold is None:
        await tick()


def any_source(_: Source) -> bool:
    """Where one process reads everything."""
    return True


async def read_tick(services: Services, mine: Callable[[Source], bool] = any_source) -> None:
    """Read what is due, log what came of it in one line, and tell editors of what has failed for too long by now.

    Of several processes each reads those sources that are ``mine``.
    """
    summary = await read_sources(services, only=[each for each in await services.present_sources() if mine(each)])
    if summary.fetched:
        log.info("read %d sources: %d new, %d changed", summary.fetched, summary.new, summary.changed)
    # What is due comes first: a source that answers at last is in no trouble.
    await tell_overdue(services, mine)


async def tell_overdue(services: Services, mine: Callable[[Source], bool] = any_source) -> int:
    """Tell editors of the sources that have failed for 48 hours by now, due or not; returns how many."""
    now = services.clock.now()

    async def found(uow: UnitOfWork) -> list[tuple[SourceState, Notice]]:
        states = await uow.sources.states()
        sources = [each for each in await services.all_sources(uow) if mine(each)]
        told = (polling.overdue(source, states[source.id], now) for source in sources if source.id in states)
        return [late for late in told if late]

    # Nearly always there is none, and a look holds up nobody who writes.
    async with services.store.read() as uow:
        if not await found(uow):
            return 0
    async with services.store.begin() as uow:
        late = await found(uow)
        await uow.sources.save_states([state for state, _ in late])
        await alerts.tell_editors(uow, [notice for _, notice in late], now)
        await uow.commit()
    services.wake()
    return len(late)


async def alert_tick(services: Services) -> int:
    """Tell members what is new in what they follow."""
    told = await following.alert_tick(services)
    if told:
        log.info("told %d members what is new in what they follow", told)
    return told


async def draft_tick(services: Services) -> Edition | None:
    """Draft the edition that is due, if any."""
    edition = await editions.make_due_edition(services)
    if edition is not None:
        log.info("drafted edition %s with %d entries", edition.id, len(edition.content.entries))
    return edition


async def remind_tick(services: Services) -> int:
    """Remind editors of a draft that nobody takes further."""
    given = await editions.remind(services)
    if given:
        log.info("reminded editors of the open draft in %d messages", given)
    return given


async def desk_tick(services: Services) -> None:
    """Show editors no longer as at work who opened a form and did not send it."""
    # Nearly always nobody has, and a look holds up nobody who writes.
    async with services.store.read() as uow:
        drafts = await uow.editions.in_state(EditionState.DRAFT)
        noted = [await uow.presences.of(edition.id, datetime.min.replace(tzinfo=UTC)) for edition in drafts]
    if any(noted):
        await editions.forget_the_gone(services)


async def privacy_tick(services: Services) -> None:
    """Erase whoever asked for it a fortnight ago, and remind coordinators of complaints; neither stops the other."""
    try:
        await privacy.erase_due(services)
    finally:
        if given := await complaints.look_after(services):
            log.info("reminded coordinators of %d complaints", given)


async def introduction_tick(services: Services) -> int:
    """Remind, expire, ask the next, answer on the date, and follow up, in the introductions of the network."""
    moved = await upkeep.tick(services)
    if moved:
        log.info("%d introductions moved on", moved)
    return moved


async def sweep_tick(services: Services) -> int:
    """Forget the fetches that started more than 30 days ago, old looks at links, codes, and what has had its time.

    Returns how many fetches.
    """
    await privacy.sweep(services)
    async with services.store.begin() as uow:
        dropped = await uow.sources.drop_fetches(services.clock.now() - FETCHES_KEPT)
        await uow.link_checks.drop(services.clock.now() - links.KEPT)
        await uow.codes.forget(services.clock.now())
        await uow.alarms.drop(services.clock.now() - alarms.KEPT)
        await uow.commit()
    if dropped:
        log.info("forgot %d fetches that were more than 30 days old", dropped)
    return dropped
