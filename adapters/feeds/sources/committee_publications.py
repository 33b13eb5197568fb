"""Reads what Parliament's committees publish: reports, evidence, letters, government responses."""

from __future__ import annotations

from datetime import date

from adapters.feeds.feed import MAX_SUMMARY
from adapters.feeds.sources.fields import Row, row, rows, segment, stamp, words
from adapters.feeds.sources.pages import Paging, by_offset
from adapters.feeds.sources.shape import ApiFormat, has, list_under
from digests.model import FeedEntry, Kind

_KINDS = {
    "report": Kind.COMMITTEE_REPORT,
    "special report": Kind.COMMITTEE_REPORT,
    "oral evidence": Kind.EVIDENCE_SESSION,
    "oral evidence transcript": Kind.EVIDENCE_SESSION,
}


def entry(publication: Row, today: date) -> FeedEntry:
    """One publication, by its committee; the summary says what sort it is and for which inquiries."""
    number = segment(publication.get("id"))
    sort = words(row(publication.get("type")).get("name"), 100)
    inquiries = [title for each in rows(publication.get("businesses")) if (title := words(each.get("title")))]
    title = words(publication.get("description"))
    if not title and sort and inquiries:
        title = words(f"{sort}: {inquiries[0]}")
    return FeedEntry(
        id=f"committee-publication/{number}" if number else "",
        title=title,
        link=f"https://committees.parliament.uk/publications/{number}/" if number else "",
        published=stamp(publication.get("publicationStartDate")),
        summary=words(". ".join(filter(None, [sort, *inquiries])), MAX_SUMMARY),
        categories=(sort,) if sort else (),
        kind=_KINDS.get(sort.casefold(), Kind.COMMITTEE_PUBLICATION),
        publisher=words(row(publication.get("committee")).get("name")),
    )


FORMAT = ApiFormat(
    "committees’ publications",
    list_under("items"),
    entry,
    has("id", "publicationStartDate"),
    paging=Paging(by_offset("Skip", "Take", "totalResults")),
)
