"""Reads petitions to Parliament that enough people have signed for the government to answer."""

from __future__ import annotations

from datetime import date

from adapters.feeds.feed import MAX_SUMMARY
from adapters.feeds.sources.fields import Row, day, day_in_words, row, segment, stamp, words
from adapters.feeds.sources.pages import Paging, by_number
from adapters.feeds.sources.shape import ApiFormat, has, list_under
from digests.model import FeedEntry, Kind

ANSWERED_FROM = 10_000
DEBATED_FROM = 100_000


def entry(petition: Row, today: date) -> FeedEntry | None:
    """One petition. The summary names the round number passed, not the count, which changes every minute."""
    attributes = row(petition.get("attributes"))
    count = attributes.get("signature_count")
    if not isinstance(count, int) or count < ANSWERED_FROM:
        return None
    number = segment(petition.get("id"))
    passed = DEBATED_FROM if count >= DEBATED_FROM else ANSWERED_FROM
    texts = [words(attributes.get(name), MAX_SUMMARY) for name in ("background", "additional_details")]
    debated_on = day(attributes.get("scheduled_debate_date"))
    upcoming = debated_on if debated_on and debated_on >= today else None
    return FeedEntry(
        id=f"petition/{number}" if number else "",
        title=words(attributes.get("action")),
        link=f"https://petition.parliament.uk/petitions/{number}" if number else "",
        published=stamp(attributes.get("response_threshold_reached_at")) or stamp(attributes.get("opened_at")),
        summary=words(" ".join(filter(None, [f"Signed by at least {passed:,} people.", *texts])), MAX_SUMMARY),
        categories=("petition",),
        kind=Kind.PETITION,
        happens_on=upcoming,
        date_words=f"to be debated on {day_in_words(upcoming)}" if upcoming else "",
    )


def _is_petition(petition: Row) -> bool:
    return petition.get("type") == "petition" and has("action", "signature_count")(row(petition.get("attributes")))


FORMAT = ApiFormat(
    "petitions",
    list_under("data"),
    entry,
    _is_petition,
    paging=Paging(by_number("page"), standing=True),
)
