"""Reads numbers that people or buttons bring, which may be anything."""

from __future__ import annotations

_MOST_DIGITS = 15


def whole_number(words: str) -> int | None:
    """The number, where the words are nothing but up to 15 of the digits 0 to 9; otherwise None."""
    return int(words) if words.isascii() and words.isdigit() and len(words) <= _MOST_DIGITS else None
