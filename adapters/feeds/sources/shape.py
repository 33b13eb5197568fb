"""From the body of an API's answer to the outcome of a fetch: what every reader of an API has in common."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.feeds.feed import MAX_ENTRIES, NotAFeed, Unreadable
from adapters.feeds.sources.fields import Row, inner
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
    An entry may lack its title or link: it is then counted as left out.
    """

    name: str
    rows: Callable[[Any], list[Any] | None]
    entry: Callable[[Row, date], FeedEntry | None]
    further: tuple[Further, ...] = ()


def list_under(key: str) -> Callable[[Any], list[Any] | None]:
    """Finds the list that a document keeps under a key."""

    def find(document: Any) -> list[Any] | None:
        found = document.get(key) if isinstance(document, dict) else None
        return found if isinstance(found, list) else None

    return find


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
    if len(body) > MAX_BYTES:
        return Understood(Outcome.TOO_LARGE, _TOO_LARGE)
    try:
        found = api.rows(document(body))
    except NotAFeed as trouble:
        return Understood(Outcome.NOT_A_FEED, trouble.sentence)
    except Unreadable as trouble:
        return Understood(Outcome.UNREADABLE, trouble.sentence)
    if found is None:
        return Understood(Outcome.NOT_A_FEED, f"The address answered with data, but not with a list of {api.name}.")
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
        return Understood(Outcome.UNREADABLE, reason)
    reason = _left_out(left_out, len(found[:MAX_ENTRIES])) if left_out else ""
    return Understood(Outcome.READ, reason, entries=tuple(entries))


def _left_out(count: int, of: int) -> str:
    was = "was" if count == 1 else "were"
    return f"{count} of {of} entries {was} left out, for want of a title or an address. The others were read."
