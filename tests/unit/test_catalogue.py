"""What a catalogue answers, and the moment at which the samples stand still."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from config.catalogue import SAMPLES_NOW, Catalogue
from digests.model import Format, Group, Source

BILLS = Source("bills", "Bills", "Parliament", Format.RSS, "https://example.org/bills.rss", Group.PARLIAMENT)
BLOG = Source("blog", "Blog", "Example", Format.RSS, "https://example.org/blog.rss", Group.CIVIL_SOCIETY)


def test_a_source_is_found_by_its_id_even_when_it_is_switched_off() -> None:
    silent = replace(BLOG, enabled=False)
    assert Catalogue((BILLS, silent)).by_id == {"bills": BILLS, "blog": silent}


def test_only_sources_that_are_switched_on_are_to_be_read_in_the_order_of_the_file() -> None:
    news = replace(BLOG, id="news")
    assert Catalogue((news, replace(BLOG, enabled=False), BILLS)).enabled == (news, BILLS)


def test_a_catalogue_cannot_be_changed_once_it_is_read() -> None:
    catalogue = Catalogue((BILLS,))
    with pytest.raises(AttributeError):
        catalogue.sources = ()  # type: ignore[misc]


def test_the_samples_stand_still_on_a_thursday_morning_in_london() -> None:
    assert datetime(2025, 1, 23, 10, 0, tzinfo=ZoneInfo("Europe/London")) == SAMPLES_NOW
    assert SAMPLES_NOW.tzinfo is UTC
    assert SAMPLES_NOW.strftime("%A") == "Thursday"
