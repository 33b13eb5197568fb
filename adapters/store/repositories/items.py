"""Items with their tags and revisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, or_, select

from adapters.store.codec import changes_from_json, changes_to_json, item_from_json, item_to_json
from adapters.store.tables import item_revisions, item_tags, items
from adapters.store.transaction import Transaction, chunks
from digests.errors import NotFound, Stale
from digests.model import Item, ItemRevision, Tag, TaggedItem, Tagging, item_id

_FIELDS = tuple(field.name for field in fields(Item))
_TAG_FIELDS = tuple(field.name for field in fields(Tag))
# In the order of the fields, so that a row's values are an item's.
_COLUMNS = [items.c[name] for name in _FIELDS]


class SqlItems:
    """Fulfils ``digests.ports.Items``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def by_urls(self, urls: Collection[str]) -> Mapping[str, Item]:
        found: dict[str, Item] = {}
        for ids in chunks({item_id(url) for url in urls}):
            rows = await self._transaction.rows(select(*_COLUMNS).where(items.c.id.in_(ids)))
            found.update((item.url, item) for item in (Item(*values) for values in map(tuple, rows)))
        return found

    async def add(self, tagged_items: Sequence[TaggedItem]) -> int:
        for tagged in tagged_items:
            if tagged.item.id != item_id(tagged.item.url):
                raise ValueError(f"the id of an item is the hash of its URL, not {tagged.item.id!r}")
        if not tagged_items:
            return 0
        # In the order of ids, so that two passes adding the same items wait for each other instead of deadlocking.
        # Of two with one id the first counts, as the sort is stable.
        by_id: dict[str, TaggedItem] = {}
        for tagged in sorted(tagged_items, key=lambda tagged: tagged.item.id):
            by_id.setdefault(tagged.item.id, tagged)
        insert = self._transaction.insert(items).on_conflict_do_nothing().returning(items.c.id)
        new = await self._transaction.changed(insert, [_values(tagged) for tagged in by_id.values()])
        tags = [values for row in new for values in _tags_of(row.id, by_id[row.id].tagging)]
        await self._transaction.add_all(self._transaction.insert(item_tags), tags)
        return len(new)

    async def revise(self, revision: ItemRevision, tagging: Tagging) -> None:
        item = revision.item
        update = (
            items.update()
            .where(items.c.id == item.id, items.c.revision == item.revision - 1)
            .values(_values(TaggedItem(item, tagging)))
        )
        if not await self._transaction.change(update):
            if await self.get(item.id) is None:
                raise NotFound(item.id, "There is no such item to revise.")
            raise Stale(item.id)
        await self._transaction.change(
            item_revisions.insert().values(
                item_id=item.id,
                revision=item.revision,
                seen_at=revision.seen_at,
                changes=changes_to_json(revision.changes),
                item=item_to_json(item),
            )
        )
        await self._transaction.change(delete(item_tags).where(item_tags.c.item_id == item.id))
        await self._transaction.add_all(self._transaction.insert(item_tags), _tags_of(item.id, tagging))

    async def revisions(self, item_id: str) -> Sequence[ItemRevision]:
        oldest_first = (
            select(item_revisions).where(item_revisions.c.item_id == item_id).order_by(item_revisions.c.revision)
        )
        return [
            ItemRevision(item_from_json(row.item), changes_from_json(row.changes), row.seen_at)
            for row in await self._transaction.rows(oldest_first)
        ]

    async def get(self, item_id: str) -> TaggedItem | None:
        return next(iter(await read_tagged(self._transaction, select(items).where(items.c.id == item_id))), None)

    async def received(self, start: datetime, end: datetime) -> Sequence[TaggedItem]:
        return await read_tagged(
            self._transaction,
            select(items)
            .where(items.c.received_at >= start, items.c.received_at < end, items.c.background.is_(False))
            .order_by(items.c.received_at, items.c.id),
        )

    async def ahead(self, before: datetime, start: date, end: date) -> Sequence[TaggedItem]:
        return await read_tagged(
            self._transaction,
            select(items)
            .where(
                items.c.received_at < before,
                items.c.background.is_(False),
                items.c.relevant.is_(True),
                or_(items.c.deadline.between(start, end), items.c.happens_on.between(start, end)),
            )
            .order_by(items.c.received_at, items.c.id),
        )

    async def titles(self, source_id: str, limit: int = 1000) -> Collection[str]:
        latest = (
            select(items.c.title)
            .where(items.c.source_id == source_id)
            .order_by(items.c.received_at.desc(), items.c.id)
            .limit(limit)
        )
        return {row.title for row in await self._transaction.rows(latest)}

    async def count(self) -> int:
        return int(await self._transaction.value(select(func.count()).select_from(items)))

    async def latest_receipt(self) -> datetime | None:
        latest: datetime | None = await self._transaction.value(select(func.max(items.c.received_at)))
        return latest

    async def page(self, after: str = "", limit: int = 500) -> Sequence[TaggedItem]:
        return await read_tagged(
            self._transaction, select(items).where(items.c.id > after).order_by(items.c.id).limit(limit)
        )

    async def retag(self, taggings: Mapping[str, Tagging]) -> None:
        for ids in chunks(taggings):
            known = {row.id for row in await self._transaction.rows(select(items.c.id).where(items.c.id.in_(ids)))}
            if missing := next((each for each in ids if each not in known), None):
                raise NotFound(missing, "There is no such item to tag.")
        names = ("relevant", "gate", "rules_version")
        update = items.update().where(items.c.id == bindparam("of_item"))
        await self._transaction.change_all(
            update.values({name: bindparam(f"its_{name}") for name in names}),
            [
                {"of_item": of_item, **{f"its_{name}": getattr(tagging, name) for name in names}}
                for of_item, tagging in sorted(taggings.items())
            ],
        )
        for ids in chunks(taggings):
            await self._transaction.change(delete(item_tags).where(item_tags.c.item_id.in_(ids)))
        rows = [values for of_item, tagging in sorted(taggings.items()) for values in _tags_of(of_item, tagging)]
        await self._transaction.add_all(self._transaction.insert(item_tags), rows)

    async def standing(self) -> Mapping[tuple[str, str], int]:
        by_rule = select(item_tags.c.topic_id, item_tags.c.rule, func.count().label("items")).group_by(
            item_tags.c.topic_id, item_tags.c.rule
        )
        return {(row.topic_id, row.rule): row.items for row in await self._transaction.rows(by_rule)}


async def read_tagged(transaction: Transaction, query: Select[Any]) -> list[TaggedItem]:
    """The items of a query, in its order, with their tags."""
    rows = await transaction.rows(query)
    tags: dict[str, list[Tag]] = {row.id: [] for row in rows}
    for ids in chunks(tags):
        of_items = select(item_tags).where(item_tags.c.item_id.in_(ids)).order_by(item_tags.c.position)
        for tag in await transaction.rows(of_items):
            tags[tag.item_id].append(Tag(tag.topic_id, tag.phrase, tag.field, tag.rule))
    return [
        TaggedItem(_item(row), Tagging(row.relevant, row.gate, tuple(tags[row.id]), row.rules_version)) for row in rows
    ]


def _item(row: Row[Any]) -> Item:
    return Item(**{name: row._mapping[name] for name in _FIELDS})


def _values(tagged: TaggedItem) -> dict[str, Any]:
    item, tagging = tagged.item, tagged.tagging
    # Not asdict: it copies every value deeply, which is most of the time that storing takes.
    values: dict[str, Any] = {name: getattr(item, name) for name in _FIELDS}
    values["relevant"] = tagging.relevant
    values["gate"] = tagging.gate
    values["rules_version"] = tagging.rules_version
    # The new words are indexed afterwards, in batches: see repositories/archive.py.
    values["indexed"] = False
    return values


def _tags_of(of_item: str, tagging: Tagging) -> list[dict[str, Any]]:
    return [
        {"item_id": of_item, "position": position, **{name: getattr(tag, name) for name in _TAG_FIELDS}}
        for position, tag in enumerate(tagging.tags)
    ]
