"""Finds which of many rules match an item, in one walk over its words.

Every phrase of every rule is filed under its rarest word and the word before it. A walk looks each word of the text up
once, checks the few phrases filed there, and so learns which *sides* of rules are in the item, as the bits of a number;
only rules of which every wanted side was found are then looked at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from typing import NamedTuple

from digests.tagging.language import IN_TEXT, Part, Phrase, Rule, Where, Words, sides
from digests.tagging.words import places, readable, squeezed, words

Span = tuple[int, int]
"""First word and the word after the last, counted from the field's base."""

FIELDS = (Where.TITLE, Where.SUMMARY, Where.PUBLISHER, Where.URL, Where.KIND, Where.SOURCE)
LIMITS = {
    Where.TITLE: 2_000,
    Where.SUMMARY: 1_200,
    Where.PUBLISHER: 500,
    Where.URL: 1_000,
    Where.KIND: 100,
    Where.SOURCE: 100,
}
"""How many characters of each field are read, so that no item, however large, takes long."""

_FIELD = 1 << 20  # fields are numbered so far apart that nothing is near across them
TEXT_FIELDS = tuple(FIELDS.index(where) for where in IN_TEXT)
_SUMMARY = FIELDS.index(Where.SUMMARY)
_REMEMBERED_WORDS = 50_000
_LONGEST_REMEMBERED = 40
_FEW_WORDS = 10

# Words of the language itself: a phrase is filed under one of these only when it has no rarer one.
_COMMON = frozenset(
    "a an and are as at be by data department for from government has have in is it its national new of on or public"  # noqa: SIM905
    " service services that the their this to use used using was were what which who will with".split()
)


class Reading:
    """An item's fields, cut into words when they are first looked at."""

    __slots__ = ("_places", "_texts", "_words")

    def __init__(self, title: str, summary: str, publisher: str, url: str, kind: str, source: str = "") -> None:
        self._texts = tuple(
            readable(text, LIMITS[field]) if text else ""
            for field, text in zip(FIELDS, (title, summary, publisher, url, kind, source), strict=True)
        )
        self._words: dict[int, Sequence[str]] = {}
        self._places: dict[int, list[tuple[int, int]]] = {}

    def text(self, number: int) -> str:
        """The readable text of a field, by its number."""
        return self._texts[number]

    def words(self, number: int) -> Sequence[str]:
        """The words of a field, by its number."""
        if number not in self._words:
            self._words[number] = words(self._texts[number])
        return self._words[number]

    def quote(self, span: Span) -> str:
        """The words of a span as they stand in the item."""
        number, first = divmod(span[0], _FIELD)
        last = span[1] - number * _FIELD
        text = self._texts[number]
        if number not in self._places:
            self._places[number] = places(text, len(self.words(number)))
        there = self._places[number]
        return " ".join(text[there[first][0] : there[last - 1][1]].split())


class Match(NamedTuple):
    """A rule that matched: its number in the set, and where its wanted parts were found, in the order written.

    ``field`` is the number of the field of the match: the title only where no part had to be looked for in the summary.
    """

    number: int
    spans: tuple[Span, ...]
    field: int

    @property
    def where(self) -> Where:
        """The field of the match."""
        return FIELDS[self.field]

    @property
    def shown(self) -> tuple[Span, ...]:
        """The spans that explain the match: those in its field."""
        if len(self.spans) == 1:
            return self.spans
        field = self.field
        return tuple(dict.fromkeys(span for span in self.spans if span[0] // _FIELD == field))


def _field_of(spans: Sequence[Span]) -> int:
    if len(spans) == 1:
        return spans[0][0] // _FIELD
    fields = [span[0] // _FIELD for span in spans]
    return _SUMMARY if _SUMMARY in fields else min(fields)


_Hit = tuple[int, int, int]
"""First word, the word after the last, and the bits of the sides that stand there."""


class Seen:
    """What one walk over an item saw: the bits of all ``sides``, the ``hits`` in the order of the item, and the
    ``rules`` that may match because of them."""

    __slots__ = ("hits", "rules", "sides")

    def __init__(self) -> None:
        self.hits: list[_Hit] = []
        self.sides = 0
        self.rules: set[int] = set()

    def first(self, side: int) -> Span | None:
        """Where a side was first found."""
        if self.sides & side:
            for start, end, stands in self.hits:
                if stands & side:
                    return start, end
        return None

    def spans(self, side: int) -> list[Span]:
        """Where a side was found."""
        return [(start, end) for start, end, stands in self.hits if stands & side]

    def without(self, side: int) -> None:
        """Forget the side, and whatever stands wholly in its words."""
        words = {word for span in self.spans(side) for word in range(*span)}
        self.hits = [hit for hit in self.hits if not words.issuperset(range(hit[0], hit[1]))]
        self.sides = 0
        for _, _, stands in self.hits:
            self.sides |= stands


class _Meant(NamedTuple):
    """The ``sides`` that some words answer, as bits, and the ``rules`` that may match because of that."""

    sides: int
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Filed:
    """A phrase filed under its word at ``offset``; the ``others`` are still to be checked: (offset, word, stem?)."""

    meant: _Meant
    offset: int
    length: int
    others: tuple[tuple[int, str, bool], ...]

    def stands_at(self, start: int, text: Sequence[str]) -> bool:
        """Whether the phrase begins at this word of the text."""
        if not self.others:
            return True
        if start < 0 or start + self.length > len(text):
            return False
        for offset, word, is_stem in self.others:
            present = text[start + offset]
            if present != word and not (is_stem and present.startswith(word)):
                return False
        return True


class _Entry(NamedTuple):
    """What is filed under one word: what it means alone, and phrases, mostly by the word before it."""

    alone: _Meant | None
    after: Mapping[str, tuple[_Filed, ...]]
    after_a_stem: tuple[_Filed, ...]


class _Index(dict[str, _Entry | None]):
    """The phrases that are looked for in one field, by word. Works a new word out once and remembers it.

    ``begins`` names, for each side by its number, the rules that are looked at when it is found.
    """

    def __init__(self, sides: Iterable[tuple[int, Words]], begins: Mapping[int, Sequence[int]]) -> None:
        super().__init__()
        self._begins = begins
        by_phrase: defaultdict[Phrase, list[int]] = defaultdict(list)
        for number, side in sides:
            for phrase in side.phrases:
                by_phrase[phrase].append(number)
        frequency = Counter(word for phrase in by_phrase for word in phrase)
        self._alone: dict[str, tuple[int, ...]] = {}
        self._pairs: defaultdict[str, list[tuple[str, _Filed]]] = defaultdict(list)
        for phrase, numbers in by_phrase.items():
            if len(phrase) == 1:
                self._alone[phrase[0]] = tuple(numbers)
                continue
            at = min(range(1, len(phrase)), key=partial(_commonness, phrase, frequency))
            before = phrase[at - 1]
            checked = (at,) if _is_stem(before) else (at - 1, at)
            others = tuple(
                (offset, word.rstrip("*"), _is_stem(word))
                for offset, word in enumerate(phrase)
                if offset not in checked
            )
            self._pairs[phrase[at]].append((before, _Filed(self._meant(numbers), at, len(phrase), others)))
        filed = (*self._alone, *self._pairs)
        self._stem_lengths = sorted({len(word) - 1 for word in filed if _is_stem(word)})
        # Where only a few words are filed, nearly every text is without them, and need not be cut into words.
        self._few = tuple(word.rstrip("*") for word in filed) if len(filed) <= _FEW_WORDS else ()

    def may_find(self, text: str) -> bool:
        """Whether anything that is filed here may be in a text."""
        if not self._few:
            return bool(text)
        text = squeezed(text)
        return any(word in text for word in self._few)

    def _meant(self, numbers: Iterable[int]) -> _Meant:
        rules = {rule for number in numbers for rule in self._begins.get(number, ())}
        return _Meant(sum(1 << number for number in set(numbers)), tuple(sorted(rules)))

    def __missing__(self, word: str) -> _Entry | None:
        keys = [word, *(word[:length] + "*" for length in self._stem_lengths if length <= len(word))]
        alone = [number for key in keys for number in self._alone.get(key, ())]
        pairs = [pair for key in keys for pair in self._pairs.get(key, ())]
        after: defaultdict[str, tuple[_Filed, ...]] = defaultdict(tuple)
        for before, filed in pairs:
            if not _is_stem(before):
                after[before] += (filed,)
        loose = tuple(filed for before, filed in pairs if _is_stem(before))
        entry = _Entry(self._meant(alone) if alone else None, dict(after), loose) if alone or pairs else None
        if len(word) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED_WORDS:
                self.clear()
            self[word] = entry
        return entry

    def find(self, text: Sequence[str], base: int, seen: Seen) -> None:
        """Adds every side that is in these words to what was seen."""
        hits, rules, sides = seen.hits, seen.rules, seen.sides
        for at, entry in enumerate(map(self.__getitem__, text)):
            if entry is None:
                continue
            alone, after, after_a_stem = entry
            if alone is not None:
                hits.append((base + at, base + at + 1, alone.sides))
                sides |= alone.sides
                rules.update(alone.rules)
            if at == 0:
                continue
            for filed in (*after.get(text[at - 1], ()), *after_a_stem):
                start = at - filed.offset
                if filed.stands_at(start, text):
                    hits.append((base + start, base + start + filed.length, filed.meant.sides))
                    sides |= filed.meant.sides
                    rules.update(filed.meant.rules)
        seen.sides = sides


@dataclass(frozen=True, slots=True)
class _NearSides:
    """Two sides, each as its bit."""

    first: int
    second: int
    distance: int


_Test = int | _NearSides
"""A side, as its bit, or two that must be near each other."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    wanted: tuple[_Test, ...]
    unwanted: tuple[_Test, ...]


class Ruleset:
    """Many rules, made ready to be matched together. Words inside an ``ignored`` phrase do not count."""

    def __init__(self, rules: Sequence[Rule], ignored: Sequence[Phrase] = ()) -> None:
        numbers: dict[Words, int] = {}

        def bit_of(side: Words) -> int:
            return 1 << numbers.setdefault(side, len(numbers))

        def compiled(part: Part) -> _Test:
            if isinstance(part, Words):
                return bit_of(part)
            return _NearSides(bit_of(part.first), bit_of(part.second), part.distance)

        self._ignored = bit_of(Words(tuple(ignored)))
        self._rules = tuple(
            _Compiled(tuple(map(compiled, rule.wanted)), tuple(map(compiled, rule.unwanted))) for rule in rules
        )
        # The sides without which a rule cannot match.
        self._needed = tuple(
            reduce(or_, (bit_of(side) for part in rule.wanted for side in sides(part)), 0) for rule in rules
        )
        begins: defaultdict[int, list[int]] = defaultdict(list)
        for number, rule in enumerate(rules):
            every = [side for part in rule.wanted for side in sides(part)]
            # A rule is looked at when its most telling side is found.
            begins[numbers[min(every, key=lambda side: len(side.phrases))]].append(number)
        self._indexes = tuple(
            (number, _Index(read, begins))
            for number, field in enumerate(FIELDS)
            if (read := [(at, side) for side, at in numbers.items() if _reads(side, field)])
        )

    def look(self, reading: Reading) -> Seen:
        """Walk over an item once; :meth:`among` then says which rules match."""
        seen = Seen()
        for number, index in self._indexes:
            if index.may_find(reading.text(number)):
                index.find(reading.words(number), number * _FIELD, seen)
        if seen.sides & self._ignored:
            seen.without(self._ignored)
        seen.hits.sort()
        return seen

    def among(self, seen: Seen, start: int = 0, end: int | None = None) -> list[Match]:
        """Those of the rules from number ``start`` to before ``end`` that match, in the order of the rules."""
        end = len(self._rules) if end is None else end
        sides, needed = seen.sides, self._needed
        candidates = [rule for rule in seen.rules if start <= rule < end and needed[rule] & sides == needed[rule]]
        candidates.sort()
        return [match for rule in candidates if (match := self._match(rule, seen))]

    def matches(self, reading: Reading) -> list[Match]:
        """Every rule that matches, in the order of the rules."""
        return self.among(self.look(reading))

    def _match(self, number: int, seen: Seen) -> Match | None:
        rule = self._rules[number]
        spans: list[Span] = []
        for test in rule.wanted:
            span = _first(test, seen)
            if span is None:
                return None
            spans.append(span)
        for test in rule.unwanted:
            if _first(test, seen):
                return None
        return Match(number, tuple(spans), _field_of(spans))


def _is_stem(word: str) -> bool:
    return word[-1] == "*"


def _commonness(phrase: Phrase, frequency: Counter[str], at: int) -> tuple[bool, bool, int]:
    """How often the word at this place, after the word before it, will be met for nothing; the least is the best."""
    before, word = phrase[at - 1], phrase[at]
    return _is_stem(before), word.rstrip("*") in _COMMON, frequency[word]


def _reads(side: Words, field: Where) -> bool:
    return side.where is field or (side.where is Where.TEXT and field in IN_TEXT)


def _first(test: _Test, seen: Seen) -> Span | None:
    """Where a part of a rule is first found. For two that must be near: from the first word to the last of both."""
    if isinstance(test, int):
        return seen.first(test)
    if not (seen.sides & test.first and seen.sides & test.second):
        return None
    return next(_pairs(seen.spans(test.first), seen.spans(test.second), test.distance), None)


def _pairs(first: Sequence[Span], second: Sequence[Span], distance: int) -> Iterator[Span]:
    longest = max(end - start for start, end in second)
    for start, end in first:
        # The other may end at most `distance` words before this one begins, or begin at most so far after it ends.
        at = bisect_left(second, (start - distance - longest + 1, 0))
        while at < len(second) and second[at][0] < end + distance:
            other_start, other_end = second[at]
            if other_start >= end or start - distance < other_end <= start:
                yield min(start, other_start), max(end, other_end)
            at += 1
