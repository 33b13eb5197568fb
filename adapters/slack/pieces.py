"""Files in as many Slack messages as they take: uploading them would need a scope that nothing else needs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.messages import File, Message, Note, text

# Of the file's text in one message, as JSON: less than what fits, to leave room for the note above it.
MOST_CHARACTERS = 7_500


def in_pieces(message: Message) -> tuple[Message, ...]:
    """The message without its files, and then each file in pieces that say which of how many they are."""
    files = [block for block in message.blocks if isinstance(block, File)]
    if not files:
        return (message,)
    others = tuple(block for block in message.blocks if not isinstance(block, File))
    parts = [Message(message.summary, others)] if others else []
    for file in files:
        pieces = list(_cut(file.text))
        for number, piece in enumerate(pieces, start=1):
            name = f"{file.name}, part {number} of {len(pieces)}" if len(pieces) > 1 else file.name
            parts.append(Message(name, (Note(text(name)), File(file.name, piece))))
    return tuple(parts)


def _cut(words: str) -> Iterator[str]:
    """The text in pieces, cut at the ends of lines where that can be."""
    piece, size = "", 0
    for line in words.splitlines(keepends=True):
        while line:
            room = MOST_CHARACTERS - size
            if _size(line) <= room:
                piece, size, line = piece + line, size + _size(line), ""
            elif piece:
                yield piece
                piece, size = "", 0
            else:
                # A letter takes six characters at most: a control, as \\u0000.
                yield line[: MOST_CHARACTERS // 6]
                line = line[MOST_CHARACTERS // 6 :]
    if piece:
        yield piece


def _size(words: str) -> int:
    return len(json.dumps(words, ensure_ascii=False)) - 2
