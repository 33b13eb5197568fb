"""Contents and items as JSON: nothing is lost on the way, and rows written before a field existed can be read."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from adapters.store.codec import content_from_json, content_to_json, item_from_json, item_to_json
from digests.model import Also, Entry, Kind, LeftOut, content_hash
from tests.builders import NOW, a_content, an_entry, an_item

FULL = a_content(
    an_entry(
        1,
        date=date(2025, 2, 3),
        time=time(23, 59),
        kind=Kind.CALL_FOR_EVIDENCE,
        also=(Also("P", "T", "https://example.org/", "a" * 16),),
    ),
    an_entry(2, included=False, published_on=None),
    maybe=(an_entry(3),),
    outro="Until next week.",
    updates="We met.",
    notes=("One.", "Two."),
    left_out=(("not relevant", 120), ("ranked below", 1)),
    left_out_entries=(LeftOut("A title", "https://example.org/l", "P", "ranked below"),),
)


def test_a_content_survives_json() -> None:
    came_back = content_from_json(json.loads(json.dumps(content_to_json(FULL))))
    assert came_back == FULL
    assert content_hash(came_back) == content_hash(FULL)


def test_an_item_survives_json() -> None:
    days = {"deadline": date(2025, 3, 31), "deadline_time": time(23, 59), "happens_on": date(2025, 2, 1)}
    item = an_item(1, **days, happens_at=time(9, 30), kind_because="GOV.UK says so", updated_at=NOW, background=True)
    assert item_from_json(json.loads(json.dumps(item_to_json(item)))) == item


def test_the_moments_of_an_item_are_written_in_utc() -> None:
    summer = datetime(2025, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    written = item_to_json(an_item(1, received_at=summer))
    assert written["received_at"] == "2025-07-01T08:30:00+00:00"
    assert item_from_json(written).received_at.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        item_to_json(an_item(1, received_at=datetime(2025, 1, 23)))  # noqa: DTZ001


def test_an_entry_written_before_its_newer_fields_existed_gets_their_defaults() -> None:
    required: dict[str, Any] = {
        "id": "e1",
        "section": "news",
        "title": "T",
        "url": "https://example.org/",
        "publisher": "P",
    }
    old = {"title": "Digest", "sections": [], "entries": [required]}
    assert content_from_json(old).entries == (Entry(**required),)
    assert replace(content_from_json(old), entries=()) == replace(
        a_content(title="Digest", sections=(), intro=""), entries=()
    )


def test_every_field_of_an_entry_is_written() -> None:
    assert set(content_to_json(FULL)["entries"][0]) == {field.name for field in fields(Entry)}
