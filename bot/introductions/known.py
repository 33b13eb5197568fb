"""What the acts need to know of others, read from the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.introductions import directory, rules
from bot.introductions.acts import Known
from bot.introductions.model import Asked, Journey
from bot.ports import UnitOfWork


async def past(uow: UnitOfWork, now: datetime) -> Sequence[Asked]:
    """The asks that the limits look back on."""
    return await uow.requests.asked_since(now - rules.SAME_PAIR_AFTER)


async def known(uow: UnitOfWork, journey: Journey, now: datetime, *chosen: str) -> Known:
    """Of those whom a journey names and those who are chosen now: who can be asked, and the limits on them.

    They are held from then on, so that nobody is asked by two at the same moment.
    """
    wanted = [*(ask.candidate_id for ask in journey.planned), *chosen]
    if not wanted:
        return Known({}, ())
    await uow.members.lock(*wanted)
    return Known(await directory.people(uow, wanted), await past(uow, now))
