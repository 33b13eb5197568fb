"""The reader of every source: feeds go their way, APIs are asked for today's list, and for more only if wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import pytest_asyncio

from adapters.feeds.http import HttpFeedReader
from adapters.feeds.sources import reader as api_reader
from adapters.feeds.sources.reader import MAX_FURTHER, ApiReader
from digests.model import FeedEntry, FetchResult, Format, Outcome, SourceState
from tests.builders import NOW, a_source
from tests.contract.test_json_sources import BILL, BUSINESS, EVENT, QUESTION, STATEMENT
from tests.fakes.api import FakeApi
from tests.fakes.clock import FakeClock
from tests.fakes.publisher import FakePublisher

LIST = "/api/writtenquestions/questions"
LONG = "To ask the Secretary of State for Examples, " + "whether algorithms are used, " * 20
CUT = {**QUESTION, "questionText": LONG[:255], "answerText": "Yes. " * 51 + "..."}
FULL = {"value": {**QUESTION, "questionText": LONG, "answerText": f"<p>{'Yes. ' * 100}</p>"}}
FRESH = SourceState("example")


@pytest_asyncio.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest_asyncio.fixture
async def http(clock: FakeClock) -> AsyncIterator[HttpFeedReader]:
    async with HttpFeedReader(clock, timeout_seconds=2, allow_private=True) as reader:
        yield reader


def everything(entry: FeedEntry) -> bool:
    return True


def questions(*values: dict[str, Any]) -> dict[str, Any]:
    return {"totalResults": len(values), "results": [{"value": value, "links": []} for value in values]}


async def read(
    api: FakeApi,
    http: HttpFeedReader,
    clock: FakeClock,
    *,
    kind: Format = Format.WRITTEN_QUESTIONS,
    path: str = LIST,
    relevant: Callable[[FeedEntry], bool] | None = everything,
) -> FetchResult:
    return await ApiReader(http, clock, relevant=relevant).read(a_source(format=kind, url=api.url(path)), FRESH)


async def test_a_feed_goes_to_the_reader_of_feeds(http: HttpFeedReader, clock: FakeClock) -> None:
    async with FakePublisher() as publisher:
        result = await ApiReader(http, clock).read(a_source(url=publisher.url("/feed")), FRESH)
        assert "application/atom+xml" in publisher.requests[0].headers["Accept"]
    assert (result.outcome, [entry.title for entry in result.entries]) == (Outcome.READ, ["One", "Two"])


async def test_an_api_is_asked_for_json_and_its_validators_are_kept(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    api.documents[LIST] = questions(QUESTION)
    result = await read(api, http, clock)
    assert (result.outcome, result.status, result.etag, result.source_id) == (Outcome.READ, 200, '"v1"', "example")
    assert [entry.title for entry in result.entries] == ["Algorithms"]
    assert api.accepted == ["application/json"]


async def test_the_days_of_today_in_london_stand_in_the_address(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    clock.set(datetime(2025, 6, 30, 23, 30, tzinfo=UTC))
    path = "/calendar/events/list.json?queryParameters.startDate={today}&queryParameters.endDate={to}"
    api.documents["/calendar/events/list.json"] = [{**EVENT, "StartDate": "2025-07-01T00:00:00"}]
    result = await read(api, http, clock, kind=Format.WHATS_ON, path=path)
    assert [entry.happens_on for entry in result.entries] == [date(2025, 7, 1)]
    assert api.asked == [
        "/calendar/events/list.json?queryParameters.startDate=2025-07-01&queryParameters.endDate=2025-07-28"
    ]


@pytest.mark.parametrize(
    ("document", "outcome", "status"),
    [
        (429, Outcome.RATE_LIMITED, 429),
        (503, Outcome.SERVER_TROUBLE, 503),
        (410, Outcome.GONE, 410),
        ("<html><p>Cookies?", Outcome.NOT_A_FEED, 200),
        ('{"results": [{', Outcome.UNREADABLE, 200),
        ({"errors": ["no such parameter"]}, Outcome.NOT_A_FEED, 200),
    ],
)
async def test_what_the_server_does_is_the_outcome(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock, document: Any, outcome: Outcome, status: int
) -> None:
    api.documents[LIST] = document
    result = await read(api, http, clock)
    assert (result.outcome, result.status, result.entries) == (outcome, status, ())
    assert result.reason.endswith(".")


async def test_an_unchanged_list_asks_for_nothing_more(http: HttpFeedReader, clock: FakeClock) -> None:
    async with FakePublisher() as publisher:
        state = SourceState(
            "example",
            etag='W/"v1, with a comma"',
            last_modified="Thu, 23 Jan 2025 09:00:00 GMT",
            last_good_at=NOW,
        )
        source = a_source(format=Format.BILLS, url=publisher.url("/feed"))
        result = await ApiReader(http, clock, relevant=everything).read(source, state)
        assert (result.outcome, len(publisher.requests)) == (Outcome.UNCHANGED, 1)


async def test_a_relevant_question_is_read_in_full_and_the_others_as_the_list_has_them(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    other = {**CUT, "id": 1700002, "uin": "26002", "heading": "Potholes"}
    api.documents |= {LIST: questions(CUT, other), f"{LIST}/1700001": FULL}
    result = await read(api, http, clock, relevant=lambda entry: entry.title == "Algorithms")
    full, cut = result.entries
    assert full.summary == f"[Question] {LONG.strip()} [Answer] {('Yes. ' * 100).strip()}"
    assert cut.summary.startswith("[Question] To ask")
    assert cut.summary.endswith("…")
    assert api.asked == [LIST, f"{LIST}/1700001"]


async def test_without_anybody_to_say_what_is_relevant_only_the_list_is_asked_for(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    api.documents[LIST] = questions(CUT)
    await read(api, http, clock, relevant=None)
    assert api.asked == [LIST]


async def test_a_question_that_the_list_has_in_full_is_not_asked_for_again(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    api.documents[LIST] = questions(QUESTION)
    await read(api, http, clock)
    assert api.asked == [LIST]


async def test_a_text_that_is_known_is_not_fetched_twice_until_the_list_says_something_else(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    api.documents |= {LIST: questions({**CUT, "answerText": ""}), f"{LIST}/1700001": FULL}
    reader = ApiReader(http, clock, relevant=everything)
    source = a_source(format=Format.WRITTEN_QUESTIONS, url=api.url(LIST))
    first = await reader.read(source, FRESH)
    clock.advance(days=1)
    again = await reader.read(source, FRESH)
    assert again.entries == first.entries
    assert api.asked.count(f"{LIST}/1700001") == 1
    api.documents[LIST] = questions(CUT)
    await reader.read(source, FRESH)
    assert api.asked.count(f"{LIST}/1700001") == 2


async def test_a_text_that_could_not_be_had_is_left_as_the_list_has_it_and_tried_again_next_time(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    api.documents |= {LIST: questions(CUT), f"{LIST}/1700001": "<html>sorry"}
    reader = ApiReader(http, clock, relevant=everything)
    source = a_source(format=Format.WRITTEN_QUESTIONS, url=api.url(LIST))
    result = await reader.read(source, FRESH)
    assert (result.outcome, result.entries[0].summary[-1]) == (Outcome.READ, "…")
    api.documents[f"{LIST}/1700001"] = FULL
    assert (await reader.read(source, FRESH)).entries[0].summary.endswith("Yes.")


@pytest.mark.parametrize(("status", "asked"), [(429, 1), (503, 1), (404, 3)])
async def test_the_first_trouble_of_the_server_ends_the_errand_but_a_missing_page_does_not(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock, status: int, asked: int
) -> None:
    rows = [{**CUT, "id": number, "uin": str(number)} for number in (1, 2, 3)]
    api.documents |= {LIST: questions(*rows), **{f"{LIST}/{number}": status for number in (1, 2, 3)}}
    result = await read(api, http, clock)
    assert (result.outcome, len(result.entries)) == (Outcome.READ, 3)
    assert len(api.asked) == 1 + asked


async def test_one_fetch_makes_no_more_than_twenty_five_further_requests(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    rows = [{**CUT, "id": number, "uin": str(number)} for number in range(40)]
    api.documents |= {LIST: questions(*rows), **{f"{LIST}/{number}": FULL for number in range(40)}}
    reader = ApiReader(http, clock, relevant=everything)
    source = a_source(format=Format.WRITTEN_QUESTIONS, url=api.url(LIST))
    result = await reader.read(source, FRESH)
    assert len(api.asked) == 1 + MAX_FURTHER
    assert sum(entry.summary.endswith("…") for entry in result.entries) == 40 - MAX_FURTHER
    result = await reader.read(source, FRESH)
    assert len(api.asked) == 2 + 40
    assert not any(entry.summary.endswith("…") for entry in result.entries)


async def test_what_takes_too_long_is_left_for_another_time_and_what_came_is_kept(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_reader, "FURTHER_SECONDS", 0.0)
    api.documents |= {LIST: questions(CUT), f"{LIST}/1700001": FULL}
    result = await read(api, http, clock)
    assert (result.outcome, result.entries[0].summary[-1]) == (Outcome.READ, "…")


async def test_a_statement_is_read_in_full(api: FakeApi, http: HttpFeedReader, clock: FakeClock) -> None:
    path = "/api/writtenstatements/statements"
    cut = {"results": [{"value": {**STATEMENT, "text": "We publish. " * 21 + "..."}}]}
    full = {"value": {**STATEMENT, "text": "We publish. " * 50 + "The end."}}
    api.documents |= {path: cut, f"{path}/900": full}
    result = await read(api, http, clock, kind=Format.WRITTEN_STATEMENTS, path=f"{path}?madeWhenFrom={{from}}")
    assert result.entries[0].summary.endswith("The end.")
    assert api.asked == [f"{path}?madeWhenFrom=2025-01-09", f"{path}/900"]


async def test_a_call_for_evidence_learns_its_scope_and_its_committee(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    path = "/api/CommitteeBusiness"
    api.documents |= {
        path: {"items": [BUSINESS]},
        f"{path}/8800": {**BUSINESS, "scope": "<p>How public bodies use algorithms.</p>"},
        "/api/Committees?CommitteeBusinessId=8800": {"items": [{"id": 1, "name": "Examples Committee"}]},
    }
    result = await read(api, http, clock, kind=Format.COMMITTEE_BUSINESS, path=f"{path}?Status=Open")
    (entry,) = result.entries
    assert (entry.publisher, entry.summary) == ("Examples Committee", "How public bodies use algorithms.")
    assert entry.deadline == date(2025, 2, 28)


async def test_a_bill_learns_its_next_sitting_of_any_stage_and_its_purpose(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    stage = {"description": "2nd reading", "house": "Commons", "stageSittings": []}
    stages = [
        {"description": "1st reading", "house": "Commons", "stageSittings": [{"date": "2025-01-14T00:00:00"}]},
        stage,
        {
            "description": "Committee stage",
            "house": "Commons",
            "stageSittings": [{"date": "2025-02-04T00:00:00"}, {"date": "2025-01-30T00:00:00"}],
        },
    ]
    api.documents |= {
        "/api/v1/Bills": {"items": [{**BILL, "currentStage": stage}]},
        "/api/v1/Bills/4000/Stages": {"items": stages},
        "/api/v1/Bills/4000": {**BILL, "longTitle": "A Bill to make provision about examples."},
    }
    result = await read(api, http, clock, kind=Format.BILLS, path="/api/v1/Bills?Take=50")
    (entry,) = result.entries
    assert (entry.stage, entry.happens_on) == ("2nd reading", date(2025, 1, 30))
    assert entry.date_words == "Committee stage in the House of Commons on 30 January 2025"
    assert entry.summary == "A Bill to make provision about examples."


async def test_a_bills_sittings_are_looked_up_again_on_another_day(
    api: FakeApi, http: HttpFeedReader, clock: FakeClock
) -> None:
    sittings = [{"date": "2025-01-23T00:00:00"}, {"date": "2025-01-30T00:00:00"}]
    stage = {"description": "2nd reading", "house": "Lords", "stageSittings": sittings}
    api.documents |= {
        "/api/v1/Bills": {"items": [{**BILL, "currentStage": {**stage, "stageSittings": []}}]},
        "/api/v1/Bills/4000/Stages": {"items": [stage]},
        "/api/v1/Bills/4000": {"longTitle": "A Bill."},
    }
    reader = ApiReader(http, clock, relevant=everything)
    source = a_source(format=Format.BILLS, url=api.url("/api/v1/Bills"))
    assert [entry.happens_on for entry in (await reader.read(source, FRESH)).entries] == [NOW.date()]
    clock.advance(days=1)
    assert [entry.happens_on for entry in (await reader.read(source, FRESH)).entries] == [date(2025, 1, 30)]
