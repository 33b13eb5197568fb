"""How right and how fast the tagger is: run it as ``python tests/bench/tagging.py [labelled.jsonl]``.

Reads lines of ``{"title", "summary", "publisher", "url", "topics", "relevant"}`` labelled by people. A topic counts as
given only where the gate lets the item through. Speed is told beside a plain list of keywords in the same run.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from config.topics import load_taxonomy
from digests.tagging import Tagger

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data" / "gold-dev.jsonl"

# What somebody would write in an afternoon: words looked for anywhere in the small letters of title and summary.
KEYWORDS = {
    "ai_regulation_safety": ["ai safety", "ai regulation", "frontier ai", "ai summit", "foundation model"],
    "ai_public_services": ["ai in government", "ai playbook", "civil service ai", "public sector ai", "redbox"],
    "ai_industry_growth": ["ai opportunities", "ai sector", "ai adoption", "growth zone", "compute"],
    "algorithmic_transparency_adm": ["algorithm", "automated decision", "atrs"],
    "data_protection_privacy": ["data protection", "gdpr", "privacy", "personal data", "information commissioner"],
    "data_sharing_reuse": ["data sharing", "data library", "smart data", "share data", "data linkage"],
    "health_data": ["patient data", "health data", "medical record", "federated data platform", "biobank"],
    "education_children_data": ["edtech", "pupil data", "school data", "ai in education", "ai in schools"],
    "policing_biometrics": ["facial recognition", "biometric", "cctv", "predictive policing", "surveillance camera"],
    "justice_immigration": ["horizon", "evisa", "computer evidence", "electronic monitoring", "court data"],
    "welfare_automation": ["universal credit", "benefit fraud", "dwp", "eligibility verification", "claimant"],
    "procurement_suppliers": ["procurement", "palantir", "supplier", "fujitsu", "contract"],
    "digital_identity": ["digital id", "one login", "identity verification", "id card", "trust framework"],
    "work_unions": ["workers", "trade union", "labour market", "workplace", "gig economy"],
    "public_participation": ["public attitudes", "citizens' assembl", "public dialogue", "deliberative", "panel"],
    "open_data_foi_statistics": ["open data", "freedom of information", "statistic", "census", "geospatial"],
    "online_safety": ["online safety", "social media", "ofcom", "age verification", "online harm"],
    "misinformation_elections": ["disinformation", "misinformation", "deepfake", "election", "fake news"],
    "ai_copyright": ["copyright", "text and data mining", "rights holders", "creative industries", "ai training"],
    "digital_competition": ["digital markets", "competition and markets", "big tech", "app store", "merger"],
    "cyber_infrastructure": ["cyber", "data centre", "ransomware", "broadband", "outage"],
    "digital_government_inclusion": ["digital inclusion", "digital government", "legacy it", "digital skills", "gds"],
    "international": ["summit", "united nations", "council of europe", "eu ", "international"],
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """An item with what people said of it."""

    id: str
    title: str
    summary: str
    publisher: str
    url: str
    topics: frozenset[str]
    relevant: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Right, wrong and missed, counted."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Of what was said, the share that is right."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        """Of what is true, the share that was said."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read(path: Path) -> list[Labelled]:
    """The labelled items of a file."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return [
        Labelled(
            str(row.get("id", "")),
            row["title"],
            row.get("summary") or "",
            row.get("publisher") or "",
            row.get("url") or "",
            frozenset(row.get("topics") or ()),
            bool(row["relevant"]),
        )
        for row in rows
    ]


def score(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> dict[str, Score]:
    """Scores by topic from (true, said) sets."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for true, said in pairs:
        right.update(true & said)
        wrong.update(said - true)
        missed.update(true - said)
    return {topic: Score(right[topic], wrong[topic], missed[topic]) for topic in sorted({*right, *wrong, *missed})}


def total(scores: Iterable[Score]) -> Score:
    """All counts together: what micro-averaging is made of."""
    listed = list(scores)
    return Score(sum(s.right for s in listed), sum(s.wrong for s in listed), sum(s.missed for s in listed))


def said(tagger: Tagger, item: Labelled) -> frozenset[str]:
    """The topics that the tagger gives to an item that it holds relevant."""
    tagging = tagger.tag(item.title, item.summary, item.publisher, item.url)
    return frozenset(tagging.topic_ids) if tagging.relevant else frozenset()


def relevance_score(items: Sequence[Labelled], tagger: Tagger) -> Score:
    """How right the gate is, whatever the topics."""
    pairs = Counter(
        (item.relevant, tagger.tag(item.title, item.summary, item.publisher, item.url).relevant) for item in items
    )
    return Score(right=pairs[True, True], wrong=pairs[False, True], missed=pairs[True, False])


def keyword_topics(item: Labelled) -> frozenset[str]:
    """What the plain list of keywords says."""
    text = f"{item.title}\n{item.summary}".lower()
    return frozenset(topic for topic, words in KEYWORDS.items() if any(word in text for word in words))


def per_second(work: Callable[[Labelled], object], items: Sequence[Labelled], rounds: int = 5) -> float:
    """Items a second of processor time in the best of a few rounds, so that other programs do not count."""
    seconds = []
    for _ in range(rounds):
        began = time.process_time()
        for item in items:
            work(item)
        seconds.append(time.process_time() - began)
    return len(items) / min(seconds) if min(seconds) else 0.0


def main(arguments: Sequence[str]) -> int:
    """Prints the report. Returns 2 where the labelled items are missing."""
    path = Path(arguments[0]) if arguments else DEFAULT
    if not path.exists():
        print(f"There are no labelled items at {path}. Give the path of a file of labelled lines.")
        return 2
    items = read(path)
    if not items:
        print(f"There are no labelled items in {path}.")
        return 2
    tagger = Tagger(load_taxonomy())

    by_topic = score((item.topics, said(tagger, item)) for item in items)
    micro = total(by_topic.values())
    labelled = [topic for topic, s in by_topic.items() if s.right + s.missed]
    macro = sum(by_topic[topic].f1 for topic in labelled) / len(labelled) if labelled else 0.0
    relevance = relevance_score(items, tagger)
    plain = total(score((item.topics, keyword_topics(item)) for item in items).values())

    print(f"{len(items)} items from {path.name}, rules {tagger.taxonomy.version}\n")
    print(f"{'topic':32}{'labels':>8}{'precision':>11}{'recall':>8}{'F1':>7}")
    for topic, s in by_topic.items():
        print(f"{topic:32}{s.right + s.missed:8}{s.precision:11.2f}{s.recall:8.2f}{s.f1:7.2f}")
    print(f"\ntopics     {_line(micro)}, macro-F1 {macro:.3f}")
    print(f"relevance  recall {relevance.recall:.3f}, precision {relevance.precision:.3f}")
    print(f"keywords   {_line(plain)}")
    enough = items * (1 + 2_000 // len(items))
    speed = per_second(partial(said, tagger), enough)
    plain_speed = per_second(keyword_topics, enough)
    print(f"\nspeed      {speed:,.0f} items a second on one core")
    print(f"keywords   {plain_speed:,.0f} items a second; the tagger runs at {speed / plain_speed:.2f} of that")
    return 0


def _line(counted: Score) -> str:
    return f"micro-F1 {counted.f1:.3f} (precision {counted.precision:.3f}, recall {counted.recall:.3f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
