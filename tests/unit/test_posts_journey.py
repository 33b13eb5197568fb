"""What could not be posted: who is told, what they may decide, and what comes of it, in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import posts
from bot.messages import Button, Identity, say, to_json
from bot.ports import Binding, Purpose, Role, TransportError
from bot.post_messages import Post, card
from digests.model import Address, Delivery, DeliveryState, Edition, EditionState
from tests.builders import NOW, a_tagged_item
from tests.fakes.courier import LINK
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, buttons_of, channel, said, words_of

NAME = "Data Policy Digest 1, Friday 24 January 2025"
LOST = TransportError("digest", "The connection was lost.", ambiguous=True)
ARCHIVED = TransportError("digest", "Channel digest is archived. Unarchive it, then send again.", permanent=True)


async def going_out(count: int = 3, trouble: TransportError | None = LOST, *, arrives: bool = True) -> Network:
    """An edition was approved for #digest and #news, and its first message to #digest came to grief."""
    network = await Network.make()
    async with network.store.begin() as uow:
        await uow.channels.bind(Binding(channel("news"), Purpose.DIGEST, "settings", NOW))
        await uow.commit()
    await network.has_a_draft(count)
    approve = network.button("Approve", "editors")
    if trouble is not None:
        network.courier.fails(trouble, after_posting=arrives and trouble.ambiguous, channel="digest")
    await network.press(BOB, approve)
    await network.press(CAROL, approve)
    return network


async def the_edition(network: Network) -> Edition:
    async with network.store.read() as uow:
        edition: Edition | None = await uow.editions.get("2025-01-24")
    assert edition is not None
    return edition


async def parts_in(network: Network, where: str) -> list[Delivery]:
    async with network.store.read() as uow:
        rows = await uow.deliveries.of_edition("2025-01-24")
    return [row for row in rows if row.purpose == "edition" and row.address.channel == where]


def headline(network: Network) -> str:
    return words_of(network.courier.in_channel("editors")[0])


def card_button(network: Network, who: Identity, label: str) -> Button:
    return next(
        button
        for message in network.courier.to(who.user)
        for button in buttons_of(message, "")
        if button.label == label
    )


async def test_a_lost_reply_is_shown_in_the_draft_with_its_channel_and_the_two_choices() -> None:
    network = await going_out()
    assert headline(network).endswith(
        "#digest: waits for a decision; see below.\n"
        "#news: posted (1 message).\n"
        f"“{NAME}” may or may not have arrived in #digest. [The connection was lost.]\n"
        "<Correct…> <Withdraw>"
    )
    (card,) = (message for message in network.courier.in_channel("editors") if "Did this arrive?" in words_of(message))
    assert words_of(card) == (
        "Did this arrive?\n"
        f"“{NAME}” may or may not have arrived in #digest.\n"
        "The connection was lost.\n"
        "Please look there. If it is there, press “It is there” and paste its link; if it is not, press “Send again”. "
        "What was to follow it there waits for your answer; other channels do not.\n"
        "<It is there> <Send again>"
    )
    assert network.courier.to("dan") == [], "coordinators have nothing to do with the digest"


async def test_a_message_that_is_there_is_pointed_out_by_its_link_and_is_then_known() -> None:
    network = await going_out()
    button = network.button("It is there", "editors")
    form = (await network.press(BOB, button)).form
    assert form is not None
    assert form.title == "It is there"
    assert form.value == button.value
    ref = next(line.ref for line in network.courier.posted if line.address.channel == "digest")
    reply = await network.submit(BOB, form.name, form.value, link=f"{LINK}digest/{ref}")
    assert said(reply) == f"Thank you. “{NAME}” counts as posted in #digest, and what follows goes on."
    assert len(network.courier.in_channel("digest")) == 1
    (row,) = await parts_in(network, "digest")
    assert (row.state, row.message_ref, row.sent_version) == (DeliveryState.SENT, ref, 1)
    assert headline(network).endswith("#digest: posted (1 message).\n#news: posted (1 message).\n<Correct…> <Withdraw>")
    settled = network.courier.in_channel("editors")[-1]
    assert words_of(settled) == (f"Settled\n“{NAME}” in #digest.\nBob: it is there (Thursday 23 January 2025, 10:01).")


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("the second one", "That is not the link of a message in that channel."),
        (f"{LINK}news/{{other}}", "That is not the link of a message in that channel."),
        (
            f"{LINK}digest/9/8",
            "That message stands in a thread, and this one does not. Please copy the link of the message itself.",
        ),
    ],
)
async def test_a_link_that_cannot_be_it_keeps_the_form_open(link: str, sentence: str) -> None:
    network = await going_out()
    value = network.button("It is there", "editors").value
    reply = await network.submit(BOB, "post.link", value, link=link)
    assert reply.errors == {"link": sentence}
    (row,) = await parts_in(network, "digest")
    assert row.state is DeliveryState.UNKNOWN


async def test_a_link_to_somebody_elses_message_is_found_out_and_the_question_comes_back() -> None:
    network = await going_out(arrives=False)
    await network.submit(BOB, "post.link", network.button("It is there", "editors").value, link=f"{LINK}digest/777")
    (row,) = await parts_in(network, "digest")
    assert (row.state, row.message_ref) == (DeliveryState.UNKNOWN, "")
    assert "There is no message of Convenor’s at the link that was given." in headline(network)
    await network.press(BOB, network.button("Send again", "editors"))
    assert len(network.courier.in_channel("digest")) == 1


async def test_sending_again_asks_first_and_counts_as_having_reached_readers() -> None:
    network = await going_out(arrives=False)
    button = network.button("Send again", "editors")
    assert button.confirm == "Send it again? If it did arrive, it then stands there twice. Please look first."
    reply = await network.press(CAROL, button)
    assert said(reply) == f"“{NAME}” is sent again to #digest."
    assert len(network.courier.in_channel("digest")) == 1
    assert (await the_edition(network)).state is EditionState.PUBLISHED


async def test_of_two_decisions_the_first_counts_and_the_second_is_answered() -> None:
    network = await going_out()
    again = network.button("Send again", "editors")
    await network.press(BOB, again)
    posted = len(network.courier.posted)
    assert said(await network.press(CAROL, again)).startswith(
        "Somebody has decided about this already, or it has moved on by itself. Nothing was done. "
        "“/convenor stuck” shows what still waits."
    )
    assert len(network.courier.posted) == posted


async def test_only_editors_decide_about_the_digest() -> None:
    network = await going_out()
    again = network.button("Send again", "editors")
    for who, words in ((ALICE, "That is for a coordinator or an editor"), (DAN, "That is for an editor")):
        assert said(await network.press(who, again)).startswith(words)
    assert said(await network.press(DAN, network.button("It is there", "editors"))).startswith("That is for an editor")
    assert len(network.courier.in_channel("digest")) == 1


async def test_a_thread_waits_for_its_headline_and_goes_on_in_order_after_the_answer() -> None:
    network = await going_out(60, arrives=False)
    assert network.courier.in_channel("digest") == []
    assert len(network.courier.in_channel("news")) > 2
    await network.press(BOB, network.button("Send again", "editors"))
    there = [line for line in network.courier.posted if line.address.channel == "digest"]
    assert [line.message for line in there] == network.courier.in_channel("news")
    assert {line.thread_ref for line in there[1:]} == {there[0].ref}


async def test_a_part_that_is_lost_is_one_question_and_the_rest_waits_behind_it() -> None:
    network = await Network.make()
    await network.has_a_draft(60)
    approve = network.button("Approve", "editors")
    await network.press(BOB, approve)
    calls = 0
    post = network.courier.post

    async def lose_the_second(*args: object, **more: object) -> str:
        nonlocal calls
        calls += args[0] == channel("digest")
        if args[0] == channel("digest") and calls == 2:
            raise LOST
        return await post(*args, **more)  # type: ignore[arg-type]

    network.courier.post = lose_the_second  # type: ignore[method-assign]
    await network.press(CAROL, approve)
    assert len(network.courier.in_channel("digest")) == 1
    states = [row.state for row in await parts_in(network, "digest")]
    assert states[:2] == [DeliveryState.SENT, DeliveryState.UNKNOWN]
    assert set(states[2:]) == {DeliveryState.PENDING}
    assert f"“News”, in the thread of “{NAME}”, may or may not have arrived in #digest." in headline(network)
    head = network.courier.in_channel("digest")[0]
    ref = next(line.ref for line in network.courier.posted if line.message == head)
    value = network.button("It is there", "editors").value
    known = await network.submit(BOB, "post.link", value, link=f"{LINK}digest/{ref}")
    assert known.errors["link"] == (
        f"That is the link of another message of mine, “{NAME}”. Nothing was done; "
        "please copy the link of the right one."
    )
    elsewhere = await network.submit(BOB, "post.link", value, link=f"{LINK}digest/99/98")
    assert elsewhere.errors["link"] == (
        f"That message is in another thread. Please copy the link of the one in the thread of “{NAME}”."
    )
    await network.press(BOB, network.button("Send again", "editors"))
    assert {row.state for row in await parts_in(network, "digest")} == {DeliveryState.SENT}


async def test_a_channel_that_refuses_parks_its_own_post_and_nobody_elses() -> None:
    network = await going_out(trouble=ARCHIVED)
    assert len(network.courier.in_channel("news")) == 1
    settled = network.courier.in_channel("editors")[-1]
    assert words_of(settled) == (
        "This could not be posted\n"
        f"“{NAME}” could not be posted in #digest.\n"
        "Channel digest is archived. Unarchive it, then send again.\n"
        "Once that is put right, press “Try again”. “Leave it” gives it up. "
        "What was to follow it there waits for your answer; other channels do not.\n"
        "<Try again> <Leave it>"
    )
    reply = await network.press(BOB, network.button("Try again", "editors"))
    assert said(reply) == f"“{NAME}” is tried again in #digest."
    assert len(network.courier.in_channel("digest")) == 1


async def test_what_is_tried_again_in_vain_is_asked_about_again() -> None:
    network = await going_out(trouble=ARCHIVED)
    first = network.button("Try again", "editors")
    network.courier.fails(ARCHIVED, channel="digest")
    await network.press(BOB, first)
    second = network.button("Try again", "editors")
    assert second.value != first.value
    assert said(await network.press(BOB, first)).startswith("Somebody has decided about this already")
    await network.press(BOB, second)
    assert len(network.courier.in_channel("digest")) == 1


async def test_what_is_given_up_takes_its_thread_along_and_is_told() -> None:
    network = await going_out(60, trouble=ARCHIVED)
    reply = await network.press(BOB, network.button("Leave it", "editors"))
    assert said(reply) == f"“{NAME}” is given up: it will not be posted in #digest."
    assert {row.state for row in await parts_in(network, "digest")} == {DeliveryState.DROPPED}
    assert "#digest: given up; 4 of 4 messages not posted." in headline(network)
    assert network.courier.in_channel("digest") == []
    assert said(await network.say(BOB, "/convenor stuck")) == (
        "Everything has been posted, or is on its way. Nothing waits for a decision."
    )


async def test_editors_without_another_channel_are_told_one_by_one_that_theirs_is_gone() -> None:
    network = await Network.make()
    gone = TransportError("editors", "Channel editors is archived.", permanent=True)
    network.courier.fails(gone, channel="editors")
    now = network.clock.now()
    await network.receives(a_tagged_item(1, received_at=now, published_at=now))
    network.clock.advance(minutes=1)
    offer = (await network.say(BOB, "/digest draft")).messages[0]
    await network.press(BOB, buttons_of(offer)[0])
    for who in (BOB, CAROL):
        (card,) = network.courier.to(who.user)
        assert "could not be posted in #editors" in words_of(card)
    await network.press(CAROL, card_button(network, CAROL, "Try again"))
    assert len(network.courier.in_channel("editors")) > 1


async def test_everybody_sees_under_stuck_what_is_theirs_to_decide() -> None:
    network = await going_out()
    network.courier.fails(LOST, channel="coordinators")
    await network.asks_for(ALICE, "someone who knows about facial recognition")
    shown = {who.name: said(await network.say(who, "/convenor stuck")) for who in (BOB, DAN)}
    assert shown["Bob"] == (
        f"Waiting for a decision\n“{NAME}” may or may not have arrived in #digest. [The connection was lost.]"
    )
    assert shown["Dan"] == (
        "Waiting for a decision\n"
        "“Request for an introduction from Alice” may or may not have arrived in #coordinators. "
        "[The connection was lost.]"
    )
    assert said(await network.say(ALICE, "/convenor stuck")).startswith("That is for a coordinator or an editor")
    (card,) = network.courier.to("dan")
    assert "“Request for an introduction from Alice” may or may not" in words_of(card)
    assert [message for who in ("bob", "carol") for message in network.courier.to(who)] == []
    again = card_button(network, DAN, "Send again")
    assert said(await network.press(BOB, again)).startswith("That is for a coordinator")
    await network.press(DAN, again)
    assert len(network.courier.in_channel("coordinators")) == 1


async def test_a_sender_that_comes_back_after_all_settles_the_question() -> None:
    network = await going_out(trouble=None)
    async with network.store.begin() as uow:
        await uow.deliveries.add(
            [
                Delivery(
                    "source:x", "source", channel("digest"), to_json(say("How sources are doing")), network.clock.now()
                )
            ]
        )
        (claimed,) = await uow.deliveries.claim(network.clock.now(), network.clock.now())
        await uow.commit()
    await network.sends()
    assert "Did this arrive?" in words_of(network.courier.in_channel("editors")[-1])
    async with network.store.begin() as uow:
        assert await uow.deliveries.settle(claimed, DeliveryState.SENT, now=network.clock.now(), message_ref="5")
        row = await uow.deliveries.get("source:x")
        assert row is not None
        await posts.settled(network.services, uow, row, DeliveryState.UNKNOWN)
        await uow.commit()
    await network.sends()
    assert words_of(network.courier.in_channel("editors")[-1]).endswith("It arrived after all.")


@pytest.mark.parametrize(
    ("address", "asks_for_a_link"),
    [
        (Address("teams", "tenant-1", channel="19:editors"), True),
        (Address("teams", "tenant-1", user="aad-dan"), False),
        (Address("slack", "T01", user="U01DAN"), True),
        (Address("mail", "", user="list@example.org"), False),
    ],
)
def test_a_link_is_asked_for_only_where_one_can_tell_which_message_it_is(
    address: Address, asks_for_a_link: bool
) -> None:
    row = Delivery("stuck:1", posts.CARDS[Role.EDITOR], address, to_json(say("Did this arrive?")), NOW)
    shown = words_of(card(Post.of(replace(row, state=DeliveryState.UNKNOWN), person="Dan")))
    assert ("press “It is there” and paste its link" in shown) == asks_for_a_link
