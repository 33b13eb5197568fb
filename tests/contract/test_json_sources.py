"""Each API's reader: real answers where we have them, and small ones of our own for every odd case."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feeds.sources import READERS
from adapters.feeds.sources.days import filled
from adapters.feeds.sources.shape import MAX_BYTES, understand_list
from adapters.feeds.understand import Understood
from digests.model import FeedEntry, Format, Kind, Outcome
from tests.shared import shared_dir

TODAY = date(2025, 1, 23)
API_FORMATS = [kind for kind in Format if not kind.is_feed]

# Where each API keeps its list.
LISTS = {
    Format.GOVUK_SEARCH: "results",
    Format.WRITTEN_QUESTIONS: "results",
    Format.WRITTEN_STATEMENTS: "results",
    Format.COMMITTEE_BUSINESS: "items",
    Format.COMMITTEE_PUBLICATIONS: "items",
    Format.BILLS: "items",
    Format.PETITIONS: "data",
    Format.EARLY_DAY_MOTIONS: "Response",
}

QUESTION = {
    "id": 1700001,
    "dateTabled": "2025-01-20T00:00:00",
    "uin": "26001",
    "house": "Commons",
    "questionText": "To ask the Secretary of State for Examples, how many algorithms the Department uses.",
    "answeringBodyName": "Department of Examples",
    "isWithdrawn": False,
    "dateAnswered": "2025-01-22T00:00:00",
    "answerText": "<p>The Department uses <b>three</b>.</p><p>It publishes their records.</p>",
    "heading": "Algorithms",
}
STATEMENT = {
    "id": 900,
    "uin": "HCWS400",
    "dateMade": "2025-01-21T00:00:00",
    "title": "Data strategy",
    "text": "<p>I have today published the data strategy.</p>",
    "answeringBodyName": "Department of Examples",
}
BUSINESS = {
    "id": 8800,
    "title": "Algorithms in public services",
    "type": {"id": 1, "name": "Inquiry", "isInquiry": True},
    "openDate": "2025-01-20T00:00:00",
    "openSubmissionPeriods": [{"startDate": "2025-01-20T00:00:00", "endDate": "2025-02-28T17:00:00"}],
}
PUBLICATION = {
    "id": 46500,
    "description": "1st Report - Algorithms in public services",
    "publicationStartDate": "2025-01-22T00:01:00",
    "type": {"id": 1, "name": "Report"},
    "committee": {"id": 1, "name": "Examples Committee", "house": "Commons"},
    "businesses": [{"id": 8800, "title": "Algorithms in public services"}],
}
BILL = {
    "billId": 4000,
    "shortTitle": "Examples (Data) Bill [HL]",
    "currentHouse": "Commons",
    "lastUpdate": "2025-01-22T10:42:08.0579851",
    "billWithdrawn": None,
    "isDefeated": False,
    "isAct": False,
    "currentStage": {
        "description": "2nd reading",
        "house": "Commons",
        "stageSittings": [{"date": "2025-01-21T00:00:00"}, {"date": "2025-01-28T00:00:00"}],
    },
}
EVENT = {
    "Id": 52000,
    "StartDate": "2025-01-29T00:00:00",
    "StartTime": "14:30:00",
    "House": "Commons",
    "Type": "Westminster Hall",
    "Category": "Westminster Hall debate",
    "Description": "Use of algorithms in public services",
    "Committee": None,
}
PETITION: dict[str, Any] = {
    "type": "petition",
    "id": 700000,
    "attributes": {
        "action": "Publish every algorithm",
        "background": "Public bodies use algorithms.",
        "additional_details": "We want to see them.",
        "signature_count": 12345,
        "opened_at": "2024-12-01T10:00:00.000Z",
        "response_threshold_reached_at": "2025-01-20T10:00:00.000Z",
        "scheduled_debate_date": None,
    },
}
MOTION = {
    "Id": 63000,
    "UIN": 700,
    "Title": "Algorithms in public services",
    "MotionText": "That this House notes that algorithms are used.",
    "DateTabled": "2025-01-22T00:00:00",
    "Status": "Published",
}
CONSULTATION = {
    "title": "Rules for examples",
    "link": "/government/consultations/rules-for-examples",
    "description": "We seek views on rules.",
    "public_timestamp": "2025-01-20T09:30:00Z",
    "end_date": "2025-04-15T23:59:00.000+01:00",
    "organisations": [{"title": "Department of Examples", "acronym": "DEX"}],
    "content_store_document_type": "open_consultation",
}
SAMPLES: dict[Format, dict[str, Any]] = {
    Format.GOVUK_SEARCH: CONSULTATION,
    Format.WRITTEN_QUESTIONS: {"value": QUESTION, "links": []},
    Format.WRITTEN_STATEMENTS: {"value": STATEMENT, "links": []},
    Format.COMMITTEE_BUSINESS: BUSINESS,
    Format.COMMITTEE_PUBLICATIONS: PUBLICATION,
    Format.BILLS: BILL,
    Format.WHATS_ON: EVENT,
    Format.PETITIONS: PETITION,
    Format.EARLY_DAY_MOTIONS: MOTION,
}


def body_of(kind: Format, *rows: Any) -> bytes:
    """An API's answer with these rows."""
    found = list(rows)
    return json.dumps({LISTS[kind]: found} if kind in LISTS else found).encode()


def understood(kind: Format, *rows: Any, today: date = TODAY) -> Understood:
    return understand_list(READERS[kind], body_of(kind, *rows), today)


def one(kind: Format, row: Any, today: date = TODAY) -> FeedEntry:
    """The one entry that a row makes."""
    found = understood(kind, row, today=today)
    assert (found.outcome, found.reason) == (Outcome.READ, "")
    (entry,) = found.entries
    return entry


def snapshot(name: str) -> Any:
    return json.loads((shared_dir("data/snapshots") / name).read_bytes())


def test_every_format_that_is_no_feed_has_a_reader() -> None:
    assert set(READERS) == set(API_FORMATS) == set(SAMPLES)


def test_a_consultation_has_its_closing_day_in_london_its_kind_and_its_department() -> None:
    assert one(Format.GOVUK_SEARCH, CONSULTATION) == FeedEntry(
        id="tag:www.gov.uk,2005:/government/consultations/rules-for-examples",
        title="Rules for examples",
        link="https://www.gov.uk/government/consultations/rules-for-examples",
        updated=datetime(2025, 1, 20, 9, 30, tzinfo=UTC),
        summary="We seek views on rules.",
        kind=Kind.CONSULTATION,
        publisher="Department of Examples",
        deadline=date(2025, 4, 15),
        deadline_time=time(23, 59),
        date_words="closes on 15 April 2025",
    )


def test_a_closing_time_late_in_the_evening_in_utc_is_the_next_day_in_a_london_summer() -> None:
    row = {**CONSULTATION, "end_date": "2025-07-15T23:30:00Z"}
    assert one(Format.GOVUK_SEARCH, row).deadline == date(2025, 7, 16)


@pytest.mark.parametrize(
    ("document_type", "kind"),
    [
        ("open_call_for_evidence", Kind.CALL_FOR_EVIDENCE),
        ("consultation_outcome", Kind.CONSULTATION_OUTCOME),
        ("policy_paper", None),
        (None, None),
        (["open_consultation"], None),
    ],
)
def test_a_document_type_that_we_know_becomes_the_kind(document_type: Any, kind: Kind | None) -> None:
    assert one(Format.GOVUK_SEARCH, {**CONSULTATION, "content_store_document_type": document_type}).kind is kind


def test_a_search_result_with_nothing_but_title_and_link_loses_the_rest_alone() -> None:
    entry = one(Format.GOVUK_SEARCH, {"title": "A", "link": "https://www.gov.uk/a", "end_date": "soon"})
    assert entry == FeedEntry("tag:www.gov.uk,2005:/a", "A", "https://www.gov.uk/a")


def test_a_transparency_record_is_by_the_body_whose_tool_it_is() -> None:
    records = snapshot("fabio-rovai_uk-algorithmic-transparency__atrs_records.json")["records"]
    rows = [
        {
            "title": record["title"],
            "link": record["url"].removeprefix("https://www.gov.uk"),
            "description": record["description"],
            "public_timestamp": record["published"],
            "organisations": [{"title": name} for name in record["listed_organisations"]],
            "content_store_document_type": "algorithmic_transparency_record",
        }
        for record in records
    ]
    found = understood(Format.GOVUK_SEARCH, *rows)
    assert (found.outcome, found.reason, len(found.entries)) == (Outcome.READ, "", len(records))
    assert [entry.link for entry in found.entries] == [record["url"] for record in records]
    assert [entry.publisher for entry in found.entries] == [
        (record["publishing_body"] or "").strip() for record in records
    ]
    assert {entry.kind for entry in found.entries} == {Kind.TRANSPARENCY_RECORD}


def test_a_question_is_one_text_with_its_answer_by_the_department_that_answered() -> None:
    assert one(Format.WRITTEN_QUESTIONS, {"value": QUESTION}) == FeedEntry(
        id="written-question/1700001",
        title="Algorithms",
        link="https://questions-statements.parliament.uk/written-questions/detail/2025-01-20/26001",
        published=datetime(2025, 1, 22, tzinfo=UTC),
        updated=datetime(2025, 1, 22, tzinfo=UTC),
        summary="[Question] To ask the Secretary of State for Examples, how many algorithms the Department uses. "
        "[Answer] The Department uses three. It publishes their records.",
        kind=Kind.WRITTEN_QUESTION,
        publisher="Department of Examples",
    )


def test_a_question_without_an_answer_is_dated_by_the_day_it_was_tabled() -> None:
    tabled = {**QUESTION, "dateAnswered": None, "answerText": None}
    entry = one(Format.WRITTEN_QUESTIONS, {"value": tabled})
    assert entry.published == datetime(2025, 1, 20, tzinfo=UTC)
    assert "[Answer]" not in entry.summary


def test_a_day_in_summer_is_a_london_day_and_so_is_the_address_made_of_it() -> None:
    tabled = {**QUESTION, "dateTabled": "2025-07-01T00:00:00", "dateAnswered": None}
    entry = one(Format.WRITTEN_QUESTIONS, {"value": tabled})
    assert entry.published == datetime(2025, 6, 30, 23, tzinfo=UTC)
    assert entry.link.endswith("/2025-07-01/26001")


def test_a_question_that_may_have_been_cut_without_a_mark_gets_one() -> None:
    cut = {**QUESTION, "questionText": "To ask " + "x" * 248, "answerText": "y" * 255 + "..."}
    summary = one(Format.WRITTEN_QUESTIONS, {"value": cut}).summary
    assert summary == f"[Question] To ask {'x' * 248}… [Answer] {'y' * 255}…"


def test_a_withdrawn_question_is_left_out_and_not_complained_of() -> None:
    found = understood(Format.WRITTEN_QUESTIONS, {"value": {**QUESTION, "isWithdrawn": True}})
    assert found == Understood(Outcome.READ)


def test_real_questions_are_all_read_with_addresses_of_their_own() -> None:
    rows = snapshot("mysociety_uk-parl-written-questions__subset_api_shape.json")
    found = understood(Format.WRITTEN_QUESTIONS, *rows)
    kept = [row["value"] for row in rows if not row["value"]["isWithdrawn"]]
    assert (found.outcome, found.reason, len(found.entries)) == (Outcome.READ, "", len(kept))
    assert len({entry.link for entry in found.entries}) == len(kept)
    for entry, value in zip(found.entries, kept, strict=True):
        assert entry.link.endswith(f"/{value['dateTabled'][:10]}/{value['uin']}")
        assert entry.publisher == value["answeringBodyName"]
        assert entry.summary.endswith("…") is value["answerText"].endswith("...")


def test_a_written_statement_has_its_text_and_its_department() -> None:
    entry = one(Format.WRITTEN_STATEMENTS, {"value": STATEMENT})
    assert entry == FeedEntry(
        id="written-statement/900",
        title="Data strategy",
        link="https://questions-statements.parliament.uk/written-statements/detail/2025-01-21/HCWS400",
        published=datetime(2025, 1, 21, tzinfo=UTC),
        summary="I have today published the data strategy.",
        kind=Kind.WRITTEN_STATEMENT,
        publisher="Department of Examples",
    )


def test_an_inquiry_that_takes_evidence_is_a_call_for_evidence_with_its_last_day() -> None:
    entry = one(Format.COMMITTEE_BUSINESS, BUSINESS)
    assert (entry.kind, entry.deadline) == (Kind.CALL_FOR_EVIDENCE, date(2025, 2, 28))
    assert entry.deadline_time == time(17)
    assert entry.date_words == "takes written evidence until 28 February 2025"
    assert (entry.id, entry.link) == ("committee-business/8800", "https://committees.parliament.uk/work/8800/")
    assert entry.categories == ("Inquiry",)


def test_of_several_periods_the_next_one_to_end_is_the_deadline() -> None:
    ends = ["2025-03-03T17:00:00", "2025-01-10T17:00:00", "2025-02-01T17:00:00", None, "never"]
    periods = [{"endDate": end} for end in ends]
    assert one(Format.COMMITTEE_BUSINESS, {**BUSINESS, "openSubmissionPeriods": periods}).deadline == date(2025, 2, 1)


def test_a_call_that_stays_open_without_an_end_has_no_deadline() -> None:
    entry = one(Format.COMMITTEE_BUSINESS, {**BUSINESS, "openSubmissionPeriods": [{"endDate": None}]})
    assert (entry.kind, entry.deadline, entry.date_words) == (Kind.CALL_FOR_EVIDENCE, None, "")


def test_an_inquiry_that_takes_no_evidence_is_no_call_for_it() -> None:
    assert one(Format.COMMITTEE_BUSINESS, {**BUSINESS, "openSubmissionPeriods": []}).kind is None


def test_a_publication_is_by_its_committee_and_says_what_it_is_about() -> None:
    assert one(Format.COMMITTEE_PUBLICATIONS, PUBLICATION) == FeedEntry(
        id="committee-publication/46500",
        title="1st Report - Algorithms in public services",
        link="https://committees.parliament.uk/publications/46500/",
        published=datetime(2025, 1, 22, 0, 1, tzinfo=UTC),
        summary="Report. Algorithms in public services",
        categories=("Report",),
        kind=Kind.COMMITTEE_REPORT,
        publisher="Examples Committee",
    )


def test_a_publication_without_a_title_is_named_after_its_inquiry() -> None:
    entry = one(Format.COMMITTEE_PUBLICATIONS, {**PUBLICATION, "description": None})
    assert entry.title == "Report: Algorithms in public services"


def test_a_bill_is_at_its_stage_with_its_next_sitting() -> None:
    assert one(Format.BILLS, BILL) == FeedEntry(
        id="bill/4000",
        title="Examples (Data) Bill [HL]",
        link="https://bills.parliament.uk/bills/4000",
        updated=datetime(2025, 1, 22, 10, 42, 8, 57985, tzinfo=UTC),
        stage="2nd reading",
        kind=Kind.BILL,
        happens_on=date(2025, 1, 28),
        date_words="2nd reading in the House of Commons on 28 January 2025",
    )


def test_a_bill_whose_sittings_are_over_states_no_day_but_one_of_today_counts() -> None:
    assert one(Format.BILLS, BILL, today=date(2025, 1, 29)).happens_on is None
    assert one(Format.BILLS, BILL, today=date(2025, 1, 28)).happens_on == date(2025, 1, 28)


@pytest.mark.parametrize(
    ("change", "stage"),
    [
        ({"isAct": True}, "Royal Assent"),
        ({"isDefeated": True}, "Defeated"),
        ({"billWithdrawn": "2025-01-20T00:00:00"}, "Withdrawn"),
        ({"currentStage": None}, ""),
    ],
)
def test_the_end_of_a_bill_is_its_last_stage(change: dict[str, Any], stage: str) -> None:
    assert one(Format.BILLS, {**BILL, **change}).stage == stage


def test_the_real_list_of_bills_is_read() -> None:
    found = understand_list(READERS[Format.BILLS], json.dumps(snapshot("beatonma_snommoc__bills.json")).encode(), TODAY)
    (entry,) = found.entries
    assert (entry.title, entry.stage) == ("Abolition of Business Rates Bill", "2nd reading")
    assert entry.link == "https://bills.parliament.uk/bills/2818"
    assert entry.updated == datetime(2021, 5, 4, 9, 42, 8, 57985, tzinfo=UTC)


def test_a_debate_to_come_has_its_day_and_its_place() -> None:
    assert one(Format.WHATS_ON, EVENT) == FeedEntry(
        id="whats-on/52000",
        title="Use of algorithms in public services",
        link="https://whatson.parliament.uk/event/cal52000",
        summary="House of Commons, Westminster Hall, Westminster Hall debate",
        categories=("Westminster Hall debate",),
        kind=Kind.DEBATE,
        publisher="House of Commons",
        happens_on=date(2025, 1, 29),
        happens_at=time(14, 30),
        date_words="29 January 2025, 14:30",
    )


@pytest.mark.parametrize("hours", [None, "", "noon", "99:99:00", "29:00:00", 14])
def test_a_time_that_is_none_leaves_the_day(hours: Any) -> None:
    entry = one(Format.WHATS_ON, {**EVENT, "StartTime": hours})
    assert (entry.date_words, entry.happens_at) == ("29 January 2025", None)


def test_a_committee_that_takes_oral_evidence_holds_an_evidence_session() -> None:
    committee = {"Description": "Examples Committee", "Inquiries": []}
    event = {**EVENT, "Type": "Select & Joint Committees", "Category": "Oral evidence", "Committee": committee}
    assert one(Format.WHATS_ON, event).kind is Kind.EVIDENCE_SESSION


def test_a_committees_meeting_is_named_after_committee_and_inquiry() -> None:
    committee = {"Id": 1, "Description": "Examples Committee", "Inquiries": [{"Description": "Algorithms"}]}
    event = {**EVENT, "Description": None, "Type": "Select & Joint Committees", "Committee": committee}
    entry = one(Format.WHATS_ON, event)
    assert (entry.title, entry.kind, entry.publisher) == (
        "Examples Committee: Algorithms",
        Kind.EVENT,
        "Examples Committee",
    )
    assert entry.summary.endswith(". Algorithms")


def test_a_bills_sitting_is_named_after_the_bill() -> None:
    assert one(Format.WHATS_ON, {**EVENT, "BillName": "Data Bill", "Description": "Second reading"}).title == (
        "Data Bill: Second reading"
    )


def test_what_is_over_is_not_coming_up_but_what_is_today_is() -> None:
    assert understood(Format.WHATS_ON, EVENT, today=date(2025, 1, 30)) == Understood(Outcome.READ)
    assert one(Format.WHATS_ON, EVENT, today=date(2025, 1, 29)).happens_on == date(2025, 1, 29)


def test_an_empty_calendar_is_a_recess_and_no_trouble() -> None:
    assert understood(Format.WHATS_ON) == Understood(Outcome.READ)


def test_a_petition_names_the_round_number_it_passed_and_never_the_count() -> None:
    entry = one(Format.PETITIONS, PETITION)
    assert entry.summary == ("Signed by at least 10,000 people. Public bodies use algorithms. We want to see them.")
    assert entry.link == "https://petition.parliament.uk/petitions/700000"
    assert entry.published == datetime(2025, 1, 20, 10, tzinfo=UTC)
    attributes = {**PETITION["attributes"], "signature_count": 12346}
    assert one(Format.PETITIONS, {**PETITION, "attributes": attributes}) == entry


@pytest.mark.parametrize("count", [9_999, 0, None, "12345", True])
def test_a_petition_that_too_few_have_signed_is_left_out(count: Any) -> None:
    attributes = {**PETITION["attributes"], "signature_count": count}
    assert understood(Format.PETITIONS, {**PETITION, "attributes": attributes}) == Understood(Outcome.READ)


def test_a_petitions_debate_to_come_is_stated_with_its_day() -> None:
    attributes = {
        **PETITION["attributes"],
        "signature_count": 100_000,
        "scheduled_debate_date": "2025-02-03",
    }
    entry = one(Format.PETITIONS, {**PETITION, "attributes": attributes})
    assert (entry.happens_on, entry.date_words) == (date(2025, 2, 3), "to be debated on 3 February 2025")
    assert entry.summary.startswith("Signed by at least 100,000 people.")
    later = one(Format.PETITIONS, {**PETITION, "attributes": attributes}, today=date(2025, 2, 4))
    assert later.happens_on is None


def test_a_motion_has_its_text_and_a_withdrawn_one_is_left_out() -> None:
    assert one(Format.EARLY_DAY_MOTIONS, MOTION) == FeedEntry(
        id="early-day-motion/63000",
        title="Algorithms in public services",
        link="https://edm.parliament.uk/early-day-motion/63000",
        published=datetime(2025, 1, 22, tzinfo=UTC),
        summary="That this House notes that algorithms are used.",
        categories=("early day motion",),
    )
    assert understood(Format.EARLY_DAY_MOTIONS, {**MOTION, "Status": "Withdrawn"}) == Understood(Outcome.READ)


@pytest.mark.parametrize("kind", API_FORMATS)
def test_a_row_without_title_or_address_is_left_out_and_counted(kind: Format) -> None:
    found = understood(kind, SAMPLES[kind], {}, "not a row", SAMPLES[kind])
    if kind is Format.PETITIONS:  # a petition of which nothing is known has not passed 10,000
        assert found.reason == "1 of 4 entries was left out, for want of a title or an address. The others were read."
    else:
        assert found.reason == "2 of 4 entries were left out, for want of a title or an address. The others were read."
    assert (found.outcome, len(found.entries)) == (Outcome.READ, 2)


@pytest.mark.parametrize("kind", API_FORMATS)
def test_a_list_in_which_nothing_can_be_used_is_unreadable(kind: Format) -> None:
    found = understood(kind, "not", "rows")
    assert found.outcome is Outcome.UNREADABLE
    assert found.reason.startswith(f"None of its {READERS[kind].name} has both a title and an address.")


@pytest.mark.parametrize("kind", API_FORMATS)
@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        (b"", Outcome.NOT_A_FEED, "an empty page"),
        (b"<!DOCTYPE html><html><p>We value your privacy", Outcome.NOT_A_FEED, "a web page, not with data"),
        (b'<?xml version="1.0"?><rss/>', Outcome.NOT_A_FEED, "XML"),
        (b'{"errors": []}', Outcome.NOT_A_FEED, "but not with a list of"),
        (b"null", Outcome.NOT_A_FEED, "but not with a list of"),
        (b'{"results": [', Outcome.UNREADABLE, "damaged or cut short"),
        (b"\xff\xfe\x00", Outcome.UNREADABLE, "damaged or cut short"),
        (b"[" * 200_000, Outcome.UNREADABLE, "nested too deeply"),
        (b"[" + b"9" * 10_000 + b"]", Outcome.UNREADABLE, "damaged or cut short"),
    ],
)
def test_an_answer_that_is_something_else_is_an_outcome_with_a_reason(
    kind: Format, body: bytes, outcome: Outcome, words: str
) -> None:
    found = understand_list(READERS[kind], body, TODAY)
    assert found.outcome is outcome
    assert words in found.reason


@pytest.mark.parametrize("kind", API_FORMATS)
def test_markup_half_characters_and_endless_texts_become_plain_and_short(kind: Format) -> None:
    def spoil(value: Any) -> Any:
        match value:
            case dict():
                return {key: spoil(inner) for key, inner in value.items()}
            case list():
                return [spoil(inner) for inner in value]
            case str() if " " in value:
                return f"<script>alert(1)</script><b>\ud800{value}</b>\x00\u202e" + " more" * 5_000
        return value

    entry = one(kind, spoil(SAMPLES[kind]))
    for text in (entry.title, entry.summary, entry.publisher, entry.date_words, *entry.categories):
        assert not {"<", "\x00", "\ud800", "\u202e"} & set(text)
    assert len(entry.title) <= 500
    assert len(entry.summary) <= 2_000


@pytest.mark.parametrize("number", ["../../evil", "1?x=1", "a b", "#", "//example.org"])
def test_a_number_that_is_none_cannot_bend_the_address(number: str) -> None:
    entry = one(Format.BILLS, {**BILL, "billId": number})
    assert entry.link.startswith("https://bills.parliament.uk/bills/")
    assert not set(entry.link.removeprefix("https://bills.parliament.uk/bills/")) & set("/?# ")


def test_a_search_result_never_links_to_a_script() -> None:
    found = understood(Format.GOVUK_SEARCH, {**CONSULTATION, "link": "javascript:alert(1)"}, CONSULTATION)
    assert [entry.link for entry in found.entries] == ["https://www.gov.uk/government/consultations/rules-for-examples"]


def test_no_more_than_two_thousand_entries_are_taken() -> None:
    rows = [{**MOTION, "Id": number} for number in range(2_100)]
    assert len(understood(Format.EARLY_DAY_MOTIONS, *rows).entries) == 2_000


def test_more_json_than_can_be_read_without_holding_up_the_chat_is_too_large() -> None:
    body = body_of(Format.EARLY_DAY_MOTIONS, MOTION)
    padded = body + b" " * (MAX_BYTES - len(body))
    assert understand_list(READERS[Format.EARLY_DAY_MOTIONS], padded, TODAY).outcome is Outcome.READ
    found = understand_list(READERS[Format.EARLY_DAY_MOTIONS], padded + b" ", TODAY)
    assert (found.outcome, found.reason) == (
        Outcome.TOO_LARGE,
        "The data is larger than 3,000,000 bytes, and was not read.",
    )


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("2025-01-29T10:00:00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("kind", API_FORMATS)
@given(value=ANY_JSON)
@settings(max_examples=40, deadline=None)
def test_whatever_json_comes_is_an_outcome(kind: Format, value: Any) -> None:
    assert understand_list(READERS[kind], json.dumps(value).encode(), TODAY).outcome in set(Outcome)


@pytest.mark.parametrize("kind", API_FORMATS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_a_known_field_never_raises(kind: Format, data: st.DataObject) -> None:
    sample = SAMPLES[kind]
    outer = next((key for key in ("value", "attributes") if key in sample), "")
    fields = sample[outer] if outer else sample
    name = data.draw(st.sampled_from(sorted(fields)))
    spoilt = {**fields, name: data.draw(ANY_JSON)}
    found = understood(kind, {**sample, outer: spoilt} if outer else spoilt)
    assert found.outcome in (Outcome.READ, Outcome.UNREADABLE)


def test_days_are_filled_in_across_the_end_of_a_year() -> None:
    assert filled("https://example.org/?a={today}&b={from}&c={to}", date(2024, 12, 31)) == (
        "https://example.org/?a=2024-12-31&b=2024-12-17&c=2025-01-27"
    )


def test_a_real_bill_gains_its_purpose_and_no_sitting_that_is_over() -> None:
    bill = one(Format.BILLS, snapshot("beatonma_snommoc__bills.json")["items"][0])
    stages, purpose = READERS[Format.BILLS].further
    listed = snapshot("beatonma_snommoc__bill-2818_stages.json")
    assert stages.merge(bill, listed, date(2021, 1, 13)) == bill
    before = stages.merge(bill, listed, date(2021, 1, 12))
    assert (before.happens_on, before.date_words) == (
        date(2021, 1, 12),
        "1st reading in the House of Commons on 12 January 2021",
    )
    told = purpose.merge(bill, snapshot("beatonma_snommoc__bill-2818.json"), TODAY)
    assert told.summary == "A Bill to abolish business rates; and for connected purposes."


@pytest.mark.parametrize("kind", [kind for kind in API_FORMATS if READERS[kind].further])
@given(value=ANY_JSON)
@settings(max_examples=60, deadline=None)
def test_whatever_a_second_request_brings_leaves_the_entry_usable(kind: Format, value: Any) -> None:
    entry = one(kind, SAMPLES[kind])
    for further in READERS[kind].further:
        for answer in (value, {"value": value}, {"items": value}, {"items": [value]}):
            merged = further.merge(entry, answer, TODAY)
            assert (merged.id, merged.title, merged.link) == (entry.id, entry.title, entry.link)
            assert merged.summary or not entry.summary
