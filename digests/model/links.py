"""Links as people bring them: what a page says of itself, how a link was found, and what members suggest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digests.model.deliveries import Address
from digests.model.sources import Outcome


@dataclass(frozen=True, slots=True)
class Page:
    """What the page at an address says of itself: a value, never an exception.

    ``url`` is where it was found in the end, ``canonical`` the address that it gives itself (empty where it gives
    none that can be right). ``reason`` says in words for people why something is missing; every text is plain, on one
    line, and capped. Where it could not be read, ``title`` is empty.
    """

    url: str
    outcome: Outcome
    reason: str = ""
    title: str = ""
    publisher: str = ""
    published_at: datetime | None = None
    description: str = ""
    canonical: str = ""


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """What came of calling one address, without reading what is there.

    ``moved_to`` is where permanent redirects led in the end; empty where there were none, or others among them.
    """

    outcome: Outcome
    reason: str = ""
    moved_to: str = ""


class LinkState(StrEnum):
    """How a link is by our last look."""

    ALIVE = "alive"
    MOVED = "moved"
    DEAD = "dead"
    UNSURE = "unsure"  # refused, slow or in trouble: a reader may well see the page


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """The last look at one link. ``failures`` counts looks in a row at which it did not answer."""

    url: str
    checked_at: datetime
    state: LinkState
    reason: str = ""
    moved_to: str = ""
    failures: int = 0


class SuggestionState(StrEnum):
    """Where a suggestion is in its life."""

    OPEN = "open"
    USED = "used"  # in the edition that it names
    DECLINED = "declined"
    EXPIRED = "expired"  # two editions went out without it


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A link that a member would have in the digest, and why.

    ``url`` is canonical. ``edition_id`` is the edition that it was made for, that it was carried over to, or that it
    is in. ``account`` is where the member asked, and so where they are told what became of it. ``title`` to
    ``published_at`` are what the page said of itself then. ``reason`` is an editor's, where it was declined.
    """

    id: str
    member_id: str
    account: Address
    url: str
    why: str
    suggested_at: datetime
    edition_id: str
    state: SuggestionState = SuggestionState.OPEN
    title: str = ""
    publisher: str = ""
    description: str = ""
    published_at: datetime | None = None
    carried: int = 0
    reason: str = ""
    settled_at: datetime | None = None
