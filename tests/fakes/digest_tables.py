"""The digest's repositories in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from digests.correcting import correction_id
from digests.errors import NotFound, Stale
from digests.kinds import Sorted
from digests.model import (
    AddedSource,
    Address,
    Approval,
    Correction,
    Delivery,
    DeliveryState,
    Edited,
    Edition,
    EditionAct,
    EditionHead,
    EditionState,
    Fetch,
    Item,
    ItemRevision,
    Revision,
    Source,
    SourceState,
    TaggedItem,
    Tagging,
    item_id,
)
from digests.search import Query, terms_of
from tests.fakes.tables import Part


class FakeSources(Part):
    """Fulfils ``digests.ports.Sources``."""

    async def states(self, only: Collection[str] | None = None) -> Mapping[str, SourceState]:
        states = self._seen.states
        return dict(states) if only is None else {name: states[name] for name in only if name in states}

    async def state(self, source_id: str) -> SourceState | None:
        return self._seen.states.get(source_id)

    async def save_state(self, state: SourceState) -> None:
        await self.save_states([state])

    async def save_states(self, states: Sequence[SourceState]) -> None:
        self._written.states.update((state.source_id, state) for state in states)

    async def add_fetch(self, fetch: Fetch) -> None:
        await self.add_fetches([fetch])

    async def add_fetches(self, added: Sequence[Fetch]) -> None:
        self._written.fetches.extend(added)

    async def fetches(self, source_id: str, limit: int = 20) -> Sequence[Fetch]:
        latest_first = [fetch for fetch in reversed(self._seen.fetches) if fetch.source_id == source_id]
        return sorted(latest_first, key=lambda fetch: fetch.started_at, reverse=True)[:limit]

    async def drop_fetches(self, before: datetime) -> int:
        tables = self._written
        kept = [fetch for fetch in tables.fetches if fetch.started_at >= before]
        dropped = len(tables.fetches) - len(kept)
        tables.fetches = kept
        return dropped

    async def added(self) -> Sequence[AddedSource]:
        return sorted(self._seen.added_sources, key=lambda added: added.added_at)

    async def add_source(self, added: AddedSource) -> bool:
        known = self._written.added_sources
        if any(added.source.id == one.source.id or added.source.url == one.source.url for one in known):
            return False
        known.append(added)
        return True

    async def change_source(self, source: Source) -> bool:
        known = self._written.added_sources
        for place, added in enumerate(known):
            if added.source.id == source.id:
                known[place] = replace(added, source=replace(source, url=added.source.url))
                return True
        return False

    async def remove_source(self, source_id: str) -> bool:
        tables = self._written
        kept = [added for added in tables.added_sources if added.source.id != source_id]
        removed = len(kept) < len(tables.added_sources)
        tables.added_sources = kept
        return removed


class FakeItems(Part):
    """Fulfils ``digests.ports.Items``."""

    async def arrive(self) -> None:
        """Units of work take turns here."""

    async def all_are_there(self) -> None:
        """As above."""

    async def by_urls(self, urls: Collection[str]) -> Mapping[str, Item]:
        known = (self._seen.items.get(item_id(url)) for url in urls)
        return {tagged.item.url: tagged.item for tagged in known if tagged is not None}

    async def add(self, items: Sequence[TaggedItem]) -> Collection[str]:
        new: list[str] = []
        for tagged in items:
            if tagged.item.id != item_id(tagged.item.url):
                raise ValueError(f"the id of an item is the hash of its URL, not {tagged.item.id!r}")
            if tagged.item.id not in self._written.items:
                self._written.items[tagged.item.id] = tagged
                new.append(tagged.item.id)
        return new

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

    async def ahead(self, before: datetime, start: date, end: date) -> Sequence[TaggedItem]:
        def is_ahead(tagged: TaggedItem) -> bool:
            days = (tagged.item.deadline, tagged.item.happens_on)
            return (
                tagged.item.received_at < before
                and not tagged.item.background
                and tagged.tagging.relevant
                and any(day is not None and start <= day <= end for day in days)
            )

        found = [tagged for tagged in self._seen.items.values() if is_ahead(tagged)]
        return sorted(found, key=lambda tagged: (tagged.item.received_at, tagged.item.id))

    async def titles(self, source_id: str, limit: int = 1000) -> Collection[str]:
        of_source = [tagged.item for tagged in self._seen.items.values() if tagged.item.source_id == source_id]
        of_source.sort(key=lambda item: item.id)
        of_source.sort(key=lambda item: item.received_at, reverse=True)
        return {item.title for item in of_source[:limit]}

    async def count(self) -> int:
        return len(self._seen.items)

    async def latest_receipt(self) -> datetime | None:
        return max((tagged.item.received_at for tagged in self._seen.items.values()), default=None)

    async def page(self, after: str = "", limit: int = 500) -> Sequence[TaggedItem]:
        return [tagged for name, tagged in sorted(self._seen.items.items()) if name > after][:limit]

    async def untagged(self, limit: int = 500) -> Sequence[Item]:
        tables = self._seen
        return [
            tagged.item
            for tagged in tables.items.values()
            if tables.indexed.get(tagged.item.id) != tagged.item and not tagged.tagging.rules_version
        ][:limit]

    async def retag(self, taggings: Mapping[str, Tagging]) -> None:
        items = self._written.items
        if missing := next((each for each in taggings if each not in items), None):
            raise NotFound(missing, "There is no such item to tag.")
        items.update((each, replace(items[each], tagging=tagging)) for each, tagging in taggings.items())

    async def resort(self, kinds: Mapping[str, Sorted]) -> None:
        items = self._written.items
        for each in kinds.keys() & items.keys():
            item = replace(items[each].item, kind=kinds[each].kind, kind_because=kinds[each].because)
            items[each] = replace(items[each], item=item)

    async def standing(self) -> Mapping[tuple[str, str], int]:
        return Counter((tag.topic_id, tag.rule) for tagged in self._seen.items.values() for tag in tagged.tagging.tags)


class FakeCorrections(Part):
    """Fulfils ``digests.ports.Corrections``."""

    async def add(self, correction: Correction) -> None:
        if correction.item_id not in self._written.items:
            raise NotFound(correction.item_id, "There is no such item.")
        self._written.corrections.append(correction)

    async def of_items(self, item_ids: Collection[str]) -> Mapping[str, Sequence[Correction]]:
        found: dict[str, list[Correction]] = {}
        for correction in self._seen.corrections:
            if correction.item_id in item_ids:
                found.setdefault(correction.item_id, []).append(correction)
        return found

    async def all(self) -> Sequence[Correction]:
        return list(self._seen.corrections)


class FakeArchive(Part):
    """Fulfils ``digests.ports.Archive``."""

    async def index(self, limit: int = 500) -> int:
        tables = self._written
        waiting = [
            tagged.item
            for tagged in tables.items.values()
            if tables.indexed.get(tagged.item.id) != tagged.item and tagged.tagging.rules_version
        ]
        tables.indexed.update((item.id, item) for item in waiting[:limit])
        return len(waiting[:limit])

    async def find(self, query: Query, limit: int = 10, offset: int = 0) -> Sequence[TaggedItem]:
        tables = self._seen
        found = [tables.items[item_id] for item_id, item in tables.indexed.items() if _fits(query, item)]
        found = [
            tagged
            for tagged in found
            if query.topics <= set(tagged.tagging.topic_ids) and query.kind in (None, tagged.item.kind)
        ]
        found.sort(key=lambda tagged: tagged.item.id)
        found.sort(key=lambda tagged: tagged.item.published_at or tagged.item.received_at, reverse=True)
        return found[offset : offset + limit]


def _fits(query: Query, item: Item) -> bool:
    has, when = set(terms_of(item.title, item.summary, item.publisher)), item.published_at or item.received_at
    return (
        query.all_of <= has
        and not query.none_of & has
        and (query.begins is None or query.begins <= when)
        and (query.ends is None or when < query.ends)
        and query.fits_closely(item)
    )


class FakeEditions(Part):
    """Fulfils ``digests.ports.Editions``."""

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
        self._work.written()

    async def recent(self, limit: int = 10) -> Sequence[Edition]:
        own = [edition for edition in self._seen.editions.values() if not edition.state.is_correction]
        return sorted(own, key=lambda edition: edition.due_on, reverse=True)[:limit]

    async def corrections_of(self, edition_id: str) -> Sequence[Edition]:
        ours = [each for each in self._seen.editions.values() if each.id.startswith(correction_id(edition_id, ""))]
        return sorted(ours, key=lambda each: (each.created_at, each.id))

    async def in_state(self, *states: EditionState) -> Sequence[Edition]:
        newest_first = sorted(self._seen.editions.values(), key=lambda edition: edition.due_on, reverse=True)
        return [edition for edition in newest_first if edition.state in states]

    async def present_revisions(self, *states: EditionState, limit: int = 100) -> Mapping[str, int]:
        return {edition.id: edition.revision for edition in (await self.in_state(*states))[:limit]}

    async def heads(self, *states: EditionState) -> Sequence[EditionHead]:
        written = {(each.edition_id, each.revision): each.at for each in self._seen.edition_revisions}
        return [
            EditionHead(each.id, each.number, each.due_on, each.state, each.revision, written[each.id, each.revision])
            for each in await self.in_state(*states)
        ]

    async def save_revision(self, edition: Edition, revision: Revision) -> bool:
        tables = self._written
        known = tables.editions.get(edition.id)
        if known is None or (known.revision, known.state) != (edition.revision - 1, edition.state):
            return False
        # State, window and number are not part of an edit: set_state alone moves an edition.
        tables.editions[edition.id] = replace(known, revision=edition.revision, content=edition.content)
        tables.edition_revisions.append(revision)
        if edition.state.is_open:
            await self.void_approvals(edition.id)
        return True

    async def history(self, edition_id: str) -> Sequence[Edited]:
        return [
            Edited(each.edition_id, each.revision, each.author, each.at, each.what, back_to=each.back_to)
            for each in await self.revisions(edition_id)
        ]

    async def revisions(self, edition_id: str, since: int = 1) -> Sequence[Revision]:
        of_edition = [each for each in self._seen.edition_revisions if each.edition_id == edition_id]
        return sorted((each for each in of_edition if each.revision >= since), key=lambda each: each.revision)

    async def revision(self, edition_id: str, number: int) -> Revision | None:
        return next((each for each in await self.revisions(edition_id) if each.revision == number), None)

    async def set_state(self, edition_id: str, expected: EditionState, state: EditionState) -> bool:
        tables = self._written
        known = tables.editions.get(edition_id)
        if known is None or known.state is not expected:
            return False
        tables.editions[edition_id] = replace(known, state=state)
        return True

    async def set_posting(self, edition_id: str, posts_at: datetime | None) -> None:
        known = self._written.editions.get(edition_id)
        if known is not None:
            self._written.editions[edition_id] = replace(known, posts_at=posts_at)

    async def void_approvals(self, edition_id: str) -> int:
        tables = self._written
        kept = [approval for approval in tables.approvals if approval.edition_id != edition_id]
        voided = len(tables.approvals) - len(kept)
        tables.approvals = kept
        return voided

    async def add_act(self, act: EditionAct) -> None:
        self._written.edition_acts.append(act)

    async def acts(self, edition_id: str) -> Sequence[EditionAct]:
        return [act for act in self._seen.edition_acts if act.edition_id == edition_id]

    async def acts_from(self, edition_id: str) -> Sequence[EditionAct]:
        return [act for act in self._seen.edition_acts if act.edition_id >= edition_id]

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


_WAITING = (DeliveryState.PENDING, DeliveryState.RETRY)


class FakeDeliveries(Part):
    """Fulfils ``digests.ports.Deliveries``."""

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

    async def claim(
        self, now: datetime, lease_until: datetime, limit: int = 1, key: str = "", *, beside: str = ""
    ) -> Sequence[Delivery]:
        rows = self._written.deliveries
        if self._seen.holds:
            return []
        where = [row.address for row in rows.values() if row.key == beside]
        asked = [row for row in rows.values() if row.state in _WAITING and (not beside or row.address in where)]
        due = [row for row in asked if (row.key == key if key else self._is_due(row, now))][:limit]
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

    async def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        waiting = [row for row in self._seen.deliveries.values() if row.state in _WAITING and not self._seen.holds]
        return [row for row in waiting if self._is_due(row, now)][:limit]

    def _is_due(self, row: Delivery, now: datetime) -> bool:
        if row.available_at is not None and row.available_at > now:
            return False
        headline = self._seen.deliveries.get(row.thread_key)
        if headline is not None and not headline.is_there:
            return False
        rows = list(self._seen.deliveries.values())
        earlier = [other for other in rows[: rows.index(row)] if row.thread_key and other.thread_key == row.thread_key]
        return row.is_there or all(other.is_there or other.state is DeliveryState.DROPPED for other in earlier)

    async def settle(
        self,
        claimed: Delivery,
        state: DeliveryState,
        *,
        now: datetime,
        message_ref: str = "",
        reason: str = "",
        available_at: datetime | None = None,
        address: Address | None = None,
    ) -> bool:
        row = self._written.deliveries.get(claimed.key)
        if row is None or row.fence != claimed.fence or row.state not in (claimed.state, DeliveryState.UNKNOWN):
            return False
        settled = replace(
            row,
            address=address or row.address,
            state=state,
            lease_until=None,
            message_ref=message_ref or row.message_ref,
            reason=reason,
            available_at=available_at,
        )
        if state is DeliveryState.UNKNOWN:
            settled = replace(settled, message_ref="")
        if state is DeliveryState.PENDING:
            settled = replace(settled, attempts=0)
        if state is DeliveryState.SENT:
            settled = replace(settled, sent_version=claimed.version, sent_at=now)
            if row.version > claimed.version:
                settled = replace(settled, state=DeliveryState.PENDING, attempts=0, available_at=None, reason="")
        self._written.deliveries[row.key] = settled
        return True

    async def lapsed(self, now: datetime) -> Sequence[Delivery]:
        return [row for row in self._seen.deliveries.values() if _has_lapsed(row, now)]

    async def expire(self, key: str, now: datetime) -> Delivery | None:
        row = self._written.deliveries.get(key)
        if row is None or not _has_lapsed(row, now):
            return None
        if row.message_ref:
            pending = replace(row, state=DeliveryState.PENDING, lease_until=None, available_at=None)
            self._written.deliveries[key] = pending
            return None
        unknown = replace(
            row,
            state=DeliveryState.UNKNOWN,
            lease_until=None,
            reason="Convenor stopped while it was sending this, so it may or may not have arrived.",
        )
        self._written.deliveries[key] = unknown
        return unknown

    async def call_back(self, edition_id: str, purpose: str) -> Sequence[Delivery]:
        rows = self._written.deliveries
        ours = [row for row in rows.values() if (row.edition_id, row.purpose) == (edition_id, purpose)]
        left = [row for row in ours if row.may_have_left]
        for row in ours if not left else ():
            del rows[row.key]
        return left

    async def bring_forward(self, edition_id: str, purpose: str, now: datetime) -> int:
        rows = self._written.deliveries
        later = [
            row
            for row in rows.values()
            if (row.edition_id, row.purpose, row.state) == (edition_id, purpose, DeliveryState.PENDING)
            and row.available_at is not None
            and row.available_at > now
        ]
        rows.update((row.key, replace(row, available_at=now)) for row in later)
        return len(later)

    async def by_ref(self, address: Address, message_ref: str) -> Delivery | None:
        rows = self._seen.deliveries.values()
        return next((row for row in rows if (row.address, row.message_ref) == (address, message_ref)), None)

    async def get(self, key: str) -> Delivery | None:
        return self._seen.deliveries.get(key)

    async def under(self, *prefixes: str) -> Sequence[Delivery]:
        return [row for row in self._seen.deliveries.values() if row.key.startswith(prefixes)]

    async def of_edition(self, edition_id: str) -> Sequence[Delivery]:
        return [row for row in self._seen.deliveries.values() if row.edition_id == edition_id]

    async def in_state(self, *states: DeliveryState) -> Sequence[Delivery]:
        return [row for row in self._seen.deliveries.values() if row.state in states]


def _has_lapsed(row: Delivery, now: datetime) -> bool:
    return row.state is DeliveryState.SENDING and row.lease_until is not None and row.lease_until <= now
