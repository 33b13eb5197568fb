"""Introductions in Slack: the whole journey, ending in one conversation of the two with Convenor."""

from __future__ import annotations

from pathlib import Path

from bot.messages import Identity
from tests.builders import NOW, a_profile
from tests.contract.databases import open_database, sqlite_url
from tests.fakes.network import Network, said, words_of
from tests.journeys.slack_emulator import PEOPLE, WORKSPACE
from tests.journeys.slack_groups import Groups, slack_groups
from tests.journeys.slack_workspace import workspace
from tests.unit.test_introductions_journey import NEED, card, coordinator_asks, press


async def test_both_consents_in_a_group_message_brings_the_two_together_once(tmp_path: Path) -> None:
    async with slack_groups(tmp_path, "alice", "carol", "bob") as slack:
        alice, carol = account(slack, "alice"), account(slack, "carol")
        network = await Network.make()
        network.courier_for("slack", slack.courier)
        await network.joins(carol, organisation="Patients Trust")
        await network.asks_for(alice, NEED, organisation="Example Charity")
        await coordinator_asks(network)
        assert await slack.said_in_groups() == {}
        async with network.store.read() as uow:
            (journey,) = await uow.requests.unfinished()
            (ask,) = journey.asks
            row = await uow.deliveries.get(f"ask:{ask.id}")
        assert row is not None
        assert row.state.value == "sent"
        home = await network.say(carol, "/convenor home")
        question = await network.press(carol, press(home.messages[0], "Show"))
        assert said(question).startswith("Would you like to be introduced?")
        await network.press(carol, press(question.messages[0], "Yes"))
        introduction = {frozenset({"alice", "carol", "convenor"}): ["Alice, meet Carol"]}
        assert await slack.said_in_groups() == introduction
        assert "They have been introduced." in words_of(card(network))
        await network.sends()
        assert await slack.said_in_groups() == introduction


def account(slack: Groups, name: str) -> Identity:
    return Identity("slack", slack.workspace, slack.people[name], name.title())


async def test_the_whole_journey_is_gone_by_modals_and_buttons(tmp_path: Path) -> None:
    async with workspace(tmp_path, "socket", {"OFFLINE": "1"}) as there:
        slack = there.slack
        await there.tell("bob", "general", f"/convenor roles add <@{PEOPLE['dan']}|dan> coordinator")
        await there.tell("bob", "coordinators", "/convenor here coordinators")
        carol = await joins(tmp_path, "carol", "Patients Trust")
        bob = await joins(tmp_path, "bob", "Example Council")
        await slack.command("alice", "general", "/intro", NEED)
        await slack.wait_for_view("By sending this you agree that the coordinators see it")
        assert await slack.submit("alice", needed_by="soon", blurb="I run a small charity.") == {
            "needed_by": "That is not a day that I understand. Write for example 14 February, or 2025-02-14."
        }
        assert await slack.submit("alice", needed_by="", blurb="I run a small charity.") == {}
        await slack.wait_for_message("general", "Your request is recorded.", only_for="alice")
        shown = await slack.wait_for_message("coordinators", "Carol (Patients Trust)", only_for="nobody")
        (of_bob,) = (each["value"] for each in shown.buttons if each.get("value", "").endswith(f" {bob}"))
        await slack.click("dan", shown, "Ask…", of_bob)
        await slack.wait_for_view("One is asked at a time.")
        assert await slack.submit("dan", second=carol, note="Please be quick.") == {}
        first = await slack.wait_for_message("@bob", "Please be quick.")
        await slack.click("bob", first, "No")
        await slack.wait_for_view("You will not be introduced")
        assert await slack.submit("bob", reason="I am away until March.") == {}
        await slack.wait_for_message("@bob", "You said no.")
        await slack.wait_for_message("coordinators", "said no: “I am away until March.”")
        question = await slack.wait_for_message("@carol", "Please be quick.")
        assert "If you say yes, Alice Example learns your name (Carol)" in question.words
        # Whoever is not asked cannot answer, though the button may be known to them.
        yes = next(button["value"] for button in question.buttons if button["text"]["text"] == "Yes")
        await slack.press("alice", question.channel, question.ts, "ask.yes", yes)
        await slack.wait_for_message("@carol", "Would you like to be introduced?")
        assert [each.words for each in await slack.messages("@alice")] == []
        await slack.click("carol", question, "Yes")
        await slack.wait_for_message("coordinators", "They have been introduced.")
        # This emulator does not show conversations of several people; the other one does, above.
        opened = [call["users"] for call in await slack.calls("conversations.open")]
        assert f"{PEOPLE['alice']},{PEOPLE['carol']}" in opened
        general = [message for message in await slack.messages("general") if not message.only_for]
        assert general == []
        for secret in ("Carol", "Alice", "NHS", "charity"):
            assert secret not in there.convenor.log


async def joins(folder: Path, name: str, organisation: str) -> str:
    """Somebody of the emulated workspace is in the directory; returns their id there."""
    database = await open_database(sqlite_url(folder / "var"))
    async with database.begin() as uow:
        member = await uow.members.resolve(Identity("slack", WORKSPACE, PEOPLE[name], name.title()), NOW)
        await uow.profiles.put(a_profile(member.id, name=name.title(), organisation=organisation))
        await uow.commit()
    await database.close()
    return member.id
