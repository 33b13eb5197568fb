"""Reads GOV.UK's Search API: open consultations and calls for evidence with their closing dates, and algorithmic
transparency records.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urljoin

from adapters.feeds.feed import MAX_SUMMARY
from adapters.feeds.sources.fields import Row, day, day_in_words, row, stamp, time_of_day, words
from adapters.feeds.sources.pages import Paging, by_offset
from adapters.feeds.sources.shape import ApiFormat, list_under
from digests.identity import MAX_URL_LENGTH
from digests.model import FeedEntry, Kind

_SITE = "https://www.gov.uk"
_KINDS = {
    "open_consultation": Kind.CONSULTATION,
    "closed_consultation": Kind.CONSULTATION,
    "consultation": Kind.CONSULTATION,
    "consultation_outcome": Kind.CONSULTATION_OUTCOME,
    "open_call_for_evidence": Kind.CALL_FOR_EVIDENCE,
    "closed_call_for_evidence": Kind.CALL_FOR_EVIDENCE,
    "call_for_evidence": Kind.CALL_FOR_EVIDENCE,
    "algorithmic_transparency_record": Kind.TRANSPARENCY_RECORD,
}
_MAX_BODY_NAME = 60
# What only a search result has, whichever of its fields were asked for.
_OF_A_SEARCH = {"public_timestamp", "content_store_document_type", "es_score", "_id", "format", "organisations"}


def entry(result: Row, today: date) -> FeedEntry:
    """One search result. Its id is the one that GOV.UK's search feeds give it."""
    link = words(result.get("link"), MAX_URL_LENGTH)
    path = link.removeprefix(_SITE)
    title = words(result.get("title"))
    kind = _KINDS.get(words(result.get("content_store_document_type"))) or _KINDS.get(words(result.get("format")))
    deadline = day(result.get("end_date"))
    return FeedEntry(
        id=f"tag:www.gov.uk,2005:{path}" if path.startswith("/") else link,
        title=title,
        link=_absolute(link),
        updated=stamp(result.get("public_timestamp")),
        summary=words(result.get("description"), MAX_SUMMARY),
        kind=kind,
        publisher=_publisher(title, kind, result.get("organisations")),
        deadline=deadline,
        deadline_time=time_of_day(result.get("end_date")) if deadline else None,
        date_words=f"closes on {day_in_words(deadline)}" if deadline else "",
    )


def _absolute(link: str) -> str:
    try:
        return urljoin(_SITE, link) if link else ""
    except ValueError:
        return ""


def _publisher(title: str, kind: Kind | None, organisations: Any) -> str:
    """Who publishes: the first organisation named.

    Every transparency record names the same three bodies, which run the register. The body whose tool it is stands
    before the colon of the title.
    """
    if kind is Kind.TRANSPARENCY_RECORD:
        body, colon, _ = title.partition(": ")
        return body.strip() if colon and len(body) <= _MAX_BODY_NAME else ""
    first = organisations[0] if isinstance(organisations, list) and organisations else None
    return words(row(first).get("title") or first)


def _is_result(result: Row) -> bool:
    link = result.get("link")
    is_ours = isinstance(link, str) and link.startswith(("/", f"{_SITE}/"))
    return is_ours and "title" in result and not _OF_A_SEARCH.isdisjoint(result)


FORMAT = ApiFormat(
    "search results",
    list_under("results"),
    entry,
    _is_result,
    # A search is for all that answers it: a register, or what is open now.
    paging=Paging(by_offset("start", "count", "total"), standing=True),
)
