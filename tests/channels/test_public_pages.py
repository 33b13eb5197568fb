"""Public pages: framed and styled, kept for a moment, and free of script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from adapters.web import Page, WebServer, add_public_pages
from digests.render.record import TITLE, as_html
from digests.transparency import record
from tests.unit.test_transparency import FACTS

pytestmark = pytest.mark.asyncio(loop_scope="session")


class House:
    def __init__(self) -> None:
        self.made = 0
        self.server = WebServer("127.0.0.1", 0, self.health)
        add_public_pages(self.server.app, {"/transparency": self.page})

    async def health(self) -> Mapping[str, Any]:
        return {"ok": True}

    async def page(self) -> Page:
        self.made += 1
        return Page(f"{TITLE} <1>", as_html(record(FACTS), FACTS.on))


@pytest_asyncio.fixture(loop_scope="session")
async def house() -> AsyncIterator[House]:
    house = House()
    await house.server.start()
    yield house
    await house.server.stop()


async def test_a_page_is_whole_may_be_kept_a_while_and_is_not_made_for_each_request(house: House) -> None:
    async with aiohttp.ClientSession(house.server.url) as session:
        for _ in range(3):
            async with session.get("/transparency") as answer:
                words = await answer.text()
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "<title>Algorithmic transparency record: Convenor &lt;1&gt;</title>" in words
        assert "<dd>Example Network</dd>" in words
        assert "<script" not in words
        async with session.get("/public.css") as style:
            assert (style.status, style.content_type) == (200, "text/css")
    assert house.made == 1


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_a_phone_shows_it_without_scrolling_sideways(house: House, browser: Browser, colours: Any) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 720}, color_scheme=colours)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.goto(f"{house.server.url}/transparency")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert await page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "704px"
    assert complaints == []
