"""What is more than one Teams card is shown in several, and nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.teams.limits import CARD_BYTES, size
from adapters.teams.pieces import in_pieces
from adapters.teams.render import render_message
from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    EntryLine,
    File,
    Heading,
    Menu,
    Message,
    Note,
    Paragraph,
    link,
    plain,
    say,
    text,
)
from tests.contract.chat import wild
from tests.contract.chat.contract import message_problems
from tests.contract.chat.teams import Teams


def shown(pieces: list[Message]) -> str:
    assert max(size(render_message(piece).card) for piece in pieces) <= CARD_BYTES
    said = []
    for piece in pieces:
        for block in piece.blocks:
            match block:
                case Heading(words):
                    said.append(words)
                case Paragraph(words) | Note(words):
                    said.append(plain(words))
                case Bullets(items):
                    said += [plain(item) for item in items]
                case EntryLine(words, detail):
                    said += [plain(words), plain(detail)]
    return "".join(said)


def test_what_fits_is_left_alone() -> None:
    assert in_pieces(say("Hello.")) == [say("Hello.")]


@pytest.mark.parametrize("words", ["word " * 12_000, "x" * 60_000, "é\n" * 15_000, '"\\' * 12_000, "{{" * 10_000])
def test_a_text_longer_than_a_card_is_cut_between_cards_and_whole_in_all(words: str) -> None:
    for block in (Paragraph(text(words)), Note(text(words)), Bullets((text(words),)), Heading(words)):
        pieces = in_pieces(Message("Long", (block,)))
        assert len(pieces) > 1
        assert shown(pieces) == words
        assert pieces[0].summary == f"Long (1 of {len(pieces)})"


def test_an_entry_longer_than_a_card_keeps_its_link_its_buttons_and_its_menu() -> None:
    url = "https://example.org/" + "a" * 2_000
    buttons = tuple(Button("Go", "x", str(number) * 3_000) for number in range(9))
    entry = EntryLine(text(link("law " * 6_000, url)), text("why " * 6_000), buttons, menu=Menu(buttons[:5]))
    pieces = in_pieces(Message("Long", (Heading("Bills"), entry)))
    assert shown(pieces) == "Bills" + "law " * 6_000 + "why " * 6_000
    pressable = [
        button.value
        for piece in pieces
        for block in piece.blocks
        if isinstance(block, Buttons | EntryLine)
        for button in (block.buttons if isinstance(block, Buttons) else block.acts)
    ]
    assert pressable == [button.value for button in (*buttons, *buttons[:5])]


def test_a_heading_stands_with_what_it_is_about() -> None:
    filling = [Paragraph(text("x" * 7_000))] * 3
    pieces = in_pieces(Message("s", (*filling, Heading("Bills"), Paragraph(text("y" * 2_000)))))
    assert [type(piece.blocks[-1]) for piece in pieces] == [Paragraph, Paragraph]
    assert pieces[1].blocks[0] == Heading("Bills")


@pytest.mark.parametrize("line", ["a line of the digest\n", 'quotes "and" \\\n', "é" * 30_000, "\x00" * 5_000])
def test_a_long_file_is_shown_in_whole_pieces(line: str) -> None:
    whole = line * max(1, 60_000 // len(line))
    first, *pieces = in_pieces(Message("Here it is.", (*say("Here it is.").blocks, File("edition-34.md", whole))))
    assert first == say("Here it is.")
    assert "".join(block.text for piece in pieces for block in piece.blocks if isinstance(block, File)) == whole
    assert pieces[0].summary == f"edition-34.md, part 1 of {len(pieces)}"
    assert max(size(render_message(piece).card) for piece in pieces) <= CARD_BYTES


def test_a_short_file_is_one_piece_with_its_name() -> None:
    (piece,) = in_pieces(Message("x", (File("a.md", "one\ntwo\n"),)))
    assert piece == Message("a.md", (File("a.md", "one\ntwo\n"),))


@settings(max_examples=10, deadline=None)
@given(st.lists(wild.blocks, min_size=5, max_size=12), st.integers(10, 40))
def test_nothing_of_any_message_is_lost_between_its_cards(blocks: list[Block], times: int) -> None:
    message = Message("Long", (*(blocks * times), *wild.SOMETHING))
    assert message_problems(Teams(), message) == []
