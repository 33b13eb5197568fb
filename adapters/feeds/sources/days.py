"""Fills the days into a source's address: an API that lists by date must be asked for other days every day."""

from __future__ import annotations

from datetime import date, timedelta

BACK = timedelta(days=14)
"""How far back a list is asked for: long enough that a week without us loses nothing."""

_OFFSETS = {
    "{today}": timedelta(0),
    "{from}": -BACK,
    "{to}": timedelta(days=27),  # Parliament's calendar refuses more than four weeks at once
}


def filled(url: str, today: date) -> str:
    """The address with ``{today}``, ``{from}`` (two weeks ago) and ``{to}`` (the end of four weeks) as 2025-01-23."""
    for name, offset in _OFFSETS.items():
        if name in url:
            url = url.replace(name, (today + offset).isoformat())
    return url
