"""What a draft proposes, what it is unsure of, what it counts as left out, and why."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.calendar import LONDON
from digests.model import FieldName, Group, Kind, Story, Tag, TaggedItem, Tagging, Topic
from digests.plan import ApprovalPolicy, DigestPlan, Schedule, SectionPlan, Weights
from digests.ranking import Ranked, Ranking, rank, rank_ahead
from tests.builders import NOW, a_source, an_item

AI = Topic("ai", "Artificial intelligence", "Systems that learn.")
DATA = Topic("data", "Data protection", "Personal data and its law.")
TOPICS = {topic.id: topic for topic in (AI, DATA)}
SOURCES = {"high": a_source("high", weight=1.0), "low": a_source("low", weight=0.2), "example": a_source()}

WEIGHTS = Weights(kinds={Kind.CONSULTATION: 3.0, Kind.WRITTEN_QUESTION: -0.5})


def a_plan(**changes: Any) -> DigestPlan:
    """A plan with four sections, one of them dated; each of the others has room for three entries."""
    settings: dict[str, Any] = {
        "title": "Data Policy Digest",
        "first_number": 30,
        "schedule": Schedule(4, time(9), LONDON),
        "sections": (
            SectionPlan("bills", "Bills", frozenset({Kind.BILL}), frozenset({Group.LEGISLATION}), 3),
            SectionPlan("government", "Government", frozenset(), frozenset({Group.GOVERNMENT, Group.REGULATORS}), 3),
            SectionPlan("everything", "Everything else", frozenset(), frozenset(Group), 3),
            SectionPlan("coming-up", "Coming up", frozenset({Kind.EVENT}), frozenset(), 3, dated=True),
        ),
        "weights": WEIGHTS,
        "shortlist": 6,
        "maybe": 2,
        "approval": ApprovalPolicy(),
        "intro": "Welcome to our {number} {title}.",
        **changes,
    }
    return DigestPlan(**settings)


def tagged(number: int, *topics: str, field: FieldName = FieldName.TITLE, **changes: Any) -> TaggedItem:
    """An item tagged with these topics by words in ``field``."""
    tags = tuple(Tag(topic, f"words of {topic}", field, f"{topic}-1") for topic in topics)
    return TaggedItem(an_item(number, **changes), Tagging(True, "it names artificial intelligence", tags))


def story(number: int, *topics: str, **changes: Any) -> Story:
    return Story(tagged(number, *(topics or ("ai",)), **changes))


def ranking_of(*stories: Story, **plan: Any) -> Ranking:
    return rank(stories, plan=a_plan(**plan), sources=SOURCES, topics=TOPICS, now=NOW)


def titles(ranked: tuple[Ranked, ...]) -> list[str]:
    return [each.story.lead.item.title for each in ranked]


def only(*stories: Story) -> Ranked:
    (ranked,) = ranking_of(*stories).shortlist
    return ranked


def test_a_topic_in_the_title_counts_more_than_one_in_the_summary() -> None:
    assert only(story(1, "ai")).score > only(story(1, "ai", field=FieldName.SUMMARY)).score


def test_more_topics_a_weightier_source_and_a_weightier_kind_each_count() -> None:
    plain = only(story(1, "ai", source_id="low")).score
    assert only(story(1, "ai", "data", source_id="low")).score > plain
    assert only(story(1, "ai", source_id="high")).score > plain
    assert only(story(1, "ai", source_id="low", kind=Kind.CONSULTATION)).score > plain
    assert only(story(1, "ai", source_id="low", kind=Kind.WRITTEN_QUESTION)).score < plain


def test_what_is_fresh_counts_more_and_its_worth_halves() -> None:
    today, week, fortnight = (only(story(1, published_at=NOW - timedelta(days=days))).score for days in (0, 5, 10))
    assert today - week > week - fortnight > 0
    assert only(story(1, published_at=NOW + timedelta(days=400))).score == today


def test_a_closing_date_counts_when_it_is_near() -> None:
    plain = only(story(1)).score
    assert only(story(1, deadline=date(2025, 2, 10))).score == plain + WEIGHTS.deadline
    assert only(story(1, deadline=date(2025, 4, 10))).score == plain
    assert only(story(1, deadline=date(2025, 1, 22))).score == plain


def test_how_many_members_follow_its_main_topic_counts_up_to_ten() -> None:
    def ranked(**interest: int) -> Ranked:
        ranking = rank([story(1)], plan=a_plan(), sources=SOURCES, topics=TOPICS, now=NOW, interest=interest)
        return ranking.shortlist[0]

    assert ranked(ai=3).score == pytest.approx(ranked().score + 3 * WEIGHTS.follower)
    assert ranked(ai=10).score == ranked(ai=500).score
    assert ranked(data=5).score == ranked().score
    assert ranked(ai=5).reasons[-1] == "5 members follow its topic"
    # A small number could give away who it is.
    assert {ranked(ai=few).reasons[-1] for few in range(1, 5)} == {"followed by members"}


def test_other_publishers_count_and_are_told() -> None:
    alone = story(1)
    others = tuple(tagged(number, "ai", publisher=f"Publisher {number}") for number in (2, 3))
    shared = only(Story(alone.lead, others))
    assert shared.score > only(alone).score
    assert "also from 2 other publishers" in shared.reasons


def test_a_topic_that_an_editor_gave_is_a_reason_of_its_own() -> None:
    given = TaggedItem(an_item(1), Tagging(True, "an editor", (Tag("ai", "", FieldName.EDITOR, ""),)))
    assert only(Story(given)).reasons[0] == "Matches Artificial intelligence: an editor says so"


def test_the_reasons_are_said_in_words() -> None:
    bill = only(
        story(1, "ai", "data", kind=Kind.BILL, stage="Report  stage", deadline=date(2025, 2, 25), publisher="P")
    )
    assert bill.reasons == (
        "Matches Artificial intelligence: “words of ai” in the title",
        "Matches Data protection: “words of data” in the title",
        "Bill at Report stage",
        "closes Tuesday 25 February 2025",
    )
    sitting = only(story(1, "unknown", field=FieldName.SUMMARY, kind=Kind.DEBATE, happens_on=date(2025, 1, 28)))
    assert sitting.reasons == (
        "Matches unknown: “words of unknown” in the summary",
        "Debate",
        "happens Tuesday 28 January 2025",
    )


def test_a_section_takes_no_more_than_its_cap_and_the_rest_are_maybes_that_say_so() -> None:
    ranking = ranking_of(*(story(number) for number in range(1, 8)))
    assert len(ranking.shortlist) == 3
    assert [each.held_back for each in ranking.maybe] == ["“Government” has its 3 entries"] * 2
    assert [each.held_back for each in ranking.left_out] == ["more in “Government”, which is full"] * 2


def test_the_shortlist_has_its_own_limit() -> None:
    many = [story(number, group=group) for number, group in enumerate([Group.GOVERNMENT, Group.PRESS] * 3, start=1)]
    ranking = ranking_of(*many, shortlist=4, maybe=1)
    assert len(ranking.shortlist) == 4
    assert [each.held_back for each in ranking.maybe] == ["Ranked below the shortlist"]
    assert [each.held_back for each in ranking.left_out] == ["ranked below the maybes"]


def test_a_story_without_a_topic_can_only_be_a_maybe() -> None:
    unsure = [Story(tagged(number)) for number in range(1, 5)]
    ranking = ranking_of(*unsure, story(9))
    assert titles(ranking.shortlist) == [story(9).lead.item.title]
    assert [each.held_back for each in ranking.maybe] == ["No topic matched"] * 2
    assert ranking.maybe[0].reasons[0] == "Relevant: it names artificial intelligence"
    assert [each.held_back for each in ranking.left_out] == ["relevant, but without a topic"] * 2


def test_one_source_or_one_topic_does_not_fill_the_draft() -> None:
    loud = [story(number, "ai", source_id="high") for number in range(1, 6)]
    quiet = [story(number, "data", source_id="low") for number in range(6, 8)]
    one_section = (SectionPlan("all", "All", frozenset(), frozenset(Group), 10),)

    def sources_of(weights: Weights) -> list[str]:
        ranking = ranking_of(*loud, *quiet, shortlist=4, sections=one_section, weights=weights)
        return [each.story.lead.item.source_id for each in ranking.shortlist]

    assert sources_of(Weights(same_source=0, same_topic=0)) == ["high"] * 4
    assert sources_of(Weights(same_source=2, same_topic=0)) == ["high", "high", "low", "high"]
    assert sources_of(Weights(same_source=0, same_topic=2)) == ["high", "high", "low", "high"]


def test_an_event_ahead_is_at_home_in_the_dated_section_and_one_that_is_over_is_not() -> None:
    assert only(story(1, kind=Kind.EVENT, happens_on=date(2025, 2, 4))).section.id == "coming-up"
    assert only(story(1, kind=Kind.EVENT, happens_on=date(2025, 1, 22))).section.id == "government"
    assert only(story(1, kind=Kind.EVENT)).section.id == "government"
    assert only(story(1, kind=Kind.CONSULTATION, deadline=date(2025, 2, 4))).section.id == "government"


def test_a_day_ahead_may_come_from_another_member_of_the_story() -> None:
    ranked = only(Story(tagged(1, "ai"), (tagged(2, "ai", deadline=date(2025, 2, 4)),)))
    assert ranked.ahead is not None
    assert ranked.ahead.in_words == "closes Tuesday 4 February 2025"


STORIES = [
    story(
        number,
        *topics,
        source_id=("high", "low", "gone")[number % 3],
        group=list(Group)[number % 9],
        kind=list(Kind)[number % 20],
        deadline=date(2025, 1, 20) + timedelta(days=number) if number % 4 == 0 else None,
    )
    for number, topics in enumerate([("ai",), ("data",), ("ai", "data")] * 8, start=1)
]


@given(st.permutations(STORIES))
def test_the_order_of_stories_never_decides_and_none_is_lost(stories: list[Story]) -> None:
    ranking = ranking_of(*stories)
    assert ranking == ranking_of(*STORIES)
    told = [each.story for each in (*ranking.shortlist, *ranking.maybe, *ranking.left_out)]
    assert len(told) == len(set(told)) == len(STORIES)


def question(number: int, *topics: str, body: str = "Department of Examples", **changes: Any) -> Story:
    return story(number, *topics, kind=Kind.WRITTEN_QUESTION, publisher=body, **changes)


def test_written_questions_to_one_body_on_one_topic_are_one_story_led_by_the_best() -> None:
    best = question(3, source_id="high")
    ranked = only(question(1, source_id="low"), question(2, source_id="low"), best)
    assert ranked.story.lead == best.lead
    assert [tagged.item.id for tagged in ranked.story.others] == sorted(
        tagged.item.id for tagged in (question(1).lead, question(2).lead)
    )
    assert ranked.questions == 3
    assert ranked.reasons[-1] == "3 written questions to Department of Examples on Artificial intelligence"


def test_written_questions_on_other_topics_to_other_bodies_or_on_no_topic_stay_apart() -> None:
    ranking = ranking_of(question(1), question(2, "data"), question(3, body="Treasury"))
    assert [each.questions for each in ranking.shortlist] == [1, 1, 1]
    unsure = [Story(tagged(n, kind=Kind.WRITTEN_QUESTION)) for n in (4, 5)]
    assert [each.questions for each in ranking_of(*unsure).maybe] == [1, 1]


def test_other_kinds_of_one_publisher_and_topic_are_never_put_together() -> None:
    assert [each.questions for each in ranking_of(story(1), story(2)).shortlist] == [0, 0]


def test_the_next_day_of_a_bill_is_the_first_that_any_of_its_items_names() -> None:
    page = tagged(1, "ai", kind=Kind.BILL, stage="Report stage", happens_on=date(2025, 3, 1))
    sitting = tagged(2, "ai", kind=Kind.EVENT, happens_on=date(2025, 2, 4))
    ranked = only(Story(page, (sitting,)))
    assert ranked.ahead is not None
    assert ranked.ahead.day == date(2025, 2, 4)
    assert "told with 1 further item about this bill" in ranked.reasons


def test_what_lies_ahead_is_ranked_without_regard_to_its_age_and_only_while_it_is_near() -> None:
    def closing(number: int, day: date, **changes: Any) -> Story:
        return story(number, deadline=day, **changes)

    old = closing(1, date(2025, 2, 4), source_id="high", published_at=NOW - timedelta(days=90))
    new = closing(2, date(2025, 1, 23), source_id="low")
    others = (closing(3, date(2025, 2, 14)), closing(4, date(2025, 1, 22)), Story(tagged(5, deadline=date(2025, 2, 4))))
    ranked = rank_ahead((new, old, *others), plan=a_plan(), sources=SOURCES, topics=TOPICS, now=NOW)
    assert [each.story for each in ranked] == [old, new]


def test_of_a_kind_that_the_plan_limits_no_more_are_proposed_however_much_room_there_is() -> None:
    jobs = [story(number, kind=Kind.JOB) for number in range(1, 5)]
    ranking = ranking_of(*jobs, story(9), most_of_kind={Kind.JOB: 1})
    kinds = [each.story.lead.item.kind for each in ranking.shortlist]
    assert sorted(kinds) == [Kind.GUIDANCE, Kind.JOB]
    assert {each.held_back for each in ranking.maybe} == {"The draft has as many of the kind “job” as it may"}
    assert {each.held_back for each in ranking.left_out} == {"more of the kind “job” than a draft proposes"}
    none = ranking_of(*jobs, most_of_kind={Kind.JOB: 0})
    assert none.shortlist == ()


def test_of_two_things_on_one_day_the_earlier_hour_is_ahead_and_a_day_without_one_is_last() -> None:
    day = date(2025, 2, 4)
    timed = only(story(1, deadline=day, deadline_time=time(17), happens_on=day, happens_at=time(9, 30)))
    assert timed.ahead is not None
    assert timed.ahead.in_words == "happens Tuesday 4 February 2025, 9:30am"
    mixed = only(story(1, deadline=day, deadline_time=time(17), happens_on=day, date_words="until 5pm on 4 February"))
    assert mixed.ahead is not None
    assert mixed.ahead.in_words == "closes Tuesday 4 February 2025, 5pm (“until 5pm on 4 February”)"
