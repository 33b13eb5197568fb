"""From what arrived in a window to the first content of an edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.drafting import BLURB_LENGTH, draft, ordinal
from digests.model import (
    Also,
    Content,
    Entry,
    FieldName,
    Group,
    Kind,
    LeftOut,
    TaggedItem,
    Tagging,
    Window,
    content_hash,
)
from digests.plan import SectionPlan
from tests.builders import NOW
from tests.unit.test_ranking import SOURCES, TOPICS, a_plan, tagged

WINDOW = Window(NOW - timedelta(days=7), NOW + timedelta(days=1))


def drafted(*items: TaggedItem, **changes: Any) -> Content:
    settings: dict[str, Any] = {"notes": (), "number": 30, "window": WINDOW, **changes}
    plan = settings.pop("plan", a_plan())
    return draft(items, plan=plan, sources=SOURCES, topics=TOPICS, now=NOW, **settings)


def entry_of(*items: TaggedItem) -> Entry:
    (entry,) = drafted(*items).entries
    return entry


def test_an_entry_without_a_day_of_publication_says_when_it_was_updated_or_came() -> None:
    yesterday = NOW - timedelta(days=1)
    updated = entry_of(tagged(1, "ai", published_at=None, updated_at=yesterday))
    assert updated.reasons[-1] == "updated Wednesday 22 January 2025"
    assert entry_of(tagged(1, "ai", published_at=None)).reasons[-1] == "arrived Thursday 23 January 2025"
    assert entry_of(tagged(1, "ai", updated_at=yesterday)) == entry_of(tagged(1, "ai"))


def blurb_of(summary: str, title: str = "A title", **changes: Any) -> str:
    return entry_of(tagged(1, "ai", summary=summary, title=title, **changes)).blurb


def test_an_entry_says_what_publisher_when_why_and_of_which_topics() -> None:
    one = tagged(1, "ai", "data", title="Rules for\nlearning  systems", summary="They start in May.", publisher="Dept")
    entry = entry_of(one)
    assert entry == Entry(
        id=one.item.id,
        section="government",
        title="Rules for learning systems",
        url=one.item.url,
        publisher="Dept",
        blurb="They start in May.",
        kind=Kind.GUIDANCE,
        published_on=date(2025, 1, 23),
        item_id=one.item.id,
        topics=("ai", "data"),
        reasons=(
            "Matches Artificial intelligence: “words of ai” in the title",
            "Matches Data protection: “words of data” in the title",
            "Guidance",
        ),
    )


def test_sections_stand_in_the_plans_order_and_entries_in_their_sections() -> None:
    content = drafted(tagged(1, "ai", group=Group.PRESS), tagged(2, "ai"), tagged(3, "ai", kind=Kind.BILL))
    assert [section.id for section in content.sections] == ["bills", "government", "everything", "coming-up"]
    assert [entry.section for entry in content.entries] == ["bills", "government", "everything"]


def test_the_intro_carries_the_title_and_the_number() -> None:
    assert drafted(number=31).intro == "Welcome to our 31st Data Policy Digest."
    assert drafted(notes=("It covers two weeks.",)).notes == ("It covers two weeks.",)
    hostile = replace(a_plan(), title="{number}")
    assert drafted(plan=hostile).intro == "Welcome to our 30th {number}."


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (12, "12th"), (21, "21st"), (113, "113th")]
)
def test_numbers_are_said_as_ordinals(number: int, words: str) -> None:
    assert ordinal(number) == words


def test_a_bill_says_its_stage() -> None:
    bill = {"kind": Kind.BILL, "title": "Data (Use and Access) Bill"}
    assert blurb_of("A Bill about access to data.", stage="Report stage", **bill) == (
        "At Report stage. A Bill about access to data."
    )
    assert blurb_of("", stage="Royal Assent", **bill) == "Has received Royal Assent."
    assert len(blurb_of("words " * 100, stage="s" * 500, **bill)) <= BLURB_LENGTH


@pytest.mark.parametrize(
    ("summary", "blurb"),
    [
        ("", ""),
        ("One sentence. Another one.", "One sentence."),
        ("No full stop", "No full stop."),
        ("The E.U. and Dr. Alice met Mr. Bob. They agreed.", "The E.U. and Dr. Alice met Mr. Bob."),
        ("Spending rose by 3.5 per cent. It fell.", "Spending rose by 3.5 per cent."),
        ("“Is it so?” She said no.", "“Is it so?”"),
        ("The feed cut this sentence in the mid...", "The feed cut this sentence in the mid…"),
        ("A title: what follows it", "What follows it."),
        ("A title", ""),
        ("A title is what it needs.", "A title is what it needs."),
        ("A titled heiress", "A titled heiress."),
        (
            "To ask the Secretary of State for Science, Innovation and Technology, whether he will publish them.",
            "Asks whether he will publish them.",
        ),
        ("[Question] To ask the Minister, whether he will. [Answer] Yes.", "Asks whether he will."),
        ("To ask His Majesty's Government on what basis they decided.", "Asks on what basis they decided."),
        (
            "To ask the Minister for the Cabinet Office about automated decision-making.",
            "To ask the Minister for the Cabinet Office about automated decision-making.",
        ),
    ],
)
def test_a_blurb_is_the_summary_tidied_to_one_sentence(summary: str, blurb: str) -> None:
    assert blurb_of(summary) == blurb


def test_a_long_sentence_is_cut_between_words() -> None:
    blurb = blurb_of("word " * 100)
    assert blurb == " ".join(["word"] * 39) + "…"


@given(st.text(max_size=600), st.text(max_size=50))
def test_a_blurb_is_one_line_of_at_most_its_length_whatever_the_summary(summary: str, title: str) -> None:
    blurb = blurb_of(summary, title)
    assert len(blurb) <= BLURB_LENGTH
    assert "\n" not in blurb


def test_the_same_story_is_one_entry_that_names_the_other_publishers() -> None:
    title = "Ministers unveil fund for safe artificial intelligence research"
    settings: dict[str, Any] = {"title": title, "kind": Kind.NEWS}
    lead = tagged(1, "ai", **settings)
    press = tagged(2, "ai", publisher="Example News", group=Group.PRESS, **settings)
    (entry,) = drafted(press, lead).entries
    assert (entry.id, entry.publisher) == (lead.item.id, "Department of Examples")
    assert entry.also == (Also("Example News", title, press.item.url),)


def test_an_entry_with_a_closing_date_also_stands_among_the_days_ahead() -> None:
    later = tagged(1, "ai", kind=Kind.CONSULTATION, deadline=date(2025, 2, 25))
    sooner = tagged(2, "ai", kind=Kind.BILL, stage="Report stage", happens_on=date(2025, 1, 23), summary="")
    content = drafted(later, sooner)
    assert [entry.id for entry in content.entries] == [
        sooner.item.id,
        later.item.id,
        f"{sooner.item.id}@date",
        f"{later.item.id}@date",
    ]
    ahead = content.of_section("coming-up")
    assert [(entry.date, entry.blurb) for entry in ahead] == [
        (date(2025, 1, 23), "At Report stage."),
        (date(2025, 2, 25), "Closing date."),
    ]
    assert ahead[0].reasons == ("happens Thursday 23 January 2025", "also under “Bills”")
    assert [entry.date for entry in content.entries if entry.section != "coming-up"] == [None, None]
    assert [entry.item_id for entry in ahead] == [sooner.item.id, later.item.id]


def test_what_is_nothing_but_a_day_ahead_stands_only_there() -> None:
    event = tagged(1, "ai", kind=Kind.EVENT, happens_on=date(2025, 2, 4))
    (entry,) = drafted(event).entries
    assert (entry.id, entry.section, entry.date) == (f"{event.item.id}@date", "coming-up", date(2025, 2, 4))


def test_a_day_that_is_over_is_not_ahead() -> None:
    content = drafted(tagged(1, "ai", deadline=date(2025, 1, 22), happens_on=date(2025, 1, 1)))
    assert content.of_section("coming-up") == ()


def test_the_nearer_of_two_days_ahead_is_shown() -> None:
    content = drafted(tagged(1, "ai", deadline=date(2025, 2, 25), happens_on=date(2025, 2, 4)))
    (ahead,) = content.of_section("coming-up")
    assert ahead.date == date(2025, 2, 4)


def test_an_event_beyond_the_cap_is_a_maybe_with_its_day_and_why() -> None:
    events = [tagged(n, "ai", kind=Kind.EVENT, happens_on=date(2025, 2, n)) for n in range(1, 5)]
    content = drafted(*events)
    assert len(content.of_section("coming-up")) == 3
    (maybe,) = content.maybe
    assert maybe.id.endswith("@date")
    assert maybe.date is not None
    assert maybe.reasons[-1] == "“Coming up” has its 3 entries"


def test_a_plan_without_a_dated_section_shows_every_entry_once() -> None:
    plain = a_plan(sections=tuple(section for section in a_plan().sections if not section.dated))
    content = drafted(tagged(1, "ai", kind=Kind.EVENT, happens_on=date(2025, 2, 4)), plan=plain)
    assert [entry.section for entry in content.entries] == ["government"]


def test_what_is_no_candidate_is_counted_by_its_reason() -> None:
    irrelevant = [TaggedItem(tagged(n).item, Tagging(False, "no word of the gate")) for n in (1, 2)]
    background = tagged(3, "ai", background=True)
    outside = tagged(4, "ai", received_at=WINDOW.end)
    content = drafted(*irrelevant, background, outside)
    assert content.entries == content.maybe == ()
    assert content.left_out == (
        ("not about data or AI policy", 2),
        ("older than our first reading of their source", 1),
        ("received outside this edition's dates", 1),
    )


def test_what_is_relevant_and_left_out_is_listed_and_what_is_not_is_counted_only() -> None:
    told = [tagged(n, "ai", source_id="high") for n in range(1, 7)]
    quiet: dict[str, Any] = {"source_id": "high", "field": FieldName.SUMMARY, "kind": Kind.WRITTEN_STATEMENT}
    lost = tagged(8, "ai", summary="", title=" A  lost one ", **quiet)
    content = drafted(*told, lost, TaggedItem(tagged(9).item, Tagging(False, "no")), plan=a_plan(maybe=3))
    why = "more in “Government”, which is full"
    assert content.left_out_entries == (LeftOut("A lost one", lost.item.url, "Department of Examples", why),)
    assert content.left_out == ((why, 1), ("not about data or AI policy", 1))


def test_what_is_left_out_is_no_part_of_what_is_approved() -> None:
    content = drafted(tagged(1, "ai"))
    left = LeftOut("A", "https://example.org/", "B", "c")
    assert content_hash(replace(content, left_out_entries=(left,))) == content_hash(content)


def questions(*numbers: int) -> list[TaggedItem]:
    return [
        tagged(n, "ai", kind=Kind.WRITTEN_QUESTION, title=f"Subject {n}", published_at=NOW - timedelta(days=n))
        for n in numbers
    ]


def test_written_questions_are_one_entry_with_their_number_and_the_three_most_relevant() -> None:
    content = drafted(*questions(1, 2, 3, 4, 5))
    (entry,) = content.entries
    assert entry.title == "Subject 1, and 4 more written questions on Artificial intelligence"
    assert [also.title for also in entry.see_also] == ["Subject 2", "Subject 3"]
    assert entry.also_from == ()
    why = "more written questions of a group"
    assert [(left.title, left.reason) for left in content.left_out_entries] == [("Subject 4", why), ("Subject 5", why)]
    assert content.left_out == ((why, 2),)


def test_a_long_title_of_a_further_question_is_cut_between_words() -> None:
    first, second = questions(1, 2)
    second = replace(second, item=replace(second.item, title="word " * 60))
    (also,) = entry_of(first, second).see_also
    assert also.title == " ".join(["word"] * 23) + " word…"


def test_two_written_questions_are_told_in_the_singular_and_one_by_its_title() -> None:
    (two,) = drafted(*questions(1, 2)).entries
    assert two.title == "Subject 1, and 1 more written question on Artificial intelligence"
    (one,) = drafted(*questions(1)).entries
    assert one.title == "Subject 1"


def a_bill(**changes: Any) -> TaggedItem:
    return tagged(
        1,
        "ai",
        **{
            "kind": Kind.BILL,
            "title": "Data Bill [HL]",
            "url": "https://bills.parliament.uk/bills/1",
            "stage": "Report stage",
            "summary": "",
            **changes,
        },
    )


def test_the_items_of_a_bill_are_one_entry_with_its_stage_its_next_day_and_links_to_the_rest() -> None:
    papers = [
        tagged(n, "ai", kind=Kind.BILL, title=f"Paper {n}", url=f"https://bills.parliament.uk/bills/1/publications/{n}")
        for n in range(2, 8)
    ]
    day = date(2025, 2, 4)
    sitting = tagged(9, "ai", kind=Kind.DEBATE, title="Data Bill: 3rd reading", publisher="Lords", happens_on=day)
    content = drafted(*papers, sitting, a_bill())
    entry, dated = content.entries
    assert entry.title == "Data Bill [HL]"
    assert entry.blurb == "At Report stage. Next: 4 February 2025."
    assert [also.publisher for also in entry.also_from] == ["Lords"]
    assert [also.title for also in entry.see_also] == [f"Paper {n}" for n in (7, 6, 5, 4)]
    assert (dated.date, dated.blurb) == (day, "At Report stage.")
    assert content.left_out == (("more about a story that is told", 2),)


def test_closing_dates_stand_in_a_section_of_their_own_where_the_plan_has_one() -> None:
    closing = SectionPlan("closing", "Closing dates", frozenset(), frozenset(), 1, dated=True, closes=True)
    plan = a_plan(sections=(*a_plan().sections, closing))
    consultation = tagged(1, "ai", kind=Kind.CONSULTATION, deadline=date(2025, 2, 25))
    event = tagged(2, "ai", kind=Kind.EVENT, happens_on=date(2025, 2, 4))
    earlier = [tagged(n, "ai", received_at=BEFORE, deadline=date(2025, 2, n)) for n in (5, 6)]
    content = drafted(consultation, event, plan=plan, ahead=earlier)
    assert [entry.date for entry in content.of_section("coming-up")] == [date(2025, 2, 4)]
    # Those of this week stand there beside the cap, as the second showing of an entry.
    assert [entry.date for entry in content.of_section("closing")] == [date(2025, 2, 5), date(2025, 2, 25)]
    assert content.left_out == (("more days ahead than “Closing dates” holds", 1),)


BEFORE = WINDOW.start - timedelta(days=1)


def test_what_arrived_earlier_and_closes_soon_stands_in_the_dated_section_alone() -> None:
    closing = tagged(1, "ai", received_at=BEFORE, kind=Kind.CONSULTATION, deadline=date(2025, 2, 4))
    sitting = tagged(2, "ai", received_at=BEFORE, kind=Kind.EVENT, happens_on=date(2025, 1, 30))
    content = drafted(tagged(3, "ai"), ahead=[closing, sitting])
    assert [(entry.section, entry.id) for entry in content.entries] == [
        ("government", tagged(3).item.id),
        ("coming-up", f"{sitting.item.id}@date"),
        ("coming-up", f"{closing.item.id}@date"),
    ]
    last = content.entries[-1]
    assert last.date == date(2025, 2, 4)
    assert last.blurb == "Closing date."
    assert "closes Tuesday 4 February 2025" in last.reasons
    assert last.reasons[-1] == "arrived before this edition’s dates"
    assert content.left_out == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"deadline": date(2025, 1, 22)},
        {"deadline": date(2025, 5, 1)},
        {"background": True},
        {"received_at": NOW},
    ],
)
def test_earlier_items_that_are_over_far_ahead_background_or_not_earlier_are_not_listed(changes: Any) -> None:
    settings = {"received_at": BEFORE, "deadline": date(2025, 2, 4), **changes}
    assert drafted(ahead=[tagged(1, "ai", **settings)]).entries == ()


def test_earlier_items_that_are_not_relevant_or_have_no_topic_are_not_listed() -> None:
    item = tagged(1, received_at=BEFORE, deadline=date(2025, 2, 4))
    irrelevant = TaggedItem(tagged(2, received_at=BEFORE, deadline=date(2025, 2, 4)).item, Tagging(False, "no"))
    assert drafted(ahead=[item, irrelevant]).entries == ()


def test_days_ahead_beyond_the_cap_are_counted_and_listed_as_left_out() -> None:
    closing = [tagged(n, "ai", received_at=BEFORE, deadline=date(2025, 2, n)) for n in range(1, 6)]
    content = drafted(ahead=closing)
    assert len(content.entries) == 3
    assert content.left_out == (("more days ahead than “Coming up” holds", 2),)
    assert len(content.left_out_entries) == 2


def test_a_sitting_seen_earlier_gives_a_bill_of_this_week_its_next_day() -> None:
    day = date(2025, 2, 4)
    sitting = tagged(2, "ai", kind=Kind.DEBATE, title="Data Bill: report", received_at=BEFORE, happens_on=day)
    content = drafted(a_bill(), ahead=[sitting])
    assert [(entry.section, entry.date) for entry in content.entries] == [("bills", None), ("coming-up", day)]


def test_a_plan_without_a_dated_section_lists_nothing_of_earlier_weeks() -> None:
    plain = a_plan(sections=tuple(section for section in a_plan().sections if not section.dated))
    assert drafted(ahead=[tagged(1, "ai", received_at=BEFORE, deadline=date(2025, 2, 4))], plan=plain).entries == ()


ITEMS = [
    tagged(
        number,
        *topics,
        field=FieldName.TITLE if number % 2 else FieldName.SUMMARY,
        group=list(Group)[number % 9],
        kind=list(Kind)[number % 20],
        happens_on=date(2025, 1, 15) + timedelta(days=number) if number % 3 == 0 else None,
        received_at=NOW - timedelta(hours=6 * number),
    )
    for number, topics in enumerate([("ai",), (), ("ai", "data"), ("data",)] * 8, start=1)
]


@given(st.permutations(ITEMS))
def test_the_order_of_items_never_decides_and_none_is_dropped_silently(items: list[TaggedItem]) -> None:
    content = drafted(*items)
    assert content == drafted(*ITEMS)
    entries = (*content.entries, *content.maybe)
    shown = {url for entry in entries for url in (entry.url, *(also.url for also in entry.also))}
    assert len(shown) + sum(count for _, count in content.left_out) == len(ITEMS)
    assert not shown & {left.url for left in content.left_out_entries}
    ids = [entry.id for entry in (*content.entries, *content.maybe)]
    assert len(set(ids)) == len(ids)
    assert {entry.section for entry in content.entries} <= {section.id for section in content.sections}


def test_a_closing_time_stands_beside_its_day_with_the_words_it_came_from() -> None:
    late = tagged(1, "ai", deadline=date(2025, 2, 25), deadline_time=time(23, 59), date_words="until 11:59pm on 25 Feb")
    early = tagged(2, "ai", deadline=date(2025, 2, 25), deadline_time=time(12))
    first, second = drafted(late, early).of_section("coming-up")
    assert [(each.date, each.time) for each in (first, second)] == [
        (date(2025, 2, 25), time(12)),
        (date(2025, 2, 25), time(23, 59)),
    ]
    assert second.reasons[0] == "closes Tuesday 25 February 2025, 11:59pm (“until 11:59pm on 25 Feb”)"
