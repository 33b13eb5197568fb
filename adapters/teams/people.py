"""Who somebody is whom Teams names by an account of its own: looked up in the roster, and kept for an hour."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.teams.connector import Connector, ConnectorTrouble
from digests.ports import Clock

log = logging.getLogger("convenor.teams")

LOOK_UP_SECONDS: Final = 2.0
KEPT: Final = timedelta(hours=1)
NOBODY_KEPT: Final = timedelta(minutes=5)
_MOST_KEPT: Final = 5_000


class NotTold(Exception):
    """Teams did not say in time who somebody is."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody by their Entra object id, and their name as the roster has it."""

    user: str
    name: str


class Roster:
    """People by their accounts. Teams is asked at most once an hour for each, and is never waited for long."""

    def __init__(self, connector: Connector, clock: Clock) -> None:
        self._connector = connector
        self._clock = clock
        self._kept: dict[tuple[str, str, str], tuple[Who | None, datetime]] = {}

    async def find(self, tenant: str, service_url: str, conversation: str, account: str) -> Who | None:
        """Who it is; None where nobody in this conversation has that account. Raises :class:`NotTold`."""
        now = self._clock.now()
        key = (tenant, conversation, account)
        who, until = self._kept.get(key, (None, now))
        if until > now:
            return who
        who = await self._ask(service_url, conversation, account)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = (who, now + (KEPT if who else NOBODY_KEPT))
        return who

    async def _ask(self, service_url: str, conversation: str, account: str) -> Who | None:
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                person = await self._connector.member(service_url, conversation, account)
        except TimeoutError:
            raise NotTold from None
        except ConnectorTrouble as trouble:
            if trouble.status in (400, 403, 404):
                return None
            log.info("Teams did not say who somebody is (%s).", trouble)
            raise NotTold from None
        return Who(person.aad, person.name) if person.aad else None
