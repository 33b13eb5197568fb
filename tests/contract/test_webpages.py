"""Pages that people name are read within limits and behind the guard, and what is wrong is said in words."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.webpages import WebPages
from adapters.webpages.reader import A_WALL, NO_TITLE
from digests.model import LinkAnswer, Outcome, Page
from tests.fakes.publisher import FakePublisher
from tests.fakes.site import FakeSite

PAGES = WebPages(allow_private=True, gap_seconds=0, max_bytes=200_000)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[FakeSite]:
    async with FakeSite() as served:
        yield served


@pytest_asyncio.fixture
async def publisher() -> AsyncIterator[FakePublisher]:
    async with FakePublisher() as served:
        yield served


async def test_a_page_is_read_where_its_redirects_end(site: FakeSite) -> None:
    site.pages["/short"] = "/plan", b""
    site.page("/plan", '<title>A plan</title><link rel="canonical" href="/the-plan">')
    page = await PAGES.read(site.url("/short"))
    assert page == Page(site.url("/plan"), Outcome.READ, title="A plan", canonical=site.url("/the-plan"))


async def test_a_file_and_a_page_without_a_title_are_named_by_their_addresses(site: FakeSite) -> None:
    site.pages["/files/AI_action-plan.pdf"] = "application/pdf", b"%PDF-1.7"
    site.page("/news/a-plan.html", "<p>Hello")
    file = await PAGES.read(site.url("/files/AI_action-plan.pdf"))
    assert (file.title, file.reason) == (
        "AI action plan",
        "This is a PDF, so its title is made from its name. Please look it over.",
    )
    page = await PAGES.read(site.url("/news/a-plan.html"))
    assert (page.title, page.reason) == ("A plan", NO_TITLE)


async def test_a_wall_and_a_page_that_says_it_is_none_are_not_taken_for_the_page(site: FakeSite) -> None:
    site.page("/wall", "<title>Just a moment...</title>")
    site.page("/none", "<title>Page not found | Example</title>")
    site.page("/real", "<title>Access denied: how a hospital lost its records, and what the law says of it</title>")
    assert await PAGES.read(site.url("/wall")) == Page(site.url("/wall"), Outcome.REFUSED, A_WALL)
    assert (await PAGES.read(site.url("/none"))).outcome is Outcome.NOT_FOUND
    assert (await PAGES.read(site.url("/real"))).outcome is Outcome.READ


@pytest.mark.parametrize(
    ("path", "outcome", "reason"),
    [
        ("/status/404", Outcome.NOT_FOUND, "There is no page at this address (404)."),
        ("/status/410", Outcome.GONE, "The page is gone for good (410)."),
        (
            "/status/403",
            Outcome.REFUSED,
            "The site refuses us (403), as some do with programs; people may well see it.",
        ),
        ("/status/503", Outcome.SERVER_TROUBLE, "The site is in trouble (503)."),
        ("/busy", Outcome.RATE_LIMITED, "The site asks us to come less often (429)."),
        ("/huge", Outcome.TOO_LARGE, "The page is larger than 200,000 bytes, and was not read."),
        ("/damaged-gzip", Outcome.UNREADABLE, "The page was sent compressed, and could not be unpacked."),
        ("/to-nowhere", Outcome.UNREACHABLE, "It sent us to another address without naming one."),
        ("/loop", Outcome.UNREACHABLE, "It sent us from one address to another more than 8 times."),
        (
            "/to-file",
            Outcome.BLOCKED,
            "The address is not a web address: it must begin with http:// or https://.",
        ),
    ],
)
async def test_what_is_wrong_with_a_page_is_said_in_words(
    publisher: FakePublisher, path: str, outcome: Outcome, reason: str
) -> None:
    url = publisher.url(f"{path}?Content-Type=text/html")
    assert await PAGES.read(url) == Page(url, outcome, reason)


async def test_a_page_that_never_ends_is_given_up(publisher: FakePublisher) -> None:
    page = await WebPages(allow_private=True, seconds=0.3).read(publisher.url("/drip?Content-Type=text/html"))
    assert (page.outcome, page.reason) == (Outcome.TIMED_OUT, "It did not answer in full within 0.3 seconds.")


async def test_nothing_inside_a_private_network_is_called(publisher: FakePublisher) -> None:
    guarded = WebPages(exceptions=[("127.0.0.1", publisher.port)], gap_seconds=0, seconds=2)
    assert (await guarded.read("http://127.0.0.1/")).outcome is Outcome.BLOCKED
    assert (await guarded.look("http://[::ffff:127.0.0.1]/")).outcome is Outcome.BLOCKED
    assert (await guarded.read(publisher.url("/to-private"))).outcome is Outcome.BLOCKED
    assert (await guarded.look("http://user:secret@example.org/")).outcome is Outcome.BLOCKED
    assert await guarded.look("nonsense") == LinkAnswer(
        Outcome.BLOCKED, "The address is not a web address: it must begin with http:// or https://."
    )


async def test_a_look_tells_moved_for_good_from_moved_for_now_and_fetches_nothing(publisher: FakePublisher) -> None:
    assert await PAGES.look(publisher.url("/page")) == LinkAnswer(Outcome.READ)
    assert await PAGES.look(publisher.url("/huge")) == LinkAnswer(Outcome.READ)
    assert (await PAGES.look(publisher.url("/moved-again"))).moved_to == publisher.url("/feed")
    assert (await PAGES.look(publisher.url("/moved-for-now"))).moved_to == ""
    assert (await PAGES.look(publisher.url("/status/404"))).outcome is Outcome.NOT_FOUND


async def test_a_host_that_is_not_there_is_unreachable() -> None:
    answer = await PAGES.look("http://127.0.0.1:9/")
    assert answer == LinkAnswer(Outcome.UNREACHABLE, "No connection to the site could be made.")
