"""The directory and what was agreed to."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, select

from adapters.store.tables import (
    applications,
    codes,
    consents,
    counters,
    erasures,
    objections,
    profiles,
    wrong_codes,
)
from adapters.store.transaction import Transaction
from bot.members.codes import Code, CodePurpose
from bot.members.consent import Consent
from bot.members.profile import Contact, Profile
from bot.messages import Identity
from bot.privacy.model import Processing

_STAMP = "profiles"
_LISTS = ("topics", "languages", "regions", "avoid")
_CODE = tuple(field.name for field in fields(Code))
KEPT_AFTER = timedelta(days=1)
"""How long a code that cannot be used any more is kept, so that the limits can count it."""
_TEXTS = ("name", "organisation", "role", "can_help", "email", "pronouns")


class SqlProfiles:
    """Fulfils ``bot.members.ports.Profiles``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, member_id: str) -> Profile | None:
        row = await self._transaction.first(select(profiles).where(profiles.c.member_id == member_id))
        return _profile(row) if row else None

    async def some(self, member_ids: Collection[str]) -> Sequence[Profile]:
        wanted = select(profiles).where(profiles.c.member_id.in_(sorted(set(member_ids))))
        return [_profile(row) for row in await self._transaction.rows(wanted.order_by(profiles.c.member_id))]

    async def put(self, profile: Profile) -> None:
        values = {**_values(profile), "changed": await self.rise()}
        insert = self._transaction.insert(profiles).values(member_id=profile.member_id, **values)
        await self._transaction.change(insert.on_conflict_do_update(index_elements=["member_id"], set_=values))

    async def remove(self, member_id: str) -> bool:
        gone = await self._transaction.change(delete(profiles).where(profiles.c.member_id == member_id)) == 1
        if gone:
            await self.rise()
        return gone

    async def all(self) -> Sequence[Profile]:
        present = select(profiles).where(_is_present()).order_by(profiles.c.member_id)
        return [_profile(row) for row in await self._transaction.rows(present)]

    async def stamp(self) -> int:
        value = await self._transaction.value(select(counters.c.value).where(counters.c.name == _STAMP))
        return int(value or 0)

    async def since(self, stamp: int) -> Sequence[Profile]:
        newer = select(profiles).where(_is_present(), profiles.c.changed > stamp).order_by(profiles.c.member_id)
        return [_profile(row) for row in await self._transaction.rows(newer)]

    async def ids(self) -> Collection[str]:
        rows = await self._transaction.rows(select(profiles.c.member_id).where(_is_present()))
        return frozenset(row.member_id for row in rows)

    async def rise(self) -> int:
        """Say that :meth:`all` is not what it was; returns what the stamp is now."""
        # The row stays locked until this transaction ends, so no two of them leave the same number behind.
        insert = self._transaction.insert(counters).values(name=_STAMP, value=1)
        rise = {"value": counters.c.value + 1}
        risen = insert.on_conflict_do_update(index_elements=["name"], set_=rise).returning(counters.c.value)
        return int((await self._transaction.changed(risen))[0].value)


class SqlApplications:
    """Fulfils ``bot.members.ports.Applications``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, profile: Profile, asked_at: datetime) -> None:
        values = {**_values(profile), "asked_at": asked_at}
        insert = self._transaction.insert(applications).values(member_id=profile.member_id, **values)
        await self._transaction.change(insert.on_conflict_do_update(index_elements=["member_id"], set_=values))

    async def get(self, member_id: str) -> Profile | None:
        row = await self._transaction.first(select(applications).where(applications.c.member_id == member_id))
        return _profile(row) if row else None

    async def remove(self, member_id: str, revision: int | None = None) -> bool:
        gone = delete(applications).where(applications.c.member_id == member_id)
        if revision is not None:
            gone = gone.where(applications.c.revision == revision)
        return await self._transaction.change(gone) == 1

    async def all(self) -> Sequence[Profile]:
        longest_first = select(applications).order_by(applications.c.asked_at, applications.c.member_id)
        return [_profile(row) for row in await self._transaction.rows(longest_first)]


class SqlCodes:
    """Fulfils ``bot.members.ports.Codes``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, code: Code) -> None:
        values = {name: getattr(code, name) for name in _CODE}
        await self._transaction.change(self._transaction.insert(codes).values(**values))

    async def get(self, digest: str) -> Code | None:
        row = await self._transaction.first(select(codes).where(codes.c.digest == digest))
        return _code(row) if row else None

    async def use(self, digest: str, member_id: str, now: datetime) -> bool:
        unused = codes.update().where(codes.c.digest == digest, codes.c.used_by == "")
        return await self._transaction.change(unused.values(used_by=member_id, used_at=now)) == 1

    async def made_by(self, member_id: str, purpose: CodePurpose, since: datetime) -> int:
        query = select(func.count()).where(
            codes.c.made_by == member_id, codes.c.purpose == purpose, codes.c.made_at >= since
        )
        return int(await self._transaction.value(query))

    async def open(self, purpose: CodePurpose, now: datetime) -> Sequence[Code]:
        query = select(codes).where(codes.c.purpose == purpose, codes.c.used_by == "", codes.c.expires_at > now)
        return [_code(row) for row in await self._transaction.rows(query.order_by(codes.c.id))]

    async def invited(self, member_id: str) -> bool:
        query = select(func.count()).where(_invitation_of(member_id))
        return bool(await self._transaction.value(query))

    async def spend(self, member_id: str) -> int:
        return await self._transaction.change(delete(codes).where(_invitation_of(member_id)))

    async def tried(self, who: Identity, now: datetime) -> None:
        account = {"platform": who.platform, "workspace": who.workspace, "user_id": who.user}
        await self._transaction.change(self._transaction.insert(wrong_codes).values(**account, at=now))

    async def tries(self, who: Identity, since: datetime) -> int:
        query = select(func.count()).where(
            wrong_codes.c.user_id == who.user,
            wrong_codes.c.workspace == who.workspace,
            wrong_codes.c.platform == who.platform,
            wrong_codes.c.at >= since,
        )
        return int(await self._transaction.value(query))

    async def forget(self, now: datetime) -> int:
        # An invitation that was used counts for as long as it would have lasted; a link is done at once.
        past = await self._transaction.change(delete(codes).where(codes.c.expires_at <= now - KEPT_AFTER))
        return past + await self._transaction.change(delete(wrong_codes).where(wrong_codes.c.at < now - KEPT_AFTER))


class SqlConsents:
    """Fulfils ``bot.members.ports.Consents``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def record(self, consent: Consent) -> None:
        insert = self._transaction.insert(consents).values(
            consent_id=consent.id,
            member_id=consent.member_id,
            purpose=consent.purpose,
            subject=consent.subject,
            text=consent.text,
            revision=consent.revision,
            at=consent.at,
            withdrawn_at=consent.withdrawn_at,
        )
        await self._transaction.added(insert)

    async def of(self, member_id: str) -> Sequence[Consent]:
        return await self._consents(consents.c.member_id == member_id)

    async def about(self, subject: str) -> Sequence[Consent]:
        return await self._consents(consents.c.subject == subject)

    async def withdraw(self, consent_id: str, now: datetime) -> bool:
        standing = consents.update().where(consents.c.consent_id == consent_id, consents.c.withdrawn_at.is_(None))
        return await self._transaction.change(standing.values(withdrawn_at=now)) == 1

    async def _consents(self, condition: ColumnElement[bool]) -> list[Consent]:
        query = select(consents).where(condition).order_by(consents.c.id)
        return [
            Consent(
                row.consent_id,
                row.member_id,
                row.purpose,
                row.subject,
                row.text,
                row.revision,
                row.at,
                row.withdrawn_at,
            )
            for row in await self._transaction.rows(query)
        ]


def _is_present() -> ColumnElement[bool]:
    """Whether a profile is that of somebody who neither objects to being found nor waits to be erased."""
    out = select(objections.c.member_id).where(objections.c.processing == Processing.INTRODUCTIONS)
    return and_(profiles.c.member_id.not_in(out), profiles.c.member_id.not_in(select(erasures.c.member_id)))


def _values(profile: Profile) -> dict[str, Any]:
    return {
        "revision": profile.revision,
        "per_fortnight": profile.per_fortnight,
        "snoozed_until": profile.snoozed_until,
        "joined_at": profile.joined_at,
        "details": _details(profile),
    }


def _code(row: Row[Any]) -> Code:
    return Code(**{name: getattr(row, name) for name in _CODE})


def _invitation_of(member_id: str) -> ColumnElement[bool]:
    return and_(codes.c.purpose == CodePurpose.INVITATION, codes.c.used_by == member_id)


def _details(profile: Profile) -> str:
    texts = {name: getattr(profile, name) for name in _TEXTS}
    lists = {name: list(getattr(profile, name)) for name in _LISTS}
    contacts = [contact.value for contact in profile.contacts]
    return json.dumps({**texts, **lists, "contacts": contacts}, ensure_ascii=False, separators=(",", ":"))


def _profile(row: Row[Any]) -> Profile:
    details: dict[str, Any] = json.loads(row.details)
    lists: dict[str, Any] = {name: tuple(details[name]) for name in _LISTS}
    return Profile(
        member_id=row.member_id,
        contacts=tuple(Contact(contact) for contact in details["contacts"]),
        per_fortnight=row.per_fortnight,
        snoozed_until=row.snoozed_until,
        revision=row.revision,
        joined_at=row.joined_at,
        **{name: details[name] for name in _TEXTS},
        **lists,
    )
