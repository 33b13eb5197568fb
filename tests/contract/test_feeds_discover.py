"""The feed of a site is found by what its page names, and never by calling where nobody should be called."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.feeds.discover import USUAL_PLACES, FeedLink, Finder, feed_links
from adapters.feeds.http import HttpFeedReader
from digests.model import Format, Outcome
from tests.fakes.clock import FakeClock
from tests.fakes.site import FakeSite


@pytest_asyncio.fixture
async def site() -> AsyncIterator[FakeSite]:
    async with FakeSite() as served:
        yield served


@pytest_asyncio.fixture
async def finder() -> AsyncIterator[Finder]:
    async with HttpFeedReader(FakeClock(), timeout_seconds=2, allow_private=True, gap_seconds=0) as reader:
        yield Finder(reader, allow_private=True)


async def test_a_feeds_own_address_is_the_feed(site: FakeSite, finder: Finder) -> None:
    site.feed("/feed.xml", "One", "Two")
    found = await finder.find(site.url("/feed.xml"))
    assert (found.url, found.format, found.result.outcome) == (site.url("/feed.xml"), Format.RSS, Outcome.READ)
    assert [entry.title for entry in found.result.entries] == ["Two", "One"]
    assert found.result.title == "The example blog"
    assert site.asked == ["/feed.xml"]


async def test_a_page_leads_to_the_feed_it_names_over_redirects_and_a_base(site: FakeSite, finder: Finder) -> None:
    site.pages["/"] = "/home/", b""
    site.page(
        "/home/",
        '<!-- <link rel="alternate" type="application/rss+xml" href="/hidden"> --><base href="/blog/">'
        '<link rel=alternate type=application/rss+xml title="Comments" href="comments.xml">'
        "<LINK REL='home alternate' TYPE='application/rss+xml; charset=utf-8' HREF='posts.xml?a=1&amp;b=2'>",
    )
    site.feed("/blog/posts.xml", "One")
    site.feed("/blog/comments.xml", "Me too")
    found = await finder.find(site.url())
    assert found.url == site.url("/blog/posts.xml?a=1&b=2")
    assert found.others == (site.url("/blog/comments.xml"),)
    assert "/hidden" not in site.asked


async def test_a_named_feed_that_is_broken_gives_way_to_the_next(site: FakeSite, finder: Finder) -> None:
    link = '<link rel="alternate" type="application/{}+xml" href="{}">'
    site.page("/", link.format("rss", "/gone") + link.format("atom", "/works"))
    site.feed("/works", "One")
    found = await finder.find(site.url())
    assert (found.url, found.format, found.result.outcome) == (site.url("/works"), Format.ATOM, Outcome.READ)


async def test_where_nothing_is_named_the_usual_places_are_tried_as_a_last_resort(
    site: FakeSite, finder: Finder
) -> None:
    site.page("/about", "<p>We write.")
    site.feed("/feed.xml", "One")
    found = await finder.find(site.url("/about"))
    assert (found.url, found.result.outcome) == (site.url("/feed.xml"), Outcome.READ)


async def test_a_site_without_a_feed_is_asked_only_so_often(site: FakeSite, finder: Finder) -> None:
    site.page("/", "<p>Nothing here.")
    found = await finder.find(site.url())
    assert (found.result.outcome, found.result.entries) == (Outcome.NOT_A_FEED, ())
    assert site.asked == ["/", "/", *USUAL_PLACES]
    site.asked.clear()
    site.page("/", "".join(f'<link rel=alternate type=application/rss+xml href="/f{n}">' for n in range(50)))
    found = await finder.find(site.url())
    assert found.result.outcome is Outcome.NOT_FOUND
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("http://127.0.0.1/", Outcome.BLOCKED),
        ("[::1]/feed", Outcome.BLOCKED),
        ("file:///etc/passwd", Outcome.BLOCKED),
        ("http://user:pass@example.org/", Outcome.BLOCKED),
        ("mailto:alice@example.org", Outcome.BLOCKED),
        ("", Outcome.BLOCKED),
    ],
)
async def test_what_must_not_be_called_is_not(address: str, outcome: Outcome) -> None:
    async with HttpFeedReader(FakeClock(), timeout_seconds=2) as reader:
        found = await Finder(reader).find(address)
    assert found.result.outcome is outcome
    assert found.result.reason


async def test_a_page_cannot_lead_into_a_private_network(site: FakeSite) -> None:
    site.page("/", '<link rel=alternate type=application/rss+xml href="http://169.254.169.254/feed">')
    exception = [("127.0.0.1", site.port)]
    async with HttpFeedReader(FakeClock(), timeout_seconds=2, exceptions=exception, gap_seconds=0) as reader:
        finder = Finder(reader, exceptions=exception)
        assert (await finder.find(site.url())).result.outcome is Outcome.BLOCKED
        site.pages["/"] = "http://169.254.169.254/", b""
        site.pages["/there"] = "/", b""
        assert (await finder.find(site.url("/there"))).result.outcome is Outcome.BLOCKED


@pytest.mark.parametrize(
    "page", ["<link" * 100_000, "<!--" * 125_000, '<link rel="' + "a =" * 160_000, "<link " * 80_000]
)
def test_a_hostile_page_costs_no_time(page: str) -> None:
    began = time.process_time()
    assert list(feed_links(page, "https://example.org/")) == []
    assert time.process_time() - began < 1.0


def test_links_to_anything_but_the_web_are_not_followed() -> None:
    page = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}">'
        for href in ("javascript:alert(1)", "file:///etc/passwd", "", "http://[bad", "//example.net/feed", "/a", "/a")
    )
    assert list(feed_links(page, "https://example.org/")) == [
        FeedLink("https://example.net/feed", Format.RSS),
        FeedLink("https://example.org/a", Format.RSS),
    ]
