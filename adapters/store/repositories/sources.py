"""Polling states, fetches and the sources that people added, and the installation's first pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from itertools import starmap
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, delete, select

from adapters.store.bulk import IfThere
from adapters.store.tables import added_sources, fetches, installation, source_states
from adapters.store.transaction import Transaction
from digests.model import AddedSource, Fetch, Installation, Source, SourceState

_FETCH = [column for column in fetches.columns if column.name != "id"]
# In this order a row's values are a state's.
_STATE_FIELDS = tuple(field.name for field in fields(SourceState))
_FETCH_FIELDS = tuple(field.name for field in fields(Fetch))


class SqlSources:
    """Fulfils ``digests.ports.Sources``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def states(self, only: Collection[str] | None = None) -> Mapping[str, SourceState]:
        if only is None:
            return _states(await self._transaction.every(source_states, _STATE_FIELDS))
        return _states(await self._transaction.pick(source_states, _STATE_FIELDS, "source_id", only))

    async def state(self, source_id: str) -> SourceState | None:
        return (await self.states([source_id])).get(source_id)

    async def save_state(self, state: SourceState) -> None:
        await self.save_states([state])

    async def save_states(self, states: Sequence[SourceState]) -> None:
        rows = list(map(attrgetter(*_STATE_FIELDS), states))
        await self._transaction.load(source_states, _STATE_FIELDS, rows, IfThere.REPLACE)

    async def add_fetch(self, fetch: Fetch) -> None:
        await self.add_fetches([fetch])

    async def add_fetches(self, added: Sequence[Fetch]) -> None:
        await self._transaction.load(fetches, _FETCH_FIELDS, list(map(attrgetter(*_FETCH_FIELDS), added)))

    async def fetches(self, source_id: str, limit: int = 20) -> Sequence[Fetch]:
        newest_first = (
            select(*_FETCH)
            .where(fetches.c.source_id == source_id)
            .order_by(fetches.c.started_at.desc(), fetches.c.id.desc())
            .limit(limit)
        )
        return [Fetch(**row._mapping) for row in await self._transaction.rows(newest_first)]

    async def drop_fetches(self, before: datetime) -> int:
        return await self._transaction.change(delete(fetches).where(fetches.c.started_at < before))

    async def added(self) -> Sequence[AddedSource]:
        oldest_first = select(added_sources).order_by(added_sources.c.added_at, added_sources.c.id)
        return [_added(row) for row in await self._transaction.rows(oldest_first)]

    async def add_source(self, added: AddedSource) -> bool:
        source = asdict(added.source)
        values = {"source_id": source.pop("id"), **source, "added_by": added.added_by, "added_at": added.added_at}
        return await self._transaction.added(self._transaction.insert(added_sources).values(values))

    async def change_source(self, source: Source) -> bool:
        values = asdict(source)
        the_one = added_sources.c.source_id == values.pop("id")
        del values["url"]
        return await self._transaction.change(added_sources.update().where(the_one).values(values)) == 1

    async def remove_source(self, source_id: str) -> bool:
        the_one = added_sources.c.source_id == source_id
        return await self._transaction.change(delete(added_sources).where(the_one)) == 1


def _states(rows: Iterable[Row[Any] | tuple[Any, ...]]) -> dict[str, SourceState]:
    return {state.source_id: state for state in starmap(SourceState, rows)}


def _added(row: Row[Any]) -> AddedSource:
    values = dict(row._mapping)
    del values["id"]
    by, at = values.pop("added_by"), values.pop("added_at")
    return AddedSource(Source(id=values.pop("source_id"), **values), by, at)


async def the_installation(transaction: Transaction) -> Installation | None:
    """The installation's first pass, once it has happened."""
    row = await transaction.first(select(installation.c.first_pass_at, installation.c.window_start))
    return Installation(row.first_pass_at, row.window_start) if row else None


async def record_installation(transaction: Transaction, first: Installation) -> None:
    """Record the first pass; does nothing where it is recorded already."""
    await transaction.added(transaction.insert(installation).values(id=1, **asdict(first)))
