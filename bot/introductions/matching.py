"""Who could help: ranks what members declare about themselves against what somebody asks for. Pure, in memory.

Only declared words and topics count (docs/matching.md). Three lists are made: by the whole profile and by its
best sentence (both Okapi BM25 over word stems and synonyms), and by the topics that request and profile share. They
are joined by reciprocal rank, so that none needs to be on the scale of another.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.introductions.asking import faint, needed, telling
from bot.introductions.thesaurus import Leaning, Synonyms
from digests.search import terms
from digests.tagging import Tagger

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). Their usual 0.75 for length
# puts the shortest profiles first for any word that many have: a profile is short because its writer was brief.
K1, B = 1.2, 0.4
SENTENCE_LENGTH = 15
"""The number of words of a sentence that gains and loses nothing by its length."""
# Cormack, Clarke and Büttcher (2009) take 60 for lists of thousands; here the first few places are what matters.
RANK_CONSTANT = 10
WHOLE, SENTENCE, SHARED, SIMILAR = 1.0, 1.0, 0.6, 1.0
"""What a place in each list is worth."""
SYNONYM = 0.8
"""What other words for the same thing are worth, where the word itself is worth 1."""
FAINT = 0.5
"""What a word such as "research" is worth, which says how rather than what."""
PHRASE = 0.5
"""What each further word of a phrase adds to a synonym."""
COVERED = 0.8
"""What part of the points for words depends on how much of the request they cover."""
LOOKED_AT_CLOSELY = 100
"""How many of the best by the whole profile, and as many by what is shared, are ranked by their sentences too."""
COMMON = 5
"""What more than one in so many profiles has finds nobody by itself, where others were found."""
GOOD_ENOUGH = 0.3
"""The part of the request's weight in words that a good match must have, where no topic is shared."""
SURE_BY_TOPIC = 0.5
"""How sure a match by a stated topic alone is, where having every word is 1."""
BUSY = 0.25
"""How much less somebody counts for each time that they were asked lately."""
LONGEST = 20_000
"""Characters of a text that are read: ten times what a form takes."""

_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+|\s+[•–—-]\s+")
_SHOWN = re.compile(r"\w+(?:['’-]\w+)*")
_QUOTED_AT_MOST = 6

Having = Mapping[str, int]
"""Profile ids, each with how often it has a thing."""


class Similarity(Protocol):
    """A further opinion, such as one of embeddings. None comes with Convenor, and none is needed."""

    def __call__(self, request: str, declared: Mapping[str, str]) -> Mapping[str, float]:
        """How near each of these profiles is to the request: the higher, the nearer. Those left out are not near.

        ``declared`` has the words of each by its id, as they stand now: nothing needs to be told of changes.
        """
        ...


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member declares: ``text`` is everything they wrote about what they do; ``topics`` are ids."""

    id: str
    text: str
    organisation: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile that may fit. ``because`` says why, in the words of the profile.

    ``score`` is from 0 to 1, and 1 is first in every list, with all that was asked for. ``good`` is false where too
    little of what was asked for is in the profile to ask somebody for it.
    """

    id: str
    score: float
    because: str
    good: bool


@dataclass(slots=True)
class _Known:
    """One profile, made ready."""

    counts: Counter[str]
    length: int
    sentences: tuple[tuple[Counter[str], int], ...]
    text: str
    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a request asks for: what each word and synonym weighs, and the synonyms that stand for a word."""

    weights: Mapping[str, float]
    words: Mapping[str, float]
    stands_for: Mapping[str, frozenset[str]]

    def covered_by(self, counts: Mapping[str, int]) -> float:
        """What part of the weight in words is there, itself or by a synonym: from 0 to 1."""
        whole = sum(self.words.values())
        has = 0.0
        for word, weight in self.words.items():
            if word in counts:
                has += weight
            elif any(mark in counts for mark in self.stands_for.get(word, ())):
                has += weight * SYNONYM
        return has / whole if whole else 0.0


class Matcher:
    """Every profile, ready to be searched. Profiles may be put, replaced and removed at any time.

    ``about`` tells the topics of a text, ``leaning`` those that its words lean to with how much (0 to 1), and ``names``
    gives the name of each topic.
    """

    def __init__(
        self,
        about: Callable[[str], Collection[str]],
        leaning: Callable[[str], Mapping[str, float]],
        names: Mapping[str, str],
        synonyms: Synonyms | None = None,
        similarity: Similarity | None = None,
    ) -> None:
        self._about = about
        self._leaning = leaning
        self._names = names
        self._synonyms = synonyms or Synonyms()
        self._similarity = similarity
        self._known: dict[str, _Known] = {}
        self._postings: dict[str, dict[str, int]] = {}
        self._by_topic: dict[str, dict[str, int]] = {}
        self._words = 0

    def __len__(self) -> int:
        return len(self._known)

    def topics_of(self, request: str) -> Collection[str]:
        """The ids of the topics that a request is about."""
        return self._about(request[:LONGEST])

    def put(self, profile: Profile) -> None:
        """Add a profile, or replace the one with its id."""
        self.remove(profile.id)
        known = self._read(profile)
        self._known[profile.id] = known
        self._words += known.length
        for term, number in known.counts.items():
            self._postings.setdefault(term, {})[profile.id] = number
        for topic in known.topics:
            self._by_topic.setdefault(topic, {})[profile.id] = 1

    def remove(self, profile_id: str) -> None:
        """Forget a profile, if it is there."""
        known = self._known.pop(profile_id, None)
        if known is None:
            return
        self._words -= known.length
        for of, index in ((known.counts, self._postings), (known.topics, self._by_topic)):
            for each in of:
                del index[each][profile_id]
                if not index[each]:
                    del index[each]

    def rank(
        self,
        request: str,
        *,
        limit: int = 10,
        busy: Mapping[str, int] | None = None,
        without: Collection[str] = (),
    ) -> tuple[Candidate, ...]:
        """The profiles that may fit, the best first; none where nobody has a word or a topic of the request.

        ``busy`` says how often somebody was asked lately. Whoever is in ``without`` is passed over. There is no good
        match where the first is not ``good``.
        """
        request = request[:LONGEST]
        wanted = self._wanted(request)
        topics = frozenset(self._about(request))
        whole = self._by_words(wanted, without)
        shared = self._by_topics({**self._leaning(needed(request)), **dict.fromkeys(topics, 1.0)}, without)
        closely = sorted({*_best(whole, LOOKED_AT_CLOSELY), *_best(shared, LOOKED_AT_CLOSELY)})
        covered = {each: wanted.covered_by(self._known[each].counts) for each in closely}
        # Where nobody has most of the words, it is what is shared that counts.
        sure = max(covered.values(), default=0.0)
        part = {each: 1 - COVERED + COVERED * covered[each] for each in closely}
        lists: list[tuple[float, Mapping[str, float]]] = [
            (WHOLE * sure, {each: whole[each] * part[each] for each in closely if each in whole}),
            (SENTENCE * sure, {each: self._best_sentence(each, wanted) * part[each] for each in closely}),
            (SHARED, {each: shared[each] for each in closely if each in shared}),
        ]
        if self._similarity and closely:
            near = self._similarity(request, {each: self._known[each].text for each in closely})
            lists.append((SIMILAR, {each: near[each] for each in closely if each in near}))
        stated = SURE_BY_TOPIC if any(topics & self._known[each].topics for each in closely) else 0.0
        strength = max(sure, stated)
        if not strength and not self._similarity:
            # Topics that a few words lean to support a match; they do not make one.
            return ()
        fused = {each: score * (strength or 1.0) for each, score in _fuse(lists).items()}
        for each, times in (busy or {}).items():
            if each in fused:
                fused[each] /= 1 + BUSY * times
        return tuple(self._candidate(each, fused[each], covered[each], wanted, topics) for each in _best(fused, limit))

    def _wanted(self, request: str) -> _Wanted:
        said = terms(needed(request))
        telling_words = telling(said)
        if not telling_words:
            said = telling_words = terms(request)
        words = {word: self._rarity(word) * (FAINT if faint(word) else 1) for word in dict.fromkeys(telling_words)}
        weights = dict(words)
        stands_for: dict[str, frozenset[str]] = {}
        for mark, start, end in self._synonyms.found(said):
            if mark in self._postings:
                weights[mark] = max(
                    weights.get(mark, 0.0), SYNONYM * self._rarity(mark) * (1 + PHRASE * (end - start - 1))
                )
                for word in said[start:end]:
                    stands_for[word] = stands_for.get(word, frozenset()) | {mark}
        return _Wanted(weights, words, stands_for)

    def _read(self, profile: Profile) -> _Known:
        text = profile.text[:LONGEST]
        # A topic that has no name here still says something by its id.
        named = " ".join(self._names.get(topic, topic.replace("_", " ")) for topic in profile.topics)
        sentences = [self._counted(sentence) for sentence in _SENTENCES.split(text)]
        counts = Counter[str]()
        length = 0
        for more, words in (*sentences, self._counted(profile.organisation[:LONGEST]), self._counted(named)):
            counts.update(more)
            length += words
        return _Known(
            counts,
            length,
            tuple((sentence, words) for sentence, words in sentences if words),
            f"{text} {profile.organisation}",
            frozenset((*profile.topics, *self._about(text))),
        )

    def _counted(self, text: str) -> tuple[Counter[str], int]:
        """The words and synonyms of a text, and the number of its words."""
        said = terms(text)
        marks = {mark for mark, _, _ in self._synonyms.found(said)}
        return Counter((*said, *marks)), len(said)

    def _rarity(self, term: str) -> float:
        return self._rarity_of(len(self._postings.get(term, ())))

    def _rarity_of(self, having: int) -> float:
        """The weight of something that so many profiles have: the inverse document frequency, never below nought."""
        return math.log(1 + (len(self._known) - having + 0.5) / (having + 0.5))

    def _by_words(self, wanted: _Wanted, without: Collection[str]) -> dict[str, float]:
        average = self._words / len(self._known) if self._words else 1.0
        fixed, by_length = K1 * (1 - B), K1 * B / average
        known = self._known

        def points(having: Having, each: str, weight: float) -> float:
            number = having[each]
            return weight * number * (K1 + 1) / (number + fixed + by_length * known[each].length)

        lists = [(self._postings[term], weight) for term, weight in wanted.weights.items() if term in self._postings]
        return self._added_up(lists, points, without)

    def _by_topics(self, topics: Mapping[str, float], without: Collection[str]) -> dict[str, float]:
        having = [(self._by_topic[topic], worth) for topic, worth in topics.items() if topic in self._by_topic]
        weighed = [(each, worth * self._rarity_of(len(each))) for each, worth in having]
        return self._added_up(weighed, lambda _, __, weight: weight, without)

    def _added_up(
        self,
        lists: Sequence[tuple[Having, float]],
        points: Callable[[Having, str, float], float],
        without: Collection[str],
    ) -> dict[str, float]:
        """The points of every profile over these lists, the rarest first.

        What very many have says little of any: once there are enough profiles to look at closely, it only adds to them.
        """
        scores: dict[str, float] = {}
        for having, weight in sorted(lists, key=lambda pair: len(pair[0])):
            common = len(having) * COMMON > len(self._known) and len(scores) >= LOOKED_AT_CLOSELY
            for each in [one for one in scores if one in having] if common else having:
                scores[each] = scores.get(each, 0.0) + points(having, each, weight)
        for each in without:
            scores.pop(each, None)
        return scores

    def _best_sentence(self, profile_id: str, wanted: _Wanted) -> float:
        best = 0.0
        weights = wanted.weights
        for counts, length in self._known[profile_id].sentences:
            norm = K1 * (1 - B + B * length / SENTENCE_LENGTH)
            has = [term for term in weights if term in counts]
            best = max(best, sum(weights[term] * counts[term] * (K1 + 1) / (counts[term] + norm) for term in has))
        return best

    def _candidate(
        self, profile_id: str, score: float, covered: float, wanted: _Wanted, topics: Collection[str]
    ) -> Candidate:
        known = self._known[profile_id]
        said = self._quotes(known.text, wanted.weights)
        share = [topic for topic in sorted(known.topics.intersection(topics)) if topic in self._names]
        reasons = [f"writes {', '.join(f'“{each}”' for each in said)}"] if said else []
        if share:
            reasons.append(f"is about {', '.join(self._names[topic] for topic in share)}")
        good = covered >= GOOD_ENOUGH or bool(share)
        return Candidate(profile_id, round(score, 6), "; ".join(reasons) or "has topics near to what is asked", good)

    def _quotes(self, text: str, weights: Mapping[str, float]) -> list[str]:
        """The words of a profile that match, as they stand there, the weightiest first."""
        shown = [(match.start(), match.end(), term) for match in _SHOWN.finditer(text) for term in terms(match[0])]
        said = [term for _, _, term in shown]
        found: dict[str, tuple[float, int]] = {}
        spans = [(term, at, at + 1) for at, term in enumerate(said)] + list(self._synonyms.found(said))
        for term, start, end in spans:
            if term in weights:
                quote = " ".join(text[shown[start][0] : shown[end - 1][1]].split())
                found.setdefault(quote, (-weights[term], start))
        # “NHS” goes without saying beside “NHS England”.
        longest = [
            quote for quote in found if not any(f" {quote} " in f" {other} " for other in found if other != quote)
        ]
        return sorted(longest, key=lambda quote: found[quote])[:_QUOTED_AT_MOST]


def matcher_for(tagger: Tagger, synonyms: Iterable[Sequence[str]], similarity: Similarity | None = None) -> Matcher:
    """An empty matcher that knows the tagger's topics, and groups of phrases that mean much the same."""
    names = {topic.id: topic.name for topic in tagger.taxonomy.topics}
    return Matcher(tagger.about, Leaning(tagger.taxonomy), names, Synonyms(synonyms), similarity)


def _fuse(lists: Iterable[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    """Reciprocal rank fusion, so that being first in every list is 1. Whoever has the same score has the same place."""
    lists = [(worth, {each: score for each, score in scores.items() if score > 0}) for worth, scores in lists]
    most = sum(worth for worth, scores in lists if scores) or 1.0
    fused: dict[str, float] = {}
    for worth, scores in lists:
        place, last = 0, math.inf
        for number, each in enumerate(_best(scores, len(scores)), start=1):
            if scores[each] < last:
                place, last = number, scores[each]
            fused[each] = fused.get(each, 0.0) + worth / most * (RANK_CONSTANT + 1) / (RANK_CONSTANT + place)
    return fused


def _best(scores: Mapping[str, float], limit: int) -> list[str]:
    """The ids with the highest scores, the highest first, and in their own order where the scores are equal."""
    if limit < len(scores):
        least = heapq.nlargest(limit, scores.values())[-1] if limit > 0 else math.inf
        best = sorted(each for each, score in scores.items() if score >= least)
    else:
        best = sorted(scores)
    best.sort(key=scores.__getitem__, reverse=True)
    return best[: max(limit, 0)]
