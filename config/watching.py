"""The ticks that can be watched from outside, and the setting that names an address for each."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

TICKS = (
    *("read", "alert", "links", "draft", "remind", "introductions", "desk", "privacy", "sweep", "watch"),
    *("backup", "journal"),
)
"""Every look for what is due, by name: a service looks in each of these ways and in no other."""


def parse_pings(words: str) -> Mapping[str, str]:
    """The addresses of ``draft=https://…, read=https://…`` by tick. Raises ValueError, which names no address."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in words.split(","))):
        name, equals, address = part.partition("=")
        name, address = name.strip(), address.strip()
        if not equals or name not in TICKS:
            raise ValueError(f"write TICK=ADDRESS, with one of these ticks: {', '.join(TICKS)}")
        if name in found:
            raise ValueError(f"the tick {name} has two addresses")
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"the address of {name} must be a web address without ? and #")
        found[name] = address.rstrip("/")
    return found
