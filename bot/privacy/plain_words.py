"""What a message said, in plain words, as an export has it."""

from __future__ import annotations

from bot.messages import Block, Bullets, EntryLine, File, Heading, Message, Note, Paragraph, plain


def words_of(message: Message) -> str:
    """Everything that a message says, a line for each block, without buttons and links."""
    return "\n".join(line for block in message.blocks for line in _lines(block) if line)


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
