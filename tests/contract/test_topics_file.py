"""The rules that come with Convenor: that the file is sound, how right it is, and how mistakes in it are told.

``labelled_examples.jsonl`` was written for this test, in the language of written questions, orders and committees; only
the titles of orders, bills and transparency records are real. ``topics`` are those of the first 23, ``further`` those
that stand beside them. Where other labelled items stand beside the checkout, they are tried too.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import yaml

from config.topics import DEFAULT_PATH, load_taxonomy
from digests.errors import ConfigError
from digests.model import Kind
from digests.tagging import NearField, Tagger
from digests.tagging.language import Near, Part, Rule, Where, Words
from digests.tagging.matching import Reading, Ruleset
from tests.bench import tagging as bench
from tests.bench.curator import ordinary_week
from tests.builders import an_item
from tests.shared import shared_dir

TOPIC_IDS = [
    "ai_public_services",
    "ai_regulation_safety",
    "ai_industry_growth",
    "algorithmic_transparency_adm",
    "data_protection_privacy",
    "data_sharing_reuse",
    "health_data",
    "education_children_data",
    "policing_biometrics",
    "justice_immigration",
    "welfare_automation",
    "procurement_suppliers",
    "digital_identity",
    "work_unions",
    "public_participation",
    "open_data_foi_statistics",
    "online_safety",
    "misinformation_elections",
    "ai_copyright",
    "digital_competition",
    "cyber_infrastructure",
    "digital_government_inclusion",
    "international",
]
FURTHER_IDS = [
    "investigatory_powers",
    "telecoms_connectivity",
    "defence_technology",
    "media_broadcasting",
    "science_semiconductors",
    "ai_energy_environment",
    "local_devolved",
    "regulators_government",
    "digital_assets",
]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """The tagger with the rules that come with Convenor."""
    return Tagger(load_taxonomy())


@pytest.fixture(scope="module")
def near(tagger: Tagger) -> NearField:
    """What looks for the signs that come with Convenor."""
    return NearField(tagger.taxonomy.near)


class TestTheFile:
    def test_it_holds_the_topics_under_the_ids_that_labelled_items_use(self, tagger: Tagger) -> None:
        assert [topic.id for topic in tagger.taxonomy.topics] == TOPIC_IDS + FURTHER_IDS

    def test_the_further_topics_stand_beside_those_that_labelled_items_use(self, tagger: Tagger) -> None:
        assert [subject.topic.id for subject in tagger.taxonomy.subjects if subject.beside] == FURTHER_IDS

    def test_every_topic_has_a_name_and_a_sentence_that_say_what_it_is(self, tagger: Tagger) -> None:
        for topic in tagger.taxonomy.topics:
            assert topic.name[0].isupper()
            assert "_" not in topic.name
            assert topic.description.endswith(".")

    def test_every_rule_can_match(self, tagger: Tagger) -> None:
        gate, subjects = tagger.taxonomy.gate, tagger.taxonomy.subjects
        rules = [*gate.strong, *gate.weak, *gate.unless]
        rules += [rule for subject in subjects for rule in (*subject.rules, *subject.unless)]
        ruleset = Ruleset(rules, tagger.taxonomy.ignored)
        silent = [
            rule.text
            for number, rule in enumerate(rules)
            if number not in {match.number for match in ruleset.matches(example_of(rule))}
        ]
        assert silent == []

    def test_every_macro_is_used(self) -> None:
        text = DEFAULT_PATH.read_text(encoding="utf-8")
        assert [name for name in yaml.safe_load(text)["macros"] if f"{{{name}}}" not in text] == []

    def test_it_is_read_in_a_moment(self) -> None:
        began = time.process_time()
        Tagger(load_taxonomy())
        assert time.process_time() - began < 2.0


def example_of(rule: Rule) -> Reading:
    """The shortest item that a rule ought to match."""
    fields: dict[Where, list[str]] = {where: [] for where in Where}
    for part in rule.wanted:
        for side in sides(part):
            fields[side.where].append(" ".join(word.rstrip("*") for word in side.phrases[0]))
    title = " ".join([*fields[Where.TITLE], *fields[Where.TEXT]])
    others = (" ".join(fields[where]) for where in (Where.SUMMARY, Where.PUBLISHER, Where.URL, Where.KIND))
    return Reading(title, *others)


def sides(part: Part) -> tuple[Words, ...]:
    """The runs of words of a part."""
    return (part.first, part.second) if isinstance(part, Near) else (part,)


class TestKnownTraps:
    def test_the_ritual_words_of_a_question_do_not_eat_what_follows(self, tagger: Tagger) -> None:
        question = "To ask the Secretary of State what automated decision-making her Department uses."
        assert "algorithmic_transparency_adm" in tagger.tag("Written question", question).topic_ids

    def test_the_benefits_of_ai_are_not_welfare(self, tagger: Tagger) -> None:
        tagging = tagger.tag("The benefits of AI for farmers", "Farmers see benefits from artificial intelligence.")
        assert tagging.relevant
        assert "welfare_automation" not in tagging.topic_ids

    def test_a_bare_summit_is_not_international(self, tagger: Tagger) -> None:
        tagging = tagger.tag("Summit on data in Leeds", "Councils met at a summit about data sharing.")
        assert tagging.relevant
        assert "international" not in tagging.topic_ids

    def test_a_summary_that_lists_everything_is_not_about_everything(self, tagger: Tagger) -> None:
        tagging = tagger.tag(
            "Oral questions on data protection",
            "Members asked about patient records, facial recognition, online safety, digital identity, cyber attacks, "
            "copyright and AI, elections and deepfakes, open data and the digital divide.",
        )
        assert "data_protection_privacy" in tagging.topic_ids
        assert len(tagging.topic_ids) <= 3

    def test_the_name_of_the_ministry_is_no_sign_of_technology(self, tagger: Tagger) -> None:
        title = "Department for Science, Innovation and Technology: Travel"
        question = "To ask the Secretary of State for Science, Innovation and Technology, how much was spent on taxis."
        assert not tagger.tag(title, question, "Department for Science, Innovation and Technology").relevant

    def test_a_question_that_asks_what_data_a_ministry_holds_is_not_about_data(self, tagger: Tagger) -> None:
        question = "To ask the Secretary of State for Health, what data his Department holds on waiting times."
        assert not tagger.tag("Hip Replacements", question, "Department of Health and Social Care").relevant

    def test_bird_flu_is_not_artificial_intelligence(self, tagger: Tagger) -> None:
        assert not tagger.tag("Avian influenza: housing order", "New AI cases were found in poultry.", "Defra").relevant

    def test_hospitality_is_not_a_hospital(self, tagger: Tagger) -> None:
        assert "health_data" not in tagger.tag("Data on hospitality", "Data sharing with pubs.").topic_ids

    def test_a_release_of_statistics_is_not_about_statistics(self, tagger: Tagger) -> None:
        assert not tagger.tag("Road traffic statistics", kind=Kind.STATISTICS).relevant

    def test_the_kings_speech_is_relevant_without_a_topic(self, tagger: Tagger) -> None:
        tagging = tagger.tag("The King’s Speech 2024", "", "Prime Minister’s Office")
        assert (tagging.relevant, tagging.tags) == (True, ())

    def test_a_record_of_an_algorithm_is_known_by_its_address(self, tagger: Tagger) -> None:
        tagging = tagger.tag(
            "Anytown Council: Larger Bin Checker",
            "Checks whether a household may have a larger bin.",
            "Anytown Council",
            "https://www.gov.uk/algorithmic-transparency-records/anytown-council-larger-bin-checker",
        )
        assert "algorithmic_transparency_adm" in tagging.topic_ids


class TestNearTheField:
    def test_every_rule_can_match(self, near: NearField, tagger: Tagger) -> None:
        rules = [rule for sign in tagger.taxonomy.near.signs for rule in sign.rules]
        rules += tagger.taxonomy.near.unless
        ruleset = Ruleset(rules)
        silent = [
            rule.text
            for number, rule in enumerate(rules)
            if number not in {match.number for match in ruleset.matches(example_of(rule))}
        ]
        assert silent == []

    @pytest.mark.parametrize(
        ("title", "because"),
        [
            ("New Cabinet Secretary appointed", "who leads government, and how it is organised"),
            ("Ministerial appointments: September 2025", "who leads government, and how it is organised"),
            ("Autumn Budget 2025", "a flagship event of government"),
            ("Spending Review 2025", "a flagship event of government"),
            ("UKRI chief executive named", "policy for technology, science and innovation"),
            ("10 Year Health Plan for England: fit for the future", "the health service as a whole"),
            ("English Devolution White Paper", "councils, nations and devolution"),
            ("Thematic review of regulators by the Treasury", "how regulation works"),
            ("Employment rights: a timetable", "welfare, work and rights"),
        ],
    )
    def test_what_curators_pick_without_a_word_of_data_is_near_and_never_relevant(
        self, near: NearField, tagger: Tagger, title: str, because: str
    ) -> None:
        assert not tagger.tag(title).relevant
        assert because in [sign.because for sign in near.signs(an_item(title=title, summary="", kind=Kind.NEWS))]

    def test_a_body_of_the_field_is_near_whatever_it_says(self, near: NearField) -> None:
        for publisher in ("DSIT", "ICO", "Government Digital Service", "Office for Statistics Regulation"):
            item = an_item(title="Our plan for the year", summary="", publisher=publisher)
            assert [sign.points for sign in near.signs(item)] == [3]

    def test_questions_and_orders_are_never_near_because_they_are_many(self, near: NearField) -> None:
        for kind in (Kind.WRITTEN_QUESTION, Kind.LEGISLATION, Kind.STATISTICS):
            assert near.signs(an_item(title="Permanent Secretaries: Technology", publisher="DSIT", kind=kind)) == ()

    def test_of_an_ordinary_week_little_is_relevant_and_less_than_a_fifth_is_near(
        self, near: NearField, tagger: Tagger
    ) -> None:
        week = list(ordinary_week())
        relevant = [item for item in week if tagger.tag(item.title, item.summary, item.publisher, item.url).relevant]
        assert len(week) > 200
        assert len(relevant) / len(week) < 0.03
        assert sum(bool(near.signs(item)) for item in week) / len(week) < 0.20


class TestLabelledItems:
    def test_examples_from_every_kind_of_source_get_their_topics(self, tagger: Tagger) -> None:
        items = bench.read(Path(__file__).with_name("labelled_examples.jsonl"))
        assert micro(tagger, items).f1 >= 0.92
        relevance = bench.relevance_score(items, tagger)
        assert relevance.recall >= 0.97
        assert relevance.precision >= 0.97

    def test_items_labelled_by_people_get_their_topics(self, tagger: Tagger) -> None:
        items = bench.read(shared_dir("data/gold-dev.jsonl"))
        assert micro(tagger, items).f1 >= 0.90
        relevance = bench.relevance_score(items, tagger)
        assert relevance.recall >= 0.97
        assert relevance.precision >= 0.95

    def test_examples_get_the_further_topics_that_they_are_about(self, tagger: Tagger) -> None:
        lines = Path(__file__).with_name("labelled_examples.jsonl").read_text(encoding="utf-8").splitlines()
        items = [item for item in map(json.loads, lines) if "further" in item]
        given = [
            frozenset(tagger.tag(item["title"], item["summary"], item["publisher"], item["url"]).topic_ids)
            for item in items
        ]
        scores = bench.score(
            (frozenset(item["further"]), said & set(FURTHER_IDS)) for item, said in zip(items, given, strict=True)
        )
        assert sorted(scores) == sorted(FURTHER_IDS)
        assert bench.total(scores.values()).f1 >= 0.95

    def test_the_report_says_plainly_where_the_learned_tagger_could_not_be_run(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        examples = Path(__file__).with_name("labelled_examples.jsonl")
        assert bench.learned(str(tmp_path / "no-python"), examples) is None
        told = capsys.readouterr().out
        assert told.startswith("TF-IDF     not measured: ")
        assert "--peer" in told


def micro(tagger: Tagger, items: list[bench.Labelled]) -> bench.Score:
    """How right the topics are, all topics together."""
    return bench.total(bench.topic_scores(items, [bench.said(tagger, item) for item in items]).values())


class TestMistakes:
    def problems(self, path: Path, text: str) -> list[str]:
        """What is said of a file with this text, without the path."""
        file = path / "topics.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as error:
            load_taxonomy(file)
        return [problem.removeprefix(f"{file}:") for problem in error.value.problems]

    def test_every_mistake_is_told_at_once_with_its_line(self, tmp_path: Path) -> None:
        assert self.problems(
            tmp_path,
            """\
macros:
  AI:
    - ai
    - (machine
ignore:
  - set phrase
  - title:data
gate:
  strong:
    - '{AI} & '
    - set phrase
topics:
  - id: one
    name: One
    description: The first.
    rules:
      - '{NOPE} tool'
      - ''
      - kind:news
    unless:
      - ai*
  - id: one
    name: One again
    description: The second.
    rules:
      - ai & not:ai
""",
        ) == [
            "4: “(machine”: a bracket is not closed",
            "7: “title:data”: “title:” cannot stand here; a field is named at the beginning of a part",
            "10: “{AI} & ”: words are missing before its end",
            "11: “set phrase”: it can never match: what it wants is a phrase to ignore",
            "17: “{NOPE} tool”: there is no macro {NOPE}",
            "18: “”: it is empty",
            "19: “kind:news”: it looks at the kind of document or the source alone; say what words must be there too",
            "21: “ai*”: “ai*” would match too much; give at least 3 letters before *",
            "22: there is already a topic “one”",
            "26: “ai & not:ai”: it can never match: what it wants, it also excludes",
        ]

    def test_mistakes_in_what_is_near_are_told_with_the_others(self, tmp_path: Path) -> None:
        assert self.problems(
            tmp_path,
            """\
ignore: [set phrase]
gate: {strong: [ai]}
near:
  signs:
    - because: who leads
      points: 3
      rules:
        - set phrase
        - kind:news
    - because: who leads
      points: 1
      rules: ['{NOPE}']
  unless:
    - kind:bill
    - (open
topics: [{id: one, name: One, description: The first., rules: [ai]}]
""",
        ) == [
            "9: “kind:news”: it looks at the kind of document or the source alone; say what words must be there too",
            "10: there is already a sign “who leads”",
            "12: “{NOPE}”: there is no macro {NOPE}",
            "15: “(open”: a bracket is not closed",
        ]

    def test_a_sign_without_words_or_points_is_a_mistake(self, tmp_path: Path) -> None:
        problems = self.problems(
            tmp_path,
            "gate: {strong: [ai]}\nnear:\n  signs:\n    - because: ''\n      points: 0\n      rules: [ai]\n"
            "topics: [{id: one, name: One, description: The first., rules: [ai]}]\n",
        )
        assert [problem.partition(":")[0] for problem in problems] == ["4", "5"]

    def test_a_misspelt_key_and_a_missing_one_are_mistakes(self, tmp_path: Path) -> None:
        problems = self.problems(tmp_path, "gate:\n  strnog: [ai]\ntopics: []\n")
        assert any("gate.strong: is missing" in problem for problem in problems)
        assert any("strnog" in problem and "misspelt" in problem for problem in problems)
        assert any(problem.startswith("3:") and "topics" in problem for problem in problems)

    def test_a_missing_file_is_said_to_be_missing(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="there is no such file"):
            load_taxonomy(tmp_path / "none.yaml")

    def test_another_file_can_be_used_instead(self, tmp_path: Path) -> None:
        file = tmp_path / "own.yaml"
        file.write_text(
            "gate:\n  strong: [bees]\ntopics:\n  - {id: bees, name: Bees, description: About bees., rules: [honey*]}\n",
            encoding="utf-8",
        )
        own = Tagger(load_taxonomy(file))
        assert own.tag("Bees and honeycombs").topic_ids == ("bees",)
        assert own.taxonomy.version != load_taxonomy().version
        assert own.taxonomy.near.signs == ()
