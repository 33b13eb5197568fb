"""A real browser on the local chat, driven with the verbs of a person: open, say, press, fill, expect."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A process is made ready for the tab after each tab: a third of all the processes of a run, for nothing.
    "--disable-features=SpareRendererForSitePerProcess,MediaRouter,OptimizationHints,Translate",
]
# tests/tools.sh looks for the same. The shell is Chromium without its windows: a third less of the processor.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP = (1200, 800)
PHONE = (360, 720)
PATIENCE_MS = 10_000
expect.set_options(timeout=PATIENCE_MS)


def chromium_path() -> str:
    """The system's Chromium. Without one the test is skipped, or fails where CI is set: there it must run."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    reason = f"no Chromium on PATH (looked for {', '.join(NAMES)})"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless browser."""
    path = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class ChatPage:
    """One person's tab. ``complaints`` holds what the browser objected to: script errors, refused resources."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._base_url = base_url.rstrip("/")
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    @classmethod
    async def new(
        cls,
        browser: Browser,
        base_url: str,
        *,
        size: tuple[int, int] = DESKTOP,
        colours: Literal["light", "dark"] = "light",
    ) -> ChatPage:
        """A tab of its own, with its own memory."""
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=colours, reduced_motion="reduce"
        )
        return cls(await context.new_page(), base_url)

    async def open(self, person: str, room: str = "digest") -> None:
        """Be somebody, somewhere."""
        await self.page.goto(f"{self._base_url}/chat/{person}/{room}")

    async def say(self, words: str) -> None:
        """Type into the message box and send."""
        await self.page.locator("#words").fill(words)
        await self.page.keyboard.press("Enter")

    async def press(self, label: str, *, within: str = "", confirm: bool = True) -> None:
        """Press the newest button with this visible label, in the newest entry (or else line) that holds ``within``.

        Where it asks first, ``confirm`` says whether to go on.
        """
        button = await self._button(label, within)
        asks = await button.get_attribute("data-confirm")
        await button.click()
        if asks:
            dialog = self.page.locator("#confirm")
            await dialog.get_by_role("button", name=label if confirm else "Go back", exact=True).click()
            await expect(dialog).to_be_hidden()

    async def show(self, words: str) -> None:
        """Scroll to the first line with these words, as somebody would who looks for it."""
        await self.page.get_by_text(words).first.scroll_into_view_if_needed()

    async def fill(self, label: str, words: str) -> None:
        """Fill in a field of the open form."""
        await self.form.get_by_label(label).fill(words)

    async def choose(self, label: str, option: str) -> None:
        """Choose an option of a field of the open form, by what it says."""
        await self.form.get_by_label(label).select_option(label=option)

    async def submit(self) -> None:
        """Send the open form."""
        await self.form.locator("button[type=submit]").click()

    async def expect_text(self, words: str | re.Pattern[str]) -> None:
        """Wait until these words are to be seen, in the room or in a dialog."""
        await expect(self.page.locator("main, dialog[open]").get_by_text(words).last).to_be_visible()

    async def expect_no_text(self, words: str) -> None:
        """Wait until these words are not (or no longer) in the room or a dialog."""
        await expect(self.page.locator("main, dialog[open]").get_by_text(words)).to_have_count(0)

    async def expect_form_closed(self) -> None:
        """Wait until no form is open."""
        await expect(self.form).to_be_hidden()

    async def screenshot(self, path: Path) -> None:
        """Keep what is to be seen now as a PNG file."""
        await self.page.screenshot(path=path)

    @property
    def form(self) -> Locator:
        """The dialog in which forms are filled in."""
        return self.page.locator("dialog#form")

    @property
    def lines(self) -> Locator:
        """The lines of the room."""
        return self.page.locator("#lines .line")

    async def _button(self, label: str, within: str) -> Locator:
        # By what is to be seen: the accessible name may be a longer sentence.
        shown = re.compile(rf"^\s*{re.escape(label)}\s*$")
        if not within:
            return self.lines.locator("button").filter(has_text=shown).last
        line = self.lines.filter(has_text=within).last
        await line.wait_for()
        # An entry's own buttons before those of the whole line, which holds other entries too. The newest entry may
        # still be on its way, while an older one, without this button, is there: then it is waited for.
        entries = self.lines.locator(".entry").filter(has_text=within)
        pressable = entries.filter(has=self.page.locator("button").filter(has_text=shown)).last
        place = pressable if await entries.count() else line
        return place.locator("button").filter(has_text=shown).last
