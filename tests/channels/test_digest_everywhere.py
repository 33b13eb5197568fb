"""One edition in a Slack channel, in a Teams channel and on a mailing list at once, by the couriers of each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.send import SlackCourier, open_session
from adapters.teams.book import Conversation, Kind
from adapters.teams.connector import Connector
from adapters.teams.security import Credentials, Microsoft
from adapters.teams.send import TeamsCourier
from bot import posts
from bot.app.house import message_at
from bot.mailing import mail_edition
from bot.messages import Button
from bot.outbox import Outbox
from bot.ports import Binding, Purpose
from bot.posts import Choice
from digests.model import Address, Delivery, DeliveryState
from tests.builders import NOW
from tests.fakes.book import FakeBook
from tests.fakes.network import BOB, CAROL, Network, buttons_of, channel
from tests.fakes.slack_api import FakeSlackApi, slack_api
from tests.fakes.teams_record import APP_ID, PASSWORD, TENANT, Shown
from tests.fakes.teams_service import TeamsService, teams_service

IN_SLACK = Address("slack", "T01", channel="C0DIGEST")
LIST = "list@example.org"
PART_2 = "Guidance on artificial intelligence, part 2"


class Everywhere:
    """A network whose digest goes to Slack and to Teams; its editors are in a third chat."""

    def __init__(self, network: Network, slack: FakeSlackApi, teams: TeamsService) -> None:
        self.network = network
        self.slack = slack
        self.teams = teams
        self.there = teams.channel(teams.team(), "digest")
        self.in_teams = Address("teams", TENANT, channel=self.there.id)

    async def approves(self, edition: str = "2025-01-24") -> None:
        approve = self.button("Approve", edition)
        await self.network.press(BOB, approve)
        await self.network.press(CAROL, approve)

    def button(self, label: str, edition: str, about: str = "") -> Button:
        messages = self.network.courier.in_channel("editors")
        found = [one for message in messages for one in buttons_of(message, about) if one.label == label]
        return next(one for one in reversed(found) if edition in one.value)

    async def rows(self) -> Mapping[str, Delivery]:
        """What goes to readers, by platform."""
        async with self.network.store.read() as uow:
            rows = await uow.deliveries.of_edition("2025-01-24")
        return {row.address.platform: row for row in rows if row.purpose in ("edition", "mail")}

    async def states(self) -> dict[str, DeliveryState]:
        return {platform: row.state for platform, row in (await self.rows()).items()}

    async def mails(self) -> None:
        services = self.network.services
        outbox = Outbox(
            self.network.store,
            {"mail": self.network.mail},
            self.network.clock,
            settled=partial(posts.settled, services),
        )
        await mail_edition(services, outbox, LIST)

    def shown_in_teams(self) -> Shown:
        (shown,) = self.teams.messages(self.there)
        return shown


@pytest.fixture
async def everywhere() -> AsyncIterator[Everywhere]:
    async with slack_api() as slack, teams_service() as teams, open_session() as session:
        microsoft = Microsoft(teams.metadata_url, teams.login_url, on_loopback=True)
        async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft) as connector:
            network, book = await Network.make(), FakeBook()
            client = AsyncWebClient("xoxb-1", base_url=slack.url, session=session, retry_handlers=[])
            network.courier_for("slack", SlackCourier(client))
            network.courier_for("teams", TeamsCourier(connector, book, network.clock))
            world = Everywhere(network, slack, teams)
            place = world.there.id
            await book.note(Conversation(TENANT, Kind.CHANNEL, place, place, teams.service_url, f"28:{APP_ID}", NOW))
            async with network.store.begin() as uow:
                await uow.channels.unbind(channel("digest"))
                for address in (IN_SLACK, world.in_teams):
                    await uow.channels.bind(Binding(address, Purpose.DIGEST, "settings", NOW))
                await uow.commit()
            await network.has_a_draft()
            yield world


async def test_each_has_the_edition_once_and_a_correction_changes_it_in_its_place(everywhere: Everywhere) -> None:
    network = everywhere.network
    await everywhere.approves()
    await everywhere.mails()
    assert await everywhere.states() == dict.fromkeys(("slack", "teams", "mail"), DeliveryState.SENT)
    rows = await everywhere.rows()
    (posted,) = everywhere.slack.of("chat.postMessage")
    assert posted["channel"] == IN_SLACK.channel
    shown = everywhere.shown_in_teams()
    assert PART_2 in shown.words()
    assert PART_2 in str(posted["blocks"])
    assert rows["teams"].message_ref == shown.ref
    (mail,) = network.mail.posted

    form = (await network.say(BOB, "/digest correct")).form
    assert form is not None
    await network.submit(BOB, form.name, form.value, what="part 2 is not ours")
    await network.press(BOB, everywhere.button("Leave out", "~", PART_2))
    await network.press(CAROL, everywhere.button("Approve", "~"))
    assert await everywhere.states() == dict.fromkeys(("slack", "teams", "mail"), DeliveryState.SENT)
    (updated,) = everywhere.slack.of("chat.update")
    assert f"{updated['channel']}|{updated['ts']}" == rows["slack"].message_ref
    assert PART_2 not in str(updated["blocks"])
    assert everywhere.shown_in_teams() is shown
    assert shown.updates == 1
    assert PART_2 not in shown.words()
    assert "part 2 is not ours" in shown.words()
    assert [line.updates for line in network.mail.posted] == [mail.updates] == [0], "a mail that has left stays"


async def test_what_holds_up_one_holds_up_no_other(everywhere: Everywhere) -> None:
    network = everywhere.network
    everywhere.teams.loses_reply("create")
    everywhere.slack.refuses("chat.postMessage", "is_archived")
    await everywhere.approves()
    await everywhere.mails()
    assert await everywhere.states() == {
        "slack": DeliveryState.PARKED,
        "teams": DeliveryState.UNKNOWN,
        "mail": DeliveryState.SENT,
    }
    assert len(everywhere.teams.messages(everywhere.there)) == 1, "it is there, which only people can see"
    await network.press(BOB, network.button("Try again", "editors"))
    assert (await everywhere.states())["slack"] is DeliveryState.SENT
    assert (await everywhere.states())["teams"] is DeliveryState.UNKNOWN
    row, shown = (await everywhere.rows())["teams"], everywhere.shown_in_teams()
    services = replace(network.services, message_at=message_at)
    await posts.decide(services, BOB, row.key, row.fence, Choice.IS_THERE, shown.permalink)
    await network.sends()
    row = (await everywhere.rows())["teams"]
    assert (row.state, row.message_ref, row.sent_version) == (DeliveryState.SENT, shown.ref, 1)
    assert everywhere.shown_in_teams().updates == 1, "an update in its place has shown that it is"
