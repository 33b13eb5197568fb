"""Puts Teams together: what calls it, what remembers its conversations, what answers in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from adapters.store.conversations import Conversations
from adapters.store.database import Database
from adapters.teams.app import TeamsApp
from adapters.teams.connector import Connector
from adapters.teams.form_turns import opens_form_at
from adapters.teams.listeners import Listeners
from adapters.teams.names import ChannelNames
from adapters.teams.security import Credentials, Microsoft, may_call
from adapters.teams.send import TeamsCourier, Whisperer
from bot.app.house import House
from bot.checking.model import Seen
from bot.commands import Table
from bot.lookup import Searcher
from bot.ports import Desk
from bot.shown_forms import FormsShown
from config.settings import Settings
from digests.model import Address


def make_teams(house: House, desk: Desk, table: Table, first_time: Callable[[str], Awaitable[bool]]) -> TeamsApp:
    """Convenor in Teams, as the settings have it; not started."""
    settings, services = house.settings, house.services
    ours = microsoft(settings)
    book = book_of(settings, house.database)

    def make_courier(connector: Connector) -> TeamsCourier:
        names = ChannelNames(connector, book, services.clock)
        opens_form = opens_form_at(desk, services.clock)
        return TeamsCourier(connector, book, services.clock, opens_form=opens_form, names=names)

    def make_turns(connector: Connector, courier: TeamsCourier) -> Listeners:
        return Listeners(
            desk=desk,
            connector=connector,
            book=book,
            whisperer=Whisperer(courier, services.clock),
            lookup=Searcher(services),
            forms=FormsShown(services),
            spoken=table.spoken,
            clock=services.clock,
            first_time=first_time,
            names=courier.names,
        )

    return TeamsApp(credentials(settings), make_courier=make_courier, make_turns=make_turns, microsoft=ours)


def book_of(settings: Settings, database: Database) -> Conversations:
    """The conversations that are known."""
    return Conversations(database, partial(may_call, on_loopback=settings.teams_development))


async def sees(settings: Settings, database: Database, address: Address) -> Seen:
    """Whether Convenor is in a channel, as far as it was told."""
    known = await book_of(settings, database).channel(address.workspace, address.channel)
    if known is None:
        return Seen.MISSING
    return Seen.IN if known.is_here else Seen.OUT


def microsoft(settings: Settings) -> Microsoft:
    """Where Microsoft is."""
    return Microsoft(on_loopback=settings.teams_development)


def credentials(settings: Settings) -> Credentials:
    """Who we are to Microsoft."""
    password = settings.teams_app_password
    return Credentials(
        settings.teams_app_id,
        password.get_secret_value() if password else "",
        settings.teams_tenant,
        frozenset(settings.teams_further_tenants),
        many_tenants=settings.teams_app_type == "MultiTenant",
    )
