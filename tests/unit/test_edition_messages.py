"""An edition as messages: paged within the budgets, nothing lost, names of pages that stay the same."""

from __future__ import annotations

from datetime import date, time

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.edition_messages import DraftView, draft_pages, published_parts
from bot.messages import Bullets, EntryLine, plain
from digests.editing import drop
from digests.model import Also, Edition, Topic
from digests.plan import ApprovalPolicy
from tests.builders import a_content, a_revision, an_edition, an_entry
from tests.fakes.network import words_of


def a_view(edition: Edition) -> DraftView:
    topics = {"ai": Topic("ai", "Artificial intelligence", "About AI")}
    return DraftView(edition, [a_revision(edition)], [], [], ApprovalPolicy(), topics)


def test_a_short_edition_is_one_message() -> None:
    (message,) = published_parts(an_edition())
    assert words_of(message) == (
        "Data Policy Digest 1, Friday 24 January 2025\n"
        "Good morning.\n"
        "News\n"
        "Guidance on artificial intelligence, part 1 (Department of Examples) What public bodies should know, part 1.\n"
        "Guidance on artificial intelligence, part 2 (Department of Examples) What public bodies should know, part 2."
    )


def test_a_long_edition_is_a_headline_with_contents_and_a_thread() -> None:
    entries = [an_entry(n) for n in range(1, 61)] + [an_entry(99, section="dates")]
    headline, *thread = published_parts(an_edition(content=a_content(*entries)))
    contents = next(block for block in headline.blocks if isinstance(block, Bullets))
    assert [plain(line) for line in contents.items] == ["News: 60 entries", "Dates: 1 entry"]
    assert words_of(headline).endswith("The edition is in the thread below.")
    assert [words_of(part).splitlines()[0] for part in thread][:2] == ["News", "News, continued"]
    assert sum(isinstance(block, EntryLine) for part in thread for block in part.blocks) == 61


def test_what_the_network_tells_of_itself_is_a_part_of_the_edition() -> None:
    told = {"intro": "Hello.\n\nMuch happened.", "updates": "We met.\nWe wrote.", "outro": "Goodbye."}
    (message,) = published_parts(an_edition(content=a_content(an_entry(1), **told)))
    assert words_of(message).endswith("\nWhat we’ve been up to\nWe met.\nWe wrote.\nGoodbye.")
    headline, *thread = published_parts(an_edition(content=a_content(*(an_entry(n) for n in range(60)), **told)))
    assert "Hello.\nMuch happened.\nNews: 60 entries\nWhat we’ve been up to\n" in words_of(headline)
    assert words_of(thread[-1]) == "What we’ve been up to\nWe met.\nWe wrote.\nGoodbye."


def test_other_publishers_of_a_story_are_named_and_linked() -> None:
    entry = an_entry(1, also=(Also("ICO", "Same", "https://ico.example.org/1"), Also("Ofcom", "Same", "https://x.org")))
    assert "Also from ICO, Ofcom." in words_of(published_parts(an_edition(content=a_content(entry)))[0])


def test_the_pages_of_a_draft_keep_their_names_when_an_entry_is_left_out() -> None:
    content = a_content(*(an_entry(n) for n in range(1, 31)), maybe=(an_entry(50),))
    before = draft_pages(a_view(an_edition(content=content)))
    after = draft_pages(a_view(an_edition(content=drop(content, "e7").content)))
    assert [page.name for page in before] == [page.name for page in after]
    assert before[0].name == "headline"
    assert before[-1].name == "maybe:0"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=500), st.text(max_size=2000)), max_size=60))
def test_no_entry_is_lost_whatever_its_length(words: list[tuple[str, str]]) -> None:
    entries = [an_entry(n, title=title or "-", blurb=blurb) for n, (title, blurb) in enumerate(words)]
    edition = an_edition(content=a_content(*entries) if entries else a_content(an_entry(1)))
    drafted = [block for page in draft_pages(a_view(edition)) for block in page.message.blocks]
    published = [block for part in published_parts(edition) for block in part.blocks]
    for blocks in (drafted, published):
        assert sum(isinstance(block, EntryLine) for block in blocks) == len(edition.content.entries)


def test_forty_maybes_each_of_full_length_are_all_shown_with_their_buttons() -> None:
    maybes = tuple(
        an_entry(n, title="A long title " * 20, blurb="b" * 200, reasons=("r" * 300,)) for n in range(100, 140)
    )
    content = a_content(maybe=maybes)
    pages = [page for page in draft_pages(a_view(an_edition(content=content))) if page.name.startswith("maybe:")]
    lines = [block for page in pages for block in page.message.blocks if isinstance(block, EntryLine)]
    assert [line.buttons[0].value for line in lines] == [f"2025-01-24 e{n}" for n in range(100, 140)]
    assert words_of(pages[0].message).startswith("Maybe (40): not in the draft unless you add them")


def test_what_the_same_publisher_has_more_of_is_named_by_its_title() -> None:
    own = Also("Department of Examples", "Paper 2", "https://www.example.org/2")
    message = published_parts(
        an_edition(content=a_content(an_entry(1, also=(own, Also("ICO", "Same", "https://x.org")))))
    )[0]
    assert "Also from ICO. See also Paper 2." in words_of(message)


def test_a_dated_entry_begins_with_its_day_and_its_time_where_that_is_known() -> None:
    content = a_content(
        an_entry(1, section="dates", date=date(2025, 1, 28), time=time(23, 59), blurb=""),
        an_entry(2, section="dates", date=date(2025, 1, 29), blurb=""),
    )
    (message,) = published_parts(an_edition(content=content))
    assert "Tuesday 28 January 2025, 11:59pm: Guidance on artificial intelligence, part 1" in words_of(message)
    assert "Wednesday 29 January 2025: Guidance on artificial intelligence, part 2" in words_of(message)
