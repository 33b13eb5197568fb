"""An introduction in a real browser: Alice asks, Dan looks who could help, Bob says no, Carol says yes, they meet.

And four that come to nothing, of which Alice sees one and the same.

With CONVENOR_SCREENSHOTS set to a folder, the pictures of the guide are taken on the way.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from adapters.local.cast import PLATFORM, WORKSPACE
from bot.messages import Identity
from tests.builders import a_profile
from tests.journeys.browser import ChatPage
from tests.journeys.chat_world import ChatWorld, chat_world
from tests.journeys.test_browser_approval import picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Days of the week, days and times: the one thing that may differ between two requests of different days.
_DATES = re.compile(r"(?:[A-Z][a-z]+day )?\d{1,2} [A-Z][a-z]+(?: \d{4})?(?:, \d\d:\d\d)?")
NEED = "someone who knows about NHS data opt-outs, before our meeting"
OTHERS = (
    "Barrister. I have brought cases on facial recognition by the police.",
    "I advise schools on contracts for software, and on what to ask their suppliers.",
    "Elections and political advertising, above all on social media.",
    "Procurement law: tenders, frameworks and what they leave out.",
    "I follow autonomous weapons at the United Nations.",
)


async def joins(world: ChatWorld, person_id: str, **profile: object) -> None:
    """Somebody is in the directory."""
    who = Identity(PLATFORM, WORKSPACE, person_id, person_id.title())
    async with world.database.begin() as uow:
        member = await uow.members.resolve(who, world.clock.now())
        await uow.profiles.put(a_profile(member.id, **{"name": who.name, **profile}))
        await uow.commit()


async def test_alice_and_carol_are_introduced_and_nobody_else_learns_of_it(browser: Browser, tmp_path: Path) -> None:
    async with chat_world(tmp_path) as world:
        await joins(world, "carol", organisation="Patients Trust", topics=("health_data",))
        bobs = "I have sat on NHS panels about the national data opt-out, and know who decides what."
        await joins(world, "bob", organisation="Example Council", can_help=bobs, topics=("health_data",))
        for number, words in enumerate(OTHERS):
            await joins(world, f"other{number}", can_help=words, topics=(), role="")
        alice, bob, carol, dan = [await ChatPage.new(browser, world.url) for _ in range(4)]
        await alice.open("alice", "digest")
        await alice.say(f"/intro {NEED}")
        await alice.expect_text("By sending this you agree that the coordinators see it")
        await alice.fill("A few lines about yourself", "I run a small charity for carers.")
        await alice.fill("Your organisation", "Example Charity")
        await alice.fill("By when?", "soon")
        await alice.submit()
        await alice.expect_text("That is not a day that I understand.")
        await alice.fill("By when?", "14 February")
        await picture(alice, "introduction-request")
        await alice.submit()
        await alice.expect_text("If somebody agrees, the two of you are introduced straight away.")

        await dan.open("dan", "coordinators")
        await dan.expect_text("Alice (Example Charity) writes: " + NEED)
        await dan.expect_text("writes “NHS”, “data”, “opt-outs”; is about Health data")
        await picture(dan, "introduction-card")
        await dan.press("Ask…", within="Bob (Example Council)")
        await dan.choose("Ask second", "Carol (Patients Trust)")
        await dan.fill("A note to whoever is asked", "Alice’s carers would be glad of half an hour.")
        await picture(dan, "introduction-asking")
        await dan.submit()
        await dan.expect_text("Bob (Example Council) is being asked: since")

        await bob.open("bob", "@bob")
        await bob.expect_text("Would you like to be introduced?")
        await bob.press("No")
        await bob.fill("Why not?", "I am away until March.")
        await bob.submit()
        await bob.expect_text("You said no. Thank you for answering; nobody but the coordinators knows.")
        await dan.expect_text("Bob (Example Council) said no: “I am away until March.”")

        await carol.open("carol", "@carol")
        await carol.expect_text("If you say yes, Alice learns your name (Carol), your organisation (Patients Trust)")
        await carol.page.locator("details.home summary").click()
        await picture(carol, "introduction-question")
        await alice.expect_no_text("Carol")
        await carol.press("Yes", within="Would you like to be introduced?")
        await carol.expect_text("Thank you. You are being introduced, and will see it in a moment.")

        # The room of the two comes into the lists of pages that are open.
        await alice.page.get_by_role("link", name="Carol introduction").click()
        await alice.expect_text("Alice, please write first: say when you could talk")
        await alice.say("Hello Carol, would Tuesday at ten suit you?")
        await alice.expect_text("Hello Carol, would Tuesday at ten suit you?")
        await picture(alice, "introduction-room")
        await carol.page.get_by_role("link", name="Alice introduction").click()
        await carol.expect_text("Hello Carol, would Tuesday at ten suit you?")
        await dan.expect_text("Carol (Patients Trust) and Alice have been introduced.")
        for other, name in ((bob, "bob"), (dan, "dan")):
            answer = await other.page.request.get(f"{world.url}/chat/{name}/@alice,carol")
            assert answer.status == 403
        await bob.open("bob", "digest")
        await bob.expect_no_text("Alice")

        await world.days_pass(14)
        await alice.open("alice", "@alice")
        await alice.press("Yes, we met", within="Two weeks ago I introduced you and Carol.")
        await alice.expect_text("Thank you, that is noted.")
        await carol.open("carol", "@carol")
        await carol.press("Not yet", within="Two weeks ago I introduced you and Alice.")
        await dan.expect_text("They have been introduced, and this is finished.")
        assert [page.complaints for page in (alice, bob, carol, dan)] == [[], [], [], []]


async def leaves(world: ChatWorld, person_id: str) -> None:
    """Somebody is in the directory no more."""
    async with world.database.begin() as uow:
        member = await uow.members.find(Identity(PLATFORM, WORKSPACE, person_id, ""))
        assert member is not None
        assert await uow.profiles.remove(member.id)
        await uow.commit()


async def asks(alice: ChatPage) -> None:
    await alice.open("alice", "@alice")
    lines = await alice.lines.count()
    await alice.say(f"/intro {NEED}")
    await alice.fill("A few lines about yourself", "I run a small charity for carers.")
    await alice.fill("Your organisation", "Example Charity")
    await alice.submit()
    # What she typed, and what she is told.
    await expect(alice.lines).to_have_count(lines + 2)


async def what_came(world: ChatWorld, alice: ChatPage) -> tuple[list[str], list[str]]:
    """What Alice reads from her request to the eve of her date at the earliest, and after it; without its dates."""
    begun = await alice.lines.count() - 1
    await world.days_pass(20)
    await alice.open("alice", "@alice")
    before = [_DATES.sub("…", words) for words in await alice.lines.all_inner_texts()][begun:]
    await world.days_pass(9)
    await alice.open("alice", "@alice")
    # Those of earlier requests stand there already, so that their words alone do not say that this one has come.
    await expect(alice.lines).to_have_count(begun + len(before) + 1)
    after = [_DATES.sub("…", words) for words in await alice.lines.all_inner_texts()][begun:]
    return before, after


async def test_declined_expired_avoided_and_resting_look_the_same_to_alice(browser: Browser, tmp_path: Path) -> None:
    async with chat_world(tmp_path) as world:
        alice, dan = [await ChatPage.new(browser, world.url) for _ in range(2)]
        seen: dict[str, tuple[list[str], list[str]]] = {}

        await joins(world, "bob", organisation="Example Council")
        await asks(alice)
        await dan.open("dan", "coordinators")
        await dan.press("Ask…", within="Bob (Example Council)")
        await dan.submit()
        await dan.expect_text("Bob (Example Council) is being asked: since")
        await dan.open("bob", "@bob")
        await dan.press("No")
        await dan.submit()
        await dan.expect_text("You said no.")
        seen["declined"] = await what_came(world, alice)
        await leaves(world, "bob")

        await joins(world, "carol", organisation="Patients Trust")
        await asks(alice)
        await dan.open("dan", "coordinators")
        await dan.press("Ask…", within="Carol (Patients Trust)")
        await dan.submit()
        await dan.expect_text("Carol (Patients Trust) is being asked: since")
        seen["expired"] = await what_came(world, alice)
        await dan.open("dan", "coordinators")
        await dan.expect_text("Carol (Patients Trust) did not answer in time")
        await leaves(world, "carol")

        for why, profile in (
            ("avoided", {"avoid": ("Example Charity",)}),
            ("resting", {"snoozed_until": date(2030, 1, 1)}),
        ):
            await joins(world, why, **profile)
            await asks(alice)
            await dan.open("dan", "coordinators")
            await dan.expect_text("No good match: ")
            await dan.expect_no_text(f"{why.title()} (Example Trust)")
            seen[why] = await what_came(world, alice)
            await leaves(world, why)

        before, after = seen["declined"]
        assert len(after) == len(before) + 1
        assert "There is no introduction this time for what you asked on …: " + NEED in after[-1]
        for why, what in seen.items():
            assert what == seen["declined"], why
        assert [page.complaints for page in (alice, dan)] == [[], []]
