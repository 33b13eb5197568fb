"""The first issue of the digest in a real browser: an editor leaves an entry out, another approves, a member reads.

With CONVENOR_SCREENSHOTS set to a folder, the pictures of the documents are taken on the way.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.contract.databases import open_database
from tests.journeys.browser import PHONE, ChatPage
from tests.journeys.convenor import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

DROPPED = "Digital driving licence coming this year"
KEPT = "A blueprint for modern digital government"
PICTURES = os.environ.get("CONVENOR_SCREENSHOTS", "")


async def picture(page: ChatPage, name: str) -> None:
    if PICTURES:
        folder = Path(__file__).resolve().parents[2] / PICTURES
        await page.screenshot(folder / f"{name}.png")


async def visit_the_archive(alice: ChatPage, phone: ChatPage, url: str) -> None:
    """A reader finds the edition on the web, from the first page to one entry, and in every form."""
    page = alice.page
    await page.goto(url)
    await page.get_by_role("link", name="The public archive").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Data Policy Digest")
    await picture(alice, "archive")
    await page.get_by_role("link", name="Data Policy Digest 30", exact=True).click()
    await expect(page.get_by_role("link", name=KEPT, exact=True)).to_be_visible()
    await expect(page.get_by_text(DROPPED)).to_have_count(0)
    await picture(alice, "archive-edition")
    await page.get_by_role("link", name=f"About this entry ({KEPT})").click()
    await expect(page.get_by_role("heading", level=2).first).to_have_text("What it is about, and why")
    await picture(alice, "archive-item")
    await page.get_by_role("link", name="Search").first.click()
    await page.get_by_label("Words").fill("blueprint")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("status")).to_contain_text("with “blueprint”, the newest first.")
    await page.emulate_media(color_scheme="dark")
    await picture(alice, "archive-search")
    for form in ("md", "txt", "json", "html"):
        answer = await page.request.get(f"{url}/editions/30.{form}")
        assert KEPT in await answer.text()
    for path in ("/feed.atom", "/feed.json", "/dates.ics", "/sources", "/topics", "/dates"):
        assert (await page.request.get(url + path)).status == 200
    await phone.page.goto(f"{url}/editions/30")
    await picture(phone, "archive-phone")


async def correct(bob: ChatPage, carol: ChatPage, alice: ChatPage, url: str) -> None:
    """Something was wrong: one editor puts it right, another approves, and the post and the web say so."""
    await alice.page.emulate_media(color_scheme="light")
    await alice.open("alice", "digest")
    await bob.press("Correct…")
    await bob.fill("What is corrected?", "one entry was not about data")
    await bob.submit()
    await bob.expect_text("Readers will be told: ")
    await bob.press("Leave out", within=KEPT)
    await bob.expect_text(f"1 edit so far; the latest: left out “{KEPT}”. It needs one approval, from another editor.")
    await bob.show("Readers will be told: ")
    await picture(bob, "correction")
    await alice.expect_text(KEPT)
    await carol.press("Approve")
    await carol.expect_text("are changed in place, in 1 channel.")
    told = "Corrected on Thursday 23 January 2025 at"
    await alice.expect_text(told)
    await alice.expect_no_text(KEPT)
    await picture(alice, "corrected")
    async with asyncio.timeout(30):
        # What is public is at most two seconds old.
        while told not in (page := await (await alice.page.request.get(f"{url}/editions/30")).text()):
            await asyncio.sleep(0.2)
    assert KEPT not in page


async def test_two_editors_bring_the_digest_to_a_member(browser: Browser, tmp_path: Path) -> None:
    async with serving("demo", "--offline", cwd=tmp_path, ready="Open http") as demo:
        bob = await ChatPage.new(browser, demo.url, size=(1280, 900))
        await bob.page.goto(demo.url)
        await picture(bob, "people")
        await bob.open("bob", "editors")
        await bob.expect_text("Draft: Data Policy Digest 30, Friday 24 January 2025")
        await bob.expect_text(KEPT)
        await picture(bob, "editors")

        await bob.press("Leave out", within=DROPPED)
        await bob.expect_text(f"1 edit so far; the latest: left out “{DROPPED}”.")
        await bob.press("Approve")
        await bob.expect_text("You made the last edit, so somebody else must approve this edition.")

        carol = await ChatPage.new(browser, demo.url, size=(1280, 900))
        await carol.open("carol", "editors")
        await carol.expect_text(f"the latest: left out “{DROPPED}”.")
        await carol.press("Approve")
        await carol.expect_text("will be posted to 1 channel on Thursday 23 January 2025, 10:2")
        await bob.expect_text("Until then it can be pulled back.")
        await carol.show("Approved by")
        await picture(carol, "approved")

        await bob.press("Pull back")
        await carol.expect_text("Nothing was posted, and its approvals no longer count.")
        await carol.show("Pulled back")
        await picture(carol, "pulled-back")
        await carol.press("Merge into the next")
        await bob.expect_text("Merged into the next edition by Carol")
        await bob.show("Merged into the next edition by Carol")
        await picture(bob, "merged")
        await bob.press("Undo")
        await bob.expect_text("Undone. The draft of Friday 24 January 2025 is open again.")
        await carol.press("Approve")
        await carol.press("Post now")
        await carol.expect_text("Carol had it posted at once")
        await bob.expect_text("#digest: posted (")

        alice = await ChatPage.new(browser, demo.url, size=(1280, 900))
        await alice.open("alice", "digest")
        await alice.expect_text("Data Policy Digest 30, Friday 24 January 2025")
        await alice.expect_text(KEPT)
        await alice.expect_no_text(DROPPED)
        await picture(alice, "digest")

        phone = await ChatPage.new(browser, demo.url, size=PHONE)
        await phone.open("alice", "digest")
        await phone.expect_text(KEPT)
        assert await phone.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await picture(phone, "phone")

        await bob.say("/digest export email")
        await bob.expect_text("Data Policy Digest 30, as HTML for a newsletter tool. Only you see this.")
        async with bob.page.expect_download() as saving:
            await bob.page.get_by_role("link", name="Download edition-30.html").click()
        saved = await saving.value
        assert saved.suggested_filename == "edition-30.html"
        assert KEPT in Path(await saved.path()).read_text(encoding="utf-8")

        await visit_the_archive(alice, phone, demo.url)
        await correct(bob, carol, alice, demo.url)
        assert [page.complaints for page in (bob, carol, alice, phone)] == [[], [], [], []]
        health = await demo.health()
        assert (health["ok"], health["deliveries_stuck"]) == (True, 0)


async def cut_short(database_url: str) -> None:
    """Leave the edition's first message as a process leaves it that is killed while it posts: sent, perhaps."""
    database = await open_database(database_url)
    try:
        async with database.begin() as uow:
            rows = [row for row in await uow.deliveries.of_edition("2025-01-24") if row.purpose == "edition"]
            long_ago = datetime(2025, 1, 23, 9, tzinfo=UTC)
            assert await uow.deliveries.claim(long_ago, long_ago, key=rows[0].key)
            await uow.commit()
    finally:
        await database.close()


async def test_everything_is_still_there_after_a_restart_and_what_may_have_been_posted_is_asked(
    browser: Browser, tmp_path: Path
) -> None:
    async with serving("demo", "--offline", cwd=tmp_path, ready="Open http") as demo:
        bob = await ChatPage.new(browser, demo.url)
        await bob.open("bob", "editors")
        await bob.press("Leave out", within=DROPPED)
        await bob.expect_text("1 edit so far")
        carol = await ChatPage.new(browser, demo.url)
        await carol.open("carol", "editors")
        await carol.press("Approve")
        await carol.expect_text("will be posted to 1 channel")
    await cut_short(f"sqlite:///{tmp_path / 'var' / 'demo-samples.db'}")
    async with serving("demo", "--offline", cwd=tmp_path, ready="Open http") as demo:
        bob = await ChatPage.new(browser, demo.url)
        await bob.open("bob", "editors")
        await bob.expect_text("Approved by Carol")
        await bob.expect_text("Did this arrive?")
        await bob.show("Did this arrive?")
        await picture(bob, "stuck")
        await bob.press("It is there")
        await bob.expect_text("Link of the message")
        await bob.page.keyboard.press("Escape")
        await bob.expect_form_closed()
        await bob.press("Send again")
        await bob.expect_text("Settled")
        alice = await ChatPage.new(browser, demo.url)
        await alice.open("alice", "digest")
        await alice.expect_text("Data Policy Digest 30, Friday 24 January 2025")
