"""Random presses, forms, days and departures through the real handlers: who may learn of whom, and that all of it ends.

Everybody tries every button that anybody was ever shown, their own and other people's, old and new.
"""

from __future__ import annotations

import asyncio
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.introductions import upkeep
from bot.introductions.model import AskState
from bot.introductions.texts import coordinator, requester
from bot.messages import Button, EntryLine, Form, Identity, Message, Reply
from bot.ports import Grant, Role, TransportError
from bot.schedule import introduction_tick
from tests.builders import NOW
from tests.fakes.network import PLATFORM, WORKSPACE, Network, buttons_of, said, words_of

# Last names that stand nowhere else, so that who learns of whom can be read off the words.
ALICE, BOB, CAROL, ERIN, FRANK, DAN, GRACE, MALLORY = PEOPLE = tuple(
    Identity(PLATFORM, WORKSPACE, name.split()[0].lower(), name)
    for name in (
        "Alice Opal", "Bob Quartz", "Carol Jasper", "Erin Garnet", "Frank Topaz", "Dan Coordinator",
        "Grace Coordinator", "Mallory Onyx",
    )
)  # fmt: skip
REQUESTERS, CANDIDATES, COORDINATORS = (ALICE, BOB, CAROL), (CAROL, ERIN, FRANK, BOB), (DAN, GRACE)
NEED = "somebody who knows about NHS data opt-outs"


class World:
    """The network, and everything that each person has read."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.read: dict[str, list[str]] = {who.user: [] for who in PEOPLE}
        self.buttons: list[Button] = []
        self.owners: dict[tuple[str, str], Identity] = {}
        self.forms: list[Form] = []
        self.posted = 0
        self.network: Network

    async def begin(self) -> None:
        self.network = await Network.make(bound=self.random.random() < 0.5)
        async with self.network.store.begin() as uow:
            for who in COORDINATORS:
                member = await uow.members.resolve(who, NOW)
                await uow.roles.grant(Grant(member, Role.COORDINATOR, "settings", NOW))
            await uow.commit()
        for who in CANDIDATES:
            await self.network.joins(who, organisation=f"House of {who.name}")

    async def step(self) -> None:
        random, network = self.random, self.network
        act = random.choice(("ask", *["press"] * 7, "send", "send", "days", "fail", "leave", "home", "home"))
        who = random.choice(PEOPLE)
        if act == "ask":
            who = random.choice(REQUESTERS)
            self.see(who, await network.asks_for(who, NEED, prefer=random.choice(("", "House of Erin Garnet"))))
        elif act == "press" and self.buttons:
            button = random.choice(self.buttons[-12:])
            who = self.likely(who, button)
            self.see(who, await network.press(who, button))
        elif act == "send" and self.forms:
            form = self.forms[-1]
            who = random.choice(COORDINATORS) if form.name == coordinator.ASK_FORM else who
            self.see(who, await network.send(who, form))
        elif act == "home":
            self.see(who, await network.say(who, "/convenor home"))
        elif act == "days" and random.random() < 0.5:
            await self.days(random.choice((1, 1, 3, 4, 7, 15)))
        elif act == "fail":
            ambiguous = random.random() < 0.5
            pair = f"{random.choice(REQUESTERS).user},{random.choice(CANDIDATES).user}"
            network.courier.fails(
                TransportError("x", "It broke.", permanent=not ambiguous, ambiguous=ambiguous), user=pair
            )
        elif act == "leave" and random.random() < 0.2:
            await self.leave(random.choice(CANDIDATES), random.random() < 0.5)
        self.look()

    def likely(self, who: Identity, button: Button) -> Identity:
        """Mostly somebody for whom the button may be."""
        if self.random.random() < 0.25:
            return who
        return self.owners.get((button.action, button.value)) or self.random.choice(COORDINATORS)

    async def days(self, number: int) -> None:
        self.network.clock.advance(days=number)
        await introduction_tick(self.network.services)
        await self.network.sends()

    async def leave(self, who: Identity, rests: bool) -> None:
        async with self.network.store.begin() as uow:
            member = await uow.members.find(who)
            assert member is not None
            if rests:
                await upkeep.snooze(uow, member.id, self.network.clock.now())
            else:
                await upkeep.leave(uow, member.id, self.network.clock.now())
                await uow.profiles.remove(member.id)
            await uow.commit()
        await self.network.sends()

    def see(self, who: Identity, reply: Reply) -> None:
        self.read[who.user].append(said(reply))
        if reply.form is not None:
            self.read[who.user].append(repr(reply.form))
            self.forms.append(reply.form)
        for message in reply.messages:
            self.keep_buttons(message, who)

    def look(self) -> None:
        """Everybody reads what came, and what was changed."""
        for line in self.network.courier.posted:
            readers = line.address.users or ("dan", "grace")
            for user in readers:
                if user in self.read:
                    self.read[user].append(words_of(line.message))
        for line in self.network.courier.posted[self.posted :]:
            owner = next((who for who in PEOPLE if (who.user,) == line.address.users), None)
            self.keep_buttons(line.message, owner)
        self.posted = len(self.network.courier.posted)

    def keep_buttons(self, message: Message, owner: Identity | None) -> None:
        beside = [button for block in message.blocks if isinstance(block, EntryLine) for button in block.buttons]
        for button in (*buttons_of(message), *beside):
            if button.action.startswith(("ask.", "met.", "broker.", requester.WITHDRAW)):
                self.buttons.append(button)
                if owner is not None:
                    self.owners.setdefault((button.action, button.value), owner)

    async def leaks(self) -> list[tuple[str, str]]:
        """Who has read of whom, though they may not know of them."""
        async with self.network.store.read() as uow:
            ids = {}
            for who in PEOPLE:
                member = await uow.members.find(who)
                ids[who.user] = member.id if member else ""
            journeys = [each for who in PEOPLE for each in await uow.requests.of_requester(ids[who.user])]
            agreed = {(c.member_id, c.subject) for who in PEOPLE for c in await uow.consents.of(ids[who.user])}
            past = await uow.requests.asked_since(NOW)
        asked = {(each.candidate_id, each.requester) for each in past}
        consented = {
            (each.request.requester.member_id, ask.candidate_id)
            for each in journeys
            for ask in each.asks
            if (ask.candidate_id, each.id) in agreed
        }
        found = []
        for reader in PEOPLE:
            if reader in COORDINATORS:
                continue
            mine = ids[reader.user]
            for other in PEOPLE:
                if other == reader or other in COORDINATORS:
                    continue
                last, theirs = other.name.split()[1], ids[other.user]
                has_read = any(last in words for words in self.read[reader.user])
                # Either they were asked about the other, or the other has said yes to them.
                if has_read and (mine, theirs) not in asked and (mine, theirs) not in consented:
                    found.append((reader.user, other.user))
        return found

    async def end(self) -> list[str]:
        """Four months pass; what is still going on after them."""
        for _ in range(8):
            await self.days(15)
        async with self.network.store.read() as uow:
            going_on = [each.request.state.value for each in await uow.requests.unfinished()]
            for who in CANDIDATES:
                member = await uow.members.find(who)
                assert member is not None
                for journey in await uow.requests.of_candidate(member.id):
                    waiting = (ask.state for ask in journey.asks if ask.state in (AskState.OPEN, AskState.PLANNED))
                    going_on += [state.value for state in waiting]
        return going_on


async def random_world(seed: int) -> tuple[list[tuple[str, str]], list[str]]:
    """What leaked at any time in a world of this seed, and what has not come to its end."""
    random = Random(seed)
    world = World(random)
    await world.begin()
    leaked = []
    for _ in range(random.randrange(20, 60)):
        await world.step()
        leaked += await world.leaks()
    going_on = await world.end()
    world.look()
    return leaked + await world.leaks(), going_on


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_whatever_is_pressed_nobody_learns_of_whom_they_may_not_and_all_of_it_ends(seed: int) -> None:
    leaked, going_on = asyncio.run(random_world(seed))
    assert leaked == []
    assert going_on == []
