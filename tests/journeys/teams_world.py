"""A network in Teams, in this process: a real database, desk, outbox, transport and listeners; Microsoft is played."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.lookup import Searcher
from bot.messages import Identity
from bot.ports import Grant, Role
from bot.schedule import introduction_tick
from bot.shown_forms import FormsShown
from tests.builders import NOW
from tests.channels.teams_installation import Teams, teams
from tests.contract.databases import open_database, sqlite_url
from tests.fakes.network import Network
from tests.fakes.teams_people import Dialog, Outcome
from tests.fakes.teams_record import ALICE, BOB, CAROL, DAN, TENANT, Person, Place, Shown

EVERYBODY = (ALICE, BOB, CAROL, DAN)


def account(person: Person) -> Identity:
    """Somebody of Teams, as Convenor knows them."""
    return Identity("teams", TENANT, person.aad, person.name)


@dataclass
class TeamsWorld:
    """Bob is editor and administrator, Carol editor, Dan coordinator, Alice a member. All have the app."""

    network: Network
    teams: Teams
    _heard: dict[str, int] = field(default_factory=dict)

    def channel(self, name: str) -> Place:
        """A channel of the team: editors, digest or coordinators."""
        return next(place for place in self.teams.service.team().channels if place.name == name)

    async def says(self, person: Person, words: str, where: str = "") -> list[Shown]:
        """Somebody types something, in their own chat or in a channel; what Convenor then says to them alone."""
        outcome = await self.teams.people.say(person, words, self.channel(where) if where else None)
        assert outcome.is_good, outcome
        return await self.news(person)

    async def presses(self, person: Person, shown: Shown, title: str, nth: int = 0, **values: str) -> Outcome:
        """Somebody presses a button of a message; what they alone get of it."""
        outcome = await self.teams.people.press(person, shown, title, values, nth=nth)
        assert outcome.is_good, outcome
        await self.sends()
        return outcome

    async def fills(self, dialog: Dialog | None, title: str = "", **values: str) -> Outcome:
        """Somebody fills a dialog and sends it."""
        assert dialog is not None
        outcome = await self.teams.people.fill(dialog, values, title)
        assert outcome.is_good, outcome
        await self.sends()
        return outcome

    async def sends(self) -> None:
        """Everything that was begun is done, and the outbox sends what is due."""
        await self.teams.settle()
        await self.network.sends()

    async def news(self, person: Person) -> list[Shown]:
        """What Convenor has said in somebody's own chat since this was last asked."""
        await self.sends()
        said = self.teams.said_to(person)
        since = self._heard.get(person.aad, 0)
        self._heard[person.aad] = len(said)
        return said[since:]

    def posts(self, where: str) -> list[Shown]:
        """What Convenor has said in a channel, as it stands there now."""
        return self.teams.said_in(self.channel(where))

    async def days_pass(self, days: int) -> None:
        """Time passes, with a tick each day."""
        for _ in range(days):
            self.network.clock.advance(days=1)
            await introduction_tick(self.network.services)
            await self.sends()


@asynccontextmanager
async def teams_world(folder: Path, *, bound: bool = True, **network: Any) -> AsyncIterator[TeamsWorld]:
    """The network, for as long as the block lasts; ``bound``: the three channels have their purposes already."""
    async with AsyncExitStack() as stack:
        database = await open_database(sqlite_url(folder))
        stack.push_async_callback(database.close)
        made = await Network.make(store=database, bound=False, **network)
        await _roles(made, {BOB: (Role.EDITOR, Role.ADMINISTRATOR), CAROL: (Role.EDITOR,), DAN: (Role.COORDINATOR,)})
        installed = await stack.enter_async_context(
            teams(
                made.desk,
                lookup=Searcher(made.services),
                forms=FormsShown(made.services),
                installed=EVERYBODY,
                clock=made.clock,
            )
        )
        made.courier_for("teams", installed.courier)
        world = TeamsWorld(made, installed)
        await installed.people.add_to_team(BOB, installed.service.team())
        for person in EVERYBODY:
            await installed.people.install(person)
        for purpose in ("editors", "digest", "coordinators") if bound else ():
            await world.says(BOB, f"here {purpose}", purpose)
        for person in EVERYBODY:
            await world.news(person)
        yield world


async def _roles(network: Network, roles: Mapping[Person, tuple[Role, ...]]) -> None:
    async with network.store.begin() as uow:
        for person in EVERYBODY:
            member = await uow.members.resolve(account(person), NOW)
            for role in roles.get(person, ()):
                await uow.roles.grant(Grant(member, role, "settings", NOW))
        await uow.commit()
