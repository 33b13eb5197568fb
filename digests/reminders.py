"""When editors are reminded of a draft that nobody takes further: worked out from what happened to it last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from digests import calendar
from digests.calendar import LONDON
from digests.follows import is_quiet
from digests.model import Approval, Edition, EditionAct, EditionState, Revision
from digests.plan import ReminderPlan, Schedule

# Longer than any row of holidays and weekends.
_MOST_STEPS = 60
_DAY = timedelta(days=1)


class Reminder(StrEnum):
    """How urgently editors are reminded. Each once for an edition."""

    FIRST = "first"  # in the editors' channels
    ESCALATED = "escalated"  # to each editor and administrator by name


@dataclass(frozen=True, slots=True)
class Reminding:
    """A reminder that is due, and when (UTC) the draft lapses."""

    reminder: Reminder
    lapses_at: datetime


def last_touched(
    edition: Edition, revisions: Sequence[Revision], approvals: Sequence[Approval], acts: Sequence[EditionAct]
) -> datetime:
    """When somebody last took the draft further, in UTC; when it was made, where nobody has."""
    return max(
        edition.created_at,
        *(revision.at for revision in revisions),
        *(approval.at for approval in approvals),
        *(act.at for act in acts),
    )


def due(
    edition: Edition, touched_at: datetime, now: datetime, *, schedule: Schedule, plan: ReminderPlan
) -> tuple[Reminding, ...]:
    """The reminders that are due now for a draft that was last touched at this moment. None once it has lapsed.

    Nobody is reminded in quiet hours, whenever the reminder became due.
    """
    lapses_at = calendar.lapses_with(schedule, edition.id).draft_at
    if edition.state is not EditionState.DRAFT or now >= lapses_at or loud(now, schedule, plan) > now:
        return ()
    waits = ((Reminder.FIRST, plan.first_after), (Reminder.ESCALATED, plan.escalate_after))
    return tuple(
        Reminding(reminder, lapses_at)
        for reminder, after in waits
        if after and loud(touched_at + after, schedule, plan) <= now
    )


def loud(moment: datetime, schedule: Schedule, plan: ReminderPlan) -> datetime:
    """The first moment, at or after this one, at which people may be disturbed: in UTC, by the clock of London."""
    for _ in range(_MOST_STEPS):
        local = moment.astimezone(LONDON)
        if plan.working_days and (local.weekday() >= 5 or schedule.holiday(local.date())):
            # The same hour of the next day, which may be quiet in its turn.
            moment = datetime.combine(local.date() + _DAY, local.time(), tzinfo=LONDON)
        elif plan.quiet is not None and is_quiet(plan.quiet, moment):
            days = _DAY if local.time() >= plan.quiet.end else timedelta(0)
            moment = datetime.combine(local.date() + days, plan.quiet.end, tzinfo=LONDON)
        else:
            break
    return moment.astimezone(UTC)
