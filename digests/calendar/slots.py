"""The weekly rule: each week has one slot for an edition, which a holiday may move and a recess may leave empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from digests.calendar.words import say_day
from digests.plan import HolidayRule, Recess, RecessRule, Schedule

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
# A slot that moved a whole week would meet its neighbour.
_FURTHEST = timedelta(days=6)
# Weeks that are looked through for a slot with an edition: more than any recess has.
_WEEKS_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Slot:
    """One week's turn of the digest.

    ``day`` is the London date by the plain weekly rule, and as text the id of the slot's edition. ``draft_at`` (UTC)
    is when its draft is made; ``post_at`` (UTC) is the earliest moment of posting, None where the plan sets none.
    ``due_on`` is the day that readers see. ``moved`` says in a sentence why it is not on its plain day; ``merged``
    says in a few words why no edition is due, where the next one takes this week.
    """

    day: date
    draft_at: datetime
    post_at: datetime | None
    due_on: date
    moved: str = ""
    merged: str = ""

    @property
    def id(self) -> str:
        """The id of its edition."""
        return self.day.isoformat()


def slot_on(schedule: Schedule, day: date) -> Slot:
    """The slot whose plain day this is."""
    post_day = _posting_day(schedule, day)
    draft_on, post_on, why = _moved(schedule, day, post_day)
    moves = [f"drafted on {say_day(draft_on)}"] if draft_on != day else []
    moves += [f"posted on {say_day(post_on)}"] if post_on and post_on != post_day else []
    moved = f"{why}, so this edition is {' and '.join(moves)}." if moves else ""
    return Slot(
        day,
        _moment(schedule, draft_on, schedule.at),
        _moment(schedule, post_on, schedule.posting.at) if post_on and schedule.posting else None,
        post_on or draft_on,
        moved,
        _merged(schedule, day, post_day),
    )


def recess_on(schedule: Schedule, day: date) -> Recess | None:
    """The recess that a day lies in."""
    return next((recess for recess in schedule.recesses if recess.first_day <= day <= recess.last_day), None)


def slot_before(schedule: Schedule, now: datetime) -> Slot:
    """The latest slot with an edition whose draft was due at or before ``now``."""
    return _first_with_an_edition(_backwards(schedule, now))


def slot_after(schedule: Schedule, now: datetime) -> Slot:
    """The first slot with an edition whose draft is due after ``now``."""
    return _first_with_an_edition(_forwards(schedule, now))


def due_before(schedule: Schedule, now: datetime) -> datetime:
    """The latest instant, in UTC, at or before ``now`` at which an edition was due."""
    return slot_before(schedule, now).draft_at


def due_after(schedule: Schedule, now: datetime) -> datetime:
    """The first instant, in UTC, after ``now`` at which an edition is due."""
    return slot_after(schedule, now).draft_at


def lapses_with(schedule: Schedule, edition_id: str) -> Slot:
    """The slot whose draft takes the place of this edition's, if it has not been approved by then."""
    return slot_after(schedule, slot_on(schedule, date.fromisoformat(edition_id)).draft_at)


def coming(schedule: Schedule, now: datetime, weeks: int) -> tuple[Slot, ...]:
    """The next slots after ``now``, those without an edition among them."""
    slots = _forwards(schedule, now)
    return tuple(next(slots) for _ in range(min(weeks, _WEEKS_LOOKED_AT)))


def between(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Slot]:
    """The slots whose drafts are due after ``start`` and before or at ``end``, those without an edition among them."""
    day = _plain_day(schedule, start) - _WEEK
    while (slot := slot_on(schedule, day)).draft_at <= end:
        if slot.draft_at > start:
            yield slot
        day += _WEEK


def _first_with_an_edition(slots: Iterator[Slot]) -> Slot:
    nearest = next(slots)
    if not nearest.merged:
        return nearest
    # A plan that says “in recess” for ever must not end the digest.
    return next((slot for slot in slots if not slot.merged), nearest)


def _forwards(schedule: Schedule, now: datetime) -> Iterator[Slot]:
    day = _plain_day(schedule, now) - _WEEK
    yield from (
        slot for slot in (slot_on(schedule, day + _WEEK * n) for n in range(_WEEKS_LOOKED_AT)) if slot.draft_at > now
    )


def _backwards(schedule: Schedule, now: datetime) -> Iterator[Slot]:
    day = _plain_day(schedule, now) + _WEEK
    yield from (
        slot for slot in (slot_on(schedule, day - _WEEK * n) for n in range(_WEEKS_LOOKED_AT)) if slot.draft_at <= now
    )


def _plain_day(schedule: Schedule, now: datetime) -> date:
    """The latest day of the plain rule that is not after today."""
    today = now.astimezone(schedule.zone).date()
    return today - timedelta(days=(today.weekday() - schedule.weekday) % 7)


def _moment(schedule: Schedule, day: date, at: time) -> datetime:
    # An hour that the clocks skip, or show twice, is taken by the offset before the change (fold=0).
    return datetime.combine(day, at, tzinfo=schedule.zone).astimezone(UTC)


def _posting_day(schedule: Schedule, day: date) -> date | None:
    """The first day on or after the draft's with the weekday of posting, at a later moment than the draft."""
    if schedule.posting is None:
        return None
    days = (schedule.posting.weekday - day.weekday()) % 7
    if days == 0 and schedule.posting.at <= schedule.at:
        days = 7
    return day + timedelta(days=days)


def _moved(schedule: Schedule, day: date, post_day: date | None) -> tuple[date, date | None, str]:
    """The days of the draft and of posting once holidays have moved them, and which holiday did."""
    stays = day, post_day, ""
    holiday = next((each for each in (post_day, day) if each and schedule.holiday(each)), None)
    if holiday is None:
        return stays
    if schedule.on_holiday is HolidayRule.EARLIER:
        # What is posted earlier is drafted as much earlier, so that editors have the same time for it.
        post_on = _working(schedule, post_day, -_DAY) if post_day else None
        ahead = post_day - post_on if post_day and post_on else timedelta(0)
        draft_on = _working(schedule, day - ahead, -_DAY)
    elif schedule.on_holiday is HolidayRule.LATER:
        draft_on = _working(schedule, day, _DAY)
        post_on = _working(schedule, post_day + (draft_on - day), _DAY) if post_day else None
    else:
        return stays
    if abs(draft_on - day) > _FURTHEST:
        return stays
    return draft_on, post_on, f"{say_day(holiday)} is {schedule.holiday(holiday)}"


def _working(schedule: Schedule, day: date, step: timedelta) -> date:
    """The nearest day in one direction that is neither a holiday nor a weekend (unless the plan itself names that)."""
    own = {schedule.weekday, schedule.posting.weekday if schedule.posting else schedule.weekday}
    for days in range(_FURTHEST.days + 1):
        present = day + step * days
        if not schedule.holiday(present) and (present.weekday() < 5 or present.weekday() in own):
            return present
    return day


def _merged(schedule: Schedule, day: date, post_day: date | None) -> str:
    if schedule.on_holiday is HolidayRule.MERGE:
        for each in (day, post_day):
            if each and schedule.holiday(each):
                return schedule.holiday(each)
    recess = recess_on(schedule, day)
    if recess is None or schedule.in_recess is RecessRule.WEEKLY:
        return ""
    # Every other week: the first of a recess is merged into the second.
    weeks = (day - recess.first_day).days // 7
    if schedule.in_recess is RecessRule.FORTNIGHTLY and weeks % 2:
        return ""
    return f"{recess.label} in recess"
