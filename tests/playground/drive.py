"""Drives Convenor in the Agents Playground: the digest's approval and an introduction, as Bob sees them, with pictures.

Not part of the tests: the Playground is Microsoft's, in a pre-release. Run by hand after ``make playground`` has
fetched it once: ``.venv/bin/python -m tests.playground.drive [FOLDER]``. The others act at Convenor's desk.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from bot.editions import open_draft
from bot.messages import Ask, AskKind, Button, Buttons, Form, Identity, Message, Reply, from_json
from tests.journeys.browser import chromium
from tests.playground.playing import CAROL, DAN, FOLDER, Playing, playing

NEED = "someone who knows about NHS data opt-outs"
DESK, GENERAL, OWN_CHAT = "Editors and coordinators", "General", "Personal Chat"


class Bob:
    """Bob's Teams in the browser."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self._page = page
        self._pictures = pictures
        self._taken = 0

    async def goes_to(self, place: str) -> None:
        """He opens a chat or a channel."""
        await self._page.get_by_role("treeitem", name=place).click()
        await self._page.wait_for_timeout(1_000)

    async def says(self, words: str) -> None:
        """He types in his own chat with Convenor."""
        await self._box().click()
        await self._page.keyboard.type(words)
        await self._page.get_by_role("button", name="Send Message").first.click()

    async def tells_convenor(self, words: str) -> None:
        """He types in a channel, naming Convenor."""
        await self._box().click()
        await self._page.keyboard.type("@")
        # The list of whom to name comes after a moment, and stands last on the page.
        await self._page.wait_for_timeout(800)
        await self._page.get_by_text("Convenor", exact=True).last.click()
        await self._page.wait_for_timeout(300)
        await self._page.keyboard.type(f" {words}")
        await self._page.get_by_role("button", name="Post", exact=True).first.click()

    async def sees(self, words: str) -> Locator:
        """He reads these words somewhere, at the latest in ten seconds."""
        found = self._page.get_by_text(words).last
        await expect(found).to_be_attached()
        return found

    async def presses(self, label: str, nth: int = 0) -> None:
        """He presses a button: the first with this label, another, or the last (-1)."""
        await self._page.get_by_role("button", name=label, exact=True).nth(nth).click()

    async def confirms(self, label: str, question: str) -> None:
        """He presses a button, reads what it asks, and presses the one of the same name below that."""
        await self.presses(label)
        await self.sees(question)
        await self.picture("asked-whether")
        await self.presses(label, 1)

    async def writes(self, question: str, words: str) -> None:
        """He answers a question of a form."""
        await self._page.get_by_label(question).last.fill(words)

    async def picture(self, name: str) -> None:
        """What he sees now, as a file."""
        self._taken += 1
        await self._page.wait_for_timeout(800)
        await self._page.screenshot(path=self._pictures / f"{self._taken:02d}-{name}.png")

    def _box(self) -> Locator:
        return self._page.locator('div[role="textbox"][contenteditable="true"]').first


class Others:
    """What Carol and Dan do, without a window of their own."""

    def __init__(self, there: Playing) -> None:
        self._service = there.service
        self._services = there.service.house.services

    async def says(self, who: Identity, words: str) -> Reply:
        """Somebody types a command."""
        name, _, rest = words.partition(" ")
        return await self._does(Ask(AskKind.COMMAND, who, name, self._services.clock.now(), who.address, words=rest))

    async def presses(self, who: Identity, label: str, shown: Sequence[Message]) -> Reply:
        """Somebody presses a button of these messages."""
        button = next(button for message in shown for button in _buttons(message) if button.label == label)
        return await self._does(
            Ask(AskKind.PRESS, who, button.action, self._services.clock.now(), who.address, value=button.value)
        )

    async def sends(self, who: Identity, form: Form | None, **changed: str) -> Reply:
        """Somebody changes some fields of a form and sends it."""
        assert form is not None
        typed = {field.name: field.value for field in form.fields} | changed
        now = self._services.clock.now()
        return await self._does(Ask(AskKind.SUBMIT, who, form.name, now, who.address, value=form.value, fields=typed))

    async def the_draft(self) -> list[Message]:
        """The draft's messages, as they stand in the channel."""
        async with self._services.store.read() as uow:
            draft = await open_draft(uow)
            assert draft is not None
            rows = await uow.deliveries.of_edition(draft.id)
        return [from_json(row.body) for row in rows]

    async def _does(self, ask: Ask) -> Reply:
        reply = await self._service.desk.answer(ask)
        assert not reply.errors, reply.errors
        return reply


async def approve_the_digest(bob: Bob, others: Others) -> None:
    """Bob leaves an entry out, so that Carol has to approve; then he posts it."""
    await bob.goes_to(GENERAL)
    await bob.tells_convenor("here digest")
    await bob.sees("I have answered you in our chat.")
    await bob.goes_to(DESK)
    await bob.tells_convenor("here editors")
    await bob.sees("Nobody has edited this draft")
    await bob.picture("draft")
    await bob.presses("Leave out")
    await bob.sees("the latest: left out")
    await bob.picture("left-out")
    await bob.confirms("Approve", "Approve exactly this text?")
    await bob.sees("You made the last edit")
    await bob.picture("cannot-approve")
    await others.presses(CAROL, "Approve", await others.the_draft())
    await bob.sees("Until then it can be pulled back.")
    await bob.picture("approved")
    await bob.confirms("Post now", "Post it now?")
    await bob.sees("had it posted at once")
    await bob.goes_to(GENERAL)
    await bob.sees("Data Policy Digest 30, Friday 24 January 2025")
    await bob.picture("digest")


async def introduce(bob: Bob, others: Others) -> None:
    """Bob asks, Dan asks Carol, and she says yes: Bob gets the way to her."""
    await bob.goes_to(DESK)
    await bob.tells_convenor("here coordinators")
    await bob.goes_to(OWN_CHAT)
    await bob.says(f"intro {NEED}")
    await bob.sees("A few lines about yourself")
    await bob.writes("A few lines about yourself", "I edit the digest.")
    await bob.writes("By when?", "soon")
    await bob.presses("Send to coordinators", -1)
    await bob.sees("That is not a day that I understand.")
    await bob.picture("mistake")
    await bob.writes("By when?", "14 February")
    await bob.presses("Send to coordinators", -1)
    await bob.sees("Your request is recorded.")
    await bob.picture("asked")
    queue = await others.says(DAN, "intro queue")
    card = await others.presses(DAN, "Show", queue.messages)
    form = (await others.presses(DAN, "Ask…", card.messages)).form
    await others.sends(DAN, form, note="Bob is the one who edits the digest.")
    home = await others.says(CAROL, "convenor home")
    question = await others.presses(CAROL, "Show", home.messages)
    await others.presses(CAROL, "Yes", question.messages)
    await bob.sees("Bob Editor, meet Carol Editor")
    await bob.picture("introduced")
    await bob.goes_to(DESK)
    await bob.sees("They have been introduced.")
    await bob.picture("card")


def _buttons(message: Message) -> list[Button]:
    found: list[Button] = []
    for block in message.blocks:
        found += block.buttons if isinstance(block, Buttons) else getattr(block, "acts", ())
    return found


@asynccontextmanager
async def the_window(there: Playing, pictures: Path) -> AsyncIterator[Bob]:
    """Bob's window; a picture of it is taken where something fails."""
    pictures.mkdir(parents=True, exist_ok=True)
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1500, "height": 1100})
        await page.goto(there.url)
        await page.get_by_role("textbox").first.wait_for()
        bob = Bob(page, pictures)
        await bob.sees("I am Convenor")
        try:
            yield bob
        except BaseException:
            await bob.picture("failed")
            raise


async def main(pictures: Path) -> None:
    """Both journeys, one after the other."""
    async with playing() as there, the_window(there, pictures) as bob:
        others = Others(there)
        await bob.picture("hello")
        await approve_the_digest(bob, others)
        print("The digest was approved and posted.", flush=True)
        await introduce(bob, others)
        print(f"Bob and Carol were introduced. The pictures are in {pictures}.", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "pictures"))
