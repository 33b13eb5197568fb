"""What an editor's word does to tags, and what it says of the rules."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from digests.corrections import BY_AN_EDITOR, RuleRecord, corrected, correction_of, export_lines, records
from digests.model import Correction, FieldName, TaggedItem, Verdict
from tests.builders import NOW, a_tagging, an_item

ITEM = an_item(1)
RULED = a_tagging("health", "skills")


def word(verdict: Verdict, topic: str = "", *, item: str = ITEM.id, rule: str = "", member: str = "bob") -> Correction:
    return Correction(item, member, NOW, verdict, topic, rule, "rules-1")


def test_a_wrong_tag_goes_and_the_others_stay() -> None:
    assert corrected(RULED, [word(Verdict.WRONG, "health")]).topic_ids == ("skills",)


def test_a_missing_topic_is_added_in_the_editors_name() -> None:
    after = corrected(RULED, [word(Verdict.MISSING, "ai_copyright")])
    assert after.topic_ids == ("health", "skills", "ai_copyright")
    assert after.tags[-1].field is FieldName.EDITOR
    assert after.tags[-1].because == "an editor says so"


def test_a_topic_makes_an_item_relevant_that_the_rules_passed_over() -> None:
    after = corrected(a_tagging(relevant=False), [word(Verdict.MISSING, "health")])
    assert (after.relevant, after.gate, after.topic_ids) == (True, BY_AN_EDITOR, ("health",))


def test_what_is_not_relevant_has_no_tags() -> None:
    after = corrected(RULED, [word(Verdict.RIGHT, "health"), word(Verdict.NOT_RELEVANT)])
    assert (after.relevant, after.tags) == (False, ())


@pytest.mark.parametrize(
    ("words", "topics"),
    [
        ([(Verdict.WRONG, "health"), (Verdict.RIGHT, "health")], ("health", "skills")),
        ([(Verdict.MISSING, "health"), (Verdict.WRONG, "health")], ("skills",)),
        ([(Verdict.NOT_RELEVANT, ""), (Verdict.RELEVANT, "")], ("health", "skills")),
        ([(Verdict.NOT_RELEVANT, ""), (Verdict.MISSING, "ai")], ("health", "skills", "ai")),
    ],
)
def test_the_last_word_counts(words: list[tuple[Verdict, str]], topics: tuple[str, ...]) -> None:
    after = corrected(RULED, [word(verdict, topic) for verdict, topic in words])
    assert (after.relevant, after.topic_ids) == (True, topics)


def test_a_tag_that_was_called_right_outlasts_its_rule() -> None:
    assert corrected(a_tagging("skills"), [word(Verdict.RIGHT, "health")]).topic_ids == ("skills", "health")


def test_a_word_against_a_tag_says_nothing_of_relevance() -> None:
    after = corrected(a_tagging(relevant=False), [word(Verdict.WRONG, "health")])
    assert (after.relevant, after.tags) == (False, ())


@pytest.mark.parametrize(
    ("verdict", "topic", "meant"),
    [
        (Verdict.WRONG, "health", (Verdict.WRONG, "health-1")),
        (Verdict.WRONG, "ai", (Verdict.WRONG, "")),
        (Verdict.MISSING, "health", (Verdict.RIGHT, "health-1")),
        (Verdict.RIGHT, "ai", (Verdict.MISSING, "")),
        (Verdict.NOT_RELEVANT, "", (Verdict.NOT_RELEVANT, "")),
    ],
)
def test_a_press_means_what_it_can_mean(verdict: Verdict, topic: str, meant: tuple[Verdict, str]) -> None:
    assert correction_of(TaggedItem(ITEM, RULED), verdict, topic) == meant


def test_a_rule_is_judged_by_the_last_word_on_each_of_its_tags() -> None:
    said = [
        word(Verdict.RIGHT, "health", rule="gp data"),
        word(Verdict.WRONG, "health", rule="gp data", member="carol"),
        *(word(Verdict.RIGHT, "health", rule="gp data", item=f"{number}") for number in range(4)),
        word(Verdict.WRONG, "skills", rule="skills", item="2"),
        word(Verdict.MISSING, "ai"),
        word(Verdict.NOT_RELEVANT),
    ]
    found = records({("health", "gp data"): 9, ("ai", ""): 1, ("ai", "unjudged"): 3}, said)
    assert found == [
        RuleRecord("health", "gp data", 9, right=4, wrong=1),
        RuleRecord("skills", "skills", 0, right=0, wrong=1),
        RuleRecord("ai", "unjudged", 3, right=0, wrong=0),
    ]
    assert [record.precision for record in found] == [0.8, None, None]


def test_an_export_tells_what_was_judged_and_never_by_whom() -> None:
    said = [word(Verdict.WRONG, "health", rule="gp data"), word(Verdict.RIGHT, "health", item="gone")]
    (line,) = export_lines(said, {ITEM.id: ITEM})
    assert "bob" not in line
    found = json.loads(line)
    assert (found["verdict"], found["topic"], found["rule"]) == ("wrong", "health", "gp data")
    assert (found["title"], found["at"]) == (ITEM.title, (NOW + timedelta()).isoformat())
