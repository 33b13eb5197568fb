"""The chat in a real browser: by keyboard alone, on a phone, live between two people, and when things are slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from adapters.local.app import LocalChat
from adapters.web import WebServer
from bot.messages import (
    Ask,
    AskKind,
    Button,
    Buttons,
    ButtonStyle,
    EntryLine,
    Field,
    FieldKind,
    Form,
    Heading,
    Menu,
    Message,
    Option,
    Paragraph,
    Reply,
    link,
    say,
    text,
)
from digests.model import Address
from tests.channels.local_fakes import FakeChatLog, FakeDesk
from tests.fakes.clock import FakeClock
from tests.journeys.browser import PHONE, ChatPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

EDITORS = Address("local", "local", channel="editors")

DRAFT = Message(
    "The draft of edition 30",
    (
        Heading("Edition 30"),
        EntryLine(text(link("King’s Speech", "https://example.org/speech")), (), (Button("Edit", "edit", "speech"),)),
        EntryLine(
            text(link("A statistics release", "https://example.org/s")),
            (),
            (Button("Edit", "edit", "stats"),),
            menu=Menu((Button("Move up", "up", "stats"),), "A statistics release"),
        ),
        Buttons((Button("Skip this week", "skip", "30", ButtonStyle.DANGER, confirm="Skip edition 30?"),)),
    ),
)
FORM = Form(
    "edit",
    "Edit the entry",
    "Save",
    (
        Field("title", "Title", value="King’s Speech"),
        Field("blurb", "Blurb", FieldKind.PARAGRAPH, required=False),
        Field("section", "Section", FieldKind.CHOICE, options=(Option("gov", "Government"), Option("oth", "Other"))),
    ),
)


def save(ask: Ask) -> Reply:
    if ask.fields["title"].isupper():
        return Reply(errors={"title": "Please do not shout: use small letters too."})
    return Reply((say(f"Saved as “{ask.fields['title']}”."),))


class House:
    """The chat on a real port, with its fakes."""

    def __init__(self) -> None:
        self.desk = FakeDesk()
        self.log = FakeChatLog()
        self.server = WebServer("127.0.0.1", 0, self.health)
        self.local = LocalChat(
            self.log, self.desk, FakeClock(), [("digest", "Read the digest"), ("digest draft", "See the draft")]
        )
        self.local.attach(self.server.app)
        self.desk.on(AskKind.COMMAND, "digest", Reply((DRAFT,)))
        self.desk.on(AskKind.PRESS, "edit", Reply(form=FORM))
        self.desk.on(AskKind.SUBMIT, "edit", save)

    async def health(self) -> Mapping[str, Any]:
        return {"ok": True}

    def names(self, kind: AskKind) -> list[str]:
        return [ask.name for ask in self.desk.asks if ask.kind is kind]


@pytest_asyncio.fixture(loop_scope="session")
async def house() -> AsyncIterator[House]:
    house = House()
    await house.local.start()
    await house.server.start()
    yield house
    await house.local.stop()
    await house.server.stop()


async def tab_back_to(chat: ChatPage, label: str) -> None:
    for _ in range(30):
        await chat.page.keyboard.press("Shift+Tab")
        if await chat.page.evaluate("document.activeElement.textContent") == label:
            return
    raise AssertionError(f"no amount of tabbing reached {label}")


async def test_an_editor_does_everything_by_keyboard(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    await chat.open("bob", "editors")
    keys = chat.page.keyboard

    await keys.type("/digest d")
    await keys.press("ArrowDown")
    await keys.press("Tab")
    await expect(chat.page.locator("#words")).to_have_value("/digest draft ")
    await keys.press("Enter")
    await chat.expect_text("A statistics release")
    assert house.desk.asks[0].words == "draft"

    await tab_back_to(chat, "Edit")
    await keys.press("Enter")
    title = chat.form.get_by_label("Title")
    await expect(title).to_be_focused()
    assert house.desk.asks[1].value == "stats"

    await title.press("Control+a")
    await keys.type("LOUD")
    await keys.press("Enter")
    await chat.expect_text("Choose one of these.")  # the page itself asks for what is missing
    section = chat.form.get_by_label("Section")
    await expect(section).to_be_focused()
    await keys.type("Gov")
    await keys.press("Tab")
    await expect(chat.form.get_by_role("button", name="Save")).to_be_focused()
    await keys.press("Enter")
    await chat.expect_text("Please do not shout")
    await expect(title).to_be_focused()
    await expect(title).to_have_value("LOUD")
    await expect(title).to_have_attribute("aria-invalid", "true")
    await expect(section).to_have_value("gov")

    await title.press("Control+a")
    await keys.type("Quiet")
    await keys.press("Enter")
    await chat.expect_form_closed()
    await chat.expect_text("Saved as “Quiet”.")
    assert house.desk.asks[-1].fields == {"title": "Quiet", "blurb": "", "section": "gov"}
    assert await chat.page.evaluate("document.activeElement.dataset.value") == "stats"
    assert not chat.complaints


async def test_what_cannot_be_undone_asks_first_and_escape_is_no(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    await chat.open("bob", "editors")
    await chat.say("/digest")
    await chat.expect_text("A statistics release")
    await tab_back_to(chat, "Skip this week")
    keys = chat.page.keyboard
    await keys.press("Enter")
    await chat.expect_text("Skip edition 30?")
    await expect(chat.page.locator("#confirm-no")).to_be_focused()
    await keys.press("Escape")
    await expect(chat.page.locator("#confirm")).to_be_hidden()
    assert house.names(AskKind.PRESS) == []
    await chat.press("Skip this week", confirm=False)
    assert house.names(AskKind.PRESS) == []
    await chat.press("Skip this week")
    async with asyncio.timeout(30):
        while not house.names(AskKind.PRESS):
            await asyncio.sleep(0.02)
    assert house.names(AskKind.PRESS) == ["skip"]


async def test_a_form_with_something_typed_is_not_thrown_away_by_escape(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    await chat.open("bob", "editors")
    await chat.say("/digest")
    await chat.press("Edit", within="King’s Speech")
    await chat.fill("Blurb", "A long and careful blurb")
    assert house.desk.asks[-1].value == "speech"
    await chat.page.keyboard.press("Escape")
    await chat.expect_text("What you typed in it will be lost.")
    await chat.page.keyboard.press("Enter")  # “Go back” has the focus
    await expect(chat.form.get_by_label("Blurb")).to_have_value("A long and careful blurb")
    await chat.form.get_by_role("button", name="Cancel").click()
    await chat.page.locator("#confirm-yes").click()
    await chat.expect_form_closed()
    assert house.names(AskKind.SUBMIT) == []


async def test_a_form_with_a_key_is_closed_by_escape_and_gives_back_what_was_typed(
    house: House, browser: Browser
) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    await chat.open("bob", "editors")
    await chat.say("/digest")
    house.desk.on(AskKind.PRESS, "edit", Reply(form=replace(FORM, key="speech", value="seen at first")))
    await chat.press("Edit", within="A statistics release")
    blurb = chat.form.get_by_label("Blurb")
    await blurb.fill("A long\nand careful")
    await chat.choose("Section", "Other")
    await chat.page.keyboard.press("Escape")
    await chat.expect_form_closed()
    await chat.page.reload()
    house.desk.on(AskKind.PRESS, "edit", Reply(form=replace(FORM, key="speech", value="seen now")))
    await chat.press("Edit", within="A statistics release")
    await chat.expect_text("This is what you typed before you closed the form.")
    await expect(blurb).to_have_value("A long\nand careful")
    await blurb.press("Control+Enter")
    await chat.expect_form_closed()
    sent = house.desk.asks[-1]
    assert (sent.value, sent.fields["blurb"]) == ("seen at first", "A long\nand careful")

    await chat.press("Edit", within="A statistics release")
    await expect(chat.form.locator("#form-kept")).to_be_hidden()
    await blurb.fill("Not this")
    await chat.page.keyboard.press("Escape")
    await chat.press("Edit", within="A statistics release")
    await chat.form.get_by_role("button", name="Start afresh").click()
    await expect(blurb).to_have_value("")
    assert await chat.form.locator("form").get_attribute("data-value") == "seen now"
    await chat.page.keyboard.press("Escape")
    assert chat.complaints == []


async def test_a_menu_opens_and_closes_by_keyboard(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    await chat.open("bob", "editors")
    await chat.say("/digest")
    more = chat.page.locator("summary", has_text="More").last
    await more.press("Enter")
    await expect(chat.page.get_by_role("button", name="Move up")).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(chat.page.get_by_role("button", name="Move up")).to_be_hidden()
    await expect(more).to_be_focused()
    await more.press("Enter")
    await chat.page.keyboard.press("Tab")
    await chat.page.keyboard.press("Enter")
    async with asyncio.timeout(30):
        while house.names(AskKind.PRESS) != ["up"]:
            await asyncio.sleep(0.02)
    await expect(chat.page.get_by_role("button", name="Move up")).to_be_hidden()


async def test_a_second_press_while_convenor_works_does_nothing(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    await chat.open("bob", "editors")
    await chat.say("/digest")
    await chat.expect_text("A statistics release")
    house.desk.pause.clear()
    edit = chat.page.locator("button", has_text="Edit").first
    await edit.click()
    await chat.expect_text("Convenor is working on it…")
    await edit.click(force=True)
    await edit.press("Enter")
    await chat.say("Meanwhile I can talk")
    await chat.expect_text("Meanwhile I can talk")
    house.desk.pause.set()
    await expect(chat.form).to_be_visible()
    assert house.names(AskKind.PRESS) == ["edit"]


async def test_two_people_see_what_is_new_without_loading_again(house: House, browser: Browser) -> None:
    bob = await ChatPage.new(browser, house.server.url)
    carol = await ChatPage.new(browser, house.server.url)
    headline = await house.local.courier.post(EDITORS, DRAFT, key="k")
    await house.local.courier.post(EDITORS, say("Part 2"), key="k2", thread_ref=headline)
    await bob.open("bob", "editors")
    await carol.open("carol", "digest")
    await bob.page.locator(".thread summary").click()  # folded, and it should stay so
    await carol.open("carol", "editors")
    await carol.say("Shall we approve?")
    await bob.expect_text("Shall we approve?")
    await house.local.courier.update(EDITORS, headline, say("Edition 30 was approved"))
    await bob.expect_text("Edition 30 was approved")
    await bob.expect_no_text("Skip this week")
    await expect(bob.page.get_by_text("Part 2")).to_be_hidden()
    await expect(bob.page.locator("#announcer")).to_have_text("Carol: Shall we approve?")

    new_in_digest = bob.page.locator('.rooms a[data-room="digest"] .new')
    await expect(new_in_digest).to_be_hidden()
    await house.local.courier.post(Address("local", "local", channel="digest"), say("Edition 30"), key="k3")
    await expect(new_in_digest).to_be_visible()
    await bob.page.get_by_role("link", name="#digest").click()
    await bob.expect_text("Edition 30")
    await bob.page.get_by_role("link", name="#editors").click()
    await expect(new_in_digest).to_be_hidden()
    assert not bob.complaints
    assert not carol.complaints


async def test_when_the_server_is_gone_what_was_typed_is_kept(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    await chat.open("bob", "editors")
    await house.local.stop()
    await house.server.stop()
    await chat.expect_text("The connection was lost. Trying again…")
    await chat.say("A thought worth keeping")
    await chat.expect_text("Convenor could not be reached.")
    await expect(chat.page.locator("#words")).to_have_value("A thought worth keeping")


async def test_a_phone_shows_everything_without_scrolling_sideways(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url, size=PHONE)
    long = "https://example.org/" + "very-long-" * 60
    buttons = tuple(Button(f"A rather long label, number {number}", "edit") for number in range(4))
    message = Message("Long", (Heading(long), Paragraph(text(link(long, long))), EntryLine(text(long), (), buttons)))
    headline = await house.local.courier.post(EDITORS, message, key="k")
    await house.local.courier.post(EDITORS, message, key="k2", thread_ref=headline)
    await chat.open("bob", "editors")
    await chat.page.keyboard.type("/")
    for part in ("html", "#log", "#suggestions", "#composer", ".side"):
        wide, room = await chat.page.evaluate(
            "(part) => { const it = document.querySelector(part); return [it.scrollWidth, it.clientWidth]; }", part
        )
        assert wide <= room, part
    assert await chat.page.evaluate("document.documentElement.clientWidth") == 360
    await chat.page.keyboard.press("Escape")
    await chat.press("A rather long label, number 3")
    await expect(chat.form).to_be_visible()
    wide, room = await chat.form.evaluate("(it) => [it.scrollWidth, it.clientWidth]")
    assert wide <= room
    assert not chat.complaints


async def test_a_long_reply_is_shown_from_its_beginning(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    for number in range(40):
        await house.local.courier.post(EDITORS, say(f"Old line {number}"), key=f"k{number}")
    long = Message("Long", (Heading("It begins here"), *(Paragraph(text(f"Line {n}")) for n in range(80))))
    house.desk.on(AskKind.COMMAND, "digest", Reply((long,)))
    await chat.open("bob", "editors")
    await expect(chat.page.get_by_text("Old line 39")).to_be_in_viewport()
    await chat.say("/digest")
    await expect(chat.page.get_by_role("heading", name="It begins here")).to_be_in_viewport()
    await asyncio.sleep(0.2)  # what comes last must not move it away again
    await expect(chat.page.get_by_role("heading", name="It begins here")).to_be_in_viewport()


async def test_the_focus_stays_with_its_entry_when_one_above_goes(house: House, browser: Browser) -> None:
    chat = await ChatPage.new(browser, house.server.url)
    draft = await house.local.courier.post(EDITORS, DRAFT, key="k")
    await chat.open("bob", "editors")
    edit = chat.page.locator('button[data-value="stats"]').first
    await edit.focus()
    await house.local.courier.update(EDITORS, draft, replace(DRAFT, blocks=(DRAFT.blocks[0], *DRAFT.blocks[2:])))
    await chat.expect_no_text("King’s Speech")
    await expect(edit).to_be_focused()
