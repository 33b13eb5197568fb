"""The looks at links, and suggestions, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digests.model import LinkCheck, Suggestion, SuggestionState
from tests.fakes.tables import Part


class FakeLinkChecks(Part):
    """Fulfils ``digests.ports.LinkChecks``."""

    async def of(self, urls: Collection[str]) -> Mapping[str, LinkCheck]:
        checks = self._seen.link_checks
        return {url: checks[url] for url in urls if url in checks}

    async def save(self, checks: Sequence[LinkCheck]) -> None:
        self._written.link_checks.update((check.url, check) for check in checks)

    async def drop(self, before: datetime) -> int:
        tables = self._written
        kept = {url: check for url, check in tables.link_checks.items() if check.checked_at >= before}
        dropped = len(tables.link_checks) - len(kept)
        tables.link_checks = kept
        return dropped


class FakeSuggestions(Part):
    """Fulfils ``digests.ports.Suggestions``. Suggestions keep the order in which they were added."""

    async def add(self, suggestion: Suggestion) -> bool:
        tables = self._written
        tables.member(suggestion.member_id)
        key = (suggestion.member_id, suggestion.url, suggestion.edition_id)
        if any((known.member_id, known.url, known.edition_id) == key for known in tables.suggestions.values()):
            return False
        tables.suggestions[suggestion.id] = suggestion
        return True

    async def get(self, suggestion_id: str) -> Suggestion | None:
        return self._seen.suggestions.get(suggestion_id)

    async def in_state(self, *states: SuggestionState) -> Sequence[Suggestion]:
        return [each for each in self._seen.suggestions.values() if each.state in states]

    async def of_edition(self, edition_id: str) -> Sequence[Suggestion]:
        return [each for each in self._seen.suggestions.values() if each.edition_id == edition_id]

    async def of_member(self, member_id: str, since: datetime) -> Sequence[Suggestion]:
        return [
            each
            for each in self._seen.suggestions.values()
            if each.member_id == member_id and each.suggested_at >= since
        ]

    async def change(self, suggestion: Suggestion, expected: SuggestionState) -> bool:
        known = self._written.suggestions.get(suggestion.id)
        if known is None or known.state is not expected:
            return False
        self._written.suggestions[suggestion.id] = replace(
            suggestion,
            member_id=known.member_id,
            account=known.account,
            url=known.url,
            why=known.why,
            suggested_at=known.suggested_at,
        )
        return True
