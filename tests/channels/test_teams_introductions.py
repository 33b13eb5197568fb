"""An introduction in Teams and one across to it: the real journey and the real courier, against Microsoft's side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.teams.book import Conversation, Kind
from adapters.teams.connector import Connector
from adapters.teams.security import Credentials, Microsoft
from adapters.teams.send import TeamsCourier
from bot.members.profile import Contact
from bot.messages import Ask as Said
from bot.messages import AskKind, Identity
from tests.builders import NOW
from tests.fakes import network as people
from tests.fakes.book import FakeBook
from tests.fakes.network import Network, said, words_of
from tests.fakes.teams_record import ALICE, APP_ID, CAROL, DAN, PASSWORD, TENANT, Person, Shown, actions_on
from tests.fakes.teams_service import TeamsService, teams_service

NEED = "someone who knows about NHS data opt-outs"


def identity(person: Person) -> Identity:
    return Identity("teams", TENANT, person.aad, person.name)


class InTeams:
    """A network whose coordinator is elsewhere, with Microsoft's side of Teams beside it."""

    def __init__(self, network: Network, service: TeamsService, book: FakeBook) -> None:
        self.network = network
        self.service = service
        self.book = book

    async def knows(self, *persons: Person) -> None:
        for person in persons:
            self.service.installed.add(person.aad)
            chat, us = self.service.chat_with(person).id, f"28:{APP_ID}"
            await self.book.note(
                Conversation(TENANT, Kind.PERSONAL, person.aad, chat, self.service.service_url, us, NOW)
            )

    def shown_to(self, person: Person) -> list[Shown]:
        return self.service.messages(self.service.chat_with(person))

    async def presses(self, person: Person, shown: Shown, title: str) -> None:
        """A press as the listeners read it: the action and value that stand on the card."""
        action = next(
            one for one, _ in actions_on(shown.card()) if one["title"] == title and one["type"] == "Action.Execute"
        )
        ask = Said(AskKind.PRESS, identity(person), action["verb"], NOW, value=action["data"]["value"])
        assert "Thank you" in said(await self.network.desk.answer(ask))
        await self.network.sends()

    async def is_asked(self, requester: Identity, about: str, **fields: str) -> None:
        await self.network.asks_for(requester, NEED, email="alice@example.com")
        form = (await self.network.press(people.DAN, self.network.button("Ask…", "coordinators", about))).form
        await self.network.send(people.DAN, form, **fields)


@pytest.fixture
async def teams() -> AsyncIterator[InTeams]:
    async with teams_service() as service:
        microsoft = Microsoft(service.metadata_url, service.login_url, on_loopback=True)
        async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft) as connector:
            network, book = await Network.make(), FakeBook()
            network.courier_for("teams", TeamsCourier(connector, book, network.clock))
            world = InTeams(network, service, book)
            await world.knows(ALICE, CAROL, DAN)
            yield world


def links_of(shown: Shown) -> list[str]:
    return [str(action["url"]) for action, _ in actions_on(shown.card()) if action["type"] == "Action.OpenUrl"]


def people_in(url: str) -> list[str]:
    return parse_qs(urlsplit(url).query)["users"][0].split(",")


async def test_two_in_teams_are_asked_in_private_and_get_a_link_to_one_chat_of_both(teams: InTeams) -> None:
    await teams.network.joins(identity(CAROL))
    await teams.is_asked(identity(ALICE), CAROL.name)
    (question,) = teams.shown_to(CAROL)
    assert "Would you like to be introduced?" in question.words()
    assert teams.shown_to(ALICE) == []
    assert all(not teams.service.messages(channel) for channel in teams.service.team().channels)
    await teams.presses(CAROL, question, "Yes")
    (for_alice,), (settled, for_carol) = teams.shown_to(ALICE), teams.shown_to(CAROL)
    assert settled.words().startswith("You said yes")
    assert [people_in(url) for url in (*links_of(for_alice), *links_of(for_carol))] == [
        ["alice@example.org", "carol@example.org"],
        ["alice@example.org", "carol@example.org"],
    ]
    assert f"Open a chat with {CAROL.name}" in for_alice.words()
    assert f"Open a chat with {ALICE.name}" in for_carol.words()
    assert teams.network.courier.to("alice") == []


async def test_a_coordinator_who_wants_to_is_in_the_chat_too(teams: InTeams) -> None:
    async with teams.network.store.begin() as uow:
        dan, also = [await uow.members.resolve(each, NOW) for each in (people.DAN, identity(DAN))]
        await uow.members.merge(also.id, dan.id)
        await uow.commit()
    await teams.network.joins(identity(CAROL))
    await teams.is_asked(identity(ALICE), CAROL.name, joins="join")
    await teams.presses(CAROL, teams.shown_to(CAROL)[0], "Yes")
    (url,) = links_of(teams.shown_to(ALICE)[0])
    assert people_in(url) == ["alice@example.org", "carol@example.org", "dan@example.org"]
    assert "&topicName=Alice%20Example%20and%20Carol%20Example&" in url


async def test_from_another_chat_to_teams_no_name_by_which_somebody_signs_in_is_shown(teams: InTeams) -> None:
    await teams.network.joins(identity(CAROL), contacts=(Contact.CHAT, Contact.EMAIL), email="c.e@example.com")
    await teams.is_asked(people.ALICE, CAROL.name)
    await teams.presses(CAROL, teams.shown_to(CAROL)[0], "Yes")
    (for_alice,) = [m for m in teams.network.courier.to("alice") if "meet" in m.summary]
    assert f"You reach {CAROL.name} by e-mail at c.e@example.com or in Teams, as {CAROL.name}." in words_of(for_alice)
    everything = " ".join([words_of(for_alice), *(shown.words() for shown in teams.shown_to(CAROL))])
    assert CAROL.upn not in everything
    assert CAROL.aad not in everything
    assert teams.service.of("member") == []
    assert "alice@example.com" in teams.shown_to(CAROL)[-1].words(), "which she gave for whoever says yes"


async def test_whoever_has_removed_convenor_meanwhile_gets_nothing_and_a_coordinator_is_told_why(
    teams: InTeams,
) -> None:
    await teams.network.joins(identity(CAROL))
    await teams.is_asked(identity(ALICE), CAROL.name)
    await teams.book.gone(TENANT, Kind.PERSONAL, ALICE.aad, NOW)
    teams.service.installed.discard(ALICE.aad)
    await teams.presses(CAROL, teams.shown_to(CAROL)[0], "Yes")
    (told,) = [m for m in teams.network.courier.in_channel("coordinators") if "could not be posted" in m.summary]
    assert words_of(told) == (
        "This could not be posted\n"
        f"“{ALICE.name}, meet {CAROL.name}” could not be posted in the direct messages of {ALICE.name}.\n"
        "They have removed Convenor in Teams. Ask them to open Convenor among their apps in Teams and add it again, "
        "then send again.\n"
        "Once that is put right, press “Try again”. “Leave it” gives it up.\n"
        "<Try again> <Leave it>"
    )
    (_, for_carol) = teams.shown_to(CAROL)
    assert links_of(for_carol) == [], "who she is cannot be looked up any more"
    assert f"You reach {ALICE.name} by e-mail at alice@example.com or in Teams, as {ALICE.name}." in for_carol.words()
