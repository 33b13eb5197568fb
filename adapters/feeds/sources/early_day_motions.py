"""Reads early day motions: what members of the House of Commons put their names to."""

from __future__ import annotations

from datetime import date

from adapters.feeds.feed import MAX_SUMMARY
from adapters.feeds.sources.fields import Row, segment, stamp, words
from adapters.feeds.sources.pages import Paging, by_offset
from adapters.feeds.sources.shape import ApiFormat, has, list_under
from digests.model import FeedEntry


def entry(motion: Row, today: date) -> FeedEntry | None:
    """One motion. Withdrawn ones are left out."""
    if words(motion.get("Status")) == "Withdrawn":
        return None
    number = segment(motion.get("Id"))
    return FeedEntry(
        id=f"early-day-motion/{number}" if number else "",
        title=words(motion.get("Title")),
        link=f"https://edm.parliament.uk/early-day-motion/{number}" if number else "",
        published=stamp(motion.get("DateTabled")),
        summary=words(motion.get("MotionText"), MAX_SUMMARY),
        categories=("early day motion",),
    )


FORMAT = ApiFormat(
    "early day motions",
    list_under("Response"),
    entry,
    has("Id", "Title", "DateTabled"),
    paging=Paging(by_offset("parameters.skip", "parameters.take")),
)
