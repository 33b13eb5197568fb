"""Introductions between platforms, and in Teams, in memory: who learns what of whom, and where they meet."""

from __future__ import annotations

from typing import Any

import pytest

from bot.introductions import ways
from bot.introductions.model import Way
from bot.introductions.ways import Reachable
from bot.members.profile import Contact
from bot.messages import Button, ChatLink, Identity, Message
from digests.model import Address
from tests.builders import NOW
from tests.fakes.courier import FakeCourier
from tests.fakes.network import ALICE, CAROL, DAN, Network, buttons_of, said, words_of

NEED = "someone who knows about NHS data opt-outs"
IN_TEAMS = {
    name: Identity("teams", "tenant-1", f"aad-{name.lower()}", name) for name in ("Alice", "Carol", "Dan", "Frank")
}


class Across:
    """Dan coordinates in the first chat; Teams is beside it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.teams = FakeCourier()
        network.courier_for("teams", self.teams)

    @classmethod
    async def make(cls, *, can_mail: bool = False) -> Across:
        return cls(await Network.make(can_mail=can_mail))

    async def links(self, first: Identity, second: Identity) -> None:
        """One person has both accounts."""
        async with self.network.store.begin() as uow:
            one, other = [await uow.members.resolve(each, NOW) for each in (first, second)]
            await uow.members.merge(other.id, one.id)
            await uow.commit()

    async def asks(self, requester: Identity, candidate: str, *, email: str = "", **fields: str) -> Message:
        """Somebody asks, Dan asks the candidate; the question as it is shown to them."""
        await self.network.asks_for(requester, NEED, email=email)
        form = (await self.network.press(DAN, self.network.button("Ask…", "coordinators", candidate))).form
        assert "They are asked now" in said(await self.network.send(DAN, form, **fields))
        everything = [*self.network.courier.posted, *self.teams.posted]
        return next(line.message for line in everything if "asks to be introduced" in line.message.summary)

    async def says_yes(self, who: Identity, question: Message) -> None:
        await self.network.press(who, _button(question, "Yes"))


def _button(message: Message, label: str) -> Button:
    return next(button for button in buttons_of(message) if button.label == label)


def last(messages: list[Message]) -> Message:
    return [message for message in messages if ", meet " in message.summary][-1]


def link_in(message: Message) -> ChatLink | None:
    return next((block for block in message.blocks if isinstance(block, ChatLink)), None)


def addresses(*people: str) -> tuple[Address, ...]:
    return tuple(IN_TEAMS[person].address for person in people)


async def test_two_who_are_in_one_teams_each_get_a_card_there_with_a_link_to_their_chat() -> None:
    across = await Across.make(can_mail=True)
    await across.links(ALICE, IN_TEAMS["Alice"])
    await across.network.joins(IN_TEAMS["Carol"], organisation="Patients Trust",
                               contacts=(Contact.CHAT, Contact.EMAIL), email="carol@example.org")  # fmt: skip
    question = await across.asks(ALICE, "Carol", email="alice@example.org")
    assert (
        "If you say yes, Alice learns your name (Carol), your organisation (Patients Trust) and your account in chat "
        "(in Teams, the name by which you sign in) and your e-mail address (carol@example.org), and I bring the two of "
        "you together. You can take a yes back until that message has gone out."
    ) in words_of(question)
    await across.says_yes(IN_TEAMS["Carol"], question)
    for_alice, for_carol = last(across.teams.to("aad-alice")), last(across.teams.to("aad-carol"))
    assert words_of(for_alice).startswith(
        "Alice, meet Carol\n"
        f"Alice asked: {NEED}\n"
        "About Alice: I run a small charity.\n"
        "Carol (Patients Trust) has agreed to be introduced to you.\n"
        "You reach Carol by e-mail at carol@example.org or in Teams, as Carol. Please write first: say when you could "
        "talk, and what would help you most."
    )
    assert (
        "Alice has been told how to reach you, and writes first. You reach Alice by e-mail at alice@example.org or in "
        "Teams, as Alice."
    ) in words_of(for_carol)
    hello = "Hello, Convenor has introduced us."
    assert link_in(for_alice) == ChatLink(
        "Open a chat with Carol", addresses("Alice", "Carol"), "Alice and Carol", hello
    )
    assert link_in(for_carol) == ChatLink(
        "Open a chat with Alice", addresses("Alice", "Carol"), "Alice and Carol", hello
    )
    assert across.network.mail.posted == [], "they meet in Teams, and need no mail"
    assert [m for m in across.network.courier.to("alice") if "meet" in m.summary] == []


async def test_whoever_does_not_share_their_account_is_in_no_link() -> None:
    across = await Across.make()
    await across.links(ALICE, IN_TEAMS["Alice"])
    await across.network.joins(IN_TEAMS["Carol"], contacts=(Contact.EMAIL,), email="carol@example.org")
    question = await across.asks(ALICE, "Carol")
    assert "sign in" not in words_of(question)
    await across.says_yes(IN_TEAMS["Carol"], question)
    introductions = [last(across.network.courier.to("alice")), last(across.teams.to("aad-carol"))]
    assert [link_in(message) for message in introductions] == [None, None]
    assert "You reach Carol by e-mail at carol@example.org. Please write first" in words_of(introductions[0])


async def test_a_coordinator_who_wants_to_be_in_the_conversation_is_announced_and_named_in_the_link() -> None:
    across = await Across.make()
    await across.links(ALICE, IN_TEAMS["Alice"])
    await across.links(DAN, IN_TEAMS["Dan"])
    await across.network.joins(IN_TEAMS["Carol"])
    question = await across.asks(ALICE, "Carol", joins="join")
    assert (
        "and I bring the two of you together. Dan, a coordinator, is in your conversation if it is in chat. You can"
        in (words_of(question))
    )
    await across.says_yes(IN_TEAMS["Carol"], question)
    people = addresses("Alice", "Carol", "Dan")
    for_alice, for_carol = last(across.teams.to("aad-alice")), last(across.teams.to("aad-carol"))
    links = [link_in(for_alice), link_in(for_carol)]
    assert [(link.label, link.people) for link in links if link] == [
        ("Open a chat with Carol and Dan, who brought you together", people),
        ("Open a chat with Alice and Dan, who brought you together", people),
    ]
    async with across.network.store.read() as uow:
        carol = await uow.members.find(IN_TEAMS["Carol"])
        assert carol is not None
        (consent,) = await uow.consents.of(carol.id)
    assert "Dan, a coordinator, is in your conversation" in consent.text


async def test_a_coordinator_may_be_in_the_conversation_of_a_chat_with_groups_too() -> None:
    across = await Across.make()
    await across.network.joins(CAROL)
    await across.says_yes(CAROL, await across.asks(ALICE, "Carol", joins="join"))
    (together,) = across.network.courier.to("alice,carol,dan")
    assert words_of(together).endswith(
        "Carol, there is nothing for you to do until then.\nDan, who brought you together, is here too."
    )


@pytest.mark.parametrize("joins", ["apart", "", "whatever"])
async def test_unless_they_say_so_the_two_are_among_themselves(joins: str) -> None:
    across = await Across.make()
    await across.network.joins(CAROL)
    question = await across.asks(ALICE, "Carol", joins=joins)
    assert "coordinator, is in" not in words_of(question)
    await across.says_yes(CAROL, question)
    assert len(across.network.courier.to("alice,carol")) == 1
    assert "Dan" not in words_of(across.network.courier.to("alice,carol")[0])


async def test_a_coordinator_without_an_account_there_is_neither_in_it_nor_spoken_of() -> None:
    across = await Across.make()
    await across.links(ALICE, IN_TEAMS["Alice"])
    await across.network.joins(IN_TEAMS["Carol"])
    await across.says_yes(IN_TEAMS["Carol"], await across.asks(ALICE, "Carol", joins="join"))
    for_alice = last(across.teams.to("aad-alice"))
    link = link_in(for_alice)
    assert link is not None
    assert (link.label, link.people) == ("Open a chat with Carol", addresses("Alice", "Carol"))
    assert "Dan" not in words_of(for_alice)


SHARED: list[tuple[tuple[Contact, ...], str, str]] = [
    ((Contact.CHAT,), "", "You reach Carol in Teams, as Carol. Please write first"),
    ((Contact.EMAIL,), "carol@example.org",
     "You reach Carol by e-mail at carol@example.org. Please write first"),
    ((Contact.CHAT, Contact.EMAIL), "carol@example.org",
     "You reach Carol by e-mail at carol@example.org or in Teams, as Carol. Please write first"),
]  # fmt: skip


@pytest.mark.parametrize(("contacts", "email", "sentence"), SHARED, ids=["chat", "e-mail", "both"])
async def test_from_another_chat_to_teams_each_learns_what_the_other_agreed_to_and_nothing_else(
    contacts: tuple[Contact, ...], email: str, sentence: str
) -> None:
    across = await Across.make()
    await across.network.joins(IN_TEAMS["Carol"], contacts=contacts, email=email)
    question = await across.asks(ALICE, "Carol", email="alice@example.org")
    assert "alice@example.org" not in words_of(question)
    assert "aad-carol" not in "".join(words_of(message) for message in across.network.courier.to("alice"))
    await across.says_yes(IN_TEAMS["Carol"], question)
    for_alice, for_carol = last(across.network.courier.to("alice")), last(across.teams.to("aad-carol"))
    assert sentence in words_of(for_alice)
    assert ("carol@example.org" in words_of(for_alice)) == (Contact.EMAIL in contacts)
    assert ("in Teams" in words_of(for_alice)) == (Contact.CHAT in contacts)
    assert "You reach Alice by e-mail at alice@example.org or in chat, as Alice." in words_of(for_carol)
    assert [link_in(message) for message in (for_alice, for_carol)] == [None, None]


async def test_two_organisations_in_teams_have_no_chat_in_common() -> None:
    across = await Across.make()
    elsewhere = Identity("teams", "tenant-2", "aad-alice", "Alice")
    await across.network.joins(IN_TEAMS["Carol"])
    await across.says_yes(IN_TEAMS["Carol"], await across.asks(elsewhere, "Carol"))
    assert link_in(last(across.teams.to("aad-alice"))) is None
    assert "You reach Carol in Teams, as Carol." in words_of(last(across.teams.to("aad-alice")))


# How it is chosen


def reachable(name: str, *accounts: str, chat: bool = True, email: str = "") -> Reachable:
    parts = [account.split(":") for account in accounts]
    return Reachable(name, tuple(Identity(p, w, u, name) for p, w, u in parts), chat, email)


ALICES: dict[str, Any] = {"email": "a@example.org"}


@pytest.mark.parametrize(
    ("mine", "theirs", "chosen"),
    [
        (("slack:T1:UA",), ("slack:T1:UC",), Way.GROUP),
        (("teams:t1:A", "slack:T1:UA"), ("teams:t1:C", "slack:T1:UC"), Way.GROUP),
        (("teams:t1:A",), ("teams:t1:C",), Way.APART),
        (("teams:t1:A",), ("teams:t2:C",), Way.MAIL),
        (("slack:T1:UA",), ("teams:t1:C",), Way.MAIL),
        (("slack:T1:UA",), ("slack:T2:UC",), Way.MAIL),
    ],
)
def test_a_place_of_both_comes_first_then_a_link_then_a_mail(
    mine: tuple[str, ...], theirs: tuple[str, ...], chosen: Way
) -> None:
    alice, carol = reachable("Alice", *mine, **ALICES), reachable("Carol", *theirs, email="c@example.org")
    assert ways.way(alice, carol, can_mail=True) is chosen
    silent = reachable("Carol", *theirs, chat=False, email="c@example.org")
    assert ways.way(alice, silent, can_mail=True) is Way.MAIL
    assert ways.chat(alice, silent) == ()


def test_each_is_written_to_at_the_account_that_the_link_leads_from() -> None:
    alice = reachable("Alice", "slack:T1:UA", "teams:t1:A")
    carol = reachable("Carol", "teams:t2:C2", "teams:t1:C")
    mine, theirs = ways.met_by_link(alice, carol)
    assert ways.addresses(Way.APART, mine, theirs) == (
        Address("teams", "t1", user="A"),
        Address("teams", "t1", user="C"),
    )
    assert theirs.reach() == "in Teams, as Carol"
    assert ways.met_by_link(alice, reachable("Carol", "slack:T2:UC")) == (alice, reachable("Carol", "slack:T2:UC"))


def test_one_person_with_two_names_is_not_linked_with_themselves() -> None:
    alice = reachable("Alice", "teams:t1:A")
    assert ways.chat(alice, reachable("Carol", "teams:t1:A")) == ()
    dan = (Identity("teams", "t1", "A"), Identity("teams", "t2", "D"))
    assert ways.chat(alice, reachable("Carol", "teams:t1:C"), dan) == (
        Address("teams", "t1", user="A"),
        Address("teams", "t1", user="C"),
    )
