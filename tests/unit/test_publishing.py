"""Publishing: one delivery for each part and channel, the same rows however often it is planned."""

from __future__ import annotations

from dataclasses import replace

from digests import publishing
from digests.model import Address, DeliveryState
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


def test_an_edition_is_out_when_every_part_was_sent_and_drafts_do_not_count() -> None:
    sent = a_delivery("a", purpose="edition", state=DeliveryState.SENT)
    waiting = a_delivery("b", purpose="edition", state=DeliveryState.RETRY)
    draft = a_delivery("c", purpose="draft", state=DeliveryState.PENDING)
    assert publishing.is_out([sent, draft])
    assert not publishing.is_out([sent, waiting, draft])
    assert not publishing.is_out([draft])
