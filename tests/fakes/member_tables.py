"""The directory's repositories in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.members.codes import Code, CodePurpose
from bot.members.consent import Consent
from bot.members.profile import Profile
from bot.messages import Identity
from bot.privacy.model import Processing
from tests.fakes.absence import absent, rise
from tests.fakes.tables import Part


class FakeProfiles(Part):
    """Fulfils ``bot.members.ports.Profiles``."""

    async def get(self, member_id: str) -> Profile | None:
        return self._seen.profiles.get(member_id)

    async def some(self, member_ids: Collection[str]) -> Sequence[Profile]:
        return [self._seen.profiles[each] for each in sorted(set(member_ids)) if each in self._seen.profiles]

    async def put(self, profile: Profile) -> None:
        tables = self._written
        tables.member(profile.member_id)
        tables.profiles[profile.member_id] = profile
        rise(tables)
        tables.profiles_changed[profile.member_id] = tables.counters["profiles"]

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

    async def since(self, stamp: int) -> Sequence[Profile]:
        changed = self._seen.profiles_changed
        return [profile for profile in await self.all() if changed.get(profile.member_id, 0) > stamp]

    async def ids(self) -> Collection[str]:
        return frozenset(profile.member_id for profile in await self.all())


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


class FakeApplications(Part):
    """Fulfils ``bot.members.ports.Applications``."""

    async def put(self, profile: Profile, asked_at: datetime) -> None:
        tables = self._written
        tables.member(profile.member_id)
        tables.applications[profile.member_id] = (profile, asked_at)

    async def get(self, member_id: str) -> Profile | None:
        known = self._seen.applications.get(member_id)
        return known[0] if known else None

    async def remove(self, member_id: str, revision: int | None = None) -> bool:
        applications = self._written.applications
        if member_id not in applications or revision not in (None, applications[member_id][0].revision):
            return False
        del applications[member_id]
        return True

    async def all(self) -> Sequence[Profile]:
        waiting = sorted(self._seen.applications.values(), key=lambda each: (each[1], each[0].member_id))
        return [profile for profile, _ in waiting]


class FakeCodes(Part):
    """Fulfils ``bot.members.ports.Codes``."""

    async def add(self, code: Code) -> None:
        self._written.codes[code.digest] = code

    async def get(self, digest: str) -> Code | None:
        return self._seen.codes.get(digest)

    async def use(self, digest: str, member_id: str, now: datetime) -> bool:
        codes = self._written.codes
        known = codes.get(digest)
        if known is None or known.used_by:
            return False
        codes[digest] = replace(known, used_by=member_id, used_at=now)
        return True

    async def made_by(self, member_id: str, purpose: CodePurpose, since: datetime) -> int:
        codes = self._seen.codes.values()
        return sum(each.made_by == member_id and each.purpose is purpose and each.made_at >= since for each in codes)

    async def open(self, purpose: CodePurpose, now: datetime) -> Sequence[Code]:
        return [code for code in self._seen.codes.values() if code.works(purpose, now)]

    async def invited(self, member_id: str) -> bool:
        return any(self._is_invitation(code, member_id) for code in self._seen.codes.values())

    async def spend(self, member_id: str) -> int:
        tables = self._written
        kept = {digest: code for digest, code in tables.codes.items() if not self._is_invitation(code, member_id)}
        spent = len(tables.codes) - len(kept)
        tables.codes = kept
        return spent

    async def tried(self, who: Identity, now: datetime) -> None:
        self._written.wrong_codes.append((who.key, now))

    async def tries(self, who: Identity, since: datetime) -> int:
        return sum(key == who.key and at >= since for key, at in self._seen.wrong_codes)

    async def forget(self, now: datetime) -> int:
        tables, before = self._written, now - timedelta(days=1)
        codes = {digest: code for digest, code in tables.codes.items() if code.expires_at > before}
        wrong = [(who, at) for who, at in tables.wrong_codes if at >= before]
        gone = len(tables.codes) - len(codes) + len(tables.wrong_codes) - len(wrong)
        tables.codes, tables.wrong_codes = codes, wrong
        return gone

    def _is_invitation(self, code: Code, member_id: str) -> bool:
        return code.purpose is CodePurpose.INVITATION and code.used_by == member_id
