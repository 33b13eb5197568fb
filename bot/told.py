"""Remembers what earlier editions told, so that each is read from the store only once."""

from __future__ import annotations

from dataclasses import replace

from bot.ports import UnitOfWork
from digests.model import Edition, EditionState
from digests.told import Earlier, earlier

_GONE_OUT = (EditionState.APPROVED, EditionState.PUBLISHED)
# More than a year of weekly editions.
MOST_EDITIONS = 60


class ToldBefore:
    """The index of what was published, kept until an edition goes out, is corrected or is withdrawn."""

    def __init__(self) -> None:
        self._editions: dict[tuple[str, int], Edition] = {}
        self._index = Earlier()

    async def index(self, uow: UnitOfWork) -> Earlier:
        """What the editions told that have gone out by now."""
        present = await uow.editions.present_revisions(*_GONE_OUT, limit=MOST_EDITIONS)
        if present.items() != self._editions.keys():
            editions: dict[tuple[str, int], Edition] = {}
            for key in present.items():
                edition = self._editions.get(key) or await uow.editions.get(key[0])
                if edition is not None:
                    editions[key] = _published_of(edition)
            self._editions, self._index = editions, earlier(editions.values())
        return self._index


def _published_of(edition: Edition) -> Edition:
    """The edition without what was not published, which is most of it."""
    content = edition.content
    return replace(edition, content=replace(content, entries=content.included, maybe=(), left_out_entries=()))
