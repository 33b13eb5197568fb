"""From what arrived in a window to the first content of an edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.drafting import BLURB_LENGTH, draft, ordinal
from digests.model import Also, Content, Entry, FieldName, Group, Kind, TaggedItem, Tagging, Window
from tests.builders import NOW
from tests.unit.test_ranking import SOURCES, TOPICS, a_plan, tagged

WINDOW = Window(NOW - timedelta(days=7), NOW + timedelta(days=1))


def drafted(*items: TaggedItem, **changes: Any) -> Content:
    settings: dict[str, Any] = {"notes": (), "number": 30, "window": WINDOW, **changes}
    plan = settings.pop("plan", a_plan())
    return draft(items, plan=plan, sources=SOURCES, topics=TOPICS, now=NOW, **settings)


def entry_of(one: TaggedItem) -> Entry:
    (entry,) = drafted(one).entries
    return entry


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
    assert ahead[0].reasons == ("happens on 23 January 2025", "also under “Bills”")
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
    shown = {entry.item_id for entry in (*content.entries, *content.maybe)}
    assert len(shown) + sum(count for _, count in content.left_out) == len(ITEMS)
    ids = [entry.id for entry in (*content.entries, *content.maybe)]
    assert len(set(ids)) == len(ids)
    assert {entry.section for entry in content.entries} <= {section.id for section in content.sections}
