"""What a message said, in plain words, as an export has it; and whether it names somebody."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.messages import Block, Bullets, EntryLine, File, Heading, Message, Note, Paragraph, from_json, plain


def words_of(message: Message) -> str:
    """Everything that a message says, a line for each block, without buttons and links."""
    return "\n".join(line for block in message.blocks for line in _lines(block) if line)


def mentions(body: str, names: Collection[str]) -> bool:
    """Whether a message, as it is stored, has one of these names in it, as whole words."""
    message = from_json(body)
    words = f"{message.summary}\n{words_of(message)}"
    return any(name.strip() and re.search(rf"(?<!\w){re.escape(name.strip())}(?!\w)", words) for name in names)


def _lines(block: Block) -> list[str]:
    match block:
        case Heading(words):
            return [words]
        case Paragraph(words) | Note(words):
            return [plain(words)]
        case Bullets(items):
            return [plain(words) for words in items]
        case EntryLine(words, detail):
            return [plain(words), plain(detail)]
        case File(_, words):
            return [words]
        case _:
            return []
