"""The contents of editions and the snapshots of items, to JSON and back. What an older row lacks gets its default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

from digests.model import Also, Change, Content, Correcting, Entry, Group, Item, Kind, LeftOut, Section

Json = dict[str, Any]


def content_to_json(content: Content) -> Json:
    """The content as objects, lists, strings, numbers and booleans; dates as ``2025-01-24``, times as ``23:59:00``."""
    return _plain(asdict(content))  # type: ignore[no-any-return]


def content_from_json(data: Mapping[str, Any]) -> Content:
    """The content that :func:`content_to_json` wrote."""
    lists = {
        "sections": tuple(Section(**section) for section in data["sections"]),
        "entries": tuple(_entry(entry) for entry in data.get("entries", ())),
        "maybe": tuple(_entry(entry) for entry in data.get("maybe", ())),
        "notes": tuple(data.get("notes", ())),
        "left_out": tuple((reason, count) for reason, count in data.get("left_out", ())),
        "left_out_entries": tuple(LeftOut(**each) for each in data.get("left_out_entries", ())),
        "corrections": tuple(Correcting(each["what"], _moment(each.get("at"))) for each in data.get("corrections", ())),
    }
    return Content(**{**data, **lists})


def _entry(data: Mapping[str, Any]) -> Entry:
    parts = {
        "kind": Kind(data.get("kind", Kind.OTHER)),
        "published_on": _day(data.get("published_on")),
        "date": _day(data.get("date")),
        "time": _time(data.get("time")),
        "topics": tuple(data.get("topics", ())),
        "reasons": tuple(data.get("reasons", ())),
        "also": tuple(Also(**also) for also in data.get("also", ())),
    }
    return Entry(**{**data, **parts})


def item_to_json(item: Item) -> Json:
    """The item; moments as ISO 8601 in UTC."""
    return _plain(asdict(item))  # type: ignore[no-any-return]


def item_from_json(data: Mapping[str, Any]) -> Item:
    """The item that :func:`item_to_json` wrote."""
    parts = {
        "group": Group(data["group"]),
        "kind": Kind(data["kind"]),
        "received_at": _moment(data["received_at"]),
        "published_at": _moment(data.get("published_at")),
        "updated_at": _moment(data.get("updated_at")),
        "deadline": _day(data.get("deadline")),
        "deadline_time": _time(data.get("deadline_time")),
        "happens_on": _day(data.get("happens_on")),
        "happens_at": _time(data.get("happens_at")),
    }
    return Item(**{**data, **parts})


def changes_to_json(changes: Sequence[Change]) -> list[Json]:
    """The changes, in order."""
    return [asdict(change) for change in changes]


def changes_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """The changes that :func:`changes_to_json` wrote."""
    return tuple(Change(**change) for change in data)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case tuple() | list():
            return [_plain(part) for part in value]
        case datetime():
            if value.utcoffset() is None:
                raise ValueError(f"a moment needs a time zone: {value!r}")
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
    return value


def _day(words: str | None) -> date | None:
    return date.fromisoformat(words) if words else None


def _time(words: str | None) -> time | None:
    return time.fromisoformat(words) if words else None


def _moment(words: str | None) -> datetime | None:
    return datetime.fromisoformat(words).astimezone(UTC) if words else None
