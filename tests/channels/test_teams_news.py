"""What activities of Teams tell of where Convenor is: which conversations are noted, and which are over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import aiohttp
import pytest

from adapters.teams.book import Conversation, Kind
from adapters.teams.news import Over, keep, news_in
from tests.builders import NOW
from tests.fakes.book import FakeBook
from tests.fakes.teams_people import People
from tests.fakes.teams_record import ALICE, APP_ID, BOB, TENANT, Json, Team
from tests.fakes.teams_service import TeamsService

US = f"28:{APP_ID}"
URL = "https://europe.example/emea/"
LATER = NOW + timedelta(hours=1)


class Teams:
    """Activities as Teams makes them, and the book that is kept by them."""

    def __init__(self) -> None:
        self.service = TeamsService(url=URL.removesuffix("/emea/"))
        self.team: Team = self.service.team()
        # Nothing is sent here, so there is no session.
        self.people = People(self.service, "", cast(aiohttp.ClientSession, None))
        self.book = FakeBook()

    def personal(self, kind: str, **more: Any) -> Json:
        return self.people.activity(ALICE, self.service.chat_with(ALICE), kind, **more)

    def in_channel(self, name: str, kind: str, **more: Any) -> Json:
        return self.people.activity(ALICE, self.service.channel(self.team, name), kind, **more)

    def event(self, event: str, channel: str = "", **more: Any) -> Json:
        place = self.service.channel(self.team, channel) if channel else None
        return {**self.people.team_event(BOB, self.team, event, place), **more}

    async def hears(self, *activities: Json) -> None:
        for hour, activity in enumerate(activities):
            await keep(self.book, news_in(activity, NOW + timedelta(hours=hour)))

    async def is_here(self, name: str) -> bool:
        channel = await self.book.channel(TENANT, self.service.channel(self.team, name).id)
        return channel is not None and channel.is_here


@pytest.fixture
def teams() -> Teams:
    return Teams()


def here(kind: Kind, key: str, conversation_id: str, team: str = "") -> Conversation:
    return Conversation(TENANT, kind, key, conversation_id, URL, US, NOW, team)


@pytest.mark.parametrize(
    "activity",
    [
        {"kind": "message", "text": "hello"},
        {"kind": "invoke", "name": "adaptiveCard/action"},
        {"kind": "installationUpdate", "action": "add"},
        {"kind": "installationUpdate", "action": "add-upgrade"},
        {"kind": "conversationUpdate", "membersAdded": [{"id": US}]},
    ],
    ids=lambda activity: " ".join(str(value) for value in activity.values()),
)
def test_whatever_somebody_does_in_their_own_chat_tells_where_they_are_written_to(teams: Teams, activity: Json) -> None:
    chat = teams.service.chat_with(ALICE).id
    assert news_in(teams.personal(**activity), NOW) == (here(Kind.PERSONAL, ALICE.aad, chat),)


def test_whatever_is_said_in_a_thread_of_a_channel_tells_of_the_channel_and_of_its_team(teams: Teams) -> None:
    digest = teams.service.channel(teams.team, "digest").id
    assert news_in(teams.in_channel("digest", "message", root="1700000000000"), NOW) == (
        here(Kind.CHANNEL, digest, digest, teams.team.id),
        here(Kind.TEAM, teams.team.id, teams.team.id),
    )


@pytest.mark.parametrize("event", ["channelCreated", "channelRestored"])
def test_a_channel_that_is_made_can_be_written_to(teams: Teams, event: str) -> None:
    news = news_in(teams.event(event, "editors"), NOW)
    editors = teams.service.channel(teams.team, "editors").id
    assert news[0] == here(Kind.CHANNEL, editors, editors, teams.team.id)


async def test_a_person_who_removes_convenor_is_gone_and_is_back_when_they_add_it(teams: Teams) -> None:
    removed = teams.personal("installationUpdate", action="remove")
    assert news_in(removed, NOW) == (Over(TENANT, Kind.PERSONAL, ALICE.aad, NOW),)
    await teams.hears(teams.personal("installationUpdate", action="add"), removed)
    known = await teams.book.personal(TENANT, ALICE.aad)
    assert known is not None
    assert not known.is_here
    await keep(teams.book, news_in(teams.personal("installationUpdate", action="add"), LATER + timedelta(hours=1)))
    known = await teams.book.personal(TENANT, ALICE.aad)
    assert known is not None
    assert known.is_here


@pytest.mark.parametrize(
    "over",
    [
        {"event": "teamMemberRemoved", "membersRemoved": [{"id": US}]},
        {"event": "teamDeleted"},
        {"event": "teamHardDeleted", "channel": "editors"},
    ],
    ids=lambda over: str(over["event"]),
)
async def test_with_a_team_go_its_channels_and_with_it_they_are_back(teams: Teams, over: Json) -> None:
    added = teams.event("teamMemberAdded", membersAdded=[{"id": US}])
    await teams.hears(added, teams.in_channel("digest", "message"), teams.event(**over))
    assert not await teams.is_here("digest")
    assert not await teams.is_here("General")
    await keep(teams.book, news_in(added, NOW + timedelta(hours=9)))
    assert await teams.is_here("digest")
    assert await teams.is_here("General")


async def test_the_removal_from_a_team_may_be_told_twice(teams: Teams) -> None:
    await teams.hears(
        teams.in_channel("digest", "message"),
        teams.event("teamMemberRemoved", membersRemoved=[{"id": US}]),
        teams.in_channel("General", "installationUpdate", action="remove"),
    )
    assert not await teams.is_here("digest")


async def test_a_deleted_channel_goes_alone(teams: Teams) -> None:
    await teams.hears(
        teams.in_channel("digest", "message"),
        teams.in_channel("editors", "message"),
        teams.event("channelDeleted", "digest"),
    )
    assert not await teams.is_here("digest")
    assert await teams.is_here("editors")


async def test_leaving_a_private_channel_is_not_leaving_the_team(teams: Teams) -> None:
    await teams.hears(
        teams.in_channel("board", "message"),
        teams.in_channel("digest", "message"),
        teams.event("channelMemberRemoved", "board", membersRemoved=[{"id": US}]),
    )
    assert not await teams.is_here("board")
    assert await teams.is_here("digest")


@pytest.mark.parametrize(
    "activity",
    [
        {"event": "teamMemberAdded", "membersAdded": [{"id": BOB.id}]},
        {"event": "teamMemberRemoved", "membersRemoved": [{"id": BOB.id}]},
        {"event": "channelRenamed", "channel": "digest"},
        {"event": "teamRenamed"},
        {"event": "teamMemberRemoved", "membersRemoved": ["x", None, 7]},
        {"event": "teamMemberRemoved", "membersRemoved": {"id": US}},
    ],
    ids=lambda activity: str(activity["event"]),
)
def test_what_others_do_is_no_news(teams: Teams, activity: Json) -> None:
    assert news_in(teams.event(**activity), NOW) == ()


def test_an_update_of_the_app_removes_it_from_nowhere(teams: Teams) -> None:
    assert news_in(teams.personal("installationUpdate", action="remove-upgrade"), NOW) == ()
    assert news_in(teams.personal("installationUpdate"), NOW) == ()


@pytest.mark.parametrize(
    "broken",
    [
        {"conversation": None},
        {"conversation": {"id": 7, "conversationType": "personal"}},
        {"conversation": {"id": "19:group@thread.v2", "conversationType": "groupChat"}},
        {"serviceUrl": ""},
        {"channelData": None},
        {"channelData": {"tenant": "x"}},
        {"recipient": {}},
        {"from": {"id": "29:x"}},
    ],
    ids=str,
)
def test_an_activity_that_lacks_something_is_no_news(teams: Teams, broken: Json) -> None:
    assert news_in({**teams.personal("message"), **broken}, NOW) == ()
    assert news_in({}, NOW) == ()
