"""Takes single values out of an API's rows; a value that is missing, or not what it should be, is simply empty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from adapters.feeds.feed import MAX_TITLE
from adapters.feeds.moments import moment
from adapters.feeds.plain import plain_text

LONDON = ZoneInfo("Europe/London")

Row = Mapping[str, Any]
"""One JSON object. Nothing is known of its values."""

_MAX_DATE = 40
_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


def row(value: Any) -> Row:
    """The value where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Row]:
    """The objects of a JSON list; nothing where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def inner(value: Any) -> Row:
    """What Parliament's APIs wrap as ``{"value": …, "links": …}``, or the object itself where it is bare."""
    outer = row(value)
    wrapped = outer.get("value")
    return wrapped if isinstance(wrapped, dict) else outer


def words(value: Any, limit: int = MAX_TITLE) -> str:
    """A text as plain words on one line, at most ``limit`` characters; a whole number as its digits."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    if not isinstance(value, str):
        return ""
    # JSON may hold halves of surrogate pairs, which no other text may.
    return plain_text(value.encode("utf-8", "ignore").decode(), limit)


def segment(value: Any) -> str:
    """A number or short name, made safe as one segment of an address's path; empty where there is none."""
    name = words(value, 100)
    return "" if name in (".", "..") else quote(name, safe="")


def stamp(value: Any) -> datetime | None:
    """The moment that a text names, in UTC. One without a zone is London time, as Parliament writes it."""
    if not isinstance(value, str):
        return None
    text = value.strip()[:_MAX_DATE]
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=LONDON)).astimezone(UTC)
    except (ValueError, OverflowError):
        return moment(text)


def day(value: Any) -> date | None:
    """The day in London on which a moment falls."""
    found = stamp(value)
    try:
        return found.astimezone(LONDON).date() if found else None
    except OverflowError:
        return None


def time_of_day(value: Any) -> time | None:
    """The time of day in London at which a moment falls; None where it is midnight, which means no time."""
    found = stamp(value)
    try:
        at = found.astimezone(LONDON).time().replace(second=0, microsecond=0) if found else None
    except OverflowError:
        return None
    return at if at != time(0) else None


def day_in_words(when: date) -> str:
    """A day as people write it: 28 January 2025."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
