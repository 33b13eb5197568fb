"""The conversations of Teams that are known, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from adapters.teams.book import Conversation, Foreign, Kind, Presence, Trusts


class FakeBook:
    """Fulfils ``adapters.teams.book.Book``."""

    def __init__(self, trusts: Trusts = lambda service_url: True) -> None:
        self._trusts = trusts
        self._known: dict[tuple[str, Kind, str], Conversation] = {}

    async def note(self, conversation: Conversation) -> bool:
        if not self._trusts(conversation.service_url):
            raise Foreign(conversation.tenant)
        place = (conversation.tenant, conversation.kind, conversation.key)
        known = self._known.get(place)
        if known and (known.at > conversation.at or replace(known, at=conversation.at) == conversation):
            return False
        self._known[place] = conversation
        return True

    async def gone(self, tenant: str, kind: Kind, key: str, at: datetime) -> bool:
        known = self._known.get((tenant, kind, key))
        if known is None or not known.is_here or known.at > at:
            return False
        self._known[tenant, kind, key] = replace(known, presence=Presence.GONE, at=at)
        return True

    async def personal(self, tenant: str, user: str) -> Conversation | None:
        return self._trusted(self._known.get((tenant, Kind.PERSONAL, user)))

    async def channel(self, tenant: str, channel: str) -> Conversation | None:
        known = self._trusted(self._known.get((tenant, Kind.CHANNEL, channel)))
        team = self._known.get((tenant, Kind.TEAM, known.team)) if known else None
        return replace(known, presence=Presence.GONE) if known and team and not team.is_here else known

    async def any_of(self, tenant: str) -> Conversation | None:
        here = [each for each in self._of(tenant) if each.is_here]
        return max(reversed(here), key=lambda each: each.at, default=None)

    def _of(self, tenant: str) -> list[Conversation]:
        return [each for each in self._known.values() if each.tenant == tenant and self._trusted(each)]

    def _trusted(self, known: Conversation | None) -> Conversation | None:
        return known if known and self._trusts(known.service_url) else None
