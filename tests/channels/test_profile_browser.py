"""A member's profile in a real browser: the form with everything in it, who would see what, and the yes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from adapters.local.app import LocalChat
from adapters.web import WebServer
from bot.commands import Front
from bot.table import build_table
from digests.model import Topic
from tests.channels.axe import violations
from tests.channels.local_fakes import FakeChatLog
from tests.fakes.network import Network
from tests.journeys.browser import ChatPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOPICS = {name: Topic(name, label, "") for name, label in (("ai", "Artificial intelligence"), ("hd", "Health data"))}


@pytest_asyncio.fixture(loop_scope="session")
async def house() -> AsyncIterator[tuple[Network, str]]:
    """The chat on a real port, with the whole desk behind it."""
    network = await Network.make()
    services = replace(network.services, topics=TOPICS)
    server = WebServer("127.0.0.1", 0, _health)
    chat = LocalChat(FakeChatLog(), Front(build_table(), services), network.clock, [("profile", "Your profile")])
    chat.attach(server.app)
    await chat.start()
    await server.start()
    yield network, server.url
    await chat.stop()
    await server.stop()


async def _health() -> Mapping[str, Any]:
    return {"ok": True}


async def keep_picture(chat: ChatPage, name: str) -> None:
    folder = os.environ.get("CONVENOR_SCREENSHOTS")
    if folder:
        await chat.screenshot(Path(folder) / f"{name}.png")


async def test_a_member_fills_in_a_profile_sees_who_would_see_what_and_says_yes(
    house: tuple[Network, str], browser: Browser
) -> None:
    network, url = house
    chat = await ChatPage.new(browser, url)
    await chat.open("alice", "digest")
    await chat.say("/profile")
    await chat.press("Fill in my profile")
    await chat.expect_text("Nothing is kept in the directory yet")
    await expect(chat.form.get_by_label("Your name")).to_have_value("Alice")
    await chat.form.get_by_label("Health data").check()
    await chat.form.get_by_label("Artificial intelligence").check()
    await chat.form.get_by_label("Artificial intelligence").uncheck()
    await chat.form.get_by_label("E-mail", exact=True).check()
    await chat.form.get_by_label("Chat", exact=True).uncheck()
    await chat.fill("What you can help with", "Too short")
    await chat.submit()
    await chat.expect_text("Please say a little more (at least 20 characters)")
    await chat.expect_text("You chose e-mail, so an address is needed.")
    await expect(chat.form.get_by_label("Health data")).to_be_checked()
    assert await violations(chat.page) == []
    await keep_picture(chat, "profile-form")
    await chat.fill("What you can help with", "How opt-outs of NHS data work, and whom to ask about them.")
    await chat.fill("E-mail address", "alice@example.org")
    await chat.fill("Organisation", "Example <Trust>")
    await chat.fill("Not to be introduced to (private)", "Mallory")
    await chat.submit()
    await chat.expect_form_closed()
    await chat.expect_text("What somebody sees once you have said yes to them")
    await chat.expect_text("Can be reached: by e-mail to alice@example.org")
    await chat.expect_text("Topics: Health data")
    await chat.expect_text("Organisation: Example <Trust>")
    await chat.expect_no_text("Mallory")
    assert await violations(chat.page) == []
    await chat.show("What a coordinator sees")
    await keep_picture(chat, "profile-preview")
    await chat.press("Change it")
    await expect(chat.form.get_by_label("Health data")).to_be_checked()
    await expect(chat.form.get_by_label("E-mail", exact=True)).to_be_checked()
    await expect(chat.form.get_by_label("Chat", exact=True)).not_to_be_checked()
    await chat.submit()
    await chat.expect_form_closed()
    await chat.press("Yes, I agree")
    await chat.expect_text("Your yes is recorded, and the coordinators are asked to let you in.")
    async with network.store.read() as uow:
        (asked,) = await uow.applications.all()
    assert (asked.topics, asked.organisation, asked.avoid) == (("hd",), "Example <Trust>", ("Mallory",))
    assert not chat.complaints


async def test_at_least_one_way_to_be_reached_has_to_be_ticked(house: tuple[Network, str], browser: Browser) -> None:
    chat = await ChatPage.new(browser, house[1])
    await chat.open("carol", "digest")
    await chat.say("/profile")
    await chat.press("Fill in my profile")
    await chat.fill("What you can help with", "How opt-outs of NHS data work, and whom to ask about them.")
    await chat.form.get_by_label("Chat", exact=True).uncheck()
    await chat.submit()
    await chat.expect_text("Choose at least one of these.")
    await expect(chat.form.get_by_label("Chat", exact=True)).to_be_focused()
