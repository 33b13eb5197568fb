"""Lists of more than one page: read on while there is something in them, never silently cut, never asked twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from adapters.feeds.http import HttpFeedReader
from adapters.feeds.sources import READERS, listing
from adapters.feeds.sources.listing import MAX_PAGES
from adapters.feeds.sources.reader import ApiReader
from digests.model import FetchResult, Format, Outcome, Source, SourceState
from digests.polling import follow
from tests.builders import NOW, a_source
from tests.contract.test_json_sources import BILL, CONSULTATION, MOTION, PETITION, PUBLICATION, QUESTION, STATEMENT
from tests.fakes.api import FakeApi
from tests.fakes.clock import FakeClock
from tests.shared import shared_dir

FRESH = SourceState("example")
LONG_AGO = "2024-11-04T00:00:00"


class Desk:
    """An API behind a server, one source that reads it, and what is remembered of that source."""

    def __init__(self, api: FakeApi, http: HttpFeedReader, clock: FakeClock) -> None:
        self.api = api
        self.clock = clock
        self.state = FRESH
        self._reader = ApiReader(http, clock)

    def source(self, kind: Format, path: str) -> Source:
        return a_source(format=kind, url=self.api.url(path))

    async def read(self, kind: Format, path: str) -> FetchResult:
        """One fetch, after which the source's state is what the rules of polling make of it."""
        self.api.asked.clear()
        self.api.conditions.clear()
        source = self.source(kind, path)
        result = await self._reader.read(source, self.state)
        self.state, _ = follow(source, self.state, result, now=self.clock.now())
        return result


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    clock = FakeClock()
    async with FakeApi() as api, HttpFeedReader(clock, timeout_seconds=2, allow_private=True) as http:
        yield Desk(api, http, clock)


def numbered(kind: Format, numbers: Sequence[int], day: str) -> list[dict[str, Any]]:
    """Rows with these numbers, dated by one day."""
    match kind:
        case Format.GOVUK_SEARCH:
            return [
                {**CONSULTATION, "link": f"/government/consultations/{n}", "public_timestamp": day} for n in numbers
            ]
        case Format.WRITTEN_QUESTIONS:
            return [{"value": {**QUESTION, "id": n, "uin": str(n), "dateAnswered": day}} for n in numbers]
        case Format.WRITTEN_STATEMENTS:
            return [{"value": {**STATEMENT, "id": n, "uin": f"HCWS{n}", "dateMade": day}} for n in numbers]
        case Format.COMMITTEE_PUBLICATIONS:
            return [{**PUBLICATION, "id": n, "publicationStartDate": day} for n in numbers]
        case Format.COMMITTEE_BUSINESS:
            return [{"id": n, "title": f"Inquiry {n}", "type": {}, "openDate": day} for n in numbers]
        case Format.BILLS:
            return [{**BILL, "billId": n, "lastUpdate": day} for n in numbers]
        case Format.EARLY_DAY_MOTIONS:
            return [{**MOTION, "Id": n, "DateTabled": day} for n in numbers]
    return [{**PETITION, "id": n} for n in numbers]


# Where each API keeps its list and its count, and what the addresses of its first and second page are.
PAGED = {
    Format.GOVUK_SEARCH: ("results", "total", "/list?count=2", "/list?count=2&start=2"),
    Format.WRITTEN_QUESTIONS: ("results", "totalResults", "/list?take=2", "/list?take=2&skip=2"),
    Format.WRITTEN_STATEMENTS: ("results", "totalResults", "/list?take=2", "/list?take=2&skip=2"),
    Format.COMMITTEE_BUSINESS: ("items", "totalResults", "/list?Take=2", "/list?Take=2&Skip=2"),
    Format.COMMITTEE_PUBLICATIONS: ("items", "totalResults", "/list?Take=2", "/list?Take=2&Skip=2"),
    Format.BILLS: ("items", "totalResults", "/list?Take=2", "/list?Take=2&Skip=2"),
    Format.EARLY_DAY_MOTIONS: ("Response", "", "/list?parameters.take=2", "/list?parameters.take=2&parameters.skip=2"),
    Format.PETITIONS: ("data", "", "/list?state=open", "/list?state=open&page=2"),
}
QUESTIONS = "/list?take=2"
STANDING = (Format.GOVUK_SEARCH, Format.COMMITTEE_BUSINESS, Format.PETITIONS)


def answer(kind: Format, rows: list[dict[str, Any]], *, total: int, last: bool) -> dict[str, Any]:
    """One page as the API sends it."""
    key, count, *_ = PAGED[kind]
    document: dict[str, Any] = {key: rows}
    if count:
        document[count] = total
    if kind is Format.PETITIONS:
        document["links"] = {"next": None if last else "https://elsewhere.example.org/petitions.json?page=2"}
    return document


def questions(*numbers: int, total: int, day: str = "2025-01-23T00:00:00") -> dict[str, Any]:
    return answer(Format.WRITTEN_QUESTIONS, numbered(Format.WRITTEN_QUESTIONS, numbers, day), total=total, last=False)


def page(number: int) -> str:
    """The address of a page of questions, counted from 0."""
    return f"{QUESTIONS}&skip={2 * number}" if number else QUESTIONS


def ids(result: FetchResult) -> list[int]:
    return [int(entry.id.rpartition("/")[2]) for entry in result.entries]


def test_every_api_that_pages_is_tried_here() -> None:
    assert {kind for kind, api in READERS.items() if api.paging} == set(PAGED)
    assert {kind for kind, api in READERS.items() if api.paging and api.paging.standing} == set(STANDING)


@pytest.mark.parametrize("kind", PAGED)
async def test_the_second_page_is_read_too_and_nothing_after_the_last(desk: Desk, kind: Format) -> None:
    _, _, first, second = PAGED[kind]
    desk.api.documents = {
        first: answer(kind, numbered(kind, [1, 2], "2025-01-22T00:00:00"), total=3, last=False),
        second: answer(kind, numbered(kind, [3], "2025-01-22T00:00:00"), total=3, last=True),
    }
    result = await desk.read(kind, first)
    assert (result.outcome, result.reason, ids(result)) == (Outcome.READ, "", [1, 2, 3])
    assert desk.api.asked == [first, second]
    assert set(desk.api.accepted) == {"application/json"}
    assert desk.api.conditions == [None, None]


@pytest.mark.parametrize("kind", PAGED)
async def test_a_list_that_one_page_holds_is_asked_for_once(desk: Desk, kind: Format) -> None:
    first = PAGED[kind][2]
    desk.api.documents[first] = answer(kind, numbered(kind, [1], "2025-01-22T00:00:00"), total=1, last=True)
    assert ids(await desk.read(kind, first)) == [1]
    assert desk.api.asked == [first]


@pytest.mark.parametrize("kind", PAGED)
async def test_old_pages_are_read_of_what_stands_now_but_not_of_what_was_read_before(desk: Desk, kind: Format) -> None:
    _, _, first, second = PAGED[kind]
    desk.api.documents = {
        first: answer(kind, numbered(kind, [1, 2], LONG_AGO), total=3, last=False),
        second: answer(kind, numbered(kind, [3], LONG_AGO), total=3, last=True),
    }
    result = await desk.read(kind, first)
    assert desk.api.asked == ([first, second] if kind in STANDING else [first])
    assert (result.outcome, result.reason) == (Outcome.READ, "")


async def test_real_questions_are_read_page_after_page(desk: Desk) -> None:
    now = datetime(2024, 9, 20, 10, tzinfo=UTC)
    desk.clock.set(now)
    text = (shared_dir("data/snapshots") / "mysociety_uk-parl-written-questions__subset_api_shape.json").read_text()
    rows = [row for row in json.loads(text) if row["value"]["dateAnswered"][:10] < "2024-09-20"]
    rows.sort(key=lambda row: row["value"]["dateAnswered"], reverse=True)
    for start in range(0, len(rows), 20):
        found = {"totalResults": len(rows), "results": rows[start : start + 20]}
        desk.api.documents[f"/list?take=20&skip={start}" if start else "/list?take=20"] = found
    result = await desk.read(Format.WRITTEN_QUESTIONS, "/list?take=20")
    days = [datetime.fromisoformat(row["value"]["dateAnswered"]).date() for row in rows]
    recent = sum(day >= now.date() - timedelta(days=14) for day in days)
    assert 20 < recent < 100, "else this says nothing"
    pages = recent // 20 + 1
    assert len(desk.api.asked) == pages
    assert ids(result) == [row["value"]["id"] for row in rows[: 20 * pages] if not row["value"]["isWithdrawn"]]
    assert (result.outcome, result.reason) == (Outcome.READ, "")


async def test_at_most_five_pages_are_asked_for_and_the_outcome_says_that_there_are_more(desk: Desk) -> None:
    desk.api.documents = {page(n): questions(2 * n, 2 * n + 1, total=40) for n in range(20)}
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert desk.api.asked == [page(n) for n in range(MAX_PAGES)]
    assert (result.outcome, ids(result)) == (Outcome.READ, list(range(10)))
    assert result.reason == ("Only the first 10 entries of the list were read, which is as much as one reading takes.")


async def test_a_list_is_read_back_to_the_day_of_the_last_reading_and_no_further(desk: Desk) -> None:
    desk.api.documents[QUESTIONS] = questions(1, total=1)
    await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    desk.clock.advance(days=4)
    desk.api.documents = {
        page(0): questions(30, 29, total=400, day="2025-01-27T00:00:00"),
        page(1): questions(28, 27, total=400, day="2025-01-23T00:00:00"),
        page(2): questions(26, 25, total=400, day="2025-01-22T00:00:00"),
        page(3): questions(24, 23, total=400, day="2025-01-22T00:00:00"),
    }
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert desk.api.asked == [page(0), page(1), page(2)]
    assert result.reason == ""
    assert ids(result) == [30, 29, 28, 27], "what is older than the last reading would look like news"


@pytest.mark.parametrize(
    ("days", "asked"),
    [
        (("2025-01-22", "2024-11-04"), 1),  # in order: whatever follows is older still
        (("2024-11-04", "2025-01-22"), 2),  # in no order: anything may follow
    ],
)
async def test_a_page_that_runs_into_the_past_is_the_last_where_the_list_is_in_order(
    desk: Desk, days: tuple[str, str], asked: int
) -> None:
    rows = [numbered(Format.WRITTEN_QUESTIONS, [number], day)[0] for number, day in enumerate(days, 1)]
    desk.api.documents = {page(0): {"totalResults": 4, "results": rows}, page(1): {"totalResults": 4, "results": []}}
    await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert len(desk.api.asked) == asked


async def test_an_entry_that_slides_to_the_next_page_meanwhile_is_taken_once(desk: Desk) -> None:
    desk.api.documents = {page(0): questions(1, 2, total=4), page(1): questions(2, 3, total=4)}
    assert ids(await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)) == [1, 2, 3]


async def test_a_server_that_does_not_turn_the_page_is_left_alone_and_it_is_said(desk: Desk) -> None:
    desk.api.documents["/list"] = questions(1, 2, total=40)
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert desk.api.asked == [page(0), page(1)]
    assert ids(result) == [1, 2]
    assert result.reason == "Only the first 2 entries of the list were read, for the server gave the same page again."


@pytest.mark.parametrize(
    ("trouble", "outcome", "words"),
    [
        (429, Outcome.RATE_LIMITED, "The publisher asks us to come less often (429)."),
        (503, Outcome.SERVER_TROUBLE, "The publisher's server is in trouble (503)."),
    ],
)
async def test_a_first_reading_whose_later_page_fails_for_now_fails_as_a_whole_and_says_why(
    desk: Desk, trouble: int, outcome: Outcome, words: str
) -> None:
    desk.api.documents = {page(0): questions(1, 2, total=4), page(1): trouble}
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert (result.outcome, result.status, result.entries) == (outcome, trouble, ())
    assert result.reason == (
        f"Its list has further pages, and one of them could not be had. {words} Nothing was taken yet."
    )
    assert desk.state.first_read_at is None
    assert result.retry_after_seconds == 120


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (429, "The publisher asks us to come less often (429)."),
        (503, "The publisher's server is in trouble (503)."),
        (404, "There is nothing at this address (404). The feed may have moved."),
        ("<html>sorry", "The address answered with a web page, not with data."),
        ('{"results": [', "The data is damaged or cut short, and could not be read."),
    ],
)
async def test_a_later_page_that_fails_loses_nothing_of_those_before_it_and_is_asked_for_again(
    desk: Desk, trouble: Any, words: str
) -> None:
    desk.api.documents[QUESTIONS] = questions(1, total=1)
    await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    desk.api.documents = {page(0): questions(1, 2, total=4), page(1): trouble}
    desk.clock.advance(hours=1)
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert (result.outcome, ids(result)) == (Outcome.READ, [1, 2])
    assert result.reason == (
        f"Only the first 2 entries of the list were read. The next page could not be had: {words} "
        "It will be tried again."
    )
    assert (result.etag, result.last_modified, result.body_hash) == ("", "", "")
    assert result.fresh_seconds == (120 if isinstance(trouble, int) and trouble in (429, 503) else None)

    desk.api.documents[page(1)] = questions(3, 4, total=4)
    desk.clock.advance(days=2)
    again = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert desk.api.conditions == [None, None]
    assert (again.reason, ids(again)) == ("", [1, 2, 3, 4]), "the day of the last reading is no limit after a failure"


async def test_a_first_page_that_fails_is_the_outcome_as_it_ever_was(desk: Desk) -> None:
    desk.api.documents[QUESTIONS] = 503
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert (result.outcome, result.reason) == (
        Outcome.SERVER_TROUBLE,
        "The publisher's server is in trouble (503).",
    )


async def test_pages_that_take_too_long_are_left_and_it_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGES_SECONDS", 0.0)
    desk.api.documents = {page(0): questions(1, 2, total=4), page(1): questions(3, 4, total=4)}
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    await asyncio.sleep(0)
    assert ids(result) == [1, 2]
    assert result.reason == "Only the first 2 entries of the list were read, for the next did not come in time."
    assert (result.etag, bool(result.body_hash)) == ("", True)


async def test_what_was_left_out_is_counted_over_all_pages(desk: Desk) -> None:
    bad = {"value": {**QUESTION, "id": 9, "uin": None}}
    first = questions(1, total=4)
    first["results"].append(bad)
    second = questions(2, total=4)
    second["results"].append(bad)
    desk.api.documents = {page(0): first, page(1): second}
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert result.reason == "2 of 4 entries were left out, for want of a title or an address. The others were read."


async def test_pages_that_all_came_again_are_unchanged_and_one_that_changed_is_noticed(desk: Desk) -> None:
    kind = Format.GOVUK_SEARCH
    _, _, first, second = PAGED[kind]
    desk.api.documents = {
        first: answer(kind, numbered(kind, [1, 2], LONG_AGO), total=3, last=False),
        second: answer(kind, numbered(kind, [3], LONG_AGO), total=3, last=True),
    }
    whole = await desk.read(kind, first)
    assert (whole.outcome, whole.etag) == (Outcome.READ, ""), "a validator speaks for one page alone"
    desk.clock.advance(hours=1)
    again = await desk.read(kind, first)
    assert (again.outcome, again.entries, again.body_hash) == (Outcome.UNCHANGED, (), whole.body_hash)
    assert desk.api.asked == [first, second]
    desk.api.documents[second] = answer(kind, numbered(kind, [4], LONG_AGO), total=3, last=True)
    changed = await desk.read(kind, first)
    assert (changed.outcome, [entry.link[-1] for entry in changed.entries]) == (Outcome.READ, ["1", "2", "4"])


@pytest.mark.parametrize("path", ["/list?take=2", "/list?take=2&from={from}&today={today}"])
async def test_a_validator_is_sent_on_the_day_it_was_given_and_on_no_other(desk: Desk, path: str) -> None:
    desk.api.documents["/list"] = questions(1, total=1)
    assert (await desk.read(Format.WRITTEN_QUESTIONS, path)).etag == '"v1"'
    desk.clock.set(datetime(2025, 1, 23, 23, 59, tzinfo=UTC))
    result = await desk.read(Format.WRITTEN_QUESTIONS, path)
    assert (result.outcome, desk.api.conditions) == (Outcome.UNCHANGED, ['"v1"'])
    desk.clock.set(datetime(2025, 1, 24, 0, 1, tzinfo=UTC))
    result = await desk.read(Format.WRITTEN_QUESTIONS, path)
    assert (result.outcome, desk.api.conditions) == (Outcome.READ, [None])
    assert (await desk.read(Format.WRITTEN_QUESTIONS, path)).outcome is Outcome.UNCHANGED


async def test_a_new_validator_of_the_same_list_is_learnt(desk: Desk) -> None:
    desk.api.documents["/list"] = questions(1, total=1)
    await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    desk.state = replace(desk.state, etag='"an older one"')
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert (result.outcome, result.status, result.etag) == (Outcome.UNCHANGED, 200, '"v1"')
    await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert desk.api.conditions == ['"v1"']


async def test_the_day_of_a_validator_is_a_day_in_london(desk: Desk) -> None:
    desk.clock.set(datetime(2025, 6, 30, 22, 30, tzinfo=UTC))
    desk.api.documents["/list"] = questions(1, total=1)
    await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    desk.clock.set(datetime(2025, 6, 30, 23, 30, tzinfo=UTC))
    await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert desk.api.conditions == [None]


async def test_a_validator_of_another_address_is_not_sent(desk: Desk) -> None:
    desk.api.documents["/list"] = questions(1, total=1)
    await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    await desk.read(Format.WRITTEN_QUESTIONS, "/list?take=3")
    assert desk.api.conditions == [None]


async def test_the_same_body_is_read_again_on_another_day_for_it_means_something_else_then(desk: Desk) -> None:
    desk.api.documents["/list"] = {
        "items": [{**BILL, "currentStage": {"stageSittings": [{"date": "2025-01-23"}, {"date": "2025-01-30"}]}}]
    }
    assert [entry.happens_on for entry in (await desk.read(Format.BILLS, "/list")).entries] == [NOW.date()]
    desk.api.knows_validators = False
    assert (await desk.read(Format.BILLS, "/list")).outcome is Outcome.UNCHANGED
    desk.clock.advance(days=1)
    (bill,) = (await desk.read(Format.BILLS, "/list")).entries
    assert bill.happens_on == NOW.date() + timedelta(days=7)


async def test_an_address_that_begins_further_on_goes_on_from_there(desk: Desk) -> None:
    desk.api.documents = {
        "/list?SKIP=4&take=2": questions(5, 6, total=8),
        "/list?take=2&skip=6": questions(7, 8, total=8),
    }
    assert ids(await desk.read(Format.WRITTEN_QUESTIONS, "/list?SKIP=4&take=2")) == [5, 6, 7, 8]


@pytest.mark.parametrize("total", [None, "400", True, -1, 2, 10**30])
async def test_a_count_that_is_none_is_not_believed(desk: Desk, total: Any) -> None:
    desk.api.documents = {page(0): {**questions(1, 2, total=0), "totalResults": total}, page(1): {"results": []}}
    result = await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)
    assert (result.outcome, ids(result)) == (Outcome.READ, [1, 2])
    assert desk.api.asked == ([page(0)] if total in (-1, 2) else [page(0), page(1)])


async def test_petitions_with_too_few_signatures_end_the_list(desk: Desk) -> None:
    few: list[dict[str, Any]] = [
        {**PETITION, "id": n, "attributes": {**PETITION["attributes"], "signature_count": 10}} for n in (3, 4)
    ]
    kind = Format.PETITIONS
    desk.api.documents = {
        "/list?state=open": answer(kind, numbered(kind, [1, 2], LONG_AGO), total=0, last=False),
        "/list?state=open&page=2": answer(kind, few, total=0, last=False),
        "/list?state=open&page=3": answer(kind, few, total=0, last=False),
    }
    assert ids(await desk.read(kind, "/list?state=open")) == [1, 2]
    assert desk.api.asked == ["/list?state=open", "/list?state=open&page=2"]


async def test_a_source_that_was_read_when_lists_had_one_page_is_read_back_to_that_day(desk: Desk) -> None:
    desk.state = replace(FRESH, first_read_at=NOW, last_good_at=NOW, body_hash="of one page", url="")
    desk.api.documents = {
        page(0): questions(1, 2, total=9),
        page(1): questions(3, 4, total=9, day="2025-01-22T00:00:00"),
    }
    assert ids(await desk.read(Format.WRITTEN_QUESTIONS, QUESTIONS)) == [1, 2]
