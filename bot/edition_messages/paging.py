"""Pages of lines: how many entries fit into one message of the tightest platform, and what a page is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages import Block, Bullets, Button, Buttons, EntryLine, Heading, Message, Note, Paragraph, Text

# Slack refuses about 13,200 characters over all blocks of a message and more than 50 blocks; the tightest platform
# sets the page: that is Slack, but for texts of many bytes, of which Teams takes 25,000 in a card. These budgets leave
# room for the platform's own wrapping, which the contract tests measure.
PAGE_CHARACTERS = 8_500
PAGE_BLOCKS = 44


@dataclass(frozen=True, slots=True)
class Page:
    """One message of a set, under a name that stays the same when the set is rendered again."""

    name: str
    message: Message


def fits(blocks: Sequence[Block]) -> bool:
    """Whether the blocks are within the budgets of one message."""
    return weight(blocks) <= PAGE_CHARACTERS and height(blocks) <= PAGE_BLOCKS


def paged(blocks: Sequence[Block]) -> list[tuple[Block, ...]]:
    """The blocks in order, on as few pages as the budgets allow; no page where there is no block."""
    pages: list[list[Block]] = []
    for block in blocks:
        if not pages or not fits([*pages[-1], block]):
            pages.append([])
        pages[-1].append(block)
    return [tuple(page) for page in pages]


def bullets(items: Sequence[Text]) -> list[Block]:
    """The lines as lists, each of them short enough to share a page."""
    lists: list[tuple[Text, ...]] = []
    for item in items:
        if not lists or weight([Bullets((*lists[-1], item))]) > PAGE_CHARACTERS // 2:
            lists.append(())
        lists[-1] = (*lists[-1], item)
    return [Bullets(chosen) for chosen in lists]


def pages_of(name: str, heading: str, lines: Sequence[EntryLine], continued: str = "") -> list[Page]:
    """The lines under their heading, on as few pages as the budgets allow; no page where there is no line.

    ``continued`` stands above the pages after the first: without what changes with every edit, so that a page need not
    be sent again for its heading alone.
    """
    chunks: list[list[Block]] = []
    for line in lines:
        if not chunks or not fits([*chunks[-1], line]):
            chunks.append([Heading(heading if not chunks else continued or f"{heading}, continued")])
        chunks[-1].append(line)
    summaries = [heading, *[continued or heading] * len(chunks)]
    return [Page(f"{name}:{at}", Message(summaries[at], tuple(blocks))) for at, blocks in enumerate(chunks)]


def weight(blocks: Sequence[Block]) -> int:
    """About how many characters a platform's own form of these blocks takes."""
    total = 0
    for block in blocks:
        match block:
            case EntryLine(words, detail, buttons, _, menu):
                total += 220 + _length(words) + _length(detail)
                total += sum(140 + _size(button) + len(button.hint) for button in buttons)
                total += 60 + sum(80 + _size(choice) for choice in menu.choices) if menu else 0
            case Buttons(buttons):
                total += sum(500 + len(b.value) + len(b.hint) for b in buttons)
            case Bullets(items):
                total += sum(120 + _length(item) for item in items)
            case Heading(words):
                total += 120 + len(words)
            case Paragraph(words) | Note(words):
                total += 150 + _length(words)
            case _:
                total += 40
    return total


def _size(button: Button) -> int:
    return len(button.label) + len(button.action) + len(button.value)


def _length(words: Text) -> int:
    # Quotation marks, backslashes and line ends take a second character in JSON.
    return sum(45 + _room(span.text) + len(span.url) + sum(span.text.count(c) for c in '"\\\n\t') for span in words)


def _room(words: str) -> int:
    # Slack counts characters, and Teams two and a half times as many bytes: pictures take four of them each.
    return max(len(words), len(words.encode("utf-8", "replace")) * 2 // 5)


def height(blocks: Sequence[Block]) -> int:
    return sum(1 + bool(block.detail) + bool(block.acts) if isinstance(block, EntryLine) else 1 for block in blocks)
