"""An edition by mail: once, never a draft, and what may have arrived is for people to settle."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from bot import editions, mailing, posts
from bot.mailing import Mailed, NotToBeMailed, mail_edition
from bot.messages import Button
from bot.outbox import Outbox
from bot.ports import TransportError
from digests.editing import Edit
from digests.errors import NotFound
from digests.model import Delivery, DeliveryState, Edition, EditionState, content_hash
from tests.builders import NOW, a_revision
from tests.fakes import public
from tests.fakes.courier import FakeCourier
from tests.fakes.network import BOB, CAROL, Network, said, words_of

LIST = "list@lists.example.org"
KEY = f"mail:2025-01-17:{LIST}"


class Post:
    """The network with an archive, and a mail server."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.courier = FakeCourier()
        self.outbox = self.sender(self.courier)

    def sender(self, courier: FakeCourier | None) -> Outbox:
        services = self.network.services

        couriers = {"fake": self.network.courier, **({mailing.PLATFORM: courier} if courier else {})}
        return Outbox(services.store, couriers, services.clock, settled=partial(posts.settled, services))

    async def mails(self, number: int | None = None, to: str = LIST) -> Mailed:
        return await mail_edition(
            self.network.services, self.outbox, to, number, public_url="https://digest.example.org"
        )

    async def row(self) -> Delivery:
        async with self.network.store.read() as uow:
            row: Delivery | None = await uow.deliveries.get(KEY)
        assert row is not None
        return row


@pytest.fixture
async def post() -> Post:
    return Post(await public.a_network())


async def test_the_latest_edition_is_sent_whole_and_only_once(post: Post) -> None:
    mailed = await post.mails()
    assert mailed.sentence == f"Data Policy Digest 34 was sent to {LIST}."
    (letter,) = [line.message.letter for line in post.courier.posted]
    assert letter is not None
    assert letter.for_list == "Data Policy Digest"
    assert letter.text.startswith("Data Policy Digest\n")
    assert "https://digest.example.org/editions/34" in letter.html
    assert public.SECRET not in letter.text + letter.html
    post.network.clock.advance(hours=2)
    again = await post.mails(34, LIST)
    assert again.sentence == (
        f"Data Policy Digest 34 was sent to {LIST} already, on Thursday 23 January 2025, 10:00. Nothing was sent again."
    )
    await post.outbox.drain()
    assert len(post.courier.posted) == 1


async def test_capital_letters_are_no_other_list_and_another_list_is(post: Post) -> None:
    await post.mails(to="List@Lists.Example.org")
    await post.mails()
    await post.mails(to="other@lists.example.org")
    assert len(post.courier.posted) == 2


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (35, "Data Policy Digest 35 is a draft. Only an edition that editors have approved is sent. Nothing was sent."),
        (32, "Data Policy Digest 32 was withdrawn by its editors. Nothing was sent."),
    ],
)
async def test_what_readers_are_not_to_have_is_refused(number: int, sentence: str, post: Post) -> None:
    with pytest.raises(NotToBeMailed) as refused:
        await post.mails(number)
    assert refused.value.sentence == sentence
    assert post.courier.posted == []


@pytest.mark.parametrize("state", [EditionState.LAPSED, EditionState.SKIPPED, EditionState.MERGED])
async def test_an_edition_that_was_never_approved_is_refused(state: EditionState, post: Post) -> None:
    await move(post, EditionState.DRAFT, state)
    with pytest.raises(NotToBeMailed, match=r"was never approved\. Nothing was sent\."):
        await post.mails(35)


async def move(post: Post, *states: EditionState) -> Edition:
    edition = public.edition(public.DRAFT)
    async with post.network.store.begin() as uow:
        for expected, state in pairwise(states):
            assert await uow.editions.set_state(edition.id, expected, state)
        await uow.commit()
    return edition


async def test_an_edition_that_cools_off_is_refused_until_it_goes_out(post: Post) -> None:
    edition = await move(post, EditionState.DRAFT, EditionState.APPROVED)
    async with post.network.store.begin() as uow:
        await uow.editions.set_posting(edition.id, NOW + timedelta(minutes=20))
        await uow.commit()
    with pytest.raises(NotToBeMailed) as refused:
        await post.mails(35)
    assert refused.value.sentence == (
        "Data Policy Digest 35 is approved, but can be pulled back until Thursday 23 January 2025, 10:20, when it is "
        "posted. Nothing was sent; run this command again after that."
    )
    post.network.clock.advance(minutes=20)
    assert (await post.mails(35)).row.state is DeliveryState.SENT
    async with post.network.store.read() as uow:
        now = await uow.editions.get(edition.id)
    assert now is not None
    # Readers have it, so it can no longer be pulled back.
    assert now.state is EditionState.PUBLISHED


async def test_numbers_that_there_are_not_are_said_so(post: Post) -> None:
    with pytest.raises(NotFound, match="There is no edition with the number 99"):
        await post.mails(99)
    empty = Post(await Network.make())
    with pytest.raises(NotFound, match="No edition has been published yet"):
        await empty.mails()


async def test_a_number_that_two_had_means_the_one_that_readers_know(post: Post) -> None:
    lapsed = replace(public.edition(public.LATEST), id="2025-03-07", state=EditionState.LAPSED)
    async with post.network.store.begin() as uow:
        await uow.editions.add(lapsed, a_revision(lapsed))
        await uow.commit()
    assert (await post.mails(public.LATEST)).edition.id == "2025-01-17"


async def test_a_lost_reply_is_shown_to_editors_and_settled_by_one_of_them_without_a_link(post: Post) -> None:
    post.courier.fails(TransportError("x", "The reply was lost.", ambiguous=True), after_posting=True)
    mailed = await post.mails()
    assert mailed.row.state is DeliveryState.UNKNOWN
    assert mailed.sentence == (
        f"Data Policy Digest 34 may or may not have arrived at {LIST}. The reply was lost. It is not sent again by "
        "itself: look there first; then an editor decides with “/convenor stuck” in chat."
    )
    again = await post.mails()
    assert again.sentence == mailed.sentence
    assert len(post.courier.posted) == 1

    await post.outbox.drain()
    stuck = await post.network.say(BOB, "/convenor stuck")
    assert f"“Data Policy Digest 34” may or may not have arrived in the mailbox {LIST}." in said(stuck)
    (button,) = [each for each in buttons(stuck) if each.label == "It is there"]
    reply = await post.network.press(BOB, button)
    assert reply.form is None
    assert "counts as posted in the mailbox" in said(reply)
    await post.outbox.drain()
    assert (await post.row()).state is DeliveryState.SENT
    assert len(post.courier.posted) == 1


def buttons(reply: object) -> list[Button]:
    blocks = [block for message in reply.messages for block in message.blocks]  # type: ignore[attr-defined]
    return [button for block in blocks for button in getattr(block, "buttons", ())]


async def test_the_card_about_a_mail_asks_for_no_link(post: Post) -> None:
    post.courier.fails(TransportError("x", "The reply was lost.", ambiguous=True))
    await post.mails()
    await post.outbox.drain()
    (card,) = [each for each in post.network.courier.in_channel("editors") if "arrive" in each.summary]
    words = words_of(card)
    assert "press “It is there”; if it is not, press “Send again”." in words
    assert "thread" not in words


async def test_what_failed_for_certain_is_sent_by_running_the_command_again(post: Post) -> None:
    post.courier.fails(TransportError("x", "No such list.", permanent=True))
    mailed = await post.mails()
    assert (mailed.row.state, mailed.sentence) == (
        DeliveryState.PARKED,
        f"Data Policy Digest 34 could not be sent to {LIST}. No such list. Once that is put right, run this command "
        "again.",
    )
    post.courier.fails(TransportError("x", "Try later."))
    mailed = await post.mails()
    assert (mailed.row.state, mailed.sentence) == (
        DeliveryState.RETRY,
        f"Data Policy Digest 34 could not be sent to {LIST} yet. Try later. A Convenor that runs tries again by "
        "itself; this command does so at once.",
    )
    assert (await post.mails()).sentence == f"Data Policy Digest 34 was sent to {LIST}."


async def test_a_convenor_without_a_mail_server_never_gets_hold_of_the_mail(post: Post) -> None:
    without = post.sender(None)

    class Meddling(FakeCourier):
        async def post(self, *args: object, **how: object) -> str:
            await without.drain()
            return await super().post(*args, **how)  # type: ignore[arg-type]

    post.courier = Meddling()
    post.outbox = post.sender(post.courier)
    assert (await post.mails()).row.state is DeliveryState.SENT


async def test_an_edition_withdrawn_after_a_failure_is_not_sent_by_a_second_try(post: Post) -> None:
    post.courier.fails(TransportError("x", "Try later."))
    await post.mails()
    async with post.network.store.begin() as uow:
        await uow.editions.set_state("2025-01-17", EditionState.PUBLISHED, EditionState.WITHDRAWN)
        await uow.commit()
    with pytest.raises(NotToBeMailed, match="was withdrawn"):
        await post.mails(34)
    assert post.courier.posted == []


async def corrects(post: Post, edition: Edition) -> None:
    """One editor corrects the intro, another says yes."""
    services = post.network.services
    draft = await editions.begin_correction(services, BOB, edition.id, "the intro")
    draft, _ = await editions.edit_entry(
        services, BOB, draft.id, lambda content: Edit(replace(content, intro="What was meant."), "put it right")
    )
    await editions.approve(services, CAROL, draft.id, content_hash(draft.content))


def mailed_texts(post: Post) -> list[str]:
    letters = [line.message.letter for line in post.courier.posted]
    return [letter.text for letter in letters if letter is not None]


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (TransportError("x", "No such list.", permanent=True), DeliveryState.PARKED),
        (TransportError("x", "Try later."), DeliveryState.RETRY),
    ],
)
async def test_a_mail_that_had_not_left_goes_out_corrected(
    trouble: TransportError, state: DeliveryState, post: Post
) -> None:
    post.courier.fails(trouble)
    mailed = await post.mails()
    assert mailed.row.state is state
    await corrects(post, mailed.edition)
    if state is DeliveryState.RETRY:
        # A Convenor that runs tries again by itself.
        post.network.clock.advance(hours=2)
        await post.outbox.drain()
    else:
        await post.mails()
    (text,) = mailed_texts(post)
    assert "What was meant." in text
    assert "Corrected on" in text
    assert (await post.row()).state is DeliveryState.SENT


async def test_a_mail_that_left_is_not_sent_again_for_a_correction(post: Post) -> None:
    mailed = await post.mails()
    before = (await post.row()).body
    await corrects(post, mailed.edition)
    await post.outbox.drain()
    assert (await post.mails()).row.state is DeliveryState.SENT
    assert (len(post.courier.posted), (await post.row()).body) == (1, before)


async def test_a_mail_that_may_have_left_is_corrected_only_when_an_editor_says_to_send_it_again(post: Post) -> None:
    post.network.courier_for(mailing.PLATFORM, post.courier)
    post.courier.fails(TransportError("x", "The reply was lost.", ambiguous=True))
    mailed = await post.mails()
    before = (await post.row()).body
    await corrects(post, mailed.edition)
    await post.mails()
    row = await post.row()
    assert (row.state, row.body) == (DeliveryState.UNKNOWN, before)
    stuck = await post.network.say(BOB, "/convenor stuck")
    (button,) = [each for each in buttons(stuck) if each.label == "Send again"]
    await post.network.press(BOB, button)
    await post.outbox.drain()
    assert "What was meant." in mailed_texts(post)[-1]
    assert (await post.row()).state is DeliveryState.SENT


async def test_a_mail_that_was_given_up_and_is_asked_for_again_has_the_corrected_text(post: Post) -> None:
    post.courier.fails(TransportError("x", "No such list.", permanent=True))
    mailed = await post.mails()
    async with post.network.store.begin() as uow:
        assert await uow.deliveries.settle(mailed.row, DeliveryState.DROPPED, now=NOW)
        await uow.commit()
    await corrects(post, mailed.edition)
    await post.mails()
    (text,) = mailed_texts(post)
    assert "What was meant." in text
