"""From a draft to the posted edition, through the real handlers and outbox, in memory."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import editions, schedule
from bot.messages import Button
from digests.model import EditionState
from digests.plan import ApprovalPolicy
from tests.builders import a_tagged_item
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, a_plan, said, words_of

PART_2 = "Guidance on artificial intelligence, part 2"


async def test_a_draft_arrives_in_the_editors_channel_with_totals_entries_and_reasons() -> None:
    network = await Network.make()
    await network.has_a_draft()
    headline, section, *_ = network.courier.in_channel("editors")
    assert words_of(headline) == (
        "Draft: Data Policy Digest 1, Friday 24 January 2025\n"
        "3 entries in 1 section, 0 maybes. "
        "It covers what arrived from Friday 17 January 2025, 09:00 to Thursday 23 January 2025, 10:01.\n"
        "News 3\n"
        "Nobody has edited this draft, so it needs 2 editors’ approvals.\n"
        "<Approve> <Skip this week> <Merge into the next>\n"
        "<Add a link…> <Preview> <Texts…> <Sections…> <History>"
    )
    assert words_of(section).startswith("News (3 entries)\n")
    assert "Artificial intelligence" in words_of(section)
    assert network.courier.posted[1].thread_ref == network.courier.posted[0].ref


async def test_a_closing_date_is_told_again_although_its_item_came_weeks_ago() -> None:
    network = await Network.make()
    early = network.clock.now() - timedelta(days=20)
    closes = network.clock.now().date() + timedelta(days=9)
    await network.receives(
        a_tagged_item(8, title="An old consultation on AI", received_at=early, published_at=early, deadline=closes),
        a_tagged_item(9, title="A distant consultation on AI", received_at=early, deadline=closes + timedelta(days=90)),
    )
    await network.has_a_draft()
    shown = "\n".join(words_of(message) for message in network.courier.in_channel("editors"))
    assert "Saturday 1 February 2025: An old consultation on AI" in shown
    assert "A distant consultation" not in shown


async def test_an_edit_shows_in_place_and_one_other_editor_is_then_enough() -> None:
    network = await Network.make()
    await network.has_a_draft()
    posted = len(network.courier.posted)
    live = network.courier.posted[1].ref
    reply = await network.press(BOB, network.button("Leave out", "editors", PART_2), ref=live)
    assert reply.messages == ()
    assert len(network.courier.posted) == posted
    headline = network.courier.in_channel("editors")[0]
    assert "2 entries in 1 section" in words_of(headline)
    assert f"1 edit so far; the latest: left out “{PART_2}”. It needs one approval" in words_of(headline)
    assert network.button("Put back", "editors", PART_2)

    assert said(await network.press(BOB, network.button("Approve", "editors"))) == (
        "You made the last edit, so somebody else must approve this edition. Nothing was done; your edit is kept."
    )
    assert said(await network.press(CAROL, network.button("Approve", "editors"))) == (
        "Approved. Data Policy Digest 1, Friday 24 January 2025 is on its way to 1 channel."
    )
    (posted_edition,) = network.courier.in_channel("digest")
    assert PART_2 not in words_of(posted_edition)
    assert "part 3" in words_of(posted_edition)
    assert "part 1" in words_of(posted_edition)
    headline = network.courier.in_channel("editors")[0]
    assert "Approved by Carol (Thursday 23 January 2025, 10:01)." in words_of(headline)
    assert words_of(headline).endswith("#digest: posted (1 message).\n<Correct…> <Withdraw>")
    assert "<Approve>" not in words_of(headline)
    async with network.store.read() as uow:
        edition = await editions.latest_published(uow)
    assert edition is not None
    assert edition.state is EditionState.PUBLISHED


async def test_pressing_in_a_private_copy_says_what_was_done() -> None:
    network = await Network.make()
    await network.has_a_draft()
    reply = await network.press(BOB, network.button("Leave out", "editors", PART_2), ref="another message")
    assert said(reply) == f"Done: left out “{PART_2}”. Type /digest draft to see the draft as it now stands."


async def test_an_unedited_draft_needs_two_editors() -> None:
    network = await Network.make()
    await network.has_a_draft()
    approve = network.button("Approve", "editors")
    assert said(await network.press(BOB, approve)) == (
        "Your approval of Data Policy Digest 1, Friday 24 January 2025 is recorded. Nobody has edited this draft, "
        "so one more editor must approve it before it is posted."
    )
    assert "Approved by Bob (Thursday 23 January 2025, 10:01). One more editor is needed." in words_of(
        network.courier.in_channel("editors")[0]
    )
    assert said(await network.press(BOB, approve)) == (
        "You have approved this text already. One more editor must approve it before it is posted."
    )
    assert network.courier.in_channel("digest") == []
    await network.press(CAROL, approve)
    assert len(network.courier.in_channel("digest")) == 1


async def test_an_edit_cancels_an_approval_and_makes_the_old_button_stale() -> None:
    network = await Network.make()
    await network.has_a_draft()
    old = network.button("Approve", "editors")
    await network.press(BOB, old)
    await network.press(CAROL, network.button("Leave out", "editors", PART_2))
    assert said(await network.press(BOB, old)) == (
        "The draft was changed after this button was shown to you, so your approval was not recorded. "
        "Please read the draft as it now stands and approve that."
    )
    assert "Approved by" not in words_of(network.courier.in_channel("editors")[0])
    await network.press(BOB, network.button("Approve", "editors"))
    assert len(network.courier.in_channel("digest")) == 1


async def test_a_second_press_on_an_edition_that_is_out_says_by_whom_it_was_approved() -> None:
    network = await Network.make()
    await network.has_a_draft()
    approve = network.button("Approve", "editors")
    drop = network.button("Leave out", "editors", PART_2)
    await network.press(BOB, approve)
    await network.press(CAROL, approve)
    assert said(await network.press(CAROL, approve)) == (
        "This edition was already approved by Bob on Thursday 23 January 2025, 10:01 and "
        "Carol on Thursday 23 January 2025, 10:01. Nothing was done."
    )
    late = said(await network.press(BOB, drop))
    assert re.fullmatch(
        r"This draft is closed: the edition is published\. Nothing was changed\. \(reference [0-9A-F]{6}\)", late
    )
    assert len(network.courier.in_channel("digest")) == 1


async def test_members_cannot_approve_or_edit_whatever_they_press() -> None:
    network = await Network.make()
    await network.has_a_draft()
    for button in (network.button("Approve", "editors"), network.button("Leave out", "editors", PART_2)):
        for who in (ALICE, DAN):
            assert said(await network.press(who, button)) == (
                "That is for an editor, and you are not one here, so nothing was done. "
                "An administrator can add you with /convenor roles add."
            )
    assert "Nobody has edited this draft" in words_of(network.courier.in_channel("editors")[0])


async def test_nothing_is_approved_while_no_channel_would_get_it() -> None:
    network = await Network.make(bound=False)
    await network.has_a_draft()
    draft = await network.say(BOB, "/digest draft")
    approve = next(b for m in draft.messages for b in _buttons(m) if b.label == "Approve")
    await network.press(BOB, approve)
    reply = said(await network.press(CAROL, approve))
    assert reply.startswith("No channel is set up to receive the digest yet, so it was not approved.")
    await network.say(BOB, "/convenor here digest", "news")
    await network.press(CAROL, approve)
    assert len(network.courier.in_channel("news")) == 1


async def test_one_editor_alone_is_told_so_and_may_do_it_all() -> None:
    network = await Network.make(plan=a_plan(approval=ApprovalPolicy(one_editor=True)))
    await network.has_a_draft()
    assert "This network has one editor, so one person’s approval is enough." in words_of(
        network.courier.in_channel("editors")[0]
    )
    await network.press(BOB, network.button("Leave out", "editors", PART_2))
    await network.press(BOB, network.button("Approve", "editors"))
    assert len(network.courier.in_channel("digest")) == 1


async def test_the_due_edition_is_drafted_once_however_often_the_clock_ticks() -> None:
    network = await Network.make()
    await network.receives(a_tagged_item(1, received_at=network.clock.now(), published_at=network.clock.now()))
    assert await schedule.draft_tick(network.services) is None
    network.clock.advance(hours=23)
    drafted = [await schedule.draft_tick(network.services) for _ in range(3)]
    assert [edition.id if edition else None for edition in drafted] == ["2025-01-24", None, None]


async def test_a_draft_nobody_approved_gives_its_weeks_to_the_next() -> None:
    network = await Network.make()
    await network.has_a_draft()
    network.clock.advance(days=1)
    assert await schedule.draft_tick(network.services) is None, "the early draft stands for this week's"
    network.clock.advance(days=7)
    edition = await schedule.draft_tick(network.services)
    assert edition is not None
    assert edition.number == 1
    assert edition.content.notes == ("This edition covers two weeks: the edition of 24 January was not approved.",)
    assert len(edition.content.included) == 3
    await network.sends()
    assert "This draft was not approved in time." in words_of(network.courier.in_channel("editors")[0])


async def test_an_editors_channel_that_is_bound_later_gets_the_draft() -> None:
    network = await Network.make(bound=False)
    await network.has_a_draft()
    await network.say(BOB, "/convenor here editors", "newsroom")
    assert words_of(network.courier.in_channel("newsroom")[0]).startswith("Draft: Data Policy Digest 1")


def _buttons(message: object) -> list[Button]:
    from tests.fakes.network import buttons_of

    return buttons_of(message)  # type: ignore[arg-type]
