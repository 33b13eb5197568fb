"""A whole edition shaped in a pretend Slack workspace, out of three hundred candidates: from the draft to its posts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path

from tests.fakes.site import FakeSite
from tests.journeys.slack_emulator import PATIENCE, PEOPLE, Json, Shown, SlackEmulator
from tests.journeys.slack_workspace import workspace
from tests.journeys.week import NO_SOURCES, Tally, a_full_week

LEAVE_OUT, CHANGE = "Leave out", "Change…"
# From an act to its answer, the emulator and the outbox between them; tests/timing holds the answer itself to a second.
SLOWEST_SECONDS = 10.0


class Desk:
    """What an editor does in the editors' channel, counted and timed."""

    def __init__(self, slack: SlackEmulator, person: str, tally: Tally) -> None:
        self.slack = slack
        self.person = person
        self.tally = tally
        self.slowest = 0.0

    async def pages(self) -> list[Shown]:
        return [message for message in await self.slack.messages("editors") if not message.only_for]

    async def entries(self, label: str) -> list[str]:
        """What the buttons with this label are about, top to bottom."""
        shown = [button for page in await self.pages() for button in page.buttons]
        return [button["value"] for button in shown if button["text"]["text"] == label]

    async def sees(self, number: int, label: str) -> None:
        """Wait until there are so many buttons with this label."""
        async with asyncio.timeout(PATIENCE):
            while len(await self.entries(label)) < number:
                await asyncio.sleep(0.05)

    async def longest_page(self) -> list[str]:
        """The entries of the page that has most of them left."""
        pages = [[b["value"] for b in page.buttons if b["text"]["text"] == LEAVE_OUT] for page in await self.pages()]
        return max(pages, key=len)

    async def press(self, what: str, label: str, value: str) -> None:
        page = next(
            page
            for page in await self.pages()
            if any((b["text"]["text"], b.get("value")) == (label, value) for b in page.buttons)
        )
        await self.slack.click(self.person, page, label, value)
        self.tally.presses[what] += 1

    async def choose(self, what: str, value: str) -> None:
        """From the menu beside an entry."""
        page = next(page for page in await self.pages() if any(value in _values(menu) for menu in page.menus))
        await self.slack.choose(self.person, page, value)
        self.tally.presses[what] += 2

    async def open(self, what: str, label: str, value: str, title: str) -> Json:
        await self.press(what, label, value)
        return await self._timed(self.slack.wait_for_view(title))

    async def send(self, what: str, said: str, **fields: str) -> None:
        """Send the form on top, and wait for its answer."""
        assert await self._timed(self.slack.submit(self.person, **fields)) == {}
        self.tally.forms[what] += 1
        await self.slack.wait_for_no_view()
        await self.slack.wait_for_message("editors", said, only_for=self.person)

    async def _timed(self, work: Awaitable[Json]) -> Json:
        began = time.monotonic()
        done = await work
        self.slowest = max(self.slowest, time.monotonic() - began)
        return done


def _values(menu: Json) -> list[str]:
    return [option["value"] for option in menu["options"]]


def _other(view: Json, name: str) -> str:
    """A choice of a field of the form that is not the present one."""
    element = next(block["element"] for block in view["blocks"] if block.get("block_id") == name)
    present = (element.get("initial_option") or {}).get("value")
    return next(str(option["value"]) for option in element["options"] if option["value"] != present)


async def test_an_edition_is_shaped_out_of_three_hundred_candidates(tmp_path: Path) -> None:
    catalogue = tmp_path / "none.yaml"
    catalogue.write_text(NO_SOURCES)
    settings = {
        "ALLOW_PRIVATE_ADDRESSES": "1",
        "CATALOGUE": str(catalogue),
        "DATABASE_URL": await a_full_week(tmp_path),
    }
    async with FakeSite() as site, workspace(tmp_path, "socket", settings) as there:
        site.page("/report", "<title>A report on algorithms</title><p>What we found.</p>")
        slack, tally = there.slack, Tally()
        bob = Desk(slack, "bob", tally)
        for person in ("bob", "carol"):
            await there.tell("bob", "general", f"/convenor roles add <@{PEOPLE[person]}|{person}> editor")
        await there.tell("bob", "editors", "/convenor here editors")
        await there.tell("bob", "digest", "/convenor here digest")

        await there.tell("bob", "editors", "/digest draft")
        offer = await slack.wait_for_message("editors", "There is no draft at the moment.", only_for="bob")
        await slack.click("bob", offer, "Draft it now")
        tally.presses.update({"command": 1, "draft it now": 1})
        await slack.wait_for_message("editors", "Maybe (40)", only_for="nobody")
        await slack.wait_for_message("editors", "Maybe, continued", only_for="nobody")
        entries = await bob.entries(LEAVE_OUT)
        edition = entries[0].split()[0]

        for value in entries[:20]:
            await bob.press("leave out", LEAVE_OUT, value)
        await slack.wait_for_message("editors", "20 edits so far", only_for="nobody")
        await bob.sees(20, "Put back")
        *_, upper, lower = await bob.longest_page()
        for _ in range(3):
            await bob.choose("move", f"entry.up {lower}")
        await slack.wait_for_message("editors", "23 edits so far", only_for="nobody")
        rest = [value for value in entries[20:] if value not in (upper, lower)]
        view = await bob.open("change", CHANGE, rest[0], "Change an entry")
        await bob.send("move", "Done: moved “", section=_other(view, "section"))
        await bob.open("change", CHANGE, upper, "Change an entry")
        await bob.send("move", "to place 1 of", place="1")
        for number, value in enumerate(rest[1:4]):
            await bob.open("change", CHANGE, value, "Change an entry")
            better = {"title": f"Told better {number}", "blurb": "In one\nsentence."}
            await bob.send("re-word", f"as “Told better {number}” and its text", **better)
        for value in rest[4:6]:
            view = await bob.open("change", CHANGE, value, "Change an entry")
            await bob.send("merge", "Done: merged “", into=_other(view, "into"))

        await slack.command("bob", "editors", "/digest", f"add {site.url('/report')}")
        tally.presses["command"] += 1
        await slack.wait_for_view("A report on algorithms")
        await bob.send("add a link", "stands at the end of “", publisher="The Algorithm Society")
        await bob.open("texts", "Texts…", edition, "Texts of the edition")
        texts = {"intro": "Hello.\n\nThis week was about algorithms.", "updates": "We met the minister."}
        await bob.send("texts", "wrote “What we’ve been up to”", **texts)
        await bob.press("preview", "Preview", edition)
        preview = await slack.wait_for_message("editors", "Nothing is posted by looking.", only_for="bob")
        assert "a headline and " in preview.words

        headline = await slack.wait_for_message("editors", "Last edited by Bob Example", only_for="nobody")
        await slack.click("carol", headline, "Approve")
        await slack.wait_for_message("editors", "will be posted to 1 channel", only_for="carol")
        waiting = await slack.wait_for_message("editors", "Until then it can be pulled back.", only_for="nobody")
        await slack.click("carol", waiting, "Post now")
        tally.presses.update({"approve": 2, "post now": 2})
        await slack.wait_for_message("digest", "This week was about algorithms.", only_for="nobody")
        for words in ("Told better 0", "A report on algorithms", "We met the minister.", "In one sentence."):
            await slack.wait_for_message("digest", words, only_for="nobody")
        print(f"\nin Slack: {tally}; the slowest form took {bob.slowest:.2f} s")
        assert bob.slowest < SLOWEST_SECONDS
        assert (await there.convenor.health())["deliveries_stuck"] == 0
        assert "Bob" not in there.convenor.log
