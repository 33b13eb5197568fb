"""Which edition should exist now, and what it covers: worked out in London time from what exists, never remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digests.model import Edition, EditionState, Installation, Window
from digests.plan import DigestPlan, Schedule

LONDON = ZoneInfo("Europe/London")

# What readers were sent, or are being sent, is covered for good: the next edition starts after it.
_COVERED = frozenset({EditionState.APPROVED, EditionState.PUBLISHED, EditionState.WITHDRAWN})

_WEEK = timedelta(days=7)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
# More missed editions than this are told as a span, not each by its day.
_NAMED_EDITIONS = 4


@dataclass(frozen=True, slots=True)
class Due:
    """An edition that should be drafted. ``due_on`` is a London date, and the edition's id as text.

    ``weeks`` is how many editions' spans it covers; ``note`` says why, in a sentence, where that is more than one.
    """

    edition_id: str
    due_on: date
    window: Window
    weeks: int
    note: str


def due_before(schedule: Schedule, now: datetime) -> datetime:
    """The latest instant, in UTC, at or before ``now`` at which an edition was due."""
    today = now.astimezone(schedule.zone).date()
    day = today - timedelta(days=(today.weekday() - schedule.weekday) % 7)
    due = _due_on(schedule, day)
    return due if due <= now else _due_on(schedule, day - _WEEK)


def due_after(schedule: Schedule, now: datetime) -> datetime:
    """The first instant, in UTC, after ``now`` at which an edition is due."""
    return _next_due(schedule, due_before(schedule, now))


def current_window(schedule: Schedule, now: datetime, covered_until: datetime | None) -> Window:
    """The window that is being filled now: from what was covered last (else the last due instant) to the next one."""
    return Window(covered_until or due_before(schedule, now), due_after(schedule, now))


def due_edition(
    schedule: Schedule, now: datetime, *, installation: Installation | None, editions: Sequence[Edition]
) -> Due | None:
    """The edition that should exist by now and does not.

    None before the installation's first pass, where the edition exists in whatever state, where an early edition has
    covered its window, and while an approved edition waits to be posted: pulled back, it would have a successor that
    begins where it ends. ``editions`` are the latest ones, in any order.
    """
    if installation is None or _one_waits(editions, now):
        return None
    start = _start(installation, editions)
    due_at = due_before(schedule, now)
    due_on = _day_of(schedule, due_at)
    if due_at <= installation.first_pass_at or due_at <= start or _exists(due_on, editions):
        return None
    return _due(schedule, due_on, Window(start, due_at), installation, editions)


def early_edition(
    schedule: Schedule, now: datetime, *, installation: Installation | None, editions: Sequence[Edition]
) -> Due | None:
    """The coming edition, for an editor who wants its draft now: its window ends at ``now``.

    None where nothing has been read yet, where the coming edition exists already, and while an approved edition waits
    to be posted.
    """
    if installation is None or _one_waits(editions, now):
        return None
    start = _start(installation, editions)
    due_on = _day_of(schedule, due_after(schedule, now))
    if now <= start or _exists(due_on, editions):
        return None
    return _due(schedule, due_on, Window(start, now), installation, editions)


def covered_until(editions: Sequence[Edition], installation: Installation | None) -> datetime | None:
    """Where the next window starts: at the end of the last one that went to readers. None before anything was read.

    ``editions`` are the latest ones, in any order.
    """
    return _start(installation, editions) if installation else None


def next_number(editions: Sequence[Edition], plan: DigestPlan) -> int:
    """The number of an edition that is drafted now. A number that never reached readers is used again."""
    free = [edition.number + 1 if edition.state in _COVERED else edition.number for edition in editions]
    return max([plan.first_number, *free])


def say_when(moment: datetime) -> str:
    """A moment for people, in London time: ``Friday 24 January 2025, 09:00``."""
    local = moment.astimezone(LONDON)
    return f"{say_day(local.date())}, {local:%H:%M}"


def say_span(span: timedelta) -> str:
    """How long something takes, to the minute: ``20 minutes``, ``1 hour``, ``1 hour 30 minutes``."""
    hours, minutes = divmod(round(span.total_seconds() / 60), 60)
    parts = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in ((hours, "hour"), (minutes, "minute"))]
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 minutes"


def say_day(day: date) -> str:
    """A day for people: ``Friday 24 January 2025``."""
    return f"{_WEEKDAYS[day.weekday()]} {say_date(day)}"


def say_time(at: time) -> str:
    """A time of day as people write it: ``11:59pm``, ``5pm``, ``midday``."""
    if at == time(12):
        return "midday"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'pm' if at.hour >= 12 else 'am'}"


def with_time(day: str, at: time | None) -> str:
    """A day that was said, and its time of day where it has one: ``Thursday 3 December 2026, 11:59pm``."""
    return f"{day}, {say_time(at)}" if at else day


def say_date(day: date, *, year: bool = True) -> str:
    """A day without its weekday: ``24 January 2025``, or ``24 January``."""
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def london_day(moment: datetime) -> date:
    """The date in London at a moment."""
    return moment.astimezone(LONDON).date()


def _due_on(schedule: Schedule, day: date) -> datetime:
    # An hour that the clocks skip, or show twice, is taken by the offset before the change (fold=0).
    return datetime.combine(day, schedule.at, tzinfo=schedule.zone).astimezone(UTC)


def _day_of(schedule: Schedule, due: datetime) -> date:
    return due.astimezone(schedule.zone).date()


def _next_due(schedule: Schedule, due: datetime) -> datetime:
    return _due_on(schedule, _day_of(schedule, due) + _WEEK)


def _one_waits(editions: Sequence[Edition], now: datetime) -> bool:
    return any(edition.waits(now) for edition in editions)


def _exists(due_on: date, editions: Sequence[Edition]) -> bool:
    return any(edition.id == due_on.isoformat() for edition in editions)


def _start(installation: Installation, editions: Sequence[Edition]) -> datetime:
    # An edition that lapsed still shows by its own start what had been covered before it.
    ends = [edition.window.end if edition.state in _COVERED else edition.window.start for edition in editions]
    return max([installation.window_start, *ends])


def _due(
    schedule: Schedule, due_on: date, window: Window, installation: Installation, editions: Sequence[Edition]
) -> Due:
    known = {edition.id: edition for edition in editions}
    not_approved: list[date] = []
    not_drafted: list[date] = []
    due = _next_due(schedule, due_before(schedule, max(window.start, installation.first_pass_at)))
    while due < window.end:
        day = _day_of(schedule, due)
        edition = known.get(day.isoformat())
        if edition is None:
            not_drafted.append(day)
        elif edition.state not in _COVERED:
            not_approved.append(day)
        due = _next_due(schedule, due)
    weeks = 1 + len(not_approved) + len(not_drafted)
    return Due(due_on.isoformat(), due_on, window, weeks, _note(weeks, not_approved, not_drafted))


def _note(weeks: int, not_approved: Sequence[date], not_drafted: Sequence[date]) -> str:
    if weeks == 1:
        return ""
    causes = [
        f"{_editions(days)} {'was' if len(days) == 1 else 'were'} {what}"
        for days, what in ((not_approved, "not approved"), (not_drafted, "not drafted"))
        if days
    ]
    count = _NUMBERS[weeks] if weeks < len(_NUMBERS) else str(weeks)
    return f"This edition covers {count} weeks: {' and '.join(causes)}."


def _editions(days: Sequence[date]) -> str:
    if len(days) == 1:
        return f"the edition of {say_date(days[0], year=False)}"
    named = [say_date(day, year=False) for day in days]
    if len(days) > _NAMED_EDITIONS:
        return f"{len(days)} editions from {named[0]} to {named[-1]}"
    return f"the editions of {', '.join(named[:-1])} and {named[-1]}"
