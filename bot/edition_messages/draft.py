"""The draft as editors see it: a headline with totals, a page or more for each section, and the maybes."""

from __future__ import annotations

from bot.edition_messages.line import edition_name, entry_line, entry_value, short
from bot.edition_messages.paging import Page, pages_of
from bot.edition_messages.standing import standing
from bot.edition_messages.suggested import suggested_pages
from bot.edition_messages.view import DraftView
from bot.edition_messages.warned import fixes, warnings_button
from bot.messages import Block, Button, Buttons, EntryLine, Heading, Message, Note, Paragraph, Text, bold, count, text
from digests.calendar import say_day, say_when
from digests.model import EditionState, Entry
from digests.suggestions import credits_of

DROP = "entry.drop"
RESTORE = "entry.restore"
TAGS = "tags.show"
ADD_LINK = "link.address"
HEADLINE = "headline"


def draft_pages(view: DraftView) -> tuple[Page, ...]:
    """The draft as editors see it: a headline, then a page or more for each section, then the maybes."""
    content = view.edition.content
    pages = [Page(HEADLINE, draft_headline(view))]
    editable = view.edition.state is EditionState.DRAFT
    for section in content.sections:
        entries = [entry for entry in content.entries if entry.section == section.id]
        kept = sum(entry.included for entry in entries)
        lines = [_draft_line(view, entry, editable) for entry in entries]
        heading = f"{section.title} ({count(kept, 'entry', 'entries')})"
        pages += pages_of(f"section:{section.id}", heading, lines)
    pages += suggested_pages(view, editable)
    maybes = [_maybe_line(view, entry, editable) for entry in content.maybe]
    return (*pages, *pages_of("maybe", f"Maybe ({len(maybes)}): not in the draft unless you add them", maybes))


def draft_headline(view: DraftView) -> Message:
    """The first message of a draft: totals, notes, where approval stands, and the button."""
    edition, content = view.edition, view.edition.content
    filled = {entry.section for entry in content.included}
    blocks: list[Block] = [
        Heading(f"Draft: {edition_name(edition)}"),
        Paragraph(
            text(
                bold(count(len(content.included), "entry", "entries")),
                f" in {count(len(filled), 'section')}, {count(len(content.maybe), 'maybe')}",
                f", {count(len(view.warnings), 'warning')}. " if view.warnings else ". ",
                f"It covers what arrived from {say_when(edition.window.start)} to {say_when(edition.window.end)}.",
            )
        ),
    ]
    blocks += [Paragraph(text(note)) for note in content.notes]
    blocks += [Paragraph(text(warning.sentence)) for warning in view.warnings_of("")]
    if content.left_out:
        reasons = "; ".join(f"{number:,} {reason}" for reason, number in content.left_out)
        blocks.append(Note(text(f"Not proposed: {reasons}.")))
    blocks += standing(view)
    if edition.state is EditionState.DRAFT:
        add = Button("Add a link…", ADD_LINK, edition.id, hint="Add a link… by its address")
        blocks.append(Buttons((add, *warnings_button(view))))
    return Message(f"Draft of {edition_name(edition)}: {len(content.included)} entries", tuple(blocks))


def _draft_line(view: DraftView, entry: Entry, editable: bool) -> EntryLine:
    buttons: tuple[Button, ...] = ()
    value = entry_value(view.edition, entry)
    if editable and entry.included:
        buttons = (Button("Leave out", DROP, value, hint=f"Leave out “{short(entry.title)}”"), *fixes(view, entry))
    elif editable:
        buttons = (Button("Put back", RESTORE, value, hint=f"Put back “{short(entry.title)}”"),)
    return EntryLine(
        entry_line(entry), _detail(view, entry), (*buttons, *_tags_button(entry)), faded=not entry.included
    )


def _tags_button(entry: Entry) -> tuple[Button, ...]:
    """Tags can be corrected at any time: they are the item's, not the edition's."""
    if not entry.item_id:
        return ()
    return (Button("Tags", TAGS, entry.item_id, hint=f"Tags of “{short(entry.title)}”"),)


def _maybe_line(view: DraftView, entry: Entry, editable: bool) -> EntryLine:
    value = entry_value(view.edition, entry)
    buttons = (Button("Add", RESTORE, value, hint=f"Add “{short(entry.title)}” to the draft"),) if editable else ()
    return EntryLine(entry_line(entry), _detail(view, entry), (*buttons, *_tags_button(entry)))


def _detail(view: DraftView, entry: Entry) -> Text:
    names = [view.topics[topic].name for topic in entry.topics if topic in view.topics]
    told = " ".join(entry.reasons)
    parts = [", ".join(name for name in names if name not in told), *entry.reasons]
    if entry.published_on:
        parts.append(f"dated {say_day(entry.published_on)}")
    parts.append(credits_of(view.suggested, [entry.url, *(also.url for also in entry.also)]))
    warnings = [warning.sentence for warning in view.warnings_of(entry.id)]
    return text(" · ".join(part for part in (*warnings, *parts) if part)[:600])
