"""What everybody may see: editions that went to readers, without what only editors see, and what stands in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property

from digests.calendar import LONDON
from digests.model import Content, Edition, EditionHead, EditionState, Entry, Kind
from digests.search.terms import terms

PUBLIC = (EditionState.PUBLISHED, EditionState.WITHDRAWN)
"""The states of which the archive may speak: what was withdrawn, only to say so."""

# What these ask for ends on the day that is named with them; whatever else has a day happens on it.
_CLOSING_KINDS = frozenset({Kind.CONSULTATION, Kind.CALL_FOR_EVIDENCE})


@dataclass(frozen=True)
class PublicEdition:
    """A published edition as everybody may see it. Moments are UTC.

    ``published_at`` is when it went out; ``updated_at`` is later where it was corrected since.
    """

    edition: Edition
    published_at: datetime
    updated_at: datetime

    @property
    def is_corrected(self) -> bool:
        """Whether its text was changed after it went out."""
        return self.updated_at > self.published_at

    @cached_property
    def terms(self) -> Mapping[str, frozenset[str]]:
        """The terms by which each entry is found, by its id. Making them is most of the work of a first search."""
        return {entry.id: _terms_of(entry) for entry in self.edition.content.entries}


@dataclass(frozen=True, slots=True)
class Mention:
    """An entry of a published edition."""

    where: PublicEdition
    entry: Entry


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day that published entries name, as the latest edition has it.

    ``key`` stays the same when the day moves. ``at`` (UTC) is the moment, where a time of day is known. ``closes``:
    until then one can respond; otherwise it happens on that day.
    """

    key: str
    day: date
    closes: bool
    mention: Mention
    at: datetime | None = None


def public_edition(edition: Edition, head: EditionHead) -> PublicEdition:
    """The edition as everybody may see it: what was left out, maybes, notes and reasons are taken away."""
    content = edition.content
    entries = tuple(replace(entry, reasons=()) for entry in content.included)
    public = Content(
        title=content.title,
        sections=content.sections,
        entries=entries,
        intro=content.intro,
        updates=content.updates,
        outro=content.outro,
        corrections=content.corrections,
    )
    published_at = edition.posts_at or edition.window.end
    return PublicEdition(replace(edition, content=public), published_at, max(published_at, head.revised_at))


def moment_of(entry: Entry) -> datetime | None:
    """The moment (UTC) of an entry whose time of day is known."""
    if entry.date is None or entry.time is None:
        return None
    return datetime.combine(entry.date, entry.time, tzinfo=LONDON).astimezone(UTC)


class Archive:
    """All published editions, the newest first, and where in them everything stands. It never changes.

    ``withdrawn`` are the numbers of editions that are not shown any more, with the revision at which each was
    withdrawn. ``closing`` names the sections whose days are closing dates.
    """

    def __init__(
        self,
        editions: Iterable[PublicEdition] = (),
        withdrawn: Mapping[int, int] | None = None,
        closing: Collection[str] = (),
    ) -> None:
        newest_first = sorted(editions, key=lambda each: (each.edition.due_on, each.edition.number), reverse=True)
        self.editions: tuple[PublicEdition, ...] = tuple(newest_first)
        self.withdrawn: Mapping[int, int] = dict(withdrawn or {})
        self._closing = frozenset(closing)

    @cached_property
    def by_number(self) -> Mapping[int, PublicEdition]:
        """The editions by their numbers."""
        return {each.edition.number: each for each in reversed(self.editions)}

    @cached_property
    def changes(self) -> int:
        """A count that grows with everything that can change what is shown: an edition, a correction, a withdrawal.

        It never gets smaller, as what is withdrawn goes on counting: its revisions, and one more.
        """
        shown = sum(each.edition.revision for each in self.editions)
        return shown + sum(revision + 1 for revision in self.withdrawn.values())

    @cached_property
    def of_item(self) -> Mapping[str, Sequence[Mention]]:
        """Where each item stands, by its id, the newest edition first; also where it is linked from another's entry."""
        found: dict[str, list[Mention]] = {}
        for mention in self._mentions:
            entry = mention.entry
            ids = [entry.item_id, *(also.item_id for also in entry.also)] if entry.also else [entry.item_id]
            for item_id in ids:
                places = found.setdefault(item_id, [])
                if not places or places[-1] is not mention:
                    places.append(mention)
        found.pop("", None)
        return found

    @cached_property
    def documents(self) -> Sequence[Mention]:
        """Each document once, the newest first: by its entry in the newest edition that tells of more than its day."""
        chosen: dict[str, Mention] = {}
        for mention in self._mentions:
            known = chosen.get(_document(mention.entry))
            if known is None or (known.entry.date is not None and mention.entry.date is None):
                chosen[_document(mention.entry)] = mention
        return sorted(chosen.values(), key=lambda mention: mention.where.edition.due_on, reverse=True)

    @cached_property
    def of_topic(self) -> Mapping[str, Sequence[Mention]]:
        """The documents of each topic that has any, by its id, the newest first."""
        found: dict[str, list[Mention]] = {}
        for mention in self.documents:
            for topic in mention.entry.topics:
                found.setdefault(topic, []).append(mention)
        return found

    @cached_property
    def days(self) -> Sequence[Ahead]:
        """Every day that was named, each by the latest edition that names it, the earliest day first."""
        latest: dict[str, Ahead] = {}
        for published in reversed(self.editions):
            named: dict[str, int] = {}
            for entry in published.edition.content.entries:
                if entry.date is None:
                    continue
                closes = entry.section in self._closing or entry.kind in _CLOSING_KINDS
                key = f"{_document(entry)}-{'closes' if closes else 'happens'}"
                named[key] = named.get(key, 0) + 1
                if named[key] > 1:
                    key = f"{key}-{named[key]}"
                latest[key] = Ahead(key, entry.date, closes, Mention(published, entry), moment_of(entry))
        return sorted(
            latest.values(),
            key=lambda each: (each.day, each.mention.entry.time or time.max, not each.closes, each.mention.entry.title),
        )

    def neighbours(self, number: int) -> tuple[PublicEdition | None, PublicEdition | None]:
        """The editions before and after the one with this number."""
        place = next((n for n, each in enumerate(self.editions) if each.edition.number == number), None)
        if place is None:
            return None, None
        older = self.editions[place + 1] if place + 1 < len(self.editions) else None
        return older, self.editions[place - 1] if place else None

    def search(self, words: str, topic: str = "") -> Sequence[Mention]:
        """The documents whose title, text or publisher has every word, the newest first.

        Words are alike whose stem is. With no word, and with words that everything has (*the*), all of a ``topic``
        are found, or nothing where none is given.
        """
        wanted = frozenset(terms(words))
        within = self.of_topic.get(topic, ()) if topic else self.documents
        if not wanted:
            return within if topic else ()
        return [mention for mention in within if wanted <= mention.where.terms[mention.entry.id]]

    @cached_property
    def _mentions(self) -> Sequence[Mention]:
        return [Mention(published, entry) for published in self.editions for entry in published.edition.content.entries]


def _document(entry: Entry) -> str:
    return entry.item_id or entry.url or entry.id


def _terms_of(entry: Entry) -> frozenset[str]:
    also = (words for each in entry.also for words in (each.title, each.publisher))
    return frozenset(terms("\n".join((entry.title, entry.publisher, entry.blurb, *also))))
