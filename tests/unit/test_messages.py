"""Neutral messages: the way to JSON and back loses nothing, and text can never become a link to a script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import (
    MENU_CHOICES,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    ChatLink,
    Divider,
    EntryLine,
    Heading,
    Menu,
    Message,
    Note,
    Paragraph,
    Span,
    Style,
    channel_name,
    from_json,
    link,
    plain,
    say,
    text,
    to_json,
)
from digests.model import Address

words = st.text(max_size=30)
spans = st.builds(Span, words, st.sampled_from(Style), st.sampled_from(["", "https://example.org/a?b=c&d"]))
texts = st.lists(spans, max_size=4).map(tuple)
buttons = st.lists(st.builds(Button, words, words, words, st.sampled_from(ButtonStyle), words, words), max_size=3).map(
    tuple
)
menus = st.builds(
    Menu, st.lists(st.builds(Button, words, words, words), min_size=1, max_size=MENU_CHOICES).map(tuple), words
)
people = st.lists(st.builds(Address, words, words, st.just(""), words), max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(Heading, words),
    st.builds(Paragraph, texts),
    st.builds(Note, texts),
    st.builds(Bullets, st.lists(texts, max_size=3).map(tuple)),
    st.builds(EntryLine, texts, texts, buttons, st.booleans()),
    st.builds(EntryLine, texts, menu=menus),
    st.builds(Buttons, buttons),
    st.builds(ChatLink, words, people, words, words),
    st.builds(Divider),
)


@given(st.builds(Message, words, st.lists(blocks, max_size=5).map(tuple)))
def test_every_message_survives_json_and_is_written_the_same_each_time(message: Message) -> None:
    body = to_json(message)
    assert from_json(body) == message
    assert to_json(from_json(body)) == body


def test_a_span_refuses_any_address_but_http() -> None:
    for address in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"):
        with pytest.raises(ValueError, match="must be http or https"):
            Span("x", url=address)
        assert link("x", address) == Span("x")


def test_text_joins_its_parts_and_leaves_empty_ones_out() -> None:
    assert plain(text("a", Span("b", Style.BOLD), text("c", ""), "")) == "abc"
    assert say("Hello, ", Span("world"), ".").summary == "Hello, world."


def test_a_channel_is_named_in_the_outbox_too() -> None:
    message = say("In ", channel_name(Address("slack", "T01", channel="C01")), ".")
    assert message.summary == "In #C01."
    assert from_json(to_json(message)) == message
