"""A message in as many cards as it takes, with nothing left out. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from adapters.teams.escaping import unread
from adapters.teams.limits import CARD_BYTES, size
from adapters.teams.render import HEADING, Known, elements_of, summary_of
from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    EntryLine,
    File,
    Heading,
    Message,
    Note,
    Paragraph,
    Span,
    Text,
    bold,
    text,
)

ROOM = CARD_BYTES - 3_000
"""Bytes of all elements of one card: less than it may have, for what stands around them."""
PART = 8_000
"""Bytes of text in one part of a block that is more than a card by itself."""

# Bytes that a run of text takes beside its words and its address.
_AROUND = 200
# Measured as what takes most: every button as one that opens a form.
_KNOWN = Known(opens_form=lambda action, value: True)


def in_pieces(message: Message) -> list[Message]:
    """The message as one or more that each fit into a card: its blocks in their order, then each of its files.

    A heading stands with what it is about. What cannot be taken apart (a link or a button's value of thousands of
    characters) still makes a piece that :func:`~adapters.teams.render.render_message` refuses.
    """
    blocks = [block for block in message.blocks if not isinstance(block, File)]
    files = [block for block in message.blocks if isinstance(block, File)]
    pages = list(_paged(part for block in blocks for part in _parts(block)))
    pieces = [replace(message, blocks=page, letter=None) for page in pages]
    if len(pages) == 1 and not files:
        return [message]
    if len(pieces) > 1:
        whole = summary_of(message)
        pieces = [
            replace(piece, summary=f"{whole} ({number} of {len(pieces)})") for number, piece in enumerate(pieces, 1)
        ]
    for file in files:
        pieces += _of_file(file)
    return pieces or [message]


def _paged(blocks: Iterable[Block]) -> Iterator[tuple[Block, ...]]:
    page: list[Block] = []
    taken = 0
    for block in blocks:
        weight = _weight(block)
        if page and taken + weight > ROOM:
            # A heading at the foot of a page goes with what comes below it.
            kept = [page.pop()] if len(page) > 1 and isinstance(page[-1], Heading) else []
            yield tuple(page)
            page, taken = kept, sum(map(_weight, kept))
        page.append(block)
        taken += weight
    if page:
        yield tuple(page)


def _weight(block: Block) -> int:
    return sum(size(element) + 1 for element in elements_of(block, _KNOWN))


def _parts(block: Block) -> Iterator[Block]:
    """The block, or what it comes apart into if it is more than a card by itself."""
    if isinstance(block, Heading) and len(block.text) > HEADING:
        yield from (Paragraph(part) for part in _split(text(bold(block.text))))
        return
    if _weight(block) <= ROOM:
        yield block
        return
    match block:
        case Paragraph(words):
            yield from (Paragraph(part) for part in _split(words))
        case Note(words):
            yield from (Note(part) for part in _split(words))
        case Bullets(items):
            yield from (Bullets((part,)) for item in items for part in _split(item))
        case EntryLine(words, detail, buttons, faded, menu):
            yield from (EntryLine(part, faded=faded) for part in _split(words))
            yield from (EntryLine((), part, faded=faded) for part in _split(detail))
            yield from _rows(buttons)
            if menu:
                yield EntryLine((), menu=menu)
        case Buttons(buttons):
            yield from _rows(buttons)
        case _:
            yield block


def _rows(buttons: Iterable[Button]) -> Iterator[Block]:
    rest = iter(buttons)
    while row := tuple(islice(rest, 6)):
        if _weight(Buttons(row)) <= ROOM:
            yield Buttons(row)
        else:
            yield from (Buttons((button,)) for button in row)


def _split(words: Text) -> Iterator[Text]:
    """The text in parts, each of them at most :data:`PART` bytes where it can be taken apart."""
    part: list[Span] = []
    taken = 0
    for span in words:
        around = _AROUND + size(span.url)
        for piece in _cut(span.text, max(PART - around, 100), lambda words: size(unread(words))):
            weight = around + size(unread(piece))
            if part and taken + weight > PART:
                yield tuple(part)
                part, taken = [], 0
            part.append(replace(span, text=piece))
            taken += weight
    if part:
        yield tuple(part)


def _of_file(file: File) -> list[Message]:
    pieces = list(_cut(file.text, ROOM - 1_000, size)) or [""]
    names = [f"{file.name}, part {number} of {len(pieces)}" for number in range(1, len(pieces) + 1)]
    if len(pieces) == 1:
        names = [file.name]
    return [Message(name, (File(name, piece),)) for name, piece in zip(names, pieces, strict=True)]


def _cut(words: str, most: int, measure: Callable[[str], int]) -> Iterator[str]:
    """The words in pieces of at most so many bytes, cut after a line or a blank where there is one."""
    while words:
        # No character takes less than a byte, so that no more than these can be in the next piece.
        end = len(words[:most])
        if measure(words[:end]) > most:
            end = max(bisect_right(range(end), most, key=lambda at: measure(words[:at])) - 1, 1)
        if end < len(words):
            gap = words.rfind("\n", end // 2, end)
            gap = gap if gap >= 0 else words.rfind(" ", end // 2, end)
            end = gap + 1 if gap >= 0 else end
        yield words[:end]
        words = words[end:]
