"""Weeks without an edition: skipped or merged by an editor, undone, and covered by the next draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot import editions, schedule
from bot.messages import Button
from digests.calendar import LONDON
from digests.model import Act, EditionAct, EditionState
from digests.plan import ApprovalPolicy, Posting, Schedule
from tests.builders import a_tagged_item
from tests.fakes.network import ALICE, BOB, CAROL, Network, a_plan, buttons_of, said, words_of

SPAN = "from Friday 17 January 2025, 09:00 to Thursday 23 January 2025, 10:01"


async def state_of(network: Network, edition_id: str) -> EditionState:
    async with network.store.read() as uow:
        return (await editions.the_edition(uow, edition_id)).state


async def ticks(network: Network) -> list[str]:
    """The clock ticks and the outbox sends; the ids of what was drafted."""
    made = await schedule.draft_tick(network.services)
    await network.sends()
    return [made.id] if made else []


async def offered(network: Network, label: str) -> Button:
    """A button of the answer to /digest skip."""
    (message,) = (await network.say(BOB, "/digest skip")).messages
    return next(button for button in buttons_of(message) if button.label == label)


def headline(network: Network) -> str:
    return words_of(network.courier.in_channel("editors")[0])


async def with_items() -> Network:
    """Something has arrived, and no draft was made yet."""
    network = await Network.make()
    now = network.clock.now()
    await network.receives(*(a_tagged_item(n, received_at=now, published_at=now) for n in (1, 2, 3)))
    return network


async def test_a_draft_can_be_skipped_and_that_can_be_undone() -> None:
    network = await Network.make()
    await network.has_a_draft()
    skip = network.button("Skip this week", "editors")
    assert skip.confirm == (
        f"Skip this week? What arrived {SPAN} will then be in no edition, though it stays in the archive. "
        "This can be undone until the next draft is made."
    )
    assert len(skip.confirm) <= 300, "more is cut off by Slack"
    await network.press(CAROL, network.button("Approve", "editors"))
    reply = await network.press(BOB, skip)
    assert said(reply) == (
        "There is no edition on Friday 24 January 2025. What arrived in its time stays in the archive. "
        "You can undo this until the next draft is made.\n<Undo>"
    )
    assert headline(network).endswith(
        "Skipped by Bob (Thursday 23 January 2025, 10:01). What arrived in its time is in no edition; it stays in the "
        "archive. This can be undone until the next draft is made.\n<Undo>"
    )
    assert said(await network.press(CAROL, skip)) == (
        "The edition of Friday 24 January 2025 was skipped by Bob on Thursday 23 January 2025, 10:01 already. "
        "Nothing was done."
    )
    undo = network.button("Undo", "editors")
    assert said(await network.press(CAROL, undo)) == "Undone. The draft of Friday 24 January 2025 is open again."
    assert "Nobody has edited this draft, so it needs 2 editors’ approvals." in headline(network)
    assert said(await network.press(BOB, undo)) == (
        "The edition of Friday 24 January 2025 is neither skipped nor merged, so there is nothing to undo."
    )


async def test_what_was_skipped_is_in_no_edition_and_the_next_draft_says_so() -> None:
    network = await Network.make()
    await network.has_a_draft()
    approve, undo = network.button("Approve", "editors"), "Undo"
    await network.press(BOB, network.button("Skip this week", "editors"))
    assert said(await network.press(BOB, approve)) == (
        "This week was skipped, so there is nothing to approve. Nothing was done. Press “Undo” at the top of the draft "
        "to have an edition of it after all."
    )
    undo_button = network.button(undo, "editors")
    network.clock.advance(days=8)
    assert await ticks(network) == ["2025-01-31"]
    async with network.store.read() as uow:
        edition = await editions.the_edition(uow, "2025-01-31")
    assert edition.number == 1
    assert edition.content.included == ()
    assert edition.content.notes[0] == (
        f"What arrived {SPAN} is in no edition: the edition of 24 January was skipped by Bob."
    )
    assert said(await network.press(BOB, undo_button)) == (
        "It is too late for the edition of Friday 24 January 2025: a later draft has been made, or its time has come. "
        "Nothing was done."
    )


async def test_what_was_merged_is_in_the_next_draft() -> None:
    network = await Network.make()
    await network.has_a_draft()
    reply = await network.press(BOB, network.button("Merge into the next", "editors"))
    assert said(reply).startswith(
        "There is no edition on Friday 24 January 2025. The next one covers this week as well."
    )
    assert "Merged into the next edition by Bob (Thursday 23 January 2025, 10:01)." in headline(network)
    network.clock.advance(days=8)
    assert await ticks(network) == ["2025-01-31"]
    async with network.store.read() as uow:
        edition = await editions.the_edition(uow, "2025-01-31")
    assert len(edition.content.included) == 3
    assert edition.content.notes == ("This edition covers two weeks: the edition of 24 January was merged into it.",)


async def test_a_coming_week_can_be_skipped_before_it_has_a_draft_and_editors_are_told() -> None:
    network = await with_items()
    assert said(await network.say(BOB, "/digest skip")) == (
        "The edition of Friday 24 January 2025 covers what arrived from Friday 17 January 2025, 09:00 to "
        "Friday 24 January 2025, 09:00. Skip it, and that is in no edition; merge it, and it is in the next one.\n"
        "<Skip this week> <Merge into the next>"
    )
    await network.press(BOB, await offered(network, "Skip this week"))
    assert [words_of(message) for message in network.courier.in_channel("editors")] == [
        "There will be no edition on Friday 24 January 2025: Bob skipped it. "
        "This can be undone until the next draft is made.\n<Undo>"
    ]
    assert said(await network.say(BOB, "/digest skip")) == (
        "The edition of Friday 24 January 2025: Skipped by Bob (Thursday 23 January 2025, 10:00). "
        "What arrived in its time is in no edition; it stays in the archive.\n<Undo>"
    )
    network.clock.advance(days=1)
    assert await ticks(network) == []
    assert await state_of(network, "2025-01-24") is EditionState.SKIPPED
    assert len(network.courier.in_channel("editors")) == 1
    # Undone after its moment: the draft is made then, with what would have been in it.
    reply = await network.press(CAROL, network.button("Undo", "editors"))
    assert said(reply) == "Undone. The draft of Friday 24 January 2025 is open again."
    told, drafted, *_ = network.courier.in_channel("editors")
    assert words_of(told) == (
        "There will be an edition on Friday 24 January 2025 after all: Carol undid on Friday 24 January 2025, 10:00 "
        "that it is left out."
    )
    assert words_of(drafted).startswith("Draft: Data Policy Digest 1, Friday 24 January 2025\n3 entries in 1 section")


async def test_undone_before_its_moment_the_draft_is_made_as_ever() -> None:
    network = await with_items()
    await network.press(BOB, await offered(network, "Merge into the next"))
    assert said(await network.press(BOB, await offered(network, "Undo"))) == (
        "Undone. The draft of Friday 24 January 2025 is made on Friday 24 January 2025, 09:00."
    )
    network.clock.advance(days=1)
    assert await ticks(network) == ["2025-01-24"]


async def test_the_next_draft_that_is_named_is_one_that_will_be_made() -> None:
    network = await with_items()
    assert "is due on Friday 24 January 2025, 09:00." in said(await network.say(ALICE, "/digest"))
    await network.press(BOB, await offered(network, "Skip this week"))
    assert "is due on Friday 31 January 2025, 09:00." in said(await network.say(ALICE, "/digest"))
    assert "by itself on Friday 31 January 2025, 09:00." in said(await network.say(BOB, "/digest draft"))


async def test_an_approved_edition_is_neither_skipped_nor_merged() -> None:
    plan = a_plan(approval=ApprovalPolicy(one_editor=True, cooling_off=timedelta(minutes=20)))
    network = await Network.make(plan=plan)
    await network.has_a_draft()
    skip = network.button("Skip this week", "editors")
    await network.press(BOB, network.button("Approve", "editors"))
    expected = (
        "The edition of Friday 24 January 2025 is approved, so it can be neither skipped nor merged. Nothing was done. "
        "If it has not been posted yet, it can be pulled back at the top of the draft first."
    )
    assert said(await network.press(BOB, skip)) == expected
    assert said(await network.say(BOB, "/digest skip")) == expected


async def test_only_editors_leave_weeks_out_and_only_once_something_was_read() -> None:
    network = await Network.make()
    assert said(await network.say(ALICE, "/digest skip")).startswith("That is for an editor")
    assert said(await network.say(BOB, "/digest skip")) == "No source has been read yet, so there is no week to skip."


async def test_a_draft_that_was_made_while_its_week_was_being_skipped_is_skipped_at_the_next_tick() -> None:
    network = await Network.make()
    await network.has_a_draft()
    async with network.store.begin() as uow:
        await uow.editions.add_act(EditionAct("2025-01-24", Act.SKIPPED, "bob", "Bob", network.clock.now()))
        await uow.commit()
    assert await ticks(network) == []
    assert await state_of(network, "2025-01-24") is EditionState.SKIPPED
    assert "Skipped by Bob" in headline(network)


@pytest.mark.parametrize(("hours", "posted"), [(24 + 6, "09:00"), (24 + 22.9, "09:14")])
async def test_an_edition_waits_for_its_planned_moment_and_for_its_cooling_off(hours: float, posted: str) -> None:
    thursday = Schedule(3, time(16), LONDON, Posting(4, time(9)))
    policy = ApprovalPolicy(one_editor=True, cooling_off=timedelta(minutes=20))
    network = await Network.make(plan=a_plan(schedule=thursday, approval=policy))
    network.clock.advance(days=-1)  # Wednesday 10:00
    await network.receives(a_tagged_item(1, received_at=network.clock.now(), published_at=network.clock.now()))
    network.clock.advance(hours=hours)
    assert await ticks(network) == ["2025-01-23"]
    assert headline(network).startswith("Draft: Data Policy Digest 1, Friday 24 January 2025")
    assert said(await network.press(BOB, network.button("Approve", "editors"))).startswith(
        "Approved. Data Policy Digest 1, Friday 24 January 2025 will be posted to 1 channel on "
        f"Friday 24 January 2025, {posted}."
    )


async def test_a_draft_of_a_moved_day_says_so() -> None:
    fridays = replace(a_plan().schedule, holiday=lambda day: "a holiday" if day.day == 24 else "")
    network = await Network.make(plan=a_plan(schedule=fridays))
    network.clock.advance(hours=-2)
    now = network.clock.now()
    await network.receives(a_tagged_item(1, received_at=now, published_at=now))
    network.clock.advance(hours=2)
    assert await ticks(network) == ["2025-01-24"]
    assert headline(network).startswith("Draft: Data Policy Digest 1, Thursday 23 January 2025\n")
    assert "Friday 24 January 2025 is a holiday, so this edition is drafted on Thursday 23 January 2025." in headline(
        network
    )


async def test_once_an_edition_was_posted_early_the_next_week_can_be_skipped() -> None:
    network = await Network.make()
    await network.has_a_draft()
    await network.press(CAROL, network.button("Approve", "editors"))
    await network.press(BOB, network.button("Approve", "editors"))
    await network.sends()
    assert headline(network).startswith("Posted: Data Policy Digest 1, Friday 24 January 2025")
    skipped = said(await network.press(BOB, await offered(network, "Skip this week")))
    assert skipped.startswith("There is no edition on Friday 31 January 2025.")
    network.clock.advance(days=9)
    assert await ticks(network) == []
    network.clock.advance(days=7)
    assert await ticks(network) == ["2025-02-07"]
