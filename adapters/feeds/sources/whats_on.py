"""Reads Parliament's calendar: debates, committee meetings and other business to come."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from adapters.feeds.feed import MAX_SUMMARY
from adapters.feeds.sources.fields import Row, day, day_in_words, row, rows, segment, words
from adapters.feeds.sources.shape import ApiFormat, has
from digests.model import FeedEntry, Kind

_HOURS = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?=:|\Z)")
_DEBATED_IN = ("Main Chamber", "Westminster Hall", "Grand Committee")
_HOUSES = {"Commons": "House of Commons", "Lords": "House of Lords"}


def entry(event: Row, today: date) -> FeedEntry | None:
    """One event to come. What is over is left out."""
    when = day(event.get("StartDate"))
    if when and when < today:
        return None
    number = segment(event.get("Id"))
    where, category = words(event.get("Type"), 100), words(event.get("Category"), 100)
    house = words(event.get("House"), 100)
    place = ", ".join(filter(None, [_HOUSES.get(house, house), where, category, words(event.get("Location"), 100)]))
    return FeedEntry(
        id=f"whats-on/{number}" if number else "",
        title=_title(event, category),
        link=f"https://whatson.parliament.uk/event/cal{number}" if number else "",
        summary=words(". ".join(filter(None, [place, _details(event)])), MAX_SUMMARY),
        categories=(category,) if category else (),
        kind=_kind(where, category),
        publisher=words(row(event.get("Committee")).get("Description")) or _HOUSES.get(house, ""),
        happens_on=when,
        happens_at=_at(words(event.get("StartTime"), 20)) if when else None,
        date_words=_when(when, words(event.get("StartTime"), 20)) if when else "",
    )


def _kind(where: str, category: str) -> Kind:
    if "oral evidence" in category.casefold():
        return Kind.EVIDENCE_SESSION
    return Kind.DEBATE if where in _DEBATED_IN else Kind.EVENT


def _at(hours: str) -> time | None:
    found = _HOURS.match(hours)
    # Midnight is what stands there when nobody knows.
    return time.fromisoformat(found[0]) if found and found[0] != "00:00" else None


def _when(day_of_it: date, time: str) -> str:
    """The day, and the time of day in London where it is known: 29 January 2025, 14:30."""
    hours = _HOURS.match(time)
    return f"{day_in_words(day_of_it)}, {hours[0]}" if hours else day_in_words(day_of_it)


def _title(event: Row, category: str) -> str:
    """What is to happen; of a committee's meeting, the inquiry with the committee's name before it."""
    what = words(event.get("Description"))
    bill = words(event.get("BillName"))
    if bill and bill not in what:
        what = f"{bill}: {what}" if what else bill
    committee = words(row(event.get("Committee")).get("Description"))
    what = what or next(iter(_inquiries(event)), "") or category
    return words(f"{committee}: {what}" if committee and committee not in what else what)


def _inquiries(event: Row) -> list[str]:
    inquiries = rows(row(event.get("Committee")).get("Inquiries"))
    names = (words(each.get("Description")) or words(each.get("Name")) for each in inquiries)
    return [name for name in names if name]


def _details(event: Row) -> str:
    inquiries = _inquiries(event)
    return "; ".join(inquiries) if inquiries else words(event.get("SummarisedDetails"), MAX_SUMMARY)


def _rows(document: Any) -> list[Any] | None:
    return document if isinstance(document, list) else None


FORMAT = ApiFormat("events", _rows, entry, has("Id", "StartDate", "House"))
