"""The public archive: only what is published, at addresses that stay, kept by caches, and usable by everybody."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import aiohttp
import feedparser
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from adapters.web import About, Article, Site, WebServer
from adapters.web import site as site_module
from bot import archive
from bot.archive import Archivist
from bot.privacy import public_notice
from config.topics import load_taxonomy
from digests.model import EditionState, ItemRevision, TaggedItem, Topic
from digests.render.record import TITLE, as_html
from digests.transparency import record
from tests.builders import a_content, a_revision, a_tagging, an_edition, an_entry, an_item
from tests.channels.axe import violations
from tests.fakes import public
from tests.fakes.network import Network
from tests.unit.test_transparency import FACTS

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = (
    *("/", "/editions", "/editions/34", "/editions/33", "/topics", "/topics/ai", "/topics/ai?page=2"),
    *(f"/items/{public.PUBLISHED_ITEM}", "/dates", "/sources", "/search", "/search?q=guidance&topic=ai"),
    *("/search?q=nothing+like+this", "/transparency", "/privacy", "/editions/32", "/nowhere", "/topics/ai?page=x"),
)
ONE_OF_EACH_KIND = (
    *("/", "/editions", "/editions/33", "/topics", "/topics/ai?page=2", f"/items/{public.PUBLISHED_ITEM}", "/dates"),
    *("/sources", "/search?q=guidance&topic=ai", "/transparency", "/editions/32"),
)
FILES = ("/feed.atom", "/feed.json", "/dates.ics", "/editions/34.md", "/editions/34.txt", "/editions/34.json")


class House:
    def __init__(self, network: Network, topics: Mapping[str, Topic] | None = None, **about: Any) -> None:
        self.network = network
        self.articles_made = 0
        self.server = WebServer("127.0.0.1", 0, self.health)
        services = network.services
        told = About("Data Policy Digest", owner="Example Network", contact="digest@example.org", **about)
        articles = {"/transparency": self.article, public_notice.PAGE: self.privacy}
        site = Site(told, Archivist(services), services.clock, topics or services.topics, articles)
        site.attach(self.server.app)

    async def health(self) -> Mapping[str, Any]:
        return {"ok": True}

    async def article(self) -> Article:
        self.articles_made += 1
        return Article(f"{TITLE} <1>", as_html(record(FACTS), FACTS.on))

    async def privacy(self) -> Article:
        parts = public_notice.public_notice("Example <Network>", "digest@example.org")
        return Article(public_notice.TITLE, as_html(parts, FACTS.on, public_notice.TITLE))


@pytest_asyncio.fixture(loop_scope="session")
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(archive, "FRESH_SECONDS", 0.0)
    house = House(await public.a_network())
    await house.server.start()
    yield house
    await house.server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def session(house: House) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(house.server.url, headers={"Accept": "text/html"}) as session:
        yield session


async def test_nothing_is_told_that_was_not_published(session: aiohttp.ClientSession) -> None:
    for path in (*PAGES, *FILES, "/editions/34.html"):
        async with session.get(path) as answer:
            words = await answer.text()
        assert public.SECRET not in words, path
        assert "bob" not in words.lower(), path
    for path in ("/editions/35", "/editions/35.json", f"/items/{public.DRAFTED_ITEM}", "/items/0000000000000000"):
        async with session.get(path) as answer:
            assert answer.status == 404, path


async def test_hostile_words_stay_words(session: aiohttp.ClientSession) -> None:
    for path in ("/editions/34", "/topics/ai", "/search?q=alert&topic=ai", "/dates", "/"):
        async with session.get(path) as answer:
            words = await answer.text()
        assert "<script" not in words, path
        assert "javascript:" not in words, path
    async with session.get("/search", params={"q": '"><script>alert(1)</script>'}) as answer:
        assert "<script" not in await answer.text()


async def test_an_edition_is_whole_with_links_to_what_it_is_about(session: aiohttp.ClientSession) -> None:
    async with session.get("/editions/34") as answer:
        words = await answer.text()
    for part in (
        "<h1>Data Policy Digest 34</h1>",
        "Friday 17 January 2025",
        "<p>A second paragraph.</p>",
        '<a href="#news">News &amp; views</a> (6)',
        '<a href="https://www.example.org/news/340">Guidance on artificial intelligence, part 340</a>',
        'Also from <a href="https://press.example.org/1">The Press</a>.',
        'See also <a href="https://www.example.org/annex">Annex</a>.',
        f'<a href="/items/{public.PUBLISHED_ITEM}">',
        '<a href="/topics/ai">Artificial intelligence</a>',
        "<li>We wrote.</li>",
        "<p>Until next week.</p>",
        '<a rel="prev" href="/editions/33">Older: Data Policy Digest 33</a>',
    ):
        assert part in words, part
    assert 'rel="next"' not in words


async def test_a_corrected_edition_says_so(session: aiohttp.ClientSession) -> None:
    async with session.get("/editions/33") as answer:
        words = await answer.text()
    assert "<p>Corrected words.</p>" in words
    assert "Saturday 11 January 2025, 09:00</time>." in words


async def test_a_withdrawn_edition_is_gone_and_says_so(session: aiohttp.ClientSession, house: House) -> None:
    async with session.get("/editions/32") as answer:
        assert answer.status == 410
        assert site_module.WITHDRAWN in await answer.text()
        assert answer.headers["Cache-Control"] == "no-store"
    async with session.get("/editions/34") as answer:
        assert answer.status == 200
    async with house.network.store.begin() as uow:
        edition = public.edition(34)
        await uow.editions.set_state(edition.id, EditionState.PUBLISHED, EditionState.WITHDRAWN)
        await uow.commit()
    for path in ("/editions/34", "/editions/34.md"):
        async with session.get(path) as answer:
            assert answer.status == 410
    for path, status in (("/editions", 200), ("/feed.atom", 200), (f"/items/{public.PUBLISHED_ITEM}", 404)):
        async with session.get(path) as answer:
            assert answer.status == status
            assert "/editions/34" not in await answer.text()


async def test_an_item_tells_its_topics_with_their_reasons_and_where_it_stands(session: aiohttp.ClientSession) -> None:
    async with session.get(f"/items/{public.PUBLISHED_ITEM}") as answer:
        words = await answer.text()
    assert "<h1>Guidance on artificial intelligence, part 340</h1>" in words
    assert "“artificial intelligence” in the title" in words
    assert "<code>ai-1</code>" in words
    assert '<a href="/editions/34">Data Policy Digest 34</a>' in words
    assert "under “News &amp; views”" in words
    assert "<dd>Department of Examples</dd>" in words


async def test_of_a_bill_it_is_said_when_its_present_stage_was_seen(
    session: aiohttp.ClientSession, house: House
) -> None:
    async with session.get(f"/items/{public.PUBLISHED_ITEM}") as answer:
        words = await answer.text()
    assert "<dt>First seen by Convenor</dt>\n<dd>Thursday 23 January 2025, 15:40</dd>" in words
    known = an_item(340)
    staged = replace(known, stage="2nd reading", received_at=known.received_at + timedelta(days=7), revision=2)
    async with house.network.store.begin() as uow:
        await uow.items.revise(ItemRevision(staged, (), staged.received_at), a_tagging("ai"))
        await uow.commit()
    async with session.get(f"/items/{public.PUBLISHED_ITEM}") as answer:
        words = await answer.text()
    assert "<dt>First seen by Convenor in its present stage</dt>\n<dd>Thursday 30 January 2025, 15:40</dd>" in words
    assert "First seen by Convenor<" not in words


async def test_lists_are_paged_and_pages_that_are_not_there_are_answered_politely(
    session: aiohttp.ClientSession,
) -> None:
    async with session.get("/topics/ai") as answer:
        words = await answer.text()
    assert "Page 1 of 2" in words
    assert '<a rel="next" href="/topics/ai?page=2">Older</a>' in words
    for page, status, sentence in (
        ("3", 404, site_module.NO_PAGE),
        ("0", 404, site_module.NO_PAGE),
        ("-1", 400, site_module.NOT_A_PAGE),
        ("²", 400, site_module.NOT_A_PAGE),
        ("9" * 5000, 400, site_module.NOT_A_PAGE),
    ):
        async with session.get("/topics/ai", params={"page": page}) as answer:
            assert answer.status == status
            assert sentence in await answer.text()


async def with_shipped_topics() -> House:
    """A house with the topics that come with Convenor, and an edition with an entry and an item of each."""
    topics = {topic.id: topic for topic in load_taxonomy().topics}
    network = await public.a_network()
    entries = [an_entry(n, topics=(topic,)) for n, topic in enumerate(topics, 500)]
    content = a_content(*entries, sections=public.SECTIONS)
    edition = an_edition(date(2025, 1, 31), number=36, state=EditionState.PUBLISHED, content=content)
    async with network.store.begin() as uow:
        await uow.editions.add(edition, a_revision(edition))
        await uow.items.add([TaggedItem(an_item(n), a_tagging(topic)) for n, topic in enumerate(topics, 500)])
        await uow.commit()
    return House(network, topics)


async def test_every_topic_that_comes_with_convenor_has_a_page() -> None:
    house = await with_shipped_topics()
    await house.server.start()
    try:
        async with aiohttp.ClientSession(house.server.url) as session:
            for topic in load_taxonomy().topics:
                async with session.get(f"/topics/{topic.id}") as answer:
                    assert answer.status == 200, topic.id
                    assert f"<h1>{topic.name}</h1>" in unescape(await answer.text())
    finally:
        await house.server.stop()


async def test_an_edition_has_a_page_however_a_network_counts() -> None:
    network = await public.a_network()
    edition = an_edition(date(2027, 1, 15), number=20_270_115, state=EditionState.PUBLISHED)
    async with network.store.begin() as uow:
        await uow.editions.add(edition, a_revision(edition))
        await uow.commit()
    house = House(network)
    await house.server.start()
    try:
        async with aiohttp.ClientSession(house.server.url) as session:
            for path in ("/editions/20270115", "/editions/20270115.md"):
                async with session.get(path) as answer:
                    assert answer.status == 200, path
            async with session.get("/editions/9999999999") as answer:
                assert (answer.status, site_module.NO_EDITION in await answer.text()) == (404, True)
    finally:
        await house.server.stop()


async def test_every_link_of_the_archive_leads_to_a_page_that_is_there() -> None:
    house = await with_shipped_topics()
    await house.server.start()
    waiting, seen = ["/"], {"/"}
    try:
        async with aiohttp.ClientSession(house.server.url) as session:
            while waiting:
                path = waiting.pop()
                async with session.get(path) as answer:
                    assert answer.status == 200, path
                    words = await answer.text() if answer.content_type == "text/html" else ""
                for address in map(unescape, re.findall(r'href="(/[^"#]*)', words)):
                    if address not in seen:
                        seen.add(address)
                        waiting.append(address)
    finally:
        await house.server.stop()
    assert {f"/topics/{topic.id}" for topic in load_taxonomy().topics} < seen
    assert {"/editions/36", "/editions/36.md", "/dates.ics", "/topics/ai_industry_growth", "/search"} < seen
    assert any(address.startswith("/items/") for address in seen)


async def test_search_says_what_it_found(session: aiohttp.ClientSession) -> None:
    for query, told in (
        ({}, site_module.NO_SEARCH),
        ({"q": "part 340"}, "1 published entry with “part 340”, the newest first."),
        ({"q": "zebra"}, "No published entry with “zebra”. Fewer words find more."),
        ({"topic": "ai"}, "24 published entries about Artificial intelligence, the newest first."),
    ):
        async with session.get("/search", params=query) as answer:
            assert told in await answer.text()
    for query, sentence in (({"q": "a" * 201}, site_module.TOO_LONG), ({"topic": "x"}, site_module.NO_TOPIC)):
        async with session.get("/search", params=query) as answer:
            assert answer.status == 400
            assert sentence in await answer.text()


async def test_a_flood_of_searches_is_slowed_down_and_reading_is_not(session: aiohttp.ClientSession) -> None:
    statuses = []
    for number in range(site_module.SEARCHES_AT_ONCE + 20):
        async with session.get("/search", params={"q": f"word{number}"}) as answer:
            statuses.append(answer.status)
            if answer.status == 429:
                assert answer.headers["Retry-After"] == "5"
                assert site_module.TOO_MANY in await answer.text()
                break
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {200}
    async with session.get("/editions/34") as answer:
        assert answer.status == 200


async def test_pages_may_be_kept_for_a_minute_and_are_not_sent_again_unchanged(session: aiohttp.ClientSession) -> None:
    for path in ("/", "/editions/34", "/sources", "/transparency", "/feed.atom", "/public.css"):
        async with session.get(path) as answer:
            headers, body = answer.headers, await answer.read()
        assert headers["Cache-Control"] == "public, max-age=60", path
        assert headers["Vary"] == "Accept-Encoding"
        assert headers["Last-Modified"] == "Thu, 23 Jan 2025 10:00:00 GMT"
        for condition in (
            {"If-None-Match": headers["ETag"]},
            {"If-None-Match": f'"other", W/{headers["ETag"]}'},
            {"If-Modified-Since": headers["Last-Modified"]},
        ):
            async with session.get(path, headers=condition) as answer:
                assert (answer.status, await answer.read()) == (304, b""), (path, condition)
                assert answer.headers["ETag"] == headers["ETag"]
        for condition in (
            {"If-None-Match": '"other"', "If-Modified-Since": headers["Last-Modified"]},
            {"If-Modified-Since": "Thu, 23 Jan 2025 09:59:59 GMT"},
            {"If-Modified-Since": "yesterday"},
        ):
            async with session.get(path, headers=condition) as answer:
                assert (answer.status, await answer.read()) == (200, body), (path, condition)
        async with session.head(path) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
            assert answer.headers["ETag"] == headers["ETag"]


async def test_pages_are_packed_for_those_who_can_unpack_them(house: House) -> None:
    async with aiohttp.ClientSession(house.server.url, auto_decompress=False) as session:
        sizes = {}
        for coding in ("gzip", "identity", "gzip;q=0", "br, gzip;q=0.5"):
            async with session.get("/editions/34", headers={"Accept-Encoding": coding}) as answer:
                sizes[coding] = (len(await answer.read()), answer.headers.get("Content-Encoding", ""))
    assert sizes["gzip"] == sizes["br, gzip;q=0.5"]
    assert sizes["identity"] == sizes["gzip;q=0"]
    assert sizes["gzip"][1] == "gzip"
    assert sizes["gzip"][0] < sizes["identity"][0] / 2


async def test_a_change_is_seen_at_once_and_changes_the_tag(session: aiohttp.ClientSession, house: House) -> None:
    async with session.get("/editions") as answer:
        tag = answer.headers["ETag"]
    house.network.clock.advance(minutes=1)
    async with house.network.store.begin() as uow:
        await uow.editions.set_state(public.edition(35).id, EditionState.DRAFT, EditionState.PUBLISHED)
        await uow.commit()
    async with session.get("/editions", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 200
        assert "Data Policy Digest 35" in await answer.text()
        assert answer.headers["Last-Modified"] == "Thu, 23 Jan 2025 10:01:00 GMT"


async def test_what_changes_with_the_day_is_sent_again_after_midnight_in_london(
    session: aiohttp.ClientSession, house: House
) -> None:
    pages = ("/", "/dates", "/dates.ics", "/editions")
    before = {}
    async with session.get("/") as answer:
        assert answer.headers["Last-Modified"] == "Thu, 23 Jan 2025 10:00:00 GMT"
    house.network.clock.set(datetime(2025, 3, 30, 22, 30, tzinfo=UTC))
    for path in pages:
        async with session.get(path) as answer:
            before[path] = answer.headers["Last-Modified"]
    assert before["/"] == before["/dates"] == before["/dates.ics"] == "Sun, 30 Mar 2025 00:00:00 GMT"
    # Summer time began in this night: midnight is 23:00 UTC.
    for minutes, unchanged in ((29, set(pages)), (1, {"/editions"})):
        house.network.clock.advance(minutes=minutes)
        for path in pages:
            async with session.get(path, headers={"If-Modified-Since": before[path]}) as answer:
                assert answer.status == (304 if path in unchanged else 200), path
    async with session.get("/dates") as answer:
        assert answer.headers["Last-Modified"] == "Sun, 30 Mar 2025 23:00:00 GMT"


async def test_every_answer_has_headers_that_keep_readers_safe(session: aiohttp.ClientSession) -> None:
    for path in (*PAGES, *FILES):
        async with session.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "script-src" not in policy or answer.status >= 400
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"


async def test_other_verbs_and_other_addresses_are_refused_politely(session: aiohttp.ClientSession) -> None:
    async with session.post("/editions/34") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
        assert "This address cannot be used in that way. Nothing was changed." in await answer.text()
    async with session.get("/editions/thirty") as answer:
        assert answer.status == 404
        assert '<link rel="stylesheet" href="/public.css">' in await answer.text()
    async with session.get("/topics/unknown") as answer:
        assert (answer.status, site_module.NO_TOPIC in await answer.text()) == (404, True)


async def test_the_atom_feed_has_every_edition_whole_under_ids_that_stay(session: aiohttp.ClientSession) -> None:
    async with session.get("/feed.atom") as answer:
        assert answer.content_type == "application/atom+xml"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        feed = feedparser.parse(BytesIO(await answer.read()))
    assert (feed.version, feed.bozo) == ("atom10", False)
    assert feed.feed.id == "tag:127.0.0.1,2026:editions"
    assert feed.feed.updated == "2025-01-17T09:00:00Z"
    base = str(session._base_url).rstrip("/")
    assert [entry.link for entry in feed.entries] == [f"{base}/editions/{number}" for number in (34, 33, 31, 30)]
    newest, corrected = feed.entries[:2]
    assert newest.id == "tag:127.0.0.1,2026:edition:2025-01-17"
    assert newest.title == "Data Policy Digest 34"
    assert newest.summary == "8 entries: News & views, Coming up"
    assert "part 345" in newest.content[0].value
    assert (corrected.published, corrected.updated) == ("2025-01-10T09:00:00Z", "2025-01-11T09:00:00Z")
    assert "Corrected on Saturday 11 January 2025, 09:00." in corrected.content[0].value


async def test_the_json_feed_says_the_same(session: aiohttp.ClientSession) -> None:
    async with session.get("/feed.json") as answer:
        assert answer.content_type == "application/feed+json"
        feed = json.loads(await answer.text())
    base = str(session._base_url).rstrip("/")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{base}/feed.json"
    assert [item["url"] for item in feed["items"]] == [f"{base}/editions/{number}" for number in (34, 33, 31, 30)]
    first = feed["items"][1]
    assert first["id"] == "tag:127.0.0.1,2026:edition:2025-01-10"
    assert (first["date_published"], first["date_modified"]) == ("2025-01-10T09:00:00Z", "2025-01-11T09:00:00Z")
    assert "<script" not in first["content_html"]


async def test_feeds_use_the_public_address_and_believe_a_request_on_this_machine_alone() -> None:
    network = await public.a_network()
    for about, host, expected in (
        ({"public_url": "https://digest.example.org"}, "evil.example", "https://digest.example.org/editions/34"),
        ({}, "localhost:8080", "http://localhost:8080/editions/34"),
        ({}, "evil.example", ""),
        ({"on_loopback": False}, "127.0.0.1:8080", ""),
    ):
        house = House(network, **about)
        await house.server.start()
        try:
            async with aiohttp.ClientSession(house.server.url, headers={"Host": host}) as session:
                async with session.get("/feed.json") as answer:
                    words = await answer.text()
                    if expected:
                        assert json.loads(words)["items"][0]["url"] == expected
                    else:
                        assert (answer.status, words.strip()) == (404, site_module.NO_ADDRESS)
                async with session.get("/") as answer:
                    words = await answer.text()
                    assert ('href="/feed.atom"' in words) == bool(expected)
                    assert "evil" not in words
        finally:
            await house.server.stop()


async def test_the_calendar_has_the_days_of_half_a_year(session: aiohttp.ClientSession, house: House) -> None:
    async with session.get("/dates.ics") as answer:
        assert answer.content_type == "text/calendar"
        words = await answer.text()
    assert words.count("BEGIN:VEVENT") == 8
    assert "DTSTART;VALUE=DATE:20250309" in words
    house.network.clock.advance(days=400)
    async with session.get("/dates.ics") as answer:
        assert "BEGIN:VEVENT" not in await answer.text()
    async with session.get("/dates") as answer:
        assert "No day ahead is known at the moment." in await answer.text()


async def test_exports_can_be_fetched(session: aiohttp.ClientSession) -> None:
    for form, kind, begins in (
        ("md", "text/markdown", '---\ntitle: "Data Policy Digest"'),
        ("txt", "text/plain", "Data Policy Digest\n====="),
        ("json", "application/json", "{"),
        ("html", "text/html", "<!doctype html>"),
    ):
        async with session.get(f"/editions/34.{form}") as answer:
            words = await answer.text()
            assert (answer.status, answer.content_type) == (200, kind)
            assert words.startswith(begins)
            assert ("/editions/34" in words) == (form in ("json", "html"))
            saved = answer.headers.get("Content-Disposition", "")
            assert saved == ('attachment; filename="edition-34.html"' if form == "html" else "")


async def test_a_page_of_its_own_is_made_once_a_minute_however_many_ask(
    session: aiohttp.ClientSession, house: House
) -> None:
    for _ in range(3):
        async with session.get("/transparency") as answer:
            words = await answer.text()
    assert "<title>Algorithmic transparency record: Convenor &lt;1&gt; – Data Policy Digest</title>" in words
    assert "<dd>Example Network</dd>" in words
    assert house.articles_made == 1


async def test_the_privacy_page_can_be_pointed_to_where_it_says_what_using_convenor_means(
    session: aiohttp.ClientSession,
) -> None:
    async with session.get("/privacy") as answer:
        words = await answer.text()
    assert '<section id="use">\n<h2>Using Convenor</h2>' in words
    assert "<dd>Example &lt;Network&gt;</dd>" in words
    assert '<a href="/privacy">Privacy</a>' in words


async def test_before_the_first_edition_every_page_says_so() -> None:
    house = House(await Network.make())
    await house.server.start()
    try:
        async with aiohttp.ClientSession(house.server.url) as session:
            for path in ("/", "/editions", "/topics", "/topics/ai", "/dates", "/feed.atom", "/feed.json", "/dates.ics"):
                async with session.get(path) as answer:
                    words = await answer.text()
                    assert answer.status == 200, path
                    if path in ("/", "/editions"):
                        assert "No edition has been published yet. The first will stand here." in words
    finally:
        await house.server.stop()


async def test_everybody_can_use_every_page_in_light_and_dark_on_a_phone_too(house: House, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 1000, "height": 800})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Failed to load" not in said.text else None)
    for path in ONE_OF_EACH_KIND:
        await page.emulate_media(color_scheme="light")
        await page.goto(house.server.url + path)
        assert await violations(page) == [], path
        await page.emulate_media(color_scheme="dark")
        assert await violations(page, only=["color-contrast"]) == [], path
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        await page.set_viewport_size({"width": 1000, "height": 800})
    assert complaints == []
    await page.goto(f"{house.server.url}/editions/34")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"
    await page.emulate_media(media="print")
    assert not await page.locator("footer").is_visible()
    assert await page.locator("article h1").is_visible()


async def test_a_newsletter_is_600_pixels_wide_and_narrower_where_the_window_is(
    session: aiohttp.ClientSession, browser: Browser
) -> None:
    async with session.get("/editions/34.html") as answer:
        newsletter = await answer.text()
    page = await (await browser.new_context(viewport={"width": 900, "height": 800})).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.set_content(newsletter)
    inner = page.locator("table table")
    box = await inner.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["x"])) == (600, 150)
    assert await inner.evaluate("t => t.scrollWidth") == 600
    assert await page.locator("img").count() == 0
    # A mail has no landmarks: the program that shows it has.
    assert [each for each in await violations(page) if not each.startswith(("landmark", "region"))] == []
    assert not await page.get_by_text("8 entries: News & views, Coming up").is_visible()
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # Every address is an address to follow: nothing is fetched to show it.
    assert asked == []
