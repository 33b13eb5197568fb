"""Reads Parliament's written questions and their answers.

The list cuts answers at 255 characters and says so with dots; it cuts questions at the same length and says nothing.
The single item has both in full.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from adapters.feeds.feed import MAX_SUMMARY
from adapters.feeds.sources.fields import Row, day, inner, segment, stamp, words
from adapters.feeds.sources.pages import Paging, by_offset
from adapters.feeds.sources.shape import ApiFormat, Further, below, has, list_under
from digests.model import FeedEntry, Kind

CUT_AT = 255
_PAGES = "https://questions-statements.parliament.uk/written-questions/detail"
_MAX_TEXT = 2 * MAX_SUMMARY


def marked(text: Any) -> str:
    """A text of the list, with an ellipsis where the list may have cut it."""
    if not isinstance(text, str):
        return ""
    if len(text) >= CUT_AT:
        return words(text, _MAX_TEXT).removesuffix("...").rstrip() + "…"
    return words(text, _MAX_TEXT)


def entry(question: Row, today: date) -> FeedEntry | None:
    """One question, dated by its answer once it has one. Withdrawn questions are left out."""
    if question.get("isWithdrawn") is True:
        return None
    tabled, uin = day(question.get("dateTabled")), segment(question.get("uin"))
    answered = stamp(question.get("dateAnswered"))
    published = answered or stamp(question.get("dateTabled"))
    number = segment(question.get("id")) or (f"{tabled}/{uin}" if tabled and uin else "")
    return FeedEntry(
        id=f"written-question/{number}" if number else "",
        title=words(question.get("heading")) or words(question.get("questionText"), 120),
        link=f"{_PAGES}/{tabled.isoformat()}/{uin}" if tabled and uin else "",
        published=published,
        updated=stamp(question.get("dateAnswerCorrected")) or published,
        summary=_summary(marked(question.get("questionText")), marked(question.get("answerText"))),
        kind=Kind.WRITTEN_QUESTION,
        publisher=words(question.get("answeringBodyName")),
    )


def _summary(question: str, answer: str) -> str:
    parts = [f"[{name}] {text}" for name, text in (("Question", question), ("Answer", answer)) if text]
    return words(" ".join(parts), MAX_SUMMARY)


def _with_full_text(known: FeedEntry, answer: Any, today: date) -> FeedEntry:
    question = inner(answer)
    texts = (words(question.get(name), _MAX_TEXT) for name in ("questionText", "answerText"))
    return replace(known, summary=_summary(*texts) or known.summary)


FULL_TEXT = Further(wanted=lambda known: "…" in known.summary, url=below, merge=_with_full_text)
FORMAT = ApiFormat(
    "written questions",
    list_under("results"),
    entry,
    has("uin", "dateTabled"),
    (FULL_TEXT,),
    Paging(by_offset("skip", "take", "totalResults")),
)
