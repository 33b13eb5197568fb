"""What is done again in a restored backup about those who left since: worked out from the journal alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.keeping.model import Departure, Did
from bot.keeping.replaying import Redo, begins_at, to_redo
from bot.privacy.model import Processing
from tests.builders import NOW

HOUR = timedelta(hours=1)
FOUND = {"k1.alice": "alice", "k2.alice": "alice", "k1.bob": "bob", "k2.bob": "bob"}


def entry(did: Did, who: str, hours: float, **more: object) -> Departure:
    return Departure(did, who, NOW + hours * HOUR, **more)  # type: ignore[arg-type]


def test_whoever_was_erased_is_erased_again_whenever_that_was_and_whatever_key_made_the_mark() -> None:
    redo = to_redo([entry(Did.ERASED, "k1.alice", -900), entry(Did.ERASED, "k2.bob", 1)], FOUND, NOW)
    assert {who: each.erase for who, each in redo.items()} == {"alice": True, "bob": True}


def test_whoever_is_not_in_the_backup_is_not_missed() -> None:
    assert to_redo([entry(Did.ERASED, "k1.carol", 1), entry(Did.BEGAN, "", -1)], FOUND, NOW) == {}


def test_of_a_wish_to_be_erased_and_its_end_the_later_counts() -> None:
    asked = entry(Did.ASKED, "k1.alice", 1, due_at=NOW + 300 * HOUR)
    redo = to_redo([asked, entry(Did.ASKED, "k1.bob", 1), entry(Did.KEPT, "k1.bob", 2)], FOUND, NOW)
    assert (redo["alice"].wish, redo["alice"].keep) == (asked, False)
    assert (redo["bob"].wish, redo["bob"].keep) == (None, True)


def test_who_left_the_directory_before_the_backup_may_have_come_back_before_it() -> None:
    left = [entry(Did.LEFT, "k1.alice", -1), entry(Did.LEFT, "k1.bob", 1)]
    redo = to_redo(left, FOUND, NOW)
    assert {who: each.left for who, each in redo.items()} == {"alice": False, "bob": True}


def test_the_latest_word_on_each_processing_counts_if_it_came_after_the_backup() -> None:
    redo = to_redo(
        [
            entry(Did.NOT_RANKED, "k1.alice", -1),
            entry(Did.NOT_INTRODUCED, "k1.alice", 1),
            entry(Did.INTRODUCED, "k1.bob", 2),
            entry(Did.NOT_INTRODUCED, "k1.bob", 1),
        ],
        FOUND,
        NOW,
    )
    assert {p: e.did for p, e in redo["alice"].objections.items()} == {Processing.INTRODUCTIONS: Did.NOT_INTRODUCED}
    assert {p: e.did for p, e in redo["bob"].objections.items()} == {Processing.INTRODUCTIONS: Did.INTRODUCED}


def test_two_members_who_became_one_and_were_erased_are_both_erased() -> None:
    merged = entry(Did.MERGED, "k1.alice", 1, other="k1.bob")
    redo = to_redo([merged, entry(Did.ERASED, "k2.bob", 2)], FOUND, NOW)
    assert {who: each.erase for who, each in redo.items()} == {"alice": True, "bob": True}
    joined_later = {mark: who for mark, who in FOUND.items() if who == "alice"}
    assert to_redo([merged, entry(Did.ERASED, "k1.bob", 2)], joined_later, NOW)["alice"].erase
    assert to_redo([merged], FOUND, NOW) == {}


def objections(redo: Mapping[str, Redo], who: str) -> dict[Processing, Did]:
    return {processing: each.did for processing, each in redo[who].objections.items()} if who in redo else {}


def test_what_either_objected_to_before_they_became_one_the_one_person_objects_to() -> None:
    merged = entry(Did.MERGED, "k1.alice", 4, other="k1.bob")
    no = {Processing.INTRODUCTIONS: Did.NOT_INTRODUCED}
    # Whether Alice objected after the backup was made or before: Bob is who objects since then.
    for when in (3, -3):
        redo = to_redo([entry(Did.NOT_INTRODUCED, "k1.alice", when), merged], FOUND, NOW)
        assert objections(redo, "bob") == no
    # That Bob once took his own objection back takes nothing back of hers.
    his = [entry(Did.NOT_INTRODUCED, "k1.bob", 1), entry(Did.INTRODUCED, "k1.bob", 3.5)]
    redo = to_redo([*his, entry(Did.NOT_INTRODUCED, "k1.alice", 3), merged], FOUND, NOW)
    assert (objections(redo, "alice"), objections(redo, "bob")) == (no, no)
    # What the one person says afterwards holds for both.
    after = entry(Did.INTRODUCED, "k1.bob", 5)
    redo = to_redo([entry(Did.NOT_INTRODUCED, "k1.alice", 3), merged, after], FOUND, NOW)
    yes = {Processing.INTRODUCTIONS: Did.INTRODUCED}
    assert (objections(redo, "alice"), objections(redo, "bob")) == (yes, yes)


def test_a_wish_to_be_erased_goes_with_whoever_became_another() -> None:
    asked = entry(Did.ASKED, "k1.alice", 1, due_at=NOW + 300 * HOUR)
    merged = entry(Did.MERGED, "k1.alice", 2, other="k1.bob")
    redo = to_redo([asked, merged], FOUND, NOW)
    assert (redo["alice"].wish, redo["bob"].wish) == (asked, asked)
    redo = to_redo([asked, merged, entry(Did.KEPT, "k1.bob", 3)], FOUND, NOW)
    assert [(redo[who].wish, redo[who].keep) for who in ("alice", "bob")] == [(None, True)] * 2


def test_whoever_left_before_the_two_became_one_leaves_the_other_in_the_directory() -> None:
    merged = entry(Did.MERGED, "k1.alice", 2, other="k1.bob")
    redo = to_redo([entry(Did.LEFT, "k1.bob", 1), merged], FOUND, NOW)
    assert {who: each.left for who, each in redo.items()} == {"alice": False, "bob": True}
    redo = to_redo([merged, entry(Did.LEFT, "k1.bob", 3)], FOUND, NOW)
    assert {who: each.left for who, each in redo.items()} == {"alice": True, "bob": True}


def test_marks_that_lead_in_a_circle_do_no_harm() -> None:
    circle = [entry(Did.MERGED, "k1.alice", 1, other="k1.bob"), entry(Did.MERGED, "k1.bob", 2, other="k1.alice")]
    redo = to_redo([*circle, entry(Did.LEFT, "k1.bob", 3)], FOUND, NOW)
    assert all(each.left for each in redo.values())


def test_the_journal_says_from_when_on_it_is_complete() -> None:
    assert begins_at([]) is None
    assert begins_at([entry(Did.BEGAN, "", 3), entry(Did.BEGAN, "", 1), entry(Did.LEFT, "k1.bob", 0)]) == NOW + HOUR
