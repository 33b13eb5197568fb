"""A file in Slack: whole, in as many messages as it takes, each of which Slack takes."""

from __future__ import annotations

import pytest

from adapters.slack.limits import check_message
from adapters.slack.pieces import in_pieces
from adapters.slack.render import render_message
from bot.messages import File, Message, Note, say


@pytest.mark.parametrize(
    "line", ["a line of the digest\n", 'quotes "and" \\ backslashes\n', "é" * 30_000, "\x00" * 5_000]
)
def test_a_long_file_is_shown_in_slack_in_whole_pieces_that_slack_takes(line: str) -> None:
    whole = line * max(1, 40_000 // len(line))
    pieces = in_pieces(Message("Here it is.", (*say("Here it is.").blocks, File("edition-34.md", whole))))
    assert pieces[0] == say("Here it is.")
    shown = [block.text for piece in pieces for block in piece.blocks if isinstance(block, File)]
    assert "".join(shown) == whole
    assert len(shown) > 1
    assert pieces[1].summary == f"edition-34.md, part 1 of {len(shown)}"
    for piece in pieces:
        rendered = render_message(piece)
        assert check_message(rendered.blocks, rendered.text) == []


def test_a_short_file_is_one_piece_with_its_name() -> None:
    (piece,) = in_pieces(Message("x", (File("a.md", "one\ntwo\n"),)))
    assert [type(block) for block in piece.blocks] == [Note, File]
    blocks = render_message(piece).blocks
    assert blocks[1]["elements"][0] == {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": "one\ntwo\n"}],
    }


def test_what_has_no_file_is_left_alone() -> None:
    assert in_pieces(say("Hello.")) == (say("Hello."),)
