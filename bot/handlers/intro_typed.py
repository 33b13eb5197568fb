"""Reads what somebody typed into the form of a request. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.handlers.forms import tidy_line, tidy_text
from bot.introductions.model import Wish
from bot.introductions.texts import requester as texts
from bot.typed import day_of
from config.mail import is_mail_address

FIELDS = ("need", "blurb", "needed_by", "prefer", "avoid")
_MOST_ORGANISATIONS = 10


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
