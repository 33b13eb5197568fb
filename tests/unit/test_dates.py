"""What counts as the day a text is about, and what does not."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.dates import _DATE, Found, _may_name_a_day, find

JANUARY = date(2025, 1, 20)


@pytest.mark.parametrize(
    ("title", "summary", "published", "deadline", "words"),
    [
        (
            "Consultation on smart data",
            "This consultation closes at 11:59pm on 3 December 2026",
            date(2026, 11, 20),
            date(2026, 12, 3),
            "closes at 11:59pm on 3 December 2026",
        ),
        ("Survey", "deadline 5pm Friday 4 December", date(2026, 11, 20), date(2026, 12, 4), None),
        ("Cyber security of AI: a call for views", "(both until 9 August)", date(2024, 5, 20), date(2024, 8, 9), None),
        ("Copyright and AI: consultation", "Respond by 25 February 2025.", JANUARY, date(2025, 2, 25), None),
        ("Open consultation", "Our consultation closes on 7 March.", JANUARY, date(2025, 3, 7), "closes on 7 March"),
        ("Consultation", "It opens on 1 May 2025 and closes on 12 June 2025.", JANUARY, date(2025, 6, 12), None),
        (
            "Consultation",
            "The consultation runs from 3 December to 4 January.",
            date(2025, 12, 1),
            date(2026, 1, 4),
            "runs from 3 December to 4 January",
        ),
        ("Inquiry", "Closing date: 2025-03-03", JANUARY, date(2025, 3, 3), None),
        ("Inquiry", "CLOSES 03/02/2025", JANUARY, date(2025, 2, 3), None),
        ("Inquiry", "February 3rd, 2025 is the deadline", JANUARY, date(2025, 2, 3), None),
        (
            "Call for evidence",
            "Send views no later than 5 p.m. on Monday 3rd of March 2025",
            JANUARY,
            date(2025, 3, 3),
            None,
        ),
        ("Inquiry", "Deadline for the evidence session: 3 March 2025", JANUARY, date(2025, 3, 3), None),
        (
            "Deadline extended",
            "The deadline for responses was 3 March 2025 and has been extended to 17 March 2025.",
            JANUARY,
            date(2025, 3, 17),
            None,
        ),
    ],
)
def test_a_closing_date_is_found_with_the_words_that_name_it(
    title: str, summary: str, published: date, deadline: date, words: str | None
) -> None:
    found = find(title, summary, published=published)
    assert (found.deadline, found.happens_on) == (deadline, None)
    if words:
        assert found.words == words
    assert found.words


MARCH = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        (
            "Consultation on ending analogue phone lines by 31 January 2027",
            "This consultation closes at 5pm on 3 March 2025.",
        ),
        ("Consultation on cutting emissions by 1 January 2030", "It is open from 20 January until 3 March 2025."),
        ("Consultation", "Send views. The Act must be complied with by 1 June 2025. Deadline: 3 March 2025"),
        ("Views on data by 1 June 2027", "The consultation runs from 20 January 2025 to 3 March 2025."),
        ("Consultation", "We will publish our response by 30 June 2025. Consultation closes 3 March 2025"),
        (
            "Consultation on ending fax by 31 January 2027",
            "Extended by two weeks until 3 March: the deadline is 3 March.",
        ),
        ("Consultation on ending fax by 31 January 2027", "It has been extended by two weeks until 3 March 2025."),
        ("Consultation on faxes", "The deadline is by 3 March 2025. Ministers want faxes gone by 31 January 2027."),
    ],
)
def test_words_of_closing_go_before_a_mere_by_or_until_wherever_these_stand(title: str, summary: str) -> None:
    assert find(title, summary, published=JANUARY).deadline == MARCH


def test_what_merely_runs_from_then_to_then_does_not_go_before_a_request() -> None:
    summary = "Respond by 3 March 2025. The scheme runs from 1 April 2025 to 1 May 2025."
    assert find("Consultation", summary, published=JANUARY).deadline == MARCH


@pytest.mark.parametrize(
    "summary",
    [
        "We will publish our response by 30 June 2025.",
        "A summary of the comments will be published by 30 June 2025.",
        "The Government’s response is expected by 30 June 2025.",
        "Ofcom intends to respond to the consultation by 30 June 2025.",
        "Results expected by 30 June 2025.",
        "By 30 June 2025 we will publish what was decided.",
    ],
)
def test_when_those_who_ask_will_answer_is_no_closing_date(summary: str) -> None:
    assert find("Consultation", summary, published=JANUARY) == Found()
    assert find("Consultation", f"{summary} Please respond by 3 March 2025.", published=JANUARY).deadline == MARCH


@pytest.mark.parametrize(
    "summary",
    [
        "Please send your response by 3 March 2025.",
        "If you intend to respond, please do so by 3 March 2025.",
        "Before we publish our response, please send us your comments by 3 March 2025.",
        "By 3 March 2025 please respond to this survey.",
        "Have your say on how we publish data by 3 March 2025.",
        "Responses are expected by 3 March 2025.",
    ],
)
def test_a_request_for_an_answer_is_no_promise_of_one(summary: str) -> None:
    assert find("Consultation", summary, published=JANUARY).deadline == MARCH


@pytest.mark.parametrize(
    ("title", "summary", "deadline"),
    [
        (
            "To what extent should AI be regulated?",
            "The consultation closes on 3 March 2025. New rules are to be consulted on by 1 December 2025.",
            MARCH,
        ),
        (
            "Extensive reform of data law: consultation",
            "Closing date: 3 March 2025. We intend to respond by 30 September 2025.",
            MARCH,
        ),
        # Only an extension makes the latest day count.
        ("Extensive reform of data law", "Views: closing date 3 March 2025. The next call closes 1 June 2025.", MARCH),
        (
            "Call for evidence",
            "Deadline for responses has been extended from 31 January 2025 to 14 February 2025. "
            "Results expected by 30 May 2025.",
            date(2025, 2, 14),
        ),
        ("Consultation", "Closing date: 3 March 2025 (extended from 31 January 2025).", MARCH),
        (
            "Extension of a consultation",
            "It closes on 14 February 2025. New closing date: 3 March 2025. Banks must join by 1 June 2025.",
            MARCH,
        ),
    ],
)
def test_an_extended_deadline_is_the_latest_of_the_days_that_close_something(
    title: str, summary: str, deadline: date
) -> None:
    found = find(title, summary, published=JANUARY)
    assert found.deadline == deadline
    assert found.words in summary


@pytest.mark.parametrize(
    ("summary", "published", "day"),
    [
        ("Report stage is scheduled for 28 January 2025.", JANUARY, date(2025, 1, 28)),
        ("There will be an evidence session on 4 February 2025 with the regulator.", JANUARY, date(2025, 2, 4)),
        ("second reading: 12 February", JANUARY, date(2025, 2, 12)),
        ("11 July: Data-centric AI webinar: the data scraping challenge", date(2024, 6, 27), date(2024, 7, 11)),
        ("Summit on 10-11 February 2025 in Paris", JANUARY, date(2025, 2, 10)),
        ("Updated 3 March 2025: evidence session on 12 March", JANUARY, date(2025, 3, 12)),
        ("The inquiry takes oral evidence on 16 April, then again on 23 and 30 April.", JANUARY, date(2025, 4, 16)),
        ("On Wednesday 29 January 2025 the Committee will be holding three one-off evidence sessions", JANUARY, None),
    ],
)
def test_a_sitting_or_an_event_is_found(summary: str, published: date, day: date | None) -> None:
    found = find("Data (Use and Access) Bill", summary, published=published)
    assert (found.deadline, found.happens_on) == (None, day or date(2025, 1, 29))


def test_a_text_may_name_a_closing_date_and_a_sitting() -> None:
    found = find("Inquiry", "Evidence session on 4 February 2025; closing date 7 March 2025.", published=JANUARY)
    assert found == Found(
        deadline=date(2025, 3, 7),
        happens_on=date(2025, 2, 4),
        words="closing date 7 March 2025; Evidence session on 4 February 2025",
    )


@pytest.mark.parametrize(
    "summary",
    [
        "The report covers the year to 31 March 2025.",
        "These Regulations come into force on 12 February 2025.",
        "Minutes published on 3 March 2025, after the event.",
        "Pursuant to the Answer of 20 February 2025 on bathing water.",
        "We await the results of the consultation, due by 24 May.",
        "To ask the Minister whether people must apply for a replacement by 31 March 2025.",
        "[Question] To ask the Minister whether people must apply by 31 March 2025. [Answer] Yes.",
        "That this House notes the debate on 31 March 2025.",
        "The deadline is 31 February 2025.",
        "closes 2025-13-45",
        "5 may close; the deadline may be 6 may",
        "A new law by 31 March 2025",
        "A conference in March 2025",
    ],
)
def test_a_date_without_a_cue_or_that_is_no_date_is_ignored(summary: str) -> None:
    assert find("Data", summary, published=JANUARY) == Found()


@pytest.mark.parametrize(
    ("summary", "published"),
    [
        ("The consultation closes on 19 January 2025.", JANUARY),
        ("The Bill had its second reading on 12 February", date(2025, 3, 1)),
        ("They debated it at second reading on 19 December", date(2025, 1, 10)),
        # 4 December was a Wednesday in 2024: the last one is meant, not the next.
        ("deadline Wednesday 4 December", date(2025, 4, 20)),
    ],
)
def test_a_day_before_publication_is_ignored(summary: str, published: date) -> None:
    assert find("Consultation", summary, published=published) == Found()


def test_a_day_on_the_day_of_publication_counts() -> None:
    assert find("Inquiry", "closes on 20 January 2025", published=JANUARY).deadline == JANUARY


def test_without_a_publication_date_only_a_date_with_its_year_counts() -> None:
    assert find("Inquiry", "closes on 3 March", published=None) == Found()
    assert find("Inquiry", "closes on 3 March 2025", published=None).deadline == date(2025, 3, 3)


@pytest.mark.parametrize("words", ["deadline Tuesday 3 March", "deadline Tuesday 3 March 2025"])
def test_a_day_that_contradicts_its_weekday_is_no_day(words: str) -> None:
    assert find("Inquiry", words, published=JANUARY) == Found()


def test_a_weekday_decides_between_two_years() -> None:
    assert find("Inquiry", "deadline Tuesday 6 January", published=date(2025, 7, 20)).deadline == date(2026, 1, 6)
    assert find("Inquiry", "deadline Monday 6 January", published=date(2025, 7, 20)) == Found()


@pytest.mark.parametrize(
    "hostile",
    ["3 December " * 100_000, "by " * 300_000, "deadline for " * 100_000, "1 " * 500_000, "until 5pm " * 200_000],
)
def test_a_hostile_text_costs_no_time(hostile: str) -> None:
    started = time.perf_counter()
    find(hostile, hostile + "3 December 2026", published=JANUARY)
    assert time.perf_counter() - started < 0.5


@given(st.text(alphabet="0123456789 -/.:;,()thMarchDecmbydlinuos", max_size=200), st.dates())
def test_no_text_breaks_it_and_nothing_before_publication_is_ever_found(words: str, published: date) -> None:
    found = find(words, words, published=published)
    assert all(day is None or day >= published for day in (found.deadline, found.happens_on))


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["3", "12th", "2025", "JULY", "sept.", "Tuesday", "of", ",", "May", "–"]),
            st.dates().map(date.isoformat),
            st.text(alphabet="0123456789/- ", max_size=10),
        )
    ).map(" ".join)
)
def test_whatever_is_read_as_a_day_may_name_one(words: str) -> None:
    if _DATE.search(words):
        assert _may_name_a_day(words)
