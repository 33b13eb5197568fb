"""The language in which rules are written: reads one rule, or says in a sentence why it cannot be read.

::

    rule  =  part { "&" part }
    part  =  [ "not:" ] [ field ":" ] words [ "~" number words ]
    words =  { word | word "*" | "{" macro "}" | "(" words { "|" words } ")" }

The people's description of it is ``docs/topics.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from digests.tagging.words import END, readable, words

Phrase = tuple[str, ...]
"""Words that stand next to each other. A word that ends with ``*`` stands for every word that begins so."""

SHORTEST_STEM = 3
MOST_PHRASES = 2_000
FARTHEST = 50
LONGEST_RULE = 2_000


class RuleError(ValueError):
    """A rule cannot be used. The message is one plain sentence without a full stop."""


class Where(StrEnum):
    """What part of an item a rule reads. ``TEXT`` is the title and the summary: what a rule reads unless it says."""

    TEXT = "text"
    TITLE = "title"
    SUMMARY = "summary"
    PUBLISHER = "publisher"
    URL = "url"
    KIND = "kind"
    SOURCE = "source"


IN_TEXT = (Where.TITLE, Where.SUMMARY)


@dataclass(frozen=True, slots=True)
class Words:
    """Any one of these phrases, in this part of the item."""

    phrases: tuple[Phrase, ...]
    where: Where = Where.TEXT


@dataclass(frozen=True, slots=True)
class Near:
    """Both within ``distance`` words of each other, in either order, in the same field."""

    first: Words
    second: Words
    distance: int


Part = Words | Near


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as written, and what it means: every wanted part, and no unwanted one, anywhere in the item."""

    text: str
    wanted: tuple[Part, ...]
    unwanted: tuple[Part, ...] = ()

    @property
    def quotes(self) -> bool:
        """Whether words of the item can be quoted as its reason: its kind or its source alone is nothing to quote."""
        return any(side.where not in (Where.KIND, Where.SOURCE) for part in self.wanted for side in sides(part))


Macros = Mapping[str, tuple[Phrase, ...]]

_LEXEME = re.compile(
    r"(?P<not>not:)|(?P<field>\w+):|\{(?P<macro>[^{}]*)\}|~\s*(?P<near>\d+)|(?P<mark>[&()|])|(?P<word>[^\s&(){}|~:]+)"
)


def parse_rule(text: str, macros: Macros, ignored: Sequence[Phrase] = ()) -> Rule:
    """One rule, in a taxonomy that ignores these phrases. Raises :class:`RuleError`."""
    reader = _Reader(text, macros)
    wanted: list[Part] = []
    unwanted: list[Part] = []
    while True:
        (unwanted if reader.take("not") else wanted).append(reader.part())
        if reader.done:
            break
        reader.expect("&")
    if not wanted:
        raise RuleError("it says only what must not be there; say what must be")
    for part in wanted:
        if any(_covers(excluded, part) for excluded in unwanted):
            raise RuleError("it can never match: what it wants, it also excludes")
        if any(side.where in (Where.TEXT, *IN_TEXT) and set(side.phrases) <= set(ignored) for side in sides(part)):
            raise RuleError("it can never match: what it wants is a phrase to ignore")
    return Rule(" ".join(text.split()), tuple(wanted), tuple(unwanted))


def parse_words(text: str, macros: Macros) -> tuple[Phrase, ...]:
    """Plain words, groups and macros without operators: what a macro or an ``ignore`` line is. Raises RuleError."""
    reader = _Reader(text, macros)
    phrases = reader.words()
    if not reader.done:
        raise RuleError(f"only words, brackets and macros can stand here, not “{reader.present}”")
    return phrases


def parse_macros(bodies: Mapping[str, Sequence[str]]) -> tuple[Macros, dict[tuple[str, int], str]]:
    """Every macro that can be read, and what is wrong with the others, by name and position in its list.

    A macro may use those that stand above it, so a circle cannot be written.
    """
    macros: dict[str, tuple[Phrase, ...]] = {}
    wrong: dict[tuple[str, int], str] = {}
    for name, body in bodies.items():
        phrases: dict[Phrase, None] = {}
        for position, text in enumerate(body):
            try:
                phrases |= dict.fromkeys(parse_words(text, macros))
            except RuleError as error:
                wrong[name, position] = str(error)
        if phrases:
            macros[name] = tuple(phrases)
    return macros, wrong


def sides(part: Part) -> tuple[Words, ...]:
    """The one or two runs of words that a part is made of."""
    return (part,) if isinstance(part, Words) else (part.first, part.second)


class _Reader:
    """Walks over one rule from left to right."""

    def __init__(self, text: str, macros: Macros) -> None:
        if len(text) > LONGEST_RULE:
            raise RuleError(f"it is longer than {LONGEST_RULE:,} characters")
        self._macros = macros
        self._lexemes: list[tuple[str, str]] = []
        at = 0
        for found in _LEXEME.finditer(text):
            _only_blank(text[at : found.start()])
            at = found.end()
            self._lexemes.append((found.lastgroup or "", found[found.lastgroup or 0]))
        _only_blank(text[at:])
        if not self._lexemes:
            raise RuleError("it is empty")
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at == len(self._lexemes)

    @property
    def present(self) -> str:
        """The lexeme at hand, for messages."""
        return "the end" if self.done else self._lexemes[self._at][1]

    def take(self, kind: str, value: str | None = None) -> str | None:
        """The value of the next lexeme where it is of this kind (and value); else nothing is taken."""
        if self.done:
            return None
        found_kind, found = self._lexemes[self._at]
        if found_kind != kind or (value is not None and found != value):
            return None
        self._at += 1
        return found

    def expect(self, mark: str) -> None:
        """Takes a mark. Raises RuleError where something else stands."""
        if self.take("mark", mark) is not None:
            return
        if self.present == ")":
            raise RuleError("a closing bracket has no opening one")
        if self.present == "|":
            raise RuleError("put alternatives in round brackets: (this|that)")
        if mark == ")" and self.done:
            raise RuleError("a bracket is not closed")
        self._refuse_field()
        if self._lexemes[self._at][0] == "near":
            raise RuleError("~ stands between two runs of words, outside brackets, and once in a part")
        raise RuleError(f"“{mark}” was expected before “{self.present}”")

    def _refuse_field(self) -> None:
        if not self.done and self._lexemes[self._at][0] == "field":
            raise RuleError(f"“{self.present}:” cannot stand here; a field is named at the beginning of a part")

    def part(self) -> Part:
        """``[field:] words [~N words]``."""
        where = self._field()
        first = Words(self.words(), where)
        distance = self.take("near")
        if distance is None:
            return first
        if not 1 <= int(distance) <= FARTHEST:
            raise RuleError(f"~{distance} cannot match: the distance is from 1 to {FARTHEST} words")
        if where not in (Where.TEXT, *IN_TEXT):
            raise RuleError(f"~ has no meaning in the {where.value}")
        return Near(first, Words(self.words(), where), int(distance))

    def _field(self) -> Where:
        name = self.take("field")
        if name is None:
            return Where.TEXT
        named = [where for where in Where if where is not Where.TEXT]
        if name not in named:
            raise RuleError(f"“{name}:” is not a field; the fields are {', '.join(named)}")
        return Where(name)

    def words(self) -> tuple[Phrase, ...]:
        """Every phrase that a run of words, groups and macros stands for, each once."""
        phrases: tuple[Phrase, ...] = ((),)
        began = self._at
        while (choices := self._choices()) is not None:
            if len(phrases) * len(choices) > MOST_PHRASES:
                raise RuleError(f"it stands for more than {MOST_PHRASES:,} phrases; write several rules")
            phrases = tuple(dict.fromkeys(phrase + choice for phrase in phrases for choice in choices))
        if self._at == began:
            self._refuse_field()
            raise RuleError(f"words are missing before {'its end' if self.done else f'“{self.present}”'}")
        if () in phrases:
            raise RuleError("it has no letters or digits to look for")
        return phrases

    def _choices(self) -> tuple[Phrase, ...] | None:
        word = self.take("word")
        if word is not None:
            return (_phrase(word),)
        name = self.take("macro")
        if name is not None:
            if name not in self._macros:
                raise RuleError(f"there is no macro {{{name}}}")
            return self._macros[name]
        if self.take("mark", "(") is None:
            return None
        choices = self.words()
        while self.take("mark", "|") is not None:
            choices += self.words()
        self.expect(")")
        return tuple(dict.fromkeys(choices))


def _only_blank(between: str) -> None:
    odd = between.strip()
    if odd in ("{", "}") or odd[:1] in ("{", "}"):
        raise RuleError("a curly bracket is not closed or not opened")
    if odd[:1] == "~":
        raise RuleError("~ needs a number of words: ~6")
    if odd:
        raise RuleError(f"“{odd}” means nothing here")


def _phrase(word: str) -> Phrase:
    stem = word.removesuffix("*")
    if "*" in stem:
        raise RuleError(f"in “{word}”, * can only stand at the end of a word")
    phrase = tuple(part for part in words(readable(stem, LONGEST_RULE)) if part != END)
    if not phrase and stem:
        # A lone dash or comma between words is punctuation, and punctuation does not count.
        return ()
    if stem == word:
        return phrase
    if len("".join(phrase)) < SHORTEST_STEM:
        raise RuleError(f"“{word}” would match too much; give at least {SHORTEST_STEM} letters before *")
    return (*phrase[:-1], phrase[-1] + "*")


def _covers(excluded: Part, wanted: Part) -> bool:
    """Whether the exclusion is plainly there whenever the wanted part is."""
    if isinstance(excluded, Near) or isinstance(wanted, Near):
        return excluded == wanted
    within = excluded.where is wanted.where or (excluded.where is Where.TEXT and wanted.where in IN_TEXT)
    return within and set(wanted.phrases) <= set(excluded.phrases)
