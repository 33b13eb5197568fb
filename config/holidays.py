"""Bank holidays of a part of the United Kingdom, from the ``holidays`` package."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum

from digests.plan import no_holiday


class Region(StrEnum):
    """Where a bank holiday counts."""

    ENGLAND_AND_WALES = "england-and-wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"
    NONE = "none"


_SUBDIVISIONS = {Region.ENGLAND_AND_WALES: "ENG", Region.SCOTLAND: "SCT", Region.NORTHERN_IRELAND: "NIR"}


def holiday_namer(region: Region) -> Callable[[date], str]:
    """A function that names the bank holiday of a day, or gives no text.

    A year's holidays are worked out when one of its days is first asked for.
    """
    if region is Region.NONE:
        return no_holiday
    # Commands that need no calendar need not wait for it.
    from holidays import country_holidays

    known = country_holidays("GB", subdiv=_SUBDIVISIONS[region])

    def name(day: date) -> str:
        return str(known.get(day, ""))

    return name
