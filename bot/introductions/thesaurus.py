"""What words stand for: phrases that mean much the same, and topics to whose rules a word belongs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from digests.search import terms
from digests.tagging import Taxonomy
from digests.tagging.language import IN_TEXT, Where, Words, sides

# Below this a word stands in the rules of nearly every topic.
_LEANS_FROM = 1.0
# A topic that has less than half of what the strongest has is an accident of one word.
_OF_THE_STRONGEST = 0.5


class Synonyms:
    """Finds phrases of the same meaning. Each group of them is known by a mark, which no term can be."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        self._begins: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for number, phrases in enumerate(groups):
            for phrase in dict.fromkeys(terms(phrase) for phrase in phrases):
                if phrase:
                    self._begins[phrase[0]].append((phrase[1:], f"={number}"))

    def found(self, said: Sequence[str]) -> Iterator[tuple[str, int, int]]:
        """The mark of each group of which a phrase stands in these terms, from which place to before which place."""
        for at, term in enumerate(said):
            for rest, mark in self._begins.get(term, ()):
                end = at + 1 + len(rest)
                if tuple(said[at + 1 : end]) == rest:
                    yield mark, at, end


class Leaning:
    """Tells which topics a text leans to, by words that are too weak for the rules of topics.

    A word leans to the topics in whose rules, name or description it stands, the more the fewer those are.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._topics: defaultdict[str, set[str]] = defaultdict(set)
        for subject in taxonomy.subjects:
            said = [subject.topic.name, subject.topic.description]
            said += [
                word for rule in subject.rules for part in rule.wanted for side in sides(part) for word in _plain(side)
            ]
            for term in terms(" ".join(said)):
                self._topics[term].add(subject.topic.id)
        self._number = len(taxonomy.subjects)

    def __call__(self, text: str) -> Mapping[str, float]:
        """The topics that a text leans to, each with its share of the strongest: from 0.5 to 1."""
        scores: defaultdict[str, float] = defaultdict(float)
        for term in dict.fromkeys(terms(text)):
            topics = self._topics.get(term, ())
            for topic in topics:
                scores[topic] += math.log(self._number / len(topics))
        strongest = max(scores.values(), default=0.0)
        if strongest < _LEANS_FROM:
            return {}
        return {topic: score / strongest for topic, score in scores.items() if score >= strongest * _OF_THE_STRONGEST}


def _plain(side: Words) -> Iterator[str]:
    if side.where in (Where.TEXT, *IN_TEXT):
        for phrase in side.phrases:
            yield from (word.removesuffix("*") for word in phrase)
