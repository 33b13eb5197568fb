"""The bundled samples: they parse, nothing in them is later than their moment, and they fill a digest."""

from __future__ import annotations

import calendar
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import feedparser
import pytest

from config.catalogue import SAMPLES, SAMPLES_NOW, load_catalogue, load_samples
from digests.model import Format, Group

WEEK_BEGAN = datetime(2025, 1, 17, 9, 0, tzinfo=UTC)

ENTRIES = {
    "big-brother-watch": 3,
    "edpb-news": 3,
    "gds-blog": 4,
    "govuk-dsit": 9,
    "govuk-search-news": 10,
    "govuk-search-policy": 8,
    "ico-news": 5,
    "parliament-bills": 12,
    "parliament-news": 3,
    "parliament-written-answers": 6,
    "publictechnology": 4,
    "scotgov-digital-blog": 3,
    "ukauthority": 1,
}


@dataclass(frozen=True)
class Sample:
    """One entry of a sample feed, as an ordinary parser reads it."""

    source_id: str
    id: str
    title: str
    link: str
    summary: str
    at: datetime


def read() -> Iterator[Sample]:
    for source_id, path in load_samples().items():
        for entry in feedparser.parse(io.BytesIO(path.read_bytes())).entries:
            moment = entry.published_parsed if "published_parsed" in entry else entry.updated_parsed
            at = datetime.fromtimestamp(calendar.timegm(moment), UTC)
            yield Sample(source_id, entry.id, entry.title, entry.link, entry.get("summary", ""), at)


@cache
def samples() -> tuple[Sample, ...]:
    return tuple(read())


def of(source_id: str) -> list[Sample]:
    return [sample for sample in samples() if sample.source_id == source_id]


def test_every_sample_stands_for_a_source_that_is_read_and_every_file_is_listed() -> None:
    catalogue, files = load_catalogue(), load_samples()
    assert files.keys() <= {source.id for source in catalogue.enabled}
    assert {path.name for path in SAMPLES.iterdir()} == {"index.yaml", *(path.name for path in files.values())}
    for source_id, path in files.items():
        assert path.suffix == (".atom" if catalogue.by_id[source_id].format is Format.ATOM else ".rss")


@pytest.mark.parametrize(("source_id", "count"), ENTRIES.items())
def test_a_sample_is_a_sound_feed_with_all_its_entries(source_id: str, count: int) -> None:
    parsed = feedparser.parse(io.BytesIO(load_samples()[source_id].read_bytes()))
    assert not parsed.bozo
    assert parsed.version == ("atom10" if source_id.startswith("govuk-") else "rss20")
    assert len(parsed.entries) == count


def test_no_sample_was_left_uncounted() -> None:
    assert ENTRIES.keys() == load_samples().keys()


def test_every_entry_has_a_title_a_web_address_and_one_line_of_summary() -> None:
    for sample in samples():
        assert sample.title, sample
        assert sample.link.startswith("https://"), sample
        assert sample.summary, sample
        assert "\n" not in sample.summary, sample


def test_a_feed_never_lists_a_document_twice() -> None:
    assert len({(sample.source_id, sample.link) for sample in samples()}) == len(samples())


def test_nothing_is_later_than_the_moment_of_the_samples() -> None:
    assert [sample for sample in samples() if sample.at > SAMPLES_NOW] == []


def test_every_part_of_the_digest_has_something_of_the_week_and_there_is_a_backlog() -> None:
    by_id = load_catalogue().by_id
    fresh = {by_id[sample.source_id].group for sample in samples() if sample.at >= WEEK_BEGAN}
    assert fresh >= {
        Group.GOVERNMENT,
        Group.PARLIAMENT,
        Group.REGULATORS,
        Group.DEVOLVED,
        Group.INTERNATIONAL,
        Group.CIVIL_SOCIETY,
        Group.PRESS,
    }
    assert sum(sample.at >= WEEK_BEGAN for sample in samples()) >= 30
    assert sum(sample.at < WEEK_BEGAN - timedelta(days=1) for sample in samples()) >= 20


def test_what_is_coming_up_is_said_in_ordinary_words() -> None:
    words = " ".join(sample.summary for sample in samples() if sample.at >= WEEK_BEGAN)
    for said in (
        "Report stage, second day: 28 January 2025",
        "evidence session on 30 January 2025",
        "closes on 28 February 2025",
        "closes on 15 April 2025",
    ):
        assert said in words


def test_organisation_feeds_prefix_the_kind_and_change_their_ids_while_searches_do_neither() -> None:
    organisation = {sample.link: sample for sample in of("govuk-dsit")}
    searches = {sample.link: sample for sample in (*of("govuk-search-news"), *of("govuk-search-policy"))}
    both = organisation.keys() & searches.keys()
    assert len(both) >= 6
    for link in both:
        assert organisation[link].title.partition(": ")[2] == searches[link].title
        assert organisation[link].id == f"{link}#{organisation[link].at:%Y-%m-%dT%H:%M:%SZ}"
        assert searches[link].id == link.replace("https://www.gov.uk", "tag:www.gov.uk,2005:")


def test_bills_carry_their_stage_in_an_attribute_and_no_publication_date() -> None:
    words = load_samples()["parliament-bills"].read_text(encoding="utf-8")
    assert '<channel xmlns:p4="#billsSchema">' in words
    assert words.count('<item p4:stage="') == words.count("<a10:updated>") == ENTRIES["parliament-bills"]
    assert "<pubDate>" not in words
    assert " Z</lastBuildDate>" in words
    assert (
        '<item p4:stage="Report stage">\n<guid isPermaLink="true">https://bills.parliament.uk/bills/3825</guid>'
        in words
    )


def test_written_answers_hold_the_question_and_the_answer() -> None:
    for sample in of("parliament-written-answers"):
        assert sample.summary.startswith("<p>[Question] To ask "), sample
        assert "</p> <p>[Answer] " in sample.summary, sample
