"""What two people do at the same moment ends as if one had been first, on every store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import pytest

from adapters.store.repositories.members import SqlApplications, SqlCodes
from adapters.store.repositories.requests import SqlRequests
from bot.introductions import brokering, requesting
from bot.introductions.model import Requester, Wish
from bot.introductions.refusals import CannotBeAsked, TooMany
from bot.members import cards, joining, linking
from bot.members import service as members
from bot.members.consent import PROFILE, Consent, ConsentPurpose
from bot.messages import Identity
from bot.ports import Store
from digests.errors import Busy, ConvenorError, Stale
from digests.model import Cadence, Follow
from tests.builders import NOW, a_profile
from tests.fakes.member_tables import FakeApplications, FakeCodes
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, words_of
from tests.fakes.request_tables import FakeRequests
from tests.unit.test_introductions_journey import ERIN, NEED

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


def went_through(ended: Sequence[object]) -> int:
    """How many of some acts were not refused; all others must have been, in words."""
    refused = [each for each in ended if isinstance(each, BaseException)]
    assert all(isinstance(each, ConvenorError) for each in refused), refused
    return len(ended) - len(refused)


async def test_two_who_hold_a_member_see_what_the_other_did(store: Store) -> None:
    async with store.begin() as uow:
        alice, bob = await uow.members.resolve(ALICE, NOW), await uow.members.resolve(BOB, NOW)
        await uow.members.lock("nobody")
        await uow.members.lock()
        await uow.commit()

    async def follow(*both: str) -> int:
        async with store.begin() as uow:
            await uow.members.lock(*both)
            present = len(await uow.follows.of(alice.id))
            await asyncio.sleep(0.05)
            await uow.follows.add(Follow(alice.id, f"t{present}", "", "", Cadence.WEEKLY, NOW))
            await uow.commit()
        return present

    orders = [(alice.id, bob.id), (bob.id, alice.id)] * 3
    assert sorted(await asyncio.gather(*(follow(*each) for each in orders))) == [0, 1, 2, 3, 4, 5]


# Limits and codes


async def test_of_four_requests_that_somebody_sends_at_once_as_many_are_recorded_as_they_may_have(store: Store) -> None:
    network = await Network.make(store=store)
    sent = [requesting.submit(network.services, ALICE, Wish(NEED, "I run a charity.")) for _ in range(4)]
    ended = await asyncio.gather(*sent, return_exceptions=True)
    assert went_through(ended) == 2
    assert [type(each) for each in ended].count(TooMany) == 2
    async with store.read() as uow:
        assert len(await uow.requests.unfinished()) == 2


async def test_a_form_for_an_outsider_that_is_sent_four_times_at_once_is_recorded_as_often_as_they_may_ask(
    store: Store,
) -> None:
    network = await Network.make(store=store)
    outsider = Requester("Olga", "", email="olga@example.org")
    sent = [
        requesting.submit_for_outsider(network.services, DAN, outsider, Wish(NEED, ""), "They agreed.", "outsider")
        for _ in range(4)
    ]
    assert went_through(await asyncio.gather(*sent, return_exceptions=True)) == 2


async def test_of_two_who_ask_the_same_person_at_once_about_two_requests_one_does(store: Store) -> None:
    network = await Network.make(store=store)
    carol = await network.joins(CAROL)
    await network.asks_for(ALICE, NEED)
    await network.asks_for(BOB, NEED)
    async with store.read() as uow:
        requests = [each.id for each in await uow.requests.unfinished()]
    asked = [brokering.ask(network.services, DAN, each, [carol], note="", then_next=False) for each in requests]
    ended = await asyncio.gather(*asked, return_exceptions=True)
    assert went_through(ended) == 1
    assert [type(each) for each in ended].count(CannotBeAsked) == 1
    await network.sends()
    assert len(network.courier.to("carol")) == 1


async def test_two_who_name_the_same_people_in_another_order_do_not_wait_for_each_other(store: Store) -> None:
    network = await Network.make(store=store)
    people = [await network.joins(who) for who in (CAROL, ERIN)]
    await network.asks_for(ALICE, NEED)
    await network.asks_for(BOB, NEED)
    async with store.read() as uow:
        requests = [each.id for each in await uow.requests.unfinished()]
    ask = partial(brokering.ask, network.services, DAN, note="", then_next=True)
    orders = (people, people[::-1])
    asked = [ask(each, order) for each, order in zip(requests, orders, strict=True)]
    ended = await asyncio.gather(*asked, return_exceptions=True)
    # The second finds the first of theirs, or whoever would be next, asked already.
    assert went_through(ended) == 1
    assert not any(isinstance(each, Busy) for each in ended)


async def test_whoever_pauses_while_they_are_asked_is_not_asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    network = await Network.make(store=store)
    carol = await network.joins(CAROL)
    await network.asks_for(ALICE, NEED)
    async with store.read() as uow:
        (journey,) = await uow.requests.unfinished()
    pause: Act = lambda: members.rest(network.services, CAROL, pause=True)  # noqa: E731
    others = meanwhile(monkeypatch, (SqlRequests, FakeRequests), "asked_since", pause)
    await brokering.ask(network.services, DAN, journey.id, [carol], note="", then_next=False)
    await asyncio.gather(*others)
    await network.sends()
    async with store.read() as uow:
        (journey,) = await uow.requests.unfinished()
    assert journey.open_ask is None


async def test_a_code_that_is_typed_on_two_accounts_at_once_links_one(store: Store) -> None:
    network = await Network.make(store=store)
    async with store.begin() as uow:
        await uow.members.resolve(ERIN, NOW)
        await uow.commit()
    words = await linking.begin(network.services, CAROL)
    ended = await asyncio.gather(
        *(linking.link(network.services, who, words) for who in (ERIN, ALICE)), return_exceptions=True
    )
    assert went_through(ended) == 1
    assert [type(each) for each in ended].count(linking.WrongLink) == 1
    async with store.read() as uow:
        owners = [await uow.members.find(who) for who in (CAROL, ERIN, ALICE)]
    assert len({owner.id for owner in owners if owner}) == 2


async def test_two_who_link_each_other_at_once_become_one_all_the_same(store: Store) -> None:
    network = await Network.make(store=store)
    of_carol, of_alice = [await linking.begin(network.services, who) for who in (CAROL, ALICE)]
    both = [
        linking.link(network.services, ALICE, of_carol),
        linking.link(network.services, CAROL, of_alice),
    ]
    assert went_through(await asyncio.gather(*both, return_exceptions=True)) == 1
    async with store.read() as uow:
        owners = [await uow.members.find(who) for who in (CAROL, ALICE)]
    assert len({owner.id for owner in owners if owner}) == 1


async def test_an_invitation_that_two_use_at_once_lets_one_join(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    network = await Network.make(store=store)
    async with store.begin() as uow:
        words = (await joining.invite(uow, network.services, DAN, None)).words
        await uow.commit()
    bobs: Act = lambda: joining.accept(network.services, BOB, words)  # noqa: E731
    others = meanwhile(monkeypatch, (SqlCodes, FakeCodes), "use", bobs)
    first = await asyncio.gather(joining.accept(network.services, ALICE, words), return_exceptions=True)
    ended = [*first, *await asyncio.gather(*others, return_exceptions=True)]
    assert went_through(ended) == 1
    assert [type(each) for each in ended].count(joining.WrongCode) == 1


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
