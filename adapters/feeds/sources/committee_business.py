"""Reads the inquiries of Parliament's committees that take written evidence, with the day on which that ends.

The list names neither the committee nor what the inquiry is about; a second and a third request tell.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any
from urllib.parse import urljoin

from adapters.feeds.feed import MAX_SUMMARY
from adapters.feeds.sources.fields import Row, day, day_in_words, inner, row, rows, segment, stamp, time_of_day, words
from adapters.feeds.sources.pages import Paging, by_offset
from adapters.feeds.sources.shape import ApiFormat, Further, below, has, list_under, number_of
from digests.model import FeedEntry, Kind


def entry(business: Row, today: date) -> FeedEntry:
    """One inquiry. Its link has no words after the number: they would change with the title, and the item with them."""
    number = segment(business.get("id"))
    periods = rows(business.get("openSubmissionPeriods"))
    deadline, closes_at = _deadline(periods, today)
    return FeedEntry(
        id=f"committee-business/{number}" if number else "",
        title=words(business.get("title")),
        link=f"https://committees.parliament.uk/work/{number}/" if number else "",
        published=stamp(business.get("openDate")),
        summary=words(business.get("scope"), MAX_SUMMARY),
        categories=tuple(filter(None, [words(row(business.get("type")).get("name"), 100)])),
        kind=Kind.CALL_FOR_EVIDENCE if periods else None,
        deadline=deadline,
        deadline_time=closes_at,
        date_words=f"takes written evidence until {day_in_words(deadline)}" if deadline else "",
    )


def _deadline(periods: list[Row], today: date) -> tuple[date | None, time | None]:
    """The next day on which a period ends, and at what time. A period without an end has no deadline."""
    ends = [(end, time_of_day(period.get("endDate"))) for period in periods if (end := day(period.get("endDate")))]
    ends.sort(key=lambda pair: pair[0])
    return next((pair for pair in ends if pair[0] >= today), ends[-1] if ends else (None, None))


def _with_scope(known: FeedEntry, answer: Any, today: date) -> FeedEntry:
    return replace(known, summary=words(inner(answer).get("scope"), MAX_SUMMARY) or known.summary)


def _committees_url(entry_id: str, list_url: str) -> str:
    return urljoin(list_url, f"Committees?CommitteeBusinessId={number_of(entry_id)}")


def _with_committee(known: FeedEntry, answer: Any, today: date) -> FeedEntry:
    names = (words(inner(committee).get("name")) for committee in rows(row(answer).get("items")))
    return replace(known, publisher=next(filter(None, names), known.publisher))


FORMAT = ApiFormat(
    "committees’ inquiries",
    list_under("items"),
    entry,
    has("id", "title", "openDate"),
    (
        Further(wanted=lambda known: not known.summary, url=below, merge=_with_scope),
        Further(wanted=lambda known: not known.publisher, url=_committees_url, merge=_with_committee),
    ),
    Paging(by_offset("Skip", "Take", "totalResults"), standing=True),
)
