"""A long answer as several messages, each of which every platform takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.messages import Block, Bullets, Message, to_json

MOST_CHARACTERS = 4_500
"""Of a message as JSON. Slack takes some 10,000 of its own, of which our blocks become less than twice as many."""


def in_messages(summary: str, blocks: Iterable[Block]) -> tuple[Message, ...]:
    """The blocks in as few messages as hold them, in order; a long list is cut between its points."""
    packed: list[list[Block]] = [[]]
    for block in _cut(blocks):
        if packed[-1] and _size([*packed[-1], block]) > MOST_CHARACTERS:
            packed.append([])
        packed[-1].append(block)
    number = len(packed)
    names = [summary if number == 1 else f"{summary} ({each} of {number})" for each in range(1, number + 1)]
    return tuple(Message(name, tuple(some)) for name, some in zip(names, packed, strict=True))


def _cut(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if not isinstance(block, Bullets):
            yield block
            continue
        part: Bullets = Bullets(())
        for item in block.items:
            longer = Bullets((*part.items, item))
            if part.items and _size([longer]) > MOST_CHARACTERS // 2:
                yield part
                longer = Bullets((item,))
            part = longer
        yield part


def _size(blocks: list[Block]) -> int:
    return len(to_json(Message("", tuple(blocks))))
