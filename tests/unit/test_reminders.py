"""Reminders of a draft that nobody takes further: when, to whom, in which words, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import editions, schedule
from bot.ports import Grant, Role
from digests.calendar import LONDON, say_when
from digests.model import EditionState, Quiet
from digests.plan import ApprovalPolicy, ReminderPlan
from digests.reminders import Reminder, due, loud
from tests.builders import NOW, an_edition
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, a_plan, words_of

PLAN = ReminderPlan(timedelta(hours=4), timedelta(hours=24), Quiet(time(20), time(8)))
FRIDAYS = replace(a_plan().schedule, holiday=lambda day: "Easter Monday" if day == date(2025, 4, 21) else "")
NAME = "Data Policy Digest 1, Friday 24 January 2025"
LAPSES = (
    " If it is not approved, it lapses on Friday 31 January 2025, 09:00, and the next draft covers its weeks as well."
)


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("moment", "moved"),
    [
        ((2025, 1, 23, 14), "Thursday 23 January 2025, 14:00"),
        ((2025, 1, 23, 19, 59), "Thursday 23 January 2025, 19:59"),
        ((2025, 1, 23, 20), "Friday 24 January 2025, 08:00"),
        ((2025, 1, 24, 7, 59), "Friday 24 January 2025, 08:00"),
        ((2025, 1, 24, 8), "Friday 24 January 2025, 08:00"),
        ((2025, 1, 24, 21), "Monday 27 January 2025, 08:00"),  # over the weekend
        ((2025, 1, 25, 13), "Monday 27 January 2025, 13:00"),
        ((2025, 4, 21, 10), "Tuesday 22 April 2025, 10:00"),  # from a bank holiday
        # The nights of the clock changes.
        ((2025, 3, 28, 21), "Monday 31 March 2025, 08:00"),
        ((2025, 10, 24, 21), "Monday 27 October 2025, 08:00"),
    ],
)
def test_what_falls_into_quiet_hours_waits_for_their_end(moment: tuple[int, ...], moved: str) -> None:
    assert say_when(loud(london(*moment), FRIDAYS, PLAN)) == moved


@pytest.mark.parametrize(("change", "hours"), [(30, 11), (26, 13)])
def test_quiet_hours_end_by_the_clock_on_the_wall_when_that_changes(change: int, hours: int) -> None:
    any_day = replace(PLAN, working_days=False)
    evening = london(2025, 3 if change == 30 else 10, change - 1, 20)
    assert loud(evening, FRIDAYS, any_day) - evening == timedelta(hours=hours)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    lunch = ReminderPlan(quiet=Quiet(time(12), time(14)), working_days=False)
    assert say_when(loud(london(2025, 1, 25, 13), FRIDAYS, lunch)) == "Saturday 25 January 2025, 14:00"
    never = ReminderPlan(working_days=False)
    assert say_when(loud(london(2025, 1, 25, 3), FRIDAYS, never)) == "Saturday 25 January 2025, 03:00"


@given(st.integers(0, 366 * 24 * 60))
def test_nobody_is_reminded_earlier_than_due_nor_in_quiet_hours(minutes: int) -> None:
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    moved = loud(moment, FRIDAYS, PLAN)
    local = moved.astimezone(LONDON)
    assert moved >= moment
    assert time(8) <= local.time() < time(20)
    assert local.weekday() < 5
    assert loud(moved, FRIDAYS, PLAN) == moved


def reminded(touched: datetime, now: datetime, state: EditionState = EditionState.DRAFT) -> list[Reminder]:
    return [each.reminder for each in due(an_edition(state=state), touched, now, schedule=FRIDAYS, plan=PLAN)]


def test_reminders_are_due_some_hours_after_the_draft_was_last_touched_until_it_lapses() -> None:
    friday = london(2025, 1, 24, 9)
    assert reminded(friday, london(2025, 1, 24, 12, 59)) == []
    assert reminded(friday, london(2025, 1, 24, 13)) == [Reminder.FIRST]
    assert reminded(london(2025, 1, 24, 12), london(2025, 1, 24, 13)) == []
    assert reminded(friday, london(2025, 1, 27, 8, 59)) == [Reminder.FIRST]
    assert reminded(friday, london(2025, 1, 27, 9)) == [Reminder.FIRST, Reminder.ESCALATED]
    assert reminded(friday, london(2025, 1, 30, 23)) == [], "whatever is due, nobody is reminded at night"
    assert reminded(friday, london(2025, 1, 31, 9)) == [], "it has lapsed"


@pytest.mark.parametrize("state", [state for state in EditionState if state is not EditionState.DRAFT])
def test_only_drafts_are_reminded_of(state: EditionState) -> None:
    assert reminded(NOW - timedelta(days=2), NOW, state) == []


async def with_a_draft(**changes: object) -> Network:
    """Drafted on Thursday at 10:01."""
    network = await Network.make(plan=a_plan(reminders=PLAN, **changes))
    await network.has_a_draft()
    return network


async def after(network: Network, **span: float) -> int:
    """The clock ticks (twice, as two clocks would) when this much time has passed, and the outbox sends."""
    network.clock.advance(**span)
    given = await schedule.remind_tick(network.services)
    assert await schedule.remind_tick(network.services) == 0
    await network.sends()
    return given


async def test_the_editors_channel_is_reminded_once_and_then_each_of_them_once() -> None:
    network = await with_a_draft()
    async with network.store.begin() as uow:
        dan = await uow.members.resolve(DAN, NOW)
        await uow.roles.grant(Grant(dan, Role.ADMINISTRATOR, "settings", NOW))
        await uow.commit()
    assert await after(network, hours=3, minutes=59) == 0
    assert await after(network, minutes=1) == 1
    assert words_of(network.courier.in_channel("editors")[-1]) == (
        f"Nobody has edited or approved {NAME} since its draft was made on Thursday 23 January 2025, 10:01. "
        f"It needs 2 approvals.{LAPSES} It can also be skipped, or merged into the next: /digest skip."
    )
    posted = len(network.courier.in_channel("editors"))
    assert await after(network, hours=19, minutes=59) == 0
    assert await after(network, minutes=1) == 3
    for who in (BOB, CAROL, DAN):
        (told,) = network.courier.to(who.user)
        assert words_of(told).endswith(
            f"{LAPSES} Please look at it in the editors’ channel, or here with /digest draft."
        )
    assert network.courier.to(ALICE.user) == []
    for _ in range(5):
        assert await after(network, days=1) == 0
    assert len(network.courier.in_channel("editors")) == posted


async def test_whoever_takes_the_draft_further_puts_the_reminder_off_and_it_says_what_is_missing() -> None:
    network = await with_a_draft()
    network.clock.advance(hours=3)
    await network.press(BOB, network.button("Leave out", "editors", "part 2"))
    assert await after(network, hours=3, minutes=59) == 0
    assert await after(network, minutes=1) == 1
    assert words_of(network.courier.in_channel("editors")[-1]).startswith(
        f"{NAME} was last edited on Thursday 23 January 2025, 13:01. It needs one approval, from somebody other than "
        f"the last editor.{LAPSES}"
    )


async def test_one_approval_of_two_is_said_with_its_name() -> None:
    network = await with_a_draft()
    await network.press(BOB, network.button("Approve", "editors"))
    await after(network, hours=4)
    assert words_of(network.courier.in_channel("editors")[-1]).startswith(
        f"{NAME} was approved by Bob (Thursday 23 January 2025, 10:01), and one more editor is needed.{LAPSES}"
    )


async def test_an_approved_draft_is_not_reminded_of() -> None:
    network = await with_a_draft(approval=ApprovalPolicy(one_editor=True))
    await network.press(BOB, network.button("Approve", "editors"))
    assert await after(network, days=4) == 0


async def test_a_missed_day_gives_both_reminders_together_and_each_once() -> None:
    network = await with_a_draft()
    assert await after(network, days=1, hours=1) == 3
    assert await after(network, hours=1) == 0


async def test_administrators_of_the_settings_are_told_in_the_workspace_of_the_editors() -> None:
    network = await with_a_draft()
    network.services = replace(
        network.services, admins=("fake:erin", f"fake:W:{BOB.user}", "fake:elsewhere:frank", "nowhere:gill")
    )
    assert await editions.remind(network.services) == 0
    network.clock.advance(days=1)
    assert await editions.remind(network.services) == 1 + 4
    await network.sends()
    to = [(line.address.workspace, line.address.user) for line in network.courier.posted if line.address.user]
    assert sorted(to) == [("W", "bob"), ("W", "carol"), ("W", "erin"), ("elsewhere", "frank")]
