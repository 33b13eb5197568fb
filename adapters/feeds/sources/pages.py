"""Says where the next page of an API's list is, from the page before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NextUrl = Callable[[Any, str, int], str]
"""Makes the address of the next page from a page's document, its address and the number of its rows.

It is empty where the list has ended. It is always our own address with another number in it: no document can send us
elsewhere.
"""

_MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Paging:
    """How an API is asked for more than one page.

    ``standing`` is set where the list is of what stands now (the open consultations): it is read to its end each time.
    Any other list runs from new to old, and is read back to the day of the last reading.
    """

    next_url: NextUrl
    standing: bool = False


def by_offset(skip: str, take: str, total: str = "") -> NextUrl:
    """For an API with a parameter that skips rows and one that limits them; ``total`` is where its answer counts all.

    Where it does not count them, the list goes on after every page that is as long as was asked for.
    """

    def next_url(document: Any, url: str, rows: int) -> str:
        after = (_parameter(url, skip) or 0) + rows
        count = document.get(total) if total and isinstance(document, dict) else None
        if isinstance(count, int) and not isinstance(count, bool):
            goes_on = count > after
        else:
            asked_for = _parameter(url, take)
            goes_on = asked_for is not None and rows >= asked_for
        return _with_parameter(url, skip, after) if rows and goes_on else ""

    return next_url


def by_number(page: str) -> NextUrl:
    """For an API with numbered pages, whose answer links to the next page as ``{"links": {"next": …}}``."""

    def next_url(document: Any, url: str, rows: int) -> str:
        links = document.get("links") if isinstance(document, dict) else None
        goes_on = isinstance(links, dict) and isinstance(links.get("next"), str)
        return _with_parameter(url, page, (_parameter(url, page) or 1) + 1) if rows and goes_on else ""

    return next_url


def _parameter(url: str, name: str) -> int | None:
    """The number that an address gives a parameter; None where it gives none."""
    for part in url.partition("?")[2].split("&"):
        known, _, value = part.partition("=")
        if _is_same(known, name) and value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS:
            return int(value)
    return None


def _with_parameter(url: str, name: str, value: int) -> str:
    """The address with another number for one parameter, and everything else as it was, byte for byte."""
    address, _, query = url.partition("#")[0].partition("?")
    kept = [part for part in query.split("&") if part and not _is_same(part.partition("=")[0], name)]
    return f"{address}?{'&'.join([*kept, f'{name}={value}'])}"


def _is_same(name: str, other: str) -> bool:
    # Parliament's APIs do not mind capitals: somebody may have written skip for Skip.
    return name.lower() == other.lower()
