"""The edition as its readers get it: one message where it fits, else a headline with its thread."""

from __future__ import annotations

from collections.abc import Iterator

from bot.edition_messages.line import edition_name, entry_line
from bot.edition_messages.paging import PAGE_BLOCKS, PAGE_CHARACTERS, height, pages_of, weight
from bot.messages import Block, Bullets, EntryLine, Heading, Message, Note, Paragraph, count, text
from digests.model import Content, Edition


def published_parts(edition: Edition) -> tuple[Message, ...]:
    """The edition as readers get it: one message where it fits, else a headline with its thread."""
    content = edition.content
    name = edition_name(edition)
    top: list[Block] = [Heading(name)]
    if content.intro:
        top.append(Paragraph(text(content.intro)))
    sections = list(_published_sections(content))
    close: list[Block] = [Paragraph(text(content.outro))] if content.outro else []
    whole = [*top, *(block for _, blocks in sections for block in blocks), *close]
    if weight(whole) <= PAGE_CHARACTERS and height(whole) <= PAGE_BLOCKS:
        return (Message(name, tuple(whole)),)
    contents = Bullets(
        tuple(text(f"{title}: {count(len(blocks) - 1, 'entry', 'entries')}") for title, blocks in sections)
    )
    headline = Message(name, (*top, contents, *close, Note(text("The edition is in the thread below."))))
    thread = [
        page.message
        for title, blocks in sections
        for page in pages_of("", title, [block for block in blocks if isinstance(block, EntryLine)])
    ]
    return (headline, *thread)


def _published_sections(content: Content) -> Iterator[tuple[str, list[Block]]]:
    for section in content.sections:
        entries = content.of_section(section.id)
        if entries:
            yield section.title, [Heading(section.title), *(EntryLine(entry_line(entry)) for entry in entries)]
