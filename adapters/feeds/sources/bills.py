"""Reads the bills before Parliament: one entry for each bill, at its present stage, with the day of its next sitting.

The list tells the sittings of the present stage alone; a second request tells those of every stage, a third what the
bill is for: that is its summary, and it is empty until it is known, so that nothing less is ever put in its place.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from adapters.feeds.feed import MAX_CATEGORY, MAX_SUMMARY
from adapters.feeds.sources.fields import Row, day, day_in_words, inner, row, rows, segment, stamp, words
from adapters.feeds.sources.pages import Paging, by_offset
from adapters.feeds.sources.shape import ApiFormat, Further, below, has, list_under
from digests.model import FeedEntry, Kind

_HOUSES = {"Commons": "House of Commons", "Lords": "House of Lords"}
_LAW = "Royal Assent"


def entry(bill: Row, today: date) -> FeedEntry:
    """One bill. A sitting that is over is not stated: the day of a bill is the day to come."""
    number = segment(bill.get("billId"))
    present = row(bill.get("currentStage"))
    known = FeedEntry(
        id=f"bill/{number}" if number else "",
        title=words(bill.get("shortTitle")),
        link=f"https://bills.parliament.uk/bills/{number}" if number else "",
        updated=stamp(bill.get("lastUpdate")),
        stage=_stage(bill, present),
        kind=Kind.BILL,
    )
    return _with_next_sitting(known, [present], today)


def _stage(bill: Row, present: Row) -> str:
    if bill.get("isAct") is True:
        return _LAW
    if bill.get("billWithdrawn"):
        return "Withdrawn"
    if bill.get("isDefeated") is True:
        return "Defeated"
    return words(present.get("description"), MAX_CATEGORY)


def _where(stage: Row) -> str:
    name, house = words(stage.get("description"), MAX_CATEGORY), _HOUSES.get(words(stage.get("house")))
    return f"{name} in the {house}" if name and house else name


def _with_next_sitting(known: FeedEntry, stages: list[Row], today: date) -> FeedEntry:
    sittings = [
        (when, _where(stage))
        for stage in stages
        for sitting in rows(stage.get("stageSittings"))
        if (when := day(sitting.get("date"))) and when >= today
    ]
    if not sittings:
        return known
    when, what = min(sittings)
    return replace(known, happens_on=when, date_words=f"{what or 'sitting'} on {day_in_words(when)}")


def _with_stages(known: FeedEntry, answer: Any, today: date) -> FeedEntry:
    return _with_next_sitting(known, rows(row(answer).get("items")), today)


def _with_purpose(known: FeedEntry, answer: Any, today: date) -> FeedEntry:
    bill = inner(answer)
    purpose = words(bill.get("longTitle"), MAX_SUMMARY) or words(bill.get("summary"), MAX_SUMMARY)
    return replace(known, summary=purpose)


def _is_open(known: FeedEntry) -> bool:
    return known.stage not in (_LAW, "Withdrawn", "Defeated")


FORMAT = ApiFormat(
    "bills",
    list_under("items"),
    entry,
    has("billId", "shortTitle"),
    (
        Further(
            wanted=_is_open,
            url=lambda entry_id, list_url: f"{below(entry_id, list_url)}/Stages?Take=50",
            merge=_with_stages,
            daily=True,
        ),
        Further(wanted=lambda known: not known.summary, url=below, merge=_with_purpose),
    ),
    Paging(by_offset("Skip", "Take", "totalResults")),
)
