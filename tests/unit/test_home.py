"""Everybody's home: what is next, what they follow and asked for, and what waits for them, in memory."""

from __future__ import annotations

from dataclasses import replace

from bot import editions, posts
from bot.handlers import home, topics
from bot.messages import Button, EntryLine, Identity, Message
from bot.ports import TransportError
from digests.model import Delivery, DeliveryState
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, buttons_of, said, words_of
from tests.unit.test_introductions_journey import coordinator_asks

FOLLOW = {"topic": "ai", "words": "", "without": "", "soon": "daily"}


async def home_of(network: Network, who: Identity) -> Message:
    (message,) = (await network.say(who, "/convenor home")).messages
    return message


def button(message: Message, label: str) -> Button:
    beside = [b for block in message.blocks if isinstance(block, EntryLine) for b in block.buttons]
    return next(b for b in (*buttons_of(message), *beside) if b.label == label)


async def test_a_new_member_sees_what_is_next_and_how_to_begin() -> None:
    network = await Network.make()
    assert words_of(await home_of(network, ALICE)) == (
        "Hello Alice\n"
        "The digest\n"
        "The next draft is due on Friday 24 January 2025, 09:00.\n"
        "What you follow\n"
        "Nothing yet. Follow a topic or words, and I tell you what is new.\n"
        "<Follow something>\n"
        "Your profile\n"
        "You are not in the directory. If you were, the coordinators could ask you, privately and not often, whether "
        "you would help somebody; you would say yes or no each time, and nobody would learn of a no.\n"
        "<Show my profile>\n"
        "Your requests for introductions\n"
        "You have asked for no introduction at present.\n"
        "Only you see this page. /convenor help shows everything I can do."
    )


async def test_home_shows_what_somebody_follows_and_asked_for_and_lets_them_take_it_back() -> None:
    network = await Network.make()
    for number in range(home.FOLLOWS_SHOWN + 2):
        await network.submit(ALICE, topics.FORM, **{**FOLLOW, "words": f"word{number}"})
    await network.asks_for(ALICE, "someone who knows about NHS data opt-outs")
    shown = await home_of(network, ALICE)
    assert "Artificial intelligence with “word4”\nand 2 more" in words_of(shown)
    assert "someone who knows about NHS data opt-outs" in words_of(shown)
    assert said(await network.press(ALICE, button(shown, "Change"))).startswith("What you follow")
    taken_back = await network.press(ALICE, button(shown, "Take it back"))
    assert said(taken_back) == "Your request is taken back, and the coordinators see that it is closed."
    assert "You have asked for no introduction at present." in words_of(await home_of(network, ALICE))


async def test_an_editor_sees_the_draft_that_waits_and_a_member_does_not() -> None:
    network = await Network.make()
    await network.has_a_draft()
    for_bob, for_alice = await home_of(network, BOB), await home_of(network, ALICE)
    assert "Data Policy Digest 1, of Friday 24 January 2025, is with the editors." in words_of(for_alice)
    assert "Waiting for you" not in words_of(for_alice)
    assert "Waiting for you\nData Policy Digest 1 waits for editing and approval." in words_of(for_bob)
    shown = await network.press(BOB, button(for_bob, "Show the draft"))
    assert said(shown).startswith("Draft: Data Policy Digest 1")
    assert said(await network.press(ALICE, button(for_bob, "Show the draft"))).startswith("That is for an editor")


async def test_a_coordinator_sees_how_many_wait_and_since_when_but_not_who() -> None:
    network = await Network.make()
    assert "Waiting for you\nNothing waits for you." in words_of(await home_of(network, DAN))
    await network.asks_for(ALICE, "someone who knows about NHS data opt-outs")
    shown = words_of(await home_of(network, DAN))
    assert (
        "1 request for an introduction, the oldest since Thursday 23 January 2025, 10:00: /intro queue shows them."
        in shown
    )
    assert "Alice" not in shown


async def test_what_is_stuck_is_counted_only_for_those_who_decide_about_it() -> None:
    network = await Network.make()
    await network.joins(CAROL)
    await network.asks_for(ALICE, "someone who knows about NHS data opt-outs")
    network.courier.fails(TransportError("x", "Nothing was sent.", permanent=True), user="carol")
    await coordinator_asks(network)
    assert "1 message stuck on the way: /convenor stuck shows them." in words_of(await home_of(network, DAN))
    for who in (ALICE, BOB):
        assert "stuck" not in words_of(await home_of(network, who))
        assert "1 message" not in said(await network.say(who, "/convenor stuck"))


async def test_the_health_that_anybody_can_ask_for_counts_nothing_that_is_between_people() -> None:
    network = await Network.make()
    await network.has_a_draft()
    await network.joins(CAROL)
    await network.asks_for(ALICE, "someone who knows about NHS data opt-outs")
    network.courier.fails(TransportError("x", "Nothing was sent.", permanent=True), user="carol")
    await coordinator_asks(network)
    async with network.store.begin() as uow:
        assert len(await uow.deliveries.in_state(DeliveryState.PARKED)) == 1
        assert await posts.in_numbers(uow) == {"deliveries_waiting": 0, "deliveries_stuck": 0}
        note = Delivery("note", editions.NOTICE, BOB.address, "{}", network.clock.now())
        await uow.deliveries.add([note, replace(note, key="ask", purpose="ask")])
        assert await posts.in_numbers(uow) == {"deliveries_waiting": 1, "deliveries_stuck": 0}
