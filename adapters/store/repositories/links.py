"""The last look at each link, and the links that members suggest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select

from adapters.store.tables import link_checks, suggestions
from adapters.store.transaction import Transaction, chunks
from digests.model import Address, LinkCheck, Suggestion, SuggestionState, item_id

_CHECK = tuple(field.name for field in fields(LinkCheck))
# What is neither the key nor the account, and so has a column of its own name.
_PLAIN = tuple(field.name for field in fields(Suggestion) if field.name not in ("id", "account"))
_CHANGED = (
    "edition_id",
    "state",
    "title",
    "publisher",
    "description",
    "published_at",
    "carried",
    "reason",
    "settled_at",
)


class SqlLinkChecks:
    """Fulfils ``digests.ports.LinkChecks``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, urls: Collection[str]) -> Mapping[str, LinkCheck]:
        found: dict[str, LinkCheck] = {}
        for ids in chunks({item_id(url) for url in urls}):
            rows = await self._transaction.rows(select(link_checks).where(link_checks.c.id.in_(ids)))
            found.update((row.url, LinkCheck(**{name: row._mapping[name] for name in _CHECK})) for row in rows)
        return found

    async def save(self, checks: Sequence[LinkCheck]) -> None:
        insert = self._transaction.insert(link_checks)
        newer = insert.on_conflict_do_update(
            index_elements=["id"], set_={name: insert.excluded[name] for name in _CHECK}
        )
        await self._transaction.add_all(newer, [{"id": item_id(check.url), **asdict(check)} for check in checks])

    async def drop(self, before: datetime) -> int:
        return await self._transaction.change(delete(link_checks).where(link_checks.c.checked_at < before))


class SqlSuggestions:
    """Fulfils ``digests.ports.Suggestions``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, suggestion: Suggestion) -> bool:
        account = suggestion.account
        insert = self._transaction.insert(suggestions).values(
            suggestion_id=suggestion.id,
            platform=account.platform,
            workspace=account.workspace,
            user_id=account.user,
            item_id=item_id(suggestion.url),
            **{name: getattr(suggestion, name) for name in _PLAIN},
        )
        return await self._transaction.added(insert)

    async def get(self, suggestion_id: str) -> Suggestion | None:
        return next(iter(await self._where(suggestions.c.suggestion_id == suggestion_id)), None)

    async def in_state(self, *states: SuggestionState) -> Sequence[Suggestion]:
        return await self._where(suggestions.c.state.in_(states))

    async def of_edition(self, edition_id: str) -> Sequence[Suggestion]:
        return await self._where(suggestions.c.edition_id == edition_id)

    async def of_member(self, member_id: str, since: datetime) -> Sequence[Suggestion]:
        return await self._where(suggestions.c.member_id == member_id, suggestions.c.suggested_at >= since)

    async def change(self, suggestion: Suggestion, expected: SuggestionState) -> bool:
        update = (
            suggestions.update()
            .where(suggestions.c.suggestion_id == suggestion.id, suggestions.c.state == expected)
            .values({name: getattr(suggestion, name) for name in _CHANGED})
        )
        return await self._transaction.change(update) == 1

    async def _where(self, *conditions: ColumnElement[bool]) -> list[Suggestion]:
        oldest_first = select(suggestions).where(*conditions).order_by(suggestions.c.id)
        return [_suggestion(row) for row in await self._transaction.rows(oldest_first)]


def _suggestion(row: Row[Any]) -> Suggestion:
    account = Address(row.platform, row.workspace, user=row.user_id)
    return Suggestion(id=row.suggestion_id, account=account, **{name: row._mapping[name] for name in _PLAIN})
