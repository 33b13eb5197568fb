"""People, their roles, channels; what platforms sent us, and what people began to write."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, delete, select

from adapters.store.merging import merge
from adapters.store.repositories.follows import SqlFollows
from adapters.store.tables import (
    channels,
    complaints,
    identities,
    inbox,
    kept_forms,
    listeners,
    members,
    requests,
    roles,
    suggestions,
)
from adapters.store.transaction import Transaction
from bot.messages import Identity
from bot.ports import Binding, Grant, Member, Purpose, Role
from digests.model import Address

TOLD_AT_AN_ACCOUNT = (listeners, requests, suggestions, complaints)
"""What is a member's and says at which of their accounts they are told of it. A test looks for others."""


class SqlMembers:
    """Fulfils ``bot.ports.Members``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def resolve(self, identity: Identity, now: datetime) -> Member:
        known = await self._transaction.first(_owner_of(identity))
        if known is None:
            await self._make(identity, now)
        elif identity.name not in ("", known.account_name):
            await self._rename(identity, known.id)
        elif known.lost_at is None:
            return _member(known)
        if known is not None and known.lost_at is not None:
            await self.find_again(identity)
        return _member(await self._transaction.only(_owner_of(identity)))

    async def find(self, identity: Identity) -> Member | None:
        row = await self._transaction.first(_owner_of(identity))
        return _member(row) if row else None

    async def get(self, member_id: str) -> Member | None:
        row = await self._transaction.first(select(members).where(members.c.id == member_id))
        return _member(row) if row else None

    async def identities(self, member_id: str) -> Sequence[Identity]:
        theirs = select(identities).where(identities.c.member_id == member_id)
        in_order = theirs.order_by(identities.c.lost_at.is_not(None), identities.c.id)
        return [_identity(row) for row in await self._transaction.rows(in_order)]

    async def lose(self, account: Identity, now: datetime) -> bool:
        known = identities.update().where(_is_account(identities, account), identities.c.lost_at.is_(None))
        return await self._transaction.change(known.values(lost_at=now)) == 1

    async def is_lost(self, account: Identity) -> bool:
        lost = select(identities.c.id).where(_is_account(identities, account), identities.c.lost_at.is_not(None))
        return await self._transaction.first(lost) is not None

    async def find_again(self, account: Identity) -> bool:
        lost = identities.update().where(_is_account(identities, account), identities.c.lost_at.is_not(None))
        return await self._transaction.change(lost.values(lost_at=None)) == 1

    async def lock(self, *member_ids: str) -> None:
        self._transaction.require_writing()
        theirs = select(members.c.id).where(members.c.id.in_(sorted(set(member_ids)))).order_by(members.c.id)
        # Not against rows that refer to a member: two who have written such rows would wait for each other.
        await self._transaction.rows(theirs.with_for_update(key_share=True))

    async def merge(self, member_id: str, into_id: str) -> None:
        follows = SqlFollows(self._transaction)
        held = {follow.id for follow in await follows.of(into_id)}
        for follow in await follows.of(member_id):
            # The id of a follow is made of its member's.
            await follows.remove(member_id, follow.id)
            theirs = replace(follow, member_id=into_id)
            if theirs.id not in held:
                await follows.add(theirs)
        await merge(self._transaction, member_id, into_id)

    async def separate(self, identity: Identity, now: datetime) -> Member | None:
        owner = await self.find(identity)
        if owner is None or len(await self.identities(owner.id)) < 2:
            return None
        row = await self._transaction.only(select(identities).where(_is_account(identities, identity)))
        member_id, name = secrets.token_hex(8), row.name or row.user_id
        await self._transaction.change(members.insert().values(id=member_id, name=name, created_at=now))
        account = identities.update().where(_is_account(identities, identity))
        await self._transaction.change(account.values(member_id=member_id))
        await self._tell_elsewhere(owner.id, identity)
        return Member(member_id, name, now)

    async def _tell_elsewhere(self, member_id: str, no_longer: Identity) -> None:
        """Put the first account of a member where what is theirs names one that is not."""
        left = _account((await self.identities(member_id))[0])
        for table in TOLD_AT_AN_ACCOUNT:
            theirs = table.update().where(table.c.member_id == member_id, _is_account(table, no_longer))
            # Whoever works on a request at the same time has to look again, or would put the account back.
            more = {"revision": table.c.revision + 1} if table is requests else {}
            await self._transaction.change(theirs.values(**left, **more))

    async def _make(self, identity: Identity, now: datetime) -> None:
        member_id = secrets.token_hex(8)
        name = identity.name or identity.user
        await self._transaction.change(members.insert().values(id=member_id, name=name, created_at=now))
        insert = self._transaction.insert(identities).values(
            **_account(identity), name=identity.name, member_id=member_id
        )
        if not await self._transaction.added(insert):
            # Somebody else made the same person while we were waiting to: theirs counts.
            await self._transaction.change(delete(members).where(members.c.id == member_id))

    async def _rename(self, identity: Identity, member_id: str) -> None:
        account = identities.update().where(_is_account(identities, identity))
        await self._transaction.change(account.values(name=identity.name))
        await self._transaction.change(members.update().where(members.c.id == member_id).values(name=identity.name))


class SqlRoles:
    """Fulfils ``bot.ports.Roles``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, member_id: str) -> Collection[Role]:
        rows = await self._transaction.rows(select(roles.c.role).where(roles.c.member_id == member_id))
        return frozenset(row.role for row in rows)

    async def grant(self, grant: Grant) -> bool:
        insert = self._transaction.insert(roles).values(
            member_id=grant.member.id, role=grant.role, granted_by=grant.granted_by, at=grant.at
        )
        return await self._transaction.added(insert)

    async def revoke(self, member_id: str, role: Role) -> bool:
        revoke = delete(roles).where(roles.c.member_id == member_id, roles.c.role == role)
        return await self._transaction.change(revoke) == 1

    async def all(self) -> Sequence[Grant]:
        query = select(roles, members.c.name, members.c.created_at).join(members)
        grants = [
            Grant(Member(row.member_id, row.name, row.created_at), row.role, row.granted_by, row.at)
            for row in await self._transaction.rows(query)
        ]
        # Sorted here, as the databases do not agree on the order of letters.
        return sorted(grants, key=lambda grant: (grant.role, grant.member.name.casefold(), grant.member.id))


class SqlChannels:
    """Fulfils ``bot.ports.Channels``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def bind(self, binding: Binding) -> bool:
        insert = self._transaction.insert(channels).values(
            **_address(binding.address), purpose=binding.purpose, bound_by=binding.bound_by, at=binding.at
        )
        return await self._transaction.added(insert)

    async def unbind(self, address: Address) -> int:
        return await self._transaction.change(delete(channels).where(_is_address(address)))

    async def bound(self, purpose: Purpose) -> Sequence[Binding]:
        return await self._bindings(select(channels).where(channels.c.purpose == purpose))

    async def of(self, address: Address) -> Sequence[Binding]:
        return await self._bindings(select(channels).where(_is_address(address)))

    async def _bindings(self, query: Select[Any]) -> list[Binding]:
        rows = await self._transaction.rows(query.order_by(channels.c.id))
        return [
            Binding(Address(row.platform, row.workspace, row.channel, row.user_id), row.purpose, row.bound_by, row.at)
            for row in rows
        ]


class SqlInbox:
    """Fulfils ``bot.ports.Inbox``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def first_time(self, key: str, now: datetime) -> bool:
        insert = self._transaction.insert(inbox).values(key=key, seen_at=now)
        return await self._transaction.added(insert)

    async def keep_form(self, identity: Identity, form: str, fields: Mapping[str, str], now: datetime) -> None:
        kept = {"fields": json.dumps(dict(fields), ensure_ascii=False), "kept_at": now}
        insert = self._transaction.insert(kept_forms).values(**_account(identity), form=form, **kept)
        keys = ["platform", "workspace", "user_id", "form"]
        await self._transaction.change(insert.on_conflict_do_update(index_elements=keys, set_=kept))

    async def kept_form(self, identity: Identity, form: str) -> Mapping[str, str]:
        fields = await self._transaction.value(
            select(kept_forms.c.fields).where(_is_account(kept_forms, identity), kept_forms.c.form == form)
        )
        return dict(json.loads(fields)) if fields else {}

    async def drop_form(self, identity: Identity, form: str) -> None:
        await self._transaction.change(
            delete(kept_forms).where(_is_account(kept_forms, identity), kept_forms.c.form == form)
        )


def _owner_of(identity: Identity) -> Select[Any]:
    """The member with this account, and the name that the account had when we last heard from it."""
    query = select(members, identities.c.name.label("account_name"), identities.c.lost_at).join(identities)
    return query.where(_is_account(identities, identity))


def _member(row: Row[Any]) -> Member:
    return Member(row.id, row.name, row.created_at)


def _account(identity: Identity) -> dict[str, str]:
    return {"platform": identity.platform, "workspace": identity.workspace, "user_id": identity.user}


def _identity(row: Row[Any]) -> Identity:
    return Identity(row.platform, row.workspace, row.user_id, row.name)


def _is_account(table: Table, identity: Identity) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in _account(identity).items()))


def _address(address: Address) -> dict[str, str]:
    return {
        "platform": address.platform,
        "workspace": address.workspace,
        "channel": address.channel,
        "user_id": address.user,
    }


def _is_address(address: Address) -> ColumnElement[bool]:
    return and_(*(channels.c[name] == value for name, value in _address(address).items()))
