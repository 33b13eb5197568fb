"""The edition as its readers get it: one message where it fits, else a headline with its thread."""

from __future__ import annotations

from collections.abc import Iterator

from bot.edition_messages.line import edition_name, entry_line, linked
from bot.edition_messages.paging import bullets, fits, paged, pages_of
from bot.messages import Block, EntryLine, Heading, Message, Note, Paragraph, count, text
from digests.correcting import lines_of
from digests.model import Content, Edition
from digests.render.view import UPDATES, lines

THREAD_BELOW = "The edition is in the thread below."


def published_parts(edition: Edition) -> tuple[Message, ...]:
    """The edition as readers get it: one message where it fits, else a headline with its thread."""
    content = edition.content
    name = edition_name(edition)
    corrected = [Note(text(line)) for line in lines_of(content)]
    top: list[Block] = [Heading(name), *corrected, *told(content.intro)]
    sections = list(_published_sections(content))
    updates = updates_blocks(content)
    close = told(content.outro)
    whole = [*top, *(block for _, blocks in sections for block in blocks), *updates, *close]
    if fits(whole):
        return (Message(name, tuple(whole)),)
    listed = [text(f"{title}: {count(len(blocks) - 1, 'entry', 'entries')}") for title, blocks in sections]
    contents = bullets([*listed, *([text(UPDATES)] if updates else [])])
    headline, *more = paged([*top, *contents, Note(text(THREAD_BELOW))])
    thread = [
        page.message
        for title, blocks in sections
        for page in pages_of("", title, [block for block in blocks if isinstance(block, EntryLine)])
    ]
    rest = [Message(name, blocks) for blocks in more]
    rest_below = [Message(UPDATES if updates else name, blocks) for blocks in paged([*updates, *close])]
    return (Message(name, headline), *rest, *thread, *rest_below)


def told(words: str) -> list[Block]:
    """What editors wrote, a block for each of its paragraphs."""
    return [Paragraph(linked(part.strip())) for part in words.split("\n\n") if part.strip()]


def updates_blocks(content: Content) -> list[Block]:
    """What the network tells of itself, under its heading; nothing where it tells nothing."""
    points = lines(content.updates)
    return [Heading(UPDATES), *bullets([linked(point) for point in points])] if points else []


def _published_sections(content: Content) -> Iterator[tuple[str, list[Block]]]:
    for section in content.sections:
        entries = content.of_section(section.id)
        if entries:
            yield section.title, [Heading(section.title), *(EntryLine(entry_line(entry)) for entry in entries)]
