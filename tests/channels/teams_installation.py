"""Convenor in the Teams that tests play, in this process: the real transport, courier and listeners, and any desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from adapters.teams.app import TeamsApp
from adapters.teams.connector import Connector
from adapters.teams.form_turns import opens_form_at
from adapters.teams.listeners import Listeners
from adapters.teams.names import ChannelNames
from adapters.teams.security import Credentials, Microsoft
from adapters.teams.send import TeamsCourier, Whisperer
from bot.messages import Field, FieldKind, Form, Identity, Message, Option, text
from bot.ports import Desk, FoundItem, Lookup, ShownForms
from bot.table import build_table
from digests.model import Address
from tests.builders import NOW
from tests.fakes.book import FakeBook
from tests.fakes.clock import FakeClock
from tests.fakes.slack_desk import FirstTimes
from tests.fakes.teams_people import People, people
from tests.fakes.teams_record import BOB, PASSWORD, TENANT, Person, Place, Shown
from tests.fakes.teams_service import TeamsService, teams_service

A_FORM = Form(
    "need",
    "Ask for something",
    "Send",
    (
        Field("need", "Your need", FieldKind.PARAGRAPH, max_length=50),
        Field("kind", "Which", FieldKind.CHOICE, "a", options=(Option("a", "One"), Option("b", "Two"))),
        Field("more", "More", FieldKind.SEVERAL, required=False, options=(Option("c", "Three"), Option("d", "Four"))),
    ),
    text("Say what you need."),
    "v1",
)


class FormsInMemory:
    """Fulfils ``bot.ports.ShownForms``."""

    def __init__(self) -> None:
        self.shown: dict[tuple[str, str, str], Form] = {}

    async def show(self, who: Identity, form: Form) -> None:
        self.shown[who.key, form.name, form.value] = form

    async def find(self, who: Identity, name: str, value: str) -> Form | None:
        return self.shown.get((who.key, name, value))

    async def done(self, who: Identity, name: str, value: str) -> None:
        self.shown.pop((who.key, name, value), None)


@dataclass
class FakeLookup:
    """Fulfils ``bot.ports.Lookup``."""

    items: Sequence[FoundItem] = ()
    error: Exception | None = None
    seconds: float = 0.0
    asked: list[tuple[str, int, int]] = field(default_factory=list)

    async def find(self, words: str, skipped: int, most: int) -> Sequence[FoundItem]:
        self.asked.append((words, skipped, most))
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return self.items[skipped : skipped + most]


@dataclass
class Teams:
    """Microsoft's side, the people, and what of Convenor a test looks into."""

    service: TeamsService
    people: People
    book: FakeBook
    first_times: FirstTimes
    forms: ShownForms
    turns: Listeners
    courier: TeamsCourier

    def chat(self, person: Person) -> Place:
        return self.service.chat_with(person)

    def said_to(self, person: Person) -> list[Shown]:
        """What Convenor has said in somebody's own chat."""
        return [one for one in self.service.messages(self.chat(person)) if one.by is None and not is_typing(one)]

    def said_in(self, place: Place) -> list[Shown]:
        """What Convenor has said in a conversation."""
        return [one for one in self.service.messages(place) if one.by is None]

    async def hears(self, person: Person, number: int = 1) -> Shown:
        """The given message of Convenor to somebody, once it has come."""
        return await self._until(lambda: self.said_to(person), number)

    async def shows(self, place: Place, number: int = 1) -> Shown:
        """The given message of Convenor in a conversation, once it has come."""
        return await self._until(lambda: self.said_in(place), number)

    async def _until(self, look: Callable[[], list[Shown]], number: int) -> Shown:
        async with asyncio.timeout(30):
            while len(look()) < number:
                await asyncio.sleep(0.005)
        return look()[number - 1]

    @property
    def editors(self) -> Place:
        """A channel of the team."""
        return self.service.team().channels[1]

    async def posted(self, message: Message) -> Shown:
        """A message of Convenor's in that channel, and nothing else."""
        await self.people.add_to_team(BOB, self.service.team())
        await self.settle()
        self.service.shown.clear()
        await self.courier.post(Address("teams", TENANT, channel=self.editors.id), message, key="k")
        return await self.shows(self.editors)

    async def settle(self) -> None:
        """Everything that Convenor has begun is done."""
        await self.turns.drain(5)


def is_typing(shown: Shown) -> bool:
    return shown.activity.get("type") == "typing"


@asynccontextmanager
async def teams(
    desk: Desk,
    *,
    lookup: Lookup | None = None,
    forms: ShownForms | None = None,
    spoken: Mapping[str, str] | None = None,
    patience: float = 5.0,
    installed: Sequence[Person] = (),
    clock: FakeClock | None = None,
) -> AsyncIterator[Teams]:
    """Convenor with this desk, installed for these people and in the team, for as long as the block lasts."""
    clock, first_times, book = clock or FakeClock(NOW), FirstTimes(), FakeBook()
    shown = forms or FormsInMemory()
    made: list[Listeners] = []
    async with teams_service() as service:

        def make_courier(connector: Connector) -> TeamsCourier:
            names = ChannelNames(connector, book, clock)
            return TeamsCourier(connector, book, clock, opens_form=opens_form_at(desk, clock), names=names)

        def make_turns(connector: Connector, courier: TeamsCourier) -> Listeners:
            made.append(
                Listeners(
                    desk=desk,
                    connector=connector,
                    book=book,
                    whisperer=Whisperer(courier, clock),
                    lookup=lookup or FakeLookup(),
                    forms=shown,
                    spoken=spoken or build_table().spoken,
                    clock=clock,
                    first_time=first_times,
                    names=courier.names,
                    patience=patience,
                )
            )
            return made[0]

        app = TeamsApp(
            Credentials(service.app_id, PASSWORD, TENANT),
            make_courier=make_courier,
            make_turns=make_turns,
            microsoft=Microsoft(service.metadata_url, service.login_url, on_loopback=True),
        )
        web_app = web.Application()
        app.attach(web_app)
        await app.start()
        runner = web.AppRunner(web_app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/teams/messages"
        try:
            async with people(service, url) as acting:
                service.installed.update(person.aad for person in installed)
                courier = app.courier
                assert isinstance(courier, TeamsCourier)
                yield Teams(service, acting, book, first_times, shown, made[0], courier)
        finally:
            await app.stop()
            await runner.cleanup()
