"""Labelled pairs of titles: which are one story. Half of those that are not differ by a number, a stage or a name."""

from __future__ import annotations

import json
from pathlib import Path

from digests.model import Group, Kind
from digests.stories import group
from tests.builders import NOW, a_tagged_item

PAIRS = [
    json.loads(line)
    for line in Path(__file__).with_name("story_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    if line
]


def are_one_story(pair: dict[str, object]) -> bool:
    """Whether the two titles, from two publishers on one day, become one story, whichever comes first."""
    one_kind, other_kind = (Kind(kind) for kind in pair["kinds"])  # type: ignore[attr-defined]
    one = a_tagged_item(1, title=pair["one"], kind=one_kind, published_at=NOW)
    other = a_tagged_item(
        2,
        title=pair["other"],
        kind=other_kind,
        published_at=NOW,
        publisher="Example Regulator",
        group=Group.REGULATORS,
    )
    verdict = len(group([one, other])) == 1
    assert verdict == (len(group([other, one])) == 1)
    return verdict


def test_there_are_sixty_pairs_half_of_them_hard_negatives() -> None:
    assert len(PAIRS) == 60
    assert sum(pair["same"] for pair in PAIRS) == 30
    assert len({(pair["one"], pair["other"], *pair["kinds"]) for pair in PAIRS}) == 60


def test_no_two_stories_are_ever_told_as_one() -> None:
    assert [pair for pair in PAIRS if not pair["same"] and are_one_story(pair)] == []


def test_nine_of_ten_pairs_that_are_one_story_are_found() -> None:
    true = [pair for pair in PAIRS if pair["same"]]
    found = sum(are_one_story(pair) for pair in true)
    missed = [pair["one"] for pair in true if not are_one_story(pair)]
    assert found / len(true) >= 0.9, missed
