"""Reads what somebody typed into the form of a request. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.handlers.forms import tidy_line, tidy_text
from bot.introductions.model import Wish
from bot.introductions.texts import requester as texts
from config.mail import is_mail_address

FIELDS = ("need", "blurb", "needed_by", "prefer", "avoid")
_MOST_ORGANISATIONS = 10
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+", re.IGNORECASE)
_WITH_YEAR = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%B %d %Y", "%b %d %Y")
_WITHOUT = ("%d %B", "%d %b", "%B %d", "%b %d")


def wish_of(fields: Mapping[str, str], today: date) -> tuple[Wish, dict[str, str]]:
    """What was asked for, and a sentence for each field that cannot be taken as it is. ``today`` is in London."""
    need, blurb = tidy_text(fields.get("need", "")), tidy_text(fields.get("blurb", ""))
    errors: dict[str, str] = {}
    if len(need) < texts.NEED_AT_LEAST:
        errors["need"] = texts.TOO_SHORT
    elif len(need) > texts.NEED_AT_MOST:
        errors["need"] = texts.TOO_LONG
    if not blurb:
        errors["blurb"] = texts.BLURB_NEEDED
    elif len(blurb) > texts.BLURB_AT_MOST:
        errors["blurb"] = texts.BLURB_TOO_LONG
    needed_by = None
    if typed := tidy_line(fields.get("needed_by", "")):
        needed_by = day_of(typed, today)
        if needed_by is None:
            errors["needed_by"] = texts.NO_DATE
        elif needed_by < today:
            errors["needed_by"] = texts.PAST_DATE
    return Wish(need, blurb, needed_by, names_of(fields.get("prefer", "")), names_of(fields.get("avoid", ""))), errors


def email_of(typed: str) -> tuple[str, str]:
    """An e-mail address, or nothing; and what is wrong with it."""
    address = tidy_line(typed)
    return ("", texts.NO_EMAIL) if address and not is_mail_address(address) else (address, "")


def too_long(fields: Mapping[str, str], names: Sequence[str], most: int = texts.LINE_AT_MOST) -> dict[str, str]:
    """A sentence for each of these fields that has more than fits in a line."""
    return {name: texts.LINE_TOO_LONG for name in names if len(tidy_line(fields.get(name, ""))) > most}


def names_of(typed: str) -> tuple[str, ...]:
    """The names in a list with commas."""
    names = (tidy_line(name) for name in re.split(r"[,;\n]", typed))
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_ORGANISATIONS]


def day_of(typed: str, today: date) -> date | None:
    """The day that was meant; without a year, the next of that name."""
    words = _WEEKDAY.sub("", _ORDINAL.sub("", typed.strip().rstrip("."))).replace(",", " ")
    words = " ".join(words.split())
    for shape in _WITH_YEAR:
        if (found := _parsed(words, shape)) is not None:
            return found
    for shape in _WITHOUT:
        # In a leap year, so that the 29th of February is a day.
        if (found := _parsed(f"{words} 2000", f"{shape} %Y")) is not None:
            return _next(found, today)
    return None


def _next(day: date, today: date) -> date | None:
    for year in range(today.year, today.year + 9):
        try:
            moved = day.replace(year=year)
        except ValueError:
            continue
        if moved >= today:
            return moved
    return None


def _parsed(words: str, shape: str) -> date | None:
    try:
        return datetime.strptime(words, shape).date()  # noqa: DTZ007 - a day, of no zone
    except ValueError:
        return None
