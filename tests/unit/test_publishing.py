"""Publishing: one delivery for each part and channel, the same rows however often it is planned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from digests import publishing
from digests.model import Address, Delivery, DeliveryState, Edition
from tests.builders import CHANNEL, NOW, a_content, a_delivery, an_edition, an_entry

OTHER = Address("local", "local", channel="digest")


def test_each_channel_gets_the_headline_and_its_thread() -> None:
    rows = publishing.plan(an_edition(), ["headline", "part one"], [CHANNEL, OTHER], NOW)
    assert [(row.address, row.body, bool(row.thread_key)) for row in rows] == [
        (CHANNEL, "headline", False),
        (CHANNEL, "part one", True),
        (OTHER, "headline", False),
        (OTHER, "part one", True),
    ]
    assert rows[1].thread_key == rows[0].key
    assert rows[3].thread_key == rows[2].key
    assert len({row.key for row in rows}) == 4


def test_planning_the_same_text_twice_gives_the_same_keys_and_another_text_others() -> None:
    edition = an_edition()
    once, twice = (publishing.plan(edition, ["x"], [CHANNEL], NOW) for _ in range(2))
    other = publishing.plan(replace(edition, content=a_content(an_entry(7))), ["x"], [CHANNEL], NOW)
    assert once == twice
    assert once[0].key != other[0].key


def sent(edition: Edition, *parts: str) -> list[Delivery]:
    rows = publishing.plan(edition, parts, [CHANNEL], NOW)
    return [replace(row, state=DeliveryState.SENT, message_ref=row.key, sent_version=1) for row in rows]


def test_a_correction_replaces_every_part_adds_new_ones_to_the_thread_and_leaves_a_line_for_those_that_are_gone() -> (
    None
):
    rows = sent(an_edition(), "headline", "one", "two")
    fewer = publishing.correct(rows, ["headline", "one and two"], "gone", "letter", NOW)
    assert list(fewer.bodies.values()) == ["headline", "one and two", "gone"]
    assert fewer.added == ()
    more = publishing.correct(rows, ["headline", "one", "two", "three"], "gone", "letter", NOW)
    (added,) = more.added
    assert (added.body, added.thread_key, added.edition_id) == ("three", rows[0].key, rows[0].edition_id)
    assert added.key == rows[2].key[:-1] + "3"
    again = publishing.correct([*rows, added], ["headline"], "gone", "letter", NOW)
    assert list(again.bodies) == [row.key for row in (*rows, added)]


def test_a_channel_that_was_given_up_is_not_brought_a_correction() -> None:
    rows = [replace(row, state=DeliveryState.DROPPED) for row in publishing.plan(an_edition(), ["x"], [CHANNEL], NOW)]
    assert publishing.correct(rows, ["y", "z"], "gone", "letter", NOW) == publishing.Changes({})


@pytest.mark.parametrize("state", list(DeliveryState))
def test_a_correction_reaches_a_mail_that_has_certainly_not_left_and_no_other(state: DeliveryState) -> None:
    mail = a_delivery("m1", purpose=publishing.MAIL_PURPOSE, state=state)
    left = state in (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
    expected = {} if left else {"m1": "letter"}
    assert publishing.correct([mail], ["headline"], "gone", "letter", NOW) == publishing.Changes(expected)


def test_a_mail_that_has_not_left_never_goes_once_its_edition_is_withdrawn() -> None:
    waiting = a_delivery("m1", purpose=publishing.MAIL_PURPOSE, state=DeliveryState.RETRY)
    sent = a_delivery("m2", purpose=publishing.MAIL_PURPOSE, state=DeliveryState.SENT, sent_version=1)
    changes, never = publishing.withdraw([waiting, sent, a_delivery("d", purpose="draft")], "gone")
    assert never == (waiting,)
    assert not changes.bodies


def test_withdrawing_changes_what_readers_may_have_and_stops_the_rest() -> None:
    there, lost, waiting, parked = (
        part("1", DeliveryState.SENT),
        part("2", DeliveryState.UNKNOWN),
        part("3", DeliveryState.PENDING),
        part("4", DeliveryState.PARKED),
    )
    changes, never = publishing.withdraw([there, lost, waiting, parked], "withdrawn")
    assert changes.bodies == {"1": "withdrawn", "2": "withdrawn"}
    assert never == (waiting, parked)


def part(key: str, state: DeliveryState, address: Address = CHANNEL, **more: Any) -> Delivery:
    return a_delivery(key, purpose="edition", state=state, address=address, **more)


def test_how_far_an_edition_has_come_is_told_for_each_channel_and_drafts_do_not_count() -> None:
    here, there = publishing.reach(
        [
            part("1", DeliveryState.SENT),
            a_delivery("draft", purpose="draft", state=DeliveryState.PENDING),
            part("2", DeliveryState.SENT, OTHER),
            part("3", DeliveryState.RETRY, OTHER),
        ]
    )
    assert (here.address, here.is_out, here.is_begun, here.stuck) == (CHANNEL, True, True, ())
    assert (there.address, there.is_out, there.is_begun, len(there.rows)) == (OTHER, False, True, 2)
    assert publishing.reach([a_delivery("draft", purpose="draft")]) == ()


def test_a_stuck_part_and_one_that_was_dropped_are_told() -> None:
    stuck, dropped, corrected = publishing.reach(
        [
            part("1", DeliveryState.UNKNOWN),
            part("2", DeliveryState.PENDING),
            part("3", DeliveryState.DROPPED, OTHER),
            part("4", DeliveryState.PENDING, Address("local", "local", channel="news"), sent_version=1),
        ]
    )
    assert [row.key for row in stuck.stuck] == ["1"]
    assert (stuck.is_begun, stuck.is_dropped, dropped.is_dropped, dropped.is_begun) == (False, False, True, False)
    assert (corrected.is_begun, corrected.is_out) == (True, False)
