"""How many links a member may suggest, which belong together, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digests.model import Address, Also, EditionState, Suggestion, SuggestionState
from digests.suggestions import (
    MOST_A_DAY,
    Fate,
    credits_of,
    for_new_draft,
    grouped,
    may_suggest_again,
    once_published,
    waiting,
)
from tests.builders import NOW, a_content, an_edition, an_entry

URL = "https://news.example.org/a"
ALICE = Address("slack", "T01", user="U01")
ONE = Suggestion("s1", "alice", ALICE, URL, "It is new.", NOW, "2025-01-24", title="A page")
NAMES = {"alice": "Alice", "dan": "Dan"}
OPEN, USED = SuggestionState.OPEN, SuggestionState.USED


def test_ten_links_a_day_and_the_next_when_the_first_of_them_is_a_day_old() -> None:
    recent = [replace(ONE, id=f"s{n}", suggested_at=NOW + timedelta(hours=n)) for n in range(MOST_A_DAY)]
    now = NOW + timedelta(hours=12)
    assert may_suggest_again(recent[1:], now) is None
    assert may_suggest_again(recent, now) == NOW + timedelta(days=1)
    assert may_suggest_again(recent, NOW + timedelta(days=1)) is None


def test_what_several_members_suggest_at_one_address_is_one_with_all_of_them_credited() -> None:
    other = replace(ONE, id="s2", member_id="dan", url="http://www.news.example.org/a/", why="", title="")
    gone = replace(ONE, id="s3", member_id="erased", why="Why not?")
    apart = replace(ONE, id="s4", url=URL + "/b")
    together, alone = grouped([replace(ONE, title=""), other, gone, apart], NAMES)
    assert together.credit == "suggested by Alice: “It is new.”; Dan; a former member: “Why not?”"
    assert alone.lead is apart
    assert grouped([other, ONE], NAMES)[0].lead is ONE


def test_the_editors_decide_on_what_the_edition_does_not_link() -> None:
    suggested = grouped([ONE], NAMES)
    also = (Also("The Gazette", "A page", URL),)
    assert waiting(a_content(an_entry(1, also=also)), suggested) == ()
    assert waiting(a_content(an_entry(1, url=URL, included=False)), suggested) == suggested
    assert credits_of(suggested, ["https://news.example.org/a/"]) == "suggested by Alice: “It is new.”"
    assert credits_of(suggested, ["https://news.example.org/b"]) == ""


@pytest.mark.parametrize(
    ("state", "inside", "after"),
    [
        (OPEN, True, (USED, Fate.PUBLISHED)),
        (USED, True, (USED, Fate.PUBLISHED)),
        (USED, False, (SuggestionState.DECLINED, Fate.DECLINED)),
        (OPEN, False, None),
        (SuggestionState.DECLINED, True, None),
        (SuggestionState.EXPIRED, True, None),
    ],
)
def test_what_becomes_of_a_suggestion_when_its_edition_is_out(
    state: SuggestionState, inside: bool, after: tuple[SuggestionState, Fate] | None
) -> None:
    edition = an_edition(content=a_content(an_entry(1, url=URL, included=inside), an_entry(2)))
    found = list(once_published(edition, [replace(ONE, state=state)], NOW))
    assert [(each.state, fate) for each, fate in found] == ([after] if after else [])


@pytest.mark.parametrize(
    ("state", "carried", "before", "after"),
    [
        (OPEN, 0, EditionState.PUBLISHED, (OPEN, 1, Fate.CARRIED)),
        (OPEN, 1, EditionState.PUBLISHED, (SuggestionState.EXPIRED, 1, Fate.DECLINED)),
        (OPEN, 1, EditionState.LAPSED, (OPEN, 1, None)),
        (OPEN, 0, None, (OPEN, 0, None)),
        (USED, 0, EditionState.LAPSED, (OPEN, 0, None)),
        (USED, 0, EditionState.PUBLISHED, None),
        (SuggestionState.DECLINED, 0, EditionState.LAPSED, None),
    ],
)
def test_what_a_new_draft_takes_over(
    state: SuggestionState,
    carried: int,
    before: EditionState | None,
    after: tuple[SuggestionState, int, Fate | None] | None,
) -> None:
    closed = {"2025-01-24": before} if before else {}
    found = list(for_new_draft("2025-01-31", [replace(ONE, state=state, carried=carried)], closed, NOW))
    assert [(each.state, each.carried, fate) for each, fate in found] == ([after] if after else [])
    assert all(each.edition_id == "2025-01-31" for each, _ in found if each.state is OPEN)
    assert list(for_new_draft("2025-01-24", [replace(ONE, state=state)], closed, NOW)) == []
