"""Reads the dates that feeds write: RFC 822, ISO 8601, and what people make of them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

# Names of zones that feeds use and that mean one thing only, as hours from UTC. Any other name is read as UTC.
_ZONE_HOURS = {
    "bst": 1,
    "west": 1,
    "cet": 1,
    "cest": 2,
    "eet": 2,
    "eest": 3,
    "msk": 3,
    "ast": -4,
    "adt": -3,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
    "jst": 9,
    "aest": 10,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
}
_WIDEST = timedelta(hours=14)
_MAX_LENGTH = 100
# What most feeds write, in one step.
_EXACT = re.compile(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EXACT_822 = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-3][0-9]) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) "
    r"([0-2][0-9]):([0-5][0-9]):([0-5][0-9]) (?:GMT|([+-])(0[0-9]|1[0-3])([0-5][0-9]))"
)
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
_PARTS = re.compile(
    r"""
    (?P<when>.*?\d:\d\d(?::\d\d(?:[.,]\d+)?)?)           # up to the end of the time of day
    (?:\s*(?P<name>[a-z]{1,5}(?![a-z])))?               # BST, GMT, Z
    (?:\s*(?P<sign>[+-])(?P<hours>\d\d?):?(?P<minutes>\d\d)?)?
    \s*(?:\([^()]*\))?                                  # (British Summer Time)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_READERS: tuple[Callable[[str], datetime], ...] = (datetime.fromisoformat, parsedate_to_datetime)


def moment(words: str, fallback: time.struct_time | None = None) -> datetime | None:
    """The moment that a feed's date names, in UTC; None where it names none.

    A date without a zone is UTC. ``fallback`` is the feed parser's own reading (in UTC), for formats not known here.
    """
    if not words:
        return None
    if _EXACT.fullmatch(words):
        with suppress(ValueError):
            return datetime.fromisoformat(words).astimezone(UTC)
    if exact := _EXACT_822.fullmatch(words):
        with suppress(ValueError):
            return _exactly(*exact.groups())
    return _carefully(words, fallback)


def _exactly(
    day: str, month: str, year: str, hour: str, minute: str, second: str, sign: str | None, hours: str, minutes: str
) -> datetime:
    at = datetime(int(year), _MONTH_NUMBERS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    if sign is None:
        return at
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return at - offset if sign == "+" else at + offset


def _carefully(words: str, fallback: time.struct_time | None) -> datetime | None:
    words = " ".join(words[:_MAX_LENGTH].split())
    when, zone = words, UTC
    if parts := _PARTS.fullmatch(words):
        when = parts["when"]
        offset = _offset(parts)
        if abs(offset) > _WIDEST:
            return None
        zone = timezone(offset)
    for read in _READERS:
        try:
            found = read(when)
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    if fallback is None:
        return None
    try:
        return datetime(*fallback[:6], tzinfo=UTC)
    except ValueError:
        return None


def _offset(parts: re.Match[str]) -> timedelta:
    if parts["sign"]:
        size = timedelta(hours=int(parts["hours"]), minutes=int(parts["minutes"] or 0))
        return -size if parts["sign"] == "-" else size
    return timedelta(hours=_ZONE_HOURS.get((parts["name"] or "").lower(), 0))
