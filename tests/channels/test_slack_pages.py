"""The pages into which an edition is cut fit into Slack messages, whatever its entries are like, and lose none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.limits import ALL_BLOCKS, characters
from adapters.slack.render import render_message
from bot.edition_messages import DraftView, draft_pages, published_parts, warnings_pages
from bot.handlers.search import Desk, found
from bot.messages import Message
from digests.model import Edition, Entry, Topic
from digests.plan import ApprovalPolicy
from digests.warnings import Warning, WarningKind
from tests.builders import a_content, a_revision, a_tagged_item, an_edition, an_entry

TOPICS = {"ai": Topic("ai", "Artificial intelligence", "AI")}
WORDS = {
    "short": "Data",
    "plain": "Guidance on the use of data by public bodies, with an annex " * 4,
    "quotes": '"\\\n' * 80,
    "markup": "<!channel> & *bold* <@U1> " * 9,
    "pictures": "😀" * 200,
}


def view(edition: Edition) -> DraftView:
    return DraftView(edition, (a_revision(edition),), (), (), ApprovalPolicy(), TOPICS)


def messages(edition: Edition) -> list[Message]:
    return [*(page.message for page in draft_pages(view(edition))), *published_parts(edition)]


def shown(made: list[Message]) -> str:
    return str([render_message(message).blocks for message in made])


def entries(words: str, number: int) -> tuple[Entry, ...]:
    return tuple(
        an_entry(n, title=f"{n}: {words}"[:240], blurb=words, reasons=(words, words), included=n % 3 != 0)
        for n in range(number)
    )


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
@pytest.mark.parametrize("number", [1, 15, 60])
def test_every_page_fits_and_every_entry_is_on_one(words: str, number: int) -> None:
    kept = entries(words, number)
    edition = an_edition(content=a_content(*kept, maybe=kept[:20]))
    drafted = [page.message for page in draft_pages(view(edition))]
    for message in messages(edition):
        assert characters(render_message(message).blocks) <= ALL_BLOCKS
    text = shown(drafted)
    assert all(entry.url in text for entry in kept)
    published = shown(list(published_parts(edition)))
    assert all(entry.url in published for entry in kept if entry.included)


def test_an_edition_of_three_hundred_entries_is_a_headline_and_its_thread_within_what_slack_takes() -> None:
    kept = tuple(an_entry(n, blurb=WORDS["plain"], section="news" if n % 2 else "dates") for n in range(300))
    headline, *thread = published_parts(an_edition(content=a_content(*kept)))
    rendered = [render_message(part).blocks for part in (headline, *thread)]
    assert max(characters(blocks) for blocks in rendered) <= 10_000
    assert max(len(blocks) for blocks in rendered) <= 50
    assert "News: 150 entries" in str(rendered[0])
    assert [str(rendered[1:]).count(f"'{entry.url}'") for entry in kept] == [1] * 300


@pytest.mark.parametrize(
    "words",
    [
        "word " * 600,
        "a\n" * 1500,
        '"' * 3000,
        "a\n\n" * 750,
        "https://e.example/" + "a&" * 1490,
        ("https://e.example/ " * 158)[:3000],
        ("https://e.example/\n" * 158)[:3000],
    ],
)
def test_texts_of_every_length_that_a_form_takes_fit_and_are_not_cut(words: str) -> None:
    content = a_content(*entries("Data", 60), intro=words, updates=words, outro=words)
    made = [render_message(message).blocks for message in published_parts(an_edition(content=content))]
    assert max(characters(blocks) for blocks in made) <= ALL_BLOCKS
    assert "".join(map(str, made)).count("…") == 0


@settings(max_examples=40, deadline=None)
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
    assert max(characters(render_message(message).blocks) for message in messages(edition)) <= ALL_BLOCKS
    text = shown([page.message for page in draft_pages(view(edition))])
    assert [entry.url for entry in kept if entry.url not in text] == []


@pytest.mark.parametrize("words", [*WORDS.values(), "data " * 2000], ids=[*WORDS, "endless"])
def test_what_a_search_found_fits_page_by_page_and_none_of_it_is_lost(words: str) -> None:
    items = [a_tagged_item(number, title=f"{number}: {words}", publisher=words[:300]) for number in range(20, 31)]
    for desk in (None, Desk(an_edition())):
        first, passes = 1, 0
        while first <= len(items):
            message = found("data", items[first - 1 :], TOPICS, first, desk)
            assert characters(render_message(message).blocks) <= ALL_BLOCKS
            rendered = shown([message])
            number = sum(f"{tagged.item.url}'" in rendered for tagged in items)
            assert number
            assert rendered.count("tags.show") == rendered.count("left-out.add") == (number if desk else 0)
            first, passes = first + number, passes + 1
        assert passes <= 4


def test_a_draft_of_which_very_much_is_warned_has_a_headline_that_fits() -> None:
    edition = an_edition(content=a_content(*entries("Data", 3)))
    found = tuple(Warning("", WarningKind.DEAD_LINK, f"{n}: " + "It leads nowhere. " * 100) for n in range(60))
    warned = replace(view(edition), warnings=found)
    headline = draft_pages(warned)[0].message
    assert characters(render_message(headline).blocks) <= ALL_BLOCKS
    assert "And 55 more warnings about the whole: press “Warnings”." in shown([headline])
    listed = warnings_pages(warned)
    assert all(characters(render_message(page).blocks) <= ALL_BLOCKS for page in listed)
    assert sum(f"'{n}: It leads" in shown(list(listed)) for n in range(60)) == 60
