"""What a page that nobody brought before is proposed as, and where it comes to stand in a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from digests.added_links import (
    SOURCE_ID,
    Proposal,
    added_entry,
    added_item,
    addresses_of,
    carry,
    insert,
    propose,
    readdress,
    standing_of,
    title_from_address,
    typed_address,
)
from digests.kinds import KindRules, Place, TitleRule
from digests.model import Also, Content, Entry, Group, Kind, Outcome, Page, item_id
from tests.builders import NOW, a_content, a_source, a_tagging, an_entry
from tests.fakes.network import a_plan

URL = "https://www.example.org/news/9"
PLAN = a_plan()


def a_page(url: str = URL, **changes: object) -> Page:
    return replace(Page(url, Outcome.READ, title="A new page", publisher="The Gazette"), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("  https://www.example.org/news/9?utm_source=x#top ", URL),
        ("<https://www.example.org/news/9>", URL),
        ("www.example.org/news/9", URL),
        ("ftp://example.org/", ""),
        ("javascript:alert(1)", ""),
        ("mailto:a@example.org", ""),
        ("nonsense with words", ""),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_an_address_is_taken_as_people_type_it(typed: str, url: str) -> None:
    assert typed_address(typed) == url


def test_a_page_is_known_by_what_it_calls_itself_then_where_it_is_then_what_was_typed() -> None:
    page = a_page("https://www.example.org/b?utm_medium=x", canonical="https://www.example.org/a")
    assert addresses_of("https://sho.rt/1", page) == (
        "https://www.example.org/a",
        "https://www.example.org/b",
        "https://sho.rt/1",
    )
    assert addresses_of(URL, Page("https://elsewhere.example", Outcome.REFUSED)) == (URL,)


def test_a_government_title_loses_its_prefix_which_tells_its_kind() -> None:
    url = "https://www.gov.uk/government/publications/ai-plan"
    page = a_page(url, title="Policy paper: AI plan", published_at=datetime(2025, 1, 20, 23, 30, tzinfo=UTC))
    proposal = propose(url, page, plan=PLAN, sources=(), now=NOW)
    assert proposal == Proposal(url, "AI plan", "The Gazette", date(2025, 1, 20), "", "news")
    item = added_item(replace(proposal, title="Policy paper: AI plan"), summary="", sources=(), now=NOW)
    assert (item.kind, item.group) == (Kind.POLICY_PAPER, Group.GOVERNMENT)


def test_what_the_page_does_not_say_comes_from_the_sources_of_its_host_or_from_its_address() -> None:
    sources = (a_source("example", url="https://example.org/feed", publisher="Example Trust", group=Group.RESEARCH),)
    nothing = Page(URL, Outcome.TIMED_OUT, "It did not answer.")
    proposal = propose(URL, nothing, plan=PLAN, sources=sources, now=NOW)
    assert (proposal.title, proposal.publisher, proposal.published_on) == ("9", "Example Trust", None)
    assert added_item(proposal, summary="", sources=sources, now=NOW).group is Group.RESEARCH
    alone = propose(URL, nothing, plan=PLAN, sources=(), now=NOW)
    assert alone.publisher == "example.org"


def test_a_day_that_cannot_be_right_is_left_empty() -> None:
    page = a_page(published_at=datetime(3200, 1, 1, tzinfo=UTC))
    assert propose(URL, page, plan=PLAN, sources=(), now=NOW).published_on is None


def test_the_item_is_of_the_archive_and_never_drafted_by_itself() -> None:
    proposal = Proposal(URL, "A page", "The Gazette", date(2025, 7, 1), "It says so.", "news")
    item = added_item(proposal, summary="It says so.", sources=(), now=NOW)
    assert (item.id, item.source_id, item.background) == (item_id(URL), SOURCE_ID, True)
    assert item.published_at == datetime(2025, 7, 1, 11, tzinfo=UTC)  # noon in London
    entry = added_entry(proposal, item, a_tagging("ai"), ("Added by an editor",))
    assert (entry.id, entry.item_id, entry.topics, entry.reasons) == (
        item.id,
        item.id,
        ("ai",),
        ("Added by an editor",),
    )


def test_an_added_entry_stands_at_the_end_of_its_section() -> None:
    content = a_content(an_entry(1), an_entry(2, section="dates"))
    edit = insert(content, an_entry(9))
    assert [entry.id for entry in edit.content.entries] == ["e1", "e9", "e2"]
    assert edit.what == "added “Guidance on artificial intelligence, part 9”"
    assert [entry.id for entry in insert(content, an_entry(9, section="x")).content.entries] == ["e1", "e2", "e9"]


def test_it_takes_the_place_of_what_was_left_out_or_a_maybe_and_keeps_what_was_beside_it() -> None:
    also = (Also("ICO", "More", "https://ico.org.uk/1"),)
    content = a_content(an_entry(1, included=False, also=also), maybe=(an_entry(3),))
    back = insert(content, an_entry(1, title="Better words")).content
    assert [(entry.title, entry.included, entry.also) for entry in back.entries] == [("Better words", True, also)]
    taken = insert(content, an_entry(3)).content
    assert (len(taken.entries), taken.maybe) == (2, ())


def test_what_is_in_already_stays_and_the_second_stands_beside_it() -> None:
    content = insert(insert(a_content(an_entry(1)), an_entry(1)).content, an_entry(1)).content
    assert [entry.id for entry in content.entries] == ["e1", "e1+2", "e1+3"]


def carried(content: Content, entry: Entry, *urls: str) -> list[tuple[str, str]]:
    return [(each.id, each.section) for each in carry(content, entry, [entry.url, *urls]).included]


def test_what_was_added_to_an_earlier_draft_is_carried_unless_the_new_one_tells_it() -> None:
    mine = an_entry(9, id="e9+2", item_id="e9")
    assert carried(a_content(an_entry(1)), mine) == [("e1", "news"), ("e9", "news")]
    also = (Also("ICO", "More", mine.url),)
    assert carried(a_content(an_entry(1, also=also)), mine) == [("e1", "news")]
    assert carried(a_content(an_entry(9)), mine) == [("e9", "news")]
    # An editor gave it another address, and the new draft brings its item under the old one.
    moved = replace(mine, url="https://www.example.org/elsewhere")
    assert carried(a_content(an_entry(9, item_id="e9")), moved) == [("e9", "news")]
    assert carried(a_content(an_entry(9)), moved, mine.url) == [("e9", "news")]


def test_what_is_carried_takes_the_place_of_a_maybe_and_stands_beside_its_day_of_another_section_only() -> None:
    mine = an_entry(9, item_id="e9", title="My words")
    content = carry(a_content(an_entry(1), maybe=(an_entry(9),)), mine, [mine.url])
    assert ([entry.title for entry in content.included][1:], content.maybe) == (["My words"], ())
    day = an_entry(9, id="e9@date", item_id="e9", section="dates", date=date(2025, 2, 1))
    assert carried(a_content(day), mine) == [("e9@date", "dates"), ("e9", "news")]
    assert carried(a_content(day), replace(mine, section="dates")) == [("e9@date", "dates")]


def test_what_is_carried_to_a_draft_without_its_section_stands_in_the_first_one() -> None:
    content = a_content(an_entry(1))
    assert carried(content, an_entry(9, item_id="e9", section="x"))[1] == ("e9", content.sections[0].id)


def test_another_address_is_given_to_both_showings_of_an_item_and_to_no_other() -> None:
    twin = an_entry(1, id="e1@date", date=date(2025, 2, 1))
    content = readdress(a_content(an_entry(1), twin, an_entry(2)), "e1", "https://www.example.org/new")
    assert [entry.url for entry in content.entries] == [
        "https://www.example.org/new",
        "https://www.example.org/new",
        "https://www.example.org/news/2",
    ]


def test_what_stands_for_an_address_is_found_wherever_it_is() -> None:
    also = (Also("ICO", "More", "https://ico.org.uk/1"),)
    content = a_content(an_entry(1, also=also), an_entry(2, included=False), maybe=(an_entry(3),))

    def found(url: str) -> str:
        entry = standing_of(content, [url])
        return entry.id if entry else ""

    assert [found(f"http://example.org/news/{number}/") for number in (1, 2, 3, 4)] == ["e1", "e2", "e3", ""]
    assert found("https://ico.org.uk/1") == "e1"


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://example.org/files/AI_action-plan%20final.pdf", "AI action plan final"),
        ("https://example.org/a-page.html/", "A page"),
        ("https://www.example.org/", "www.example.org"),
        ("https://example.org/-/", "example.org"),
    ],
)
def test_words_for_a_title_are_made_from_the_address(url: str, title: str) -> None:
    assert title_from_address(url) == title


def test_the_kind_of_an_added_page_is_told_with_its_reason_by_the_same_rules_as_what_was_read() -> None:
    rules = KindRules((TitleRule(Kind.EVENT, ((Place.BEGINS, "webinar:"),)),))
    sources = (a_source("example", name="Trust news", url="https://example.org/feed", document_kind=Kind.NEWS),)
    proposal = Proposal(URL, "Webinar: AI in parks", "The Gazette", None, "", "news")
    item = added_item(proposal, summary="", sources=sources, now=NOW, kind_rules=rules)
    assert (item.kind, item.kind_because) == (Kind.EVENT, "its title begins “Webinar:”")
    plain = added_item(replace(proposal, title="AI in parks"), summary="", sources=sources, now=NOW, kind_rules=rules)
    assert (plain.kind, plain.kind_because) == (Kind.NEWS, "that is what its source carries: Trust news")
