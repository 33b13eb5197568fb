"""The archive's index: items are found by their terms, on SQLite by FTS5 and on PostgreSQL by a tsvector."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, exists, func, literal, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from adapters.store.repositories.items import read_tagged
from adapters.store.tables import item_tags, items, search_entries
from adapters.store.transaction import Transaction, chunks
from digests.model import UNTAGGED, TaggedItem
from digests.search import Query, terms_of

_WHEN = func.coalesce(items.c.published_at, items.c.received_at)
# How many candidates are looked at more closely at a time, for a phrase or a publisher.
_PAGE = 200


class SqlArchive:
    """Fulfils ``digests.ports.Archive``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def index(self, limit: int = 500) -> int:
        words = select(items.c.id, items.c.title, items.c.summary, items.c.publisher)
        ready = words.where(items.c.indexed.is_(False), items.c.rules_version != UNTAGGED.rules_version)
        # Another process that does the same takes the next ones.
        some = ready.order_by(items.c.id).limit(limit).with_for_update(skip_locked=True)
        waiting = await self._transaction.rows(some)
        if not waiting:
            return 0
        rows = [{"item_id": row.id, "terms": set(terms_of(row.title, row.summary, row.publisher))} for row in waiting]
        insert = self._transaction.insert(search_entries)
        await self._transaction.add_all(
            insert.on_conflict_do_update(index_elements=["item_id"], set_={"terms": insert.excluded.terms}), rows
        )
        for ids in chunks(row["item_id"] for row in rows):
            await self._transaction.change(items.update().where(items.c.id.in_(ids)).values(indexed=True))
        return len(rows)

    async def find(self, query: Query, limit: int = 10, offset: int = 0) -> Sequence[TaggedItem]:
        wanted = self._wanted(query).order_by(_WHEN.desc(), items.c.id)
        if not query.looks_closer:
            return await read_tagged(self._transaction, wanted.limit(limit).offset(offset))
        found: list[TaggedItem] = []
        looked_at = 0
        while len(found) < offset + limit:
            page = await read_tagged(self._transaction, wanted.limit(_PAGE).offset(looked_at))
            found += [tagged for tagged in page if query.fits_closely(tagged.item)]
            looked_at += _PAGE
            if len(page) < _PAGE:
                break
        return found[offset : offset + limit]

    def _wanted(self, query: Query) -> Select[Any]:
        conditions: list[ColumnElement[bool]] = []
        if query.all_of:
            conditions.append(self._has(query.all_of, every=True))
        if query.none_of:
            conditions.append(~self._has(query.none_of, every=False))
        conditions += [
            exists().where(item_tags.c.item_id == items.c.id, item_tags.c.topic_id == topic)
            for topic in sorted(query.topics)
        ]
        if query.kind is not None:
            conditions.append(items.c.kind == query.kind)
        if query.begins is not None:
            conditions.append(query.begins <= _WHEN)
        if query.ends is not None:
            conditions.append(query.ends > _WHEN)
        return select(items).join(search_entries, search_entries.c.item_id == items.c.id).where(*conditions)

    def _has(self, wanted: Collection[str], *, every: bool) -> ColumnElement[bool]:
        """Whether an item has every one of the terms, or any of them. Terms need no escaping: see ``search.terms``."""
        if self._transaction.dialect == "sqlite":
            match = (" AND " if every else " OR ").join(f'"{term}"' for term in sorted(wanted))
            ids = text("SELECT rowid FROM search_words WHERE search_words MATCH :match")
            return search_entries.c.id.in_(
                ids.bindparams(bindparam("match", match, unique=True)).columns(search_entries.c.id)
            )
        match = (" & " if every else " | ").join(f"'{term}'" for term in sorted(wanted))
        return search_entries.c.terms.bool_op("@@")(cast(literal(match, Text), TSQUERY))
