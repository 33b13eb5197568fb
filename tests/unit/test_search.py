"""What people may write to search the archive, and the terms by which items are found."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.calendar import LONDON
from digests.model import Kind, Topic
from digests.search import Query, QueryError, parse, terms
from tests.builders import an_item

TOPICS = {"health_data": Topic("health_data", "Health data", "About health data"), "ai": Topic("ai", "AI", "About AI")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Policing", "police POLICED"),
        ("the regulation of algorithms", "Regulating an algorithm"),
        ("people’s data", "people's data"),
        ("don’t", "dont"),
        ("Étude, Ŵ; STRASSE", "etude w straße"),
        ("ﬁle", "file"),
    ],
)
def test_what_a_reader_takes_for_the_same_word_is_one_term(one: str, other: str) -> None:
    assert set(terms(one)) == set(terms(other))


@given(st.text())
def test_a_term_has_only_characters_that_no_database_folds_or_splits(text: str) -> None:
    assert all(re.fullmatch(r"[a-z0-9]{1,60}", term) for term in terms(text))


def test_words_of_other_alphabets_are_told_apart() -> None:
    assert len({*terms("данные дані 数据 δεδομένα")}) == 4


def test_words_phrases_exclusions_and_filters_are_understood_in_any_order() -> None:
    assert parse(
        'from:2026-10-01 facial kind:consultation -police "live trial" topic:Health-Data publisher:"Home Office" '
        "to:2026-10-31",
        TOPICS,
    ) == Query(
        all_of=frozenset(terms("facial live trial")),
        none_of=frozenset(terms("police")),
        phrases=(terms("live trial"),),
        topics=frozenset({"health_data"}),
        publishers=(terms("Home Office"),),
        kind=Kind.CONSULTATION,
        since=date(2026, 10, 1),
        until=date(2026, 10, 31),
    )


@pytest.mark.parametrize("called", ['"health data"', "health-data", "health_data", "Health-Data", "“Health  data”"])
def test_a_topic_is_known_by_its_name_or_id_however_its_words_are_joined(called: str) -> None:
    assert parse(f"topic:{called}", TOPICS).topics == {"health_data"}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_can_be_typed_with_hyphens_or_in_quotation_marks(kind: Kind) -> None:
    for called in (kind.value.replace(" ", "-"), f'"{kind.value}"'):
        assert parse(f"kind:{called}", TOPICS).kind is kind


def test_an_address_with_its_colon_is_words() -> None:
    assert parse("https://www.gov.uk/data", TOPICS).all_of == set(terms("https www gov uk data"))


def test_days_are_those_of_london_and_both_count() -> None:
    query = parse("from:2026-10-25 to:2026-10-25 data", TOPICS)
    assert (query.begins, query.ends) is not None
    assert query.begins is not None
    assert query.ends is not None
    # Clocks go back that night, so the day has 25 hours.
    assert (query.ends.timestamp() - query.begins.timestamp()) / 3600 == 25


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31"])
def test_the_first_and_the_last_day_that_there_can_be_may_be_asked_for(day: str) -> None:
    since, until = parse(f"from:{day} data", TOPICS), parse(f"to:{day} data", TOPICS)
    assert since.begins == datetime.fromisoformat(day).replace(tzinfo=LONDON)
    assert (until.ends is None) == (day == "9999-12-31")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("topik:ai data", "I don’t know the filter “topik:”. Did you mean “topic:”?"),
        ("zzz:ai data", "I don’t know the filter “zzz:”. There are topic, kind, publisher, from and to."),
        ("topic:health-dat", "I don’t know the topic “health-dat”. Did you mean topic:health-data?"),
        ("topic:unicorns", "I don’t know the topic “unicorns”. /topics list shows them all."),
        ("kind:consultations", "I don’t know the kind “consultations”. Did you mean kind:consultation?"),
        ("kind:written-questoin", "I don’t know the kind “written-questoin”. Did you mean kind:written-question?"),
        ("-topic:ai data", "I can leave out words only, so write “-” before a word, and not before “topic:”."),
        ("from:yesterday data", "“yesterday” is not a date that I can read. Write it as in from:2026-10-01."),
        (
            "from:2026-10-02 to:2026-10-01 data",
            "Friday 2 October 2026 comes after Thursday 1 October 2026, so nothing can lie between them.",
        ),
        ("the of", "There is no word in that search to look for. Write for example “facial recognition”."),
        ("!!!", "There is no word in that search to look for. Write for example “facial recognition”."),
        ("publisher:!", "Which publisher? Write for example publisher:ICO."),
    ],
)
def test_what_cannot_be_understood_is_said_with_what_to_write_instead(words: str, sentence: str) -> None:
    with pytest.raises(QueryError) as wrong:
        parse(words, TOPICS)
    assert wrong.value.sentence == sentence


def test_a_phrase_must_stand_together_and_a_publisher_be_named() -> None:
    item = an_item(1, title="A live trial of cameras", summary="", publisher="The Home Office")
    assert parse('"live trials"', TOPICS).fits_closely(item)
    assert not parse('"trial live"', TOPICS).fits_closely(item)
    assert parse("publisher:home", TOPICS).fits_closely(item)
    assert not parse("publisher:treasury", TOPICS).fits_closely(item)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_query_or_a_sentence(words: str) -> None:
    try:
        asked = parse(words, TOPICS)
    except QueryError as wrong:
        sentence = wrong.sentence
    else:
        sentence = "" if asked == Query() else "Understood."
    assert sentence.endswith((".", "?"))
