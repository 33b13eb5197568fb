"""An edition as Markdown, HTML, plain text and JSON, and that nothing in it becomes markup."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from digests.model import Also, Content, Correcting, LeftOut, Section, content_hash
from digests.render import EditionView, Output, render
from digests.render.html import feed_body
from digests.render.view import one_line, web_address
from tests.builders import NOW, a_content, an_edition, an_entry

CONTENT = a_content(
    an_entry(
        1, title="Rules for AI", blurb="They start in May.", also=(Also("News", "AI", "https://news.example.org/1"),)
    ),
    an_entry(2, title="Left out", included=False),
    an_entry(3, section="dates", title="Rules for AI", blurb="", date=date(2025, 1, 28)),
    an_entry(4, section="dates", title="Summit", blurb="", date=date(2026, 2, 1), reasons=()),
    intro="Hello, and welcome.\n\nMuch happened.",
    outro="Goodbye.",
    notes=("This edition covers two weeks.",),
)
HOSTILE = (
    "**bold** _it_ [x](https://evil.example) ![i](y) `code` <script>alert(1)</script> <!-- a --> &lt; &#60; {{ site }} "
    "{% raw %} {: .x} | a | ~~s~~ $$m$$ www.evil.example https://evil.example a@evil.example \\* [^1] # h"
    "\n# two\n* three"
)
# An address that an editor wrote is a link; those in what publishers wrote are not.
IN_THE_INTRO = ["https://evil.example", "https://evil.example"]
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(output: Output, content: Content = CONTENT, *, reasons: bool = False) -> str:
    return render(output, EditionView.of(an_edition(content=content), reasons=reasons))


def hostile_content(words: str) -> Content:
    """An edition in which every text that somebody else could have written is ``words``."""
    entry = an_entry(1, title=words, publisher=words, blurb=words, also=(Also(words, words, "https://e.example"),))
    sections = (Section("news", words), Section("dates", "Dates"))
    return a_content(replace(entry, reasons=(words,)), title=words, sections=sections, intro=words, notes=(words,))


class Page(HTMLParser):
    """The tags, addresses and text of an HTML text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def body_of(markdown: str) -> str:
    """The Markdown behind its front matter."""
    return markdown.split("\n---\n", maxsplit=1)[1]


def test_markdown_has_the_shape_of_the_digest() -> None:
    assert shown(Output.MARKDOWN) == (
        "---\n"
        'title: "Data Policy Digest"\n'
        "number: 1\n"
        "date: 2025-01-24\n"
        "---\n\n"
        "Hello, and welcome.\n\n"
        "Much happened.\n\n"
        "## **Contents**\n\n"
        "* [News](#news)\n"
        "* [Dates](#dates)\n\n"
        "## **News** {#news}\n\n"
        "* [Rules for AI](https://www.example.org/news/1) (Department of Examples): They start in May."
        " (also from [News](https://news.example.org/1))\n\n"
        "## **Dates** {#dates}\n\n"
        "* 28 January: [Rules for AI](https://www.example.org/news/3) (Department of Examples)\n"
        "* 1 February 2026: [Summit](https://www.example.org/news/4) (Department of Examples)\n\n"
        "Goodbye.\n"
    )


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (Output.MARKDOWN, "(see also [Paper 2](https://www.example.org/2))"),
        (Output.HTML, '(see also <a href="https://www.example.org/2">Paper 2</a>)'),
        (Output.TEXT, "  See also Paper 2:\n  https://www.example.org/2"),
    ],
)
def test_more_of_the_same_publisher_is_linked_by_its_title(output: Output, words: str) -> None:
    entry = an_entry(1, also=(Also("Department of Examples", "Paper 2", "https://www.example.org/2"),))
    assert words in shown(output, a_content(entry))


def test_what_the_network_tells_of_itself_stands_after_the_sections_a_line_a_point() -> None:
    content = replace(CONTENT, updates="- We met the minister.\n\n* Our weeknotes: 1 < 2\r\n")
    markdown = shown(Output.MARKDOWN, content)
    assert "* [Dates](#dates)\n* [What we’ve been up to](#what-weve-been-up-to)\n" in markdown
    assert markdown.endswith(
        "## **What we’ve been up to** {#what-weve-been-up-to}\n\n"
        "* We met the minister.\n* Our weeknotes: 1 &lt; 2\n\nGoodbye.\n"
    )
    page = Page(shown(Output.HTML, content))
    assert "#what-weve-been-up-to" in page.links
    assert "Our weeknotes: 1 < 2" in page.words
    assert (
        "What we’ve been up to\n---------------------\n\n* We met the minister.\n\n* Our weeknotes: 1 < 2\n\nGoodbye."
        in shown(Output.TEXT, content)
    )
    assert json.loads(shown(Output.JSON, content))["updates"] == content.updates


def test_markdown_for_editors_says_why_on_a_line_of_its_own() -> None:
    lines = shown(Output.MARKDOWN, reasons=True).splitlines()
    assert "*This edition covers two weeks.*" in lines
    assert "*Covers what arrived from Friday 17 January 2025, 09:00 to Friday 24 January 2025, 09:00.*" in lines
    assert lines.count("  *Why: “artificial intelligence” in the title (rule: ai-1).*") == 2
    assert MARKDOWN.render(body_of("\n".join(lines))).count("<br") == 2


def test_readers_see_neither_reasons_nor_notes() -> None:
    for output in Output:
        words = shown(output)
        assert "two weeks" not in words
        assert "rule: ai-1" not in words
        assert "Left out" not in words


def test_the_caller_may_decide_whether_reasons_are_shown() -> None:
    view = EditionView.of(an_edition(content=CONTENT))
    assert render("md", view, reasons=True) == shown(Output.MARKDOWN, reasons=True)
    assert render("md", replace(view, reasons=True), reasons=False) == shown(Output.MARKDOWN)
    with pytest.raises(ValueError, match="odt"):
        render("odt", view)


def test_html_is_semantic_and_links_its_contents() -> None:
    page = Page(shown(Output.HTML))
    assert [tag for tag in page.tags if tag in ("h1", "h2", "article", "nav", "section")] == [
        *("article", "h1", "nav"),
        *("section", "h2") * 2,
    ]
    assert page.links == [
        "#news",
        "#dates",
        "https://www.example.org/news/1",
        "https://news.example.org/1",
        "https://www.example.org/news/3",
        "https://www.example.org/news/4",
    ]
    assert '<time datetime="2025-01-28">28 January</time>: <a' in shown(Output.HTML)
    assert "28 January: Rules for AI (Department of Examples)" in page.words


def test_plain_text_is_ready_for_mail() -> None:
    assert shown(Output.TEXT, reasons=True) == (
        "Data Policy Digest\n"
        "==================\n"
        "Number 1, Friday 24 January 2025\n\n"
        "Hello, and welcome.\n\n"
        "Much happened.\n\n"
        "Covers what arrived from Friday 17 January 2025, 09:00 to Friday 24 January\n"
        "2025, 09:00.\n\n"
        "This edition covers two weeks.\n\n"
        "News\n"
        "----\n\n"
        "* Rules for AI (Department of Examples)\n"
        "  They start in May.\n"
        "  https://www.example.org/news/1\n"
        "  Also from News:\n"
        "  https://news.example.org/1\n"
        "  Why: “artificial intelligence” in the title (rule: ai-1).\n\n"
        "Dates\n"
        "-----\n\n"
        "* 28 January: Rules for AI (Department of Examples)\n"
        "  https://www.example.org/news/3\n"
        "  Why: “artificial intelligence” in the title (rule: ai-1).\n\n"
        "* 1 February 2026: Summit (Department of Examples)\n"
        "  https://www.example.org/news/4\n\n"
        "Goodbye.\n"
    )


LEFT_OUT = replace(
    CONTENT,
    left_out=(("not about data or AI policy", 1200), ("ranked below the maybes", 2)),
    left_out_entries=(
        LeftOut("A <b>*title*</b>", "https://www.example.org/9", "P]", "ranked below the maybes"),
        LeftOut("Another", "javascript:alert(1)", "P", "ranked below the maybes"),
    ),
)


def test_editors_see_what_was_left_out_counted_by_reason_and_listed_where_it_is_relevant() -> None:
    assert shown(Output.MARKDOWN, LEFT_OUT, reasons=True).endswith(
        "## **Left out**\n\n"
        "* 1,200 not about data or AI policy\n"
        "* 2 ranked below the maybes\n"
        "  * [A &lt;b&gt;\\*title\\*&lt;/b&gt;](https://www.example.org/9) (P\\])\n"
        "  * Another (P)\n"
    )
    assert shown(Output.TEXT, LEFT_OUT, reasons=True).endswith(
        "Left out\n"
        "--------\n\n"
        "* 1,200 not about data or AI policy\n\n"
        "* 2 ranked below the maybes\n"
        "  A <b>*title*</b> (P])\n"
        "  https://www.example.org/9\n"
        "  Another (P)\n"
    )
    html = shown(Output.HTML, LEFT_OUT, reasons=True)
    assert '<a href="https://www.example.org/9">A &lt;b&gt;*title*&lt;/b&gt;</a> (P])' in html
    assert "1,200 not about data or AI policy" in Page(html).words
    assert "javascript" not in html
    data = json.loads(shown(Output.JSON, LEFT_OUT, reasons=True))["left_out"]
    assert [(left["reason"], left["number"], len(left["items"])) for left in data] == [
        ("not about data or AI policy", 1200, 0),
        ("ranked below the maybes", 2, 2),
    ]


@pytest.mark.parametrize("output", list(Output))
def test_readers_are_not_told_what_was_left_out(output: Output) -> None:
    assert shown(output, LEFT_OUT) == shown(output)


def test_json_carries_everything_that_readers_see() -> None:
    data = json.loads(shown(Output.JSON))
    assert data["due_on"] == "2025-01-24"
    assert data["window"] == {"start": "2025-01-17T09:00:00+00:00", "end": "2025-01-24T09:00:00+00:00"}
    assert [section["id"] for section in data["sections"]] == ["news", "dates"]
    (entry,) = data["sections"][0]["entries"]
    assert entry["also"] == [{"publisher": "News", "title": "AI", "url": "https://news.example.org/1"}]
    assert "reasons" not in entry
    assert json.loads(shown(Output.JSON, reasons=True))["sections"][0]["entries"][0]["reasons"]


@pytest.mark.parametrize("output", list(Output))
def test_an_edition_without_entries_says_so(output: Output) -> None:
    words = shown(output, replace(CONTENT, entries=()))
    if output is Output.JSON:
        assert json.loads(words)["sections"] == []
    else:
        assert "There are no entries in this edition." in words


def test_sections_of_one_name_have_anchors_of_their_own() -> None:
    sections = (Section("news", "News"), Section("News!", "More news"), Section("новости", "Again"))
    entries = tuple(an_entry(n, section=section.id) for n, section in enumerate(sections))
    page = Page(shown(Output.HTML, a_content(*entries, sections=sections)))
    assert [link for link in page.links if link.startswith("#")] == ["#news", "#news-2", "#section-3"]


def test_hostile_words_are_shown_in_markdown_as_they_were_written() -> None:
    html = MARKDOWN.render(body_of(shown(Output.MARKDOWN, hostile_content(HOSTILE), reasons=True)))
    page = Page(html)
    assert set(page.tags) == {"p", "em", "h2", "strong", "ul", "li", "a", "br"}
    assert page.tags.count("a") == 5
    assert page.tags.count("li") == 2
    assert page.links == [*IN_THE_INTRO, "#news", "https://www.example.org/news/1", "https://e.example"]
    assert page.words.count(one_line(HOSTILE)) == 9
    assert page.comments == []


def test_hostile_words_are_shown_in_html_as_they_were_written() -> None:
    page = Page(shown(Output.HTML, hostile_content(HOSTILE), reasons=True))
    harmless = {"article", "header", "h1", "p", "time", "small", "nav", "ul", "li", "a", "section", "h2", "br", "em"}
    assert set(page.tags) == harmless
    assert page.words.count(one_line(HOSTILE)) == 10
    assert page.links == [*IN_THE_INTRO, "#news", "https://www.example.org/news/1", "https://e.example"]
    assert page.comments == []


def test_template_languages_find_no_tag_of_theirs_in_markdown() -> None:
    markdown = shown(Output.MARKDOWN, hostile_content(HOSTILE))
    assert not any(tag in body_of(markdown) for tag in ("{{", "}}", "{%", "%}"))


# Everything that means something to Markdown, HTML or a template, in any order.
MARKUP = st.text(alphabet="*_`[]()<>{}|~!#&;:=-+.\\\"'$%@/ \n\tab1.wʼ\u202e\u200b", min_size=1, max_size=60)


@given(MARKUP.filter(lambda words: one_line(words) != ""))
def test_no_words_whatever_become_markup(words: str) -> None:
    content = hostile_content(words)
    in_markdown = Page(MARKDOWN.render(body_of(shown(Output.MARKDOWN, content, reasons=True))))
    assert in_markdown.tags.count("a") == 3
    assert in_markdown.tags.count("li") == 2
    assert set(in_markdown.tags) <= {"p", "em", "h2", "strong", "ul", "li", "a", "br"}
    assert one_line(words) in in_markdown.words
    in_html = Page(shown(Output.HTML, content, reasons=True))
    assert in_html.words.count(f"({one_line(words)})") >= 1
    assert in_html.tags.count("a") == 3


@given(st.text(max_size=300))
def test_no_line_of_plain_text_is_longer_than_a_mail_line(words: str) -> None:
    text = shown(Output.TEXT, hostile_content(words or "x"), reasons=True)
    assert max(map(len, text.split("\n"))) <= 76


def test_an_address_in_plain_text_is_never_broken() -> None:
    url = "https://www.example.org/" + "a-b" * 60
    assert f"  {url}\n" in shown(Output.TEXT, a_content(an_entry(1, url=url)))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ('https://www.example.org/a_(b)?c=[d]&e="f"', "https://www.example.org/a_%28b%29?c=%5Bd%5D&e=%22f%22"),
        ("https://www.example.org/a%20b", "https://www.example.org/a%20b"),
        ("https://www.example.org/?a=1&copy;=2", "https://www.example.org/?a=1&copy;=2"),
        ("HTTPS://www.example.org/é", "HTTPS://www.example.org/%C3%A9"),
    ],
)
def test_an_address_survives_markdown(url: str, address: str) -> None:
    html = MARKDOWN.render(body_of(shown(Output.MARKDOWN, a_content(an_entry(1, url=url)))))
    assert Page(html).links[-1] == address


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a b", "https://a\nb", "https://\u202ea", ""],
)
def test_an_address_that_is_not_plainly_of_the_web_is_never_linked(url: str) -> None:
    assert web_address(url) == ""
    content = a_content(an_entry(1, url=url))
    assert Page(shown(Output.HTML, content)).links == ["#news"]
    assert Page(MARKDOWN.render(body_of(shown(Output.MARKDOWN, content)))).links == ["#news"]
    assert json.loads(shown(Output.JSON, content))["sections"][0]["entries"][0]["url"] == ""


def test_a_link_after_a_mark_of_exclamation_is_no_picture() -> None:
    content = a_content(an_entry(1), intro="Look!https://example.org/a and read!! https://example.org/b")
    page = Page(MARKDOWN.render(body_of(shown(Output.MARKDOWN, content))))
    assert {"https://example.org/a", "https://example.org/b"} <= set(page.links)
    assert "img" not in page.tags


def test_words_that_turn_a_line_around_are_taken_out_and_joiners_stay() -> None:
    assert one_line("a\u202eb\u200b c\x00d\u2028e") == "ab c d e"
    family = "👩\u200d👧"
    assert one_line(family) == family


def test_an_email_is_a_whole_page_whose_every_tag_has_its_own_style_and_which_needs_no_image() -> None:
    view = EditionView.of(an_edition(content=CONTENT), url="https://digest.example.org/editions/1", reasons=True)
    html = render(Output.EMAIL, view)
    page = Page(html)
    assert html.startswith("<!doctype html>")
    assert set(page.tags).isdisjoint({"img", "script", "link", "style", "iframe", "object", "form"})
    assert page.tags.count("table") == 2
    assert page.links == [
        "https://digest.example.org/editions/1",
        "https://www.example.org/news/1",
        "https://news.example.org/1",
        "https://www.example.org/news/3",
        "https://www.example.org/news/4",
    ]
    assert "2 entries: News, Dates" not in page.words  # there are three
    assert "3 entries: News, Dates" in page.words
    assert "rule: ai-1" not in html
    assert "two weeks" not in html
    assert "class=" not in html


def test_an_email_without_an_address_on_the_web_offers_none() -> None:
    assert "Read it on the web" not in shown(Output.EMAIL)


def test_hostile_words_are_shown_in_an_email_as_they_were_written() -> None:
    page = Page(shown(Output.EMAIL, hostile_content(HOSTILE)))
    assert "script" not in page.tags
    assert page.words.count(one_line(HOSTILE)) >= 7
    assert page.links == [*IN_THE_INTRO, "https://www.example.org/news/1", "https://e.example"]
    assert page.comments == []


def test_the_time_of_a_dated_entry_is_shown_to_people_and_to_programs() -> None:
    content = a_content(
        an_entry(3, section="dates", title="Rules", blurb="", date=date(2025, 1, 28), time=time(23, 59))
    )
    assert "* 28 January, 11:59pm: [Rules]" in shown(Output.MARKDOWN, content)
    assert "* 28 January, 11:59pm: Rules (" in shown(Output.TEXT, content)
    assert '<time datetime="2025-01-28T23:59">28 January, 11:59pm</time>: <a' in shown(Output.HTML, content)
    (entry,) = json.loads(shown(Output.JSON, content))["sections"][0]["entries"]
    assert (entry["date"], entry["time"]) == ("2025-01-28", "23:59")
    without = replace(content, entries=(replace(content.entries[0], time=None),))
    assert content_hash(content) != content_hash(without)


def test_readers_of_mails_and_feeds_are_told_of_corrections() -> None:
    content = replace(CONTENT, corrections=(Correcting("The date of the summit was wrong.", NOW),))
    for page in (shown(Output.EMAIL, content), feed_body(EditionView.of(an_edition(content=content)), "Corrected.")):
        assert "The date of the summit was wrong." in page
        assert "Corrected." not in page
    assert "<em>Corrected.</em>" in feed_body(EditionView.of(an_edition(content=CONTENT)), "Corrected.")
