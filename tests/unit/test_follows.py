"""Who hears of which item, when, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from digests.follows import due, in_words, is_quiet, matches, why_followed
from digests.model import Address, Cadence, Follow, Listener, Quiet, TaggedItem, Topic, Window
from tests.builders import NOW, a_tagged_item, a_tagging, an_item

TOPICS = {"ai": Topic("ai", "Artificial intelligence", "About AI")}
LONG_AGO = NOW - timedelta(days=30)
NIGHT = Quiet(time(20), time(8))


def a_follow(topic: str = "ai", words: str = "", without: str = "", cadence: Cadence = Cadence.NOW) -> Follow:
    return Follow("alice", topic, words, without, cadence, LONG_AGO)


def a_listener(told_until: datetime, quiet: Quiet | None = None) -> Listener:
    return Listener("alice", Address("fake", "W", user="alice"), quiet, dict.fromkeys(Cadence, told_until))


@pytest.mark.parametrize(
    ("follow", "why"),
    [
        (a_follow(), "Artificial intelligence: “artificial intelligence” in the title (rule: ai-1)"),
        (
            a_follow(words="guidance", without="dental"),
            "Artificial intelligence: “artificial intelligence” in the title (rule: ai-1), and it has “guidance”",
        ),
        (a_follow("", "Guidance"), "it has “Guidance”"),
        (a_follow("health"), ""),
        (a_follow(words="absent"), ""),
        (a_follow(without="intelligence"), ""),
        (replace(a_follow(), at=NOW + timedelta(days=1)), ""),
    ],
)
def test_why_an_item_is_followed_is_said_in_words(follow: Follow, why: str) -> None:
    assert why_followed(follow, a_tagged_item(1), TOPICS) == why


def test_a_backlog_is_told_to_nobody() -> None:
    assert why_followed(a_follow(), a_tagged_item(1, background=True), TOPICS) == ""


def test_an_item_that_several_follows_fit_is_told_once_by_the_soonest() -> None:
    window = Window(NOW - timedelta(days=7), NOW + timedelta(minutes=1))
    every = dict.fromkeys(Cadence, window)
    follows = [a_follow(cadence=Cadence.WEEKLY), a_follow(words="guidance", cadence=Cadence.NOW)]
    item = a_tagged_item(1, received_at=NOW)
    (match,) = matches(follows, [item], every, TOPICS)
    assert match.follows == tuple(follows)
    assert matches(follows, [item], {Cadence.WEEKLY: window}, TOPICS) == ()
    assert len(matches(follows[:1], [item], {Cadence.WEEKLY: window}, TOPICS)) == 1


def test_the_newest_is_told_first_and_only_what_lies_in_the_window() -> None:
    items = [TaggedItem(an_item(n, received_at=NOW - timedelta(hours=n)), a_tagging("ai")) for n in range(4)]
    window = Window(NOW - timedelta(hours=2), NOW)
    found = matches([a_follow()], items, {Cadence.NOW: window}, TOPICS)
    assert [match.tagged.item.id for match in found] == [an_item(1).id, an_item(2).id]


@pytest.mark.parametrize(
    ("cadence", "now", "until"),
    [
        # Thursday 23 January 2025; London is on UTC.
        (Cadence.NOW, datetime(2025, 1, 23, 10, 0, tzinfo=UTC), datetime(2025, 1, 23, 9, 59, tzinfo=UTC)),
        (Cadence.DAILY, datetime(2025, 1, 23, 8, 0, tzinfo=UTC), datetime(2025, 1, 23, 8, 0, tzinfo=UTC)),
        (Cadence.DAILY, datetime(2025, 1, 23, 7, 59, tzinfo=UTC), datetime(2025, 1, 22, 8, 0, tzinfo=UTC)),
        (Cadence.WEEKLY, datetime(2025, 1, 23, 10, 0, tzinfo=UTC), datetime(2025, 1, 20, 8, 0, tzinfo=UTC)),
        (Cadence.WEEKLY, datetime(2025, 1, 20, 7, 0, tzinfo=UTC), datetime(2025, 1, 13, 8, 0, tzinfo=UTC)),
        # In summer, 8 in London is 7 in UTC; the clocks went forward on Sunday 30 March 2025.
        (Cadence.DAILY, datetime(2025, 3, 30, 7, 30, tzinfo=UTC), datetime(2025, 3, 30, 7, 0, tzinfo=UTC)),
        (Cadence.WEEKLY, datetime(2025, 4, 2, 7, 30, tzinfo=UTC), datetime(2025, 3, 31, 7, 0, tzinfo=UTC)),
        (Cadence.DAILY, datetime(2025, 10, 26, 8, 30, tzinfo=UTC), datetime(2025, 10, 26, 8, 0, tzinfo=UTC)),
    ],
)
def test_alerts_are_due_by_the_clock_of_london(cadence: Cadence, now: datetime, until: datetime) -> None:
    told_until = now - timedelta(days=14)
    assert due(a_listener(told_until), cadence, now) == Window(told_until, until)
    assert due(a_listener(until), cadence, now) is None


def test_nobody_is_disturbed_in_their_quiet_hours_and_the_night_comes_together() -> None:
    evening = datetime(2025, 1, 22, 19, 59, tzinfo=UTC)
    listener = a_listener(evening, NIGHT)
    assert due(listener, Cadence.NOW, datetime(2025, 1, 23, 3, 0, tzinfo=UTC)) is None
    assert due(listener, Cadence.DAILY, datetime(2025, 1, 23, 7, 59, tzinfo=UTC)) is None
    morning = datetime(2025, 1, 23, 8, 0, tzinfo=UTC)
    assert due(listener, Cadence.NOW, morning) == Window(evening, morning - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("quiet", "at", "silent"),
    [
        (NIGHT, time(20), True),
        (NIGHT, time(8), False),
        (NIGHT, time(0), True),
        (Quiet(time(9), time(17)), time(9), True),
        (Quiet(time(9), time(17)), time(17), False),
        (None, time(3), False),
    ],
)
def test_quiet_hours_may_go_over_midnight(quiet: Quiet | None, at: time, silent: bool) -> None:
    assert is_quiet(quiet, datetime.combine(NOW.date(), at, UTC)) is silent


@pytest.mark.parametrize(
    ("follow", "words"),
    [
        (a_follow(), "Artificial intelligence"),
        (a_follow(words="opt-out"), "Artificial intelligence with “opt-out”"),
        (a_follow(words="opt-out", without="dental"), "Artificial intelligence with “opt-out”, without “dental”"),
        (a_follow(without="dental"), "Artificial intelligence without “dental”"),
        (a_follow("", "drones"), "anything with “drones”"),
        (a_follow("gone"), "gone"),
    ],
)
def test_what_is_followed_is_said_in_words(follow: Follow, words: str) -> None:
    assert in_words(follow, TOPICS) == words


def test_the_same_thing_is_one_follow_whatever_its_case_and_cadence() -> None:
    assert a_follow(words="Opt-out").id == a_follow(words="opt-OUT", cadence=Cadence.WEEKLY).id
    assert a_follow(words="a", without="b").id != a_follow(words="b", without="a").id
