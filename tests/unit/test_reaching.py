"""One person with several accounts, and accounts that are lost: where Convenor writes to them, in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import editions, reaching
from bot.introductions import outgoing
from bot.members import cards
from bot.members.profile import Contact
from bot.messages import Button, Identity, Message, say, to_json
from bot.ports import TransportError
from digests.model import Address, Delivery, DeliveryState
from tests.builders import NOW
from tests.fakes.courier import FakeCourier
from tests.fakes.network import ALICE, CAROL, DAN, Network, buttons_of, channel, words_of

REMOVED = TransportError("teams", "They have removed Convenor in Teams. Ask them to add it.", unreachable=True)
NEED = "someone who knows about NHS data opt-outs"
IN_TEAMS = Identity("teams", "tenant-1", "aad-carol", "Carol")
DAN_IN_TEAMS = Identity("teams", "tenant-1", "aad-dan", "Dan")


class Both:
    """A network in Slack's place and in Teams: Carol has an account in each, the one in Slack's place the older."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.teams = FakeCourier()
        network.courier_for("teams", self.teams)

    @classmethod
    async def make(cls, *, can_mail: bool = False, **profile: object) -> Both:
        both = cls(await Network.make(can_mail=can_mail))
        await both.network.joins(CAROL, organisation="Patients Trust", **profile)
        await both.links(CAROL, IN_TEAMS)
        return both

    async def links(self, first: Identity, second: Identity) -> None:
        async with self.network.store.begin() as uow:
            one, other = [await uow.members.resolve(each, NOW) for each in (first, second)]
            await uow.members.merge(other.id, one.id)
            await uow.commit()

    async def asks_carol(self) -> None:
        await self.network.asks_for(ALICE, NEED, email="alice@example.org")
        await self.network.press(DAN, self.card_button("Ask…", "Carol"))
        form = (await self.network.press(DAN, self.card_button("Ask…", "Carol"))).form
        await self.network.send(DAN, form)

    def card_button(self, label: str, about: str = "") -> Button:
        return self.network.button(label, "coordinators", about)

    def lose(self, courier: FakeCourier, user: str, times: int = 1) -> None:
        for _ in range(times):
            courier.fails(REMOVED, user=user)

    def in_teams(self, user: str = IN_TEAMS.user) -> list[Message]:
        return self.teams.to(user)

    async def accounts(self, who: Identity) -> list[Identity]:
        async with self.network.store.read() as uow:
            member = await uow.members.find(who)
            assert member is not None
            return list(await uow.members.identities(member.id))

    async def sends(self, delivery: Delivery) -> Delivery:
        async with self.network.store.begin() as uow:
            await uow.deliveries.add([delivery])
            await uow.commit()
        await self.network.sends()
        async with self.network.store.read() as uow:
            row: Delivery | None = await uow.deliveries.get(delivery.key)
        assert row is not None
        return row


async def test_somebody_with_two_accounts_is_written_to_at_the_older() -> None:
    both = await Both.make()
    await both.asks_carol()
    assert len(both.network.courier.to("carol")) == 1
    assert both.in_teams() == []


async def test_where_that_is_lost_they_are_written_to_at_the_next_and_answer_there() -> None:
    both = await Both.make()
    both.lose(both.network.courier, "carol")
    await both.asks_carol()
    assert both.network.courier.to("carol") == []
    (question,) = both.in_teams()
    assert words_of(question).startswith("Would you like to be introduced?")
    assert await both.accounts(CAROL) == [IN_TEAMS, CAROL]
    yes = next(button for button in buttons_of(question) if button.label == "Yes")
    await both.network.press(IN_TEAMS, yes)
    settled, introduction = both.in_teams()
    assert words_of(settled).startswith("You said yes")
    assert words_of(introduction).startswith("Carol, meet Alice")
    # They have a place in common only at an account that is lost.
    assert words_of(both.network.courier.to("alice")[-1]).startswith("Alice, meet Carol")
    stuck = [m for m in both.network.courier.in_channel("coordinators") if "could not be posted" in m.summary]
    assert stuck == [], "there was nothing to decide"


async def test_what_comes_next_goes_to_the_other_account_from_the_start_until_something_is_heard_from_the_first() -> (
    None
):
    both = await Both.make()
    both.lose(both.network.courier, "carol")
    await both.asks_carol()
    async with both.network.store.begin() as uow:
        await uow.members.resolve(CAROL, NOW)
        await uow.commit()
    assert await both.accounts(CAROL) == [CAROL, IN_TEAMS]


async def test_an_account_is_found_again_when_a_message_arrives_there() -> None:
    both = await Both.make()
    async with both.network.store.begin() as uow:
        assert await uow.members.lose(CAROL, NOW)
        await uow.commit()
    await both.sends(Delivery("k", cards.NOTICE, CAROL.address, to_json(say("Hello")), NOW))
    assert await both.accounts(CAROL) == [CAROL, IN_TEAMS]


async def test_whoever_can_be_reached_nowhere_is_stuck_and_coordinators_are_told_why_and_nothing_else() -> None:
    both = await Both.make()
    both.lose(both.network.courier, "carol")
    both.lose(both.teams, IN_TEAMS.user)
    await both.asks_carol()
    (told,) = [m for m in both.network.courier.in_channel("coordinators") if "could not be posted" in m.summary]
    assert words_of(told) == (
        "This could not be posted\n"
        "“Somebody asks to be introduced to you” could not be posted in the direct messages of Carol.\n"
        "They have removed Convenor in Teams. Ask them to add it.\n"
        "Once that is put right, press “Try again”. “Leave it” gives it up.\n"
        "<Try again> <Leave it>"
    )
    assert NEED not in words_of(told)
    await both.network.press(DAN, both.card_button("Try again"))
    assert len(both.in_teams()) == 1, "it is tried where it was tried last"


async def test_an_introduction_goes_by_mail_to_whoever_can_be_reached_by_nothing_else() -> None:
    both = await Both.make(can_mail=True, contacts=(Contact.CHAT, Contact.EMAIL), email="carol@example.org")
    both.lose(both.network.courier, "carol")
    await both.network.asks_for(ALICE, NEED)
    form = (await both.network.press(DAN, both.card_button("Ask…", "Carol"))).form
    await both.network.send(DAN, form)
    # The card that she presses cannot be changed either.
    both.lose(both.teams, IN_TEAMS.user, times=2)
    yes = next(button for button in buttons_of(both.in_teams()[0]) if button.label == "Yes")
    await both.network.press(IN_TEAMS, yes)
    async with both.network.store.read() as uow:
        (journey,) = await uow.requests.unfinished()
        rows = await outgoing.introduction_rows(uow, journey.asks[0].id)
    assert [row.address for row in rows] == [ALICE.address, Address("mail", "", user="carol@example.org")]
    (mail,) = both.network.mail.posted
    assert words_of(mail.message).startswith("Carol, meet Alice")


async def test_without_an_address_that_they_share_nothing_goes_by_mail() -> None:
    both = await Both.make(can_mail=True)
    both.lose(both.network.courier, "carol")
    both.lose(both.teams, IN_TEAMS.user)
    await both.asks_carol()
    assert both.network.mail.posted == []


@pytest.mark.parametrize(
    ("purpose", "address", "goes_on"),
    [
        (outgoing.ASK, CAROL.address, True),
        ("alert", CAROL.address, True),
        ("suggestion", CAROL.address, True),
        # That an account was added is for that account to see.
        (cards.NOTICE, CAROL.address, False),
        (editions.PURPOSE, Address("fake", "W", channel="digest"), False),
        (outgoing.INTRODUCTION, Address("fake", "W", user="alice,carol"), False),
        ("alert", Address("fake", "W", user="a stranger"), False),
        ("edition mail", Address("mail", "", user="list@example.org"), False),
    ],
)
async def test_only_what_is_for_one_person_and_not_for_one_account_goes_elsewhere(
    purpose: str, address: Address, goes_on: bool
) -> None:
    both = await Both.make()
    row = Delivery(f"{purpose}:1:0", purpose, address, to_json(say("Hello")), NOW)
    async with both.network.store.begin() as uow:
        other = await reaching.elsewhere(both.network.services, uow, row)
    assert other == (IN_TEAMS.address if goes_on else None)


async def test_what_is_there_already_is_changed_nowhere_else() -> None:
    both = await Both.make()
    row = await both.sends(Delivery("k", "alert", CAROL.address, to_json(say("Hello")), NOW))
    assert row.state is DeliveryState.SENT
    both.lose(both.network.courier, "carol")
    async with both.network.store.begin() as uow:
        await uow.deliveries.replace_body("k", to_json(say("Hello again")), NOW + timedelta(minutes=1))
        await uow.commit()
    both.network.clock.advance(minutes=2)
    await both.network.sends()
    async with both.network.store.read() as uow:
        after = await uow.deliveries.get("k")
    assert after is not None
    assert (after.state, after.address) == (DeliveryState.PARKED, CAROL.address)
    assert both.in_teams() == []


async def test_a_coordinator_without_a_channel_sees_the_card_at_the_account_that_is_left() -> None:
    both = await Both.make()
    await both.links(DAN, DAN_IN_TEAMS)
    async with both.network.store.begin() as uow:
        await uow.channels.unbind(channel("coordinators"))
        await uow.commit()
    both.lose(both.network.courier, "dan")
    await both.network.asks_for(ALICE, NEED)
    await both.network.sends()
    (card,) = both.in_teams(DAN_IN_TEAMS.user)
    assert card.summary == "Request for an introduction from Alice"
    ask = next(button for button in buttons_of(card, "Carol") if button.label == "Ask…")
    await both.network.send(DAN_IN_TEAMS, (await both.network.press(DAN_IN_TEAMS, ask)).form)
    (card, *_) = both.in_teams(DAN_IN_TEAMS.user)
    assert "is being asked" in words_of(card)
    assert sum(each.summary == card.summary for each in both.in_teams(DAN_IN_TEAMS.user)) == 1


async def test_should_finding_another_account_fail_the_row_is_stuck_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = await Both.make()

    async def breaks(*_: object) -> Address | None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(reaching, "elsewhere", breaks)
    both.lose(both.network.courier, "carol")
    row = await both.sends(Delivery("k", "alert", CAROL.address, to_json(say("Hello")), NOW))
    assert row.state is DeliveryState.PARKED
