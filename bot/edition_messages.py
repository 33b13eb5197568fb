"""Turns an edition into neutral messages, paged so that each fits every platform: the editors' draft, and the posts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    EntryLine,
    Heading,
    Message,
    Note,
    Paragraph,
    Text,
    bold,
    count,
    italic,
    link,
    text,
)
from digests.approval import approvals_needed
from digests.calendar import say_day, say_when
from digests.model import (
    Approval,
    Content,
    Delivery,
    DeliveryState,
    Edition,
    EditionState,
    Entry,
    Revision,
    Topic,
    content_hash,
)
from digests.plan import ApprovalPolicy
from digests.publishing import of_publication

# Slack refuses about 13,200 characters over all blocks of a message and more than 50 blocks; the tightest platform
# sets the page. These budgets leave room for the platform's own wrapping, which the contract tests measure.
PAGE_CHARACTERS = 7_500
PAGE_BLOCKS = 44

DROP = "entry.drop"
RESTORE = "entry.restore"
APPROVE = "draft.approve"
TAGS = "tags.show"
HEADLINE = "headline"


@dataclass(frozen=True, slots=True)
class Page:
    """One message of a set, under a name that stays the same when the set is rendered again."""

    name: str
    message: Message


@dataclass(frozen=True, slots=True)
class DraftView:
    """All that the draft message shows: the edition, and where its approval and its posting stand."""

    edition: Edition
    revisions: Sequence[Revision]
    approvals: Sequence[Approval]
    deliveries: Sequence[Delivery]
    policy: ApprovalPolicy
    topics: Mapping[str, Topic]


def edition_name(edition: Edition) -> str:
    """The edition as people call it: ``Data Policy Digest 12, Friday 24 January 2025``."""
    return f"{edition.content.title} {edition.number}, {say_day(edition.due_on)}"


def entry_value(edition: Edition, entry: Entry) -> str:
    """What an entry's button is about."""
    return f"{edition.id} {entry.id}"


def parse_value(value: str) -> tuple[str, str]:
    """The edition id and the rest of a button's value."""
    edition_id, _, rest = value.partition(" ")
    return edition_id, rest


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
        pages += _pages(f"section:{section.id}", heading, lines)
    maybes = [_maybe_line(view, entry, editable) for entry in content.maybe]
    return (*pages, *_pages("maybe", f"Maybe ({len(maybes)}): not in the draft unless you add them", maybes))


def draft_headline(view: DraftView) -> Message:
    """The first message of a draft: totals, notes, where approval stands, and the button."""
    edition, content = view.edition, view.edition.content
    filled = {entry.section for entry in content.included}
    blocks: list[Block] = [
        Heading(f"Draft: {edition_name(edition)}"),
        Paragraph(
            text(
                bold(count(len(content.included), "entry", "entries")),
                f" in {count(len(filled), 'section')}, {count(len(content.maybe), 'maybe')}. ",
                f"It covers what arrived from {say_when(edition.window.start)} to {say_when(edition.window.end)}.",
            )
        ),
    ]
    blocks += [Paragraph(text(note)) for note in content.notes]
    if content.left_out:
        reasons = "; ".join(f"{number:,} {reason}" for reason, number in content.left_out)
        blocks.append(Note(text(f"Not proposed: {reasons}.")))
    blocks += _standing(view)
    return Message(f"Draft of {edition_name(edition)}: {len(content.included)} entries", tuple(blocks))


def _standing(view: DraftView) -> Iterator[Block]:
    edition = view.edition
    names = _and([f"{approval.member_name} ({say_when(approval.at)})" for approval in view.approvals])
    if edition.state is EditionState.LAPSED:
        yield Paragraph(text("This draft was not approved in time. The next draft covers its weeks as well."))
        return
    if edition.state is not EditionState.DRAFT:
        yield Paragraph(text(bold("Approved"), f" by {names}."))
        yield Paragraph(_progress(view.deliveries))
        return
    edits = sum(1 for revision in view.revisions if revision.author)
    needed = approvals_needed(view.revisions, view.policy)
    if view.approvals:
        yield Paragraph(text(f"Approved by {names}. ", bold("One more editor"), " is needed."))
    elif view.policy.one_editor:
        yield Paragraph(text("This network has one editor, so one person’s approval is enough."))
    elif edits:
        yield Paragraph(
            text(
                f"{count(edits, 'edit')} so far; the latest: {view.revisions[-1].what}. ",
                "It needs one approval, from somebody other than the last editor.",
            )
        )
    else:
        yield Paragraph(text(f"Nobody has edited this draft, so it needs {needed} editors’ approvals."))
    yield Buttons(
        (
            Button(
                "Approve",
                APPROVE,
                f"{edition.id} {content_hash(edition.content)}",
                ButtonStyle.PRIMARY,
                confirm="Approve exactly this text? With enough approvals it is posted to every digest channel.",
                hint=f"Approve {edition_name(edition)} as it now stands",
            ),
        )
    )


def _progress(deliveries: Sequence[Delivery]) -> Text:
    rows = of_publication(deliveries)
    sent = sum(row.state is DeliveryState.SENT for row in rows)
    stuck = [row for row in rows if row.state in (DeliveryState.PARKED, DeliveryState.UNKNOWN)]
    parts = [f"{sent} of {count(len(rows), 'message')} posted."]
    parts += [f" {row.address.channel}: {row.reason}" for row in stuck]
    return text(*parts)


def _draft_line(view: DraftView, entry: Entry, editable: bool) -> EntryLine:
    buttons: tuple[Button, ...] = ()
    value = entry_value(view.edition, entry)
    if editable and entry.included:
        buttons = (Button("Leave out", DROP, value, hint=f"Leave out “{_short(entry.title)}”"),)
    elif editable:
        buttons = (Button("Put back", RESTORE, value, hint=f"Put back “{_short(entry.title)}”"),)
    return EntryLine(_line(entry), _detail(view, entry), (*buttons, *_tags_button(entry)), faded=not entry.included)


def _tags_button(entry: Entry) -> tuple[Button, ...]:
    """Tags can be corrected at any time: they are the item's, not the edition's."""
    if not entry.item_id:
        return ()
    return (Button("Tags", TAGS, entry.item_id, hint=f"Tags of “{_short(entry.title)}”"),)


def _maybe_line(view: DraftView, entry: Entry, editable: bool) -> EntryLine:
    value = entry_value(view.edition, entry)
    buttons = (Button("Add", RESTORE, value, hint=f"Add “{_short(entry.title)}” to the draft"),) if editable else ()
    return EntryLine(_line(entry), _detail(view, entry), (*buttons, *_tags_button(entry)))


def _detail(view: DraftView, entry: Entry) -> Text:
    names = [view.topics[topic].name for topic in entry.topics if topic in view.topics]
    told = " ".join(entry.reasons)
    parts = [", ".join(name for name in names if name not in told), *entry.reasons]
    if entry.published_on:
        parts.append(f"dated {say_day(entry.published_on)}")
    return text(" · ".join(part for part in parts if part)[:600])


def _line(entry: Entry) -> Text:
    when = [bold(f"{say_day(entry.date)}: ")] if entry.date else []
    blurb = f" {entry.blurb}" if entry.blurb else ""
    also = _links(" Also from ", [(also.publisher, also.url) for also in entry.also_from])
    also += _links(" See also ", [(also.title, also.url) for also in entry.see_also])
    return text(*when, link(entry.title, entry.url), f" ({entry.publisher})", blurb, *also)


def _links(before: str, links: Sequence[tuple[str, str]]) -> list[Text]:
    if not links:
        return []
    parts: list[Text] = [text(italic(before))]
    for number, (label, url) in enumerate(links):
        parts.append(text(", " if number else "", link(label, url)))
    return [*parts, text(".")]


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
    if _weight(whole) <= PAGE_CHARACTERS and _height(whole) <= PAGE_BLOCKS:
        return (Message(name, tuple(whole)),)
    contents = Bullets(
        tuple(text(f"{title}: {count(len(blocks) - 1, 'entry', 'entries')}") for title, blocks in sections)
    )
    headline = Message(name, (*top, contents, *close, Note(text("The edition is in the thread below."))))
    thread = [
        page.message
        for title, blocks in sections
        for page in _pages("", title, [block for block in blocks if isinstance(block, EntryLine)])
    ]
    return (headline, *thread)


def _published_sections(content: Content) -> Iterator[tuple[str, list[Block]]]:
    for section in content.sections:
        entries = content.of_section(section.id)
        if entries:
            yield section.title, [Heading(section.title), *(EntryLine(_line(entry)) for entry in entries)]


def _pages(name: str, heading: str, lines: Sequence[EntryLine]) -> list[Page]:
    """The lines under their heading, on as few pages as the budgets allow; no page where there is no line."""
    chunks: list[list[Block]] = []
    for line in lines:
        if not chunks or _weight([*chunks[-1], line]) > PAGE_CHARACTERS or _height([*chunks[-1], line]) > PAGE_BLOCKS:
            chunks.append([Heading(heading if not chunks else f"{heading}, continued")])
        chunks[-1].append(line)
    return [Page(f"{name}:{number}", Message(heading, tuple(blocks))) for number, blocks in enumerate(chunks)]


def _weight(blocks: Sequence[Block]) -> int:
    """About how many characters a platform's own form of these blocks takes."""
    total = 0
    for block in blocks:
        match block:
            case EntryLine(words, detail, buttons):
                total += 220 + _length(words) + _length(detail)
                total += sum(190 + len(b.label) + len(b.action) + len(b.value) + len(b.hint) for b in buttons)
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


def _length(words: Text) -> int:
    # Quotation marks, backslashes and line ends take a second character in JSON.
    return sum(45 + len(span.text) + len(span.url) + sum(span.text.count(c) for c in '"\\\n\t') for span in words)


def _height(blocks: Sequence[Block]) -> int:
    return sum(1 + bool(block.detail) + bool(block.buttons) if isinstance(block, EntryLine) else 1 for block in blocks)


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _short(title: str) -> str:
    return title if len(title) <= 60 else title[:59].rstrip() + "…"
