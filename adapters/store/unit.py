"""The unit of work: every repository on one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from adapters.store.repositories.alarms import SqlAlarms
from adapters.store.repositories.archive import SqlArchive
from adapters.store.repositories.corrections import SqlCorrections
from adapters.store.repositories.deliveries import SqlDeliveries
from adapters.store.repositories.editions import SqlEditions
from adapters.store.repositories.follows import SqlFollows
from adapters.store.repositories.items import SqlItems
from adapters.store.repositories.keeping import SqlDepartures, SqlHolds
from adapters.store.repositories.links import SqlLinkChecks, SqlSuggestions
from adapters.store.repositories.members import SqlApplications, SqlCodes, SqlConsents, SqlProfiles
from adapters.store.repositories.network import SqlChannels, SqlInbox, SqlMembers, SqlRoles
from adapters.store.repositories.personal import SqlPersonal
from adapters.store.repositories.presences import SqlPresences
from adapters.store.repositories.privacy import SqlAudit
from adapters.store.repositories.requests import SqlRequests
from adapters.store.repositories.rights import SqlRights
from adapters.store.repositories.sources import SqlSources, record_installation, the_installation
from adapters.store.transaction import Transaction
from digests.model import Delivery, Installation

Announce = Callable[[Transaction, Sequence[Delivery]], Awaitable[None]]


class SqlUnitOfWork:
    """Fulfils ``bot.ports.UnitOfWork``."""

    def __init__(self, transaction: Transaction, announce: Announce | None = None) -> None:
        """``announce`` is told, inside the transaction, of what can be sent once it is committed."""
        self._transaction = transaction
        self._announce = announce
        self.sources = SqlSources(transaction)
        self.items = SqlItems(transaction)
        self.archive = SqlArchive(transaction)
        self.corrections = SqlCorrections(transaction)
        self.editions = SqlEditions(transaction)
        self.deliveries = SqlDeliveries(transaction)
        self.link_checks = SqlLinkChecks(transaction)
        self.suggestions = SqlSuggestions(transaction)
        self.members = SqlMembers(transaction)
        self.profiles = SqlProfiles(transaction)
        self.consents = SqlConsents(transaction)
        self.applications = SqlApplications(transaction)
        self.codes = SqlCodes(transaction)
        self.roles = SqlRoles(transaction)
        self.channels = SqlChannels(transaction)
        self.requests = SqlRequests(transaction)
        self.follows = SqlFollows(transaction)
        self.presences = SqlPresences(transaction)
        self.inbox = SqlInbox(transaction)
        self.audit = SqlAudit(transaction)
        self.rights = SqlRights(transaction)
        self.personal = SqlPersonal(transaction)
        self.departures = SqlDepartures(transaction)
        self.holds = SqlHolds(transaction)
        self.alarms = SqlAlarms(transaction)

    async def installation(self) -> Installation | None:
        return await the_installation(self._transaction)

    async def record_installation(self, installation: Installation) -> None:
        await record_installation(self._transaction, installation)

    async def commit(self) -> None:
        if self._announce is not None and (due := await self.deliveries.due_here(datetime.now(UTC))):
            await self._announce(self._transaction, due)
        await self._transaction.commit()
