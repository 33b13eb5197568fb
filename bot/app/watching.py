"""What is told to those who watch over Convenor: metrics on request, a ping for each tick that ran, and alarms."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.pings import Pings
from adapters.store.numbers import numbers
from bot import editions
from bot.alarms import service as alarms
from bot.alarms.rules import Disk, Facts
from bot.app import keeping
from bot.app.house import House
from bot.app.version import made_by
from config.settings import is_loopback
from config.watching import parse_pings
from digests import calendar
from digests.model import EditionState

if TYPE_CHECKING:
    from adapters.monitor import Standing


class Watching:
    """Made for one running service."""

    def __init__(self, house: House) -> None:
        settings = house.settings
        self._house = house
        # The library takes a thirtieth of a second to import, which a command that serves nothing need not wait for.
        from adapters.monitor import Monitor

        self.monitor = Monitor(made_by().rpartition(" ")[2], self._look)
        addresses = parse_pings(settings.pings.get_secret_value()) if settings.pings else {}
        self._started_at = house.services.clock.now()
        self._failing_since: dict[str, datetime] = {}
        self._worked_at: dict[str, datetime | None] = {}
        self._pings = Pings(addresses, contact=settings.contact, allow_private=settings.allow_private_addresses)

    def expects(self, name: str) -> None:
        """There is a tick of this name."""
        self._worked_at.setdefault(name, None)

    def ticked(self, name: str, seconds: float, well: bool) -> None:
        """A tick has ended."""
        self.monitor.ticked(name, seconds, well=well)
        self._pings.ticked(name, well=well)
        now = self._house.services.clock.now()
        if well:
            self._failing_since.pop(name, None)
            self._worked_at[name] = now
        else:
            self._failing_since.setdefault(name, now)

    async def look(self) -> int:
        """Tell administrators of what needs them, and of what is well again; returns how many alarms changed."""
        services = self._house.services
        now = services.clock.now()
        counted = await numbers(self._house.database, now)
        backup = await asyncio.to_thread(keeping.latest_backup, self._house.settings)
        async with services.store.read() as uow:
            installation = await uow.installation()
        facts = Facts(
            now=now,
            last_fetch=counted.last_fetch,
            last_good=counted.last_good,
            waiting_since=counted.waiting_since,
            failing_since=dict(self._failing_since),
            worked_at=dict(self._worked_at),
            disk=await asyncio.to_thread(self._disk),
            last_backup=backup.made_at if backup else None,
            # Not since this process began: one that is started anew each day would never miss any.
            backups_since=(installation.first_pass_at if installation else self._started_at)
            if keeping.makes_backups(self._house.settings)
            else None,
            started_at=self._started_at,
        )
        return await alarms.look(services, facts)

    def acknowledged(self, platform: str, seconds: float) -> None:
        """A platform was answered after so many seconds, by another way than a request over HTTP."""
        self.monitor.acknowledged(platform, seconds)

    def attach(self, app: web.Application) -> None:
        """Serve the metrics, to whoever may read them."""
        from adapters.web import metrics

        settings = self._house.settings
        token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
        # Behind a web server on the same machine, everybody seems to be on this machine.
        open_here = is_loopback(settings.host) and not settings.public_url
        metrics.attach(app, self.monitor, token=token, open_here=open_here)

    async def stop(self) -> None:
        """Give up the pings that are under way."""
        await self._pings.close()

    def _disk(self) -> Disk | None:
        path = self._house.database.path
        if path is None:
            return None
        usage = shutil.disk_usage(path.absolute().parent)
        return Disk(usage.free, usage.total)

    async def _look(self) -> Standing:
        from adapters.monitor import Standing

        services = self._house.services
        now = services.clock.now()
        counted = await numbers(self._house.database, now)
        async with services.store.read() as uow:
            draft = await editions.open_draft(uow)
            recent = await uow.editions.recent()
            acts = await editions.recent_acts(uow, recent)
            installation = await uow.installation()
            hold = await uow.holds.get()
            standing = Counter(alarm.what.value for alarm in await uow.alarms.standing())
        backup = await asyncio.to_thread(keeping.latest_backup, self._house.settings)
        due = calendar.due_edition(services.plan.schedule, now, installation=installation, editions=recent, acts=acts)
        return Standing(
            numbers=counted,
            draft_is_open=draft is not None and draft.state is EditionState.DRAFT,
            draft_age_seconds=_seconds(draft.created_at, now) if draft else 0.0,
            late_seconds=_seconds(due.window.end, now) if due else 0.0,
            alarms=standing,
            on_hold=hold is not None,
            last_backup=backup.made_at if backup else None,
        )


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
