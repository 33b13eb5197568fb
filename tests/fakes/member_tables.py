"""The directory's repositories in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.members.consent import Consent
from bot.members.profile import Profile
from bot.privacy.model import Processing
from tests.fakes.absence import absent, rise
from tests.fakes.tables import Part


class FakeProfiles(Part):
    """Fulfils ``bot.members.ports.Profiles``."""

    async def get(self, member_id: str) -> Profile | None:
        return self._seen.profiles.get(member_id)

    async def put(self, profile: Profile) -> None:
        tables = self._written
        tables.member(profile.member_id)
        tables.profiles[profile.member_id] = profile
        rise(tables)

    async def remove(self, member_id: str) -> bool:
        gone = self._written.profiles.pop(member_id, None) is not None
        if gone:
            rise(self._written)
        return gone

    async def all(self) -> Sequence[Profile]:
        out = absent(self._seen, Processing.INTRODUCTIONS)
        return [profile for member_id, profile in sorted(self._seen.profiles.items()) if member_id not in out]

    async def stamp(self) -> int:
        return self._seen.counters.get("profiles", 0)


class FakeConsents(Part):
    """Fulfils ``bot.members.ports.Consents``."""

    async def record(self, consent: Consent) -> None:
        self._written.consents.setdefault(consent.id, consent)

    async def of(self, member_id: str) -> Sequence[Consent]:
        return [consent for consent in self._seen.consents.values() if consent.member_id == member_id]

    async def about(self, subject: str) -> Sequence[Consent]:
        return [consent for consent in self._seen.consents.values() if consent.subject == subject]

    async def withdraw(self, consent_id: str, now: datetime) -> bool:
        consents = self._written.consents
        known = consents.get(consent_id)
        if known is None or not known.stands:
            return False
        consents[consent_id] = replace(known, withdrawn_at=now)
        return True
