"""What a learned tagger says of labelled items: TF-IDF and logistic regression, each fifth judged by the other four.

Run by ``tests/bench/tagging.py`` in the Python of the benchmark's own environment, the one place with scikit-learn.
Reads a file of labelled lines and prints one JSON object: ``topics`` and ``relevant`` by line, and ``items_a_second``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

FOLDS = 5


def main(path: str) -> None:
    """Prints what the learned tagger says of every line of this file, none of which it has seen when it is asked."""
    from sklearn.model_selection import KFold  # type: ignore[import-not-found]

    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = [" ".join(row.get(field) or "" for field in ("title", "summary", "publisher")) for row in rows]
    known = sorted({topic for row in rows for topic in row.get("topics") or ()})
    topics: list[list[str]] = [[] for _ in rows]
    relevant = [False] * len(rows)
    seconds = 0.0
    for taught, asked in KFold(FOLDS, shuffle=True, random_state=0).split(texts):
        lessons = [texts[at] for at in taught]
        questions = [texts[at] for at in asked]
        gate = _learner([bool(rows[at]["relevant"]) for at in taught], lessons)
        judges = {
            topic: _learner([topic in (rows[at].get("topics") or ()) for at in taught], lessons) for topic in known
        }
        began = time.process_time()
        passed = gate(questions)
        said = {topic: judge(questions) for topic, judge in judges.items()}
        seconds += time.process_time() - began
        for number, at in enumerate(asked):
            relevant[at] = bool(passed[number])
            topics[at] = [topic for topic in known if passed[number] and said[topic][number]]
    print(json.dumps({"topics": topics, "relevant": relevant, "items_a_second": len(rows) / seconds}))


def _learner(labels: list[bool], texts: list[str]) -> Any:
    """A function from texts to yes or no, learned from these. Where all labels are alike, it always says that."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-not-found]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-not-found]

    if len(set(labels)) == 1:
        return lambda asked: [labels[0]] * len(asked)
    # Few of the labels are yes: without the balance, the learner would hardly ever say it.
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    return (
        make_pipeline(words, LogisticRegression(C=10, class_weight="balanced", max_iter=1_000))
        .fit(texts, labels)
        .predict
    )


if __name__ == "__main__":
    main(sys.argv[1])
