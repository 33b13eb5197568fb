"""The rule language, the gate, the reasons, and what hostile text may cost. Rules here are made up for the tests."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.tag_lines import tag_lines
from digests.model import FieldName, Kind, Tag, Topic
from digests.tagging import Gate, RuleError, Tagger, Taxonomy, TopicRules
from digests.tagging.language import Macros, Rule, parse_macros, parse_rule, parse_words
from digests.tagging.tagger import MOST_BESIDE, MOST_TOPICS
from digests.tagging.words import END, places, readable, squeezed, words

MACROS: Macros = parse_macros({"AI": ["ai", "(machine|deep) learning"], "TOOL": ["{AI} tool*"]})[0]


def tagger(
    *rules: str,
    unless: tuple[str, ...] = (),
    strong: tuple[str, ...] = ("the", "ai"),
    weak: tuple[str, ...] = (),
    gate_unless: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
) -> Tagger:
    """A tagger with one topic, ``t``, whose gate lets every text with “the” or “AI” through."""
    ignored = tuple(phrase for line in ignore for phrase in parse_words(line, MACROS))

    def parsed(texts: tuple[str, ...]) -> tuple[Rule, ...]:
        return tuple(parse_rule(text, MACROS, ignored) for text in texts)

    topic = TopicRules(Topic("t", "Topic", "A topic."), parsed(rules or ("nothing",)), parsed(unless))
    return Tagger(Taxonomy(Gate(parsed(strong), parsed(weak), parsed(gate_unless)), (topic,), ignored))


def matches(rule: str, title: str, summary: str = "", publisher: str = "", url: str = "") -> bool:
    """Whether a rule gives its topic to an item; the gate is kept out of the way by a word in the address."""
    open_gate = tagger(rule, strong=("url:open",))
    return bool(open_gate.tag(title, summary, publisher, f"https://example.org/open/{url}").tags)


class TestWords:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("AI-enabled tools", ["ai", "enabled", "tools"]),
            ("facial-recognition", ["facial", "recognition"]),
            ("children’s data, workers' rights", ["children", "data", "workers", "rights"]),
            ("GOV.UK One Login at www.gov.uk", ["govuk", "one", "login", "at", "www", "govuk"]),
            ("i.AI in the U.K.", ["iai", "in", "the", "uk"]),
            ("A.I. and (a) AI", ["ai", "and", "a", "ai"]),
            ("One sentence.Another one; 4.5 million", ["one", "sentence", "another", "one", END, "4", "5", "million"]),
            ("It ends. It begins! (Truly.) Yes", ["it", "ends", END, "it", "begins", END, "truly", END, "yes"]),
            ("Dr. Who v. No. 5 vs. Data Ltd. e.g. AI", ["dr", "who", "v", "no", "5", "vs", "data", "ltd", "eg", "ai"]),
            ("R&D in 5G", ["r", "d", "in", "5g"]),
            ("O’Brien's", ["obrien"]),
            ("", []),
            ("—!?", []),
        ],
    )
    def test_text_is_cut_into_words_as_people_read_them(self, text: str, expected: list[str]) -> None:
        assert words(readable(text, 1_000)) == expected

    def test_letters_that_look_the_same_are_the_same(self) -> None:
        assert words(readable("ＡＩ ｄａｔａ", 100)) == ["ai", "data"]

    def test_characters_that_nobody_sees_do_not_split_words(self) -> None:
        assert words(readable("da\u00adta pro\u200btec\u2060tion", 100)) == ["data", "protection"]


class TestWhereReadersStop:
    """Phrases are found across what a reader reads over, and not across what makes a reader stop."""

    @pytest.mark.parametrize(
        "text",
        [
            "Data: protection of children",
            "data/protection",
            "Data – protection",
            "data-protection",
            "“data” protection",
            "Data (protection) law",
            "our data\nprotection officer",
            "*data* _protection_",
            "big-data protection",
            "the law on data, protection",
        ],
    )
    def test_a_phrase_is_found_across(self, text: str) -> None:
        assert tagger("data protection").tag("AI", text).topic_ids == ("t",)

    @pytest.mark.parametrize(
        "text",
        [
            "We hold much data. Protection of it matters.",
            "Who holds the data? Protection officers.",
            "We love data! Protection too.",
            "We speak of data; protection of bees.",
            "“We hold data.” Protection officers say so.",
            "We hold data.)  (Protection of bees)",
            "Data\n\nProtection of bees",
            "• Data • Protection of bees",
            "Data | Protection of bees",
        ],
    )
    def test_a_phrase_is_not_found_across(self, text: str) -> None:
        assert tagger("data protection").tag("AI", text).topic_ids == ()

    def test_near_may_reach_into_the_next_sentence_whose_beginning_counts_as_a_word(self) -> None:
        text = "Police hold it. Cameras see."
        assert tagger("police ~3 cameras").tag("AI", text).topic_ids == ()
        assert tagger("police ~4 cameras").tag("AI", text).topic_ids == ("t",)
        assert tagger("police ~4 cameras").tag("AI", text).tags[0].phrase == "Police hold it. Cameras"

    def test_no_rule_can_name_the_end_of_a_sentence(self) -> None:
        with pytest.raises(RuleError, match="no letters or digits"):
            parse_rule(END, MACROS)


class TestLanguage:
    @pytest.mark.parametrize(
        ("rule", "text"),
        [
            ("data protection", "New Data Protection law"),
            ("data protection", "data-protection"),
            ("regulat*", "Regulating and regulations"),
            ("data shar*", "data-sharing powers"),
            ("harness* data", "harnessing data"),
            ("e-gate*", "Passport e-gates fail"),
            ("i.ai", "The i.AI team"),
            ("gov.uk app", "A GOV.UK app"),
            ("children's data", "Children’s data"),
            ("(facial|voice) recognition", "voice recognition"),
            ("use of {AI}", "the use of deep learning"),
            ("{TOOL}", "machine learning tools"),
            ("data (use and access)", "the Data (Use and Access) Bill"),
            ("fraud, error and recovery", "Public Authorities (Fraud, Error and Recovery) Bill"),
            ("police & ai", "AI, it is said, will help every force of police"),
        ],
    )
    def test_a_phrase_is_found_whatever_its_case_hyphens_and_apostrophes(self, rule: str, text: str) -> None:
        assert matches(rule, text)

    @pytest.mark.parametrize(
        ("rule", "text"),
        [
            ("ai", "Said the mail about air"),
            ("ai", "aid"),
            ("data protection", "protection data"),
            ("data protection", "data for protection"),
            ("regulat*", "irregular"),
            ("police & ai", "police only"),
            ("i.ai", "whether (i) AI and (ii) data"),
        ],
    )
    def test_a_phrase_is_not_found_inside_other_words_or_out_of_order(self, rule: str, text: str) -> None:
        assert not matches(rule, text)

    def test_near_means_within_so_many_words_in_either_order(self) -> None:
        assert matches("police ~3 ai", "police will use AI")
        assert matches("police ~3 ai", "AI that the police")
        assert not matches("police ~3 ai", "police will often use AI")
        assert matches("police ~1 ai", "AI police")

    def test_near_counts_from_the_ends_of_phrases(self) -> None:
        assert matches("(stop and search) ~2 (machine learning)", "stop and search by machine learning")
        assert matches("(stop and search) ~2 (machine learning)", "machine learning for stop and search")

    def test_a_word_is_not_near_itself(self) -> None:
        assert not matches("ai ~5 ai", "AI for all")
        assert matches("ai ~5 ai", "AI or no AI")

    def test_near_does_not_reach_from_the_title_into_the_summary(self) -> None:
        assert not matches("police ~6 ai", "Met police", "AI is here")
        assert matches("police & ai", "Met police", "AI is here")

    def test_a_phrase_does_not_reach_from_the_title_into_the_summary(self) -> None:
        assert not matches("data protection", "The data", "Protection for all")

    def test_not_takes_a_match_away(self) -> None:
        assert matches("horizon & not:europe", "Horizon inquiry")
        assert not matches("horizon & not:europe", "Horizon, and also Europe")
        assert not matches("horizon & not:title:europe", "Horizon and Europe")
        assert matches("horizon & not:title:europe", "Horizon", "in Europe")

    def test_a_field_can_be_named(self) -> None:
        assert matches("title:ai", "AI", "")
        assert not matches("title:ai", "Bees", "AI")
        assert matches("summary:ai", "Bees", "AI")
        assert matches("publisher:dwp & ai", "AI", "", "DWP")
        assert not matches("publisher:dwp & ai", "DWP and AI")
        assert matches("url:algorithmic transparency", "A tool", url="algorithmic-transparency-records/tool")

    def test_the_kind_of_document_can_exclude(self) -> None:
        without_statistics = tagger("crime & not:kind:statistics")
        assert without_statistics.tag("The crime").tags
        assert not without_statistics.tag("The crime", kind=Kind.STATISTICS).tags

    @pytest.mark.parametrize(
        ("rule", "sentence"),
        [
            ("", "it is empty"),
            ("   ", "it is empty"),
            ("—", "it has no letters or digits to look for"),
            ("{NOPE} tool", "there is no macro {NOPE}"),
            ("(a|b", "a bracket is not closed"),
            ("a) b", "a closing bracket has no opening one"),
            ("a|b", "put alternatives in round brackets: (this|that)"),
            ("(a|)", "words are missing before “)”"),
            ("a &", "words are missing before its end"),
            ("& a", "words are missing before “&”"),
            ("a ~ b", "~ needs a number of words: ~6"),
            ("a ~0 b", "~0 cannot match: the distance is from 1 to 50 words"),
            ("a ~99 b", "~99 cannot match: the distance is from 1 to 50 words"),
            ("a ~2 b ~2 c", "~ stands between two runs of words, outside brackets, and once in a part"),
            ("(a ~2 b) c", "~ stands between two runs of words, outside brackets, and once in a part"),
            ("{AI tool", "a curly bracket is not closed or not opened"),
            ("AI} tool", "a curly bracket is not closed or not opened"),
            ("ai*", "“ai*” would match too much; give at least 3 letters before *"),
            ("*", "“*” would match too much; give at least 3 letters before *"),
            ("dat*a", "in “dat*a”, * can only stand at the end of a word"),
            ("titel:ai", "“titel:” is not a field; the fields are title, summary, publisher, url, kind, source"),
            ("(a|title:b)", "“title:” cannot stand here; a field is named at the beginning of a part"),
            ("publisher:a ~3 b", "~ has no meaning in the publisher"),
            ("not:a", "it says only what must not be there; say what must be"),
            ("ai & not:(ai|data)", "it can never match: what it wants, it also excludes"),
            ("title:ai & not:ai", "it can never match: what it wants, it also excludes"),
            ("set phrase", "it can never match: what it wants is a phrase to ignore"),
            ("a b: c", "“b:” cannot stand here; a field is named at the beginning of a part"),
            ("x" * 3_000, "it is longer than 2,000 characters"),
        ],
    )
    def test_what_is_wrong_with_a_rule_is_said_in_a_sentence(self, rule: str, sentence: str) -> None:
        with pytest.raises(RuleError) as error:
            parse_rule(rule, MACROS, parse_words("set phrase", MACROS))
        assert str(error.value) == sentence

    def test_a_rule_cannot_stand_for_thousands_of_phrases(self) -> None:
        group = "(" + "|".join(f"w{number}" for number in range(50)) + ")"
        with pytest.raises(RuleError, match="more than 2,000 phrases"):
            parse_rule(f"{group} {group}", MACROS)

    def test_a_macro_may_use_those_above_it_and_no_others(self) -> None:
        macros, wrong = parse_macros({"A": ["ai"], "B": ["{A} tool"], "C": ["{D}", "see"], "D": ["{D}"]})
        assert macros["B"] == (("ai", "tool"),)
        assert macros["C"] == (("see",),)
        assert wrong == {("C", 0): "there is no macro {D}", ("D", 0): "there is no macro {D}"}


class TestSource:
    def test_a_rule_may_ask_for_the_source_by_its_id(self) -> None:
        rules = tagger("fines & source:ico-news")
        assert rules.tag("AI fines", source="ico-news").tags[0].because == (
            "“fines” in the title (rule: fines & source:ico-news)"
        )
        assert rules.tag("AI fines", source="ofcom-news").tags == ()
        assert rules.tag("AI fines at ico-news").tags == ()

    def test_a_source_alone_gives_no_topic(self) -> None:
        with pytest.raises(RuleError, match="a tag must be able to quote its reason"):
            tagger("source:ico-news")


class TestGate:
    def test_one_strong_sign_is_enough_and_is_the_reason(self) -> None:
        tagging = tagger(strong=("{AI}",)).tag("Parks", "A trial of deep learning in parks")
        assert tagging.relevant
        assert tagging.gate == "“deep learning” in the summary (rule: {AI})"

    def test_the_title_is_the_better_reason(self) -> None:
        tagging = tagger(strong=("in summary", "{AI}")).tag("All about AI", "said in summary")
        assert tagging.gate == "“AI” in the title (rule: {AI})"

    def test_a_topic_does_not_by_itself_make_an_item_relevant(self) -> None:
        tagging = tagger("potholes", strong=("ai",)).tag("Potholes")
        assert (tagging.relevant, tagging.tags) == (False, ())
        assert tagging.gate == "Nothing in it is about data, AI or digital policy."

    def test_a_relevant_item_may_have_no_topic(self) -> None:
        tagging = tagger("potholes").tag("The King’s Speech")
        assert (tagging.relevant, tagging.tags) == (True, ())

    def test_one_weak_sign_is_not_enough_however_often_it_is_there(self) -> None:
        tagging = tagger(strong=("nothing",), weak=("data", "digital*")).tag("Data data", "data")
        assert not tagging.relevant
        assert tagging.gate == "“Data” in the title (rule: data) is not enough by itself."

    def test_any_two_that_saw_different_words_are_enough(self) -> None:
        tagging = tagger(strong=("nothing",), weak=("open data maps", "open", "maps")).tag("Open data maps")
        assert tagging.gate == "“Open” in the title (rule: open) and “maps” in the title (rule: maps)"

    def test_two_different_weak_signs_are_enough(self) -> None:
        tagging = tagger(strong=("nothing",), weak=("data", "digital*")).tag("Digital maps", "with data")
        assert tagging.relevant
        assert tagging.gate == "“Digital” in the title (rule: digital*) and “data” in the summary (rule: data)"

    def test_two_weak_rules_that_saw_the_same_words_are_one_sign(self) -> None:
        assert not tagger(strong=("nothing",), weak=("data", "data map*")).tag("Data maps").relevant

    def test_unless_overrules_weak_signs_but_not_a_strong_one(self) -> None:
        gate = tagger(strong=("ai",), weak=("data", "digital*"), gate_unless=("television",))
        weak = gate.tag("Digital television data")
        assert not weak.relevant
        assert weak.gate.endswith(", but “television” in the title (rule: television).")
        assert gate.tag("AI on digital television").relevant

    def test_words_of_a_phrase_to_ignore_are_no_evidence(self) -> None:
        gate = tagger(strong=("technology",), ignore=("secretary of state for technology",))
        assert not gate.tag("To ask the Secretary of State for Technology about bees").relevant
        assert gate.tag("To ask the Secretary of State for Technology about technology").relevant


class TestTags:
    def test_a_tag_says_the_words_the_field_and_the_rule(self) -> None:
        (tag,) = tagger("regulat* ~5 {AI}").tag("Parks", "Plans to regulate the use of AI-enabled tools").tags
        assert tag == Tag("t", "regulate the use of AI", FieldName.SUMMARY, "regulat* ~5 {AI}")
        assert tag.because == "“regulate the use of AI” in the summary (rule: regulat* ~5 {AI})"

    def test_the_words_are_quoted_as_they_stand_in_the_item(self) -> None:
        (tag,) = tagger("children data").tag("The CHILDREN’S\n data").tags
        assert tag.phrase == "CHILDREN’S data"

    def test_words_from_two_places_are_both_quoted(self) -> None:
        (tag,) = tagger("police & {AI}").tag("The police of Kent like AI").tags
        assert (tag.phrase, tag.field) == ("police … AI", FieldName.TITLE)

    def test_a_match_that_needs_the_summary_is_a_match_of_the_summary(self) -> None:
        (tag,) = tagger("police & {AI}").tag("The police", "about AI").tags
        assert (tag.phrase, tag.field) == ("AI", FieldName.SUMMARY)

    def test_a_publisher_can_be_the_reason(self) -> None:
        (tag,) = tagger("publisher:ico").tag("The bees", publisher="The ICO").tags
        assert (tag.phrase, tag.field) == ("ICO", FieldName.PUBLISHER)

    def test_a_rule_that_looks_at_the_kind_alone_has_nothing_to_quote_and_is_refused(self) -> None:
        with pytest.raises(RuleError, match="must be able to quote its reason"):
            TopicRules(Topic("t", "T", "T."), (parse_rule("kind:news", {}),))

    def test_the_title_is_preferred_to_the_summary(self) -> None:
        (tag,) = tagger("cameras", "police").tag("The police", "have cameras").tags
        assert (tag.phrase, tag.field) == ("police", FieldName.TITLE)

    def test_unless_takes_the_topic_away(self) -> None:
        topics = tagger("horizon", unless=("horizon europe",))
        assert topics.tag("The Horizon inquiry").tags
        assert not topics.tag("The Horizon inquiry", "and Horizon Europe").tags

    def test_a_long_list_of_issues_is_not_about_all_of_them(self) -> None:
        names = ["one", "two", "three", "four", "five", "six"]
        subjects = tuple(TopicRules(Topic(name, name, name), (parse_rule(name, {}),)) for name in names)
        listing = Tagger(Taxonomy(Gate((parse_rule("list", {}),)), subjects))
        tagging = listing.tag("List with six", "one, two, three, four and five")
        assert len(tagging.tags) == MOST_TOPICS
        assert tagging.topic_ids == ("one", "two", "six")

    def test_a_topic_that_stands_beside_the_others_takes_the_place_of_none(self) -> None:
        names = ["one", "two", "three", "four"]
        subjects = tuple(
            TopicRules(Topic(name, name, name), (parse_rule(name, {}),), beside=beside)
            for beside, group in ((False, names), (True, ["east", "west", "south"]))
            for name in group
        )
        listing = Tagger(Taxonomy(Gate((parse_rule("list", {}),)), subjects))
        tagging = listing.tag("List: south, west and east", "one, two, three and four")
        assert tagging.topic_ids == ("one", "two", "three", "west", "south")
        assert len(tagging.tags) == MOST_TOPICS + MOST_BESIDE

    def test_the_version_of_the_rules_changes_with_any_of_them(self) -> None:
        versions = {
            tagger("one").taxonomy.version,
            tagger("two").taxonomy.version,
            tagger("one", unless=("two",)).taxonomy.version,
            tagger("one", weak=("two",)).taxonomy.version,
            tagger("one", ignore=("two",)).taxonomy.version,
        }
        assert len(versions) == 5
        assert tagger("one").taxonomy.version == tagger("one").taxonomy.version
        assert tagger("one").tag("The one").rules_version in versions


class TestHostileText:
    RULES = ("{AI} ~8 police", "data ~50 data", "data protection bill", "(a|b|c) ~50 (d|e|f)", "regulat*")

    @pytest.mark.parametrize(
        "text",
        [
            "ai police " * 100_000,
            "a" * 1_000_000,
            "data protection " * 60_000,
            "a b c d e f " * 80_000,
            "ﷺ" * 1_000_000,
            "İ" * 1_000_000,
            "\u200b" * 1_000_000,
            "a.b" * 300_000,
            "'’" * 500_000,
            "\ud800" * 1_000_000,
        ],
        ids=["near", "one word", "phrase", "pairs", "ligature", "dotted i", "unseen", "dots", "quotes", "surrogates"],
    )
    def test_a_megabyte_costs_no_more_than_a_moment(self, text: str) -> None:
        guarded = tagger(*self.RULES, strong=("the", "ai", "data", "a"))
        began = time.process_time()
        guarded.tag(text, text, text, text)
        assert time.process_time() - began < 1.0

    def test_endless_new_words_do_not_fill_the_memory(self) -> None:
        remembering = tagger("regulat*")
        for start in range(0, 60_000, 100):
            remembering.tag(" ".join(["regulated", *(f"w{number}" for number in range(start, start + 100))]))
        _, index_of_titles = remembering._rules._indexes[0]
        assert 0 < len(index_of_titles) <= 50_000

    @given(st.text(st.characters(exclude_characters="Σ"), max_size=60))
    @example("GOV.UK’s i.AI, U.K. and children's 'e-mail'. İ")
    def test_each_word_of_a_text_is_in_it_once_it_is_squeezed(self, text: str) -> None:
        # So a field in which nothing that is looked for can be need not be cut into words.
        text = readable(text, 100)
        assert all(word in squeezed(text) for word in words(text) if word != END)

    ANY_TEXT = st.text(st.characters(), max_size=200) | st.lists(
        st.sampled_from(["AI", "police", "data", "the", "a.b", "’s", "İ", "\ud800", "ﷺ", "e-", "\u200b", "regulat"])
    ).map(" ".join)

    @settings(max_examples=300, deadline=None)
    @given(title=ANY_TEXT, summary=ANY_TEXT, publisher=ANY_TEXT, url=ANY_TEXT, kind=st.none() | st.sampled_from(Kind))
    def test_tagging_never_raises_and_always_gives_its_reasons(
        self, title: str, summary: str, publisher: str, url: str, kind: Kind | None
    ) -> None:
        tagging = ANY.tag(title, summary, publisher, url, kind)
        assert tagging.gate
        assert tagging.relevant or not tagging.tags
        for tag in tagging.tags:
            assert tag.phrase
            assert tag.rule

    @settings(max_examples=200, deadline=None)
    @example(text="!\r")
    @given(text=ANY_TEXT)
    def test_words_are_found_where_they_are_said_to_be(self, text: str) -> None:
        reading = readable(text, 1_000)
        found = words(reading)
        there = places(reading, len(found))
        assert len(there) == len(found)
        pairs = list(zip(found, there, strict=True))
        assert all(word in words(reading[start:end]) for word, (start, end) in pairs if word != END)
        # What ends a sentence does so by what follows it, so it is one only where it stands.
        assert all(end == start + 1 for word, (start, end) in pairs if word == END)


ANY = tagger(*TestHostileText.RULES, strong=("the", "ai", "data"), weak=("police", "regulat*"))


class TestLines:
    def answers(self, *lines: str) -> list[dict[str, object]]:
        return [json.loads(answer) for answer in tag_lines(lines, tagger("police ~5 ai"))]

    def test_each_line_gets_its_answer_in_order(self) -> None:
        first, second = self.answers(
            '{"id": "a", "title": "Police use AI", "summary": null, "publisher": "Home Office", "url": ""}',
            '{"id": 7, "title": "Bees"}\n',
        )
        assert first == {
            "id": "a",
            "relevant": True,
            "topics": [{"id": "t", "because": "“Police use AI” in the title (rule: police ~5 ai)"}],
            "gate": "“AI” in the title (rule: ai)",
            "kind": {"id": "other", "because": "nothing says what kind it is"},
        }
        assert second == {
            "id": 7,
            "relevant": False,
            "topics": [],
            "gate": "Nothing in it is about data, AI or digital policy.",
            "kind": {"id": "other", "because": "nothing says what kind it is"},
        }

    def test_an_address_or_a_title_tells_the_kind_with_its_reason(self) -> None:
        (answer,) = self.answers('{"title": "AI", "url": "https://www.gov.uk/government/consultations/ai"}')
        assert answer["kind"] == {
            "id": "consultation",
            "because": "its address is on www.gov.uk/government/consultations",
        }

    @pytest.mark.parametrize(
        ("line", "error"),
        [
            ("not json", "This line is not JSON."),
            ("[" * 100_000, "This line is not JSON."),
            ('{"id": NaN, "title": "AI"}', "This line is not JSON."),
            ("[]", "This line is JSON, but not an object with a “title”."),
            ("{}", "There is no “title” in this line."),
            ('{"title": " "}', "There is no “title” in this line."),
            ('{"title": 3}', "The “title” in this line is not text."),
            ('{"title": "AI", "summary": ["x"]}', "The “summary” in this line is not text."),
            ('{"id": {}, "title": "AI"}', "The “id” in this line is neither text nor a number."),
            ('{"title": "' + "x" * 5_000_000 + '"}', "This line is longer than 5,000,000 characters."),
        ],
    )
    def test_a_line_that_cannot_be_used_is_said_so_and_the_others_go_on(self, line: str, error: str) -> None:
        wrong, right = self.answers("", line, '{"id": "b", "title": "AI"}')
        assert wrong == {"id": None, "line": 2, "error": error}
        assert right["relevant"] is True

    def test_a_bad_line_keeps_its_id(self) -> None:
        assert self.answers('{"id": "x"}') == [{"id": "x", "line": 1, "error": "There is no “title” in this line."}]

    def test_blank_lines_are_passed_over(self) -> None:
        assert self.answers("", "  \n", "\t") == []

    def test_half_a_character_can_still_be_written_out(self) -> None:
        (answer,) = tag_lines(['{"id": "\\ud800", "title": "AI"}'], tagger("ai"))
        assert answer.encode()
        assert json.loads(answer)["id"] == "\ud800"
