"""What editors are warned of: whole sentences, and the cases in which nothing must be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from digests.model import Also, Entry, Kind, LinkCheck, LinkState, Section
from digests.told import Earlier, earlier
from digests.warnings import ENTRY_AT_MOST, WarningKind, warnings_of
from tests.builders import NOW, a_content, an_edition, an_entry

PLANNED = ("news", "dates")
LAST_WEEK = date(2025, 1, 17)
STORY = "Minister launches national inquiry into facial recognition cameras"


def warned(*entries: Entry, told: Earlier | None = None, **checks: LinkCheck) -> list[str]:
    """The sentences about a draft with these entries, without the ids."""
    found = warnings_of(
        an_edition(content=a_content(*entries)),
        earlier=told or Earlier(),
        checks={check.url: check for check in checks.values()},
        planned=PLANNED,
    )
    assert all(each.entry_id in {entry.id for entry in entries} for each in found)
    return [each.sentence for each in found]


def published(*entries: Entry, due_on: date = LAST_WEEK) -> Earlier:
    return earlier([an_edition(due_on, number=4, content=a_content(*entries))])


def test_an_ordinary_draft_is_warned_of_nothing() -> None:
    also = Also("ICO", "The same story", "https://ico.org.uk/1")
    assert warned(an_entry(1, also=(also,)), an_entry(2), told=published(an_entry(3))) == []


def test_what_stood_in_an_earlier_edition_is_named_with_its_number_and_day() -> None:
    told = published(an_entry(1), an_entry(7, title=STORY, kind=Kind.NEWS))
    assert warned(an_entry(1), told=told) == ["It stood in edition 4 (Friday 17 January 2025) already."]
    assert warned(an_entry(1, title="Another title"), told=told) == [
        "It stood in edition 4 (Friday 17 January 2025) already, as “Guidance on artificial intelligence, part 1”."
    ]
    elsewhere = an_entry(8, title=STORY + " – Example News", publisher="Example News", kind=Kind.NEWS)
    assert warned(elsewhere, told=published(elsewhere)) != []


def test_the_same_story_at_another_address_is_known_by_its_title() -> None:
    one = an_entry(7, title=STORY, kind=Kind.NEWS, publisher="The Gazette")
    two = an_entry(8, title=f"The {STORY}", kind=Kind.BLOG, publisher="Example Blog")
    assert warned(two, told=published(one)) == [
        f"It stood in edition 4 (Friday 17 January 2025) already, as “{STORY}”."
    ]
    assert warned(two, told=published(one, due_on=LAST_WEEK - timedelta(days=60))) == []


@pytest.mark.parametrize(
    ("changes", "before"),
    [
        ({"date": date(2025, 2, 1)}, {}),  # a day to come is told until it has passed
        ({"kind": Kind.BILL, "blurb": "At committee stage."}, {"kind": Kind.BILL, "blurb": "At second reading."}),
        ({"kind": Kind.CONSULTATION_OUTCOME}, {"kind": Kind.CONSULTATION}),
        ({"kind": Kind.CONSULTATION_OUTCOME}, {"kind": Kind.CALL_FOR_EVIDENCE}),
        ({}, {"included": False}),
        ({}, {"date": LAST_WEEK}),
    ],
)
def test_what_is_meant_to_be_told_again_is_no_repetition(changes: dict[str, Any], before: dict[str, Any]) -> None:
    assert warned(an_entry(1, **changes), told=published(an_entry(1, **before))) == []


def test_an_outcome_that_was_told_already_is_a_repetition() -> None:
    outcome = an_entry(1, kind=Kind.CONSULTATION_OUTCOME)
    assert warned(outcome, told=published(outcome)) != []


def test_a_link_that_stood_beside_an_earlier_entry_is_known_too() -> None:
    also = Also("ICO", "More", "https://www.example.org/news/1/")
    assert warned(an_entry(1), told=published(an_entry(5, also=(also,)))) != []


def look(entry: Entry, state: LinkState, reason: str = "", moved_to: str = "") -> LinkCheck:
    return LinkCheck(entry.url, NOW, state, reason, moved_to)


def test_dead_and_moved_links_are_said_with_what_was_seen() -> None:
    entry = an_entry(1)
    gone = look(entry, LinkState.DEAD, "There is no page at this address (404).")
    moved = look(entry, LinkState.MOVED, moved_to="https://www.example.org/new")
    home = look(entry, LinkState.MOVED, moved_to="https://www.example.org/")
    assert warned(entry, gone=gone) == [
        "The link leads nowhere. There is no page at this address (404). (Tried Thursday 23 January 2025, 10:00.)"
    ]
    assert warned(entry, moved=moved) == ["The link leads on to https://www.example.org/new now."]
    assert warned(entry, home=home) == [
        "The link leads to the front page of https://www.example.org/ now, so the page may be gone."
    ]
    for quiet in (LinkState.ALIVE, LinkState.UNSURE):
        assert warned(entry, quiet=look(entry, quiet, "The page refuses us (403).")) == []


def test_a_dead_link_beside_an_entry_is_named_by_its_publisher() -> None:
    also = Also("ICO", "More", "https://ico.org.uk/1")
    check = LinkCheck(also.url, NOW, LinkState.DEAD, "The page is gone for good (410).")
    assert warned(an_entry(1, also=(also,)), dead=check) == [
        "The link to ICO leads nowhere. The page is gone for good (410). (Tried Thursday 23 January 2025, 10:00.)"
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"url": "https://www.example.org/1?CMP=share&utm_medium=mail"},
            "The address has parts that may follow readers about: “CMP”, “utm_medium”.",
        ),
        ({"url": "https://www.example.org/1?ref=x"}, "The address has a part that may follow readers about: “ref”."),
        ({"title": "The minister said that all of the…"}, "The title is cut short."),
        ({"title": "The minister said that all of the [...]"}, "The title is cut short."),
        ({"title": "MINISTER LAUNCHES INQUIRY INTO AI"}, "The title is in capitals."),
        ({"publisher": " "}, "It does not say who published it."),
        (
            {"blurb": "x" * ENTRY_AT_MOST},
            "It is 2,969 characters long, and channels show the first 2,900 of an entry: please shorten its text.",
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert warned(an_entry(1, **changes)) == [sentence]


@pytest.mark.parametrize(
    "title", ["DSIT, DEFRA and HMRC publish data", "GDPR, PECR and NHSX", "UKRI OFCOM ICO", "Wait… what?", "AI"]
)
def test_acronyms_are_not_shouting_and_an_ellipsis_within_is_no_end(title: str) -> None:
    assert warned(an_entry(1, title=title)) == []


def test_what_is_told_twice_is_said_at_the_second_telling_with_where_the_first_stands() -> None:
    one = an_entry(1)
    assert warned(one, an_entry(2, url="http://example.org/news/1/", section="dates", title="Otherwise")) == [
        "It is told twice: also as “Guidance on artificial intelligence, part 1” under “News”."
    ]
    first = an_entry(7, title=STORY, kind=Kind.NEWS)
    assert warned(first, an_entry(8, title=STORY.upper().title(), kind=Kind.BLOG)) == [
        f"It is told twice: also as “{STORY}” under “News”."
    ]
    also = Also("ICO", "More", "https://www.example.org/news/2")
    assert len(warned(an_entry(1, also=(also,)), an_entry(2))) == 1


def test_other_years_stages_and_left_out_entries_are_no_duplicates() -> None:
    assert warned(an_entry(1, title=f"{STORY} 2024"), an_entry(2, title=f"{STORY} 2025")) == []
    assert warned(an_entry(1), an_entry(2, url=an_entry(1).url, included=False)) == []
    assert warned(an_entry(1), an_entry(1, id="e1@date", date=date(2025, 2, 1))) == []


def test_an_emptied_or_unfilled_heading_and_a_long_intro_are_said_of_the_whole() -> None:
    sections = (Section("news", "News"), Section("dates", "Dates"), Section("own", "Our events"))
    content = a_content(an_entry(1, included=False), sections=sections, intro="x" * 3000, outro="y" * 2901)
    content = replace(content, updates="z" * 2902)
    found = warnings_of(an_edition(content=content), earlier=Earlier(), checks={}, planned=PLANNED)
    assert [(each.entry_id, each.kind) for each in found] == [
        ("", WarningKind.TOO_LONG),
        ("", WarningKind.TOO_LONG),
        ("", WarningKind.TOO_LONG),
        ("", WarningKind.EMPTY_SECTION),
        ("", WarningKind.EMPTY_SECTION),
    ]
    assert [each.sentence for each in found] == [
        "The introduction is 3,000 characters long, and channels show the first 2,900 of it: please shorten it.",
        "The text on what the network has been up to is 2,902 characters long, and channels show the first 2,900 of "
        "it: please shorten it.",
        "The closing text is 2,901 characters long, and channels show the first 2,900 of it: please shorten it.",
        "Everything under “News” is left out, so readers will not see this heading.",
        "“Our events” has no entry yet, so readers will not see this heading.",
    ]
