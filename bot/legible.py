"""Words as any platform may show them: without what turns text round, on one line, within a length."""

from __future__ import annotations

import re

# Characters that would turn the rest of a line round, and controls that JSON carries but no reader shows.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def clean(words: str) -> str:
    """The words without what cannot be seen or would turn text round; half of a surrogate pair becomes ``?``."""
    return _UNSEEN.sub("", words.encode("utf-8", "replace").decode())


def tidy(words: str) -> str:
    """The words :func:`clean`, on one line with single blanks."""
    return " ".join(clean(words).split())


def cut(words: str, most: int) -> str:
    """The words, or their beginning with an ellipsis, in at most ``most`` characters."""
    return words if len(words) <= most else words[: max(most - 1, 0)].rstrip() + "…"[:most]
