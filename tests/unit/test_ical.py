"""The calendar of dates by RFC 5545: what a stranger's parser reads from it, and how its lines are written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from digests.archive import Ahead, Archive, Mention, PublicEdition, public_edition
from digests.model import EditionHead, EditionState, Kind, Topic
from digests.render.ical import calendar
from tests.builders import a_content, an_edition, an_entry

BASE = "https://digest.example.org"
TOPICS = {"ai": Topic("ai", "AI, and more; all of it", "")}
EVENING = datetime(2025, 7, 3, 22, 59, tzinfo=UTC)


def ahead(**changes: object) -> Ahead:
    entry = an_entry(1, **{"date": date(2025, 2, 3), "blurb": "Closing date.", **changes})
    edition = an_edition(number=34, content=a_content(entry))
    head = EditionHead(edition.id, 34, edition.due_on, EditionState.PUBLISHED, 1, edition.created_at)
    return Ahead("i1-closes", date(2025, 2, 3), True, Mention(public_edition(edition, head), entry))


def written(*days: Ahead, sequence: int = 0) -> str:
    return calendar("Digest: dates", days, base=BASE, topics=TOPICS, sequence=sequence)


def events(*days: Ahead, sequence: int = 0) -> list[Any]:
    found: list[Any] = Calendar.from_ical(written(*days, sequence=sequence)).walk("VEVENT")
    return found


def event_of(archive: Archive) -> Any:
    (event,) = events(*archive.days, sequence=archive.changes)
    return event


def test_a_day_is_an_event_of_the_whole_day() -> None:
    (event,) = events(ahead())
    assert (event["UID"], event["SEQUENCE"]) == ("i1-closes@digest.example.org", 0)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2025, 2, 3), date(2025, 2, 4))
    assert event["DTSTAMP"].dt == datetime(2025, 1, 24, 9, tzinfo=UTC)
    assert event["SUMMARY"] == "Closes: Guidance on artificial intelligence, part 1"
    assert event["URL"] == "https://www.example.org/news/1"
    assert event["DESCRIPTION"] == (
        "Department of Examples\nClosing date.\nhttps://www.example.org/news/1\n"
        "Data Policy Digest 34: https://digest.example.org/editions/34"
    )
    assert event["CATEGORIES"].cats == ["AI, and more; all of it"]
    assert event["TRANSP"] == "TRANSPARENT"


def test_a_day_with_a_time_is_an_event_of_that_moment_in_utc() -> None:
    timed = replace(ahead(), day=date(2025, 7, 3), at=EVENING, closes=False)
    (event,) = events(timed, sequence=2)
    assert event["DTSTART"].dt == EVENING
    assert "DTSTART:20250703T225900Z\r\n" in written(timed)
    assert "DTEND" not in event
    assert (event["SUMMARY"], event["SEQUENCE"]) == ("Guidance on artificial intelligence, part 1", 2)


def test_the_calendar_says_what_it_is_and_when_to_look_again() -> None:
    whole: Any = Calendar.from_ical(written())
    assert (whole["VERSION"], whole["METHOD"], whole["NAME"]) == ("2.0", "PUBLISH", "Digest: dates")
    assert written().endswith("END:VCALENDAR\r\n")
    assert events() == []


def test_marks_of_the_format_are_escaped_and_lines_that_somebody_wrote_stay_one() -> None:
    hostile = "a, b; c\\n \\ d\r\nBEGIN:VEVENT\r\nX:\u2028y\x00"
    text = written(ahead(title=hostile))
    assert r"SUMMARY:Closes: a\, b\; c\\n \\ d BEGIN:VEVENT X: y" in text
    (event,) = events(ahead(title=hostile))
    assert event["SUMMARY"] == "Closes: a, b; c\\n \\ d BEGIN:VEVENT X: y"


def test_an_address_that_is_not_of_the_web_is_not_linked() -> None:
    assert "URL" not in events(ahead(url="javascript:alert(1)"))[0]


def test_an_entry_without_an_item_is_known_by_a_plain_name() -> None:
    (day,) = Archive([ahead(item_id="", url="https://www.example.org/a?b=c&d").mention.where]).days
    assert events(day)[0]["UID"] == "https-www.example.org-a-b-c-d-happens@digest.example.org"


def test_a_day_that_moves_keeps_its_event() -> None:
    first = ahead(kind=Kind.CONSULTATION).mention.where
    moved_entry = replace(first.edition.content.entries[0], date=date(2025, 2, 10))
    later = replace(
        first,
        edition=replace(first.edition, due_on=date(2025, 1, 31), number=35, content=a_content(moved_entry)),
        updated_at=first.updated_at + timedelta(days=7),
    )
    before, after = event_of(Archive([first])), event_of(Archive([first, later]))
    assert before["UID"] == after["UID"]
    assert before["SEQUENCE"] < after["SEQUENCE"]
    assert after["DTSTART"].dt == date(2025, 2, 10)
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt


def test_a_day_that_a_correction_moves_or_a_withdrawal_moves_back_is_taken_notice_of() -> None:
    first = ahead(kind=Kind.CONSULTATION).mention.where
    entry = first.edition.content.entries[0]
    later_edition = replace(first.edition, due_on=date(2025, 1, 31), number=35)

    def later(day: int, revision: int) -> PublicEdition:
        content = a_content(replace(entry, date=date(2025, 2, day)))
        return replace(first, edition=replace(later_edition, revision=revision, content=content))

    states = (
        Archive([first]),
        Archive([first, later(10, revision=1)]),
        Archive([first, later(12, revision=2)]),
        Archive([first], withdrawn={35: 2}),
    )
    seen = list(map(event_of, states))
    assert len({event["UID"] for event in seen}) == 1
    assert [event["DTSTART"].dt.day for event in seen] == [3, 10, 12, 3]
    sequences = [event["SEQUENCE"] for event in seen]
    assert sequences == sorted(set(sequences))


@given(st.text(min_size=1, max_size=200))
def test_no_words_whatever_break_the_format(words: str) -> None:
    text = written(ahead(title=words, publisher=words, blurb=words))
    lines = text.encode("utf-8", "replace").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    assert len(events(ahead(title=words, publisher=words, blurb=words))) == 1
