"""Introductions in Teams: asked for, declined, agreed to; ending in a chat of the two, or across to Slack."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from bot.messages import Identity
from tests.fakes.network import words_of
from tests.fakes.teams_record import ALICE, BOB, CAROL, DAN, Shown, actions_on
from tests.journeys.teams_world import TeamsWorld, account, teams_world

NEED = "someone who knows about NHS data"
ERIN = Identity("slack", "T1", "U1", "Erin")


async def test_one_declines_and_the_next_agrees_and_each_has_a_way_to_the_other(tmp_path: Path) -> None:
    async with teams_world(tmp_path) as there:
        carol = await there.network.joins(account(CAROL), organisation="Patients Trust")
        bob = await there.network.joins(account(BOB), organisation="Example Council")
        await _asks(there)
        form = (await there.presses(DAN, _card(there), "Ask…")).dialog
        done = await there.fills(form, first=bob, second=carol, note="Please be quick.")
        assert done.dialog is not None
        assert done.dialog.words == "They are asked now. The card shows what comes of it."
        (first,) = await there.news(BOB)
        assert "A coordinator adds: Please be quick." in first.words()
        assert "If you say yes, Alice Example learns your name (Bob Example)" in first.words()
        why = (await there.presses(BOB, first, "No")).dialog
        await there.fills(why, reason="I am away until March.")
        assert first.words().startswith("This question is settled\nYou said no.")
        (second,) = await there.news(CAROL)
        await there.presses(CAROL, second, "Yes", nth=1)
        assert second.words().startswith("You said yes\n")
        (to_alice,) = await there.news(ALICE)
        _, to_carol = await there.news(CAROL)
        assert to_alice.words().startswith("Alice Example, meet Carol Example\n")
        assert to_carol.words().startswith("Carol Example, meet Alice Example\n")
        assert "Bob" not in to_alice.words() + to_carol.words()
        chats = [unquote(url) for shown in (to_alice, to_carol) for url in _links(shown)]
        assert len(chats) == 2
        assert all(chat.startswith("https://teams.microsoft.com/l/chat/0/0?") for chat in chats)
        assert all(f"users={ALICE.upn},{CAROL.upn}" in chat for chat in chats)
        assert all("message=Hello, Convenor has introduced us." in chat for chat in chats)
        card = _card(there)
        assert "Bob Example (Example Council) said no: “I am away until March.”" in card.words()
        assert "They have been introduced." in card.words()
        assert not any("Alice" in post.words() for name in ("editors", "digest") for post in there.posts(name))
        before = len(there.teams.said_to(ALICE))
        await there.sends()
        assert len(there.teams.said_to(ALICE)) == before


async def test_silence_is_reminded_of_once_and_then_a_no_that_nobody_learns_of(tmp_path: Path) -> None:
    async with teams_world(tmp_path) as there:
        await there.network.joins(account(CAROL), organisation="Patients Trust")
        await _asks(there)
        await there.fills((await there.presses(DAN, _card(there), "Ask…")).dialog)
        (question,) = await there.news(CAROL)
        await there.days_pass(5)
        (reminder,) = await there.news(CAROL)
        assert "Alice Example (Example Charity) asks for an introduction" in reminder.words()
        await there.days_pass(3)
        assert question.titles() == []
        assert question.words().startswith(
            "This question is settled\nThe time for an answer is over, which counts as no."
        )
        assert await there.news(ALICE) == []
        assert "is being asked" not in _card(there).words()


async def test_somebody_in_slack_and_somebody_in_teams_get_only_what_each_agreed_to(tmp_path: Path) -> None:
    async with teams_world(tmp_path) as there:
        slack = there.network.courier
        there.network.courier_for("slack")
        await there.network.joins(account(CAROL), organisation="Patients Trust", email="carol@example.org")
        await there.network.asks_for(ERIN, NEED, organisation="Example Charity", email="erin@example.org")
        await there.fills((await there.presses(DAN, _card(there), "Ask…")).dialog)
        (question,) = await there.news(CAROL)
        assert "erin@example.org" not in question.words()
        await there.presses(CAROL, question, "Yes", nth=1)
        _, to_carol = await there.news(CAROL)
        assert to_carol.words().startswith("Carol Example, meet Erin\n")
        assert "You reach Erin by e-mail at erin@example.org or in Slack, as Erin." in to_carol.words()
        (to_erin,) = [words_of(line.message) for line in slack.posted if line.address == ERIN.address]
        assert to_erin.startswith("Erin, meet Carol Example\n")
        assert "You reach Carol Example in Teams, as Carol Example." in to_erin
        # She had agreed to be reached in chat alone.
        assert "carol@example.org" not in to_erin


async def _asks(there: TeamsWorld) -> None:
    """Alice asks, in a form with a mistake at first, of which nothing is lost."""
    (form,) = await there.says(ALICE, f"intro {NEED}", "digest")
    await there.presses(
        ALICE, form, "Send to coordinators", blurb="I run a charity.", needed_by="soon", organisation="Example Charity"
    )
    assert "By when?: That is not a day that I understand." in form.words(ALICE)
    await there.presses(ALICE, form, "Send to coordinators", needed_by="")
    assert form.words(ALICE).startswith(
        "Your request is recorded. The coordinators have been told.\n"
        f"You wrote: {NEED}\n"
        "If somebody agrees, the two of you are introduced straight away."
    )
    assert await there.news(ALICE) == []


def _links(shown: Shown) -> list[str]:
    return [action["url"] for action, _ in actions_on(shown.card()) if action["type"] == "Action.OpenUrl"]


def _card(there: TeamsWorld) -> Shown:
    return [post for post in there.posts("coordinators") if post.words().startswith("Request for an intro")][-1]
