"""The digest’s whole way in Teams: drafted, edited, approved by a second editor, pulled back, posted, and corrected."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from digests.plan import ApprovalPolicy
from tests.fakes.network import a_plan
from tests.fakes.teams_record import ALICE, BOB, CAROL, Json, Shown, actions_on
from tests.journeys.teams_world import TeamsWorld, teams_world

NAME = "Data Policy Digest 1, Friday 24 January 2025"
COOLING = a_plan(approval=ApprovalPolicy(cooling_off=timedelta(minutes=10)))
# The second press of what asks first: the button behind the question.
SURE = 1


def draft_in(world: TeamsWorld) -> Shown:
    """The headline of the draft that stands last in the editors' channel."""
    return [shown for shown in world.posts("editors") if "Draft: " in shown.words() or "Correction" in shown.words()][
        -1
    ]


def thread_of(world: TeamsWorld, headline: Shown) -> list[Shown]:
    return world.teams.service.thread(headline)


def digest_in(world: TeamsWorld) -> list[Shown]:
    """What readers have: all but what setting up the channel said."""
    return [shown for shown in world.posts("digest") if "in our chat" not in shown.words()]


def execute_on(shown: Shown, title: str) -> Json:
    """What a button does when it is pressed, as its card says now."""
    found = [action for action, _ in actions_on(shown.card()) if action.get("title") == title]
    return next(action for action in found if action["type"] == "Action.Execute")


async def test_two_editors_bring_the_digest_to_its_channel_and_correct_it_there(tmp_path: Path) -> None:
    async with teams_world(tmp_path, plan=COOLING) as there:
        await there.network.has_a_draft(30)
        draft = draft_in(there)
        page = thread_of(there, draft)[0]
        assert draft.words().splitlines()[0] == f"Draft: {NAME}"
        assert "Nobody has edited this draft, so it needs 2 editors’ approvals." in draft.words()
        assert page.words().splitlines()[0] == "News (30 entries)"
        assert digest_in(there) == []

        # Left out and put back, where it stands.
        first = page.words().splitlines()[1].partition(" (")[0]
        left_out = await there.presses(BOB, page, "Leave out")
        assert left_out.note == "Done."
        assert page.words().splitlines()[1].startswith(f"Left out: {first}")
        await there.presses(BOB, page, "Put back")
        assert page.words().splitlines()[1].startswith(first)
        await there.presses(BOB, page, "Leave out")

        # Re-worded in a dialog, in which nothing that was typed is lost.
        dialog = (await there.presses(BOB, page, "Change…")).dialog
        assert dialog is not None
        second = next(one["value"] for one in dialog.card["body"] if one.get("id") == "f:title")
        wrong = (await there.fills(dialog, blurb="What it means, in our words.", place="last")).dialog
        assert wrong is not None
        assert next(one["value"] for one in wrong.card["body"] if one.get("id") == "f:blurb") == (
            "What it means, in our words."
        )
        done = (await there.fills(wrong, place="1")).dialog
        assert done is not None
        assert f"“{second}”" in done.words
        assert f"{second} (Department of Examples) What it means, in our words." in page.words()

        # The last editor cannot approve, a member may not, and what was approved can be pulled back.
        assert (await there.presses(BOB, draft, "Approve", nth=SURE)).note == (
            "You made the last edit, so somebody else must approve this edition. Nothing was done; your edit is kept."
        )
        refused = await there.presses(ALICE, draft, "Approve", nth=SURE)
        assert "an editor, and you are not one here" in refused.note
        approving = execute_on(draft, "Approve")
        await there.presses(CAROL, draft, "Approve", nth=SURE)
        assert draft.words().splitlines()[0] == f"Approved: {NAME}"
        assert "It will be posted on Thursday 23 January 2025, 10:11, to 1 channel." in draft.words()
        await there.presses(BOB, draft, "Pull back", nth=SURE)
        assert (await there.news(BOB))[-1].words().startswith(f"Pulled back. {NAME} is a draft again")
        assert digest_in(there) == []

        await there.presses(CAROL, draft, "Approve", nth=SURE)
        there.network.clock.advance(minutes=11)
        await there.sends()
        headline, *below = digest_in(there)
        assert headline.words().splitlines() == [
            NAME,
            "•\N{NO-BREAK SPACE}News: 29 entries",
            "The edition is in the thread below.",
        ]
        assert below
        assert {shown.root for shown in below} == {headline.id}
        everything = "\n".join(shown.words() for shown in below)
        assert "What it means, in our words." in everything
        assert f"{first} (" not in everything
        assert draft.words().splitlines()[0] == f"Posted: {NAME}"
        assert "Approved by Carol Example (Thursday 23 January 2025, 10:01)." in draft.words()

        # The button as it was before, pressed again by somebody whose Teams had not drawn the card anew.
        stale = await there.teams.people.execute(CAROL, draft, approving)
        assert stale.note == (
            "This edition was already approved by Carol Example on Thursday 23 January 2025, 10:01. Nothing was done."
        )
        await there.sends()
        assert len(digest_in(there)) == 1 + len(below)

        # Corrected where it stands: the same messages, changed.
        begin = (await there.presses(BOB, draft, "Correct…")).dialog
        await there.fills(begin, title="Begin", what="what one entry means")
        correction = draft_in(there)
        assert correction is not draft
        dialog = (await there.presses(BOB, thread_of(there, correction)[0], "Change…")).dialog
        await there.fills(dialog, blurb="What it really means.")
        await there.presses(CAROL, correction, "Approve", nth=SURE)
        there.network.clock.advance(minutes=11)
        await there.sends()
        assert [shown.id for shown in digest_in(there)] == [headline.id, *(shown.id for shown in below)]
        assert headline.updates == 1
        corrected = headline.words().splitlines()[1]
        assert corrected == "Corrected on Thursday 23 January 2025 at 10:12: what one entry means"
        everything = "\n".join(shown.words() for shown in below)
        assert "What it really means." in everything
        assert "What it means, in our words." not in everything
        keys = [call.body.get("channelData", {}).get("delivery") for call in there.teams.service.of("post")]
        assert len([key for key in keys if key]) == len({key for key in keys if key})
