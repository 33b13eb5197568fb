"""Random weeks of an editorial desk, through the real acts on a store in memory: windows tile time all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import editions
from bot.messages import say
from digests.model import Act, Edition, EditionState, content_hash
from digests.plan import ApprovalPolicy
from tests.builders import a_tagged_item
from tests.fakes.network import BOB, Network, a_plan

COOLING_OFF = timedelta(hours=20)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 6, 19, 24, 72, 168, 400]),  # hours until the next thing happens
        st.sampled_from(["tick", "early", "approve", "pull back", "post now", "skip", "merge", "undo", "send"]),
    ),
    min_size=5,
    max_size=25,
)


async def everything(network: Network) -> list[Edition]:
    async with network.store.read() as uow:
        return list(reversed(await uow.editions.recent(100)))


async def step(network: Network, what: str) -> None:
    services, known = network.services, await everything(network)
    newest = known[-1].id if known else ""
    if what == "tick":
        await editions.make_due_edition(services)
    elif what == "early":
        await editions.make_edition_now(services)
    elif what == "send":
        await network.sends()
    elif what in ("skip", "merge"):
        week = await editions.week_in_hand(services)
        act = Act.SKIPPED if what == "skip" else Act.MERGED
        await editions.leave_out_week(services, BOB, week.slot.id, act, lambda _: say("Left out."))
    elif what == "approve":
        for draft in known:
            if draft.state is EditionState.DRAFT:
                await editions.approve(services, BOB, draft.id, content_hash(draft.content))
    elif what == "pull back":
        for approved in known:
            if approved.state is EditionState.APPROVED:
                await editions.pull_back(services, BOB, approved.id)
    elif newest and what == "post now":
        await editions.post_now(services, BOB, newest)
    elif newest:
        await editions.resume_week(services, BOB, newest, lambda _: say("Undone."))


async def weeks(steps: list[tuple[int, str]]) -> tuple[datetime, Sequence[Edition]]:
    """Weeks in which this happens: when the first window began, and every edition that came about, in turn."""
    policy = ApprovalPolicy(one_editor=True, cooling_off=COOLING_OFF)
    network = await Network.make(plan=a_plan(approval=policy))
    for number, (hours, what) in enumerate(steps):
        now = network.clock.now()
        # There is always something to publish.
        await network.receives(a_tagged_item(number, received_at=now, published_at=now))
        network.clock.advance(hours=hours)
        await step(network, what)
    known = await everything(network)
    async with network.store.read() as uow:
        installation = await uow.installation()
    assert installation is not None
    return installation.window_start, known


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_no_item_is_in_two_editions_or_lost_between_two_whatever_editors_do(steps: list[tuple[int, str]]) -> None:
    began, known = asyncio.run(weeks(steps))
    covered = [each for each in known if each.state not in (EditionState.LAPSED, EditionState.MERGED)]
    edges = [began, *(each.window.end for each in covered)]
    assert [each.window.start for each in covered] == edges[:-1]
    assert sum(each.state is EditionState.DRAFT for each in known) <= 1
    gone = [each.number for each in known if each.state in (EditionState.APPROVED, EditionState.PUBLISHED)]
    assert gone == list(range(1, 1 + len(gone)))
