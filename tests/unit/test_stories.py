"""When two items are one story, and above all when they are not."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model import Group, Kind, Story, TaggedItem
from digests.stories import group
from tests.builders import NOW, a_tagged_item


def item(number: int, title: str, publisher: str, **changes: Any) -> TaggedItem:
    settings: dict[str, Any] = {"kind": Kind.NEWS, "published_at": NOW, **changes}
    return a_tagged_item(number, title=title, publisher=publisher, **settings)


def are_one_story(one: str, other: str, **changes: Any) -> bool:
    first = item(1, one, "Department of Examples", **changes)
    second = item(2, other, "Example Regulator", group=Group.REGULATORS, **changes)
    return len(group([first, second])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Government publishes AI Opportunities Action Plan", "Government publishes AI Opportunities Action Plan"),
        ("Government publishes the AI opportunities action plan", "GOVERNMENT PUBLISHES AI OPPORTUNITIES ACTION PLAN"),
        (
            "Press release: Ministers publish new AI opportunities action plan",
            "Ministers published AI Opportunities Action Plan",
        ),
        ("Organisations’ use of facial recognition criticised", "Organizations' use of facial recognition criticized"),
        ("Ministers unveil £85 million fund for safe AI research", "Ministers unveil £85m fund for safe AI research"),
        (
            "Ministers unveil fund for safe AI research - Department of Examples",
            "Ministers unveil fund for safe AI research | Example Regulator",
        ),
        ("Copyright and AI: creative industries react angrily", "Copyright and AI – creative industries react angrily"),
        ("Code for police algorithms announced by Home Office", "Home Office announces new code for police algorithms"),
        ("Paper records to be replaced by one register", "One register to replace paper records"),
        ("Small firms avoid using chatbots, researchers say", "Researchers: small firms avoid using chatbots"),
        ("Ministers and tech firms sign deepfake pledge", "Tech firms and ministers sign deepfake pledge"),
        ("Ministers launch inquiry into biometric passports", "Ministers launch an inquiry into biometric passports"),
    ],
)
def test_one_headline_from_two_publishers_is_one_story(one: str, other: str) -> None:
    assert are_one_story(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Who does it to whom.
        ("Google criticised Meta and Apple over adverts", "Apple and Google criticised Meta over adverts"),
        ("Court of Appeal backed by ministers on phone tapping", "Ministers backed Supreme Court on phone tapping"),
        ("Phone tapping orders not published by Home Office", "Home Office published phone tapping orders"),
        ("Phone records will not be replaced by one register", "One register will replace phone records"),
        ("Small firms avoid using chatbots, ministers say", "Researchers: small firms avoid using chatbots"),
        # Headings that many bodies use.
        ("Modern slavery and human trafficking statement", "Modern slavery and human trafficking statement"),
        ("Job vacancy: senior data policy adviser", "Job vacancy: senior data policy adviser"),
        # Other law, year by year.
        ("Supply and Appropriation (Main Estimates) Act 2024", "Supply and Appropriation (Main Estimates) Act 2025"),
        ("Freedom of Information (Extension) Bill published", "Freedom of Information (Amendment) Bill published"),
        ("Freedom of Information (Extension) Bill published", "Freedom of Information Extension Bill published"),
        ("Peers debate smart data law at Second Reading", "Peers debate smart data law at Third Reading"),
        ("Smart data law reaches committee stage in the Lords", "Smart data law reaches report stage in the Lords"),
        (
            "Marriage register data sharing (No. 1) rules explained",
            "Marriage register data sharing (No. 2) rules explained",
        ),
        (
            "Ministers publish draft rules on facial recognition cameras",
            "Ministers publish rules on facial recognition cameras",
        ),
        # Other months, numbers, amounts.
        (
            "Police facial recognition deployments rose sharply in March",
            "Police facial recognition deployments rose sharply in April",
        ),
        (
            "Ministers unveil £85 million fund for safe AI research",
            "Ministers unveil £85 billion fund for safe AI research",
        ),
        (
            "Ministers unveil £85 million fund for safe AI research",
            "Ministers unveil $85 million fund for safe AI research",
        ),
        ("Part one: how ministers plan facial recognition law", "Part two: how ministers plan facial recognition law"),
        # Near in letters, far in meaning.
        ("Peers back rules on facial recognition cameras", "Peers reject rules on facial recognition cameras"),
        (
            "Ministers rule out facial recognition in English schools",
            "Ministers rule out facial recognition in Scottish schools",
        ),
        ("Washington sues Brussels about online safety fines", "Brussels sues Washington about online safety fines"),
        (
            "Ministers will publish facial recognition law soon",
            "Ministers will not publish facial recognition law soon",
        ),
        # Titles that stand over many documents.
        ("Annual report and accounts 2023 to 2024", "Annual report and accounts 2023 to 2024"),
        ("Freedom of information: publication scheme", "Freedom of information: publication scheme"),
        ("Digital strategy 2025 to 2030", "Digital strategy 2025 to 2030"),
        ("Written question", "Written question"),
        ("", ""),
    ],
)
def test_what_may_be_two_things_stays_two_stories(one: str, other: str) -> None:
    assert not are_one_story(one, other)


@pytest.mark.parametrize(
    "kind",
    [
        *(Kind.BILL, Kind.LEGISLATION, Kind.WRITTEN_QUESTION, Kind.WRITTEN_STATEMENT, Kind.DEBATE, Kind.EVENT),
        *(Kind.STATISTICS, Kind.TRANSPARENCY, Kind.COMMITTEE_PUBLICATION, Kind.DECISION),
    ],
)
def test_kinds_whose_titles_repeat_are_never_grouped_by_title(kind: Kind) -> None:
    title = "Ministers unveil fund for safe artificial intelligence research"
    assert not are_one_story(title, title, kind=kind)


def test_a_consultation_and_its_outcome_are_two_stories() -> None:
    title = "Copyright and artificial intelligence in the creative industries"
    consultation = item(1, title, "Department of Examples", kind=Kind.CONSULTATION)
    outcome = item(2, title, "Example Regulator", kind=Kind.CONSULTATION_OUTCOME)
    assert len(group([consultation, outcome])) == 2


def test_one_publishers_two_documents_of_one_title_are_two_stories() -> None:
    title = "Ministers unveil fund for safe artificial intelligence research"
    assert len(group([item(1, title, "Example Regulator"), item(2, title, "EXAMPLE REGULATOR")])) == 2


def test_the_same_title_weeks_later_is_another_story() -> None:
    title = "Ministers unveil fund for safe artificial intelligence research"
    later = item(2, title, "Example Regulator", published_at=NOW + timedelta(days=11))
    assert len(group([item(1, title, "Department of Examples"), later])) == 2


def test_the_same_address_is_one_story_whatever_the_titles() -> None:
    one = item(1, "AI opportunities", "Department of Examples", url="https://www.example.org/plan")
    other = item(2, "Read the plan", "Department of Examples", url="http://example.org/plan/")
    assert len(group([one, other])) == 1


def test_the_one_whose_act_it_is_leads_before_those_who_report_it() -> None:
    title = "Ministers unveil fund for safe artificial intelligence research"
    press = item(1, title, "Example News", group=Group.PRESS, published_at=NOW - timedelta(days=1))
    charity = item(2, title, "Example Charity", group=Group.CIVIL_SOCIETY)
    government = item(3, title, "Department of Examples", group=Group.GOVERNMENT, published_at=NOW)
    assert group([press, charity, government]) == (Story(government, (charity, press)),)


POOL = [
    item(number, title, publisher, published_at=NOW + timedelta(days=day))
    for number, (title, publisher, day) in enumerate(
        (title, publisher, day)
        for title in ("Ministers unveil fund for safe AI research", "Peers reject rules on facial recognition cameras")
        for publisher in ("Department of Examples", "Example Regulator", "Example News")
        for day in (0, 6, 12)
    )
]


@given(st.permutations(POOL))
def test_the_order_of_items_never_decides_and_no_item_is_lost(items: list[TaggedItem]) -> None:
    stories = group(items)
    assert set(stories) == set(group(POOL))
    told = [tagged for story in stories for tagged in (story.lead, *story.others)]
    assert sorted(tagged.item.id for tagged in told) == sorted(tagged.item.id for tagged in POOL)


def test_a_thousand_hostile_titles_cost_little_time() -> None:
    letters = random.Random(1)
    items = [item(n, "(" * 5000 + "".join(letters.choices("ab c-(", k=5000)), f"Publisher {n}") for n in range(1000)]
    started = time.process_time()
    assert len(group(items)) == 1000
    assert time.process_time() - started < 3
