"""How right and how fast the tagger is: run it as ``python tests/bench/tagging.py [labelled.jsonl] [--peer PYTHON]``.

Reads lines of ``{"title", "summary", "publisher", "url", "topics", "relevant"}`` labelled by people. A topic counts as
given only where the gate lets the item through, and only where the labels know it. Beside the tagger, in the same run:
a plain list of keywords, and TF-IDF with logistic regression where ``--peer`` names a Python that has scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from config.topics import load_taxonomy
from digests.tagging import Tagger

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "data" / "gold-dev.jsonl"
LEARNED = Path(__file__).with_name("learned_tagger.py")

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


def topic_scores(items: Sequence[Labelled], topics: Sequence[frozenset[str]]) -> dict[str, Score]:
    """Scores by topic of what was said of each item. What the labels do not know can be neither right nor wrong."""
    known = known_topics(items)
    return score((item.topics, said & known) for item, said in zip(items, topics, strict=True))


def known_topics(items: Sequence[Labelled]) -> frozenset[str]:
    """The topics that the labellers used."""
    return frozenset(topic for item in items for topic in item.topics)


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
    return yes_no_score(
        items, [tagger.tag(item.title, item.summary, item.publisher, item.url).relevant for item in items]
    )


def yes_no_score(items: Sequence[Labelled], relevant: Sequence[bool]) -> Score:
    """How right these answers are to whether each item is relevant."""
    pairs = Counter((item.relevant, answer) for item, answer in zip(items, relevant, strict=True))
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


def learned(python: str, path: Path) -> dict[str, Any] | None:
    """What the learned tagger says, run by that Python; None, after a sentence about it, where it cannot run."""
    try:
        done = subprocess.run([python, LEARNED, path], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1]
        print(f"TF-IDF     not measured: {said}. Give --peer a Python with tests/bench/requirements.in installed.")
        return None
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def main(arguments: Sequence[str]) -> int:
    """Prints the report. Returns 2 where the labelled items are missing."""
    options = _options(arguments)
    path: Path = options.labelled
    if not path.exists():
        print(f"There are no labelled items at {path}. Give the path of a file of labelled lines.")
        return 2
    items = read(path)
    if not items:
        print(f"There are no labelled items in {path}.")
        return 2
    tagger = Tagger(load_taxonomy())
    topics = [said(tagger, item) for item in items]
    by_topic = topic_scores(items, topics)

    print(f"{len(items)} items from {path.name}, rules {tagger.taxonomy.version}\n")
    _print_table(by_topic)
    _print_unknown(items, topics)
    print(f"\n{'':11}{'micro-F1':>9}{'precision':>11}{'recall':>8}{'macro-F1':>10}{'gate precision':>17}{'recall':>8}")
    print(_line("rules", by_topic, relevance_score(items, tagger)))
    print(_line("keywords", topic_scores(items, [keyword_topics(item) for item in items]), None))
    peer = learned(options.peer, path)
    if peer:
        answers = topic_scores(items, [frozenset(each) for each in peer["topics"]])
        print(_line("TF-IDF", answers, yes_no_score(items, peer["relevant"])))
        print("TF-IDF is TF-IDF with logistic regression, each fifth of the items judged by what the others taught.")

    enough = items * (1 + 2_000 // len(items))
    speed = per_second(partial(said, tagger), enough)
    plain_speed = per_second(keyword_topics, enough)
    print(f"\nspeed      {speed:,.0f} items a second on one core")
    print(f"keywords   {plain_speed:,.0f} items a second; the tagger runs at {speed / plain_speed:.2f} of that")
    if peer:
        print(f"TF-IDF     {peer['items_a_second']:,.0f} items a second, after it has learned")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How right and how fast the tagger is.")
    parser.add_argument("labelled", nargs="?", type=Path, default=DEFAULT, help="a file of labelled lines")
    parser.add_argument("--peer", default=sys.executable, help="a Python that has scikit-learn")
    return parser.parse_args(arguments)


def _print_table(by_topic: dict[str, Score]) -> None:
    print(f"{'topic':32}{'labelled':>9}{'given':>7}{'right':>7}{'precision':>11}{'recall':>8}{'F1':>7}")
    for topic, s in by_topic.items():
        counts = f"{s.right + s.missed:9}{s.right + s.wrong:7}{s.right:7}"
        print(f"{topic:32}{counts}{s.precision:11.2f}{s.recall:8.2f}{s.f1:7.2f}")


def _print_unknown(items: Sequence[Labelled], topics: Sequence[frozenset[str]]) -> None:
    """Says which topics were given that the labels do not know, so that nobody thinks they were measured."""
    unknown = Counter(topic for said in topics for topic in said - known_topics(items))
    if unknown:
        listed = ", ".join(f"{topic} ({count})" for topic, count in sorted(unknown.items()))
        print(f"\nNot counted, because the labels do not use them: {listed}.")


def _line(name: str, by_topic: dict[str, Score], relevance: Score | None) -> str:
    micro = total(by_topic.values())
    labelled = [s.f1 for s in by_topic.values() if s.right + s.missed]
    macro = sum(labelled) / len(labelled) if labelled else 0.0
    gate = f"{relevance.precision:17.3f}{relevance.recall:8.3f}" if relevance else f"{'has no gate':>25}"
    return f"{name:11}{micro.f1:9.3f}{micro.precision:11.3f}{micro.recall:8.3f}{macro:10.3f}{gate}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
