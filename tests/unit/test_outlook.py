"""/digest schedule: what is ahead, and why it is not as ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from bot import outlook
from bot.edition_messages import SKIP
from bot.messages import Button
from digests.plan import ApprovalPolicy, HolidayRule, Posting, Recess, RecessRule, Schedule
from tests.builders import a_tagged_item
from tests.fakes.network import ALICE, BOB, Network, a_plan, said


def name_holiday(day: date) -> str:
    return {date(2025, 1, 31): "Friday Off", date(2025, 2, 7): "Another Friday Off"}.get(day, "")


FRIDAYS = replace(
    a_plan().schedule,
    holiday=name_holiday,
    recesses=(Recess(date(2025, 2, 13), date(2025, 2, 23), "The House of Commons"),),
    in_recess=RecessRule.FORTNIGHTLY,
)


async def test_the_weeks_ahead_are_listed_with_what_moves_them_or_leaves_them_out() -> None:
    network = await Network.make(plan=a_plan(schedule=FRIDAYS))
    now = network.clock.now()
    await network.receives(a_tagged_item(1, received_at=now, published_at=now))
    await network.press(BOB, Button("Skip this week", SKIP, "2025-01-24"))
    assert said(await network.say(BOB, "/digest schedule")).splitlines() == [
        "What is ahead",
        "Friday 24 January 2025: no edition. Skipped by Bob (Thursday 23 January 2025, 10:00). What arrived in its "
        "time is in no edition; it stays in the archive.",
        "Thursday 30 January 2025: drafted on Thursday 30 January 2025, 09:00. Friday 31 January 2025 is Friday Off, "
        "so this edition is drafted on Thursday 30 January 2025.",
        "Thursday 6 February 2025: drafted on Thursday 6 February 2025, 09:00. Friday 7 February 2025 is Another "
        "Friday Off, so this edition is drafted on Thursday 6 February 2025.",
        "Friday 14 February 2025: no edition (The House of Commons in recess). The next one covers this week as well. "
        "The House of Commons is in recess until Sunday 23 February 2025.",
        "Friday 21 February 2025: drafted on Friday 21 February 2025, 09:00. The House of Commons is in recess until "
        "Sunday 23 February 2025.",
        "Friday 28 February 2025: drafted on Friday 28 February 2025, 09:00.",
    ]
    assert said(await network.say(ALICE, "/digest schedule")).startswith("That is for an editor")


async def test_the_open_draft_is_listed_with_the_moment_at_which_it_lapses() -> None:
    network = await Network.make(plan=a_plan(schedule=replace(FRIDAYS, on_holiday=HolidayRule.MERGE)))
    await network.has_a_draft()
    lines = list(outlook.lines(await outlook.look_ahead(network.services)))
    assert lines[:3] == [
        "Data Policy Digest 1, Friday 24 January 2025 is open as a draft. If it is not approved, it lapses on "
        "Friday 21 February 2025, 09:00, and the next draft covers its weeks as well.",
        "Friday 24 January 2025: drafted early, so nothing more is due.",
        "Friday 31 January 2025: no edition (Friday Off). The next one covers this week as well.",
    ]


async def test_what_waits_to_be_posted_is_listed_and_all_of_it_can_be_had_as_data() -> None:
    thursday = Schedule(3, time(16), a_plan().schedule.zone, Posting(4, time(9)))
    policy = ApprovalPolicy(one_editor=True, cooling_off=timedelta(minutes=20))
    network = await Network.make(plan=a_plan(schedule=thursday, approval=policy))
    await network.has_a_draft()
    await network.press(BOB, network.button("Approve", "editors"))
    ahead = await outlook.look_ahead(network.services)
    lines = list(outlook.lines(ahead))
    assert lines[0] == (
        "Data Policy Digest 1, Friday 24 January 2025 is approved and will be posted on Friday 24 January 2025, 09:00."
    )
    assert lines[2] == (
        "Friday 31 January 2025: drafted on Thursday 30 January 2025, 16:00, and posted on Friday 31 January 2025, "
        "09:00 at the earliest."
    )
    data = outlook.as_data(ahead)
    assert data["draft"] is None
    assert data["waiting"] == [{"id": "2025-01-23", "number": 1, "posts_at": "2025-01-24T09:00:00+00:00"}]
    assert data["weeks"][1] == {
        "id": "2025-01-30",
        "due_on": "2025-01-31",
        "draft_at": "2025-01-30T16:00:00+00:00",
        "post_at": "2025-01-31T09:00:00+00:00",
        "edition": True,
        "drafted": False,
        "decision": None,
        "moved": "",
        "merged": "",
        "recess": None,
    }
