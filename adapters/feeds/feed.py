"""What a parsed feed is, the limits of its parts, and the ways in which parsing it can fail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from digests.errors import ConvenorError
from digests.identity import canonical_url
from digests.model import FeedEntry

MAX_TITLE = 500
MAX_SUMMARY = 2_000
MAX_ENTRIES = 2_000
MAX_CATEGORIES = 20
MAX_CATEGORY = 100

_ENDED_TITLE = "this feed has ended"
_MINUTES = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a feed says. ``ttl_seconds`` is for how long it asks to be left alone, where it does."""

    title: str
    entries: tuple[FeedEntry, ...]
    ttl_seconds: float | None = None

    @property
    def ended(self) -> bool:
        """Whether its only entry is the notice that it has ended."""
        return len(self.entries) == 1 and self.entries[0].title.lower() == _ENDED_TITLE


class NotAFeed(ConvenorError):
    """The answer is something else than a feed."""

    sentence = "The address answered with something that is not a feed."


class Unreadable(ConvenorError):
    """The answer is meant to be a feed, but nothing can be read from it."""

    sentence = "The feed is damaged, and nothing in it could be read."


def usable_link(href: str, base_url: str) -> str:
    """The absolute address that ``href`` names beside ``base_url``; empty where it is none that can be opened."""
    href = href.strip()
    if not href:
        return ""
    if canonical_url(href) == href:
        return href
    try:
        link = urljoin(base_url, href)
    except ValueError:
        return ""
    return link if canonical_url(link) else ""


def ttl_in_seconds(minutes: str) -> float | None:
    """A feed's ``ttl``, which is written in minutes; None where it is not a number."""
    minutes = minutes.strip()
    return float(minutes) * 60 if _MINUTES.fullmatch(minutes) else None
