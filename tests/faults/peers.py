"""The platforms that a sender posts to while it is killed: each counts what it is given, and fails by plan."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import permalink as slack_permalink
from adapters.slack.render import render_message as slack_message
from adapters.slack.send import SlackCourier, open_session
from adapters.teams import permalink as teams_permalink
from adapters.teams.book import Conversation, Kind
from adapters.teams.connector import Connector
from adapters.teams.render import render_message as teams_message
from adapters.teams.security import Credentials, Microsoft
from adapters.teams.send import TeamsCourier, activity_of
from bot.messages import Identity, from_json
from bot.ports import Courier, Pointed
from digests.model import Address, Delivery
from tests.builders import BOB, CAROL, NOW
from tests.fakes import teams_record
from tests.fakes.book import FakeBook
from tests.fakes.clock import FakeClock
from tests.fakes.slack_api import listening
from tests.fakes.slack_record import SlackRecord
from tests.fakes.teams_record import APP_ID, PASSWORD, TENANT
from tests.fakes.teams_service import TeamsService
from tests.fakes.turns import Turn

TurnOf = Callable[[str], Turn]


@dataclass(frozen=True, slots=True)
class Far:
    """How a sender in another process reaches a platform, and which two editors of it approve."""

    platform: str
    url: str
    editors: tuple[Identity, Identity]


class Post(Protocol):
    """A message as a platform has it."""

    @property
    def ref(self) -> str: ...

    @property
    def permalink(self) -> str: ...


class Peer(Protocol):
    """A platform in the test's own process: Bob and Carol, a channel for the editors and one for everybody."""

    editors: Address
    readers: tuple[Address, ...]

    @property
    def far(self) -> Far: ...

    def listening(self, turn: TurnOf, kill: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Listen; ``turn`` decides about each post and update, ``kill`` ends the process that calls."""
        ...

    def posts_of(self, key: str) -> Sequence[Post]:
        """Every message that was posted for a delivery."""
        ...

    def moment_of(self, key: str) -> float:
        """When the first of them was posted, on the platform's own clock."""
        ...

    def differences(self, row: Delivery, headline: Delivery | None) -> list[str]:
        """How the message of a delivery is not what its row says, or stands elsewhere."""
        ...


class SlackPeer:
    """One Slack workspace."""

    editors = Address("slack", "T01", channel="C0EDITORS")
    readers: tuple[Address, ...] = (Address("slack", "T01", channel="C0DIGEST"),)

    def __init__(self) -> None:
        self._slack = SlackRecord()

    @property
    def far(self) -> Far:
        return Far("slack", self._slack.url, (BOB, CAROL))

    @asynccontextmanager
    async def listening(self, turn: TurnOf, kill: Callable[[], None]) -> AsyncIterator[None]:
        self._slack.turn, self._slack.kill = turn, kill
        async with listening(self._slack):
            yield

    def posts_of(self, key: str) -> Sequence[Post]:
        return self._slack.posts_of(key)

    def moment_of(self, key: str) -> float:
        return float(self._slack.posts_of(key)[0].ts)

    def differences(self, row: Delivery, headline: Delivery | None) -> list[str]:
        shown = self._slack.posts_of(row.key)[0]
        rendered = slack_message(from_json(row.body))
        problems = []
        if (shown.text, tuple(shown.blocks)) != (rendered.text, rendered.blocks):
            problems.append(f"{row.key} does not read as its row says")
        if shown.thread_ts != (headline.message_ref.partition("|")[2] if headline else ""):
            problems.append(f"{row.key} stands in the wrong thread")
        if shown.channel != (row.address.channel or "D" + row.address.user[1:]):
            problems.append(f"{row.key} stands in the wrong channel")
        return problems


class TeamsPeer:
    """One tenant's Teams."""

    def __init__(self) -> None:
        self._teams = TeamsService()
        bob, carol = (
            Identity("teams", TENANT, person.aad, person.name) for person in (teams_record.BOB, teams_record.CAROL)
        )
        self._people = (bob, carol)
        self._teams.installed |= {bob.user, carol.user}
        _, editors, digest, _ = self._teams.team().channels
        self.editors = Address("teams", TENANT, channel=editors.id)
        self.readers: tuple[Address, ...] = (Address("teams", TENANT, channel=digest.id),)

    @property
    def far(self) -> Far:
        return Far("teams", self._teams.url, self._people)

    @asynccontextmanager
    async def listening(self, turn: TurnOf, kill: Callable[[], None]) -> AsyncIterator[None]:
        self._teams.turn = lambda method: turn(method) if method in ("post", "create", "update") else Turn.DONE
        self._teams.kill = kill
        async with self._teams.listening():
            yield

    def posts_of(self, key: str) -> Sequence[Post]:
        return self._teams.posts_of(key)

    def moment_of(self, key: str) -> float:
        return float(self._teams.posts_of(key)[0].id)

    def differences(self, row: Delivery, headline: Delivery | None) -> list[str]:
        shown = self._teams.posts_of(row.key)[0]
        rendered = activity_of(teams_message(from_json(row.body)), row.key)
        rendered["channelData"]["tenant"] = {"id": row.address.workspace}
        problems = []
        # No link can name a message in somebody's chat: what a person was believed about cannot be changed any more.
        is_beyond_reach = bool(row.address.user) and not row.message_ref
        # An update names the message that it replaces.
        if not is_beyond_reach and {name: value for name, value in shown.activity.items() if name != "id"} != rendered:
            problems.append(f"{row.key} does not read as its row says")
        if shown.root != (headline.message_ref.partition("|")[2] if headline else ""):
            problems.append(f"{row.key} stands in the wrong thread")
        if shown.place.id != row.address.channel and (
            not shown.place.person or shown.place.person.aad != row.address.user
        ):
            problems.append(f"{row.key} stands in the wrong channel")
        return problems


PEERS: dict[str, Callable[[], Peer]] = {"slack": SlackPeer, "teams": TeamsPeer}


@asynccontextmanager
async def courier_to(far: Far, clock: FakeClock) -> AsyncIterator[Courier]:
    """The product's own courier to a platform."""
    if far.platform == "slack":
        async with open_session() as session:
            yield SlackCourier(AsyncWebClient("xoxb-1", base_url=far.url, session=session, retry_handlers=[]))
        return
    service = TeamsService(url=far.url)
    book, at = FakeBook(), NOW
    await book.note(Conversation(TENANT, Kind.CHANNEL, "general", "general", service.service_url, f"28:{APP_ID}", at))
    microsoft = Microsoft(service.metadata_url, service.login_url, on_loopback=True)
    async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft) as connector:
        yield TeamsCourier(connector, book, clock)


def message_at(address: Address, link: str) -> Pointed:
    """The message that a link points at."""
    read = teams_permalink.message_at if address.platform == "teams" else slack_permalink.message_at
    return read(address, link)
