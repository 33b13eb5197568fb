"""What two people do at the same moment ends as if one had been first, on every store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from adapters.store.repositories.members import SqlApplications
from bot.members import cards
from bot.members import service as members
from bot.members.consent import PROFILE, Consent, ConsentPurpose
from bot.messages import Identity
from bot.ports import Store
from digests.errors import Stale
from tests.builders import NOW, a_profile
from tests.fakes.member_tables import FakeApplications
from tests.fakes.network import ALICE, BOB, DAN, Network, words_of

Act = Callable[[], Coroutine[Any, Any, object]]
A_MOMENT = 0.5


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, parts: tuple[type, ...], name: str, other: Act
) -> list[asyncio.Task[object]]:
    """Whoever first comes to what is called so has ``other`` done just before it. Returns what became of that.

    Where writers take turns the other waits until the first is through, so nobody waits for it longer than a moment.
    """
    begun: list[asyncio.Task[object]] = []
    for part in parts:
        really: Callable[..., Awaitable[object]] = getattr(part, name)

        async def paused(*given: object, really: Callable[..., Awaitable[object]] = really) -> object:
            if not begun:
                begun.append(asyncio.ensure_future(other()))
                await asyncio.wait(begun, timeout=A_MOMENT)
            return await really(*given)

        monkeypatch.setattr(part, name, paused)
    return begun


# Into the directory, or not

TAKING = (SqlApplications, FakeApplications)


async def applies(network: Network, who: Identity) -> str:
    """Somebody has said yes and waits for a coordinator; returns their member id."""
    async with network.store.begin() as uow:
        member = await uow.members.resolve(who, NOW)
        await uow.applications.put(a_profile(member.id, name=who.name), NOW)
        yes = Consent(f"c-{member.id}", member.id, ConsentPurpose.DIRECTORY, PROFILE, "the words", 1, NOW)
        await uow.consents.record(yes)
        await uow.commit()
    return str(member.id)


async def is_in(store: Store, member_id: str) -> bool:
    """Whether somebody is in the directory, which must be with a consent that stands, and never without one."""
    async with store.read() as uow:
        listed = await uow.profiles.get(member_id) is not None
        stands = any(each.stands for each in await uow.consents.of(member_id))
        assert await uow.applications.get(member_id) is None
    assert listed == stands
    return listed


async def test_whoever_takes_their_wish_to_join_back_while_they_are_let_in_is_not_in_the_directory(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await Network.make(store=store)
    alice = await applies(network, ALICE)
    others = meanwhile(monkeypatch, TAKING, "remove", lambda: members.leave(network.services, ALICE))
    (decided,) = await asyncio.gather(
        cards.decide(network.services, DAN, alice, "1", let_in=True), return_exceptions=True
    )
    (left,) = await asyncio.gather(*others)
    assert not await is_in(store, alice)
    if isinstance(decided, BaseException):
        assert isinstance(decided, Stale)
        assert decided.sentence.startswith("That request to join was decided already, changed or taken back")
        assert left is members.Leaving.APPLICATION
    else:
        assert left is members.Leaving.DIRECTORY


async def test_whoever_is_let_in_while_they_take_their_wish_back_is_not_in_the_directory(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await Network.make(store=store)
    alice = await applies(network, ALICE)
    decide: Act = lambda: cards.decide(network.services, DAN, alice, "1", let_in=True)  # noqa: E731
    others = meanwhile(monkeypatch, TAKING, "remove", decide)
    await members.leave(network.services, ALICE)
    await asyncio.gather(*others, return_exceptions=True)
    assert not await is_in(store, alice)


async def test_of_two_coordinators_who_decide_differently_at_once_one_decides(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = await Network.make(store=store)
    alice = await applies(network, ALICE)
    refuse: Act = lambda: cards.decide(network.services, BOB, alice, "1", let_in=False)  # noqa: E731
    others = meanwhile(monkeypatch, TAKING, "remove", refuse)
    let_in = cards.decide(network.services, DAN, alice, "1", let_in=True)
    (dans,) = await asyncio.gather(let_in, return_exceptions=True)
    (bobs,) = await asyncio.gather(*others, return_exceptions=True)
    assert [isinstance(each, Stale) for each in (dans, bobs)].count(True) == 1
    assert await is_in(store, alice) == isinstance(bobs, Stale)
    await network.sends()
    (told,) = network.courier.to("alice")
    assert words_of(told).startswith("You are in the directory now") == isinstance(bobs, Stale)


async def test_nobody_is_let_in_whose_consent_does_not_stand(store: Store) -> None:
    network = await Network.make(store=store)
    alice = await applies(network, ALICE)
    async with store.begin() as uow:
        await uow.consents.withdraw(f"c-{alice}", NOW)
        await uow.commit()
    with pytest.raises(Stale):
        await cards.decide(network.services, DAN, alice, "1", let_in=True)
    async with store.read() as uow:
        assert await uow.profiles.get(alice) is None
