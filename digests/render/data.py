"""An edition as plain data, for JSON: what other programs need to show or keep it."""

from __future__ import annotations

from typing import Any

from digests.model import Entry
from digests.render.view import EditionView, web_address


def edition_data(view: EditionView) -> dict[str, Any]:
    """The edition as strings, numbers, lists and dictionaries. Dates are ISO 8601; moments are in UTC.
    A ``time`` is the time of the ``date``, on London's clocks.

    Text is as the editors left it, not escaped for any markup. An address that is not http or https is empty.
    """
    content = view.content
    data: dict[str, Any] = {
        "title": view.title,
        "number": view.number,
        "url": view.url,
        "due_on": view.due_on.isoformat(),
        "window": {"start": view.window.start.isoformat(), "end": view.window.end.isoformat()},
        "intro": content.intro,
        "updates": content.updates,
        "corrections": [
            {"what": each.what, "at": each.at.isoformat() if each.at else None} for each in content.corrections
        ],
        "outro": content.outro,
        "sections": [
            {
                "id": section.anchor,
                "title": section.title,
                "entries": [_entry_data(entry, reasons=view.reasons) for entry in section.entries],
            }
            for section in view.sections
        ],
    }
    if view.reasons:
        data["notes"] = list(view.notes)
        data["left_out"] = [
            {
                "reason": left.reason,
                "number": left.number,
                "items": [
                    {"title": item.title, "url": web_address(item.url), "publisher": item.publisher}
                    for item in left.entries
                ],
            }
            for left in view.left_out
        ]
    return data


def _entry_data(entry: Entry, *, reasons: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "url": web_address(entry.url),
        "publisher": entry.publisher,
        "blurb": entry.blurb,
        "kind": entry.kind.value,
        "published_on": entry.published_on.isoformat() if entry.published_on else None,
        "date": entry.date.isoformat() if entry.date else None,
        "time": entry.time.isoformat("minutes") if entry.time else None,
        "topics": list(entry.topics),
        "also": [
            {"publisher": also.publisher, "title": also.title, "url": web_address(also.url)} for also in entry.also
        ],
    }
    if reasons:
        data["reasons"] = list(entry.reasons)
    return data
