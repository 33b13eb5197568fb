"""What a page says of itself is found in whatever way it says it, and a hostile page costs no more than a long one."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from adapters.webpages.words import MAX_TITLE, Words, file_name, read_words

URL = "https://www.example.org/news/a-plan"
DAY = datetime(2025, 1, 20, tzinfo=UTC)


def read(page: str | bytes, content_type: str = "text/html; charset=utf-8", url: str = URL) -> Words:
    return read_words(page.encode() if isinstance(page, str) else page, content_type, url)


def test_open_graph_comes_before_the_title_element() -> None:
    words = read(
        """<!DOCTYPE html><html><head><!-- <meta property="og:title" content="Hidden"> -->
        <title>A plan for AI | The Example</title>
        <meta property='og:title' content='A plan for &quot;AI&quot; | The Example'>
        <meta name=description content="Why &amp; how.">
        <META CONTENT="The Example" PROPERTY="og:site_name">
        <meta property="article:published_time" content="2025-01-20T00:00:00Z" />
        <link rel="shortlink canonical" href="/news/a-plan?page=1"></head>"""
    )
    assert words == Words(
        'A plan for "AI"', "The Example", DAY, "Why & how.", "https://www.example.org/news/a-plan?page=1"
    )


def test_linked_data_fills_what_is_missing() -> None:
    words = read(
        """<title>x</title><script type="application/ld+json">not json</script><script type="application/ld+json">
        {"@graph": [{"@type": "Person", "headline": "Nobody"}, {"@type": ["NewsArticle"], "headline": "The headline",
        "datePublished": "2025-01-20T10:30:00+00:00", "publisher": {"@type": "Organization", "name": "The Gazette"},
        "description": "It says <b>more</b>."}]}</script>"""
    )
    assert words == Words("The headline", "The Gazette", DAY.replace(hour=10, minute=30), "It says more.")


def test_a_government_page_names_the_organisation() -> None:
    words = read(
        '<title>AI plan - GOV.UK</title><meta property="og:site_name" content="GOV.UK">'
        '<meta name="govuk:primary-publishing-organisation" content="Department of Examples">'
        '<meta name="govuk:first-published-at" content="2025-01-20T00:00:00.000+00:00">',
        url="https://www.gov.uk/government/news/ai-plan",
    )
    assert (words.title, words.publisher, words.published_at) == ("AI plan", "Department of Examples", DAY)


@pytest.mark.parametrize(
    "page",
    [
        '<time datetime="2025-01-20">Monday</time>',
        '<time datetime="2024-12-01">x</time><time pubdate datetime="2025-01-20">x</time>',
        '<meta name="DC.date.issued" content="2025/01/20">',
        "<body><script>Published 1 March 2024</script><p>Published:</p> <b>20th January 2025</b> by a person",
        "<main>Posted on Monday, 20 Jan 2025",
        "<body>Date published: January 20, 2025",
    ],
)
def test_the_day_is_found_in_an_element_or_in_the_dateline(page: str) -> None:
    found = read(page).published_at
    assert found is not None
    assert found.date() == DAY.date()


@pytest.mark.parametrize(
    "page", ["", "<body>Published 31 February 2025", "<time datetime=soon>", "<p>Since 20 May 2019"]
)
def test_no_day_is_made_up(page: str) -> None:
    assert read(page).published_at is None


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("A plan - The Example - example.org", "A plan - The Example"),
        ("<b>A</b> plan &lt; more", "A plan < more"),
        ("A\u202e plan\x00\n\twith\u200b lines", "A plan with lines"),
        ("Fewer than 5 < 6 > 4 people", "Fewer than 5 < 6 > 4 people"),
    ],
)
def test_titles_are_plain_words_on_one_line(title: str, shown: str) -> None:
    assert read(f"<title>{title}</title>").title == shown


def test_a_heading_is_the_title_of_a_page_without_one() -> None:
    assert read('<h1 class="x">The <i>only</i> words</h1>').title == "The only words"
    assert read("<p>nothing</p>") == Words()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Zoë’s plan</title>".encode("cp1252"), "text/html"),
        ("<title>Zoë’s plan</title>".encode("cp1252"), "text/html; charset=windows-1252"),
        ('<meta charset="windows-1252"><title>Zoë’s plan</title>'.encode("cp1252"), "text/html"),
        ("<title>Zoë’s plan</title>".encode(), "text/html"),
        ("<title>Zoë’s plan</title>".encode(), "text/html; charset=no-such-thing"),
        ("\ufeff<title>Zoë’s plan</title>".encode("utf-16"), "text/html"),
    ],
)
def test_the_letters_are_right_whatever_the_page_is_written_in(body: bytes, content_type: str) -> None:
    assert read(body, content_type).title == "Zoë’s plan"


@pytest.mark.parametrize(
    ("tag", "own"),
    [
        ('<link rel=canonical href="https://example.org/plan">', "https://example.org/plan"),
        ('<meta property="og:url" content="https://m.example.org/plan">', "https://m.example.org/plan"),
        ('<link rel=canonical href="https://evil.example/plan">', ""),
        ('<link rel=canonical href="/">', ""),
        ('<link rel=canonical href="javascript:alert(1)">', ""),
        ('<link rel=canonical href="http://[">', ""),
    ],
)
def test_a_pages_own_address_counts_only_on_its_own_site(tag: str, own: str) -> None:
    assert read(tag).canonical == own


@pytest.mark.parametrize(
    "page",
    [
        "<meta " * 100_000,
        '<meta a="' * 100_000,
        "<meta property='og:title' " + "a=b " * 200_000,
        "<script>" * 100_000,
        "<!--" * 200_000,
        "<h1>" * 200_000,
        "<title" + " " * 500_000,
        "<div>" * 200_000,
        "<" * 500_000,
        "&#" * 300_000,
        "<body>" + "Published " * 100_000,
        '<script type="application/ld+json">' + "[" * 200_000 + "</script>",
        "<body>" + "<script>x" * 50_000,
    ],
    ids=range(13),
)
def test_a_hostile_page_costs_no_time(page: str) -> None:
    began = time.process_time()
    words = read("<title>" + "word " * 2_000 + "</title>" + page)
    assert time.process_time() - began < 1.5
    assert 100 < len(words.title) <= MAX_TITLE


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="AI plan.pdf"', "AI plan.pdf"),
        ("inline; filename=plan.pdf", "plan.pdf"),
        ("attachment; filename=\"x.pdf\"; filename*=UTF-8''Zo%C3%AB%20plan.pdf", "Zoë plan.pdf"),
        ("attachment", ""),
    ],
)
def test_a_files_name_is_read_from_its_header(header: str, name: str) -> None:
    assert file_name(header) == name
