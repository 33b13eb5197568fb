"""From the body of an API's answer to the outcome of a fetch: what every reader of an API has in common."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.feeds.feed import MAX_ENTRIES, NotAFeed, Unreadable
from adapters.feeds.sources.fields import Row, inner
from adapters.feeds.sources.pages import Paging
from adapters.feeds.understand import Understood
from digests.identity import canonical_url
from digests.model import FeedEntry, Outcome

MAX_BYTES = 3_000_000
"""The most JSON that is read: no list that we ask for comes near it, and more could hold up everything else.

Python reads JSON in one go, and nothing else runs meanwhile: at this size for a quarter of a second at the worst.
"""

_TOO_LARGE = f"The data is larger than {MAX_BYTES:,} bytes, and was not read."


@dataclass(frozen=True, slots=True)
class Further:
    """A second request about one entry, for what the API's list leaves out.

    ``wanted`` tells whether the entry lacks it. ``url`` makes the request's address from the entry's id and the
    list's address. ``merge`` completes the entry from the answer, given today's date in London. ``daily`` is set
    where the same answer means something else on another day.
    """

    wanted: Callable[[FeedEntry], bool]
    url: Callable[[str, str], str]
    merge: Callable[[FeedEntry, Any, date], FeedEntry]
    daily: bool = False


@dataclass(frozen=True, slots=True)
class ApiFormat:
    """How one API is read.

    ``name`` is what it lists, in the plural, for people. ``rows`` finds the list in a document; None means that the
    document is another one. ``entry`` reads a row, given today's date in London; None means that it is not for us.
    An entry may lack its title or link: it is then counted as left out. ``is_row`` tells a row of this API from one of
    any other. ``paging`` is None where one answer is the whole list.
    """

    name: str
    rows: Callable[[Any], list[Any] | None]
    entry: Callable[[Row, date], FeedEntry | None]
    is_row: Callable[[Row], bool]
    further: tuple[Further, ...] = ()
    paging: Paging | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of an API: what was understood of it, its JSON, how many rows it lists, and how many were left out."""

    found: Understood
    document: Any = None
    rows: int = 0
    left_out: int = 0


def list_under(key: str) -> Callable[[Any], list[Any] | None]:
    """Finds the list that a document keeps under a key."""

    def find(document: Any) -> list[Any] | None:
        found = document.get(key) if isinstance(document, dict) else None
        return found if isinstance(found, list) else None

    return find


def has(*names: str) -> Callable[[Row], bool]:
    """Tells a row by the names of its fields."""

    def test(known: Row) -> bool:
        return known.keys() >= set(names)

    return test


def number_of(entry_id: str) -> str:
    """What the publisher calls an entry: its id without the word before the first slash."""
    return entry_id.partition("/")[2]


def below(entry_id: str, list_url: str) -> str:
    """The address of a single item where it stands right below the list's."""
    return f"{list_url.partition('?')[0].rstrip('/')}/{number_of(entry_id)}"


def document(body: bytes) -> Any:
    """The JSON in a body. Raises NotAFeed where it is something else, Unreadable where it is damaged."""
    if len(body) > MAX_BYTES:
        raise Unreadable("", _TOO_LARGE)
    start = body[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n\0").lower()
    if not start:
        raise NotAFeed("", "The address answered with an empty page.")
    if b"<html" in start or b"<!doctype html" in start:
        raise NotAFeed("", "The address answered with a web page, not with data.")
    if start.startswith(b"<"):
        raise NotAFeed("", "The address answered with XML, not with the JSON data that we asked for.")
    try:
        return json.loads(body)
    except RecursionError:
        raise Unreadable("", "The data is nested too deeply to be read.") from None
    except ValueError:
        raise Unreadable("", "The data is damaged or cut short, and could not be read.") from None


def understand_list(api: ApiFormat, body: bytes, today: date) -> Understood:
    """The entries in an API's answer; whatever is wrong with it is an outcome."""
    return understand_page(api, body, today).found


def understand_page(api: ApiFormat, body: bytes, today: date) -> Page:
    """An API's answer as one page of its list; whatever is wrong with it is an outcome."""
    if len(body) > MAX_BYTES:
        return Page(Understood(Outcome.TOO_LARGE, _TOO_LARGE))
    try:
        known = document(body)
    except NotAFeed as trouble:
        return Page(Understood(Outcome.NOT_A_FEED, trouble.sentence))
    except Unreadable as trouble:
        return Page(Understood(Outcome.UNREADABLE, trouble.sentence))
    found = api.rows(known)
    if found is None:
        reason = f"The address answered with data, but not with a list of {api.name}."
        return Page(Understood(Outcome.NOT_A_FEED, reason))
    entries: list[FeedEntry] = []
    left_out = 0
    for each in found[:MAX_ENTRIES]:
        if not isinstance(each, dict):
            left_out += 1
        elif entry := api.entry(inner(each), today):
            if entry.title and canonical_url(entry.link):
                entries.append(entry)
            else:
                left_out += 1
    if left_out and not entries:
        reason = f"None of its {api.name} has both a title and an address. The publisher may have changed the data."
        return Page(Understood(Outcome.UNREADABLE, reason))
    rows = len(found)
    reason = left_out_words(left_out, min(rows, MAX_ENTRIES))
    return Page(Understood(Outcome.READ, reason, entries=tuple(entries)), known, rows, left_out)


def left_out_words(count: int, of: int) -> str:
    """How many entries could not be used, in a sentence; nothing where there are none."""
    if not count:
        return ""
    was = "was" if count == 1 else "were"
    return f"{count} of {of} entries {was} left out, for want of a title or an address. The others were read."
