"""Every kind of document is told, with the words that tell it; and titles that only sound like one are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.kinds import KindRules, Place, Sorted, TitleRule, title_phrase, told
from digests.model import Group, Item, Kind, Source, kind_told
from tests.builders import a_source, an_item

JOBS = TitleRule(
    Kind.JOB,
    ((Place.BEGINS, "we're hiring"), (Place.HAS, "is recruiting a*"), (Place.ENDS, "vacancy")),
    unless=("statistics",),
    instead_of=frozenset({Kind.NEWS}),
)
CONSULTATION = TitleRule(Kind.CONSULTATION, ((Place.BEGINS, "consultation:"), (Place.HAS, "report - draft")))
STAGE = TitleRule(
    Kind.STAGE,
    ((Place.HAS, "second reading"),),
    instead_of=frozenset({Kind.DEBATE}),
    groups=frozenset({Group.PARLIAMENT}),
)
RULES = KindRules((JOBS, CONSULTATION, STAGE))


PIECES = ("we’re", "We're", "hiring", "is  recruiting", "Analysts", "a", "vacancy", "consultation", ":", "report", "–")
TITLES = st.lists(
    st.sampled_from((*PIECES, "draft", "second", "reading", "statistics", "-", ".", "x", "_", "é"))
    | st.text(max_size=2)
)


@given(TITLES.map(" ".join) | TITLES.map("".join), st.sampled_from(Kind), st.sampled_from(Group), st.booleans())
def test_a_rule_that_is_not_tried_would_not_have_spoken(title: str, known: Kind, group: Group, firm: bool) -> None:
    worth = RULES._worth_trying(title)
    assert [rule for rule in worth if rule.because(title)] == [rule for rule in RULES.titles if rule.because(title)]
    stated = Sorted(known, "its source says so: S") if firm else None
    assert RULES.sort(title, "", group=group, usual=known, told=stated) == next(
        (
            Sorted(rule.kind, because)
            for rule in RULES.titles
            if rule.replaces(known, group, firm=firm) and (because := rule.because(title))
        ),
        KindRules().sort(title, "", group=group, usual=known, told=stated),
    )


@pytest.mark.parametrize(
    ("title", "kind", "because"),
    [
        ("We’re  hiring: a policy lead", Kind.JOB, "its title begins “We’re hiring”"),
        ("“We're hiring” – join us", Kind.JOB, "its title begins “We're hiring”"),
        ("The council is recruiting analysts", Kind.JOB, "its title says “is recruiting analysts”"),
        ("Data analyst vacancy.", Kind.JOB, "its title ends “vacancy”"),
        ("CONSULTATION : smart data", Kind.CONSULTATION, "its title begins “CONSULTATION :”"),
        ("Annual report – draft for comment", Kind.CONSULTATION, "its title says “report – draft”"),
    ],
)
def test_a_title_tells_the_kind_in_its_own_words(title: str, kind: Kind, because: str) -> None:
    assert RULES.of_text(title) == Sorted(kind, because)


@pytest.mark.parametrize(
    "title",
    [
        "Why we're hiring fewer people",
        "Vacancy statistics: is recruiting as hard as it was?",
        "The vacancy rate",
        "Consultations: how we run them",
        "On consultation: a view",
        "",
    ],
)
def test_words_elsewhere_or_with_what_excludes_them_tell_nothing(title: str) -> None:
    assert RULES.of_text(title) == Sorted(Kind.OTHER, "nothing says what kind it is")


def test_what_the_source_states_counts_before_govuk_the_address_and_its_usual_kind() -> None:
    url = "https://www.gov.uk/government/news/a"
    stated = told("Petitions", Kind.PETITION, Kind.SPEECH, "Speech")
    assert stated == Sorted(Kind.PETITION, "its source says so: Petitions")
    named = told("News", None, Kind.SPEECH, "Speech")
    assert named == Sorted(Kind.SPEECH, "GOV.UK calls it “Speech”")
    assert [RULES.sort("A", url, usual=Kind.BLOG, told=each) for each in (stated, named)] == [stated, named]
    by_address = RULES.sort("A", url, usual=Kind.BLOG, source="S")
    assert by_address == Sorted(Kind.NEWS, "its address is on www.gov.uk/government/news")
    usual = RULES.sort("A", "https://example.org/a", usual=Kind.BLOG, source="Data blog")
    assert usual == Sorted(Kind.BLOG, "that is what its source carries: Data blog")


def test_a_title_corrects_a_usual_kind_that_says_little_but_no_other() -> None:
    title, url = "Consultation: data", "https://example.org/a"
    for usual in (Kind.NEWS, Kind.BLOG, Kind.OTHER):
        assert RULES.sort(title, url, usual=usual, source="S").kind is Kind.CONSULTATION
    assert RULES.sort(title, url, usual=Kind.WRITTEN_QUESTION, source="S").kind is Kind.WRITTEN_QUESTION
    assert RULES.sort(title, url, told=Sorted(Kind.NEWS, "S says so")).kind is Kind.NEWS


def test_a_rule_may_name_kinds_that_it_corrects_whoever_said_them() -> None:
    assert RULES.sort("We are one; vacancy", "https://www.gov.uk/government/news/a").kind is Kind.JOB
    title, url = "Data Bill: Second Reading", "https://hansard.parliament.uk/a"
    assert RULES.sort(title, url, group=Group.PARLIAMENT) == Sorted(Kind.STAGE, "its title says “Second Reading”")
    assert RULES.sort(title, url, group=Group.PRESS).kind is Kind.DEBATE
    assert RULES.sort(title, url).kind is Kind.STAGE


PETITIONS = a_source("p", document_kind=Kind.PETITION)
SAID = {"told_kind": Kind.NEWS, "told_because": "GOV.UK calls it “Press release”"}


@pytest.mark.parametrize(
    ("item", "source", "now"),
    [
        # A rule about titles is new.
        (an_item(1, title="Analyst vacancy", kind=Kind.NEWS, kind_because=SAID["told_because"], **SAID), None, "job"),
        # One is gone, and what was told before it spoke counts again.
        (an_item(1, title="A post", kind=Kind.JOB, kind_because="its title says “post”", **SAID), None, "news"),
        (an_item(1, title="A post", kind=Kind.JOB, kind_because="its title says “post”"), PETITIONS, "petition"),
        # Nobody knows any more how its kind was known.
        (an_item(1, title="Consultation: data", kind=Kind.PETITION, kind_because=""), PETITIONS, "petition"),
        (an_item(1, title="A", kind=Kind.SPEECH, kind_because="that is what its source carries: Old"), None, "speech"),
    ],
)
def test_an_item_is_sorted_again_by_what_was_told_of_it_and_the_rules_of_today(
    item: Item, source: Source | None, now: str
) -> None:
    assert RULES.sort_again(item, source).kind.value == now


def test_a_prefix_of_govuk_is_named_as_it_stood() -> None:
    url = "https://www.gov.uk/government/publications/a"
    assert RULES.of_text("Policy paper: AI plan", url) == Sorted(Kind.POLICY_PAPER, "GOV.UK calls it “Policy paper”")


def test_a_kind_is_told_with_its_article_and_its_reason() -> None:
    assert kind_told(Kind.EVENT, "its title begins “Webinar”") == "an event, because its title begins “Webinar”"
    assert kind_told(Kind.GUIDANCE, "") == "guidance"
    assert kind_told(Kind.DECISION, "") == "a decision of a court or regulator"
    assert all(kind.in_words for kind in Kind)


@pytest.mark.parametrize(
    ("phrase", "why"),
    [("", "no letters"), ("–:", "no letters"), ("re*cruit", r"\\* can only stand at the end"), ("*", "no letters")],
)
def test_a_phrase_that_no_title_can_hold_is_refused(phrase: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        title_phrase(phrase)


@given(st.text(max_size=80), st.sampled_from(list(Kind)))
def test_any_title_at_all_has_a_kind_and_a_reason(title: str, usual: Kind) -> None:
    found = RULES.sort(title, "https://example.org/a", usual=usual, source="S")
    assert found.because
    assert found.kind in (usual, Kind.JOB, Kind.CONSULTATION, Kind.STAGE)
