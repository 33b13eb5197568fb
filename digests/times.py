"""Reads the time of day that stands right before or right behind a date: “5pm on”, “, at 11:59pm”, “(12 noon)”."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

# Nobody writes more than this between a time of day and its date.
_REACH = 60

_TIME = (
    r"(?:(?:12\s+)?(?:midday|noon|midnight)\b"
    r"|\d{1,2}(?:\s?[:.]\s?[0-5]\d)?\s?[ap]\.?\s?m\b\.?"
    r"|(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s?(?:hrs?|hours)\b)?"
    r"|(?:[01]\d|2[0-3])\.[0-5]\d(?:\s?(?:hrs?|hours)\b)?)"
)
_ZONE = r"(?:[\s(]{0,2}\b(?:(?:uk|london|local|british summer|greenwich mean) time|bst|gmt)\b)?"
# Of “2-3.30pm” the first has no half of the day to itself.
_SPAN = rf"(?:(?P<first>{_TIME}|\d{{1,2}}(?:[:.][0-5]\d)?)\s*(?:to|until|till|and|-|–)\s*)?(?P<last>{_TIME}){_ZONE}"
_BEFORE = re.compile(
    rf"(?<![\w£$€.:/–-]){_SPAN}[\s,()]{{0,3}}(?:\b(?:on|of)\b[\s,]{{0,3}})?(?:\bthe\s+)?\Z", re.IGNORECASE
)
_AFTER = re.compile(
    rf"[\s,(–-]{{0,4}}(?:\b(?:at|from|by|before|until|no\s+later\s+than|starting(?:\s+at)?|between)\s+)?{_SPAN}(?![\d%])"
    r"|T(?P<iso>[0-2]\d:[0-5]\d)",
    re.IGNORECASE,
)
_PARTS = re.compile(r"(\d{1,2})(?:\s?[:.]\s?(\d\d))?(?::\d\d)?\s?([ap])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Times:
    """One time of day, or the first and last of a span, on London's clocks; and where in the text they stand.

    ``midnight`` tells that the last is midnight by name, which ends the day where something closes.
    """

    first: time
    last: time
    start: int
    end: int
    midnight: bool = False

    @property
    def closing(self) -> time:
        """The last minute in which something can be sent, where this is when it closes."""
        return time(23, 59) if self.midnight else self.last


def before(text: str) -> Times | None:
    """The time of day with which a text ends, where a date follows."""
    offset = max(len(text) - _REACH, 0)
    found = _BEFORE.search(text, offset)
    return _read(found) if found else None


def after(text: str) -> Times | None:
    """The time of day with which a text begins, where a date went before."""
    found = _AFTER.match(text[:_REACH])
    if found and found["iso"]:
        at = time.fromisoformat(found["iso"]) if found["iso"] < "24" else None
        return Times(at, at, 0, found.end()) if at else None
    return _read(found) if found else None


def _read(found: re.Match[str]) -> Times | None:
    last = _time(found["last"])
    first = _time(found["first"], found["last"]) if found["first"] else last
    if first is None or last is None:
        return None
    return Times(first, last, found.start(), found.end(), "midnight" in found["last"].lower())


def _time(words: str, following: str = "") -> time | None:
    """The time that the words name; None for “25pm”. Without a half of the day, that of what follows is meant."""
    named = words.lower().split()[-1]
    if named in ("midday", "noon"):
        return time(12)
    if named == "midnight":
        return time(0)
    parts = _PARTS.match(words)
    if parts is None:
        return None
    hour, minute, half = int(parts[1]), int(parts[2] or 0), (parts[3] or "").lower()
    if not half and following:
        end = _time(following)
        halves = [each for each in ("p", "a") if end and (at := _on_clock(hour, minute, each)) and at < end]
        half = halves[0] if halves and re.search(r"[ap]\.?\s?m|noon|midday", following.lower()) else ""
    return _on_clock(hour, minute, half)


def _on_clock(hour: int, minute: int, half: str) -> time | None:
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
