"""Closing and sitting times in the sentences of GOV.UK, Parliament and regulators; and sentences that have none."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digests import times
from digests.calendar import say_day, say_time
from digests.dates import Found, find

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("summary", "day", "at"),
    [
        ("This consultation closes at 11:59pm on 3 December 2026", (12, 3), time(23, 59)),
        ("deadline 5pm Friday 4 December", (12, 4), time(17)),
        ("Please respond to our consultation by noon on 4 December 2026.", (12, 4), time(12)),
        ("Responses must be received by midday on Friday 4 December.", (12, 4), time(12)),
        ("The call for evidence closes at midnight on 10 December 2026", (12, 10), time(23, 59)),
        ("Submissions due by 23:59 on Monday 14 December 2026", (12, 14), time(23, 59)),
        ("The consultation will close at 5.30pm on 18 December 2026.", (12, 18), time(17, 30)),
        ("Closing date for responses: 5pm (GMT), Friday 18 December 2026", (12, 18), time(17)),
        ("The deadline for written evidence is Friday 11 December 2026 at 11.59pm.", (12, 11), time(23, 59)),
        ("Consultation closes: 29 December 2026, 5pm", (12, 29), time(17)),
        ("Please send your comments to us by 5 p.m. on 11 December 2026.", (12, 11), time(17)),
        ("The survey is open until 11:45pm on 12 December 2026", (12, 12), time(23, 45)),
        ("We are consulting until 17.00 on 18 December 2026.", (12, 18), time(17)),
        ("Responses are due by 12 noon on Tuesday 1 December 2026", (12, 1), time(12)),
        ("Apply by 11:55pm on Sunday 6th December 2026", (12, 6), time(23, 55)),
        ("The consultation runs from 20 November 2026 to 5pm on 15 December 2026.", (12, 15), time(17)),
        ("The consultation runs between 20 November 2026 and 15 December 2026.", (12, 15), None),
        ("Deadline for applications: midnight tomorrow", (11, 21), time(23, 59)),
        ("Have your say before the consultation closes at 5pm on Wednesday", (11, 25), time(17)),
        ("Tell us your views by Thursday.", (11, 26), None),
        ("Closes 3 December 2026 23:59", (12, 3), time(23, 59)),
        ("Closing date: 2026-12-03T23:59:00Z", (12, 3), time(23, 59)),
        ("The consultation closes at 11:59pm on 03.12.2026", (12, 3), time(23, 59)),
        ("5pm, 4 December 2026 is the deadline", (12, 4), time(17)),
        ("Ofcom invites responses by 5pm on 22 December 2026, using the form below.", (12, 22), time(17)),
        ("Please submit your response no later than 17:00hrs on 22 December 2026", (12, 22), time(17)),
        ("Deadline: 4 December 2026 (midday)", (12, 4), time(12)),
        ("Open consultation closes 11.59pm 8 December 2026", (12, 8), time(23, 59)),
        ("Deadline to respond: Mon 7 Dec, 9am", (12, 7), time(9)),
        ("The deadline of 5pm on 4 December has been extended to 11:59pm on 18 December 2026", (12, 18), time(23, 59)),
        ("Views by close of business on 4 December 2026", (12, 4), None),
    ],
)
def test_a_closing_time_is_found_in_the_words_of_those_who_ask(
    summary: str, day: tuple[int, int], at: time | None
) -> None:
    found = find("Consultation on data", summary, published=FRIDAY)
    assert (found.deadline, found.deadline_time, found.happens_on) == (date(2026, *day), at, None), found
    assert found.words in summary


@pytest.mark.parametrize(
    ("summary", "day", "at"),
    [
        ("The Bill will have its second reading on Tuesday 1 December.", (12, 1), None),
        ("Second reading: Tuesday 1 December 2026, 2.30pm", (12, 1), time(14, 30)),
        ("Lords committee stage: first sitting 14 December 2026, 3.45pm", (12, 14), time(15, 45)),
        ("The Committee will take oral evidence at 9:30am on Wednesday 2 December 2026", (12, 2), time(9, 30)),
        ("Oral evidence session, 14:30, Tuesday 1 December 2026", (12, 1), time(14, 30)),
        ("Evidence session on Tuesday 1 December 2026 at 10am", (12, 1), time(10)),
        ("Join us for a webinar on 8 December 2026, 10:30am to 12pm", (12, 8), time(10, 30)),
        ("Webinar: Thursday 10 December 2026, 2-3.30pm", (12, 10), time(14)),
        ("Workshop between 11am and 1pm on 10 December 2026", (12, 10), time(11)),
        ("Seminar 11-1pm, 10 December 2026", (12, 10), time(11)),
        ("The debate will take place on 7 December 2026 from 4.30pm", (12, 7), time(16, 30)),
        ("The debate is scheduled for Monday 30 November at 4.30pm in Westminster Hall", (11, 30), time(16, 30)),
        ("The Committee will hold an evidence session on Wednesday.", (11, 25), None),
        ("The conference is on 3 and 4 December 2026, 9am to 5pm", (12, 3), time(9)),
    ],
)
def test_a_sitting_begins_at_the_first_time_that_is_said(summary: str, day: tuple[int, int], at: time | None) -> None:
    found = find("Data", summary, published=FRIDAY)
    assert (found.happens_on, found.happens_at, found.deadline) == (date(2026, *day), at, None), found
    assert found.words in summary


@pytest.mark.parametrize(
    "summary",
    [
        "Published on 3 December 2026",
        "Since 3 December 2026 the regulator has had new powers over the deadline.",
        "Between 3 December 2026 and 5 January 2027 the events were held.",
        "The consultation was open between 1 December 2026 and 15 January 2027.",
        "The report covers the year ending 31 March 2027 and invites comments.",
        "The survey is of the year to 31 March 2027.",
        "The tribunal hearing took place on 3 December 2026.",
        "The hearing was held on 20 November 2026 at 10am.",
        "Minutes of the meeting held on 23 November 2026",
        "The Committee held an evidence session on Wednesday.",
        "It had its second reading on Tuesday.",
        "Week commencing 30 November 2026: debates in the House",
        "Statistics as at 31 December 2026 on responses to the survey.",
        "The consultation closed on 19 November 2026 at 5pm.",
        "The consultation closed on Thursday.",
        "Consultation responses will be published by 3 December 2026",
        "The government must respond by 3 December 2026",
        "The closing of every office at 5pm",
        "The deadline is next Thursday.",
        "The deadline was Thursday.",
        "The survey closes on Fridays.",
        # It was published on a Friday: today, or in a week?
        "The survey closes on Friday.",
        "Deadline Monday 4 December",
        "deadline: Friday 4 December 2025",
        "The order comes into force on 1 January 2027.",
    ],
)
def test_a_sentence_that_announces_nothing_has_no_day(summary: str) -> None:
    assert find("Data", summary, published=FRIDAY) == Found()


@pytest.mark.parametrize(
    "summary", ["It costs £10.30 on 3 December 2026: conference", "Debate on 3 December 2026, 10 people"]
)
def test_a_number_beside_a_day_is_not_always_a_time(summary: str) -> None:
    found = find("Data", summary, published=FRIDAY)
    assert (found.happens_on, found.happens_at) == (date(2026, 12, 3), None)


@pytest.mark.parametrize("words", ["25pm on ", "13:75 on ", "0pm on ", "7 on ", "", "in 2025 on "])
def test_what_no_clock_shows_is_no_time(words: str) -> None:
    assert times.before(words) is None


_CLOCK = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def spellings(at: time) -> list[str]:
    """The ways in which people write a time of day."""
    half = "pm" if at.hour >= 12 else "am"
    hour = at.hour % 12 or 12
    minutes = f"{at.minute:02}"
    ways = [f"{hour}:{minutes}{half}", f"{hour}.{minutes} {half}", f"{at.hour:02}:{minutes}", say_time(at)]
    return [*ways, f"{hour}{half}", f"{hour} {half[0]}.m."] if at.minute == 0 else ways


@given(_CLOCK, st.dates(FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=300)), st.data())
def test_however_a_time_is_written_it_is_found_on_either_side_of_its_day(
    at: time, day: date, data: st.DataObject
) -> None:
    written = data.draw(st.sampled_from(spellings(at)))
    before = f"The consultation closes at {written} on {say_day(day)}"
    behind = f"The consultation closes on {say_day(day)} at {written}"
    for summary in (before, behind):
        found = find("Data", summary, published=FRIDAY)
        assert (found.deadline, found.deadline_time) == (day, at), summary
        assert found.words == summary.removeprefix("The consultation ").strip(".")


@given(st.dates(FRIDAY, FRIDAY + timedelta(days=180)), st.integers(1, 6))
def test_a_day_without_its_year_is_found_by_its_weekday_or_not_at_all(day: date, wrong: int) -> None:
    said = say_day(day).rsplit(" ", 1)[0]
    assert find("Data", f"Deadline {said}", published=FRIDAY).deadline == day
    other = say_day(day + timedelta(days=wrong)).split(" ", 1)[0]
    found = find("Data", f"Deadline {other} {said.split(' ', 1)[1]}", published=FRIDAY).deadline
    assume(day.month != 2 or day.day != 29)
    assert found is None or found.strftime("%A") == other


@given(st.text("0123456789:.apm-–, noidght()onTBS", max_size=40))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    for found in (times.before(text), times.after(text)):
        if found is not None:
            assert 0 <= found.start <= found.end <= len(text)
