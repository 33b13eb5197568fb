"""A courier for the Teams that tests play, and the book in which its conversations stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.teams.asks import Origin, Place
from adapters.teams.book import Conversation, Kind, Presence
from adapters.teams.connector import Connector
from adapters.teams.security import Credentials, Microsoft
from adapters.teams.send import TeamsCourier, Whisperer
from bot.messages import say
from bot.ports import TransportError
from digests.model import Address
from tests.builders import NOW
from tests.fakes.book import FakeBook
from tests.fakes.clock import FakeClock
from tests.fakes.teams_record import ALICE, APP_ID, PASSWORD, TENANT, Person, Shown
from tests.fakes.teams_record import Place as There
from tests.fakes.teams_service import TeamsService, teams_service

US = f"28:{APP_ID}"
TO_ALICE = Address("teams", TENANT, user=ALICE.aad)


class World:
    """A Microsoft, a book in which its team stands, and a courier."""

    def __init__(self, service: TeamsService, connector: Connector) -> None:
        self.service = service
        self.book = FakeBook()
        self.courier = TeamsCourier(
            connector, self.book, FakeClock(NOW), opens_form=lambda action, value: action == "form.open"
        )
        self.whisperer = Whisperer(self.courier, FakeClock(NOW))

    def place(self, name: str) -> There:
        return self.service.channel(self.service.team(), name)

    def channel(self, name: str = "editors") -> Address:
        return Address("teams", TENANT, channel=self.place(name).id)

    async def knows_team(self) -> None:
        team = self.service.team()
        await self.book.note(Conversation(TENANT, Kind.TEAM, team.id, team.id, self.service.service_url, US, NOW))
        for one in team.channels:
            await self.book.note(
                Conversation(TENANT, Kind.CHANNEL, one.id, one.id, self.service.service_url, US, NOW, team.id)
            )

    async def knows(self, person: Person, presence: Presence = Presence.HERE) -> None:
        self.service.installed.add(person.aad)
        chat = self.service.chat_with(person)
        await self.book.note(
            Conversation(TENANT, Kind.PERSONAL, person.aad, chat.id, self.service.service_url, US, NOW, "", presence)
        )

    def said_to(self, person: Person) -> list[Shown]:
        return self.service.messages(self.service.chat_with(person))

    async def failure(self, address: Address | None = None) -> TransportError:
        with pytest.raises(TransportError) as caught:
            await self.courier.post(address or self.channel(), say("Hello"), key="k1")
        return caught.value

    async def update_failure(self, ref: str = "", address: Address | None = None) -> TransportError:
        address = address or self.channel()
        with pytest.raises(TransportError) as caught:
            await self.courier.update(address, ref or f"{address.channel}|1", say("Hello"))
        return caught.value

    def origin(self, person: Person, place: There | None = None) -> Origin:
        """Where this person asked: in a channel, or in their chat."""
        personal = place is None
        return Origin(
            TENANT,
            person.aad,
            person.id,
            US,
            self.service.service_url,
            place.id if place else self.service.chat_with(person).id,
            Place.PERSONAL if personal else Place.CHANNEL,
        )


@asynccontextmanager
async def a_courier() -> AsyncIterator[World]:
    """A courier that knows the team, for as long as the block lasts."""
    async with teams_service() as service:
        microsoft = Microsoft(service.metadata_url, service.login_url, on_loopback=True)
        async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft) as connector:
            world = World(service, connector)
            await world.knows_team()
            yield world
