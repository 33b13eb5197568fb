"""A store in memory: units of work on a copy of everything, which replaces the original on commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bot.ports import UnitOfWork
from digests.model import (
    Installation,
)
from tests.fakes.alarm_tables import FakeAlarms
from tests.fakes.digest_tables import (
    FakeArchive,
    FakeCorrections,
    FakeDeliveries,
    FakeEditions,
    FakeItems,
    FakeSources,
)
from tests.fakes.follow_tables import FakeFollows
from tests.fakes.keeping_tables import FakeDepartures, FakeHolds
from tests.fakes.link_tables import FakeLinkChecks, FakeSuggestions
from tests.fakes.member_tables import FakeApplications, FakeCodes, FakeConsents, FakeProfiles
from tests.fakes.network_tables import FakeChannels, FakeInbox, FakeMembers, FakePresences, FakeRoles
from tests.fakes.privacy_tables import FakeAudit, FakePersonal, FakeRights
from tests.fakes.request_tables import FakeRequests
from tests.fakes.tables import Tables, Work


class FakeStore:
    """Fulfils ``bot.ports.Store``. Writing units of work take turns, as they do on SQLite."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._turn = asyncio.Lock()
        self._writer: asyncio.Task[object] | None = None

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that may write. Opening a second one inside it would wait for ever, so it is an error."""
        return self._begin()

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A consistent view of what is committed."""
        return self._read()

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[UnitOfWork]:
        if self._writer is not None and self._writer is asyncio.current_task():
            raise RuntimeError("this task has a unit of work open already; a second one would wait for it for ever")
        async with self._turn:
            self._writer = asyncio.current_task()
            work = Work(self._tables.copy(), self._keep)
            try:
                yield FakeUnitOfWork(work)
            finally:
                self._writer = None
                work.end()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[UnitOfWork]:
        work = Work(self._tables.copy(), None)
        try:
            yield FakeUnitOfWork(work)
        finally:
            work.end()

    def _keep(self, tables: Tables) -> None:
        self._tables = tables


class FakeUnitOfWork:
    """Fulfils ``bot.ports.UnitOfWork``."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.sources = FakeSources(work)
        self.items = FakeItems(work)
        self.archive = FakeArchive(work)
        self.corrections = FakeCorrections(work)
        self.editions = FakeEditions(work)
        self.deliveries = FakeDeliveries(work)
        self.link_checks = FakeLinkChecks(work)
        self.suggestions = FakeSuggestions(work)
        self.members = FakeMembers(work)
        self.profiles = FakeProfiles(work)
        self.consents = FakeConsents(work)
        self.applications = FakeApplications(work)
        self.codes = FakeCodes(work)
        self.roles = FakeRoles(work)
        self.channels = FakeChannels(work)
        self.requests = FakeRequests(work)
        self.follows = FakeFollows(work)
        self.presences = FakePresences(work)
        self.inbox = FakeInbox(work)
        self.audit = FakeAudit(work)
        self.rights = FakeRights(work)
        self.personal = FakePersonal(work)
        self.departures = FakeDepartures(work)
        self.holds = FakeHolds(work)
        self.alarms = FakeAlarms(work)

    async def installation(self) -> Installation | None:
        return next(iter(self._work.seen().installation), None)

    async def record_installation(self, installation: Installation) -> None:
        tables = self._work.written()
        if not tables.installation:
            tables.installation.append(installation)

    async def commit(self) -> None:
        self._work.keep()
