"""The pages into which an edition is cut fit into every platform's messages, whatever is in it, and lose none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.edition_messages import DraftView, draft_pages, published_parts, warnings_pages
from bot.handlers.search import Desk, found
from bot.messages import Message
from bot.privacy.register import PERSONAL
from digests.model import Edition, Entry, Topic
from digests.plan import ApprovalPolicy
from digests.warnings import Warning, WarningKind
from tests.builders import a_content, a_revision, a_tagged_item, an_edition, an_entry
from tests.contract.chat.extremes import LONG_NOTICE
from tests.contract.chat.platform import Platform, Seen
from tests.contract.chat.platforms import PLATFORMS

TOPICS = {"ai": Topic("ai", "Artificial intelligence", "AI")}
WORDS = {
    "short": "Data",
    "plain": "Guidance on the use of data by public bodies, with an annex " * 4,
    "quotes": '"\\\n' * 80,
    "markup": "<!channel> & *bold* <@U1> " * 9,
    "pictures": "😀" * 200,
    "signs": "政府資料" * 60,
    "macros": "{{DATE(x)}} ${y} [z](https://z.example) " * 6,
}


@pytest.fixture(params=PLATFORMS, ids=lambda platform: platform.name)
def platform(request: pytest.FixtureRequest) -> Platform:
    made: Platform = request.param
    return made


def view(edition: Edition) -> DraftView:
    return DraftView(edition, (a_revision(edition),), (), (), ApprovalPolicy(), TOPICS)


def messages(edition: Edition) -> list[Message]:
    return [*(page.message for page in draft_pages(view(edition))), *published_parts(edition)]


def seen(platform: Platform, made: Sequence[Message]) -> list[Seen]:
    """Each message as one of the platform's, within its limits."""
    all_seen = [platform.see(message) for message in made]
    assert [sentence for each in all_seen for sentence in each.broken] == []
    return all_seen


def links(all_seen: Sequence[Seen]) -> list[str]:
    return [link for each in all_seen for link in each.links]


def entries(words: str, number: int) -> tuple[Entry, ...]:
    return tuple(
        an_entry(n, title=f"{n}: {words}"[:240], blurb=words, reasons=(words, words), included=n % 3 != 0)
        for n in range(number)
    )


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
@pytest.mark.parametrize("number", [1, 60])
def test_every_page_fits_and_every_entry_is_on_one(platform: Platform, words: str, number: int) -> None:
    kept = entries(words, number)
    edition = an_edition(content=a_content(*kept, maybe=kept[:20]))
    drafted = links(seen(platform, [page.message for page in draft_pages(view(edition))]))
    assert {entry.url for entry in kept} <= set(drafted)
    published = links(seen(platform, published_parts(edition)))
    assert [entry.url for entry in kept if entry.included] == published


def test_an_edition_of_three_hundred_entries_is_a_headline_and_its_thread(platform: Platform) -> None:
    kept = tuple(an_entry(n, blurb=WORDS["plain"], section="news" if n % 2 else "dates") for n in range(300))
    headline, *thread = seen(platform, published_parts(an_edition(content=a_content(*kept))))
    assert "News: 150 entries" in headline.words
    assert sorted(links(thread)) == sorted(entry.url for entry in kept)


@pytest.mark.parametrize(
    "words",
    [
        "word " * 600,
        "a\n" * 1500,
        '"' * 3000,
        "a\n\n" * 750,
        "政" * 3000,
        "😀" * 3000,
        "https://e.example/" + "a&" * 1490,
        ("https://e.example/ " * 158)[:3000],
        ("https://e.example/\n" * 158)[:3000],
    ],
)
def test_texts_of_every_length_that_a_form_takes_fit_and_are_not_cut(platform: Platform, words: str) -> None:
    content = a_content(*entries("Data", 60), intro=words, updates=words, outro=words)
    made = seen(platform, published_parts(an_edition(content=content)))
    assert sum(each.words.count("…") for each in made) == 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=240), st.text(max_size=600), st.integers(0, 400), st.integers(0, 6)), max_size=40
    )
)
def test_no_words_at_all_make_a_page_too_long(wild: list[tuple[str, str, int, int]]) -> None:
    kept = tuple(
        an_entry(
            number,
            title=f"{number}: {title}",
            blurb=blurb,
            url=f"https://example.org/{number}/{'x' * length}",
            reasons=(blurb[:100],) * reasons,
            included=number % 2 == 0,
        )
        for number, (title, blurb, length, reasons) in enumerate(wild)
    )
    edition = an_edition(content=a_content(*kept) if kept else a_content())
    drafted = [page.message for page in draft_pages(view(edition))]
    for platform in PLATFORMS:
        seen(platform, published_parts(edition))
        assert {entry.url for entry in kept} <= set(links(seen(platform, drafted)))


@pytest.mark.parametrize("words", [*WORDS.values(), "data " * 2000], ids=[*WORDS, "endless"])
def test_what_a_search_found_fits_page_by_page_and_none_of_it_is_lost(platform: Platform, words: str) -> None:
    items = [a_tagged_item(number, title=f"{number}: {words}", publisher=words[:300]) for number in range(20, 31)]
    for desk in (None, Desk(an_edition())):
        first, passes = 1, 0
        while first <= len(items):
            (page,) = seen(platform, [found("data", items[first - 1 :], TOPICS, first, desk)])
            number = sum(tagged.item.url in page.links for tagged in items)
            assert number
            offered = [ask.name for ask in page.asks]
            assert offered.count("tags.show") == offered.count("left-out.add") == (number if desk else 0)
            first, passes = first + number, passes + 1
        assert passes <= 4


def test_a_draft_of_which_very_much_is_warned_has_a_headline_that_fits(platform: Platform) -> None:
    edition = an_edition(content=a_content(*entries("Data", 3)))
    all_warnings = tuple(Warning("", WarningKind.DEAD_LINK, f"{n}: " + "It leads nowhere. " * 100) for n in range(60))
    warned = replace(view(edition), warnings=all_warnings)
    (headline,) = seen(platform, [draft_pages(warned)[0].message])
    assert "And 55 more warnings about the whole: press “Warnings”." in headline.words
    listed = "\n".join(each.words for each in seen(platform, warnings_pages(warned)))
    assert sum(f"{n}: It leads" in listed for n in range(60)) == 60


def test_a_long_notice_is_several_messages_with_every_purpose_and_one_row_of_buttons(platform: Platform) -> None:
    all_seen = seen(platform, LONG_NOTICE)
    assert 1 < len(all_seen) < 8
    assert LONG_NOTICE[0].summary == f"What Convenor holds about you (1 of {len(all_seen)})"
    words = "\n".join(each.words for each in all_seen)
    assert all(kept.what[1] in words for kept in PERSONAL)
    assert "70 earlier consents: in the export" in words
    assert [bool(each.asks) for each in all_seen].count(True) == 1
