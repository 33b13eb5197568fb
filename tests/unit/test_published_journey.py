"""After publication: corrections in place, withdrawal, and a channel that comes late, in memory."""

from __future__ import annotations

import pytest

from bot.edition_messages import published_parts
from bot.messages import Button, Identity, Reply, from_json
from bot.ports import TransportError
from digests.model import Delivery, DeliveryState, EditionState
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, buttons_of, said, words_of

NAME = "Data Policy Digest 1, Friday 24 January 2025"
PART_2 = "Guidance on artificial intelligence, part 2"
TOO_OLD = TransportError("digest", "The message in channel digest is too old to be changed.", permanent=True)


async def published(count: int = 3) -> Network:
    network = await Network.make()
    await network.has_a_draft(count)
    approve = network.button("Approve", "editors")
    await network.press(BOB, approve)
    await network.press(CAROL, approve)
    return network


async def correcting(network: Network, who: Identity = BOB, what: str = "part 2 is not ours") -> Reply:
    form = (await network.say(who, "/digest correct")).form
    assert form is not None
    return await network.submit(who, form.name, form.value, what=what)


async def parts(network: Network) -> list[Delivery]:
    async with network.store.read() as uow:
        return [row for row in await uow.deliveries.of_edition("2025-01-24") if row.purpose == "edition"]


def button_of_correction(network: Network, label: str, about: str = "") -> Button:
    """The button of the latest correction's messages, which stand below the draft's."""
    found = [
        button
        for message in network.courier.in_channel("editors")
        for button in buttons_of(message, about)
        if button.label == label and "~" in button.value
    ]
    return found[-1]


def top(network: Network) -> str:
    """The headline of the correction that was posted last."""
    return next(
        words_of(message)
        for message in reversed(network.courier.in_channel("editors"))
        if words_of(message).startswith("Correction:")
    )


async def test_a_correction_is_drafted_beside_the_edition_and_readers_see_nothing_of_it() -> None:
    network = await published()
    before = words_of(network.courier.in_channel("digest")[0])
    assert said(await correcting(network)) == (
        f"A draft of the correction of {NAME} is on its way to the editors’ channel. Edit it there like any draft; "
        "another editor approves it. Until then readers see the edition as it was."
    )
    assert top(network).startswith(f"Correction: {NAME}\n3 entries in 1 section")
    assert "Readers will be told: part 2 is not ours" in top(network)
    assert "It needs one approval, from another editor. Until then readers see the edition as it was." in top(network)
    await network.press(BOB, button_of_correction(network, "Leave out", PART_2))
    assert f"1 edit so far; the latest: left out “{PART_2}”." in top(network)
    assert words_of(network.courier.in_channel("digest")[0]) == before
    assert PART_2 in said(await network.say(ALICE, "/digest"))


async def test_a_second_editor_approves_and_the_messages_are_changed_in_place() -> None:
    network = await published()
    await correcting(network)
    await network.press(BOB, button_of_correction(network, "Leave out", PART_2))
    approve = button_of_correction(network, "Approve")
    assert said(await network.press(BOB, approve)).startswith("You made the last edit")
    network.clock.advance(hours=4)
    assert said(await network.press(CAROL, approve)) == (
        f"Approved. The messages of {NAME} are changed in place, in 1 channel. You are told if one cannot be."
    )
    (message,) = network.courier.in_channel("digest")
    shown = words_of(message)
    assert shown.startswith(f"{NAME}\nCorrected on Thursday 23 January 2025 at 14:01: part 2 is not ours\n")
    assert PART_2 not in shown
    assert shown == said(await network.say(ALICE, "/digest"))
    (row,) = await parts(network)
    assert (row.state, row.version, row.sent_version) == (DeliveryState.SENT, 2, 2)
    assert "Approved by Carol (Thursday 23 January 2025, 14:01). The messages that readers have are changed" in top(
        network
    )
    assert said(await network.press(CAROL, approve)).startswith("This edition was already approved by Carol")


async def test_parts_that_are_gone_leave_a_line_and_new_ones_follow_in_the_thread() -> None:
    network = await published(60)
    posted = len(network.courier.in_channel("digest"))
    await correcting(network)
    for number in range(1, 41):
        title = f"Guidance on artificial intelligence, part {number}"
        for message in network.courier.in_channel("editors"):
            found = [b for b in buttons_of(message, title) if b.label == "Leave out" and "~" in b.value]
            if found:
                await network.press(BOB, found[0])
                break
    await network.press(CAROL, button_of_correction(network, "Approve"))
    shown = [words_of(message) for message in network.courier.in_channel("digest")]
    assert len(shown) == posted, "nothing is posted or taken away"
    gone = "This part of the edition is empty now. What was corrected is said at the top of the edition."
    assert shown[-1] == gone
    await correcting(network, CAROL, "it was right after all")
    for message in network.courier.in_channel("editors"):
        for button in buttons_of(message, "part"):
            if button.label == "Put back" and "~2" in button.value:
                await network.press(CAROL, button)
    await network.press(BOB, button_of_correction(network, "Approve"))
    shown = [words_of(message) for message in network.courier.in_channel("digest")]
    assert gone not in shown
    assert {row.state for row in await parts(network)} == {DeliveryState.SENT}
    assert shown[0].count("Corrected on ") == 2


async def test_a_correction_that_the_platform_refuses_is_told_to_the_editors() -> None:
    network = await published()
    await correcting(network)
    network.courier.fails(TOO_OLD, channel="digest")
    await network.press(CAROL, button_of_correction(network, "Approve"))
    card = network.courier.in_channel("editors")[-1]
    assert f"“{NAME}” could not be brought up to date in #digest." in words_of(card)
    assert "too old to be changed" in words_of(card)
    leave = next(button for button in buttons_of(card) if button.label == "Leave it")
    assert said(await network.press(BOB, leave)) == f"“{NAME}” stays in #digest as it is."
    assert "#digest: posted; a change is not shown." in words_of(network.courier.in_channel("editors")[0])


async def test_what_readers_are_told_can_be_said_otherwise_and_a_correction_given_up() -> None:
    network = await published()
    await correcting(network)
    form = (await network.press(BOB, button_of_correction(network, "Change what readers are told…"))).form
    assert form is not None
    assert form.fields[0].value == "part 2 is not ours"
    assert (await network.submit(BOB, form.name, form.value, what="  ")).errors == {
        "what": "Please say what is corrected: readers are told exactly this."
    }
    assert said(await network.submit(BOB, form.name, form.value, what="part 2 is theirs")) == (
        "Done. Readers will be told: part 2 is theirs"
    )
    assert "Readers will be told: part 2 is theirs" in top(network)
    give_up = button_of_correction(network, "Give up")
    approve = button_of_correction(network, "Approve")
    assert said(await network.press(CAROL, give_up)) == (
        f"The correction of {NAME} is given up. The edition stays as it was."
    )
    assert top(network).endswith("This correction was given up. The edition stays as it was.")
    assert said(await network.press(CAROL, approve)).startswith("This correction was given up")
    assert "Corrected" not in words_of(network.courier.in_channel("digest")[0])


async def test_one_correction_at_a_time_is_open_and_is_shown_to_whoever_asks_for_another() -> None:
    network = await published()
    await correcting(network)
    shown = await network.say(CAROL, "/digest correct")
    assert shown.form is None
    assert words_of(shown.messages[0]).startswith(f"Correction: {NAME}")
    assert said(await network.submit(CAROL, "correction.begin", "2025-01-24", what="more")).startswith(
        "A correction of this edition is being worked on already. Nothing was changed."
    )
    assert (await network.say(CAROL, "/digest correct")).form is None


async def test_what_was_typed_for_a_correction_survives_an_error() -> None:
    network = await published()
    form = (await network.say(BOB, "/digest correct")).form
    assert form is not None
    reply = await network.submit(BOB, form.name, form.value, what="x" * 301)
    assert reply.errors == {"what": "Please keep it under 300 characters: it stands at the top of the edition."}
    again = (await network.say(BOB, "/digest correct")).form
    assert again is not None
    assert again.fields[0].value == "x" * 301


@pytest.mark.parametrize("words", ["/digest correct", "/digest withdraw"])
async def test_before_the_first_edition_there_is_nothing_to_correct_or_withdraw(words: str) -> None:
    network = await Network.make()
    assert said(await network.say(BOB, words)) == (
        "No edition has been published yet, so there is nothing to correct or to withdraw."
    )
    assert said(await network.say(ALICE, words)).startswith("That is for an editor")


async def test_an_edition_is_withdrawn_by_two_editors_and_its_messages_say_so() -> None:
    network = await published(60)
    offer = (await network.say(BOB, "/digest withdraw")).messages[0]
    withdraw = buttons_of(offer)[0]
    asked = await network.press(BOB, withdraw)
    assert said(asked).startswith(f"The editors are asked whether to withdraw {NAME}. Nothing is changed until")
    card = network.courier.in_channel("editors")[-1]
    assert words_of(card) == (
        f"Bob wants to withdraw {NAME} (Thursday 23 January 2025, 10:01). Another editor must confirm it. "
        "Each of its messages is then replaced by a line that says so, and it is not shown on the web any more.\n"
        "<Withdraw it> <Keep it>"
    )
    assert said(await network.press(CAROL, withdraw)).startswith("The editors are being asked about this already")
    confirm = buttons_of(card)[0]
    assert said(await network.press(BOB, confirm)).startswith("You asked for this, so another editor must confirm it")
    assert NAME in said(await network.say(ALICE, "/digest"))
    network.clock.advance(hours=4)
    assert said(await network.press(CAROL, confirm)) == (
        f"{NAME} is withdrawn. Its messages are replaced one after the other."
    )
    shown = {words_of(message) for message in network.courier.in_channel("digest")}
    assert shown == {
        f"{NAME} was withdrawn on Thursday 23 January 2025 at 14:01. If you have a question about it, ask Carol, an "
        "editor of the digest."
    }
    assert words_of(network.courier.in_channel("editors")[-1]) == (
        f"{NAME} is withdrawn: asked by Bob, decided by Carol (Thursday 23 January 2025, 14:01)."
    )
    assert "Withdrawn by Carol (Thursday 23 January 2025, 14:01)." in words_of(network.courier.in_channel("editors")[0])
    assert said(await network.say(ALICE, "/digest")).startswith("No edition has been published yet.")
    assert said(await network.press(CAROL, confirm)).startswith("Only what readers have can be withdrawn")


async def test_an_edition_is_kept_when_an_editor_says_so_and_may_be_asked_about_again() -> None:
    network = await published()
    withdraw = network.button("Withdraw", "editors")
    await network.press(BOB, withdraw)
    keep = buttons_of(network.courier.in_channel("editors")[-1])[1]
    assert said(await network.press(BOB, keep)) == f"{NAME} stays as it is."
    assert words_of(network.courier.in_channel("editors")[-1]).startswith(f"{NAME} stays as it is: asked by Bob")
    assert said(await network.press(CAROL, keep)).startswith("Nobody asks to withdraw this edition (any more)")
    await network.press(CAROL, withdraw)
    await network.press(BOB, buttons_of(network.courier.in_channel("editors")[-1])[0])
    assert "was withdrawn" in words_of(network.courier.in_channel("digest")[0])


async def test_what_was_stuck_when_an_edition_is_withdrawn_never_goes_out() -> None:
    network = await Network.make()
    await network.has_a_draft()
    await network.say(BOB, "/convenor here digest", "news")
    archived = TransportError("news", "Channel news is archived.", permanent=True)
    network.courier.fails(archived, channel="news")
    approve = network.button("Approve", "editors")
    await network.press(BOB, approve)
    await network.press(CAROL, approve)
    await correcting(network)
    await network.press(BOB, network.button("Withdraw", "editors"))
    await network.press(CAROL, network.button("Withdraw it", "editors"))
    assert {row.address.channel: row.state for row in await parts(network)} == {
        "digest": DeliveryState.SENT,
        "news": DeliveryState.DROPPED,
    }
    assert network.courier.in_channel("news") == []
    assert top(network).endswith("This correction was given up. The edition stays as it was.")
    async with network.store.read() as uow:
        edition = await uow.editions.get("2025-01-24")
    assert edition is not None
    assert edition.state is EditionState.WITHDRAWN


async def test_a_channel_that_comes_late_is_offered_the_latest_edition_once() -> None:
    network = await published()
    reply = await network.say(BOB, "/convenor here digest", "late")
    assert said(reply).endswith(
        f"{NAME} was published before that. It can be posted here too, as it now reads.\n<Post it here>"
    )
    button = buttons_of(reply.messages[-1])[0]
    assert said(await network.press(DAN, button)).startswith("That is for an administrator or an editor")
    assert said(await network.press(CAROL, button)) == f"{NAME} is on its way to #late."
    assert network.courier.in_channel("late") == network.courier.in_channel("digest")
    assert said(await network.press(BOB, button)).startswith(
        "This edition has gone to that channel already, or is on its way there. Nothing was sent again."
    )
    assert len(network.courier.in_channel("late")) == 1
    again = await network.say(BOB, "/convenor here digest", "late")
    assert "Post it here" not in said(again)


async def test_a_late_channel_gets_the_corrected_text_and_later_corrections_and_nothing_once_it_is_unbound() -> None:
    network = await published()
    await correcting(network)
    await network.press(CAROL, button_of_correction(network, "Approve"))
    late = buttons_of((await network.say(BOB, "/convenor here digest", "late")).messages[-1])[0]
    later = buttons_of((await network.say(BOB, "/convenor here digest", "later")).messages[-1])[0]
    await network.press(BOB, late)
    assert "Corrected on" in words_of(network.courier.in_channel("late")[0])
    await network.say(BOB, "/convenor here nothing", "later")
    assert said(await network.press(BOB, later)).startswith("The digest is not posted in that channel (any more)")
    await correcting(network, BOB, "one more thing")
    await network.press(CAROL, button_of_correction(network, "Approve"))
    for where in ("digest", "late"):
        (message,) = network.courier.in_channel(where)
        assert words_of(message).count("Corrected on") == 2
    assert network.courier.in_channel("later") == []


async def test_a_channel_that_comes_late_to_nothing_is_offered_nothing() -> None:
    network = await Network.make()
    reply = await network.say(BOB, "/convenor here digest", "early")
    assert said(reply) == "This channel is set: the digest is posted here."


async def test_what_reaches_each_channel_is_what_was_approved() -> None:
    network = await published(60)
    async with network.store.read() as uow:
        edition = await uow.editions.get("2025-01-24")
    assert edition is not None
    expected = list(published_parts(edition))
    assert network.courier.in_channel("digest") == expected
    assert [from_json(row.body) for row in await parts(network)] == expected
