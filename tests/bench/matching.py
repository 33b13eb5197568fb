"""How well and how fast people are matched, beside plain BM25 and SQLite FTS5: ``python tests/bench/matching.py``.

Profiles, requests and grades (2: just whom one would ask; 1: could help) are fictional and stand in ``matching_data``.
The matcher was tuned on ``requests.jsonl`` and with an eye on ``requests2.jsonl``; ``unseen.jsonl`` was written after
that and changed nothing. All three are by the same hand. ``nobody.jsonl`` asks for what nobody there does. For the
time, profiles are put together from sentences of those 60.
"""

from __future__ import annotations

import json
import math
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bot.introductions.matching import Matcher, Profile, matcher_for
from config.synonyms import load_synonyms
from config.topics import load_taxonomy
from digests.search import terms
from digests.tagging import Tagger

DATA = Path(__file__).with_name("matching_data")
SETS = (
    ("40 requests, tuned on", "requests.jsonl"),
    ("30 more, looked at while tuning", "requests2.jsonl"),
    ("20 unseen", "unseen.jsonl"),
)
FIRST = 5
SIZES = (100, 1_000, 10_000)
MOST_MS = 10.0
Search = Callable[[str], Sequence[str]]


def rows(name: str) -> list[dict[str, Any]]:
    """The objects of a file of JSON Lines."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def plain_bm25(profiles: Sequence[Profile], names: Mapping[str, str]) -> Search:
    """Okapi BM25 as it stands in textbooks, over the same stems of the same text."""
    counts = {each.id: Counter(terms(_everything(each, names))) for each in profiles}
    average = sum(count.total() for count in counts.values()) / len(counts)
    having = Counter(term for count in counts.values() for term in count)

    def score(count: Counter[str], term: str) -> float:
        rarity = math.log(1 + (len(counts) - having[term] + 0.5) / (having[term] + 0.5))
        return rarity * count[term] * 2.2 / (count[term] + 1.2 * (0.25 + 0.75 * count.total() / average))

    def search(request: str) -> list[str]:
        wanted = set(terms(request))
        scores = {each: sum(score(count, term) for term in wanted if term in count) for each, count in counts.items()}
        return [each for each in sorted(scores, key=lambda one: (-scores[one], one)) if scores[each] > 0][:FIRST]

    return search


def fts5(profiles: Sequence[Profile], names: Mapping[str, str]) -> Search:
    """SQLite FTS5 with its Porter stemmer and its own bm25, asked for any of the words."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE profiles USING fts5(id UNINDEXED, body, tokenize='porter unicode61')")
    database.executemany(
        "INSERT INTO profiles VALUES (?, ?)", [(each.id, _everything(each, names)) for each in profiles]
    )

    def search(request: str) -> list[str]:
        words = "".join(c if c.isalnum() else " " for c in request).split()
        query = " OR ".join(f'"{word}"' for word in words)
        found = database.execute(
            "SELECT id FROM profiles WHERE profiles MATCH ? ORDER BY bm25(profiles), id LIMIT ?", (query, FIRST)
        )
        return [each for (each,) in found]

    return search


def _everything(profile: Profile, names: Mapping[str, str]) -> str:
    return "\n".join((profile.text, profile.organisation, *(names[topic] for topic in profile.topics)))


def quality(search: Search, requests: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """nDCG@5 and recall@5, each the mean over the requests."""
    gains = recalls = 0.0
    for request in requests:
        grades = request["grades"]
        got = [grades.get(each, 0) for each in search(request["text"])[:FIRST]]
        gains += _dcg(got) / _dcg(sorted(grades.values(), reverse=True)[:FIRST])
        recalls += sum(grade > 0 for grade in got) / min(FIRST, len(grades))
    return gains / len(requests), recalls / len(requests)


def _dcg(grades: Sequence[int]) -> float:
    return float(sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades)))


def milliseconds(search: Search, requests: Sequence[str]) -> tuple[float, float, float]:
    """The median by the clock; by processor time, the median and what 19 of 20 stay below."""
    by_clock, by_processor = [], []
    for request in requests:
        clock, processor = time.perf_counter(), time.process_time()
        search(request)
        by_processor.append((time.process_time() - processor) * 1000)
        by_clock.append((time.perf_counter() - clock) * 1000)
    return median(by_clock), median(by_processor), sorted(by_processor)[int(len(by_processor) * 0.95)]


def grown(profiles: Sequence[Profile], number: int) -> list[Profile]:
    """So many profiles, each of three sentences and the topics of as many people: always the same."""
    chance = random.Random(6)
    made = []
    for at in range(number):
        some = chance.sample(list(profiles), 3)
        text = " ".join(each.text.split(". ")[0].rstrip(".") + "." for each in some)
        topics = tuple(dict.fromkeys(topic for each in some for topic in each.topics))[:3]
        made.append(Profile(f"g{at:05}", text, some[0].organisation, topics))
    return made


def main() -> int:
    """Measure, print, and fail where Convenor is not better than both others."""
    taxonomy = load_taxonomy()
    names = {topic.id: topic.name for topic in taxonomy.topics}
    tagger = Tagger(taxonomy)
    profiles = [
        Profile(row["id"], row["text"], row["organisation"], tuple(row["topics"])) for row in rows("profiles.jsonl")
    ]

    def ours(known: Sequence[Profile]) -> tuple[Matcher, Search]:
        matcher = matcher_for(tagger, load_synonyms())
        for each in known:
            matcher.put(each)
        return matcher, lambda request: [each.id for each in matcher.rank(request, limit=FIRST)]

    matcher, convenor = ours(profiles)
    searches = {"Convenor": convenor, "plain BM25": plain_bm25(profiles, names), "SQLite FTS5": fts5(profiles, names)}
    better = True
    for title, file in SETS:
        requests = rows(file)
        found = {name: quality(search, requests) for name, search in searches.items()}
        print(f"{title}:")
        for name, (gain, recall) in found.items():
            ratio = found["Convenor"][0] / gain
            print(
                f"  {name:12} nDCG@5 {gain:.3f}  recall@5 {recall:.3f}  (Convenor's nDCG@5 is {ratio:.2f} times this)"
            )
        better = better and all(found["Convenor"][0] >= other[0] for other in found.values())
        said = sum(not any(each.good for each in matcher.rank(row["text"])) for row in requests)
        print(f"  No good match said, though there is one: {said} of {len(requests)}")
    nobody = rows("nobody.jsonl")
    said = sum(not any(each.good for each in matcher.rank(row["text"])) for row in nobody)
    print(f"Nobody fits: No good match said {said} times of {len(nobody)}")

    asked = [row["text"] for _, file in SETS for row in rows(file)]
    print(f"Milliseconds a request (by the clock; by processor time, 19 of 20 below), aim {MOST_MS:.0f} at 10,000:")
    for size in SIZES:
        many = grown(profiles, size)
        start = time.process_time()
        searches = {"Convenor": ours(many)[1]}
        put = (time.process_time() - start) * 1_000_000 / size
        searches |= {"SQLite FTS5": fts5(many, names)}
        if size <= 1_000:
            searches |= {"plain BM25": plain_bm25(many, names)}
        for name, search in searches.items():
            clock, middle, nearly_all = milliseconds(search, asked)
            beside = f"  ({put:.0f} µs to put a profile)" if name == "Convenor" else ""
            print(f"  {size:6,} profiles  {name:12} {clock:6.2f}  {middle:6.2f}  {nearly_all:6.2f}{beside}")
    return 0 if better else 1


if __name__ == "__main__":
    sys.exit(main())
