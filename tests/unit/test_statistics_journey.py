"""/intro stats, as anybody gets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.introductions.model import Introduction, Journey, Met, Request, Requester, RequestState, Way, Wish
from tests.builders import NOW
from tests.fakes.network import ALICE, BOB, Network, said

DAY = timedelta(days=1)
HOW = (
    "Numbers are rounded down to fives, nothing under 5 is said, and what happened in the present month is left out "
    "until it is over: so nobody can be found by taking one number from another."
)


async def happened(network: Network, number: int) -> None:
    """So many requests were made last month, and each brought two people together who met."""
    at = NOW - 30 * DAY
    async with network.store.begin() as uow:
        alice = await uow.members.resolve(ALICE, NOW)
        bob = await uow.members.resolve(BOB, NOW)
        for each in range(number):
            requester = Requester("Alice", alice.id, ALICE)
            request = Request(f"r{each}", requester, Wish("looms"), at, at + 9 * DAY, topics=("ai",))
            over = replace(request, state=RequestState.FINISHED, closed_at=at + 5 * DAY)
            made = Introduction("a", bob.id, Way.GROUP, at + DAY, at + 2 * DAY, requester_met=Met.YES)
            await uow.requests.add(Journey(over, (), made))
        await uow.commit()


async def test_little_is_not_told() -> None:
    network = await Network.make()
    nothing = said(await network.say(ALICE, "/intro stats"))
    await happened(network, 4)
    assert said(await network.say(ALICE, "/intro stats")) == nothing
    assert nothing == (
        "Introductions in numbers\n"
        "Up to the end of December 2024, of the last two years at most.\n"
        "Requests: fewer than 5\n"
        "People asked: fewer than 5\n"
        "Both agreed: fewer than 5\n"
        "Met, as one of them said: fewer than 5\n"
        "From asking to the introduction, half of them within: fewer than 5, so not said\n"
        "By topic\n"
        "No topic has 5 requests yet, so none is named.\n" + HOW
    )


async def test_more_is_told_in_fives() -> None:
    network = await Network.make()
    await happened(network, 7)
    assert said(await network.say(ALICE, "/intro stats")) == (
        "Introductions in numbers\n"
        "Up to the end of December 2024, of the last two years at most.\n"
        "Requests: 5 or more\n"
        "People asked: fewer than 5\n"
        "Both agreed: 5 or more\n"
        "Met, as one of them said: 5 or more\n"
        "From asking to the introduction, half of them within: 2 days\n"
        "By topic\n"
        "Artificial intelligence: 5 or more; 5 or more led to a yes of both\n" + HOW
    )
