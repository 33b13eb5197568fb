"""Introductions go the same way on every store, and once, whoever is at it at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from bot.introductions import answering, brokering, upkeep
from bot.introductions.model import AskState, Journey, RequestState
from bot.ports import Grant, Role, Store
from digests.errors import ConvenorError
from tests.builders import NOW
from tests.fakes.network import ALICE, CAROL, DAN, Network, words_of
from tests.unit.test_introductions_journey import ERIN, NEED, card, coordinator_asks, days_pass, press


async def a_network(store: Store) -> Network:
    """As in the tests of the journey, on any store."""
    network = await Network.make(store=store)
    await network.joins(CAROL, organisation="Patients Trust")
    await network.joins(ERIN, organisation="Example Council", can_help="I know a little about opt-outs.", topics=())
    return network


async def the_journey(network: Network) -> Journey:
    async with network.store.read() as uow:
        alice = await uow.members.find(ALICE)
        assert alice is not None
        journeys: Sequence[Journey] = await uow.requests.of_requester(alice.id)
    (journey,) = journeys
    return journey


async def test_the_whole_journey_with_a_no_a_yes_and_an_answer_two_weeks_later(store: Store) -> None:
    network = await a_network(store)
    await network.asks_for(ALICE, NEED, organisation="Example Charity", needed_by="14 Feb", prefer="Patients Trust")
    opened = (await network.press(DAN, press(card(network), "Ask…", "Carol"))).form
    assert opened is not None
    second = next(option.value for option in opened.fields[0].options if option.label.startswith("Erin"))
    await network.send(DAN, opened, second=second)
    await days_pass(network, 4)
    assert len(network.courier.to("carol")) == 2
    no = await network.press(CAROL, press(network.courier.to("carol")[0], "No"))
    await network.send(CAROL, no.form, reason="“No” time")
    await network.press(ERIN, press(network.courier.to("erin")[0], "Yes"))
    assert words_of(network.courier.to("alice,erin")[0]).startswith("Alice, meet Erin\n")
    await days_pass(network, 14)
    await network.press(ALICE, press(network.courier.to("alice")[0], "Yes, we met"))
    await network.press(ERIN, press(network.courier.to("erin")[-1], "Not yet"))
    journey = await the_journey(network)
    assert journey.request.state is RequestState.FINISHED
    assert [ask.state for ask in journey.asks] == [AskState.NO, AskState.YES]
    assert journey.asks[0].reason == "“No” time"
    assert journey.introduction is not None
    assert journey.introduction.sent_at == NOW + timedelta(days=4)
    assert journey.request.closed_at == network.clock.now()


async def test_two_clocks_and_two_coordinators_at_once_do_everything_once(store: Store) -> None:
    network = await a_network(store)
    async with store.begin() as uow:
        for who in (DAN, ERIN):
            member = await uow.members.resolve(who, NOW)
            await uow.roles.grant(Grant(member, Role.COORDINATOR, "settings", NOW))
        await uow.commit()
    await network.asks_for(ALICE, NEED)
    journey = await the_journey(network)
    carol = journey.request.suggested[0].member_id
    both = [
        brokering.ask(network.services, who, journey.id, [carol], note=f"From {who.name}", then_next=False)
        for who in (DAN, ERIN)
    ]
    ended = await asyncio.gather(*both, return_exceptions=True)
    assert [isinstance(each, ConvenorError) for each in ended].count(True) == 1
    await network.sends()
    assert len(network.courier.to("carol")) == 1
    network.clock.advance(days=4)
    assert sum(await asyncio.gather(*(upkeep.tick(network.services) for _ in range(3)))) == 1
    await network.sends()
    assert len(network.courier.to("carol")) == 2
    ask = (await the_journey(network)).asks[0]
    answers = [answering.answer(network.services, CAROL, ask.id, said) for said in (AskState.YES, AskState.NO)]
    ended = await asyncio.gather(*answers, return_exceptions=True)
    assert [isinstance(each, ConvenorError) for each in ended].count(True) == 1
    await network.sends()
    settled = (await the_journey(network)).asks[0]
    assert len(network.courier.to("alice,carol")) == (1 if settled.state is AskState.YES else 0)


async def test_a_request_without_an_introduction_ends_on_its_date(store: Store) -> None:
    network = await a_network(store)
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    await days_pass(network, 27)
    (answer,) = network.courier.to("alice")
    assert answer.summary == "There is no introduction this time."
    assert (await the_journey(network)).request.state is RequestState.ANSWERED
