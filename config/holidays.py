"""Bank holidays of a part of the United Kingdom, from the ``holidays`` package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache, partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

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

    @cache
    def known() -> Mapping[date, str]:
        # Nobody need wait for it who has not asked yet.
        return _united_kingdom()(subdiv=_SUBDIVISIONS[region])

    def name(day: date) -> str:
        return str(known().get(day, ""))

    return name


def _united_kingdom() -> Callable[..., Mapping[date, str]]:
    """The calendar of the one country, read by itself.

    The package's usual door leads through every country of the world: 8 MB and a tenth of a second for good.
    """
    import holidays

    there = Path(holidays.__file__).parent / "countries" / "united_kingdom.py"
    spec = spec_from_file_location("holidays_of_the_united_kingdom", there)
    if spec is None or spec.loader is None or not there.is_file():  # packed or arranged in another way
        return partial(holidays.country_holidays, "GB")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    calendar: Callable[..., Mapping[date, str]] = module.UnitedKingdom
    return calendar
