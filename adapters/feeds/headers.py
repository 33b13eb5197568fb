"""What a publisher's answer says beside its body: validators, how long it stays fresh, how long to stay away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from adapters.feeds.moments import moment

_MAX_VALIDATOR = 500
_MAX_DIRECTIVES = 1_000
# Thousands of answers say one of a few dozen things.
_REMEMBERED = 500
_SECONDS = re.compile(r"[0-9]{1,9}")


def validator(headers: Mapping[str, str], name: str) -> str:
    """A validator byte for byte; nothing where it is not text that can be stored and sent back so."""
    value = headers.get(name, "")
    return value if len(value) <= _MAX_VALIDATOR and value.isascii() else ""


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """How many seconds from ``now`` we are asked to stay away, however that is written."""
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until = moment(value)
    return max(0.0, (until - now).total_seconds()) if until else None


def fresh_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """For how many seconds the publisher calls this answer fresh: the larger of max-age and Expires.

    Nothing where it says neither, or that the answer must not be kept at all.
    """
    directives = _directives(headers.get("Cache-Control", "")[:_MAX_DIRECTIVES])
    if "no-store" in directives or "no-cache" in directives:
        return None
    found = []
    if _SECONDS.fullmatch(age := directives.get("max-age", "")):
        found.append(float(age))
    if expires := moment(headers.get("Expires", "")):
        # Counted from the server's own clock, which may be wrong.
        found.append((expires - (moment(headers.get("Date", "")) or now)).total_seconds())
    return max(0.0, *found) if found else None


@lru_cache(_REMEMBERED)
def _directives(cache_control: str) -> Mapping[str, str]:
    directives = (directive.partition("=") for directive in cache_control.split(","))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in directives}
