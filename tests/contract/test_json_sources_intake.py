"""From every API into the real store, with the bundled topics: what only an API tells is kept with the item."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest_asyncio

from adapters.feeds.http import HttpFeedReader
from adapters.feeds.sources.reader import ApiReader
from adapters.store.database import Database
from config.topics import load_taxonomy
from digests.identity import canonical_url
from digests.model import FeedEntry, Format, Group, Item, Kind, Source, Tagging
from digests.reading import PassSummary, read_due
from digests.tagging import Tagger
from tests.builders import NOW, a_source
from tests.contract.databases import open_database, sqlite_url
from tests.contract.test_json_sources import (
    API_FORMATS,
    BILL,
    CONSULTATION,
    LISTS,
    QUESTION,
    SAMPLES,
)
from tests.fakes.api import FakeApi
from tests.fakes.clock import FakeClock

ABOUT = "Use of artificial intelligence by public bodies"


class House:
    """Every API behind one server, the reader, the bundled topics, and a SQLite file."""

    def __init__(self, api: FakeApi, http: HttpFeedReader, store: Database) -> None:
        self.api = api
        self.store = store
        self.clock = FakeClock()
        self.reader = ApiReader(http, self.clock, relevant=self._is_relevant)
        self._tagger = Tagger(load_taxonomy())
        self.sources = [self._source(kind) for kind in API_FORMATS]
        for kind in API_FORMATS:
            rows = [SAMPLES[kind]]
            api.documents[f"/{kind.value}"] = {LISTS[kind]: rows} if kind in LISTS else rows

    def _source(self, kind: Format) -> Source:
        return a_source(kind.value, format=kind, url=self.api.url(f"/{kind.value}"), group=Group.PARLIAMENT)

    def _is_relevant(self, entry: FeedEntry) -> bool:
        return self._tagger.tag(entry.title, entry.summary, publisher=entry.publisher, url=entry.link).relevant

    def _tag(self, item: Item) -> Tagging:
        return self._tagger.tag(item.title, item.summary, publisher=item.publisher, url=item.url, kind=item.kind)

    async def read(self) -> PassSummary:
        return await read_due(
            self.sources,
            store=self.store,
            reader=self.reader,
            tag=self._tag,
            clock=self.clock,
            force=True,
            window_start=NOW - timedelta(days=7),
        )

    async def item(self, link: str) -> Item:
        url = canonical_url(link)
        async with self.store.read() as uow:
            return (await uow.items.by_urls([url]))[url]


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store = await open_database(sqlite_url(tmp_path))
    async with FakeApi() as api, HttpFeedReader(FakeClock(), timeout_seconds=5, allow_private=True) as http:
        yield House(api, http, store)
    await store.close()


async def test_every_api_brings_its_item_and_nothing_fails(house: House) -> None:
    summary = await house.read()
    assert summary.failed == {}
    assert summary.new == len(API_FORMATS)


async def test_closing_days_sittings_kinds_and_publishers_are_kept_with_the_items(house: House) -> None:
    await house.read()
    consultation = await house.item("https://www.gov.uk/government/consultations/rules-for-examples")
    assert (consultation.deadline, consultation.kind) == (date(2025, 4, 15), Kind.CONSULTATION)
    assert consultation.publisher == "Department of Examples"
    call = await house.item("https://committees.parliament.uk/work/8800/")
    assert (call.deadline, call.kind) == (date(2025, 2, 28), Kind.CALL_FOR_EVIDENCE)
    bill = await house.item("https://bills.parliament.uk/bills/4000")
    assert (bill.happens_on, bill.stage, bill.kind) == (date(2025, 1, 28), "2nd reading", Kind.BILL)
    debate = await house.item("https://whatson.parliament.uk/event/cal52000")
    assert (debate.happens_on, debate.kind) == (date(2025, 1, 29), Kind.DEBATE)
    assert debate.date_words == "29 January 2025, 14:30"
    publication = await house.item("https://committees.parliament.uk/publications/46500/")
    assert publication.publisher == "Examples Committee"


async def test_the_same_answers_again_change_nothing(house: House) -> None:
    await house.read()
    house.clock.advance(days=1)
    summary = await house.read()
    assert (summary.new, summary.changed, summary.failed) == (0, 0, {})


async def test_a_later_closing_day_and_a_new_stage_are_told_as_changes(house: House) -> None:
    await house.read()
    house.clock.advance(hours=2)
    house.api.documents["/govuk-search"] = {"results": [{**CONSULTATION, "end_date": "2025-05-01T23:59:00+01:00"}]}
    stage = {"description": "Committee stage", "house": "Commons", "stageSittings": []}
    house.api.documents["/bills"] = {"items": [{**BILL, "lastUpdate": "2025-01-23T11:00:00", "currentStage": stage}]}
    summary = await house.read()
    assert (summary.new, summary.changed) == (0, 2)
    consultation = await house.item("https://www.gov.uk/government/consultations/rules-for-examples")
    assert consultation.deadline == date(2025, 5, 1)
    assert (await house.item("https://bills.parliament.uk/bills/4000")).stage == "Committee stage"


async def test_only_what_the_topics_call_relevant_is_fetched_in_full(house: House) -> None:
    cut = f"To ask the Secretary of State for Examples, {ABOUT}, " + "x" * 255
    relevant = {**QUESTION, "questionText": cut[:255]}
    other = {
        **QUESTION,
        "id": 2,
        "uin": "2",
        "heading": "Potholes",
        "questionText": f"To ask about {'roads ' * 60}"[:255],
    }
    house.api.documents["/written-questions"] = {"results": [{"value": relevant}, {"value": other}]}
    house.api.documents["/written-questions/1700001"] = {"value": {**relevant, "questionText": f"{cut} The end."}}
    await house.read()
    further = [path for path in house.api.asked if path.startswith("/written-questions/")]
    assert further == ["/written-questions/1700001"]
    question = await house.item("https://questions-statements.parliament.uk/written-questions/detail/2025-01-20/26001")
    assert "The end. [Answer]" in question.summary


async def test_a_text_known_in_full_is_not_undone_when_the_second_request_fails(house: House) -> None:
    bill = {**BILL, "shortTitle": "Artificial Intelligence (Public Bodies) Bill"}
    house.api.documents["/bills"] = {"items": [bill]}
    house.api.documents["/bills/4000"] = {"longTitle": "A Bill about artificial intelligence."}
    await house.read()
    house.api.documents |= {"/bills": {"items": [{**bill, "lastUpdate": "2025-01-23T11:00:00"}]}, "/bills/4000": 503}
    house.clock.advance(hours=2)
    await house.read()
    assert (await house.item("https://bills.parliament.uk/bills/4000")).summary == (
        "A Bill about artificial intelligence."
    )
