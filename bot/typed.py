"""Reads numbers, days and moments that people or buttons bring, which may be anything. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from digests.calendar import LONDON, say_day
from digests.errors import ConfigError

_MOST_DIGITS = 15
_MOST_CHARACTERS = 60
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(r"(?P<weekday>[a-z]{3,9})\.? (?=.*[0-9])")
_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)\b")
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<year>[0-9]{4})(?P<by>[-/.])(?P<month>[0-9]{1,2})(?P=by)(?P<day>[0-9]{1,2})",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        rf"(?P<day>[0-9]{{1,2}})(?P<by>[ /.-])(?P<month>[0-9]{{1,2}})(?P=by){_YEAR}",
        r"(?P<day>[0-9]{1,2})[/.](?P<month>[0-9]{1,2})",
        rf"(?P<day>[0-9]{{1,2}})[ /.-]?(?:of )?(?P<name>[a-z]{{3,9}})\.?(?:[ /.-]?{_YEAR})?",
        r"(?P<name>[a-z]{3,9})\.?[ /.-]?(?:the )?(?P<day>[0-9]{1,2})(?: (?P<year>[0-9]{4}))?",
    )
)


def whole_number(words: str) -> int | None:
    """The number, where the words are nothing but up to 15 of the digits 0 to 9; otherwise None."""
    return int(words) if words.isascii() and words.isdigit() and len(words) <= _MOST_DIGITS else None


def day_of(words: str, today: date | None = None, *, past: bool = False) -> date | None:
    """The day that somebody typed, as people in the UK write days, or ISO 8601 has them; None where it is none.

    Where no year was typed it is the next such day, ``today`` (in London) included; with ``past`` the latest one; and
    none at all without ``today``. The day comes before the month. A weekday that is another one is a mistake: None.
    """
    if len(words) > _MOST_CHARACTERS:
        return None
    tidy = " ".join(_ORDINAL.sub("", words.lower().replace(",", " ")).split()).rstrip(" .")
    weekday = _WEEKDAY.match(tidy)
    number = _numbered(_WEEKDAYS, weekday["weekday"]) if weekday else None
    rest = tidy[weekday.end() :].removeprefix("the ") if weekday and number is not None else tidy.removeprefix("the ")
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(rest))), None)
    if found is None:
        return None
    day = _day(found.groupdict(), today, past=past)
    return day if day is None or number is None or day.weekday() == number else None


def settled(words: str, today: date) -> str:
    """What was typed, with the day written out in full, so that it is the same day whenever it is read again."""
    day = day_of(words, today)
    return words if day is None else say_day(day)


def _day(parts: dict[str, str | None], today: date | None, *, past: bool) -> date | None:
    name = _numbered(_MONTHS, parts.get("name") or "")
    month = int(parts.get("month") or 0) if name is None else name + 1
    number = int(parts["day"] or 0)
    if year := parts.get("year"):
        return _existing(int(year) + (2000 if len(year) == 2 else 0), month, number)
    if today is None:
        return None
    # Eight years hold a 29th of February, wherever they begin.
    years = range(today.year, today.year - 9, -1) if past else range(today.year, today.year + 9)
    days = (day for each in years if (day := _existing(each, month, number)))
    return next((day for day in days if (day <= today if past else day >= today)), None)


def _existing(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numbered(names: tuple[str, ...], word: str) -> int | None:
    """Which of the names a word is, short or in full: ``sept`` is the ninth month. They differ in three letters."""
    return next((at for at, name in enumerate(names) if len(word) >= 3 and name.startswith(word)), None)


def moment_of(words: str, option: str) -> datetime:
    """The moment (UTC) that an option of a command names; without a zone it is London's. Raises ConfigError."""
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise ConfigError([f"{option}: “{words}” is not a date. Write 2025-01-17 or 2025-01-17T09:00."]) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=LONDON)
    return moment.astimezone(UTC)


def in_bytes(size: int) -> str:
    """A size as people say it: ``640 kB``, ``3.1 MB``, ``12.0 GB``."""
    for unit, least in (("GB", 1_000_000_000), ("MB", 100_000)):
        if size >= least:
            return f"{size / (1_000_000_000 if unit == 'GB' else 1_000_000):,.1f} {unit}"
    return f"{size / 1_000:.0f} kB"
