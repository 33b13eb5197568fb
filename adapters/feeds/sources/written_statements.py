"""Reads ministers' written statements to Parliament. The list cuts their text; the single item has it in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from adapters.feeds.feed import MAX_SUMMARY
from adapters.feeds.sources.fields import Row, day, inner, segment, stamp, words
from adapters.feeds.sources.pages import Paging, by_offset
from adapters.feeds.sources.shape import ApiFormat, Further, below, has, list_under
from adapters.feeds.sources.written_questions import marked
from digests.model import FeedEntry, Kind

_PAGES = "https://questions-statements.parliament.uk/written-statements/detail"


def entry(statement: Row, today: date) -> FeedEntry:
    """One statement, published by the department whose minister made it."""
    made, uin = day(statement.get("dateMade")), segment(statement.get("uin"))
    number = segment(statement.get("id")) or (f"{made}/{uin}" if made and uin else "")
    return FeedEntry(
        id=f"written-statement/{number}" if number else "",
        title=words(statement.get("title")),
        link=f"{_PAGES}/{made.isoformat()}/{uin}" if made and uin else "",
        published=stamp(statement.get("dateMade")),
        summary=words(marked(statement.get("text")), MAX_SUMMARY),
        kind=Kind.WRITTEN_STATEMENT,
        publisher=words(statement.get("answeringBodyName")),
    )


def _with_full_text(known: FeedEntry, answer: Any, today: date) -> FeedEntry:
    return replace(known, summary=words(inner(answer).get("text"), MAX_SUMMARY) or known.summary)


FULL_TEXT = Further(wanted=lambda known: "…" in known.summary, url=below, merge=_with_full_text)
FORMAT = ApiFormat(
    "written statements",
    list_under("results"),
    entry,
    has("uin", "dateMade"),
    (FULL_TEXT,),
    Paging(by_offset("skip", "take", "totalResults")),
)
