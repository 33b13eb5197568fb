"""Items with their tags and revisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from itertools import starmap
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, or_, select

from adapters.store.codec import changes_from_json, changes_to_json, item_from_json, item_to_json
from adapters.store.tables import item_revisions, item_tags, items
from adapters.store.transaction import Transaction, chunks
from digests.errors import NotFound, Stale
from digests.kinds import Sorted
from digests.model import UNTAGGED, Item, ItemRevision, Tag, TaggedItem, Tagging, item_id

# In this order a row's values are an item's.
_FIELDS = tuple(field.name for field in fields(Item))
_TAGGING_FIELDS = ("relevant", "gate", "rules_version")
_TAG_FIELDS = tuple(field.name for field in fields(Tag))
_STORED = (*_FIELDS, *_TAGGING_FIELDS, "indexed")
_OF_ITEM, _OF_TAGGING, _OF_TAG = attrgetter(*_FIELDS), attrgetter(*_TAGGING_FIELDS), attrgetter(*_TAG_FIELDS)


# Those who store items hold this together, and whoever drafts holds it alone.
ARRIVALS = 4_836_366_661


class SqlItems:
    """Fulfils ``digests.ports.Items``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def by_urls(self, urls: Collection[str]) -> Mapping[str, Item]:
        rows = await self._transaction.pick(items, _FIELDS, "id", {item_id(url) for url in urls})
        return {item.url: item for item in starmap(Item, rows)}

    async def arrive(self) -> None:
        await self._transaction.take_turns(ARRIVALS, together=True)

    async def all_are_there(self) -> None:
        await self._transaction.take_turns(ARRIVALS)

    async def add(self, tagged_items: Sequence[TaggedItem]) -> Collection[str]:
        for tagged in tagged_items:
            if tagged.item.id != item_id(tagged.item.url):
                raise ValueError(f"the id of an item is the hash of its URL, not {tagged.item.id!r}")
        if not tagged_items:
            return ()
        # In the order of ids, so that two passes adding the same items wait for each other instead of deadlocking.
        # Of two with one id the first counts, as the sort is stable.
        by_id: dict[str, TaggedItem] = {}
        for tagged in sorted(tagged_items, key=lambda tagged: tagged.item.id):
            by_id.setdefault(tagged.item.id, tagged)
        new = await self._transaction.load_new(items, _STORED, [_row(tagged) for tagged in by_id.values()], "id")
        await self._add_tags({of_item: by_id[of_item].tagging for of_item in new})
        return new

    async def _add_tags(self, taggings: Mapping[str, Tagging]) -> None:
        rows = [
            (of_item, position, *_OF_TAG(tag))
            for of_item, tagging in taggings.items()
            for position, tag in enumerate(tagging.tags)
        ]
        await self._transaction.load(item_tags, ("item_id", "position", *_TAG_FIELDS), rows)

    async def revise(self, revision: ItemRevision, tagging: Tagging) -> None:
        item = revision.item
        update = (
            items.update()
            .where(items.c.id == item.id, items.c.revision == item.revision - 1)
            .values(dict(zip(_STORED, _row(TaggedItem(item, tagging)), strict=True)))
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
        await self._add_tags({item.id: tagging})

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

    async def untagged(self, limit: int = 500) -> Sequence[Item]:
        waiting = select(*(items.c[name] for name in _FIELDS)).where(
            items.c.indexed.is_(False), items.c.rules_version == UNTAGGED.rules_version
        )
        some = waiting.order_by(items.c.id).limit(limit)
        if self._transaction.writes:
            # Another process that does the same takes the next ones.
            some = some.with_for_update(skip_locked=True)
        return list(starmap(Item, await self._transaction.rows(some)))

    async def retag(self, taggings: Mapping[str, Tagging]) -> None:
        for ids in chunks(taggings):
            known = {row.id for row in await self._transaction.rows(select(items.c.id).where(items.c.id.in_(ids)))}
            if missing := next((each for each in ids if each not in known), None):
                raise NotFound(missing, "There is no such item to tag.")
        update = items.update().where(items.c.id == bindparam("of_item"))
        await self._transaction.change_all(
            update.values({name: bindparam(f"its_{name}") for name in _TAGGING_FIELDS}),
            [
                {"of_item": of_item, **{f"its_{name}": getattr(tagging, name) for name in _TAGGING_FIELDS}}
                for of_item, tagging in sorted(taggings.items())
            ],
        )
        for ids in chunks(taggings):
            await self._transaction.change(delete(item_tags).where(item_tags.c.item_id.in_(ids)))
        await self._add_tags(dict(sorted(taggings.items())))

    async def resort(self, kinds: Mapping[str, Sorted]) -> None:
        update = items.update().where(items.c.id == bindparam("of_item"))
        await self._transaction.change_all(
            update.values(kind=bindparam("its_kind"), kind_because=bindparam("its_because")),
            [
                {"of_item": of_item, "its_kind": found.kind, "its_because": found.because}
                for of_item, found in sorted(kinds.items())
            ],
        )

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
    return Item(*_OF_ITEM(row))


def _row(tagged: TaggedItem) -> tuple[Any, ...]:
    """A value for each of the columns that are stored. The new words are indexed afterwards: see archive.py."""
    return (*_OF_ITEM(tagged.item), *_OF_TAGGING(tagged.tagging), False)
