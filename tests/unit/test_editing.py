"""Editing: every edit gives the next content and says what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests import editing
from digests.editing import Edit
from digests.errors import NotFound, Stale
from digests.model import Also, Content, EditionState, LeftOut
from tests.builders import NOW, a_content, a_revision, an_edition, an_entry


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


@pytest.mark.parametrize("state", [state for state in EditionState if not state.is_open])
def test_an_edition_that_is_no_draft_any_more_cannot_be_edited(state: EditionState) -> None:
    edition = replace(an_edition(), state=state)
    with pytest.raises(Stale, match="Nothing was changed"):
        editing.apply(edition, editing.drop(edition.content, "e1"), author="m1", now=NOW)


def ids(content: Content, section: str = "news") -> list[str]:
    return [entry.id for entry in content.of_section(section)]


def test_an_entry_goes_to_a_place_counted_among_what_is_shown() -> None:
    content = a_content(*(an_entry(n, included=n != 2) for n in range(1, 6)), an_entry(9, section="dates"))
    assert ids(content) == ["e1", "e3", "e4", "e5"]
    assert ids(editing.place(content, "e5", "news", 2).content) == ["e1", "e5", "e3", "e4"]
    assert ids(editing.place(content, "e1", "news", 99).content) == ["e3", "e4", "e5", "e1"]
    assert ids(editing.up(content, "e3").content) == ["e3", "e1", "e4", "e5"]
    assert ids(editing.down(content, "e4").content) == ["e1", "e3", "e5", "e4"]
    moved = editing.place(content, "e1", "dates")
    assert (ids(moved.content), ids(moved.content, "dates")) == (["e3", "e4", "e5"], ["e9", "e1"])
    assert moved.what == "moved “Guidance on artificial intelligence, part 1” to Dates"
    assert editing.place_of(moved.content, "e1") == (2, 2)
    with pytest.raises(Stale, match="not in the draft at the moment"):
        editing.up(content, "e2")
    with pytest.raises(NotFound, match="That section is not in this edition any more"):
        editing.place(content, "e1", "gone")


def test_an_entrys_day_is_told_under_the_same_title() -> None:
    content = a_content(an_entry(1), an_entry(1, id="e1@date", section="dates"), an_entry(2))
    reworded = editing.reword(content, "e1", "New", "Text.").content
    assert [(entry.title, entry.blurb) for entry in reworded.entries[:2]] == [
        ("New", "Text."),
        ("New", "What public bodies should know, part 1."),
    ]
    assert editing.reword(content, "e1@date", "Alone", "").content.entries[0].title != "Alone"


def test_merging_keeps_every_link_once_and_the_day() -> None:
    other, same = Also("ICO", "Same", "https://ico.example.org/1"), Also("Ofcom", "S", "https://o.example.org/1")
    content = a_content(
        an_entry(1, also=(other,)),
        an_entry(2, also=(other, same), publisher="ICO", title="Long " * 60),
        an_entry(2, id="e2@date", section="dates"),
    )
    edit = editing.merge(content, "e2", "e1")
    kept, day = edit.content.entries
    assert [(also.publisher, also.url) for also in kept.also] == [
        ("ICO", "https://ico.example.org/1"),
        ("ICO", "https://www.example.org/news/2"),
        ("Ofcom", "https://o.example.org/1"),
    ]
    assert kept.also[1].item_id == content.entries[1].item_id
    assert day.id == "e2@date"
    assert edit.what.endswith("…” into “Guidance on artificial intelligence, part 1”")
    with pytest.raises(Stale, match="into itself"):
        editing.merge(content, "e1", "e1")
    with pytest.raises(NotFound):
        editing.merge(content, "e1", "e9")


def test_sections_have_ids_of_their_own_and_the_last_one_stays() -> None:
    content = a_content(an_entry(1))
    added = editing.add_section(content, "NEWS!", "news").content
    assert [(section.id, section.title) for section in added.sections] == [
        ("news", "News"),
        ("news-2", "NEWS!"),
        ("dates", "Dates"),
    ]
    assert editing.add_section(content, "Новости", "").content.sections[0].id == "section"
    assert editing.section_before(added, "news-2") == "news"
    assert editing.section_before(added, "news") == ""
    with pytest.raises(Stale, match="“News” has entries"):
        editing.remove_section(added, "news")
    alone = a_content(an_entry(1, included=False), sections=added.sections[:1])
    with pytest.raises(Stale, match="needs a section"):
        editing.remove_section(alone, "news")


def test_what_was_left_out_of_the_draft_is_counted_so_no_longer_once_it_is_added() -> None:
    left = LeftOut("T", "https://www.example.org/news/7", "P", "ranked below")
    content = a_content(an_entry(1), left_out=(("not relevant", 5), ("ranked below", 1)), left_out_entries=(left,))
    added = editing.add(content, an_entry(7, section="gone")).content
    assert (added.left_out, added.left_out_entries) == ((("not relevant", 5),), ())
    assert [(entry.id, entry.section) for entry in added.entries] == [("e1", "news"), ("e7", "news")]


def test_the_difference_of_two_texts_is_told_in_words() -> None:
    old = a_content(an_entry(1), an_entry(2), an_entry(3), an_entry(4), intro="Hello.", outro="Bye.")
    new = editing.drop(old, "e1").content
    new = editing.merge(new, "e4", "e2").content
    new = editing.reword(new, "e3", "Third", "Told anew.").content
    new = editing.place(editing.up(new, "e3").content, "e3", "dates").content
    new = editing.add_section(new, "Watch", "dates").content
    new = editing.write(
        editing.write(editing.retitle(new, "Special").content, "intro", "").content, "outro", "X"
    ).content
    part = "Guidance on artificial intelligence, part"
    assert editing.compare(old, new) == (
        "the edition is called “Special”, not “Data Policy Digest”",
        "the intro is gone",
        "the outro is different",
        "there is a section “Watch”",
        f"“{part} 1” is out",
        f"“{part} 4” is merged into “{part} 2”",
        f"the links behind “{part} 2” are 1, not 0",
        f"“{part} 3” is titled “Third”",
        "the text of “Third” is different",
        "“Third” is in Dates",
    )
    assert editing.compare(new, new) == ()
    reordered = editing.move_section(editing.up(old, "e2").content, "dates", "").content
    assert editing.compare(old, reordered) == (
        "the sections stand in another order",
        "the entries of News stand in another order",
    )


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6), st.integers(1, 6)), max_size=12))
def test_whatever_is_done_no_link_is_lost_and_undoing_leads_back_step_by_step(acts: list[tuple[int, int, int]]) -> None:
    start = a_content(*(an_entry(n) for n in range(1, 6)), maybe=(an_entry(6),))
    steps: tuple[Callable[[Content, str, str], Edit], ...] = (
        lambda now, a, b: editing.drop(now, a),
        lambda now, a, b: editing.restore(now, a),
        lambda now, a, b: editing.up(now, a),
        lambda now, a, b: editing.down(now, a),
        lambda now, a, b: editing.merge(now, a, b),
        lambda now, a, b: editing.place(now, a, "dates", int(b[1:])),
        lambda now, a, b: editing.reword(now, a, b, a),
    )
    edition, history = an_edition(content=start), [a_revision(an_edition(content=start))]
    for act, one, other in acts:
        try:
            edit = steps[act](edition.content, f"e{one}", f"e{other}")
        except (Stale, NotFound):
            continue
        edition, revision = editing.apply(edition, edit, author="m1", now=NOW)
        history.append(revision)
        shown = [*edition.content.entries, *edition.content.maybe]
        links = sorted([entry.url for entry in shown] + [also.url for entry in shown for also in entry.also])
        assert links == sorted(f"https://www.example.org/news/{n}" for n in range(1, 7))
    before = [revision.content for revision in history]
    while target := editing.undo_target(history):
        content = next(revision.content for revision in history if revision.revision == target.revision)
        assert content == before[target.revision - 1]
        edit = editing.Edit(content, "undid", target.revision)
        edition, revision = editing.apply(edition, edit, author="m2", now=NOW)
        history.append(revision)
    assert edition.content == start
    assert len(history) == 2 * len(before) - 1


def test_only_what_both_changed_to_different_words_clashes() -> None:
    seen = {name: editing.mark(name) for name in ("a", "b", "c", "d")}
    present = {"a": "a", "b": "theirs", "c": "theirs", "d": "same"}
    typed = {"a": "mine", "b": "b", "c": "mine", "d": "same", "e": "no field of the form"}
    merged = editing.merge_typed(seen, present, typed)
    assert (merged.wanted, merged.clashes) == ({"a": "mine", "c": "mine"}, ("c",))
