"""What those who are introduced and those who coordinate may rely on: no more is shared or known than was said."""

from __future__ import annotations

import pytest

from bot.members.consent import ConsentPurpose
from bot.members.profile import Contact
from bot.messages import Button
from bot.ports import Grant, Role
from bot.privacy import notice
from tests.fakes.network import ALICE, BOB, CAROL, DAN, said, words_of
from tests.unit.test_introductions_journey import ERIN, NEED, a_network, card, coordinator_asks, press, to


async def test_a_coordinator_does_not_read_in_the_log_what_becomes_of_their_own_request() -> None:
    network = await a_network()
    async with network.store.begin() as uow:
        bob = await uow.members.resolve(BOB, network.clock.now())
        await uow.roles.grant(Grant(bob, Role.COORDINATOR, "settings", network.clock.now()))
        await uow.commit()
    for _ in range(10):
        await network.say(BOB, "/convenor roles add @alice editor", mentions={"@alice": ALICE})
        await network.say(BOB, "/convenor roles remove @alice editor", mentions={"@alice": ALICE})
    await network.asks_for(DAN, NEED)
    cards = [words for words in to(network, "bob") if words.startswith("Request for an intro")]
    assert len(cards) == 1
    opened = await network.press(BOB, press(network.courier.to("bob")[0], "Ask…", "Carol"))
    await network.send(BOB, opened.form)
    log = {who.user: said(await network.say(who, "/convenor audit")) for who in (BOB, DAN)}
    assert "asked about a request" in log["bob"]
    assert "request" not in log["dan"]
    # Nor does a shorter page tell that there is something.
    assert log["dan"].count("\nBob ") == log["bob"].count("\nBob ") == 15


async def test_a_yes_shares_what_the_question_said_and_is_asked_for_anew_where_that_has_changed() -> None:
    network = await a_network()
    await network.joins(CAROL, organisation="Patients Trust", email="old@example.org", contacts=(Contact.EMAIL,))
    await network.asks_for(ALICE, NEED, email="alice@example.org")
    await coordinator_asks(network)
    question = network.courier.to("carol")[0]
    assert "old@example.org" in words_of(question)
    await network.joins(CAROL, organisation="Patients Trust", email="new@example.org", contacts=(Contact.EMAIL,))
    told = said(await network.press(CAROL, press(question, "Yes")))
    assert told.startswith(
        "What a yes would share is not what the question said when you were asked: something in your profile or around "
        "it has changed since. Nothing was agreed yet. The question now says what it would share; please look at it, "
        "and press Yes again if that is right."
    )
    assert (len(network.mail.posted), len(to(network, "alice"))) == (0, 0)
    (anew,) = network.courier.to("carol")
    assert "new@example.org" in words_of(anew)
    assert "old@example.org" not in words_of(anew)
    await network.press(CAROL, press(anew, "Yes"))
    async with network.store.read() as uow:
        member = await uow.members.find(CAROL)
        assert member is not None
        (consent,) = [each for each in await uow.consents.of(member.id) if each.purpose is ConsentPurpose.INTRODUCTION]
    assert "new@example.org" in consent.text


@pytest.mark.parametrize("why", ["no coordinator any more", "to be erased"])
async def test_a_coordinator_who_has_gone_is_in_no_conversation(why: str) -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network, joins="join")
    (question,) = network.courier.to("carol")
    assert "Dan" in words_of(question)
    if why == "to be erased":
        await network.press(DAN, Button("", notice.ERASE))
    else:
        async with network.store.begin() as uow:
            dan = await uow.members.resolve(DAN, network.clock.now())
            await uow.roles.revoke(dan.id, Role.COORDINATOR)
            await uow.commit()
    await network.press(CAROL, press(question, "Yes"))
    (anew,) = network.courier.to("carol")
    assert "Dan" not in words_of(anew)
    await network.press(CAROL, press(anew, "Yes"))
    assert [line.address.users for line in network.courier.posted if len(line.address.users) > 1] == [
        ("alice", "carol")
    ]


async def test_whoever_leaves_the_field_of_their_organisation_empty_is_avoided_all_the_same() -> None:
    network = await a_network()
    await network.joins(CAROL, organisation="Patients Trust", avoid=("Evil Corp",))
    await network.joins(ERIN, organisation="Example Council", avoid=("alice",))
    await network.joins(ALICE, organisation="Evil Corp")
    await network.asks_for(ALICE, NEED, organisation="")
    assert "No good match: " in words_of(card(network))
    assert "Carol" not in words_of(card(network))
