"""Cards say what is so now wherever they were ever sent, and nothing where nobody may look at them any more."""

from __future__ import annotations

import pytest

from bot import schedule
from bot.introductions.texts import requester
from bot.members import cards, linking
from bot.members import service as members
from bot.members.consent import PROFILE, Consent, ConsentPurpose
from bot.messages import Button, Identity
from bot.ports import TransportError
from bot.privacy import complaint_texts, service
from tests.builders import a_profile
from tests.fakes.network import ALICE, BOB, CAROL, DAN, PLATFORM, WORKSPACE, Network, words_of
from tests.unit.test_introductions_journey import NEED, a_network, card, coordinator_asks, days_pass, press

EVE = Identity(PLATFORM, WORKSPACE, "eve", "Eve Example")
NOT_HERE = (
    "This request is no longer shown here. If there is anything left to do, the coordinators see to it elsewhere."
)
JOINING_ELSEWHERE = (
    "A request to join the directory\n"
    "It is no longer shown here. If it still waits, the coordinators decide about it elsewhere."
)
STUCK_ELSEWHERE = "This is no longer shown here. “/convenor stuck” shows whoever decides about it what still waits."


def shown_to(network: Network, user: str) -> str:
    return "\n\n".join(words_of(message) for message in network.courier.to(user))


def shown_in(network: Network, where: str = "coordinators") -> str:
    return "\n\n".join(words_of(message) for message in network.courier.in_channel(where))


async def role(network: Network, how: str, who: Identity, what: str = "coordinator") -> None:
    await network.say(BOB, f"/convenor roles {how} @them {what}", mentions={"@them": who})


async def asks_to_join(network: Network) -> None:
    """Eve asks to join the directory."""
    async with network.store.begin() as uow:
        member = await uow.members.resolve(EVE, network.clock.now())
        profile = a_profile(member.id, name=EVE.name, revision=1)
        await uow.applications.put(profile, network.clock.now())
        yes = Consent("yes", member.id, ConsentPurpose.DIRECTORY, PROFILE, "the words", 1, network.clock.now())
        await uow.consents.record(yes)
        await cards.announce(uow, network.services, profile, network.clock.now())
        await uow.commit()
    await network.sends()


async def is_erased(network: Network, who: Identity) -> None:
    await service.ask_erasure(network.services, who)
    await network.sends()
    network.clock.advance(days=15)
    await schedule.privacy_tick(network.services)
    await network.sends()


async def with_a_stuck_question() -> Network:
    """Dan, who coordinates in private, asked Carol for Alice, and nothing can be written to her."""
    network = await Network.make(bound=False)
    await network.joins(CAROL)
    await network.asks_for(ALICE, NEED)
    opened = await network.press(DAN, press(network.courier.to("dan")[0], "Ask…", "Carol"))
    network.courier.fails(TransportError("x", "They cannot be written to.", permanent=True), user="carol")
    await network.send(DAN, opened.form)
    return network


async def complains(network: Network) -> str:
    await network.submit(ALICE, complaint_texts.FORM, words="My request was shown to somebody else.")
    async with network.store.read() as uow:
        (complaint,) = await uow.rights.complaints()
    return str(complaint.reference)


async def test_a_request_goes_from_direct_messages_to_the_channel_that_coordinators_have_now() -> None:
    network = await Network.make(bound=False)
    await network.joins(CAROL, organisation="Patients Trust")
    await network.asks_for(ALICE, NEED, organisation="Example Charity")
    assert NEED in shown_to(network, "dan")
    await network.say(BOB, "/convenor here coordinators", "coordinators")
    assert shown_to(network, "dan") == NOT_HERE
    async with network.store.read() as uow:
        (journey,) = await uow.requests.unfinished()
    await network.press(ALICE, Button("", requester.WITHDRAW, journey.id))
    assert "Alice has taken this request back" in shown_in(network)
    assert shown_to(network, "dan") == NOT_HERE
    await days_pass(network, 91)
    assert shown_in(network).endswith("so its words were deleted.")
    assert NEED not in shown_to(network, "dan")


async def test_a_channel_that_is_the_coordinators_no_longer_keeps_nothing_and_each_is_shown_what_waits() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await asks_to_join(network)
    reference = await complains(network)
    await network.say(BOB, "/convenor here nothing", "coordinators")
    gone = f"Complaint {reference} about personal data\nIt is no longer shown here. If it still waits, the coordinators"
    assert shown_in(network) == f"{NOT_HERE}\n\n{JOINING_ELSEWHERE}\n\n{gone} answer it elsewhere."
    assert NEED in shown_to(network, "dan")
    assert "Eve Example" in shown_to(network, "dan")
    await network.say(BOB, "/convenor here coordinators", "coordinators")
    await schedule.privacy_tick(network.services)
    await network.sends()
    assert NEED in shown_in(network)
    assert "Eve Example" in shown_in(network)
    assert "<Read it> <Answer …>" in shown_in(network)
    assert NEED not in shown_to(network, "dan")
    assert "Eve Example" not in shown_to(network, "dan")


async def test_whoever_loses_the_role_has_no_words_of_others_left_and_has_them_again_with_the_role() -> None:
    network = await Network.make(bound=False)
    await network.joins(CAROL)
    await network.asks_for(ALICE, "someone who knows about procurement")
    async with network.store.read() as uow:
        (over,) = await uow.requests.unfinished()
    await network.press(ALICE, Button("", requester.WITHDRAW, over.id))
    await network.asks_for(ALICE, NEED)
    await asks_to_join(network)
    await complains(network)
    assert "procurement" in shown_to(network, "dan")
    await role(network, "remove", DAN)
    words = shown_to(network, "dan")
    for private in (NEED, "procurement", "Eve Example", "Carol", "<"):
        assert private not in words
    await role(network, "add", DAN)
    await schedule.privacy_tick(network.services)
    await network.sends()
    words = shown_to(network, "dan")
    assert NEED in words
    assert "Eve Example" in words
    assert "<Read it> <Answer …>" in words
    assert "procurement" not in words


@pytest.mark.parametrize("answer", ["Let them in", "Not this time"])
async def test_what_becomes_of_a_request_to_join_is_told_where_coordinators_are_now(answer: str) -> None:
    network = await Network.make(bound=False)
    await asks_to_join(network)
    await network.say(BOB, "/convenor here coordinators", "coordinators")
    assert shown_to(network, "dan") == JOINING_ELSEWHERE
    await network.press(DAN, press(network.courier.in_channel("coordinators")[0], answer))
    assert "(decided)" in shown_in(network)
    assert shown_to(network, "dan") == JOINING_ELSEWHERE


async def test_a_complaint_that_is_answered_is_closed_on_every_card() -> None:
    network = await Network.make(bound=False)
    reference = await complains(network)
    assert "<Read it> <Answer …>" in shown_to(network, "dan")
    await network.say(BOB, "/convenor here coordinators", "coordinators")
    await schedule.privacy_tick(network.services)
    await network.sends()
    assert "<Read it> <Answer …>" in shown_in(network)
    assert "<" not in shown_to(network, "dan")
    await network.submit(DAN, complaint_texts.ANSWER_FORM, reference, reply="We are sorry, and have put it right.")
    assert "Dan answered it" in shown_in(network)
    assert "<" not in shown_to(network, "dan")


IN_PRIVATE = "This request is looked after by coordinators in private, as it is a coordinator’s own."


async def was_declined(network: Network) -> None:
    """Alice asks, and Carol says no: a card in the channel, and a note in its thread that names her."""
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    opened = await network.press(CAROL, press(network.courier.to("carol")[0], "No"))
    await network.send(CAROL, opened.form, reason="")
    assert "Carol (Patients Trust) said no, and nobody is being asked now." in shown_in(network)


@pytest.mark.parametrize("is_over", [False, True])
async def test_a_requester_who_becomes_a_coordinator_does_not_read_who_declined(is_over: bool) -> None:
    network = await a_network()
    await was_declined(network)
    if is_over:
        await days_pass(network, 30)
    await role(network, "add", ALICE)
    assert shown_in(network) == f"{IN_PRIVATE}\n\n{IN_PRIVATE}"
    assert shown_to(network, "alice").count("Carol") == 0
    assert (NEED in shown_to(network, "dan")) is not is_over


async def test_nor_does_a_coordinator_who_turns_out_to_be_the_requester_by_another_account() -> None:
    network = await a_network()
    await was_declined(network)
    await role(network, "add", EVE)
    code = await linking.begin(network.services, ALICE)
    await linking.link(network.services, EVE, code)
    await network.sends()
    assert shown_in(network) == f"{IN_PRIVATE}\n\n{IN_PRIVATE}"
    assert NEED in shown_to(network, "dan")


async def test_a_thread_in_direct_messages_goes_with_its_card() -> None:
    network = await Network.make(bound=False)
    await network.joins(CAROL, organisation="Patients Trust")
    await network.asks_for(ALICE, NEED)
    opened = await network.press(DAN, press(network.courier.to("dan")[0], "Ask…", "Carol"))
    await network.send(DAN, opened.form)
    opened = await network.press(CAROL, press(network.courier.to("carol")[0], "No"))
    await network.send(CAROL, opened.form, reason="")
    assert "Carol (Patients Trust) said no, and nobody is being asked now." in shown_to(network, "dan")
    await role(network, "remove", DAN)
    assert shown_to(network, "dan") == f"{NOT_HERE}\n\n{NOT_HERE}"


async def test_what_is_decided_about_a_stuck_message_is_on_every_card_about_it() -> None:
    network = await with_a_stuck_question()
    (stuck,) = [m for m in network.courier.to("dan") if "could not be posted" in m.summary]
    await network.say(BOB, "/convenor here coordinators", "coordinators")
    await network.press(DAN, press(stuck, "Try again"))
    assert words_of(network.courier.to("dan")[-1]) == STUCK_ELSEWHERE


async def test_a_card_about_a_stuck_message_tells_nothing_to_who_is_not_to_decide_any_more() -> None:
    network = await with_a_stuck_question()
    assert "the direct messages of Carol" in shown_to(network, "dan")
    await role(network, "remove", DAN)
    assert words_of(network.courier.to("dan")[-1]) == STUCK_ELSEWHERE


async def test_an_erased_requester_is_on_no_card_and_in_no_question() -> None:
    network = await Network.make(bound=False)
    await network.joins(CAROL)
    await network.asks_for(ALICE, NEED)
    opened = await network.press(DAN, press(network.courier.to("dan")[0], "Ask…", "Carol"))
    await network.send(DAN, opened.form)
    await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
    await network.say(BOB, "/convenor here coordinators", "coordinators")
    for seen in (shown_in(network), shown_to(network, "carol")):
        assert "Alice" in seen
    await is_erased(network, ALICE)
    for seen in (shown_in(network), shown_to(network, "dan"), shown_to(network, "carol")):
        assert "Alice" not in seen
        assert NEED not in seen
    assert "Whoever asked has left and was erased, so its words were deleted." in shown_in(network)
    assert shown_to(network, "carol").endswith("There is nothing for you to do.")


async def test_an_erased_candidate_is_on_no_card_and_in_no_thread_and_the_others_words_stay() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    opened = await network.press(CAROL, press(network.courier.to("carol")[0], "No"))
    await network.send(CAROL, opened.form, reason="I am away with the Women’s Institute.")
    assert shown_in(network).count("Carol") > 1
    await is_erased(network, CAROL)
    assert "Carol" not in shown_in(network)
    assert "Institute" not in shown_in(network)
    assert NEED in words_of(card(network))
    assert "This was about somebody who has left and was erased." in shown_in(network)


async def test_nothing_says_who_asked_to_join_once_they_are_erased() -> None:
    network = await Network.make(bound=False)
    await asks_to_join(network)
    await network.say(BOB, "/convenor here coordinators", "coordinators")
    await members.leave(network.services, EVE)
    await is_erased(network, EVE)
    assert "Eve" not in shown_in(network) + shown_to(network, "dan")


async def test_nothing_says_who_was_let_in_or_who_decided_or_answered_once_they_are_erased() -> None:
    network = await Network.make()
    await role(network, "add", CAROL)
    await asks_to_join(network)
    await network.press(DAN, press(network.courier.in_channel("coordinators")[0], "Let them in"))
    reference = await complains(network)
    await network.submit(DAN, complaint_texts.ANSWER_FORM, reference, reply="We are sorry, and have put it right.")
    assert "Eve Example is in the directory: Dan" in shown_in(network)
    await is_erased(network, DAN)
    assert "Dan" not in shown_in(network)
    assert "A coordinator answered it" in shown_in(network)
    await is_erased(network, EVE)
    assert "Eve" not in shown_in(network)


async def test_the_card_of_somebody_else_who_is_called_alike_waits_all_the_same() -> None:
    network = await Network.make()
    dan_too = Identity(PLATFORM, WORKSPACE, "dan2", "Dan")
    async with network.store.begin() as uow:
        await uow.members.resolve(dan_too, network.clock.now())
        member = await uow.members.resolve(EVE, network.clock.now())
        profile = a_profile(member.id, name="Dan", revision=1)
        await uow.applications.put(profile, network.clock.now())
        await cards.announce(uow, network.services, profile, network.clock.now())
        await uow.commit()
    await network.sends()
    await is_erased(network, dan_too)
    assert "<Let them in>" in shown_in(network)
