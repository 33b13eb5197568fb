"""Rules that never match, change nothing or match too much are found by what they do to an archive."""

from __future__ import annotations

from digests.model import Item, Topic
from digests.tagging import Tagger, Taxonomy
from digests.tagging.language import Rule, parse_rule
from digests.tagging.lint import Fault, Linter, Report
from digests.tagging.near import NearRules, SignRules
from digests.tagging.tagger import Gate, TopicRules
from tests.builders import an_item


def rules(*texts: str) -> tuple[Rule, ...]:
    return tuple(parse_rule(words, {}) for words in texts)


def report(titles: list[str], *, gate: Gate, topics: dict[str, TopicRules]) -> Report:
    linter = Linter(Tagger(Taxonomy(gate, tuple(topics.values()))))
    linter.show(archive(titles))
    return linter.report()


def archive(titles: list[str]) -> list[Item]:
    return [an_item(number, title=title, summary="") for number, title in enumerate(titles, 1)]


def health(*texts: str, unless: tuple[str, ...] = ()) -> dict[str, TopicRules]:
    return {"health": TopicRules(Topic("health", "Health", "About health"), rules(*texts), rules(*unless))}


def found(result: Report) -> set[tuple[Fault, str, str, int]]:
    return {(each.fault, each.place, each.rule, each.items) for each in result.findings}


TITLES = ["patient data"] * 10 + ["gp data"] * 15 + ["census data"] * 100 + ["weather"] * 100


def test_a_rule_that_never_matches_is_dead_and_so_is_a_veto() -> None:
    result = report(
        TITLES, gate=Gate(rules("data")), topics=health("patient data", "zeppelin data", unless=("zeppelin",))
    )
    assert found(result) >= {(Fault.DEAD, "health", "zeppelin data", 0), (Fault.DEAD, "health", "zeppelin", 0)}
    assert {each.words for each in result.findings if each.fault is Fault.DEAD} == {"It matched none of 225 items."}


def test_a_rule_without_which_all_would_be_the_same_is_shadowed() -> None:
    result = report(TITLES, gate=Gate(rules("data")), topics=health("patient* data", "patient data", "gp data"))
    shadowed = {each for each in found(result) if each[0] is Fault.SHADOWED}
    assert shadowed == {(Fault.SHADOWED, "health", "patient* data", 10), (Fault.SHADOWED, "health", "patient data", 10)}
    assert "Each of the 10 items it matched would be the same without it." in [each.words for each in result.findings]


def test_a_rule_that_gives_its_topic_to_much_of_the_archive_is_over_firing() -> None:
    result = report(TITLES, gate=Gate(rules("data")), topics=health("patient data", "gp data"))
    (much,) = [each for each in result.findings if each.place == "health"]
    assert (much.fault, much.rule) == (Fault.OVER_FIRING, "gp data")
    assert much.words == "It alone gives its topic to 15 items, 12% of the relevant."


def test_a_gate_that_lets_in_what_no_topic_knows_is_over_firing() -> None:
    result = report(TITLES, gate=Gate(rules("data")), topics=health("patient data"))
    assert result.findings[0].words == "It alone lets in 125 items, and 115 of them have no topic."
    assert (result.findings[0].fault, result.findings[0].place) == (Fault.OVER_FIRING, "gate")


def test_signs_of_what_is_near_the_field_are_looked_at_like_rules_of_topics() -> None:
    near = NearRules(
        (
            SignRules("a flagship event", 4, rules("budget", "budget day", "zeppelin race")),
            SignRules("the weather", 1, rules("weather")),
            SignRules("data of the census", 1, rules("census")),
        ),
        unless=rules("budget hotel*", "airship*"),
    )
    linter = Linter(Tagger(Taxonomy(Gate(rules("data")), tuple(health("gp data").values()), near=near)))
    linter.show(archive([*TITLES, *["budget day"] * 6, *["budget hotels"] * 6]))
    of_near = [each for each in linter.report().findings if each.place == "near"]
    assert {(each.fault, each.rule, each.items) for each in of_near} == {
        (Fault.DEAD, "zeppelin race", 0),
        (Fault.DEAD, "airship*", 0),
        # Never alone in giving its sign, or on what is relevant anyhow.
        (Fault.SHADOWED, "budget", 12),
        (Fault.SHADOWED, "budget day", 6),
        (Fault.SHADOWED, "census", 100),
        (Fault.OVER_FIRING, "weather", 100),
    }
    assert "It alone gives its sign to 100 items, 89% of those that are not relevant." in [e.words for e in of_near]


def test_a_small_archive_says_nothing() -> None:
    result = report(TITLES[:50], gate=Gate(rules("data")), topics=health("zeppelin"))
    assert (result.findings, result.says_enough, result.items) == ((), False, 50)
