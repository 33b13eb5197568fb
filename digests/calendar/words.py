"""Days, moments and spans in words, in London time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


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
