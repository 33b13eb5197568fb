"""What everybody may see of the editions, and where in them everything stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from digests.archive import Archive, PublicEdition, public_edition
from digests.model import Also, EditionHead, EditionState, Entry, Kind, LeftOut, Section
from tests.builders import NOW, a_content, an_edition, an_entry

PUBLISHED_AT = an_edition().window.end
SECTIONS = (Section("news", "News"), Section("closing", "Closing dates"), Section("dates", "Coming up"))


def published(*entries: Entry, number: int = 1, week: int = 0) -> PublicEdition:
    content = a_content(*entries, sections=SECTIONS)
    edition = an_edition(
        date(2025, 1, 24) + timedelta(weeks=week), number=number, content=content, state=EditionState.PUBLISHED
    )
    return public_edition(edition, head_of(edition.id))


def head_of(edition_id: str = "2025-01-24", hours_after: float = -20) -> EditionHead:
    revised_at = PUBLISHED_AT + timedelta(hours=hours_after)
    return EditionHead(edition_id, 1, date(2025, 1, 24), EditionState.PUBLISHED, 1, revised_at)


def titles(mentions: object) -> list[str]:
    return [mention.entry.title for mention in mentions]  # type: ignore[attr-defined]


def test_readers_get_nothing_that_only_editors_see() -> None:
    content = a_content(
        an_entry(1),
        an_entry(2, included=False),
        maybe=(an_entry(3),),
        notes=("A note.",),
        left_out=(("too old", 2),),
        left_out_entries=(LeftOut("Secret", "https://s.example.org", "P", "too old"),),
        updates="We met.",
        outro="Goodbye.",
    )
    public = public_edition(an_edition(content=content), head_of()).edition.content
    assert public == a_content(an_entry(1, reasons=()), updates="We met.", outro="Goodbye.")


def test_an_edition_is_corrected_where_its_text_is_newer_than_its_publication() -> None:
    plain = public_edition(an_edition(), head_of())
    assert (plain.published_at, plain.updated_at, plain.is_corrected) == (PUBLISHED_AT, PUBLISHED_AT, False)
    corrected = public_edition(an_edition(), head_of(hours_after=3))
    assert (corrected.published_at, corrected.is_corrected) == (PUBLISHED_AT, True)
    assert corrected.updated_at == PUBLISHED_AT + timedelta(hours=3)


def test_editions_stand_newest_first_with_their_neighbours() -> None:
    archive = Archive([published(number=number, week=number) for number in (2, 4, 3)])
    assert [each.edition.number for each in archive.editions] == [4, 3, 2]
    older, newer = archive.neighbours(3)
    assert older is archive.by_number[2]
    assert newer is archive.by_number[4]
    assert archive.neighbours(4) == (archive.by_number[3], None)
    assert archive.neighbours(9) == (None, None)


def test_a_document_is_told_once_by_the_newest_edition_that_says_more_than_its_day() -> None:
    told, dated = (
        an_entry(1),
        an_entry(1, id="e1@date", section="closing", date=date(2025, 2, 3), blurb="Closing date."),
    )
    only_dated = an_entry(2, section="dates", date=date(2025, 2, 4))
    archive = Archive([published(told, dated, number=1), published(dated, only_dated, number=2, week=1)])
    assert [(m.where.edition.number, m.entry.id) for m in archive.documents] == [(2, "e2"), (1, "e1")]
    assert [m.where.edition.number for m in archive.of_item[told.item_id]] == [2, 1, 1]
    assert titles(archive.of_topic["ai"]) == [only_dated.title, told.title]
    assert "health" not in archive.of_topic


def test_what_was_merged_into_an_entry_has_its_place_too() -> None:
    entry = an_entry(
        1, also=(Also("News", "AI", "https://n.example.org", "i9"), Also("N", "B", "https://b.example.org"))
    )
    assert set(Archive([published(entry)]).of_item) == {entry.item_id, "i9"}


def test_an_entry_that_an_editor_added_by_its_address_has_no_item_and_is_found_all_the_same() -> None:
    archive = Archive([published(an_entry(1, item_id="", title="Letter"))])
    assert archive.of_item == {}
    assert titles(archive.search("letters")) == ["Letter"]


def test_search_wants_every_word_in_any_case_and_can_keep_to_one_topic() -> None:
    archive = Archive(
        [
            published(an_entry(1, title="Straße cameras", topics=("police",)), an_entry(2, title="Cameras"), number=1),
            published(an_entry(3, title="CAMERAS again", publisher="Élysée"), number=2, week=1),
        ]
    )
    assert titles(archive.search("camera")) == ["CAMERAS again", "Straße cameras", "Cameras"]
    assert titles(archive.search("STRASSE, camera!")) == ["Straße cameras"]
    assert titles(archive.search("elysee")) == ["CAMERAS again"]
    assert titles(archive.search("cameras", "police")) == ["Straße cameras"]
    assert titles(archive.search("", "police")) == ["Straße cameras"]
    assert titles(archive.search("the")) == []
    assert titles(archive.search("cameras", "nothing")) == []


def test_days_are_told_as_the_latest_edition_has_them_under_a_key_that_stays() -> None:
    first = an_entry(1, section="closing", date=date(2025, 2, 3))
    moved = replace(first, date=date(2025, 2, 10))
    meeting = an_entry(2, section="dates", date=date(2025, 2, 3), kind=Kind.EVENT)
    again = replace(meeting, id="e9", date=date(2025, 2, 4))
    archive = Archive(
        [published(first, meeting, number=1), published(moved, meeting, again, number=2, week=1)], closing=["closing"]
    )
    days = [(ahead.day.day, ahead.closes, ahead.mention.where.edition.number) for ahead in archive.days]
    assert days == [(3, False, 2), (4, False, 2), (10, True, 2)]
    assert [ahead.key for ahead in archive.days] == [
        f"{meeting.item_id}-happens",
        f"{meeting.item_id}-happens-2",
        f"{first.item_id}-closes",
    ]


def test_a_day_with_a_time_is_a_moment_of_london() -> None:
    first = an_entry(1, date=date(2025, 7, 3), time=time(23, 59))
    (ahead,) = Archive([published(first)]).days
    assert ahead.at == datetime(2025, 7, 3, 22, 59, tzinfo=UTC)
    later = published(replace(first, time=time(17)), number=2, week=1)
    (ahead,) = Archive([published(first), later]).days
    assert ahead.at == datetime(2025, 7, 3, 16, tzinfo=UTC)


def test_a_consultation_closes_whatever_section_an_editor_puts_it_in() -> None:
    entry = an_entry(1, section="dates", date=date(2025, 2, 3), kind=Kind.CONSULTATION)
    (ahead,) = Archive([published(entry)]).days
    assert ahead.closes


def test_withdrawn_numbers_are_known_and_nothing_else_of_them() -> None:
    archive = Archive([], withdrawn={7: 1})
    assert set(archive.withdrawn) == {7}
    assert archive.by_number == {}


def test_changes_grow_with_every_edition_correction_and_withdrawal() -> None:
    first, second = published(an_entry(1)), published(an_entry(2), number=2, week=1)
    corrected = replace(second, edition=replace(second.edition, revision=2))
    states = [
        Archive(),
        Archive([first]),
        Archive([first, second]),
        Archive([first, corrected]),
        Archive([first], withdrawn={2: 2}),
        Archive([], withdrawn={1: 1, 2: 2}),
    ]
    counts = [archive.changes for archive in states]
    assert counts == sorted(set(counts))


def test_what_is_revised_before_it_goes_out_is_no_correction() -> None:
    assert not public_edition(an_edition(), head_of(hours_after=0)).is_corrected
    assert NOW < PUBLISHED_AT
