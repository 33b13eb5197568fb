"""The draft as editors see it: a headline with totals, a page or more for each section, and the maybes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.edition_messages.line import CHANGE, DROP, edition_name, entry_line, entry_value, joined, short
from bot.edition_messages.paging import Page, pages_of
from bot.edition_messages.standing import standing
from bot.edition_messages.suggested import suggested_pages
from bot.edition_messages.view import DraftView
from bot.edition_messages.warned import fixes, warnings_button
from bot.messages import (
    Block,
    Button,
    Buttons,
    EntryLine,
    Heading,
    Menu,
    Message,
    Note,
    Paragraph,
    Text,
    bold,
    count,
    text,
)
from digests import editing
from digests.calendar import say_day, say_when
from digests.model import EditionState, Entry
from digests.suggestions import credits_of

RESTORE = "entry.restore"
UP, DOWN = "entry.up", "entry.down"
TAGS = "tags.show"
ADD_LINK = "link.address"
PREVIEW, TEXTS, SECTIONS = "edition.preview", "edition.texts", "edition.sections"
LEFT_OUT, HISTORY, UNDO = "edition.left-out", "edition.history", "edition.undo"
HEADLINE = "headline"
# So much of the intro, the outro and what stands between is shown on the headline; the preview shows all of it.
EXCERPT = 160
WARNINGS_SHOWN = 5
_NAMES = {
    EditionState.APPROVED: "Approved",
    EditionState.PUBLISHED: "Posted",
    EditionState.WITHDRAWN: "Withdrawn",
}


def draft_pages(view: DraftView) -> tuple[Page, ...]:
    """The draft as editors see it: a headline, then a page or more for each section, then the maybes."""
    content = view.edition.content
    pages = [Page(HEADLINE, draft_headline(view))]
    editable = view.edition.state.is_open
    for section in content.sections:
        entries = [entry for entry in content.entries if entry.section == section.id]
        kept = sum(entry.included for entry in entries)
        lines = [_draft_line(view, entry, editable) for entry in entries]
        heading = f"{section.title} ({count(kept, 'entry', 'entries')})"
        pages += pages_of(f"section:{section.id}", heading, lines, f"{section.title}, continued")
    pages += suggested_pages(view, editable)
    maybes = [_maybe_line(view, entry, editable) for entry in content.maybe]
    heading = f"Maybe ({len(maybes)}): not in the draft unless you add them"
    return (*pages, *pages_of("maybe", heading, maybes, "Maybe, continued"))


def draft_headline(view: DraftView) -> Message:
    """The first message of a draft: totals, notes, who is at work, where approval stands, and the buttons."""
    edition, content = view.edition, view.edition.content
    kind = "Correction" if edition.state.is_correction else _NAMES.get(edition.state, "Draft")
    filled = [section for section in content.sections if content.of_section(section.id)]
    blocks: list[Block] = [
        Heading(f"{kind}: {edition_name(edition)}"),
        Paragraph(
            text(
                bold(count(len(content.included), "entry", "entries")),
                f" in {count(len(filled), 'section')}, {count(len(content.maybe), 'maybe')}",
                f", {count(len(view.warnings), 'warning')}. " if view.warnings else ". ",
                f"It covers what arrived from {say_when(edition.window.start)} to {say_when(edition.window.end)}.",
            )
        ),
    ]
    if filled:
        counts = (f"{section.title} {len(content.of_section(section.id))}" for section in filled)
        blocks.append(Paragraph(text(" · ".join(counts))))
    blocks += [Paragraph(text(note)) for note in content.notes]
    of_the_whole = view.warnings_of("")
    blocks += [Paragraph(text(warning.sentence[:600])) for warning in of_the_whole[:WARNINGS_SHOWN]]
    if len(of_the_whole) > WARNINGS_SHOWN:
        more = count(len(of_the_whole) - WARNINGS_SHOWN, "more warning")
        blocks.append(Paragraph(text(f"And {more} about the whole: press “Warnings”.")))
    texts = (content.intro, content.updates, content.outro)
    blocks += [
        Note(text(f"{_capital(what.removeprefix('the ').strip('“”'))}: {_excerpt(words)}"))
        for what, words in zip(editing.TEXTS.values(), texts, strict=True)
        if words
    ]
    if content.left_out:
        reasons = "; ".join(f"{number:,} {reason}" for reason, number in content.left_out)
        blocks.append(Note(text(f"Not proposed: {reasons}.")))
    blocks += [Note(text(words)) for words in _at_work(view)]
    blocks += standing(view)
    if edition.state.is_open:
        blocks.append(_desk(view))
    return Message(
        f"{kind}: {edition_name(edition)}, {count(len(content.included), 'entry', 'entries')}", tuple(blocks)
    )


def _at_work(view: DraftView) -> Iterator[str]:
    latest = next((line for line in reversed(view.revisions) if line.author), None)
    if latest:
        yield f"Last edited by {view.name_of(latest.author)} on {say_when(latest.at)}."
    if view.presences:
        found = [f"{each.member.name} is editing {each.doing} (since {say_when(each.at)})" for each in view.presences]
        yield f"{joined(found)}."


def _desk(view: DraftView) -> Buttons:
    """What can be done to the draft as a whole."""
    edition = view.edition
    left_out = sum(number for _, number in edition.content.left_out)
    buttons = [
        Button("Add a link…", ADD_LINK, edition.id, hint="Add a link… by its address"),
        *warnings_button(view),
        Button("Preview", PREVIEW, edition.id, hint="Preview the edition as its readers will get it"),
        Button("Texts…", TEXTS, edition.id, hint="Texts… around the entries: title, intro, outro"),
        Button("Sections…", SECTIONS, edition.id, hint="Sections… of this edition: add, rename, move, remove"),
    ]
    if left_out:
        label = f"Left out ({left_out:,})"
        buttons.append(Button(label, LEFT_OUT, edition.id, hint=f"{label}: what was not proposed, and why"))
    buttons.append(Button("History", HISTORY, edition.id, hint="History: who changed what, and when"))
    if undone := editing.undone_by(view.revisions):
        buttons.append(
            Button(
                "Undo",
                UNDO,
                f"{edition.id} {edition.revision}",
                confirm=f"Undo the latest edit, by {view.name_of(undone.author)}: {undone.what[:150]}?",
                hint="Undo the latest edit, whoever made it",
            )
        )
    return Buttons(tuple(buttons))


def _draft_line(view: DraftView, entry: Entry, editable: bool) -> EntryLine:
    value, title = entry_value(view.edition, entry), short(entry.title)
    if not (editable and entry.included):
        put_back = Button("Put back", RESTORE, value, hint=f"Put back “{title}”")
        buttons = (*([put_back] if editable else []), *_tags_button(entry))
        return EntryLine(entry_line(entry), _detail(view, entry), buttons, faded=not entry.included)
    buttons = (
        Button("Leave out", DROP, value, hint=f"Leave out “{title}”"),
        Button("Change…", CHANGE, value, hint=f"Change… “{title}”"),
        *fixes(view, entry),
    )
    menu = Menu(
        (
            Button("Move up", UP, value, hint=f"Move up “{title}”"),
            Button("Move down", DOWN, value, hint=f"Move down “{title}”"),
            *_tags_button(entry),
        ),
        title,
    )
    return EntryLine(entry_line(entry), _detail(view, entry), buttons, menu=menu)


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
    further = [name for name in names if name not in told]
    also = "also " if len(further) < len(names) else ""
    parts = [*entry.reasons, f"{also}tagged {joined(further)}" if further else ""]
    if entry.published_on:
        parts.append(f"dated {say_day(entry.published_on)}")
    parts.append(credits_of(view.suggested, [entry.url, *(also.url for also in entry.also)]))
    warnings = [warning.sentence for warning in view.warnings_of(entry.id)]
    return text(_capital(" · ".join(part for part in (*warnings, *parts) if part)[:600]))


def _excerpt(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1].rstrip() + "…"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
