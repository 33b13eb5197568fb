"""A store in memory: units of work on a copy of everything, which replaces the original on commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from bot.messages import Identity
from bot.ports import Binding, Grant, IntroductionRequest, Member, Purpose, Role, UnitOfWork
from digests.errors import NotFound, Stale
from digests.model import (
    Address,
    Approval,
    Delivery,
    DeliveryState,
    Edition,
    EditionState,
    Fetch,
    Installation,
    Item,
    ItemRevision,
    Revision,
    SourceState,
    TaggedItem,
    Tagging,
    item_id,
)


@dataclass
class _Tables:
    """Everything the store keeps. The values are frozen, so copying each container copies the state."""

    states: dict[str, SourceState] = field(default_factory=dict)
    fetches: list[Fetch] = field(default_factory=list)
    items: dict[str, TaggedItem] = field(default_factory=dict)
    item_revisions: list[ItemRevision] = field(default_factory=list)
    editions: dict[str, Edition] = field(default_factory=dict)
    edition_revisions: list[Revision] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    identities: dict[str, tuple[str, Identity]] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    requests: dict[str, IntroductionRequest] = field(default_factory=dict)
    events: dict[str, datetime] = field(default_factory=dict)
    forms: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    installation: list[Installation] = field(default_factory=list)

    def copy(self) -> _Tables:
        return _Tables(**{part.name: copy(getattr(self, part.name)) for part in fields(self)})

    def member(self, member_id: str) -> Member:
        if member_id not in self.members:
            raise NotFound(member_id, "There is no such member.")
        return self.members[member_id]


class FakeStore:
    """Fulfils ``bot.ports.Store``. Writing units of work take turns, as they do on SQLite."""

    def __init__(self) -> None:
        self._tables = _Tables()
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
            unit = FakeUnitOfWork(self._tables.copy(), self._keep)
            try:
                yield unit
            finally:
                self._writer = None
                unit.end()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[UnitOfWork]:
        unit = FakeUnitOfWork(self._tables.copy(), None)
        try:
            yield unit
        finally:
            unit.end()

    def _keep(self, tables: _Tables) -> None:
        self._tables = tables


class FakeUnitOfWork:
    """Fulfils ``bot.ports.UnitOfWork``. Without ``keep`` it must not write."""

    def __init__(self, tables: _Tables, keep: Callable[[_Tables], None] | None) -> None:
        self._tables = tables
        self._keep = keep
        self._ended = False
        self.sources = _Sources(self)
        self.items = _Items(self)
        self.editions = _Editions(self)
        self.deliveries = _Deliveries(self)
        self.members = _Members(self)
        self.roles = _Roles(self)
        self.channels = _Channels(self)
        self.requests = _Requests(self)
        self.inbox = _Inbox(self)

    async def installation(self) -> Installation | None:
        return next(iter(self.seen().installation), None)

    async def record_installation(self, installation: Installation) -> None:
        if not self.written().installation:
            self.written().installation.append(installation)

    async def commit(self) -> None:
        tables = self.written()
        assert self._keep is not None
        self._keep(tables)
        self.end()

    def end(self) -> None:
        self._ended = True

    def seen(self) -> _Tables:
        if self._ended:
            raise RuntimeError("this unit of work has ended; begin another one")
        return self._tables

    def written(self) -> _Tables:
        if self._keep is None:
            raise RuntimeError("this unit of work must not write; use begin() instead of read()")
        return self.seen()


class _Part:
    """One repository of a unit of work."""

    def __init__(self, unit: FakeUnitOfWork) -> None:
        self._unit = unit

    @property
    def _seen(self) -> _Tables:
        return self._unit.seen()

    @property
    def _written(self) -> _Tables:
        return self._unit.written()


class _Sources(_Part):
    async def states(self) -> Mapping[str, SourceState]:
        return dict(self._seen.states)

    async def save_state(self, state: SourceState) -> None:
        self._written.states[state.source_id] = state

    async def add_fetch(self, fetch: Fetch) -> None:
        self._written.fetches.append(fetch)

    async def fetches(self, source_id: str, limit: int = 20) -> Sequence[Fetch]:
        latest_first = [fetch for fetch in reversed(self._seen.fetches) if fetch.source_id == source_id]
        return sorted(latest_first, key=lambda fetch: fetch.started_at, reverse=True)[:limit]


class _Items(_Part):
    async def by_urls(self, urls: Collection[str]) -> Mapping[str, Item]:
        known = (self._seen.items.get(item_id(url)) for url in urls)
        return {tagged.item.url: tagged.item for tagged in known if tagged is not None}

    async def add(self, items: Sequence[TaggedItem]) -> None:
        for tagged in items:
            if tagged.item.id != item_id(tagged.item.url):
                raise ValueError(f"the id of an item is the hash of its URL, not {tagged.item.id!r}")
            self._written.items.setdefault(tagged.item.id, tagged)

    async def revise(self, revision: ItemRevision, tagging: Tagging) -> None:
        tables, item = self._written, revision.item
        known = tables.items.get(item.id)
        if known is None:
            raise NotFound(item.id, "There is no such item to revise.")
        if known.item.revision != item.revision - 1:
            raise Stale(item.id)
        tables.items[item.id] = TaggedItem(item, tagging)
        tables.item_revisions.append(revision)

    async def revisions(self, item_id: str) -> Sequence[ItemRevision]:
        of_item = [revision for revision in self._seen.item_revisions if revision.item.id == item_id]
        return sorted(of_item, key=lambda revision: revision.item.revision)

    async def get(self, item_id: str) -> TaggedItem | None:
        return self._seen.items.get(item_id)

    async def received(self, start: datetime, end: datetime) -> Sequence[TaggedItem]:
        return sorted(
            (
                tagged
                for tagged in self._seen.items.values()
                if start <= tagged.item.received_at < end and not tagged.item.background
            ),
            key=lambda tagged: (tagged.item.received_at, tagged.item.id),
        )

    async def search(self, words: Sequence[str], limit: int = 10) -> Sequence[TaggedItem]:
        wanted = [word.casefold() for word in words]
        found = [
            tagged for tagged in self._seen.items.values() if all(word in _searched(tagged.item) for word in wanted)
        ]
        found.sort(key=lambda tagged: tagged.item.id)
        found.sort(key=lambda tagged: tagged.item.published_at or tagged.item.received_at, reverse=True)
        return found[:limit]

    async def count(self) -> int:
        return len(self._seen.items)

    async def latest_receipt(self) -> datetime | None:
        return max((tagged.item.received_at for tagged in self._seen.items.values()), default=None)


def _searched(item: Item) -> str:
    return "\n".join((item.title, item.summary, item.publisher)).casefold()


class _Editions(_Part):
    async def add(self, edition: Edition, revision: Revision) -> bool:
        tables = self._written
        if edition.id in tables.editions:
            return False
        tables.editions[edition.id] = edition
        tables.edition_revisions.append(revision)
        return True

    async def get(self, edition_id: str) -> Edition | None:
        return self._seen.editions.get(edition_id)

    async def lock(self, edition_id: str) -> None:
        self._unit.written()

    async def recent(self, limit: int = 10) -> Sequence[Edition]:
        return sorted(self._seen.editions.values(), key=lambda edition: edition.due_on, reverse=True)[:limit]

    async def in_state(self, *states: EditionState) -> Sequence[Edition]:
        newest_first = sorted(self._seen.editions.values(), key=lambda edition: edition.due_on, reverse=True)
        return [edition for edition in newest_first if edition.state in states]

    async def save_revision(self, edition: Edition, revision: Revision) -> bool:
        tables = self._written
        known = tables.editions.get(edition.id)
        if known is None or (known.revision, known.state) != (edition.revision - 1, edition.state):
            return False
        # State, window and number are not part of an edit: set_state alone moves an edition.
        tables.editions[edition.id] = replace(known, revision=edition.revision, content=edition.content)
        tables.edition_revisions.append(revision)
        tables.approvals = [approval for approval in tables.approvals if approval.edition_id != edition.id]
        return True

    async def revisions(self, edition_id: str) -> Sequence[Revision]:
        of_edition = [revision for revision in self._seen.edition_revisions if revision.edition_id == edition_id]
        return sorted(of_edition, key=lambda revision: revision.revision)

    async def set_state(self, edition_id: str, expected: EditionState, state: EditionState) -> bool:
        tables = self._written
        known = tables.editions.get(edition_id)
        if known is None or known.state is not expected:
            return False
        tables.editions[edition_id] = replace(known, state=state)
        return True

    async def add_approval(self, approval: Approval) -> bool:
        tables = self._written
        if approval.edition_id not in tables.editions:
            raise NotFound(approval.edition_id, "There is no such edition to approve.")
        for known in tables.approvals:
            if (known.edition_id, known.content_hash, known.member_id) == (
                approval.edition_id,
                approval.content_hash,
                approval.member_id,
            ):
                return False
        tables.approvals.append(approval)
        return True

    async def approvals(self, edition_id: str) -> Sequence[Approval]:
        of_edition = [approval for approval in self._seen.approvals if approval.edition_id == edition_id]
        return sorted(of_edition, key=lambda approval: approval.at)


class _Deliveries(_Part):
    async def add(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._written.deliveries.setdefault(delivery.key, delivery)

    async def replace_body(self, key: str, body: str, now: datetime) -> bool:
        row = self._written.deliveries.get(key)
        if row is None or row.body == body:
            return False
        newer = replace(row, body=body, version=row.version + 1)
        if row.state is DeliveryState.SENT:
            newer = replace(newer, state=DeliveryState.PENDING, attempts=0, available_at=now, reason="")
        self._written.deliveries[key] = newer
        return True

    async def claim(self, now: datetime, lease_until: datetime, limit: int = 1) -> Sequence[Delivery]:
        rows = self._written.deliveries
        due = [row for row in rows.values() if self._is_due(row, now)][:limit]
        claimed = [
            replace(
                row,
                state=DeliveryState.SENDING,
                fence=row.fence + 1,
                attempts=row.attempts + 1,
                lease_until=lease_until,
            )
            for row in due
        ]
        rows.update((row.key, row) for row in claimed)
        return claimed

    def _is_due(self, row: Delivery, now: datetime) -> bool:
        if row.state not in (DeliveryState.PENDING, DeliveryState.RETRY):
            return False
        if row.available_at is not None and row.available_at > now:
            return False
        headline = self._seen.deliveries.get(row.thread_key)
        return headline is None or headline.state is DeliveryState.SENT or headline.sent_version > 0

    async def settle(
        self,
        claimed: Delivery,
        state: DeliveryState,
        *,
        now: datetime,
        message_ref: str = "",
        reason: str = "",
        available_at: datetime | None = None,
    ) -> bool:
        row = self._written.deliveries.get(claimed.key)
        if row is None or row.fence != claimed.fence or row.state not in (claimed.state, DeliveryState.UNKNOWN):
            return False
        settled = replace(
            row,
            state=state,
            lease_until=None,
            message_ref=message_ref or row.message_ref,
            reason=reason,
            available_at=available_at,
        )
        if state is DeliveryState.SENT:
            settled = replace(settled, sent_version=claimed.version, sent_at=now)
            if row.version > claimed.version:
                settled = replace(settled, state=DeliveryState.PENDING, attempts=0, available_at=None, reason="")
        self._written.deliveries[row.key] = settled
        return True

    async def expire_leases(self, now: datetime) -> Sequence[Delivery]:
        rows = self._written.deliveries
        vanished = [
            row
            for row in rows.values()
            if row.state is DeliveryState.SENDING and row.lease_until is not None and row.lease_until <= now
        ]
        unknown = [
            replace(
                row,
                state=DeliveryState.UNKNOWN,
                lease_until=None,
                reason="Convenor stopped while it was sending this, so it may or may not have arrived.",
            )
            for row in vanished
            if row.sent_version == 0
        ]
        updates = [
            replace(row, state=DeliveryState.PENDING, lease_until=None, available_at=None)
            for row in vanished
            if row.sent_version > 0
        ]
        rows.update((row.key, row) for row in (*unknown, *updates))
        return unknown

    async def get(self, key: str) -> Delivery | None:
        return self._seen.deliveries.get(key)

    async def of_edition(self, edition_id: str) -> Sequence[Delivery]:
        return [row for row in self._seen.deliveries.values() if row.edition_id == edition_id]

    async def in_state(self, *states: DeliveryState) -> Sequence[Delivery]:
        return [row for row in self._seen.deliveries.values() if row.state in states]


class _Members(_Part):
    async def resolve(self, identity: Identity, now: datetime) -> Member:
        tables = self._written
        known = tables.identities.get(identity.key)
        if known is None:
            member = Member(f"member-{len(tables.members) + 1}", identity.name or identity.user, now)
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

    async def identities(self, member_id: str) -> Sequence[Identity]:
        return [identity for owner, identity in self._seen.identities.values() if owner == member_id]


class _Roles(_Part):
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


class _Channels(_Part):
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


class _Requests(_Part):
    async def add(self, request: IntroductionRequest) -> None:
        tables = self._written
        tables.member(request.member.id)
        tables.requests.setdefault(request.id, request)

    async def get(self, request_id: str) -> IntroductionRequest | None:
        request = self._seen.requests.get(request_id)
        return replace(request, member=self._seen.member(request.member.id)) if request else None

    async def set_state(self, request_id: str, expected: str, state: str) -> bool:
        requests = self._written.requests
        known = requests.get(request_id)
        if known is None or known.state != expected:
            return False
        requests[request_id] = replace(known, state=state)
        return True

    async def all_open(self) -> Sequence[IntroductionRequest]:
        requests = [
            replace(request, member=self._seen.member(request.member.id))
            for request in self._seen.requests.values()
            if request.state == "open"
        ]
        return sorted(requests, key=lambda request: (request.created_at, request.id))

    async def open_of(self, member_id: str) -> Sequence[IntroductionRequest]:
        return [request for request in await self.all_open() if request.member.id == member_id]


class _Inbox(_Part):
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
