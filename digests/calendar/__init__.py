"""When things are due: worked out in London time from what exists, never remembered."""

from digests.calendar.due import (
    LEFT_OUT,
    Due,
    covered_until,
    current_window,
    decided,
    due_edition,
    early_edition,
    next_draft,
    next_number,
)
from digests.calendar.slots import (
    Slot,
    coming,
    due_after,
    due_before,
    lapses_with,
    recess_on,
    slot_after,
    slot_before,
    slot_on,
)
from digests.calendar.words import LONDON, london_day, say_date, say_day, say_span, say_time, say_when, with_time

__all__ = [
    "LEFT_OUT",
    "LONDON",
    "Due",
    "Slot",
    "coming",
    "covered_until",
    "current_window",
    "decided",
    "due_after",
    "due_before",
    "due_edition",
    "early_edition",
    "lapses_with",
    "london_day",
    "next_draft",
    "next_number",
    "recess_on",
    "say_date",
    "say_day",
    "say_span",
    "say_time",
    "say_when",
    "slot_after",
    "slot_before",
    "slot_on",
    "with_time",
]
