"""Looks at rules by what they do to an archive: which never match, which change nothing, which match too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from digests.model import Item
from digests.tagging.language import Rule
from digests.tagging.matching import Reading, Ruleset
from digests.tagging.tagger import Tagger

ENOUGH_ITEMS = 200
"""With fewer items than this, an archive says nothing of rules."""
ENOUGH_MATCHES = 5
"""A rule that matched less often is not called shadowed: what it is for may not have come yet."""
MOST_OF_TOPIC = 0.10
"""A rule that by itself tags a larger share of all relevant items than this is looked at."""
MOST_NEAR = 0.10
"""A rule that by itself makes a larger share of all items near that are not relevant than this is looked at."""
MOST_WITHOUT_TOPIC = 0.5
"""A rule of the gate is looked at when a larger share of what it alone lets in than this has no topic."""

GATE = "gate"
NEAR = "near"


class Fault(StrEnum):
    """What may be wrong with a rule."""

    DEAD = "dead"
    SHADOWED = "shadowed"
    OVER_FIRING = "over-firing"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule to look at. ``place`` is its topic's id, ``gate`` or ``near``, ``items`` on how many items it matched."""

    fault: Fault
    place: str
    rule: str
    items: int
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, the most telling first. ``items`` and ``relevant`` say how large the archive was."""

    findings: tuple[Finding, ...]
    items: int
    relevant: int

    @property
    def says_enough(self) -> bool:
        """Whether the archive is large enough to say anything."""
        return self.items >= ENOUGH_ITEMS


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    rule: Rule
    vetoes: bool = False
    sign: int = -1
    """The number of the sign that it gives, of those under ``near``."""


class Linter:
    """Counts what each rule does. Show it every item of the archive, then ask for the :meth:`report`."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger
        taxonomy = tagger.taxonomy
        gate = taxonomy.gate
        near = taxonomy.near
        tagging = (
            *(_Place(GATE, rule) for rule in (*gate.strong, *gate.weak)),
            *(_Place(GATE, rule, vetoes=True) for rule in gate.unless),
            *(_Place(subject.topic.id, rule) for subject in taxonomy.subjects for rule in subject.rules),
            *(_Place(subject.topic.id, rule, vetoes=True) for subject in taxonomy.subjects for rule in subject.unless),
        )
        nearness = (
            *(_Place(NEAR, rule, sign=at) for at, sign in enumerate(near.signs) for rule in sign.rules),
            *(_Place(NEAR, rule, vetoes=True) for rule in near.unless),
        )
        self._places = (*tagging, *nearness)
        self._first_near = len(tagging)
        self._rules = Ruleset([place.rule for place in tagging], taxonomy.ignored)
        # Phrases that are ignored do count here.
        self._near = Ruleset([place.rule for place in nearness])
        self._matched: Counter[int] = Counter()
        self._alone: Counter[int] = Counter()
        self._topicless: Counter[int] = Counter()
        self._items = self._relevant = 0

    def show(self, items: Iterable[Item]) -> None:
        """Take some items into account."""
        for item in items:
            self._show(item)

    def _show(self, item: Item) -> None:
        tagging = self._tagger.tag(item.title, item.summary, item.publisher, item.url, item.kind, item.source_id)
        self._items += 1
        self._relevant += tagging.relevant
        reading = Reading(item.title, item.summary, item.publisher, item.url, item.kind.value, item.source_id)
        numbers = [match.number for match in self._rules.matches(reading)]
        self._matched.update(numbers)
        by_place = Counter(self._places[number].name for number in numbers if not self._places[number].vetoes)
        for number in numbers:
            place = self._places[number]
            if not place.vetoes and by_place[place.name] == 1 and tagging.relevant:
                self._alone[number] += 1
                self._topicless[number] += place.name == GATE and not tagging.tags
        self._show_near(reading, relevant=tagging.relevant)

    def _show_near(self, reading: Reading, *, relevant: bool) -> None:
        numbers = [self._first_near + match.number for match in self._near.matches(reading)]
        self._matched.update(numbers)
        if relevant or any(self._places[number].vetoes for number in numbers):
            return
        by_sign = Counter(self._places[number].sign for number in numbers)
        self._alone.update(number for number in numbers if by_sign[self._places[number].sign] == 1)

    def report(self) -> Report:
        """What is to be looked at, now."""
        found = [finding for number, place in enumerate(self._places) if (finding := self._finding(number, place))]
        order = list(Fault)
        found.sort(key=lambda each: (-order.index(each.fault), -each.items, each.place, each.rule))
        return Report(tuple(found) if self._items >= ENOUGH_ITEMS else (), self._items, self._relevant)

    def _finding(self, number: int, place: _Place) -> Finding | None:
        matched, alone = self._matched[number], self._alone[number]

        def finding(fault: Fault, words: str) -> Finding:
            return Finding(fault, place.name, place.rule.text, matched, words)

        if not matched:
            return finding(Fault.DEAD, f"It matched none of {self._items:,} items.")
        if place.vetoes:
            return None
        if matched >= ENOUGH_MATCHES and not alone:
            return finding(Fault.SHADOWED, f"Each of the {matched:,} items it matched would be the same without it.")
        if place.name == GATE:
            topicless = self._topicless[number]
            if alone >= ENOUGH_MATCHES and topicless / alone > MOST_WITHOUT_TOPIC:
                return finding(
                    Fault.OVER_FIRING, f"It alone lets in {alone:,} items, and {topicless:,} of them have no topic."
                )
        elif place.name == NEAR:
            others = self._items - self._relevant
            if alone >= ENOUGH_MATCHES and alone / others > MOST_NEAR:
                words = (
                    f"It alone gives its sign to {alone:,} items, {alone / others:.0%} of those that are not relevant."
                )
                return finding(Fault.OVER_FIRING, words)
        elif alone >= ENOUGH_MATCHES and alone / self._relevant > MOST_OF_TOPIC:
            share = f"{alone / self._relevant:.0%}"
            return finding(Fault.OVER_FIRING, f"It alone gives its topic to {alone:,} items, {share} of the relevant.")
        return None
