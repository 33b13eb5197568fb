"""An editor finds a site's feed in a real browser, says yes, and keeps the source: reads, pauses, edits, removes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.fakes.site import FakeSite
from tests.journeys.browser import ChatPage
from tests.journeys.convenor import serving


@pytest.mark.asyncio(loop_scope="session")
async def test_an_editor_adds_a_source_by_its_sites_address_and_keeps_it(browser: Browser, tmp_path: Path) -> None:
    async with FakeSite() as site:
        site.feed("/known.xml", "Known", name="Known news")
        site.page("/", '<link rel="alternate" type="application/rss+xml" href="/blog.xml">')
        site.feed("/blog.xml", "One", "Two", "Three", "Four", "Five", "Six")
        catalogue = tmp_path / "mine.yaml"
        catalogue.write_text(
            f"- {{id: known, name: Known news, publisher: Known, kind: rss, url: '{site.url('/known.xml')}'}}\n"
        )
        settings = {
            "LOCAL_CHAT": "1",
            "ALLOW_PRIVATE_ADDRESSES": "1",
            "CATALOGUE": str(catalogue),
            "FETCH_GAP_SECONDS": "0",
        }
        async with serving("run", cwd=tmp_path, settings=settings) as service:
            await service.says("read 1 sources")
            bob = await ChatPage.new(browser, service.url)
            await bob.open("bob", "editors")
            await bob.say(f"/convenor sources add {site.url()}")
            await bob.expect_text("It has 6 items; these are its last 5 items:")
            await bob.expect_text("Two (Tuesday 21 January 2025)")
            await bob.press("Not now")
            await bob.expect_text("Nothing was added.")
            await bob.press("Add")
            await bob.expect_text("Added: The example blog, with the id 127-0-0-1")
            await bob.expect_text("First reading: read, 6 entries, 6 new, 0 changed.")

            site.feed("/blog.xml", "One", "Two", "Three", "Four", "Five", "Six", "Seven")
            await bob.say("/convenor sources read 127-0-0-1")
            await bob.expect_text("The example blog: read, 7 entries, 1 new, 0 changed.")
            await bob.say("/convenor sources pause 127-0-0-1")
            await bob.expect_text("The example blog is paused.")

            alice = await ChatPage.new(browser, service.url)
            await alice.open("alice", "digest")
            await alice.say("/convenor sources")
            await alice.expect_text("2 sources: 1 paused, 1 ok.")
            await alice.say("/convenor sources resume 127-0-0-1")
            await alice.expect_text("That is for an administrator or an editor, and you are not one here")
            await alice.say("/convenor sources show 127-0-0-1")
            await alice.expect_text("paused, until somebody resumes it")

            await bob.say("/convenor sources resume 127-0-0-1")
            await bob.expect_text("The example blog is read again")
            await alice.say("/digest search seven")
            await alice.expect_text("1 found: seven")

            await bob.say("/convenor sources show 127-0-0-1")
            await bob.expect_text("Added beside the catalogue by Bob (")
            await bob.press("Edit")
            await bob.fill("Publisher", "Example Institute")
            await bob.choose("Group", "Research")
            await bob.fill("Weight", "much")
            await bob.submit()
            await bob.expect_text("Please write a number from 0 to 1, such as 0.5.")
            await expect(bob.form.get_by_label("Publisher")).to_have_value("Example Institute")
            await bob.fill("Weight", "0.7")
            await bob.submit()
            await bob.expect_form_closed()
            await bob.expect_text("Saved: The example blog, published by Example Institute; group research")
            await bob.press("Remove")
            await bob.expect_text("The example blog is removed and no longer read")
            await alice.say("/convenor sources")
            await alice.expect_text("1 source: 1 ok.")
            assert [page.complaints for page in (bob, alice)] == [[], []]
