"""Web addresses in what editors write are links in every output, and nothing else of it ever is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edition_messages import published_parts
from bot.edition_messages.line import linked
from bot.messages import Bullets, Span, plain
from digests.model import Content
from digests.render import html, markdown, text
from digests.render.linked import pieces
from digests.render.view import EditionView
from tests.builders import an_edition

ADDRESS = "https://example.org/a_report?part=(2)&x=1"
WRITTEN = Content(
    "Data Policy Digest",
    (),
    (),
    intro=f"<b>Read</b> our report ({ADDRESS}).",
    updates=f"- We wrote {ADDRESS}, at last",
    outro="Ask us at javascript:alert(1) or mailto:a@example.org, never at http:// alone.",
)


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("See https://example.org/a.", "https://example.org/a"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("“https://example.org/?q=a,b”, she said", "https://example.org/?q=a,b"),
        ("<https://example.org>", "https://example.org"),
        ("HTTP://EXAMPLE.ORG/x!", "HTTP://EXAMPLE.ORG/x"),
        ("https://", ""),
        ("xhttps://example.org", ""),
        ("ftp://example.org javascript:alert(1)", ""),
    ],
)
def test_an_address_ends_where_a_reader_would_end_it(words: str, address: str) -> None:
    assert [found for _, found in pieces(words) if found] == ([address] if address else [])


@given(st.lists(st.sampled_from(["https://", "http://a.b", " ", ".", ")", "(", "x", "<", "\n", "“"]) | st.text()))
def test_no_word_is_lost_or_doubled(parts: list[str]) -> None:
    words = "".join(parts)
    found = list(pieces(words))
    assert "".join(part for part, _ in found) == words
    assert all(address in ("", part) for part, address in found)
    assert plain(linked(words)) == words


def test_of_very_many_addresses_those_are_links_that_one_message_holds() -> None:
    words = "https://example.org/a " * 500
    spans = linked(words)
    assert plain(spans) == words
    assert 20 < sum(bool(span.url) for span in spans) < 60
    assert len(spans) < 120


def test_addresses_in_the_texts_of_an_edition_are_links_in_chat() -> None:
    spans = [
        span
        for part in published_parts(an_edition(content=WRITTEN))
        for block in part.blocks
        for words in (block.items if isinstance(block, Bullets) else (getattr(block, "text", ""),))
        for span in words
        if isinstance(span, Span)
    ]
    assert [span.text for span in spans if span.url] == [ADDRESS, ADDRESS]
    assert {span.url for span in spans} == {"", ADDRESS}
    assert "<b>Read</b> our report (" in [span.text for span in spans]


@pytest.mark.parametrize("render", [html.render, html.email, lambda view: html.feed_body(view, "")])
def test_addresses_are_links_in_html_and_nothing_becomes_markup(render) -> None:  # type: ignore[no-untyped-def]
    page = render(EditionView.of(an_edition(content=WRITTEN)))
    shown = ADDRESS.replace("&", "&amp;")
    assert page.count(f'<a href="{shown}"') == page.count(f">{shown}</a>") == 2
    assert "&lt;b&gt;Read&lt;/b&gt;" in page
    assert "javascript:alert(1) or mailto:a@example.org, never at http:// alone." in page
    assert 'href="javascript' not in page


def test_addresses_are_links_in_markdown_and_whole_in_plain_text() -> None:
    long = "https://example.org/" + "a" * 90
    view = EditionView.of(an_edition(content=replace(WRITTEN, outro=f"More at {long}.")))
    assert "](https://example.org/a_report?part=%282%29&x=1)" in markdown.render(view)
    assert f"[https\\://example.org/{'a' * 90}]({long})." in markdown.render(view)
    assert f"\n{long}.\n" in text.render(view)
