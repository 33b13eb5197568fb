"""When items are about one bill, and above all when they are not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.bills import by_bill
from digests.model import Kind, Story
from tests.builders import a_tagged_item

PAGE = "https://bills.parliament.uk/bills/3825"


def about(number: int, title: str, kind: Kind = Kind.BILL, **changes: Any) -> Story:
    return Story(a_tagged_item(number, title=title, kind=kind, **changes))


def are_one(one: Story, other: Story) -> bool:
    return len(by_bill([one, other])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (about(1, "Data Bill [HL]", url=PAGE), about(2, "Amendment paper", url=f"{PAGE}/publications")),
        (about(1, "Data Bill [HL]", url=PAGE), about(2, "Data Bill: Second Reading", Kind.DEBATE)),
        (about(1, "Data Bill [HL]", url=PAGE), about(2, "Data Bill [Lords] - Committee stage", Kind.EVENT)),
        (about(1, "Data Bill [HL]", url=PAGE), about(2, "Data Bill: Report stage", Kind.STAGE)),
        (about(1, "Data Bill [HL]", url=PAGE), about(2, "Data Bill: oral evidence", Kind.EVIDENCE_SESSION)),
        (about(1, "Data Bill (HL)"), about(2, "The  DATA bill")),
        (about(1, "Data Protection (No. 2)", url=PAGE), about(2, "Data Protection (No. 2) Bill: debate", Kind.DEBATE)),
        (
            about(1, "Freedom of Information (Extension) Bill"),
            about(2, "Freedom of Information (Extension) Bill, day 2"),
        ),
    ],
)
def test_a_bill_is_known_by_its_number_or_its_whole_name(one: Story, other: Story) -> None:
    assert are_one(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (about(1, "Data Bill", url=PAGE), about(2, "Data Bill", url="https://bills.parliament.uk/bills/99")),
        (about(1, "Data Bill", url=PAGE), about(2, "Data Bill", url="https://bills.parliament.uk/bills/38251")),
        (about(1, "Freedom of Information (Extension) Bill"), about(2, "Freedom of Information (Amendment) Bill")),
        (about(1, "Finance Bill"), about(2, "Finance (No. 2) Bill")),
        (about(1, "Data Bill"), about(2, "Smart Data Bill")),
        (about(1, "Data Bill"), about(2, "Data Bill and Online Safety Bill: debate", Kind.DEBATE)),
        (about(1, "Public Bill Committee"), about(2, "Public Bill: Committee")),
        (about(1, "Data Bill: what it means", Kind.NEWS), about(2, "Data Bill")),
        (about(1, "Data Bill: briefing", Kind.RESEARCH), about(2, "Data Bill")),
        (about(1, "Meeting"), about(2, "Meeting")),
    ],
)
def test_what_may_be_two_bills_or_is_a_document_of_its_own_stays_apart(one: Story, other: Story) -> None:
    assert not are_one(one, other)


def test_a_name_that_two_bills_carry_joins_nothing() -> None:
    one, other = about(1, "Data Bill", url=PAGE), about(2, "Data Bill", url="https://bills.parliament.uk/bills/99")
    assert len(by_bill([one, other, about(3, "Data Bill: debate", Kind.DEBATE)])) == 3


def test_the_bills_own_page_leads() -> None:
    page = about(1, "Data Bill [HL]", url=PAGE, stage="Report stage")
    paper = about(2, "Amendments", url=f"{PAGE}/publications", stage="Report stage")
    sitting = about(3, "Data Bill: report", Kind.DEBATE)
    (story,) = by_bill([sitting, paper, page])
    assert story == Story(page.lead, (paper.lead, sitting.lead))


POOL = [
    about(n, title, kind, url=url)
    for n, (title, kind, url) in enumerate(
        [
            ("Data Bill [HL]", Kind.BILL, PAGE),
            ("Stages", Kind.BILL, f"{PAGE}/stages"),
            ("Data Bill: debate", Kind.DEBATE, "https://example.org/1"),
            ("Smart Data Bill", Kind.EVENT, "https://example.org/2"),
            ("Smart Data Bill [HL]", Kind.BILL, "https://example.org/3"),
            ("Another thing", Kind.NEWS, "https://example.org/4"),
        ]
    )
]


@given(st.permutations(POOL))
def test_the_order_never_decides_and_no_item_is_lost(stories: list[Story]) -> None:
    gathered = by_bill(stories)
    assert set(gathered) == set(by_bill(POOL))
    told = [tagged.item.id for story in gathered for tagged in (story.lead, *story.others)]
    assert sorted(told) == sorted(story.lead.item.id for story in POOL)
