"""An introduction in a real browser: Alice asks, Dan looks who could help, Bob says no, Carol says yes, they meet.

With CONVENOR_SCREENSHOTS set to a folder, the pictures of the guide are taken on the way.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from adapters.local.cast import PLATFORM, WORKSPACE
from bot.messages import Identity
from tests.builders import a_profile
from tests.journeys.browser import ChatPage
from tests.journeys.chat_world import ChatWorld, chat_world
from tests.journeys.test_browser_approval import picture

pytestmark = pytest.mark.asyncio(loop_scope="session")

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
