"""Introductions in memory: every step, every sentence, and what nobody may be able to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.commands import Front
from bot.introductions import requesting, upkeep
from bot.introductions.directory import Directory
from bot.introductions.matching import Matcher
from bot.introductions.texts import both, candidate, coordinator, requester
from bot.members.profile import Contact
from bot.messages import Button, Identity, Message, Reply
from bot.ports import TransportError
from bot.schedule import introduction_tick
from bot.table import build_table
from digests.errors import Stale
from digests.model import Address
from tests.builders import NOW
from tests.fakes.network import (
    ALICE,
    BOB,
    CAROL,
    DAN,
    PLATFORM,
    WORKSPACE,
    Network,
    buttons_of,
    channel,
    said,
    words_of,
)

ERIN = Identity(PLATFORM, WORKSPACE, "erin", "Erin")
NEED = "someone who knows about NHS data opt-outs"
COORDINATORS = channel("coordinators")


async def a_network(store: Any = None) -> Network:
    """Carol and Erin are in the directory; both know about what Alice asks for, Carol more."""
    network = await Network.make(store=store)
    await network.joins(CAROL, organisation="Patients Trust")
    await network.joins(ERIN, organisation="Example Council", can_help="I know a little about opt-outs.", topics=())
    return network


def card(network: Network, number: int = -1) -> Message:
    cards = [m for m in network.courier.in_channel("coordinators") if m.summary.startswith("Request for an intro")]
    return cards[number]


def press(message: Message, label: str, about: str = "") -> Button:
    """The button with this label; with ``about``, that beside a line with these words."""
    return next(button for button in buttons_of(message, about) if button.label == label)


async def coordinator_asks(network: Network, about: str = "Carol", who: Identity = DAN, **fields: str) -> Reply:
    """A coordinator presses Ask… beside somebody, and sends the form."""
    opened = await network.press(who, press(card(network), "Ask…", about))
    return await network.send(who, opened.form, **fields)


async def days_pass(network: Network, days: float) -> None:
    """Time passes, with a tick each day."""
    whole, rest = divmod(days, 1)
    for step in [1.0] * int(whole) + ([rest] if rest else []):
        network.clock.advance(hours=step * 24)
        await introduction_tick(network.services)
        await network.sends()


def to(network: Network, user: str) -> list[str]:
    """What a person's own messages show."""
    return [words_of(message) for message in network.courier.to(user)]


async def test_the_form_says_what_is_agreed_to_and_the_request_reaches_the_coordinators_and_nobody_else() -> None:
    network = await a_network()
    form = (await network.say(ALICE, f"/intro {NEED}", "digest")).form
    assert form is not None
    assert form.fields[0].value == NEED
    assert "".join(span.text for span in form.intro) == (
        "By sending this you agree that the coordinators see it, and that those whom they ask see your name, your "
        "organisation, what you need and what you say about yourself. Whoever of them says yes is introduced to you, "
        "and then learns your account in chat (in Teams, the name by which you sign in) and the e-mail address that "
        "you give below, if you give one. A coordinator may be in your conversation too. You can take it back until "
        "an introduction has gone out. Please write nothing here about anybody’s health, beliefs or other sensitive "
        "matters."
    )
    reply = await network.send(
        ALICE, form, blurb="I run a charity.", organisation="Example Charity", needed_by="14 Feb", prefer="Some Trust"
    )
    recorded = said(reply)
    assert recorded.startswith(
        f"Your request is recorded. The coordinators have been told.\nYou wrote: {NEED}\n"
        "If somebody agrees, the two of you are introduced straight away. If not, you hear so on "
    )
    assert recorded.endswith(", and not before, whatever the reason.\n<Take it back>")
    shown = words_of(card(network))
    assert shown.startswith(
        "Request for an introduction\n"
        f"Alice (Example Charity) writes: {NEED}\n"
        "About them: I run a charity.\n"
        "By: Friday 14 February 2025\nPreferably of: Some Trust\n"
        "Carol (Patients Trust) [writes “NHS”, “data”, “opt-outs”]\n"
        "Erin (Example Council) [A weak match: writes “opt-outs”]\n"
        "<Look again> <Close>\n"
        "Asked Thursday 23 January 2025, 10:00. Without an introduction, they hear so on "
    )
    assert {line.address for line in network.courier.posted} == {COORDINATORS}
    async with network.store.read() as uow:
        alice = await uow.members.find(ALICE)
        assert alice is not None
        (consent,) = await uow.consents.of(alice.id)
        assert (consent.text, consent.purpose.value, consent.stands) == (requester.CONSENT, "request", True)


async def test_the_whole_journey_ends_in_a_group_message_and_one_question_two_weeks_later() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED, organisation="Example Charity")
    assert said(await coordinator_asks(network, note="Alice is lovely.")) == (
        "They are asked now. The card shows what comes of it."
    )
    (question,) = network.courier.to("carol")
    assert words_of(question) == (
        "Would you like to be introduced?\n"
        f"Alice (Example Charity) asks for an introduction, and needs: {NEED}\n"
        "About Alice: I run a small charity.\n"
        "Why you: your profile writes “NHS”, “data”, “opt-outs”.\n"
        "A coordinator adds: Alice is lovely.\n"
        "If you say yes, Alice learns your name (Carol), your organisation (Patients Trust) and your account in chat, "
        "and I bring the two of you together. You can take a yes back until that message has gone out.\n"
        "<Yes> <Not now> <No>\n"
        "You can answer until Thursday 30 January 2025, 10:00; silence counts as no. Alice does not know that you are "
        "asked, and does not learn it unless you say yes."
    )
    assert "Carol (Patients Trust) is being asked: since Thursday 23 January 2025, 10:00" in words_of(card(network))
    assert said(await network.press(CAROL, press(question, "Yes"))) == (
        "Thank you. You are being introduced, and will see it in a moment."
    )
    (introduction,) = network.courier.to("alice,carol")
    assert words_of(introduction) == (
        "Alice, meet Carol\n"
        f"Alice (Example Charity) asked: {NEED}\n"
        "About Alice: I run a small charity.\n"
        "Carol (Patients Trust) has agreed to be introduced to Alice.\n"
        "Alice, please write first: say when you could talk, and what would help you most. Carol, there is nothing "
        "for you to do until then."
    )
    assert "They have been introduced." in words_of(card(network))
    assert "Carol (Patients Trust) and Alice have been introduced." in to_coordinators(network)
    assert to(network, "carol")[0].startswith("You said yes\nAlice (Example Charity) asks: ")
    assert "<Take it back>" not in to(network, "carol")[0]
    await days_pass(network, 13.9)
    assert to(network, "alice") == []
    await days_pass(network, 1)
    (for_alice,) = network.courier.to("alice")
    assert words_of(for_alice) == (
        "Did you meet?\n"
        "Two weeks ago I introduced you and Carol. Did the two of you meet, or talk?\n"
        "<Yes, we met> <Not yet> <No>\n"
        "It is only counted. I ask this once."
    )
    assert said(await network.press(ALICE, press(for_alice, "Yes, we met"))) == words_of(both.SAID_MET)
    assert "not (or no longer) open for you" in said(await network.press(DAN, press(for_alice, "Yes, we met")))
    await days_pass(network, 20)
    assert len(network.courier.to("alice")) == 1
    assert "this is finished" in words_of(card(network))
    async with network.store.read() as uow:
        carol = await uow.members.find(CAROL)
        assert carol is not None
        (consent,) = [each for each in await uow.consents.of(carol.id) if each.purpose.value == "introduction"]
        assert consent.text in words_of(question)
        log = [(entry.action, entry.subject.split(":")[0]) for entry in await uow.audit.latest(5)]
        assert log == [("asked about a request", "request")]


def to_coordinators(network: Network) -> str:
    return "\n".join(words_of(message) for message in network.courier.in_channel("coordinators"))


async def seen_by_alice(network: Network, replies: list[Reply]) -> list[tuple[str, str]]:
    """All that Alice can tell: what she was answered, and what was sent to her and when (to the minute)."""
    answered = [("", said(reply)) for reply in replies]
    sent = []
    async with network.store.read() as uow:
        for line in network.courier.posted:
            if "alice" in line.address.users:
                row = await uow.deliveries.get(line.key)
                assert row is not None
                sent.append((f"{row.created_at:%Y-%m-%d %H:%M}", words_of(line.message)))
    return [*answered, *sent]


def same_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every network gives its requests the same ids, so that their dates can be compared."""
    numbers = iter(range(1000))
    monkeypatch.setattr(requesting, "new_id", lambda: f"request{next(numbers)}")


VARIANTS = ("nobody", "declined", "not now", "expired", "avoided", "snoozed", "closed", "left", "taken back",
            "withdrawn", "named", "named nobody")  # fmt: skip


async def variant(what: str) -> list[tuple[str, str]]:
    """One way in which nothing comes of a request, and all that Alice saw of it."""
    network = await Network.make()
    profile: dict[str, object] = {"avoid": ("Alice",)} if what == "avoided" else {}
    profile |= {"snoozed_until": NOW.date() + timedelta(days=90)} if what == "snoozed" else {}
    if what not in ("nobody", "named nobody"):
        carol = await network.joins(CAROL, organisation="Patients Trust", **profile)
    words = "@carol" if what.startswith("named") else NEED
    form = (await network.say(ALICE, f"/intro {words}", mentions={"@carol": CAROL})).form
    assert form is not None
    need = form.fields[0].value
    assert need == ("An introduction to Carol" if what.startswith("named") else NEED)
    replies = [await network.send(ALICE, form, need=NEED, blurb="I run a small charity.")]
    if what in ("declined", "not now", "expired", "left", "taken back", "withdrawn", "closed", "named"):
        await coordinator_asks(network)
        (question,) = network.courier.to("carol")
        if what in ("declined", "named"):
            opened = await network.press(CAROL, press(question, "No"))
            await network.send(CAROL, opened.form, reason="Too busy with Alice’s rivals.")
        elif what == "not now":
            opened = await network.press(CAROL, press(question, "Not now"))
            await network.send(CAROL, opened.form)
        elif what == "taken back":
            network.courier.fails(TransportError("x", "Nothing was sent.", permanent=True), user="alice,carol")
            await network.press(CAROL, press(question, "Yes"))
            await network.press(CAROL, press(network.courier.to("carol")[0], "Take it back"))
        elif what == "withdrawn":
            await network.press(DAN, press(card(network), "Take the question back"))
        elif what == "closed":
            await network.press(DAN, press(card(network), "Close"))
        elif what == "left":
            async with network.store.begin() as uow:
                await upkeep.leave(uow, carol, network.clock.now())
                await uow.profiles.remove(carol)
                await uow.commit()
    replies.append(await network.say(ALICE, "/convenor home"))
    await days_pass(network, 10)
    replies.append(await network.say(ALICE, "/convenor home"))
    for _ in range(2):
        replies.append(await network.asks_for(ALICE, "someone else, for another thing"))
    for hour in range(24 * 20):
        network.clock.advance(hours=1)
        if hour % 6 == 0 or 24 * 9 < hour < 24 * 17:
            await introduction_tick(network.services)
            await network.sends()
    replies.append(await network.say(ALICE, "/convenor home"))
    return await seen_by_alice(network, replies)


async def test_a_requester_cannot_tell_by_words_order_number_or_date_why_nothing_came_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected: list[tuple[str, str]] = []
    for what in VARIANTS:
        with monkeypatch.context() as patch:
            same_ids(patch)
            seen = await variant(what)
        expected = expected or seen
        assert _without_references(seen) == _without_references(expected), what
        answers = [words for _, words in seen if words.startswith("No introduction this time")]
        assert len(answers) >= 1
    assert not [words for _, words in expected if "Carol" in words]


def _without_references(seen: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(at, words.partition(" (reference")[0]) for at, words in seen]


async def test_what_the_coordinator_said_happens_next_happens_and_the_reason_is_theirs_alone() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    erin = (await network.press(DAN, press(card(network), "Ask…", "Carol"))).form
    assert erin is not None
    second = next(option.value for option in erin.fields[0].options if option.label.startswith("Erin"))
    assert said(await network.send(DAN, erin, second=second)) == "They are asked now. The card shows what comes of it."
    opened = await network.press(CAROL, press(network.courier.to("carol")[0], "No"))
    assert said(await network.send(CAROL, opened.form, reason="No time")) == (
        "Thank you. You are not introduced, and nobody but the coordinators knows that you were asked."
    )
    assert to(network, "carol")[0] == (
        "This question is settled\nYou said no. Thank you for answering; nobody but the coordinators knows."
    )
    assert to(network, "erin")[0].startswith("Would you like to be introduced?")
    shown = words_of(card(network))
    assert "Carol (Patients Trust) said no: “No time”\nErin (Example Council) is being asked: since" in shown
    opened = await network.press(ERIN, press(network.courier.to("erin")[0], "Not now"))
    assert opened.messages == ()
    await network.send(ERIN, opened.form, reason="Gladly from May")
    assert "Erin (Example Council) said “not now”: “Gladly from May”" in words_of(card(network))
    who_is_next = "Erin (Example Council) said “not now”, and nobody is being asked now. Who is next?"
    assert who_is_next in to_coordinators(network)
    assert not [words for words in to(network, "alice") if words]


async def test_one_reminder_on_day_4_expiry_on_day_7_and_a_press_that_comes_late_is_answered() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    await days_pass(network, 4)
    question, reminder = network.courier.to("carol")
    assert words_of(reminder).startswith("A reminder: would you like to be introduced?")
    assert words_of(reminder).endswith("I do not remind you again.")
    await days_pass(network, 3)
    assert len(network.courier.to("carol")) == 2
    assert (
        to(network, "carol")
        == [
            "This question is settled\n"
            "The time for an answer is over, which counts as no. Nobody but the coordinators knows."
        ]
        * 2
    )
    for old in (question, reminder):
        assert "That question has been settled meanwhile." in said(await network.press(CAROL, press(old, "Yes")))
    assert network.courier.to("alice,carol") == []


async def test_a_request_that_cannot_be_looked_after_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await network.asks_for(BOB, "someone who knows about opt-outs in Wales")
    async with network.store.read() as uow:
        first, _ = [each.id for each in await uow.requests.unfinished()]
    real = upkeep._move_on

    async def broken(uow: Any, request_id: str, now: Any) -> bool:
        if request_id == first:
            raise RuntimeError("this one is broken")
        return await real(uow, request_id, now)

    monkeypatch.setattr(upkeep, "_move_on", broken)
    network.clock.advance(days=40)
    with pytest.raises(upkeep.NotLookedAfter, match="It is tried again"):
        await introduction_tick(network.services)
    async with network.store.read() as uow:
        assert [each.id for each in await uow.requests.unfinished()] == [first]
    monkeypatch.setattr(upkeep, "_move_on", real)
    await introduction_tick(network.services)
    async with network.store.read() as uow:
        assert await uow.requests.unfinished() == []


async def test_nobody_accepts_for_another_and_nobody_learns_who_was_asked_by_pressing() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    yes = press(network.courier.to("carol")[0], "Yes")
    for who in (ALICE, BOB, DAN, ERIN):
        for action in (candidate.YES, candidate.NO, candidate.SHOW, candidate.BACK):
            pressed = said(await network.press(who, Button("x", action, yes.value)))
            unknown = said(await network.press(who, Button("x", action, "nothing")))
            assert (
                _short(pressed)
                == _short(unknown)
                == ("That question is not (or no longer) open for you. Nothing was changed.")
            )
    for action in (coordinator.ASK, coordinator.CLOSE, coordinator.REMIND, coordinator.WITHDRAW_ASK):
        assert "That is for a coordinator" in said(await network.press(ALICE, Button("x", action, yes.value)))


def _short(words: str) -> str:
    return words.partition(" (reference")[0]


async def test_coordinators_remind_once_take_the_question_back_and_close() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    remind = press(card(network), "Remind now")
    assert said(await network.press(DAN, remind)) == "They are reminded. That was the one reminder."
    assert "one reminder is enough" in said(await network.press(DAN, remind))
    assert "<Remind now>" not in words_of(card(network))
    back = press(card(network), "Take the question back")
    assert said(await network.press(DAN, back)) == "The question is taken back."
    assert "has been settled meanwhile" in said(await network.press(DAN, back))
    assert "Carol (Patients Trust) is not asked any more" in words_of(card(network))
    assert said(await network.press(DAN, press(card(network), "Close"))).startswith("The request is closed.")
    assert "A coordinator has closed this." in words_of(card(network))
    async with network.store.read() as uow:
        assert [entry.action for entry in await uow.audit.latest(9)] == [
            "closed a request", "took a question back", "reminded about a request", "asked about a request",
        ]  # fmt: skip


async def test_coordinators_find_what_is_open_in_a_queue_with_the_card_of_each_and_not_their_own() -> None:
    network = await a_network()
    assert said(await network.say(DAN, "/intro queue")) == "No request for an introduction is open at present."
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    await network.asks_for(BOB, "a barrister for a case on facial recognition")
    await network.asks_for(DAN, "somebody who knows about procurement")
    async with network.store.read() as uow:
        (bobs,) = [each for each in await uow.requests.unfinished() if each.request.requester.name == "Bob"]
    reply = await network.say(DAN, "/intro queue")
    lines = [line.partition(" Without an introduction, they hear so on ")[0] for line in said(reply).split("\n")]
    assert lines == [
        "Requests for introductions",
        "Bob: a barrister for a case on facial recognition [Nobody is being asked.",
        f"Alice: {NEED} [Somebody is being asked until Thursday 30 January 2025, 10:00.",
        "Only you see this. A request of your own is not here: others look after it.",
    ]
    shown = press(reply.messages[0], "Show", "Bob")
    assert shown.value == bobs.id
    assert said(await network.press(DAN, shown)) == words_of(card(network))
    refused = said(await network.say(CAROL, "/intro queue"))
    assert refused.startswith("That is for a coordinator")


async def test_the_directory_is_up_to_date_and_no_good_match_is_said_plainly() -> None:
    network = await Network.make()
    await network.asks_for(ALICE, NEED)
    assert "No good match: nobody who can be asked now says that they could help with this." in words_of(card(network))
    await network.joins(CAROL)
    assert said(await network.press(DAN, press(card(network), "Look again"))) == "The candidates are those who fit now."
    assert "Carol (Example Trust) [writes “NHS”" in words_of(card(network))
    await network.joins(CAROL, can_help="Medieval poetry.", topics=(), role="")
    await network.press(DAN, press(card(network), "Look again"))
    assert "Carol" not in words_of(card(network))


async def test_the_topics_of_a_request_count_and_are_kept_with_it() -> None:
    network = await Network.make()
    about = Matcher(lambda text: ("ai",) if "opt-outs" in text else (), lambda text: {}, {"ai": "AI"})
    network.services = replace(network.services, directory=Directory(lambda: about))
    network.desk = Front(build_table(), network.services)
    await network.joins(CAROL, can_help="Machine learning.", role="", topics=("ai",))
    await network.asks_for(ALICE, NEED)
    assert "Carol (Example Trust) [is about AI]" in words_of(card(network))
    async with network.store.read() as uow:
        (journey,) = await uow.requests.unfinished()
    assert journey.request.topics == ("ai",)


async def test_whoever_is_named_or_preferred_is_first_if_they_can_be_asked() -> None:
    network = await Network.make()
    await network.joins(CAROL, organisation="Patients Trust")
    await network.joins(ERIN, organisation="Example Council", can_help="NHS data opt-outs, from the inside.")
    await network.asks_for(ALICE, NEED, prefer="The Example Council Ltd")
    lines = words_of(card(network)).splitlines()
    assert [line for line in lines if "[" in line] == [
        "Erin (Example Council) [writes “NHS”, “data”, “opt-outs”; is of an organisation that they would prefer]",
        "Carol (Patients Trust) [writes “NHS”, “data”, “opt-outs”]",
    ]
    form = (await network.say(BOB, "/intro @carol", mentions={"@carol": CAROL})).form
    await network.send(BOB, form, need="Somebody to talk to about procurement", blurb="I write about tenders.")
    assert "Carol (Patients Trust) [was asked for by name]" in words_of(card(network))
    await coordinator_asks(network)
    assert "Why you: you were asked for by name.\n" in words_of(network.courier.to("carol")[0])
    opened = await network.press(DAN, press(card(network, 0), "Ask…", "Erin"))
    await network.send(DAN, opened.form)
    assert (
        "Why you: your profile writes “NHS”, “data”, “opt-outs”; you are of an organisation that they would prefer.\n"
        in words_of(network.courier.to("erin")[0])
    )


async def test_whom_a_coordinator_chose_too_late_is_not_asked_and_the_note_is_given_back() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    opened = await network.press(DAN, press(card(network), "Ask…", "Carol"))
    await network.joins(CAROL, avoid=("Alice",))
    answer = said(await network.send(DAN, opened.form, note="Alice is lovely."))
    assert answer == (
        "At least one of those you chose cannot be asked at present. I do not say why: it may be a limit, or something "
        "private. Nobody was asked; please choose again. This is what you wrote:\nYour note: Alice is lovely."
    )
    assert network.courier.to("carol") == []


async def test_nobody_is_asked_about_a_request_whose_writer_has_not_agreed_or_does_not_any_more() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    async with network.store.begin() as uow:
        (journey,) = await uow.requests.unfinished()
        await uow.consents.withdraw(journey.id, network.clock.now())
        await uow.commit()
    assert said(await coordinator_asks(network)).startswith(
        "Whoever asked for this has not agreed to be shown to those who are asked"
    )
    assert network.courier.to("carol") == []


async def test_a_coordinators_own_request_is_for_the_other_coordinators_in_private() -> None:
    network = await a_network()
    await network.say(BOB, "/convenor roles add @erin coordinator", mentions={"@erin": ERIN})
    await network.asks_for(DAN, NEED)
    assert network.courier.in_channel("coordinators") == []
    assert network.courier.to("dan") == []
    (mine,) = network.courier.to("erin")
    assert "Carol (Patients Trust)" in words_of(mine)
    for label in ("Look again", "Close"):
        assert "You are one of the two" in said(await network.press(DAN, press(mine, label)))
    opened = await network.press(ERIN, press(mine, "Ask…", "Carol"))
    assert [option.label for option in opened.form.fields[0].options] == ["Carol (Patients Trust)"]  # type: ignore[union-attr]
    await network.send(ERIN, opened.form)
    assert len(network.courier.to("carol")) == 1


async def test_a_coordinator_does_not_hear_of_a_question_about_their_own_request_that_is_stuck() -> None:
    network = await a_network()
    await network.say(BOB, "/convenor roles add @erin coordinator", mentions={"@erin": ERIN})
    await network.asks_for(DAN, NEED)
    (mine,) = network.courier.to("erin")
    opened = await network.press(ERIN, press(mine, "Ask…", "Carol"))
    network.courier.fails(TransportError("x", "They cannot be written to.", permanent=True), user="carol")
    await network.send(ERIN, opened.form)
    (stuck,) = [m for m in network.courier.to("erin") if "could not be posted" in m.summary]
    assert "Carol" in words_of(stuck)
    assert "Carol" not in to_coordinators(network)
    assert to(network, "dan") == []
    assert said(await network.say(DAN, "/convenor stuck")).startswith("Everything has been posted")
    assert "Carol" in said(await network.say(ERIN, "/convenor stuck"))
    for label in ("Try again", "Leave it"):
        assert said(await network.press(DAN, press(stuck, label))) == (
            "This is about a request of your own, so another coordinator decides about it. Nothing was done."
        )
    await network.press(ERIN, press(stuck, "Try again"))
    assert to(network, "carol")[0].startswith("Would you like to be introduced?")


async def test_an_introduction_that_may_have_arrived_is_for_coordinators_to_decide() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    lost = TransportError("x", "The connection was lost.", ambiguous=True)
    network.courier.fails(lost, after_posting=True, user="alice,carol")
    question = network.courier.to("carol")[0]
    await network.press(CAROL, press(question, "Yes"))
    stuck = [m for m in network.courier.in_channel("coordinators") if m.summary.startswith("Did this arrive?")]
    assert "“Alice, meet Carol” may or may not have arrived in the direct messages of Alice and Carol." in words_of(
        stuck[0]
    )
    assert "as it cannot be taken back" not in said(await network.press(ALICE, Button("x", requester.WITHDRAW, "x")))
    # No coordinator can look into the conversation of others, nor copy a link from it.
    assert "Please ask Alice and Carol. If it is there, press “It is there”; if it is not" in words_of(stuck[0])
    assert said(await network.press(DAN, press(stuck[0], "It is there"))).startswith("Thank you.")
    assert "They have been introduced." in words_of(card(network))
    assert len(network.courier.to("alice,carol")) == 1


async def test_what_should_have_followed_from_a_delivery_follows_at_the_next_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    with monkeypatch.context() as patch:

        async def breaks(*_: object) -> None:
            raise Stale("r1")

        patch.setattr("bot.posts.introductions.note_delivery", breaks)
        await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
    assert len(network.courier.to("alice,carol")) == 1
    assert "The introduction is on its way." in words_of(card(network))
    await introduction_tick(network.services)
    await network.sends()
    assert "They have been introduced." in words_of(card(network))
    assert len(network.courier.to("alice,carol")) == 1


async def test_an_introduction_that_is_given_up_goes_back_to_the_coordinators() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    network.courier.fails(TransportError("x", "They cannot be written to.", permanent=True), user="alice,carol")
    await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
    (stuck,) = [m for m in network.courier.in_channel("coordinators") if "could not be posted" in m.summary]
    await network.press(DAN, press(stuck, "Leave it"))
    assert "nobody is being asked now" in to_coordinators(network)
    assert to(network, "carol")[0].startswith("This question is settled\nThis is no longer needed.")
    assert to(network, "alice") == []


async def test_who_share_no_workspace_get_one_mail_or_each_the_contact_that_both_agreed_to() -> None:
    network = await Network.make(can_mail=True)
    far = Identity("other", "X", "frank", "Frank")
    await network.joins(far, contacts=(Contact.CHAT, Contact.EMAIL), email="frank@example.org")
    network.courier_for("other")
    await network.asks_for(ALICE, NEED, email="alice@example.org")
    await coordinator_asks(network, "Frank")
    await network.press(far, press(network.courier.to("frank")[0], "Yes"))
    (mail,) = network.mail.posted
    assert mail.address == Address("mail", "", user="alice@example.org,frank@example.org")
    assert "Please reply to all, which leaves me out." in words_of(mail.message)
    await network.joins(ERIN)
    later = Identity("other", "X", "grace", "Grace")
    await network.joins(later, can_help="Procurement law and tenders", organisation="Other House")
    await network.asks_for(ERIN, "somebody for procurement law")
    await coordinator_asks(network, "Grace")
    await network.press(later, press(network.courier.to("grace")[0], "Yes"))
    assert "You reach Grace in chat, as Grace. Please write first" in to(network, "erin")[-1]
    assert (
        "Erin has been told how to reach you, and writes first. You reach Erin in chat, as Erin."
        in (to(network, "grace")[-1])
    )


async def test_an_outsider_is_recorded_by_a_coordinator_and_introduced_by_mail() -> None:
    network = await Network.make(can_mail=True)
    await network.joins(CAROL, contacts=(Contact.EMAIL,), email="carol@example.org")
    assert "That is for a coordinator" in said(await network.say(ALICE, "/intro outsider"))
    form = (await network.say(DAN, "/intro outsider")).form
    reply = await network.send(DAN, form, name="Heidi", need=NEED, blurb="An MP’s office.", email="heidi@", consent="")
    assert set(reply.errors) == {"email", "consent"}
    form = (await network.say(DAN, "/intro outsider")).form
    assert said(
        await network.send(DAN, form, email="heidi@example.org", consent="Agreed on the phone to be introduced.")
    ).startswith("The request for Heidi is recorded. They hear by mail, on ")
    assert "Heidi (not a member; recorded by a coordinator) writes: " in words_of(card(network))
    await coordinator_asks(network)
    await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
    (mail,) = network.mail.posted
    assert mail.address.users == ("heidi@example.org", "carol@example.org")
    async with network.store.read() as uow:
        (journey,) = await uow.requests.unfinished()
        (consent, _) = await uow.consents.about(journey.id)
        assert (consent.member_id, consent.text) == ("", "Agreed on the phone to be introduced.")
    await days_pass(network, 15)
    (question,) = [m for m in network.courier.to("carol") if m.summary == "Did you meet?"]
    await network.press(CAROL, press(question, "No"))
    assert "this is finished" in words_of(card(network))


async def test_what_does_not_fit_into_a_message_is_not_taken() -> None:
    network = await Network.make()
    long = dict.fromkeys(("prefer", "avoid", "organisation"), "x" * 201)
    reply = await network.submit(ALICE, "intro", need="x" * 1501, blurb="x" * 701, **long)
    assert reply.errors == {
        "need": "Please keep it under 1,500 characters, so that it can be read at a glance.",
        "blurb": "Please keep it under 700 characters.",
        **dict.fromkeys(long, "Please keep it to 200 characters."),
    }
    reply = await network.submit(
        DAN, coordinator.OUTSIDER_FORM, name="x" * 201, consent="x" * 1001, need=NEED, blurb="x"
    )
    assert set(reply.errors) == {"name", "consent", "email"}


async def test_an_outsider_hears_by_mail_on_their_date() -> None:
    network = await Network.make(can_mail=True)
    form = (await network.say(DAN, "/intro outsider")).form
    await network.send(DAN, form, name="Heidi", need=NEED, blurb="x", email="heidi@example.org", consent="Agreed.")
    await days_pass(network, 30)
    (mail,) = network.mail.posted
    assert mail.address.user == "heidi@example.org"
    assert words_of(mail.message).startswith("No introduction this time\nThere is no introduction this time for what")


async def test_a_request_can_be_taken_back_by_its_writer_alone() -> None:
    network = await a_network()
    reply = await network.asks_for(ALICE, NEED)
    (button,) = buttons_of(reply.messages[0])
    assert "That request is closed already. Nothing was changed." in said(await network.press(BOB, button))
    await coordinator_asks(network)
    assert said(await network.press(ALICE, button)) == (
        "Your request is taken back, and the coordinators see that it is closed."
    )
    assert "Alice has taken this request back. There is nothing to do." in words_of(card(network))
    assert "This is no longer needed." in to(network, "carol")[0]
    assert "That request is closed already. Nothing was changed." in said(await network.press(ALICE, button))
    async with network.store.read() as uow:
        (journey,) = await uow.requests.of_candidate((await uow.members.find(CAROL)).id)
        (consent,) = await uow.consents.about(journey.id)
        assert not consent.stands


async def test_one_person_has_at_most_two_open_requests_and_what_was_typed_stays() -> None:
    network = await Network.make()
    for need in ("someone for facial recognition", "someone for health data"):
        assert "is recorded" in said(await network.asks_for(ALICE, need))
    third = said(await network.asks_for(ALICE, "someone for procurement"))
    assert third.startswith("You have 2 open requests already, which is as many as one person can have")
    assert len(network.courier.in_channel("coordinators")) == 2
    assert (await network.say(ALICE, "/intro")).form.fields[0].value == "someone for procurement"  # type: ignore[union-attr]


async def test_what_was_typed_into_the_form_is_kept_until_it_is_accepted() -> None:
    network = await Network.make()
    typed = {"need": "help me", "blurb": "", "needed_by": "the day after", "email": "nowhere"}
    assert (await network.submit(ALICE, "intro", **typed)).errors == {
        "need": "Please say a little more (at least 10 characters): who or what would help you?",
        "blurb": "Please say in a sentence or two who you are, so that whoever is asked can judge.",
        "needed_by": "That is not a day that I understand. Write for example 14 February, or 2025-02-14.",
        "email": "That is not an e-mail address. Please correct it, or leave it empty.",
    }
    form = (await network.say(ALICE, "/intro")).form
    assert form is not None
    assert {field.name: field.value for field in form.fields if field.value} == {k: v for k, v in typed.items() if v}
    sent = await network.send(ALICE, form, need="help me with procurement law", blurb="I…", needed_by="", email="")
    assert "is recorded" in said(sent)
    form = (await network.say(ALICE, "/intro")).form
    assert form is not None
    assert form.fields[0].value == ""


async def test_without_a_channel_each_coordinator_is_told_in_private() -> None:
    network = await Network.make(bound=False)
    await network.asks_for(ALICE, "someone who knows about procurement")
    assert "Alice writes" in words_of(network.courier.to("dan")[0])


async def test_a_request_waits_for_the_first_coordinator() -> None:
    network = await Network.make(bound=False)
    await network.say(BOB, "/convenor roles remove @dan coordinator", mentions={"@dan": DAN})
    reply = await network.asks_for(ALICE, "someone who knows about procurement")
    assert "There is no coordinator yet, so it waits; whoever becomes one is told at once." in said(reply)
    await network.say(BOB, "/convenor roles add @carol coordinator", mentions={"@carol": CAROL})
    assert "Alice writes" in words_of(network.courier.to("carol")[0])


async def test_a_member_who_leaves_or_snoozes_is_on_no_card_any_more() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    async with network.store.begin() as uow:
        erin = await uow.members.find(ERIN)
        assert erin is not None
        await upkeep.snooze(uow, erin.id, network.clock.now())
        await uow.commit()
    await network.sends()
    assert "Erin" not in words_of(card(network))
    async with network.store.begin() as uow:
        alice = await uow.members.find(ALICE)
        assert alice is not None
        await upkeep.leave(uow, alice.id, network.clock.now())
        await uow.commit()
    await network.sends()
    assert "has taken this request back" in words_of(card(network))


async def carol_goes(network: Network, how: str) -> None:
    """Carol leaves the directory, rests, or is let go as whoever is erased is."""
    if how == "rests":
        await network.say(CAROL, "/profile pause")
    elif how == "leaves":
        await network.say(CAROL, "/profile leave")
    else:
        async with network.store.begin() as uow:
            member = await uow.members.find(CAROL)
            assert member is not None
            await upkeep.leave(uow, member.id, network.clock.now())
            await uow.profiles.remove(member.id)
            await uow.commit()
        await network.sends()


async def state_of(network: Network) -> str:
    async with network.store.read() as uow:
        alice = await uow.members.find(ALICE)
        assert alice is not None
        (journey,) = await uow.requests.of_requester(alice.id)
        return str(journey.request.state.value)


@pytest.mark.parametrize("how", ["rests", "leaves", "is erased"])
@pytest.mark.parametrize("when", ["suggested", "asked", "second", "agreed", "introduced", "followed up"])
async def test_a_candidate_who_goes_half_way_is_let_go_at_every_state(when: str, how: str) -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    if when == "second":
        form = (await network.press(DAN, press(card(network), "Ask…", "Erin"))).form
        assert form is not None
        carol = next(option.value for option in form.fields[1].options if option.label.startswith("Carol"))
        await network.send(DAN, form, second=carol)
    elif when != "suggested":
        await coordinator_asks(network)
    if when == "agreed":
        broke = TransportError("x", "They cannot be written to.", permanent=True)
        network.courier.fails(broke, user="alice,carol")
    if when in ("agreed", "introduced", "followed up"):
        await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
    if when == "followed up":
        await days_pass(network, 14)
    before = to(network, "alice")
    await carol_goes(network, how)
    stays = how == "rests"
    after = {
        "suggested": "open",
        "asked": "open",
        "second": "asking",
        "agreed": "agreed" if stays else "open",
        "introduced": "introduced" if stays else "finished",
        "followed up": "followed up" if stays else "finished",
    }
    assert await state_of(network) == after[when]
    if when == "suggested":
        assert "Carol" not in words_of(card(network))
    if when == "asked":
        assert to(network, "carol") == ["This question is settled\nYou are not asked about this any more."]
    if when == "second":
        opened = await network.press(ERIN, press(network.courier.to("erin")[0], "Not now"))
        await network.send(ERIN, opened.form)
        assert await state_of(network) == "open"
        assert to(network, "carol") == []
    assert to(network, "alice") == before
    if when == "agreed" and not stays:
        await network.sends()
        assert network.courier.to("alice,carol") == []
    await days_pass(network, 45)
    messages = (*network.courier.to("alice"), *network.courier.to("carol"))
    questions = [message for message in messages if message.summary == "Did you meet?"]
    assert len(questions) == (2 if when == "followed up" or (when == "introduced" and stays) else 0)
    assert await state_of(network) in ("answered", "finished")


async def test_three_months_after_its_end_the_words_of_a_request_go_from_the_messages_about_it() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
    await days_pass(network, 14 + 14 + 88)
    assert NEED in words_of(card(network))
    assert NEED in to(network, "carol")[0]
    await days_pass(network, 2)
    over = "so its words were deleted."
    assert NEED not in to_coordinators(network)
    assert all(words_of(message).endswith(over) for message in network.courier.in_channel("coordinators"))
    assert len(network.courier.in_channel("coordinators")) == 2
    assert to(network, "carol")[0].endswith(over)
    # What the two have was written to them.
    assert NEED in words_of(network.courier.to("alice,carol")[0])


async def test_the_home_of_whoever_is_asked_shows_the_question() -> None:
    network = await a_network()
    await network.asks_for(ALICE, NEED)
    await coordinator_asks(network)
    home = (await network.say(CAROL, "/convenor home")).messages[0]
    assert f"Somebody asks to be introduced to you\nAlice: {NEED} [You can answer until Thursday 30" in words_of(home)
    shown = await network.press(CAROL, press(home, "Show"))
    assert said(shown).startswith("Would you like to be introduced?")
    await network.press(CAROL, press(shown.messages[0], "Yes"))
    assert "Somebody asks to be introduced" not in words_of((await network.say(CAROL, "/convenor home")).messages[0])
