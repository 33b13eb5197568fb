"""When the nightly backup is due, and which older ones have had their time: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot.keeping.model import Manifest
from digests.calendar import LONDON, london_day

AT = time(3)
"""The hour of the nightly backup, in London. In the night in which the clock goes forward it still exists."""
NIGHTLY = "nightly"
"""What a manifest says that such a backup was made for. Only these are ever deleted."""

_AHEAD = timedelta(hours=1)


def due_since(now: datetime) -> datetime:
    """The latest moment, not after ``now``, at which a nightly backup was due."""
    today = now.astimezone(LONDON)
    due = datetime.combine(today.date(), AT, LONDON)
    if due > today:
        due = datetime.combine(today.date() - timedelta(days=1), AT, LONDON)
    return due.astimezone(now.tzinfo)


def is_due(made: Sequence[datetime], now: datetime) -> bool:
    """Whether a nightly backup should be made: where none was since the last time that one was due."""
    return not any(due_since(now) <= each and not is_ahead(each, now) for each in made)


def is_ahead(made_at: datetime, now: datetime) -> bool:
    """Whether a backup was made while the clock was wrong, so that when it was made says nothing."""
    return made_at > now + _AHEAD


def to_drop(backups: Sequence[Manifest], days: int, weeks: int) -> list[Manifest]:
    """The nightly backups that have had their time.

    Kept are the newest of each of the last ``days`` London days that have one, and the newest of each of the last
    ``weeks`` weeks. Days and weeks without a backup do not count, so that a rest deletes nothing.
    """
    nightly = sorted((each for each in backups if each.why == NIGHTLY), key=lambda each: each.made_at, reverse=True)
    by_day: dict[object, str] = {}
    by_week: dict[object, str] = {}
    for each in nightly:
        day = london_day(each.made_at)
        by_day.setdefault(day, each.file)
        by_week.setdefault(day.isocalendar()[:2], each.file)
    kept = {*list(by_day.values())[:days], *list(by_week.values())[:weeks]}
    return [each for each in nightly if each.file not in kept]
