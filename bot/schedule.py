"""What the ticks do: read the sources that are due, and draft the edition that should exist by now.

A tick only says "look now". What is due is computed from the store and the clock, so missed ticks, restarts, clock
changes and two clocks at once are one harmless case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from bot import editions
from bot.services import Services
from digests import calendar, reading
from digests.model import Edition, Fetch, Source

log = logging.getLogger(__name__)

READ_EVERY_SECONDS = 60
DRAFT_EVERY_SECONDS = 30


async def read_sources(
    services: Services,
    *,
    only: Sequence[Source] | None = None,
    force: bool = False,
    on_result: Callable[[Source, Fetch], None] | None = None,
) -> reading.PassSummary:
    """One pass over the sources that are due (or over all of ``only``, with ``force``)."""
    window = calendar.current_window(services.plan.schedule, services.clock.now(), None)
    return await reading.read_due(
        await services.present_sources() if only is None else only,
        store=services.store,
        reader=services.reader,
        tag=services.tag,
        clock=services.clock,
        concurrency=services.fetch_concurrency,
        force=force,
        on_result=on_result,
        window_start=window.start,
    )


async def read_tick(services: Services) -> None:
    """Read what is due, and log what came of it in one line."""
    summary = await read_sources(services)
    if summary.fetched:
        log.info("read %d sources: %d new, %d changed", summary.fetched, summary.new, summary.changed)


async def draft_tick(services: Services) -> Edition | None:
    """Draft the edition that is due, if any."""
    edition = await editions.make_due_edition(services)
    if edition is not None:
        log.info("drafted edition %s with %d entries", edition.id, len(edition.content.entries))
    return edition
