"""What editors' corrections make of a tagging, and which rules earn their place by them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from digests.model import Correction, FieldName, Item, Tag, TaggedItem, Tagging, Verdict

ENOUGH = 5
"""With fewer verdicts than this, a rule's precision says nothing."""

BY_AN_EDITOR = "An editor marked it as relevant."
NOT_BY_AN_EDITOR = "An editor marked it as not relevant."


def corrected(tagging: Tagging, corrections: Iterable[Correction]) -> Tagging:
    """What the rules say of an item, and after it the editors, whose last word on each thing counts.

    ``tagging`` is the rules' own. What an editor said outlasts them: a tag that was called right or missing stays
    although no rule gives it any more, and one that was called wrong does not come back. Whoever gives an item a
    topic makes it relevant.
    """
    relevant: Verdict | None = None
    words: dict[str, Verdict] = {}
    for correction in corrections:
        if correction.verdict.is_of_topic:
            words[correction.topic_id] = correction.verdict
            relevant = relevant if correction.verdict is Verdict.WRONG else Verdict.RELEVANT
        else:
            relevant = correction.verdict
    if relevant is Verdict.NOT_RELEVANT:
        return replace(tagging, relevant=False, gate=NOT_BY_AN_EDITOR, tags=())
    kept = [tag for tag in tagging.tags if words.get(tag.topic_id) is not Verdict.WRONG]
    given = [topic for topic, word in words.items() if word is not Verdict.WRONG and topic not in tagging.topic_ids]
    tags = (*kept, *(Tag(topic, "", FieldName.EDITOR, "") for topic in given))
    if relevant is Verdict.RELEVANT and not tagging.relevant:
        return replace(tagging, relevant=True, gate=BY_AN_EDITOR, tags=tags)
    return replace(tagging, tags=tags if tagging.relevant else ())


def correction_of(tagged: TaggedItem, verdict: Verdict, topic_id: str = "") -> tuple[Verdict, str]:
    """The verdict that a press means, and the rule that it speaks of.

    To add a topic that the item has is to call its tag right; to call right what it does not have is to add it.
    """
    if not verdict.is_of_topic:
        return verdict, ""
    tag = next((tag for tag in tagged.tagging.tags if tag.topic_id == topic_id), None)
    if verdict is Verdict.WRONG:
        return verdict, tag.rule if tag else ""
    by_rule = tag is not None and tag.field is not FieldName.EDITOR
    return (Verdict.RIGHT, tag.rule) if tag and by_rule else (Verdict.MISSING, "")


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """How a rule has done: on how many items it stands now, and what editors said of its tags."""

    topic_id: str
    rule: str
    standing: int
    right: int
    wrong: int

    @property
    def precision(self) -> float | None:
        """The share of its judged tags that are right; None where too few were judged to say."""
        judged = self.right + self.wrong
        return self.right / judged if judged >= ENOUGH else None


def records(standing: Mapping[tuple[str, str], int], corrections: Sequence[Correction]) -> list[RuleRecord]:
    """Every rule that stands on an item or was judged, the most often wrong first.

    ``standing`` counts the items on which a (topic, rule) stands. Of several words on one tag of an item only the
    last counts, whoever said it.
    """
    last: dict[tuple[str, str], Correction] = {}
    for correction in corrections:
        if correction.verdict in (Verdict.RIGHT, Verdict.WRONG) and correction.rule:
            last[correction.item_id, correction.topic_id] = correction
    said = Counter((each.topic_id, each.rule, each.verdict) for each in last.values())
    judged = {(each.topic_id, each.rule) for each in last.values()}
    rules = sorted({*(key for key in standing if key[1]), *judged})
    found = [
        RuleRecord(
            topic_id,
            rule,
            standing.get((topic_id, rule), 0),
            said[topic_id, rule, Verdict.RIGHT],
            said[topic_id, rule, Verdict.WRONG],
        )
        for topic_id, rule in rules
    ]
    return sorted(found, key=lambda record: (-record.wrong, -record.standing))


def export_lines(corrections: Sequence[Correction], items: Mapping[str, Item]) -> Iterator[str]:
    """JSON Lines, one for each correction whose item is known: what was judged, never by whom."""
    for correction in corrections:
        item = items.get(correction.item_id)
        if item is None:
            continue
        yield json.dumps(
            {
                "item": item.id,
                "url": item.url,
                "title": item.title,
                "summary": item.summary,
                "publisher": item.publisher,
                "kind": item.kind.value,
                "kind_because": item.kind_because,
                "verdict": correction.verdict.value,
                "topic": correction.topic_id,
                "rule": correction.rule,
                "rules_version": correction.rules_version,
                "at": correction.at.isoformat(),
            },
            ensure_ascii=False,
        )
