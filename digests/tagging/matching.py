"""Finds which of many rules match an item, in one walk over its words.

Every phrase of every rule is filed under its rarest word and the word before it. A walk looks each word of the text up
once, checks the few phrases filed there, and so learns which *sides* of rules are in the item; only rules whose most
telling side was found are then looked at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from digests.tagging.language import IN_TEXT, Part, Phrase, Rule, Where, Words
from digests.tagging.words import places, readable, words

Span = tuple[int, int]
"""First word and the word after the last, counted from the field's base."""

FIELDS = (Where.TITLE, Where.SUMMARY, Where.PUBLISHER, Where.URL, Where.KIND)
LIMITS = {Where.TITLE: 2_000, Where.SUMMARY: 1_200, Where.PUBLISHER: 500, Where.URL: 1_000, Where.KIND: 100}
"""How many characters of each field are read, so that no item, however large, takes long."""

_FIELD = 1 << 20  # fields are numbered so far apart that nothing is near across them
_SUMMARY = FIELDS.index(Where.SUMMARY)
_REMEMBERED_WORDS = 50_000
_LONGEST_REMEMBERED = 40

# Words of the language itself: a phrase is filed under one of these only when it has no rarer one.
_COMMON = frozenset(
    "a an and are as at be by data department for from government has have in is it its national new of on or public"  # noqa: SIM905
    " service services that the their this to use used using was were what which who will with".split()
)


class Reading:
    """An item's fields, cut into words."""

    __slots__ = ("_places", "_texts", "words")

    def __init__(self, title: str, summary: str, publisher: str, url: str, kind: str) -> None:
        self._texts = tuple(
            readable(text, LIMITS[field]) if text else ""
            for field, text in zip(FIELDS, (title, summary, publisher, url, kind), strict=True)
        )
        self.words = tuple(words(text) if text else () for text in self._texts)
        self._places: dict[int, list[tuple[int, int]]] = {}

    def quote(self, span: Span) -> str:
        """The words of a span as they stand in the item."""
        number, first = divmod(span[0], _FIELD)
        last = span[1] - number * _FIELD
        text = self._texts[number]
        if number not in self._places:
            self._places[number] = places(text, len(self.words[number]))
        there = self._places[number]
        return " ".join(text[there[first][0] : there[last - 1][1]].split())


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched: its number in the set, and where its wanted parts were found, in the order written."""

    number: int
    spans: tuple[Span, ...]

    @property
    def field(self) -> int:
        """The number of the field of the match: the title only where no part had to be looked for in the summary."""
        if len(self.spans) == 1:
            return self.spans[0][0] // _FIELD
        fields = [span[0] // _FIELD for span in self.spans]
        return _SUMMARY if _SUMMARY in fields else min(fields)

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


_Found = dict[int, list[Span]]
"""Where each side was found, by its number."""


@dataclass(frozen=True, slots=True)
class _Filed:
    """A phrase filed under its word at ``offset``; the ``others`` are still to be checked: (offset, word, stem?)."""

    sides: tuple[int, ...]
    offset: int
    length: int
    others: tuple[tuple[int, str, bool], ...]

    def stands_at(self, start: int, text: Sequence[str]) -> bool:
        """Whether the phrase begins at this word of the text."""
        if start < 0 or start + self.length > len(text):
            return False
        for offset, word, is_stem in self.others:
            present = text[start + offset]
            if present != word and not (is_stem and present.startswith(word)):
                return False
        return True


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is filed under one word: the sides that it answers alone, and phrases, mostly by the word before it."""

    alone: tuple[int, ...]
    after: Mapping[str, tuple[_Filed, ...]]
    after_a_stem: tuple[_Filed, ...]


class _Index(dict[str, _Entry | None]):
    """The phrases that are looked for in one field, by word. Works a new word out once and remembers it."""

    def __init__(self, sides: Iterable[tuple[int, Words]]) -> None:
        super().__init__()
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
            self._pairs[phrase[at]].append((before, _Filed(tuple(numbers), at, len(phrase), others)))
        self._stem_lengths = sorted({len(word) - 1 for word in (*self._alone, *self._pairs) if _is_stem(word)})

    def __missing__(self, word: str) -> _Entry | None:
        keys = [word, *(word[:length] + "*" for length in self._stem_lengths if length <= len(word))]
        alone = tuple(dict.fromkeys(number for key in keys for number in self._alone.get(key, ())))
        pairs = [pair for key in keys for pair in self._pairs.get(key, ())]
        after: defaultdict[str, tuple[_Filed, ...]] = defaultdict(tuple)
        for before, filed in pairs:
            if not _is_stem(before):
                after[before] += (filed,)
        loose = tuple(filed for before, filed in pairs if _is_stem(before))
        entry = _Entry(alone, dict(after), loose) if alone or pairs else None
        if len(word) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED_WORDS:
                self.clear()
            self[word] = entry
        return entry

    def find(self, text: Sequence[str], base: int, found: _Found) -> None:
        """Adds every side that is in these words to ``found``."""
        for at, entry in [(at, entry) for at, word in enumerate(text) if (entry := self[word])]:
            for number in entry.alone:
                found[number].append((base + at, base + at + 1))
            if at == 0:
                continue
            for filed in (*entry.after.get(text[at - 1], ()), *entry.after_a_stem):
                start = at - filed.offset
                if filed.stands_at(start, text):
                    for number in filed.sides:
                        found[number].append((base + start, base + start + filed.length))


@dataclass(frozen=True, slots=True)
class _NearSides:
    first: int
    second: int
    distance: int


_Test = int | _NearSides


@dataclass(frozen=True, slots=True)
class _Compiled:
    wanted: tuple[_Test, ...]
    unwanted: tuple[_Test, ...]


class Ruleset:
    """Many rules, made ready to be matched together. Words inside an ``ignored`` phrase do not count."""

    def __init__(self, rules: Sequence[Rule], ignored: Sequence[Phrase] = ()) -> None:
        numbers: dict[Words, int] = {}

        def number_of(side: Words) -> int:
            return numbers.setdefault(side, len(numbers))

        def compiled(part: Part) -> _Test:
            if isinstance(part, Words):
                return number_of(part)
            return _NearSides(number_of(part.first), number_of(part.second), part.distance)

        self._ignored = number_of(Words(tuple(ignored)))
        self._rules = tuple(
            _Compiled(tuple(map(compiled, rule.wanted)), tuple(map(compiled, rule.unwanted))) for rule in rules
        )
        self._indexes = tuple(
            (number, _Index(read))
            for number, field in enumerate(FIELDS)
            if (read := [(at, side) for side, at in numbers.items() if _reads(side, field)])
        )
        sides = list(numbers)
        self._begins: defaultdict[int, list[int]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            every = [side for test in rule.wanted for side in _sides(test)]
            self._begins[min(every, key=lambda side: len(sides[side].phrases))].append(number)

    def matches(self, reading: Reading) -> list[Match]:
        """Every rule that matches, in the order of the rules."""
        found: _Found = defaultdict(list)
        for number, index in self._indexes:
            if reading.words[number]:
                index.find(reading.words[number], number * _FIELD, found)
        if not found:
            return []
        if self._ignored in found:
            ignored = {word for span in found.pop(self._ignored) for word in range(*span)}
            for side, spans in found.items():
                found[side] = [span for span in spans if not ignored.issuperset(range(*span))]
        candidates: set[int] = set()
        for side, spans in found.items():
            if spans and side in self._begins:
                candidates.update(self._begins[side])
            if len(spans) > 1:
                spans.sort()
        return [match for rule in sorted(candidates) if (match := self._match(rule, found))]

    def _match(self, number: int, found: _Found) -> Match | None:
        rule = self._rules[number]
        spans: list[Span] = []
        for test in rule.wanted:
            span = _first(test, found)
            if span is None:
                return None
            spans.append(span)
        if any(_first(test, found) for test in rule.unwanted):
            return None
        return Match(number, tuple(spans))


def _is_stem(word: str) -> bool:
    return word[-1] == "*"


def _commonness(phrase: Phrase, frequency: Counter[str], at: int) -> tuple[bool, bool, int]:
    """How often the word at this place, after the word before it, will be met for nothing; the least is the best."""
    before, word = phrase[at - 1], phrase[at]
    return _is_stem(before), word.rstrip("*") in _COMMON, frequency[word]


def _reads(side: Words, field: Where) -> bool:
    return side.where is field or (side.where is Where.TEXT and field in IN_TEXT)


def _sides(test: _Test) -> tuple[int, ...]:
    return (test,) if isinstance(test, int) else (test.first, test.second)


def _first(test: _Test, found: _Found) -> Span | None:
    """Where a part of a rule is first found. For two that must be near: from the first word to the last of both."""
    if isinstance(test, int):
        spans = found.get(test)
        return spans[0] if spans else None
    first, second = found.get(test.first), found.get(test.second)
    if not first or not second:
        return None
    return next(_pairs(first, second, test.distance), None)


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
