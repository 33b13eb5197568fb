"""The whole desk in the Teams that tests play: the real handlers and outbox, in memory, for people of one tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.lookup import Searcher
from bot.messages import Identity
from bot.ports import Grant, Role
from bot.shown_forms import FormsShown
from tests.builders import NOW
from tests.channels.teams_installation import Teams, teams
from tests.fakes.network import Network
from tests.fakes.teams_record import ALICE, BOB, CAROL, DAN, Person, Place, Shown

EVERYBODY = (ALICE, BOB, CAROL, DAN)
ROLES = {BOB: (Role.EDITOR, Role.ADMINISTRATOR), CAROL: (Role.EDITOR,), DAN: (Role.COORDINATOR,)}


def identity(person: Person) -> Identity:
    return Identity("teams", person.tenant, person.aad, person.name)


@dataclass
class TeamsNetwork:
    """A network whose people are in Teams. Bob is editor and administrator, Carol editor, Dan coordinator."""

    network: Network
    at: Teams

    async def says(self, person: Person, words: str, place: Place | None = None, **more: Any) -> list[Shown]:
        """Somebody writes to Convenor; what it then says to them in their own chat."""
        before = len(self.at.said_to(person))
        await self.at.people.say(person, words, place, **more)
        await self.settle()
        return self.at.said_to(person)[before:]

    async def press(
        self, person: Person, shown: Shown, title: str, values: Mapping[str, str] | None = None, *, nth: int = 0
    ) -> Any:
        """Somebody presses a button; what came of it, once everything is done."""
        outcome = await self.at.people.press(person, shown, title, values, nth=nth)
        await self.settle()
        return outcome

    async def settle(self) -> None:
        """Everything that Convenor has begun is done, and what it has to say is sent."""
        await self.at.settle()
        await self.network.sends()


@asynccontextmanager
async def teams_network(**given: Any) -> AsyncIterator[TeamsNetwork]:
    """A network in Teams in which everybody has added Convenor, for as long as the block lasts."""
    network = await Network.make(bound=False, **given)
    async with network.store.begin() as uow:
        for person in EVERYBODY:
            member = await uow.members.resolve(identity(person), NOW)
            for role in ROLES.get(person, ()):
                await uow.roles.grant(Grant(member, role, "settings", NOW))
        await uow.commit()
    async with teams(
        network.desk,
        lookup=Searcher(network.services),
        forms=FormsShown(network.services),
        clock=network.clock,
        installed=EVERYBODY,
    ) as at:
        network.courier_for("teams", at.courier)
        world = TeamsNetwork(network, at)
        for person in EVERYBODY:
            await at.people.install(person)
        await at.people.add_to_team(BOB, at.service.team())
        await world.settle()
        yield world
