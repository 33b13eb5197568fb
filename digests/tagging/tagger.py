"""The taxonomy, and the tagger that applies it to one item at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from digests.model import FieldName, Kind, Tag, Tagging, Topic
from digests.tagging.language import Phrase, Rule, RuleError
from digests.tagging.matching import TEXT_FIELDS, Match, Reading, Ruleset, Seen
from digests.tagging.near import NearRules

MOST_TOPICS = 3
"""What lists many issues touches everything and is about none of it: an item has at most this many topics."""

MOST_BESIDE = 2
"""At most so many topics that stand beside the others come on top of those."""

_LONGEST_QUOTE = 120
_NOTHING_FOUND = "Nothing in it is about data, AI or digital policy."


@dataclass(frozen=True, slots=True)
class TopicRules:
    """A topic, and the rules of which any one gives it to an item. ``unless`` takes it away again.

    A topic ``beside`` the others is counted apart, so that it never takes the place of one of those.
    """

    topic: Topic
    rules: tuple[Rule, ...]
    unless: tuple[Rule, ...] = ()
    beside: bool = False

    def __post_init__(self) -> None:
        for rule in self.rules:
            if not rule.quotes:
                raise RuleError(
                    f"“{rule.text}” looks at the kind or the source alone, and a tag must be able to quote its reason"
                )


@dataclass(frozen=True, slots=True)
class Gate:
    """What makes an item relevant: one ``strong`` rule, or two different ``weak`` ones where no ``unless`` matches."""

    strong: tuple[Rule, ...]
    weak: tuple[Rule, ...] = ()
    unless: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """Every topic and rule. Words of an ``ignored`` phrase (the name of a ministry, say) are not evidence.

    What is ``near`` the field changes no tagging, and so no version.
    """

    gate: Gate
    subjects: tuple[TopicRules, ...]
    ignored: tuple[Phrase, ...] = ()
    near: NearRules = field(default_factory=NearRules)

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics, in the order in which they are listed."""
        return tuple(subject.topic for subject in self.subjects)

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits that change whenever any rule does, macros included."""
        return hashlib.sha256(
            repr((self.gate, self.subjects, self.ignored, MOST_TOPICS, MOST_BESIDE)).encode()
        ).hexdigest()[:12]


class Tagger:
    """Applies a taxonomy. One instance serves every item; it only ever remembers which rules look at which word."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._version = taxonomy.version
        gate = taxonomy.gate
        self._strong = len(gate.strong)
        self._weak = self._strong + len(gate.weak)
        self._gate_rules = (*gate.strong, *gate.weak, *gate.unless)
        self._owners = tuple(
            (at, vetoes, rule)
            for at, subject in enumerate(taxonomy.subjects)
            for vetoes, rules in ((False, subject.rules), (True, subject.unless))
            for rule in rules
        )
        # One set for both: an item is walked over once, and nearly every word that the gate knows is a topic's too.
        self._rules = Ruleset([*self._gate_rules, *(rule for _, _, rule in self._owners)], taxonomy.ignored)

    def tag(
        self,
        title: str,
        summary: str = "",
        publisher: str = "",
        url: str = "",
        kind: Kind | None = None,
        source: str = "",
    ) -> Tagging:
        """What the rules say of one item, which came from the source with this id.

        Never raises. An item that is not relevant gets no topics.
        """
        reading = Reading(title, summary, publisher, url, kind.value if kind else "", source)
        seen = self._rules.look(reading)
        relevant, gate = self._pass(reading, seen)
        tags = self._tags(reading, seen) if relevant else ()
        return Tagging(relevant, gate, tags, self._version)

    def about(self, text: str) -> tuple[str, ...]:
        """The ids of every topic that a text touches, relevant to the digest or not, in the order of the topics."""
        reading = Reading("", text, "", "", "", "")
        found: set[int] = set()
        vetoed: set[int] = set()
        for match in self._rules.among(self._rules.look(reading), start=len(self._gate_rules)):
            subject, vetoes, _ = self._owners[match.number - len(self._gate_rules)]
            (vetoed if vetoes else found).add(subject)
        return tuple(self.taxonomy.subjects[at].topic.id for at in sorted(found - vetoed))

    def _pass(self, reading: Reading, seen: Seen) -> tuple[bool, str]:
        matches = self._rules.among(seen, end=len(self._gate_rules))
        strong = [match for match in matches if match.number < self._strong]
        if strong:
            return True, self._because(min(strong, key=_title_first), reading)
        weak = [match for match in matches if match.number < self._weak]
        if not weak:
            return False, _NOTHING_FOUND
        # Two rules that saw the same words are one sign, not two.
        ordered = sorted(weak, key=_title_first)
        two = next(((one, other) for one in ordered for other in weak if not _overlap(other, one)), None)
        if two is None:
            return False, f"{self._because(ordered[0], reading)} is not enough by itself."
        reason = " and ".join(self._because(match, reading) for match in two)
        unless = matches[-1]
        if unless.number >= self._weak:
            return False, f"{reason}, but {self._because(unless, reading)}."
        return True, reason

    def _because(self, match: Match, reading: Reading) -> str:
        rule = self._gate_rules[match.number]
        return f"“{_quote(match, reading)}” in the {match.where.value} (rule: {rule.text})"

    def _tags(self, reading: Reading, seen: Seen) -> tuple[Tag, ...]:
        best: dict[int, Match] = {}
        vetoed: set[int] = set()
        for match in self._rules.among(seen, start=len(self._gate_rules)):
            subject, vetoes, _ = self._owner(match)
            if vetoes:
                vetoed.add(subject)
            elif subject not in best or _title_first(match) < _title_first(best[subject]):
                best[subject] = match
        kept = sorted((subject for subject in best if subject not in vetoed), key=lambda at: _title_first(best[at]))
        beside = [at for at in kept if self.taxonomy.subjects[at].beside]
        chosen = [at for at in kept if at not in beside][:MOST_TOPICS] + beside[:MOST_BESIDE]
        return tuple(self._tag(at, best[at], reading) for at in sorted(chosen))

    def _owner(self, match: Match) -> tuple[int, bool, Rule]:
        """The number of the subject whose rule matched, whether that takes it away, and the rule."""
        return self._owners[match.number - len(self._gate_rules)]

    def _tag(self, subject: int, match: Match, reading: Reading) -> Tag:
        rule = self._owner(match)[2]
        topic = self.taxonomy.subjects[subject].topic
        return Tag(topic.id, _quote(match, reading), FieldName(match.where.value), rule.text)


def _title_first(match: Match) -> tuple[bool, int, int]:
    """What the item plainly is (by its address or publisher) counts most, then what it says first, title foremost."""
    return match.field in TEXT_FIELDS, match.shown[0][0], match.number


def _overlap(one: Match, other: Match) -> bool:
    return any(a[0] < b[1] and b[0] < a[1] for a in one.spans for b in other.spans)


def _quote(match: Match, reading: Reading) -> str:
    words = " … ".join(reading.quote(span) for span in match.shown)
    return words if len(words) <= _LONGEST_QUOTE else words[: _LONGEST_QUOTE - 1] + "…"
