"""When an address is a source already, and what a new source is called."""

from __future__ import annotations

import pytest

from digests.adding import MAX_ID, Feed, address_key, choose_id, find_known, guess_group, new_source, plan, with_added
from digests.model import AddedSource, Format, Group
from tests.builders import NOW, a_source


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.example.org/feed/", "http://example.org/feed"),
        ("https://example.org:443/feed?utm_source=x", "https://EXAMPLE.org/feed"),
    ],
)
def test_two_spellings_of_one_address_are_one_source(one: str, other: str) -> None:
    assert find_known(one, [a_source(url=other)]) == a_source(url=other)


def test_other_addresses_and_what_is_no_address_are_not_known() -> None:
    sources = [a_source(url="https://example.org/feed"), a_source(url="not an address")]
    for url in ("https://example.org/feed?page=2", "https://example.org/Feed", "javascript:alert(1)", ""):
        assert find_known(url, sources) is None
    assert address_key("file:///etc/passwd") == ""


@pytest.mark.parametrize(
    ("url", "taken", "chosen"),
    [
        ("https://www.example.org/feed.xml", [], "example-org"),
        ("https://blog.example.org/feed.xml", [], "blog-example-org"),
        ("https://www.example.org/blog/feed.xml", ["Example-Org"], "example-org-blog"),
        ("https://www.example.org/blog/ai/feed", ["example-org", "example-org-blog"], "example-org-blog-ai"),
        ("https://www.example.org/feed", ["example-org", "example-org-2"], "example-org-3"),
        ("https://[2606:4700::1111]/feed", [], "2606-4700-1111"),
        ("http://www.feed.rss/", [], "source"),
    ],
)
def test_an_id_is_short_and_no_other_sources(url: str, taken: list[str], chosen: str) -> None:
    assert choose_id(url, taken) == chosen


def test_an_id_stays_short_however_long_the_host_is() -> None:
    host = ".".join(["very-long-name"] * 8)
    first = choose_id(f"https://{host}/a", [])
    second = choose_id(f"https://{host}/a", [first])
    assert len({first, second}) == 2
    assert max(len(first), len(second)) <= MAX_ID


@pytest.mark.parametrize(
    ("host", "group"),
    [
        ("www.gov.uk", Group.GOVERNMENT),
        ("www.legislation.gov.uk", Group.LEGISLATION),
        ("committees.parliament.uk", Group.PARLIAMENT),
        ("www.gov.scot", Group.DEVOLVED),
        ("www.oii.ox.ac.uk", Group.RESEARCH),
        ("notgov.uk", Group.CIVIL_SOCIETY),
        ("gov.uk.example.org", Group.CIVIL_SOCIETY),
    ],
)
def test_the_group_of_a_publisher_is_guessed_by_the_end_of_its_host(host: str, group: Group) -> None:
    assert guess_group(host) is group


def test_a_new_source_is_named_by_its_feed_or_else_by_its_host() -> None:
    named = new_source(Feed("https://www.example.org/feed", Format.RSS, " The example blog "), [])
    assert (named.name, named.publisher, named.group) == ("The example blog", "The example blog", Group.CIVIL_SOCIETY)
    assert named.enabled
    assert new_source(Feed("https://www.example.org/feed", Format.RSS, "  "), []).name == "www.example.org"


def test_the_catalogue_counts_where_it_has_come_to_hold_an_added_source() -> None:
    catalogue = [a_source("one"), a_source("two", url="https://www.example.org/feed")]
    added = [
        AddedSource(a_source("one", url="https://elsewhere.example.org/feed"), "m1", NOW),
        AddedSource(a_source("three", url="http://example.org/feed"), "m1", NOW),
        AddedSource(a_source("four"), "m1", NOW),
    ]
    assert [source.id for source in with_added(catalogue, added)] == ["one", "two", "four"]


def test_a_list_with_what_is_known_repeated_or_no_address_is_planned_line_by_line() -> None:
    known = a_source("known", url="https://known.example.org/feed")
    feeds = [
        Feed("https://www.example.org/feed", Format.RSS, "One", Group.PRESS),
        Feed("http://example.org/feed/", Format.RSS, "One again"),
        Feed("https://known.example.org/feed", Format.ATOM),
        Feed("javascript:alert(1)", Format.RSS),
        Feed("https://www.example.org/more", Format.ATOM),
    ]
    planned = plan(feeds, [known], ["example-org-more"])
    assert [(entry.source.id if entry.source else "", entry.is_new) for entry in planned] == [
        ("example-org", True),
        ("example-org", False),
        ("known", False),
        ("", False),
        ("example-org-2", True),
    ]
    assert planned[0].source is not None
    assert planned[0].source.group is Group.PRESS
