"""Knows an API by its answer, for a file or an address of which nobody has said what it is."""

from __future__ import annotations

from typing import Any

from adapters.feeds.feed import MAX_ENTRIES, NotAFeed, Unreadable
from adapters.feeds.sources import READERS
from adapters.feeds.sources.fields import inner, rows
from adapters.feeds.sources.shape import ApiFormat, document
from digests.model import Format


def recognised(body: bytes) -> Format | None:
    """The API whose list a body holds; None unless its rows are those of one API and of no other.

    An empty list is nobody's: several APIs send the same one.
    """
    try:
        known = document(body)
    except (NotAFeed, Unreadable):
        return None
    found = [kind for kind, api in READERS.items() if _is_list_of(api, known)]
    return found[0] if len(found) == 1 else None


def _is_list_of(api: ApiFormat, known: Any) -> bool:
    listed = api.rows(known) or []
    return any(api.is_row(inner(each)) for each in rows(listed[:MAX_ENTRIES]))
