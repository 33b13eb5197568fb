"""Says what kind of document an item is, and why: by its source, by GOV.UK, by its address or by its title."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from digests.identity import is_govuk, kind_of_url, split_prefix
from digests.model import Group, Item, Kind, Source

NOTHING_SAYS = "nothing says what kind it is"

_LONGEST_TITLE = 500
_USUAL = frozenset({Kind.OTHER, Kind.NEWS, Kind.BLOG})
"""The usual kinds of a source that say little: any title says more."""

_PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*\*?|[^\w\s]")
_TITLE_WORD = re.compile(r"\w+")
_DASHES = "-–—"


class Place(StrEnum):
    """Where in a title the words of a rule stand."""

    BEGINS = "begins"
    HAS = "has"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Sorted:
    """A kind, and how it is known, to be read after "because"."""

    kind: Kind
    because: str


@dataclass(frozen=True)
class TitleRule:
    """A title with one of these words, and none of ``unless``, makes an item one of this kind.

    ``phrases`` are what the title begins with, has in it or ends with. A rule decides where nothing but the usual kind
    of the source is known, and that says little (news, a blog post, or nothing). It replaces the kinds in
    ``instead_of`` as well, whoever said so. ``groups`` limits the rule to sources of these groups.
    """

    kind: Kind
    phrases: tuple[tuple[Place, str], ...]
    unless: tuple[str, ...] = ()
    instead_of: frozenset[Kind] = frozenset()
    groups: frozenset[Group] = frozenset()

    @cached_property
    def _patterns(self) -> tuple[tuple[Place, re.Pattern[str]], ...]:
        return tuple(
            (place, pattern)
            for place in Place
            if (pattern := _pattern(place, [phrase for where, phrase in self.phrases if where is place]))
        )

    @cached_property
    def _unwanted(self) -> re.Pattern[str] | None:
        return _pattern(Place.HAS, self.unless)

    def because(self, title: str) -> str:
        """How the title tells this kind, in its own words; empty where it does not."""
        for place, pattern in self._patterns:
            found = pattern.search(title)
            if found and not (self._unwanted and self._unwanted.search(title)):
                verb = {Place.BEGINS: "begins", Place.HAS: "says", Place.ENDS: "ends"}[place]
                return f"its title {verb} “{' '.join(found['words'].split())}”"
        return ""

    def replaces(self, known: Kind, group: Group | None, *, firm: bool) -> bool:
        """Whether the rule may speak where this kind is known already."""
        if (self.groups and group is not None and group not in self.groups) or known is self.kind:
            return False
        return known in self.instead_of or (not firm and known in _USUAL)


@dataclass(frozen=True)
class KindRules:
    """What editors settled of kinds: rules about titles, the first of which that fits decides."""

    titles: tuple[TitleRule, ...] = ()

    def sort(
        self,
        title: str,
        url: str,
        *,
        group: Group | None = None,
        source: str = "",
        usual: Kind = Kind.OTHER,
        told: Sorted | None = None,
    ) -> Sorted:
        """The kind of a document at a canonical URL.

        First counts what was :func:`told` outright, then its address, then what its ``source`` (by its name) usually
        carries. A title may say better. Where the ``group`` is unknown, the rules of every group are tried.
        """
        known = told or _by_address(url)
        firm = known is not None
        if known is None:
            carries = f"that is what its source carries: {source}"
            known = Sorted(Kind.OTHER, NOTHING_SAYS) if usual is Kind.OTHER else Sorted(usual, carries)
        title = title[:_LONGEST_TITLE]
        for rule in self._worth_trying(title):
            if rule.replaces(known.kind, group, firm=firm) and (because := rule.because(title)):
                return Sorted(rule.kind, because)
        return known

    def _worth_trying(self, title: str) -> Iterable[TitleRule]:
        """The rules of which a title may have the words: hardly any, and to try one takes long."""
        if not title.isascii():
            return self.titles
        words = set(_TITLE_WORD.findall(title.lower()))
        numbers = {number for word in words for number in self._filed.get(word, ())}
        for stem, rules in self._stems:
            if any(word.startswith(stem) for word in words):
                numbers.update(rules)
        return [self.titles[number] for number in sorted(numbers)]

    @cached_property
    def _filed(self) -> Mapping[str, Collection[int]]:
        """The numbers of the rules, by a word that each of their phrases needs."""
        filed: defaultdict[str, set[int]] = defaultdict(set)
        for number, rule in enumerate(self.titles):
            for _, phrase in rule.phrases:
                filed[_needed(phrase)].add(number)
        return dict(filed)

    @cached_property
    def _stems(self) -> Sequence[tuple[str, Collection[int]]]:
        return [(word[:-1], rules) for word, rules in self._filed.items() if word.endswith("*")]

    def sort_again(self, item: Item, source: Source | None) -> Sorted:
        """The kind of an item by the present rules; what it is stays where they do not say otherwise.

        ``source`` is its own, where that is still there.
        """
        known = Sorted(item.kind, item.kind_because)
        # Of items that came before reasons were kept, nobody knows what was told of them.
        told = Sorted(item.told_kind, item.told_because) if item.told_kind else None if item.kind_because else known
        usual = source.document_kind if source else Kind.OTHER
        name = source.name if source else ""
        found = self.sort(item.title, item.url, group=item.group, source=name, usual=usual, told=told)
        return known if found.because == NOTHING_SAYS and source is None else found

    def of_text(self, title: str, url: str = "") -> Sorted:
        """The kind of a text whose source nobody knows."""
        named, rest = split_prefix(title) if is_govuk(url) else (None, title)
        return self.sort(rest, url, told=told("", None, named, prefix_of(title, rest)))


NO_RULES = KindRules()


def prefix_of(title: str, rest: str) -> str:
    """What was split off before the rest of a title, without its colon."""
    return title[: len(title) - len(rest)].rstrip(" :")


def title_phrase(words: str) -> str:
    """The phrase as it is looked for, in one line. Raises ``ValueError`` where no title can hold it."""
    line = " ".join(words.split())
    pieces = _PIECE.findall(line)
    if not any(piece[0].isalnum() for piece in pieces):
        raise ValueError("it has no letters or digits to look for")
    if any("*" in piece[:-1] or piece == "*" for piece in pieces) or re.search(r"\*\w", line):
        raise ValueError("* can only stand at the end of a word")
    return line


def told(source: str, stated: Kind | None, named: Kind | None, prefix: str) -> Sorted | None:
    """The kind that a source (by its name) stated outright, or else GOV.UK named in a prefix, or None."""
    if stated is not None:
        return Sorted(stated, f"its source says so: {source}")
    return Sorted(named, f"GOV.UK calls it “{prefix}”") if named is not None else None


def _by_address(url: str) -> Sorted | None:
    kind = kind_of_url(url)
    if kind is None:
        return None
    host, _, path = url.partition("//")[2].partition("/")
    first = path.partition("?")[0].split("/")
    place = "/".join([host, *first[: 2 if first[0] == "government" else 1]])
    return Sorted(kind, f"its address is on {place}")


def _pattern(place: Place, phrases: Sequence[str]) -> re.Pattern[str] | None:
    """What finds any of the phrases in a title: ``*`` is any ending, a dash any dash, a space any space."""
    if not phrases:
        return None
    words = f"(?P<words>{'|'.join(map(_phrase, sorted(phrases, key=len, reverse=True)))})"
    before = r"\A\W*" if place is Place.BEGINS else r"(?<!\w)"
    after = r"\W*\Z" if place is Place.ENDS else ""
    return re.compile(before + words + after, re.IGNORECASE)


def _needed(phrase: str) -> str:
    """The longest word of a phrase, in small letters, that stands whole in every title which has the phrase.

    One that ends with ``*`` need only begin a word of the title; ``*`` alone is no help.
    """
    if "_" in phrase:
        return "*"
    parts = [part for piece in _PIECE.findall(phrase.lower()) for part in re.split("['’]", piece) if part[:1].isalnum()]
    return max(parts, key=lambda part: (not part.endswith("*"), len(part)))


def _phrase(words: str) -> str:
    pattern = ""
    for piece in _PIECE.finditer(words):
        spaced = r"\s+" if words[piece.start() - 1 : piece.start()].isspace() else r"\s*"
        pattern += (spaced if pattern else "") + _piece(piece[0])
    # A phrase that ends with a word ends where the word does.
    return pattern + (r"(?!\w)" if words[-1:].isalnum() else "")


def _piece(piece: str) -> str:
    if piece in _DASHES:
        return f"[{_DASHES}]"
    stem = r"\w*" if piece.endswith("*") else ""
    # An apostrophe may be written in two ways.
    return re.sub("['’]", "['’]", re.escape(piece.removesuffix("*"))) + stem
