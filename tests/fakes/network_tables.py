"""The network's repositories in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.introductions.model import Journey
from bot.messages import Identity
from bot.ports import Binding, Grant, Member, Presence, Purpose, Role
from digests.model import (
    Address,
)
from tests.fakes.tables import Part


class FakeMembers(Part):
    """Fulfils ``bot.ports.Members``."""

    async def resolve(self, identity: Identity, now: datetime) -> Member:
        tables = self._written
        tables.lost.pop(identity.key, None)
        known = tables.identities.get(identity.key)
        if known is None:
            member = Member(_next(tables.counters), identity.name or identity.user, now)
        elif identity.name not in ("", known[1].name):
            member = replace(tables.member(known[0]), name=identity.name)
        else:
            return tables.member(known[0])
        tables.members[member.id] = member
        tables.identities[identity.key] = (member.id, identity)
        return member

    async def find(self, identity: Identity) -> Member | None:
        known = self._seen.identities.get(identity.key)
        return self._seen.members[known[0]] if known else None

    async def get(self, member_id: str) -> Member | None:
        return self._seen.members.get(member_id)

    async def identities(self, member_id: str) -> Sequence[Identity]:
        theirs = [identity for owner, identity in self._seen.identities.values() if owner == member_id]
        return sorted(theirs, key=lambda each: each.key in self._seen.lost)

    async def lose(self, account: Identity, now: datetime) -> bool:
        tables = self._written
        known = account.key in tables.identities and account.key not in tables.lost
        if known:
            tables.lost[account.key] = now
        return known

    async def is_lost(self, account: Identity) -> bool:
        return account.key in self._seen.lost

    async def find_again(self, account: Identity) -> bool:
        return self._written.lost.pop(account.key, None) is not None

    async def lock(self, *member_ids: str) -> None:
        self._work.written()

    async def merge(self, member_id: str, into_id: str) -> None:
        tables = self._written
        member = tables.member(into_id)
        for key, (owner, identity) in tables.identities.items():
            if owner == member_id:
                tables.identities[key] = (into_id, identity)
        held = {grant.role for grant in tables.grants if grant.member.id == into_id}
        tables.grants = [
            replace(grant, member=member) if grant.member.id == member_id else grant
            for grant in tables.grants
            if grant.member.id != member_id or grant.role not in held
        ]
        follows = sorted(tables.follows.values(), key=lambda each: each.member_id == member_id)
        owned = [_owned(each, member_id, into_id) for each in follows]
        tables.follows = {each.id: each for each in reversed(owned)}
        tables.consents = {key: _owned(each, member_id, into_id) for key, each in tables.consents.items()}
        tables.requests = {key: _with_member(each, member_id, into_id) for key, each in tables.requests.items()}
        for key, suggestion in list(tables.suggestions.items()):
            twin = (into_id, suggestion.url, suggestion.edition_id)
            there = {(each.member_id, each.url, each.edition_id) for each in tables.suggestions.values()}
            if suggestion.member_id == member_id and twin in there:
                del tables.suggestions[key]
            else:
                tables.suggestions[key] = _owned(suggestion, member_id, into_id)
        parts: tuple[dict[str, Any], ...] = (tables.profiles, tables.listeners)
        for part in parts:
            mine = part.pop(member_id, None)
            if mine is not None and into_id not in part:
                part[into_id] = replace(mine, member_id=into_id)
        waits = tables.applications.pop(member_id, None)
        if waits is not None and into_id not in tables.applications:
            tables.applications[into_id] = (replace(waits[0], member_id=into_id), waits[1])
        for digest, code in tables.codes.items():
            made_by = into_id if code.made_by == member_id else code.made_by
            used_by = into_id if code.used_by == member_id else code.used_by
            tables.codes[digest] = replace(code, made_by=made_by, used_by=used_by)
        del tables.members[member_id]

    async def separate(self, identity: Identity, now: datetime) -> Member | None:
        tables = self._written
        owner = await self.find(identity)
        if owner is None or len(await self.identities(owner.id)) < 2:
            return None
        known = tables.identities[identity.key][1]
        member = Member(_next(tables.counters), known.name or known.user, now)
        tables.members[member.id] = member
        tables.identities[identity.key] = (member.id, known)
        first = (await self.identities(owner.id))[0]

        def moves(each: Any, named: Address | None) -> bool:
            return bool(each.member_id == owner.id and named == identity.address)

        for key, listener in tables.listeners.items():
            if moves(listener, listener.address):
                tables.listeners[key] = replace(listener, address=first.address)
        parts: tuple[dict[str, Any], ...] = (tables.suggestions, tables.complaints)
        for part in parts:
            for key, each in part.items():
                if moves(each, each.account):
                    part[key] = replace(each, account=first.address)
        for key, journey in tables.requests.items():
            request = journey.request
            asked = request.requester.identity
            if asked is not None and moves(request.requester, asked.address):
                there = replace(first, name=asked.name)
                requester = replace(request.requester, identity=there)
                tables.requests[key] = journey.with_request(requester=requester, revision=request.revision + 1)
        return member


class FakeRoles(Part):
    """Fulfils ``bot.ports.Roles``."""

    async def of(self, member_id: str) -> Collection[Role]:
        return frozenset(grant.role for grant in self._seen.grants if grant.member.id == member_id)

    async def grant(self, grant: Grant) -> bool:
        self._written.member(grant.member.id)
        if grant.role in await self.of(grant.member.id):
            return False
        self._written.grants.append(grant)
        return True

    async def revoke(self, member_id: str, role: Role) -> bool:
        tables = self._written
        kept = [grant for grant in tables.grants if (grant.member.id, grant.role) != (member_id, role)]
        revoked = len(kept) < len(tables.grants)
        tables.grants = kept
        return revoked

    async def all(self) -> Sequence[Grant]:
        grants = [replace(grant, member=self._seen.member(grant.member.id)) for grant in self._seen.grants]
        return sorted(grants, key=lambda grant: (grant.role, grant.member.name.casefold(), grant.member.id))


class FakeChannels(Part):
    """Fulfils ``bot.ports.Channels``."""

    async def bind(self, binding: Binding) -> bool:
        bindings = self._written.bindings
        if any((known.address, known.purpose) == (binding.address, binding.purpose) for known in bindings):
            return False
        bindings.append(binding)
        return True

    async def unbind(self, address: Address) -> int:
        tables = self._written
        kept = [binding for binding in tables.bindings if binding.address != address]
        gone = len(tables.bindings) - len(kept)
        tables.bindings = kept
        return gone

    async def bound(self, purpose: Purpose) -> Sequence[Binding]:
        return [binding for binding in self._seen.bindings if binding.purpose is purpose]

    async def of(self, address: Address) -> Sequence[Binding]:
        return [binding for binding in self._seen.bindings if binding.address == address]


class FakePresences(Part):
    """Fulfils ``bot.ports.Presences``."""

    async def note(self, presence: Presence) -> None:
        self._written.presences[presence.edition_id, presence.member.id] = presence

    async def leave(self, edition_id: str, member_id: str) -> bool:
        return self._written.presences.pop((edition_id, member_id), None) is not None

    async def of(self, edition_id: str, since: datetime) -> Sequence[Presence]:
        found = [each for each in self._seen.presences.values() if each.edition_id == edition_id and each.at >= since]
        found.sort(key=lambda each: (each.at, each.member.id))
        return [replace(each, member=self._seen.member(each.member.id)) for each in found]

    async def forget(self, before: datetime) -> Sequence[str]:
        tables = self._written
        old = {key: each for key, each in tables.presences.items() if each.at < before}
        for key in old:
            del tables.presences[key]
        return sorted({each.edition_id for each in old.values()})


class FakeInbox(Part):
    """Fulfils ``bot.ports.Inbox``."""

    async def first_time(self, key: str, now: datetime) -> bool:
        events = self._written.events
        if key in events:
            return False
        events[key] = now
        return True

    async def keep_form(self, identity: Identity, form: str, fields: Mapping[str, str], now: datetime) -> None:
        self._written.forms[identity.key, form] = dict(fields)

    async def kept_form(self, identity: Identity, form: str) -> Mapping[str, str]:
        return dict(self._seen.forms.get((identity.key, form), {}))

    async def drop_form(self, identity: Identity, form: str) -> None:
        self._written.forms.pop((identity.key, form), None)


def _owned(each: Any, old: str, new: str) -> Any:
    return replace(each, member_id=new) if each.member_id == old else each


def _next(counters: dict[str, int]) -> str:
    """A member's id, never given twice."""
    counters["members"] = counters.get("members", 0) + 1
    return f"member-{counters['members']}"


def _with_member(journey: Journey, old: str, new: str) -> Journey:
    """A journey in which one member is another now."""
    asks = tuple(replace(ask, candidate_id=new) if ask.candidate_id == old else ask for ask in journey.asks)
    introduction = journey.introduction
    if introduction is not None and introduction.candidate_id == old:
        introduction = replace(introduction, candidate_id=new)
    requester = journey.request.requester
    if requester.member_id == old:
        journey = journey.with_request(requester=replace(requester, member_id=new))
    return replace(journey, asks=asks, introduction=introduction)
