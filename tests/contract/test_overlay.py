"""A network's own files over those that come with Convenor: only what differs, and each mistake by file and line."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from config.catalogue import load_catalogue
from config.digest import load_plan
from config.kinds import load_kinds
from config.own_files import without_effect
from config.settings import load_settings
from config.synonyms import load_synonyms
from config.topics import load_taxonomy
from digests.errors import ConfigError
from digests.model import Kind
from digests.tagging import Tagger
from tests.contract.databases import TEST_KEY


def written(folder: Path, name: str, words: str) -> Path:
    file = folder / name
    file.write_text(words, encoding="utf-8")
    return file


BASE = """
macros: {AI: [(ai|machine learning)]}
gate: {strong: ['{AI}', data law], weak: [technology]}
near: {signs: [{because: a Budget, points: 2, rules: [budget]}]}
topics:
  - {id: ai, name: AI, description: About AI, rules: ['{AI}', robots]}
  - {id: data, name: Data, description: About data, rules: [data law]}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return written(tmp_path, "base.yaml", BASE)


def topics_of(tagger: Tagger, title: str) -> set[str]:
    return {tag.topic_id for tag in tagger.tag(title, "", "").tags}


def test_sources_are_added_changed_switched_off_and_taken_away_by_their_id(tmp_path: Path) -> None:
    shipped = {source.id: source for source in load_catalogue().sources}
    first, second, third, *_ = shipped
    over = written(
        tmp_path,
        "sources.yaml",
        f"""
sources:
  - id: {first}
    enabled: false
    note: We read the other one.
  - {{id: {second}, weight: 0.1}}
  - {{id: {third}, drop: true}}
  - id: our-own
    name: Our own news
    publisher: Example Charity
    kind: rss
    url: https://example.org/feed.xml
    group: civil_society
  - {{id: was-dropped-by-an-update, enabled: false}}
  - {{id: so-was-this, drop: true}}
""",
    )
    mine = {source.id: source for source in load_catalogue(None, over).sources}
    assert mine.keys() == {*shipped} - {third} | {"our-own"}
    assert (mine[first].enabled, mine[first].note, mine[first].url) == (
        False,
        "We read the other one.",
        shipped[first].url,
    )
    assert (mine[second].weight, mine[second].name) == (0.1, shipped[second].name)
    assert list(mine)[-1] == "our-own"
    rest = {*mine} - {first, second, "our-own"}
    assert all(mine[source_id] == shipped[source_id] for source_id in rest)


def test_a_bare_list_and_an_empty_file_are_good_too(tmp_path: Path) -> None:
    shipped = load_catalogue().sources
    over = written(tmp_path, "sources.yaml", f"- {{id: {shipped[0].id}, weight: 0.2}}\n")
    assert load_catalogue(None, over).sources[0].weight == 0.2
    assert load_catalogue(None, written(tmp_path, "empty.yaml", "# nothing yet\n")).sources == shipped


def test_a_source_of_ones_own_that_lacks_something_is_told_by_the_file_that_it_stands_in(tmp_path: Path) -> None:
    over = written(
        tmp_path, "sources.yaml", "sources:\n  - id: ours\n    name: Ours\n    kind: rss\n    url: nowhere\n"
    )
    with pytest.raises(ConfigError) as wrong:
        load_catalogue(None, over)
    assert [problem.split(": ", 1)[0] for problem in wrong.value.problems] == [f"{over}:2", f"{over}:5"]
    assert "publisher: is missing" in wrong.value.problems[0]


def test_rules_are_added_and_taken_away_and_topics_come_and_go(tmp_path: Path, base: Path) -> None:
    over = written(
        tmp_path,
        "topics.yaml",
        """
gate:
  strong+: [(drone|drones)]
  weak-: [technology]
topics:
  - id: ai
    rules+: [(drone|drones)]
    rules-: [robots, never stood here]
  - {id: data, drop: true}
  - {id: maps, name: Maps, description: About maps, rules: [maps]}
""",
    )
    before, after = Tagger(load_taxonomy(base)), Tagger(load_taxonomy(base, over))
    assert topics_of(before, "AI and robots and data law") == {"ai", "data"}
    assert topics_of(after, "Drones over maps and a data law") == {"ai", "maps"}
    assert topics_of(after, "A data law for robots") == set()


def test_a_mistake_in_an_added_rule_is_told_by_its_own_file_and_one_in_the_shipped_file_by_that(
    tmp_path: Path, base: Path
) -> None:
    over = written(tmp_path, "topics.yaml", "topics:\n  - id: ai\n    rules+:\n      - '{NOTHING}'\n")
    with pytest.raises(ConfigError) as wrong:
        load_taxonomy(base, over)
    assert wrong.value.problems[0].startswith(f"{over}:4: “{{NOTHING}}”: ")
    base.write_text(BASE.replace("rules: [data law]", "rules: ['{NONE}']"))
    with pytest.raises(ConfigError) as wrong:
        load_taxonomy(base, written(tmp_path, "topics.yaml", "gate: {strong+: [drones]}\n"))
    assert wrong.value.problems[0].startswith(f"{base}:7: “{{NONE}}”: ")


def test_the_plan_is_changed_key_by_key(tmp_path: Path) -> None:
    shipped = load_plan()
    section = shipped.sections[0]
    over = written(
        tmp_path,
        "digest.yaml",
        f"""
title: Example Digest
schedule: {{weekday: monday, at: "08:30"}}
most_of_kind: {{job: null}}
approval: {{one_editor: true}}
sections:
  - {{id: {section.id}, title: Laws}}
""",
    )
    plan = load_plan(None, over)
    assert (plan.title, plan.schedule.weekday, plan.schedule.at) == ("Example Digest", 0, time(8, 30))
    assert plan.schedule.in_recess is shipped.schedule.in_recess
    assert Kind.JOB in shipped.most_of_kind
    assert plan.most_of_kind == {}
    assert (plan.approval.one_editor, plan.approval.cooling_off) == (True, shipped.approval.cooling_off)
    assert (plan.sections[0].title, plan.sections[0].kinds) == ("Laws", section.kinds)
    assert plan.sections[1:] == shipped.sections[1:]


def test_a_rule_for_kinds_that_is_added_comes_first_and_those_of_a_kind_can_be_taken_away(tmp_path: Path) -> None:
    title = "Vacancy: head of data"
    assert load_kinds().of_text(title, "https://example.org/1").kind is Kind.JOB
    over = written(tmp_path, "kinds.yaml", "titles+:\n  - {kind: guidance, begins: ['vacancy:']}\n")
    assert load_kinds(None, over).of_text(title, "https://example.org/1").kind is Kind.GUIDANCE
    over = written(tmp_path, "kinds.yaml", "titles-: [job]\n")
    assert load_kinds(None, over).of_text(title, "https://example.org/1").kind is not Kind.JOB


def test_synonyms_are_added_and_taken_away_by_one_of_their_words(tmp_path: Path) -> None:
    shipped = load_synonyms()
    over = written(tmp_path, "synonyms.yaml", "synonyms+: [[canal, waterway]]\nsynonyms-: [midwife]\n")
    mine = load_synonyms(None, over)
    assert mine[-1] == ("canal", "waterway")
    assert len(mine) == len(shipped)
    assert not any("midwife" in group for group in mine)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("synonyms+: canal\n", "what stands under “synonyms+” should be a list"),
        ("synonyms:\n  - [canal, waterway]\nsynonyms: []\n", "“synonyms” stands here a second time"),
        ("synonims+: [[canal, waterway]]\n", "synonims: is not a setting of this file"),
        ("- [canal, waterway]\n", "should be a mapping"),
        ("synonyms+: [[canal]]\n", "one phrase alone has no synonym"),
        ("synonyms+: [", "not YAML"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, words: str, sentence: str) -> None:
    over = written(tmp_path, "synonyms.yaml", words)
    with pytest.raises(ConfigError) as wrong:
        load_synonyms(None, over)
    assert any(sentence in problem and problem.startswith(f"{over}:") for problem in wrong.value.problems)


def test_the_directory_is_named_by_a_setting_and_may_have_settings_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path / "config"
    ours.mkdir()
    monkeypatch.chdir(tmp_path)
    written(ours, "digest.yaml", "title: Example Digest\n")
    written(ours, ".env", f"CONVENOR_ENCRYPTION_KEYS={TEST_KEY}\nCONVENOR_OWNER=From the directory\n")
    written(
        tmp_path, ".env", f"CONVENOR_CONFIG_DIR={ours}\nCONVENOR_OWNER=From beside\nCONVENOR_CONTACT=a@example.org\n"
    )
    settings = load_settings({"CONVENOR_PORT": "9000"})
    assert (settings.owner, settings.contact, settings.port) == ("From the directory", "a@example.org", 9000)
    assert settings.keys == (TEST_KEY,)
    assert (settings.over("digest"), settings.over("topics")) == (ours / "digest.yaml", None)
    written(ours, "topic.yaml", "")
    with pytest.raises(ConfigError, match=r"CONVENOR_CONFIG_DIR: “topic.yaml” in .* is no file that Convenor reads"):
        load_settings({})
    with pytest.raises(ConfigError, match=r"CONVENOR_CONFIG_DIR: there is no directory “nowhere”: make it, or run"):
        load_settings({"CONVENOR_CONFIG_DIR": "nowhere"})


def examples() -> dict[str, str]:
    """The examples of docs/own-settings.md, by the heading that they stand under."""
    page = (Path(__file__).parents[2] / "docs" / "own-settings.md").read_text(encoding="utf-8")
    found = {}
    for part in page.split("\n### ")[1:]:
        heading, _, rest = part.partition("\n")
        lines = [line for line in rest.split("\n## ")[0].splitlines() if line.startswith("    ") or not line]
        found[heading] = "\n".join(line.removeprefix("    ") for line in lines)
    return found


def test_the_examples_of_the_guide_change_what_comes_with_convenor(tmp_path: Path) -> None:
    by_heading = examples()
    sources = load_catalogue(None, written(tmp_path, "sources.yaml", by_heading["Sources"])).sources
    assert len(sources) == len(load_catalogue().sources) + 1
    topics = load_taxonomy(None, written(tmp_path, "topics.yaml", by_heading["Topics"])).topics
    assert len(topics) == len(load_taxonomy().topics) - 1
    plan = load_plan(None, written(tmp_path, "digest.yaml", by_heading["Digest"]))
    assert "In the papers" in [section.title for section in plan.sections]
    kinds, _, synonyms = by_heading["Kinds and synonyms"].partition("synonyms+")
    load_kinds(None, written(tmp_path, "kinds.yaml", kinds))
    assert load_synonyms(None, written(tmp_path, "synonyms.yaml", "synonyms+" + synonyms))[-1] == ("canal", "waterway")


def test_what_a_file_would_take_away_in_vain_is_told_and_does_no_harm(tmp_path: Path) -> None:
    written(tmp_path, "sources.yaml", "- {id: no-such-source, enabled: false}\n- {id: nor-this, drop: true}\n")
    written(tmp_path, "topics.yaml", "topics:\n  - id: international\n    rules-: [never stood here]\n")
    written(tmp_path, "synonyms.yaml", "synonyms-: [midwife, mid wife]\n")
    written(tmp_path, "kinds.yaml", "titles-: [bill, job]\n")
    settings = load_settings({"CONVENOR_CONFIG_DIR": str(tmp_path)}, None)
    kinds = [line for line in without_effect(settings) if "kinds.yaml" in line]
    assert [line for line in without_effect(settings) if line not in kinds] == [
        f"{tmp_path}/sources.yaml:1: “no-such-source” is not in “sources”",
        f"{tmp_path}/sources.yaml:2: “nor-this” is not in “sources”",
        f"{tmp_path}/topics.yaml:3: “never stood here” is not in “topics.rules”",
        f"{tmp_path}/synonyms.yaml:1: “mid wife” is not in “synonyms”",
    ]
    assert all("“job”" not in line for line in kinds)
    written(
        tmp_path,
        "digest.yaml",
        "approvals: null\nschedule:\n  weekday: monday\n  postt: ~\n  bank_holiday:\n"
        "most_of_kind: {job: null, jobs: null}\n",
    )
    written(tmp_path, "topics.yaml", "gatee:\ntopics:\n  - {id: international, ruls: null}\n")
    assert [line for line in without_effect(settings) if "digest" in line or "topics" in line] == [
        f"{tmp_path}/topics.yaml:1: “gatee” is not in the file that this one changes",
        f"{tmp_path}/topics.yaml:3: “ruls” is not in “topics”",
        f"{tmp_path}/digest.yaml:1: “approvals” is not in the file that this one changes",
        f"{tmp_path}/digest.yaml:4: “postt” is not in “schedule”",
        f"{tmp_path}/digest.yaml:5: “bank_holiday” is not in “schedule”",
        f"{tmp_path}/digest.yaml:6: “jobs” is not in “most_of_kind”",
    ]
    assert load_plan(None, settings.over("digest")).schedule.weekday == 0
    assert load_settings({}, None).over("topics") is None
    assert without_effect(load_settings({}, None)) == []
