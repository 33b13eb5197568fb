"""What earlier editions told: by address, and by title where that names one story."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from digests.adding import address_key
from digests.model import ASKING, Edition, Entry, Kind
from digests.stories import story_key

# Titles repeat from year to year: told longer ago than this, the same title is another story.
STORY_DAYS = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Told:
    """An entry that readers have been sent."""

    edition_id: str
    number: int
    due_on: date
    title: str
    blurb: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier editions told, for looking up."""

    by_address: Mapping[str, Told] = field(default_factory=dict)
    by_story: Mapping[Hashable, Told] = field(default_factory=dict)

    def of(self, entry: Entry, due_on: date) -> Told | None:
        """The latest telling of an entry, for an edition that is due on a day.

        Days to come are told in every edition until they have passed, a bill again at each stage, and a consultation
        again when its outcome is there: those are no repetition.
        """
        if entry.date is not None:
            return None
        told = self._latest(entry.url, entry.title, entry.publisher, entry.kind, due_on)
        if told is None or (entry.kind is Kind.BILL and told.blurb != entry.blurb):
            return None
        return None if entry.kind is Kind.CONSULTATION_OUTCOME and told.kind in ASKING else told

    def of_link(self, url: str, title: str, publisher: str, due_on: date) -> Told | None:
        """The latest telling of a page, for an edition that is due on a day."""
        return self._latest(url, title, publisher, Kind.OTHER, due_on)

    def _latest(self, url: str, title: str, publisher: str, kind: Kind, due_on: date) -> Told | None:
        told = self.by_address.get(address_key(url))
        if told is None:
            key = story_key(title, publisher, kind)
            told = self.by_story.get(key) if key else None
            if told is not None and due_on - told.due_on > STORY_DAYS:
                told = None
        return told


def earlier(editions: Iterable[Edition]) -> Earlier:
    """The index of what these editions told; of several tellings the latest counts.

    It serves the edition after them: titles count only for as long as they can name a story of that one.
    """
    editions = sorted(editions, key=lambda edition: edition.due_on)
    recent = editions[-1].due_on - STORY_DAYS if editions else date.min
    by_address: dict[str, Told] = {}
    by_story: dict[Hashable, Told] = {}
    for edition in editions:
        for entry in edition.content.included:
            if entry.date is not None:
                continue
            told = Told(edition.id, edition.number, edition.due_on, entry.title, entry.blurb, entry.kind)
            for url in (entry.url, *(also.url for also in entry.also)):
                by_address[address_key(url)] = told
            if edition.due_on >= recent and (key := story_key(entry.title, entry.publisher, entry.kind)):
                by_story[key] = told
    return Earlier(by_address, by_story)
