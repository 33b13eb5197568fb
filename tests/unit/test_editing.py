"""Editing: every edit gives the next content and says what was done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digests import editing
from digests.errors import NotFound, Stale
from digests.model import EditionState
from tests.builders import NOW, a_content, an_edition, an_entry


def test_an_entry_that_is_left_out_stays_in_place_but_is_not_included() -> None:
    edit = editing.drop(a_content(an_entry(1), an_entry(2), an_entry(3)), "e2")
    assert [entry.id for entry in edit.content.entries] == ["e1", "e2", "e3"]
    assert [entry.id for entry in edit.content.included] == ["e1", "e3"]
    assert edit.what == "left out “Guidance on artificial intelligence, part 2”"


def test_an_entry_takes_its_day_with_it_but_a_day_may_go_alone() -> None:
    content = a_content(an_entry(1), an_entry(2), an_entry(1, id="e1@date", section="dates"))
    assert [entry.id for entry in editing.drop(content, "e1").content.included] == ["e2"]
    assert [entry.id for entry in editing.drop(content, "e1@date").content.included] == ["e1", "e2"]


def test_leaving_out_and_putting_back_gives_the_content_we_began_with() -> None:
    content = a_content(an_entry(1), an_entry(2))
    assert editing.restore(editing.drop(content, "e1").content, "e1").content == content


def test_a_maybe_joins_the_end_of_its_section_and_leaves_the_maybes() -> None:
    content = a_content(an_entry(1), an_entry(2), an_entry(3, section="dates"), maybe=(an_entry(4), an_entry(5)))
    edit = editing.restore(content, "e4")
    assert [entry.id for entry in edit.content.entries] == ["e1", "e2", "e4", "e3"]
    assert [entry.id for entry in edit.content.maybe] == ["e5"]


def test_the_first_entry_of_an_empty_section_goes_to_the_end() -> None:
    content = a_content(an_entry(1), maybe=(an_entry(4, section="dates"),))
    assert [entry.id for entry in editing.restore(content, "e4").content.entries] == ["e1", "e4"]


def test_pressing_twice_says_that_it_is_done_already() -> None:
    dropped = editing.drop(a_content(), "e1").content
    with pytest.raises(Stale, match="is left out already"):
        editing.drop(dropped, "e1")
    with pytest.raises(Stale, match="is in the draft already"):
        editing.restore(a_content(), "e1")


def test_an_entry_that_is_gone_is_said_to_be_gone() -> None:
    with pytest.raises(NotFound, match="not in this draft any more"):
        editing.drop(a_content(), "e99")


def test_an_edit_is_the_next_revision_with_its_author() -> None:
    edition = an_edition()
    edit = editing.drop(edition.content, "e1")
    changed, revision = editing.apply(edition, edit, author="m1", now=NOW)
    assert (changed.revision, revision.revision, revision.author, revision.at) == (2, 2, "m1", NOW)
    assert changed.content == revision.content == edit.content


@pytest.mark.parametrize("state", [state for state in EditionState if state is not EditionState.DRAFT])
def test_an_edition_that_is_no_draft_any_more_cannot_be_edited(state: EditionState) -> None:
    edition = replace(an_edition(), state=state)
    with pytest.raises(Stale, match="Nothing was changed"):
        editing.apply(edition, editing.drop(edition.content, "e1"), author="m1", now=NOW)
