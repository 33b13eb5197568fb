"""Between the last approval and the posting: pulling back, posting at once, and what happens meanwhile."""

from __future__ import annotations

from datetime import timedelta

from bot import editions
from bot.edition_messages import DROP
from bot.messages import Button
from bot.ports import TransportError
from digests.model import Act, Edition, EditionState
from digests.plan import ApprovalPolicy
from tests.builders import NOW
from tests.fakes.network import ALICE, BOB, CAROL, Network, a_plan, said, words_of

NAME = "Data Policy Digest 1, Friday 24 January 2025"
PART_2 = "Guidance on artificial intelligence, part 2"


async def approved() -> Network:
    """Both editors approved an edition at 10:01; it is to be posted at 10:21."""
    network = await Network.make(plan=a_plan(approval=ApprovalPolicy(cooling_off=timedelta(minutes=20))))
    await network.has_a_draft()
    await network.press(BOB, network.button("Approve", "editors"))
    assert said(await network.press(CAROL, network.button("Approve", "editors"))) == (
        f"Approved. {NAME} will be posted to 1 channel on Thursday 23 January 2025, 10:21. "
        "Until then any editor can pull it back, here or at the top of the draft.\n<Post now> <Pull back>"
    )
    return network


async def the_edition(network: Network) -> Edition:
    async with network.store.read() as uow:
        return await editions.the_edition(uow, "2025-01-24")


def headline(network: Network) -> str:
    return words_of(network.courier.in_channel("editors")[0])


async def test_an_approved_edition_waits_and_says_for_what() -> None:
    network = await approved()
    assert headline(network).endswith(
        "Approved by Bob (Thursday 23 January 2025, 10:01) and Carol (Thursday 23 January 2025, 10:01).\n"
        "It will be posted on Thursday 23 January 2025, 10:21, to 1 channel. Until then it can be pulled back.\n"
        "<Post now> <Pull back>"
    )
    network.clock.advance(minutes=19, seconds=59)
    await network.sends()
    assert network.courier.in_channel("digest") == []
    assert said(await network.say(ALICE, "/digest")).startswith("No edition has been published yet.")
    network.clock.advance(seconds=1)
    await network.sends()
    assert len(network.courier.in_channel("digest")) == 1
    assert "<Pull back>" not in headline(network)
    assert (await the_edition(network)).state is EditionState.PUBLISHED
    assert said(await network.say(ALICE, "/digest")).startswith(NAME)


async def test_pulled_back_in_time_it_is_a_draft_again_and_the_same_text_can_be_approved_anew() -> None:
    network = await approved()
    pull_back = network.button("Pull back", "editors")
    network.clock.advance(minutes=5)
    assert said(await network.press(BOB, pull_back)) == (
        f"Pulled back. {NAME} is a draft again, and nothing of it was posted: 1 message had been waiting. "
        "Its approvals no longer count; once it is as it should be, it is approved anew."
    )
    assert (
        "Pulled back by Bob (Thursday 23 January 2025, 10:06). Nothing was posted, and its approvals no longer count.\n"
        "Nobody has edited this draft, so it needs 2 editors’ approvals.\n"
        "<Approve>"
    ) in headline(network)
    assert said(await network.press(CAROL, pull_back)) == (
        f"{NAME} was pulled back by Bob on Thursday 23 January 2025, 10:06 already. Nothing was done."
    )
    network.clock.advance(minutes=60)
    await network.sends()
    assert network.courier.in_channel("digest") == []
    edition = await the_edition(network)
    assert (edition.state, edition.posts_at) == (EditionState.DRAFT, None)
    async with network.store.read() as uow:
        (act,) = await uow.editions.acts(edition.id)
    assert (act.act, act.member_name, act.at) == (Act.PULLED_BACK, "Bob", NOW + timedelta(minutes=6))

    await network.press(BOB, network.button("Approve", "editors"))
    await network.press(CAROL, network.button("Approve", "editors"))
    network.clock.advance(minutes=20)
    await network.sends()
    assert len(network.courier.in_channel("digest")) == 1


async def test_an_edit_during_the_cooling_off_is_answered_with_what_to_do() -> None:
    network = await approved()
    entry = (await the_edition(network)).content.entries[0]
    drop = Button("Leave out", DROP, f"2025-01-24 {entry.id}")
    reply = said(await network.press(BOB, drop))
    assert reply.startswith(
        "This edition is approved and will be posted on Thursday 23 January 2025, 10:21. Nothing was changed. To "
        "change it, press “Pull back” at the top of the draft; it must then be approved anew."
    )
    await network.press(BOB, network.button("Pull back", "editors"))
    await network.press(BOB, network.button("Leave out", "editors", PART_2))
    assert "Pulled back" not in headline(network), "it is the last thing that happened no more"
    await network.press(CAROL, network.button("Approve", "editors"))
    network.clock.advance(minutes=20)
    await network.sends()
    (posted,) = network.courier.in_channel("digest")
    assert PART_2 not in words_of(posted)


async def test_an_editor_can_have_it_posted_at_once() -> None:
    network = await approved()
    post_now, pull_back = network.button("Post now", "editors"), network.button("Pull back", "editors")
    network.clock.advance(minutes=2)
    assert said(await network.press(CAROL, post_now)) == f"{NAME} is on its way to 1 channel."
    assert len(network.courier.in_channel("digest")) == 1
    assert headline(network).endswith(
        "Carol had it posted at once (Thursday 23 January 2025, 10:03).\n"
        "#digest: posted (1 message).\n<Correct…> <Withdraw>"
    )
    assert said(await network.press(BOB, post_now)) == f"{NAME} is being posted already, or has been. Nothing was done."
    assert said(await network.press(BOB, pull_back)) == (
        f"{NAME} is published, so there is nothing that waits to be posted. Nothing was done."
    )


async def test_members_can_neither_pull_back_nor_post() -> None:
    network = await approved()
    for label in ("Post now", "Pull back"):
        assert said(await network.press(ALICE, network.button(label, "editors"))).startswith("That is for an editor")
    assert (await the_edition(network)).waits(network.clock.now())


async def test_pulling_back_what_is_being_posted_says_what_has_gone() -> None:
    network = await approved()
    pull_back = network.button("Pull back", "editors")
    network.clock.advance(minutes=20)
    network.courier.fails(TransportError("digest", "The reply was lost.", ambiguous=True))
    await network.sends()
    assert said(await network.press(BOB, pull_back)) == (
        f"It is too late to pull {NAME} back: 0 of 1 message posted, and the rest is on its way or may have "
        "arrived. Nothing was done."
    )
    assert (await the_edition(network)).state is EditionState.APPROVED


async def test_what_certainly_did_not_arrive_can_be_pulled_back_after_its_moment() -> None:
    network = await approved()
    network.clock.advance(minutes=20)
    network.courier.fails(TransportError("digest", "The channel is archived.", permanent=True))
    await network.sends()
    assert "The channel is archived." in headline(network)
    assert said(await network.press(BOB, network.button("Pull back", "editors"))).startswith("Pulled back.")
    assert (await the_edition(network)).state is EditionState.DRAFT


async def test_with_no_cooling_off_it_is_posted_at_once() -> None:
    network = await Network.make(plan=a_plan(approval=ApprovalPolicy(one_editor=True)))
    await network.has_a_draft()
    assert said(await network.press(BOB, network.button("Approve", "editors"))) == (
        f"Approved. {NAME} is on its way to 1 channel."
    )
    assert len(network.courier.in_channel("digest")) == 1
