"""What editors said of tags and of relevance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields

from sqlalchemy import Row, select

from adapters.store.tables import corrections
from adapters.store.transaction import Transaction, chunks
from digests.model import Correction

_COLUMNS = [corrections.c[field.name] for field in fields(Correction)]


class SqlCorrections:
    """Fulfils ``digests.ports.Corrections``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, correction: Correction) -> None:
        await self._transaction.change(corrections.insert().values(asdict(correction)))

    async def of_items(self, item_ids: Collection[str]) -> Mapping[str, Sequence[Correction]]:
        found: dict[str, list[Correction]] = {}
        for ids in chunks(set(item_ids)):
            of_items = select(*_COLUMNS).where(corrections.c.item_id.in_(ids)).order_by(corrections.c.id)
            for row in await self._transaction.rows(of_items):
                found.setdefault(row.item_id, []).append(_correction(row))
        return found

    async def all(self) -> Sequence[Correction]:
        oldest_first = select(*_COLUMNS).order_by(corrections.c.id)
        return [_correction(row) for row in await self._transaction.rows(oldest_first)]


def _correction(row: Row[tuple[object, ...]]) -> Correction:
    return Correction(**row._mapping)
