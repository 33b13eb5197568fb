"""What somebody looks for: ``facial recognition -police "live trial" topic:surveillance from:2026-10-01``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digests.calendar import LONDON, say_day
from digests.errors import ConvenorError
from digests.model import Item, Kind, Topic
from digests.search.terms import terms, terms_of

FILTERS = {
    "topic": "topic:health-data",
    "kind": "kind:consultation",
    "publisher": "publisher:ICO",
    "from": "from:2026-10-01",
    "to": "to:2026-10-31",
}
"""What may stand before a colon, each with an example."""

_PART = re.compile(r'(?P<minus>-)?(?:(?P<name>[A-Za-z]+):)?(?:["“”](?P<quoted>[^"“”]*)(?:["“”]|$)|(?P<bare>[^\s"“”]+))')


class QueryError(ConvenorError):
    """The search cannot be understood; the sentence says which part, and how it is written rightly."""

    sentence = "I could not understand that search."


@dataclass(frozen=True, slots=True)
class Query:
    """What an item must be like to be found.

    ``all_of`` and ``none_of`` are terms; ``phrases`` are terms that must follow one another. ``topics`` and
    ``publishers`` must all fit. ``since`` and ``until`` are London dates, both counted in, of publication, or of
    receipt where the publisher gave no date.
    """

    all_of: frozenset[str] = frozenset()
    none_of: frozenset[str] = frozenset()
    phrases: tuple[tuple[str, ...], ...] = ()
    topics: frozenset[str] = frozenset()
    publishers: tuple[tuple[str, ...], ...] = ()
    kind: Kind | None = None
    since: date | None = None
    until: date | None = None

    @property
    def begins(self) -> datetime | None:
        """The first moment that counts."""
        return _midnight(self.since) if self.since else None

    @property
    def ends(self) -> datetime | None:
        """The first moment that does not count any more. None where all later ones count."""
        # There is no day after the last that a date can be, and nothing is from beyond it.
        if self.until is None or self.until == date.max:
            return None
        return _midnight(self.until + timedelta(days=1))

    @property
    def looks_closer(self) -> bool:
        """Whether :meth:`fits_closely` must be asked: the terms alone do not tell."""
        return bool(self.phrases or self.publishers)

    def fits_closely(self, item: Item) -> bool:
        """Whether an item that has the terms also has the phrases, and is from the publishers."""
        said = set(terms(item.publisher))
        if not all(said.issuperset(publisher) for publisher in self.publishers):
            return False
        has = terms_of(item.title, item.summary, item.publisher) if self.phrases else ()
        return all(_holds(has, phrase) for phrase in self.phrases)


def parse(words: str, topics: Mapping[str, Topic]) -> Query:
    """The query that these words are. Raises QueryError where a filter is not known, or nothing is asked for."""
    query = Query()
    for part in _PART.finditer(words):
        name = (part["name"] or "").lower()
        value = part["quoted"] if part["quoted"] is not None else part["bare"]
        if name and name not in FILTERS and "//" not in (value or ""):
            near = difflib.get_close_matches(name, FILTERS, n=1)
            raise QueryError(
                name,
                f"I don’t know the filter “{name}:”. "
                + (f"Did you mean “{near[0]}:”?" if near else f"There are {_and_the(list(FILTERS))}."),
            )
        if name and "//" not in value and part["minus"]:
            raise QueryError(name, f"I can leave out words only, so write “-” before a word, and not before “{name}:”.")
        if name and "//" not in value:
            query = _filtered(query, name, value, topics)
        else:
            # An address has a colon, too.
            query = _worded(query, f"{name} {value}", minus=bool(part["minus"]), quoted=part["quoted"] is not None)
    if query == Query():
        raise QueryError(
            words[:80], "There is no word in that search to look for. Write for example “facial recognition”."
        )
    if query.since and query.until and query.since > query.until:
        raise QueryError(
            words[:80], f"{say_day(query.since)} comes after {say_day(query.until)}, so nothing can lie between them."
        )
    return query


def _worded(query: Query, said: str, *, minus: bool, quoted: bool) -> Query:
    found = terms(said)
    if minus:
        return replace(query, none_of=query.none_of | set(found))
    if quoted and len(found) > 1:
        query = replace(query, phrases=(*query.phrases, found))
    return replace(query, all_of=query.all_of | set(found))


def _filtered(query: Query, name: str, value: str, topics: Mapping[str, Topic]) -> Query:
    match name:
        case "topic":
            return replace(query, topics=query.topics | {_topic(value, topics)})
        case "kind":
            return replace(query, kind=_kind(value))
        case "publisher":
            publisher = terms(value)
            if not publisher:
                raise QueryError(value, "Which publisher? Write for example publisher:ICO.")
            return replace(query, publishers=(*query.publishers, publisher))
        case "from":
            return replace(query, since=_day(name, value))
        case _:
            return replace(query, until=_day(name, value))


def topic_called(value: str, topics: Mapping[str, Topic]) -> Topic | None:
    """The topic with this name or id, however its words are joined and whatever their case; None where none has."""
    wanted = _plainly(value)
    return next((each for each in topics.values() if wanted in (_plainly(each.id), _plainly(each.name))), None)


def _topic(value: str, topics: Mapping[str, Topic]) -> str:
    topic = topic_called(value, topics)
    if topic:
        return topic.id
    names = {_plainly(name): topic.id for topic in topics.values() for name in (topic.name, topic.id)}
    near = difflib.get_close_matches(_plainly(value), names, n=1)
    hint = f"Did you mean topic:{typed(names[near[0]])}?" if near else "/topics list shows them all."
    raise QueryError(value, f"I don’t know the topic “{value[:60]}”. {hint}")


def _kind(value: str) -> Kind:
    wanted = _plainly(value)
    known = {kind.value: kind for kind in Kind}
    if wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(wanted, known, n=1)
    hint = f"Did you mean kind:{typed(near[0])}?" if near else f"There are {_and_the(sorted(map(typed, known)))}."
    raise QueryError(value, f"I don’t know the kind “{value[:60]}”. {hint}")


def _plainly(value: str) -> str:
    """A name without regard to case, and to what stands between its words: a hyphen, a line below or a space."""
    return " ".join(value.casefold().replace("-", " ").replace("_", " ").split())


def typed(name: str) -> str:
    """A name as it can be typed behind a colon, without quotation marks: ``health-data``."""
    return _plainly(name).replace(" ", "-")


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise QueryError(
            value, f"“{value[:60]}” is not a date that I can read. Write it as in {FILTERS[name]}."
        ) from None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)


def _holds(has: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    length = len(phrase)
    return any(has[start : start + length] == phrase for start in range(len(has) - length + 1))


def _and_the(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
