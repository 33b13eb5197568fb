"""What is ahead: the drafts and postings that are due, with what moves them or leaves a week without an edition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.edition_messages import edition_name, say_decision
from bot.editions import recent_acts
from bot.services import Services
from digests import calendar
from digests.calendar import Slot, say_day, say_when
from digests.model import Edition, EditionAct, EditionState
from digests.plan import Recess

WEEKS_AHEAD = 6


@dataclass(frozen=True, slots=True)
class Ahead:
    """One slot that is to come. ``drafted`` tells whether its edition exists already."""

    slot: Slot
    decision: EditionAct | None
    recess: Recess | None
    drafted: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is ahead: the open draft with the slot that it lapses with, approved editions that wait, weeks to come."""

    draft: Edition | None
    draft_lapses: Slot | None
    waiting: Sequence[Edition]
    weeks: Sequence[Ahead]


async def look_ahead(services: Services) -> Outlook:
    """What is ahead now, worked out from the plan and from what is stored."""
    now, schedule = services.clock.now(), services.plan.schedule
    async with services.store.read() as uow:
        recent = await uow.editions.recent()
        decisions: Mapping[str, EditionAct] = calendar.decided(await recent_acts(uow, recent))
    known = {edition.id for edition in recent}
    draft = next((edition for edition in recent if edition.state is EditionState.DRAFT), None)
    weeks = [
        Ahead(slot, decisions.get(slot.id), calendar.recess_on(schedule, slot.due_on), slot.id in known)
        for slot in calendar.coming(schedule, now, WEEKS_AHEAD)
    ]
    lapses = calendar.lapses_with(schedule, draft.id) if draft else None
    return Outlook(draft, lapses, [edition for edition in recent if edition.waits(now)], weeks)


def lines(outlook: Outlook) -> Iterator[str]:
    """The outlook in sentences, nearest first."""
    for edition in outlook.waiting:
        assert edition.posts_at is not None
        yield f"{edition_name(edition)} is approved and will be posted on {say_when(edition.posts_at)}."
    if outlook.draft is not None and outlook.draft_lapses is not None:
        yield (
            f"{edition_name(outlook.draft)} is open as a draft. If it is not approved, it lapses on "
            f"{say_when(outlook.draft_lapses.draft_at)}, and the next draft covers its weeks as well."
        )
    for week in outlook.weeks:
        yield " ".join(part for part in (_week(week), week.slot.moved, _recess(week)) if part)


def _week(week: Ahead) -> str:
    day = say_day(week.slot.due_on)
    if week.decision is not None:
        return f"{day}: no edition. {say_decision(week.decision)}"
    if week.drafted:
        return f"{day}: drafted early, so nothing more is due."
    if week.slot.merged:
        return f"{day}: no edition ({week.slot.merged}). The next one covers this week as well."
    posted = f", and posted on {say_when(week.slot.post_at)} at the earliest" if week.slot.post_at else ""
    return f"{day}: drafted on {say_when(week.slot.draft_at)}{posted}."


def _recess(week: Ahead) -> str:
    return f"{week.recess.label} is in recess until {say_day(week.recess.last_day)}." if week.recess else ""


def as_data(outlook: Outlook) -> dict[str, Any]:
    """The outlook for programs; moments in UTC."""
    draft = outlook.draft
    return {
        "draft": draft and {"id": draft.id, "number": draft.number, "lapses_at": _moment(outlook.draft_lapses)},
        "waiting": [
            {"id": each.id, "number": each.number, "posts_at": each.posts_at.isoformat() if each.posts_at else None}
            for each in outlook.waiting
        ],
        "weeks": [
            {
                "id": week.slot.id,
                "due_on": week.slot.due_on.isoformat(),
                "draft_at": week.slot.draft_at.isoformat(),
                "post_at": week.slot.post_at.isoformat() if week.slot.post_at else None,
                "edition": week.decision is None and not week.slot.merged,
                "drafted": week.drafted,
                "decision": week.decision.act.value if week.decision else None,
                "moved": week.slot.moved,
                "merged": week.slot.merged,
                "recess": week.recess.label if week.recess else None,
            }
            for week in outlook.weeks
        ],
    }


def _moment(slot: Slot | None) -> str | None:
    return slot.draft_at.isoformat() if slot else None
