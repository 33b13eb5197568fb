"""What people see and can do about their own data, and how coordinators answer a complaint, in memory."""

from __future__ import annotations

import json

import pytest

from bot import schedule
from bot.members.consent import Consent, ConsentPurpose
from bot.messages import Button, EntryLine, File, Identity, Reply
from bot.privacy import complaint_texts, notice
from tests.builders import a_profile
from tests.fakes.network import ALICE, BOB, CAROL, DAN, PLATFORM, WORKSPACE, Network, buttons_of, said, words_of

EVE = Identity(PLATFORM, WORKSPACE, "eve", "Eve")
COMPLAINT = "My request was shown to somebody who was not asked.\nPlease find out how."


def the_button(reply: Reply, label: str) -> Button:
    (button,) = [each for message in reply.messages for each in buttons_of(message) if each.label == label]
    return button


async def test_whoever_never_spoke_is_told_that_nothing_is_held_and_leaves_no_trace() -> None:
    network = await Network.make()
    reply = await network.say(EVE, "/convenor privacy")
    assert "Convenor holds nothing about you: no account, no profile, nothing that you wrote." in said(reply)
    assert [button.label for message in reply.messages for button in buttons_of(message)] == ["Complain …"]
    for action in (notice.EXPORT, notice.TO_ERASE, notice.ERASE, notice.UNDO, notice.OBJECT):
        await network.press(EVE, Button("", action))
    async with network.store.read() as uow:
        assert await uow.members.find(EVE) is None


async def test_what_is_held_is_said_by_purpose_with_its_ground_and_its_time() -> None:
    network = await Network.make()
    await network.asks_for(ALICE, "somebody who knows about AI audits")
    words = said(await network.say(ALICE, "/convenor privacy"))
    assert words.startswith(
        "What Convenor holds about you\n"
        "To know who you are: 1 record of you as a member (Thursday 23 January 2025); 1 account. "
        "Kept until you erase it or have it erased. Ground: legitimate interests.\n"
    )
    assert (
        "To introduce people to each other: 1 recorded consent (Thursday 23 January 2025), kept 2 years after it was "
        "given or withdrawn, and for as long as your profile rests on it; 1 request for an introduction (Thursday 23 "
        "January 2025), kept 90 days after it was closed, and 2 years after it was closed (its dates and outcome "
        "alone). Ground: your consent, which you can withdraw.\n" in words
    )
    assert "Whoever runs Convenor here answers for your data. You can also complain" in words
    assert "ico.org.uk/make-a-complaint" in words
    assert "AI audits" not in words


async def test_an_export_is_a_file_for_the_one_who_asks_and_tells_what_each_part_is_for() -> None:
    network = await Network.make()
    await network.asks_for(ALICE, "somebody who knows about AI audits")
    page = await network.say(ALICE, "/convenor privacy")
    (message,) = (await network.press(ALICE, the_button(page, "Export"))).messages
    (file,) = [block for block in message.blocks if isinstance(block, File)]
    assert file.name == "what-convenor-holds-about-me.json"
    whole = json.loads(file.text)
    assert (whole["format"], whole["version"], whole["asked_from"]) == ("convenor-personal-data", 1, ALICE.key)
    by_table = {part["table"]: part for part in whole["held"]}
    (row,) = by_table["requests"]["rows"]
    assert row["need"] == "somebody who knows about AI audits"
    assert by_table["requests"]["purpose"] == "to introduce people to each other"
    assert (
        by_table["requests"]["kept"]
        == "90 days after it was closed; 2 years after it was closed (its dates and outcome alone)"
    )
    # Bob's copy has nothing of hers.
    assert "AI audits" not in said(await network.press(BOB, Button("Export", notice.EXPORT)))


async def test_erasing_says_first_what_goes_and_what_stays_and_does_nothing_yet() -> None:
    network = await Network.make()
    edition_id = await network.has_a_draft()
    await network.press(BOB, network.button("Leave out", "editors", "part 1"))
    words = said(await network.press(BOB, Button("Erase …", notice.TO_ERASE)))
    assert words == (
        "Erase what is held about you\n"
        "Nothing has been erased yet. This is what would happen.\n"
        "At once: you are treated as absent. You are not found, not asked and sent no alerts. Requests of yours are "
        "closed and questions to you are taken back; undoing does not bring these back. Nobody is told why.\n"
        "After 14 days: this is deleted for good. Until then you can undo it with /convenor privacy.\n"
        "1 record of you as a member (Thursday 23 January 2025)\n"
        "1 account\n"
        "1 role that you have or gave (Thursday 23 January 2025)\n"
        "This stays, and why:\n"
        "1 line in the audit log (Thursday 23 January 2025): without you: a mark that leads to nobody stands in your "
        "place, until 2 years after it was noted, so that those who act for the network can answer for it.\n"
        "Messages in channels that name you, for example that you approved a draft: Convenor’s own copy is emptied "
        "90 days after it was sent. What stands in the chat itself is kept by whoever runs that chat.\n"
        "Numbers, such as how many requests there were in a month, which say nothing about you.\n"
        "You are an editor here, and can act as that until then; your role is deleted with the rest.\n"
        "Only you see this.\n"
        "<Erase me> <Not now>"
    )
    assert edition_id
    async with network.store.read() as uow:
        bob = await uow.members.find(BOB)
        assert bob is not None
        assert await uow.rights.erasure_of(bob.id) is None


async def test_whoever_asks_to_be_erased_is_absent_at_once_and_their_requests_are_closed() -> None:
    network = await Network.make()
    await network.asks_for(ALICE, "somebody who knows about AI audits")
    page = await network.press(ALICE, Button("Erase …", notice.TO_ERASE))
    erase = the_button(page, "Erase me")
    assert erase.confirm == "Erase what is held about you? You can undo this for 14 days."
    assert said(await network.press(ALICE, erase)).startswith(
        "You will be erased on Thursday 6 February 2025, 10:00. From now on you are treated as absent: not found, not "
        "asked, and sent no alerts. Until that moment you can undo it here, or with /convenor privacy."
    )
    (card,) = network.courier.in_channel("coordinators")
    assert "Request for an introduction (taken back)" in words_of(card)
    async with network.store.read() as uow:
        alice = await uow.members.find(ALICE)
        assert alice is not None
        assert await uow.rights.absent() == {alice.id}
    # Once more changes neither the day nor anything else.
    network.clock.advance(days=3)
    assert "Thursday 6 February 2025, 10:00" in said(await network.press(ALICE, erase))
    assert "It is done on Thursday 6 February 2025, 10:00" in said(await network.say(ALICE, "/convenor privacy"))


async def test_it_can_be_undone_until_it_is_done() -> None:
    network = await Network.make()
    await network.press(ALICE, Button("", notice.ERASE))
    network.clock.advance(days=14, seconds=-1)
    await schedule.privacy_tick(network.services)
    page = await network.say(ALICE, "/convenor privacy")
    assert said(await network.press(ALICE, the_button(page, "Undo: keep my data"))) == (
        "You will not be erased, and nothing was deleted. Requests that were closed and questions that were taken back "
        "stay so; you can ask again at any time."
    )
    network.clock.advance(days=1)
    await schedule.privacy_tick(network.services)
    async with network.store.read() as uow:
        assert await uow.members.find(ALICE) is not None
    again = said(await network.press(ALICE, Button("", notice.UNDO)))
    assert again.startswith("You have not asked to be erased (any more). Nothing was changed.")


async def test_after_a_fortnight_they_are_gone_and_whoever_they_were_is_not_told_either() -> None:
    network = await Network.make()
    await network.say(BOB, "/convenor roles add @alice editor", mentions={"@alice": ALICE})
    await network.press(ALICE, Button("", notice.ERASE))
    network.clock.advance(days=14)
    await schedule.privacy_tick(network.services)
    async with network.store.read() as uow:
        assert await uow.members.find(ALICE) is None
        assert "Alice" not in [grant.member.name for grant in await uow.roles.all()]
    log = said(await network.say(DAN, "/convenor audit"))
    assert "Bob made an editor (somebody who has left)" in log
    assert "Convenor erased a member (" in log
    assert "Alice" not in log
    assert "holds nothing about you" in said(await network.say(ALICE, "/convenor privacy"))
    late = said(await network.press(ALICE, Button("", notice.UNDO)))
    assert late.startswith("What was held about you has been erased meanwhile, so there was nothing left to do.")


async def test_two_clocks_erase_once() -> None:
    network = await Network.make()
    await network.press(ALICE, Button("", notice.ERASE))
    network.clock.advance(days=15)
    await schedule.privacy_tick(network.services)
    await schedule.privacy_tick(network.services)
    assert said(await network.say(DAN, "/convenor audit")).count("erased a member") == 1


async def test_an_objection_is_in_effect_at_once_and_can_be_taken_back() -> None:
    network = await Network.make()
    page = await network.press(ALICE, Button("Object …", notice.OBJECT))
    assert "You need give no reason, and it takes effect at once. Only you see this." in said(page)
    no = the_button(page, "Object: counting what you follow")
    assert said(await network.press(ALICE, no)) == (
        "Recorded, and in effect from now on: you object to counting what you follow. What you follow is not counted. "
        "You still hear of it as before."
    )
    assert said(await network.press(ALICE, no)).startswith("That was recorded before, and is in effect: you object to")
    assert "You object to: counting what you follow. That is kept to." in said(
        await network.say(ALICE, "/convenor privacy")
    )
    yes = the_button(await network.press(ALICE, Button("", notice.OBJECT)), "Allow again: counting what you follow")
    assert said(await network.press(ALICE, yes)) == (
        "You no longer object to counting what you follow. Everything is as before."
    )
    assert said(await network.press(ALICE, yes)) == (
        "You did not object to counting what you follow, so nothing was changed."
    )
    assert said(await network.press(ALICE, Button("", notice.SAY_NO, "breathing"))) == (
        "That is not something to object to here. Nothing was changed."
    )


async def complains(network: Network, who: Identity = ALICE) -> str:
    """Somebody complains; returns the reference."""
    reply = await network.submit(who, complaint_texts.FORM, words=COMPLAINT)
    return said(reply).partition("reference ")[2][:8]


async def test_a_complaint_is_acknowledged_at_once_and_its_words_are_in_no_channel() -> None:
    network = await Network.make()
    form = (await network.press(ALICE, Button("Complain …", notice.COMPLAIN))).form
    assert said(await network.send(ALICE, form, words="No.")) == ""
    kept = (await network.press(ALICE, Button("Complain …", notice.COMPLAIN))).form
    assert kept is not None
    assert kept.fields[0].value == "No."
    reference = await complains(network)
    (receipt,) = network.courier.to("alice")
    assert words_of(receipt).startswith(
        f"Your complaint is recorded under the reference {reference}, on Thursday 23 January 2025, 10:00. The "
        "coordinators have been told, and one of them will answer you by Saturday 22 February 2025."
    )
    (card,) = network.courier.in_channel("coordinators")
    assert words_of(card) == (
        f"Complaint {reference} about personal data\n"
        "Somebody complained on Thursday 23 January 2025, 10:00, and was told at once that it is recorded. Please "
        "answer by Saturday 22 February 2025. What they wrote is shown to you alone; that you read it is noted in the "
        "audit log.\n"
        "Only coordinators see this.\n"
        "<Read it> <Answer …>"
    )
    emptied = (await network.press(ALICE, Button("Complain …", notice.COMPLAIN))).form
    assert emptied is not None
    assert emptied.fields[0].value == ""


async def test_a_coordinator_reads_and_answers_it_and_whoever_complained_is_told() -> None:
    network = await Network.make()
    reference = await complains(network)
    shown = await network.press(DAN, network.button("Read it", "coordinators"))
    assert f"Alice, Thursday 23 January 2025, 10:00: {COMPLAINT}" in said(shown)
    form = (await network.press(DAN, network.button("Answer …", "coordinators"))).form
    sent = await network.send(DAN, form, reply="It was a mistake of ours, and is put right.")
    assert said(sent) == f"Your answer to {reference} is on its way, and the complaint is closed."
    answer = network.courier.to("alice")[-1]
    assert words_of(answer) == (
        f"Your complaint {reference} has been looked at by a coordinator, who answers:\n"
        "It was a mistake of ours, and is put right.\n"
        "If you are not content, or would rather not wait, you can complain to the Information Commissioner’s Office "
        "at any time: ico.org.uk/make-a-complaint."
    )
    (card,) = network.courier.in_channel("coordinators")
    assert words_of(card) == (
        f"Complaint {reference} about personal data (answered)\n"
        "Dan answered it Thursday 23 January 2025, 10:00. There is nothing more to do.\n"
        "Only coordinators see this."
    )
    assert f"Your complaint {reference} was answered" in said(await network.say(ALICE, "/convenor privacy"))
    log = said(await network.say(DAN, "/convenor audit"))
    assert f"Dan answered a complaint (complaint:{reference})" in log
    assert f"Dan read a complaint (complaint:{reference})" in log
    again = await network.submit(DAN, complaint_texts.ANSWER_FORM, reference, reply="Once more, with feeling.")
    assert said(again).startswith(f"Complaint {reference} has been answered already, so nothing was sent.")


async def test_only_coordinators_read_a_complaint() -> None:
    network = await Network.make()
    reference = await complains(network)
    for nosy in (ALICE, BOB, CAROL, EVE):
        for action in (complaint_texts.READ, complaint_texts.ANSWER):
            assert said(await network.press(nosy, Button("", action, reference))).startswith(
                "That is for a coordinator"
            )
        reply = await network.submit(nosy, complaint_texts.ANSWER_FORM, reference, reply="I answer this.")
        assert said(reply).startswith("That is for a coordinator")
    gone = said(await network.press(DAN, Button("", complaint_texts.READ, "C-000000")))
    assert gone.startswith("There is no complaint with that reference (any more). Nothing was done.")


async def test_coordinators_are_reminded_on_days_7_21_and_28_and_not_after_the_answer() -> None:
    network = await Network.make()
    reference = await complains(network)
    reminders: list[int] = []
    for day in range(1, 35):
        network.clock.advance(days=1)
        before = len(network.courier.in_channel("coordinators"))
        await schedule.privacy_tick(network.services)
        await schedule.privacy_tick(network.services)
        await network.sends()
        if len(network.courier.in_channel("coordinators")) > before:
            reminders.append(day)
    assert reminders == [7, 21, 28]
    assert words_of(network.courier.in_channel("coordinators")[-1]).startswith(
        f"Complaint {reference} still waits\n"
        "Nobody has answered it for 28 days. It is to be answered by Saturday 22 February 2025, which is in 2 days."
    )
    await network.submit(DAN, complaint_texts.ANSWER_FORM, reference, reply="We are sorry that it took so long.")
    assert all("(answered)" in words_of(card) for card in network.courier.in_channel("coordinators"))


async def test_without_a_coordinators_channel_each_coordinator_hears_of_it() -> None:
    network = await Network.make(bound=False)
    reference = await complains(network)
    (card,) = network.courier.to("dan")
    assert f"Complaint {reference}" in words_of(card)


async def test_a_complaint_that_nobody_could_be_told_of_reaches_the_first_coordinator() -> None:
    network = await Network.make(bound=False)
    await network.say(BOB, "/convenor roles remove @dan coordinator", mentions={"@dan": DAN})
    reference = await complains(network)
    assert network.courier.to("dan") == []
    await network.say(BOB, "/convenor roles add @bob administrator", mentions={"@bob": BOB})
    await schedule.privacy_tick(network.services)
    await network.sends()
    (asked,) = network.courier.to("bob")
    assert words_of(asked) == (
        f"Somebody made a complaint about personal data ({reference}), which only a coordinator may read, and there is "
        "none. It is to be answered by Saturday 22 February 2025. Please make somebody a coordinator with "
        "/convenor roles add @name coordinator."
    )
    await network.say(BOB, "/convenor roles add @dan coordinator", mentions={"@dan": DAN})
    await schedule.privacy_tick(network.services)
    await network.sends()
    (card,) = network.courier.to("dan")
    assert f"Complaint {reference}" in words_of(card)


@pytest.mark.parametrize("words", ["short", "x" * 3001, ""])
async def test_what_cannot_be_recorded_is_kept_and_explained(words: str) -> None:
    network = await Network.make()
    reply = await network.submit(ALICE, complaint_texts.FORM, words=words)
    assert list(reply.errors) == ["words"]
    assert network.courier.in_channel("coordinators") == []


async def test_the_sweep_says_what_went_in_numbers() -> None:
    network = await Network.make()
    async with network.store.begin() as uow:
        await uow.inbox.first_time("an event", network.clock.now())
        await uow.commit()
    network.clock.advance(days=8)
    await schedule.sweep_tick(network.services)
    await schedule.sweep_tick(network.services)
    assert said(await network.say(DAN, "/convenor audit")).count("Convenor swept (events=1)") == 1


async def joins(network: Network, who: Identity) -> str:
    """Somebody is in the directory, as they agreed; returns their member id."""
    async with network.store.begin() as uow:
        member = await uow.members.resolve(who, network.clock.now())
        await uow.profiles.put(a_profile(member.id))
        text = "I am Alice."
        await uow.consents.record(
            Consent("c1", member.id, ConsentPurpose.DIRECTORY, "profile", text, 1, network.clock.now())
        )
        await uow.commit()
    member_id: str = member.id
    return member_id


async def test_a_consent_is_shown_with_its_date_and_can_be_withdrawn_where_it_is_shown() -> None:
    network = await Network.make()
    await joins(network, ALICE)
    page = await network.say(ALICE, "/convenor privacy")
    assert "What you agreed to\nTo be in the directory: Thursday 23 January 2025, 10:00\n" in said(page)
    network.clock.advance(days=1)
    await network.press(ALICE, the_button(page, "Leave the directory"))
    again = await network.say(ALICE, "/convenor privacy")
    assert "To be in the directory: Thursday 23 January 2025, 10:00, withdrawn Friday 24 January 2025, 10:00\n" in said(
        again
    )
    labels = [button.label for message in again.messages for button in buttons_of(message)]
    assert labels == ["Export", "Object …", "Erase …", "Complain …"]


async def test_a_profile_is_found_by_nobody_while_its_owner_waits_or_objects_and_is_there_again_afterwards() -> None:
    network = await Network.make()
    await joins(network, ALICE)

    async def found() -> int:
        async with network.store.read() as uow:
            return len(await uow.profiles.all())

    assert await found() == 1
    for no, back in (
        (Button("", notice.ERASE), Button("", notice.UNDO)),
        (Button("", notice.SAY_NO, "introductions"), Button("", notice.TAKE_BACK, "introductions")),
    ):
        await network.press(ALICE, no)
        assert await found() == 0
        await network.press(ALICE, back)
        assert await found() == 1


async def test_consents_stay_when_somebody_is_erased_and_are_withdrawn_then() -> None:
    network = await Network.make()
    member_id = await joins(network, ALICE)
    page = said(await network.press(ALICE, Button("", notice.TO_ERASE)))
    assert (
        "1 recorded consent (Thursday 23 January 2025): kept until 2 years after it was given or withdrawn, and for "
        "as long as your profile rests on it, so that we can show what was agreed to, as the law asks." in page
    )
    await network.press(ALICE, Button("", notice.ERASE))
    network.clock.advance(days=14)
    await schedule.privacy_tick(network.services)
    async with network.store.read() as uow:
        (consent,) = await uow.consents.of(member_id)
        assert not consent.stands
        assert await uow.profiles.get(member_id) is None


async def test_whoever_objects_to_being_found_is_asked_no_more_and_whoever_asked_cannot_tell() -> None:
    network = await Network.make()
    await network.joins(CAROL, organisation="Patients Trust")
    await network.asks_for(ALICE, "someone who knows about NHS data opt-outs")
    card = network.courier.in_channel("coordinators")[0]
    (ask,) = [b for block in card.blocks if isinstance(block, EntryLine) for b in block.buttons if b.label == "Ask…"]
    opened = await network.press(DAN, ask)
    await network.send(DAN, opened.form)
    (question,) = network.courier.to("carol")
    assert "Would you like to be introduced?" in words_of(question)
    seen_by_alice = network.courier.to("alice")
    await network.press(CAROL, Button("", notice.SAY_NO, "introductions"))
    (question,) = network.courier.to("carol")
    assert "Would you like to be introduced?" not in words_of(question)
    assert buttons_of(question) == []
    assert "Carol (Patients Trust) [" not in words_of(network.courier.in_channel("coordinators")[0])
    assert network.courier.to("alice") == seen_by_alice
    # Nor is she found by whoever asks next, until she allows it again.
    await network.asks_for(BOB, "someone who knows about NHS data opt-outs")
    assert "Carol" not in words_of(network.courier.in_channel("coordinators")[-1])
