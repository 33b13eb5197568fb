"""What the look at a link means, when it is looked at again, and how an address is cleaned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digests.links import cleaned, due_for_a_look, followers, judged, leads_home, links_of
from digests.model import Also, LinkAnswer, LinkCheck, LinkState, Outcome
from tests.builders import NOW, a_content, an_entry

PAGE = "https://www.example.org/news/1"


@pytest.mark.parametrize("outcome", [Outcome.NOT_FOUND, Outcome.GONE])
def test_what_its_publisher_says_is_gone_is_dead_at_once(outcome: Outcome) -> None:
    assert judged(PAGE, LinkAnswer(outcome, "It is gone."), None, NOW).state is LinkState.DEAD


def test_a_name_that_is_not_found_counts_as_dead_only_the_second_time_in_a_row() -> None:
    answer = LinkAnswer(Outcome.UNREACHABLE, "No connection to it could be made.")
    first = judged(PAGE, answer, None, NOW)
    second = judged(PAGE, answer, first, NOW)
    assert (first.state, second.state) == (LinkState.UNSURE, LinkState.DEAD)
    between = judged(PAGE, LinkAnswer(Outcome.READ), first, NOW)
    assert judged(PAGE, answer, between, NOW).state is LinkState.UNSURE


@pytest.mark.parametrize(
    "outcome", [Outcome.REFUSED, Outcome.RATE_LIMITED, Outcome.SERVER_TROUBLE, Outcome.TIMED_OUT, Outcome.BLOCKED]
)
def test_a_refusal_or_trouble_says_nothing_of_what_readers_see(outcome: Outcome) -> None:
    assert judged(PAGE, LinkAnswer(outcome, "No."), None, NOW).state is LinkState.UNSURE


@pytest.mark.parametrize(
    ("moved_to", "state"),
    [
        ("", LinkState.ALIVE),
        ("https://example.org/news/1/", LinkState.ALIVE),
        ("http://www.example.org/news/1?utm_source=x", LinkState.ALIVE),
        ("javascript:alert(1)", LinkState.ALIVE),
        ("https://www.example.org/news/2?utm_source=x", LinkState.MOVED),
    ],
)
def test_moved_is_what_has_really_another_address(moved_to: str, state: LinkState) -> None:
    check = judged(PAGE, LinkAnswer(Outcome.READ, moved_to=moved_to), None, NOW)
    assert check.state is state
    assert check.moved_to == ("https://www.example.org/news/2" if state is LinkState.MOVED else "")


def test_links_are_looked_at_again_after_six_hours_and_after_one_near_approval() -> None:
    def due(hours: float, *, near: bool = False, failures: int = 0) -> bool:
        check = LinkCheck(PAGE, NOW - timedelta(hours=hours), LinkState.ALIVE, failures=failures)
        return list(due_for_a_look([PAGE], {PAGE: check}, NOW, near_approval=near)) == [PAGE]

    assert list(due_for_a_look([PAGE], {}, NOW, near_approval=False)) == [PAGE]
    assert [due(5.9), due(6)] == [False, True]
    assert [due(0.9, near=True), due(1, near=True)] == [False, True]
    assert [due(0.9, failures=1), due(1, failures=1)] == [False, True]


def test_the_links_of_an_edition_are_those_that_readers_get_each_once() -> None:
    also = Also("ICO", "The same", "https://ico.org.uk/1")
    content = a_content(an_entry(1, also=(also,)), an_entry(2, included=False), an_entry(1, id="e1@date"))
    assert links_of(content) == (PAGE, "https://ico.org.uk/1")


@pytest.mark.parametrize(
    ("url", "names", "clean"),
    [
        ("https://example.org/a?id=3", (), "https://example.org/a?id=3"),
        ("https://example.org/a?utm_source=x&id=3&CMP=share&utm_source=y", ("utm_source", "CMP"), "?id=3"),
        ("https://example.org/a?ref=x", ("ref",), ""),
        ("https://example.org/a?reference=x&&b", (), "https://example.org/a?reference=x&b"),
    ],
)
def test_parts_that_follow_readers_are_named_and_taken_off(url: str, names: tuple[str, ...], clean: str) -> None:
    assert followers(url) == names
    assert cleaned(url) == (clean if clean.startswith("https:") else f"https://example.org/a{clean}")


def test_a_front_page_is_known() -> None:
    homes = ("https://example.org", "https://example.org/", "https://example.org/?p=1", PAGE)
    assert [leads_home(url) for url in homes] == [True, True, False, False]
