"""Corrections after publication: drafts beside the edition, what readers are told, and when it becomes the text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digests import correcting, editing
from digests.errors import Stale
from digests.model import Correcting, EditionState, content_hash
from tests.builders import NOW, an_edition

PUBLISHED = an_edition(state=EditionState.PUBLISHED, revision=3)
AT = datetime(2025, 7, 4, 13, 2, tzinfo=UTC)


def test_a_correction_is_a_draft_beside_the_edition_which_stays_as_it_is() -> None:
    draft, revision = correcting.begin(PUBLISHED, [], "the date", author="bob", now=NOW)
    assert (draft.id, draft.number, draft.state, draft.revision) == (
        "2025-01-24~1",
        PUBLISHED.number,
        EditionState.CORRECTING,
        1,
    )
    assert (revision.author, revision.what) == ("bob", "began a correction: “the date”")
    assert draft.content.corrections == (Correcting("the date"),)
    assert replace(draft.content, corrections=()) == PUBLISHED.content
    assert correcting.corrected_id(draft.id) == PUBLISHED.id == correcting.corrected_id(PUBLISHED.id)


def test_a_correction_can_be_edited_like_a_draft() -> None:
    draft, _ = correcting.begin(PUBLISHED, [], "an entry", author="bob", now=NOW)
    edited, _ = editing.apply(draft, editing.drop(draft.content, "e2"), author="bob", now=NOW)
    assert [entry.id for entry in edited.content.included] == ["e1"]


@pytest.mark.parametrize("state", [state for state in EditionState if state is not EditionState.PUBLISHED])
def test_only_what_readers_have_can_be_corrected(state: EditionState) -> None:
    with pytest.raises(Stale, match="Only what readers have can be corrected"):
        correcting.begin(replace(PUBLISHED, state=state), [], "x", author="bob", now=NOW)
    draft, _ = correcting.begin(PUBLISHED, [], "x", author="bob", now=NOW)
    with pytest.raises(Stale, match="so it was not corrected"):
        correcting.applied(replace(PUBLISHED, state=state), draft, author="bob", now=NOW)


def test_one_correction_is_worked_on_at_a_time_and_the_next_has_another_id() -> None:
    draft, _ = correcting.begin(PUBLISHED, [], "x", author="bob", now=NOW)
    with pytest.raises(Stale, match="being worked on already"):
        correcting.begin(PUBLISHED, [draft], "y", author="carol", now=NOW)
    given_up = replace(draft, state=EditionState.GIVEN_UP)
    assert correcting.begin(PUBLISHED, [given_up], "y", author="carol", now=NOW)[0].id == "2025-01-24~2"


def test_an_approved_correction_is_the_next_revision_and_says_when() -> None:
    draft, _ = correcting.begin(PUBLISHED, [], "the date", author="bob", now=NOW)
    corrected, revision = correcting.applied(PUBLISHED, draft, author="bob", now=AT)
    assert (corrected.id, corrected.state, corrected.revision) == (PUBLISHED.id, EditionState.PUBLISHED, 4)
    assert (revision.revision, revision.author, revision.what) == (4, "bob", "corrected: “the date”")
    assert correcting.lines_of(corrected.content) == ("Corrected on Friday 4 July 2025 at 14:02: the date",)
    again, _ = correcting.begin(corrected, [], "the link", author="bob", now=AT)
    assert correcting.lines_of(again.content)[1] == "Corrected: the link"
    twice, _ = correcting.applied(corrected, again, author="bob", now=AT + timedelta(hours=1))
    assert correcting.lines_of(twice.content)[1] == "Corrected on Friday 4 July 2025 at 15:02: the link"


def test_an_approval_is_to_the_words_of_a_correction_and_not_to_its_moment() -> None:
    draft, _ = correcting.begin(PUBLISHED, [], "the date", author="bob", now=NOW)
    corrected, _ = correcting.applied(PUBLISHED, draft, author="bob", now=AT)
    assert content_hash(corrected.content) == content_hash(draft.content) != content_hash(PUBLISHED.content)
    assert content_hash(correcting.reworded(draft.content, "the day")) != content_hash(draft.content)
