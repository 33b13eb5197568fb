"""The warnings about a draft as a list, and the buttons where one press puts something right."""

from __future__ import annotations

from collections.abc import Iterator

from bot.edition_messages.line import CHANGE, DROP, edition_name, entry_value, short
from bot.edition_messages.paging import pages_of
from bot.edition_messages.view import DraftView
from bot.messages import Button, EntryLine, Message, count, link, say, text
from digests.model import Entry
from digests.warnings import Warning, WarningKind

WARNINGS, CLEAN, FOLLOW = "warnings.show", "warnings.clean", "warnings.follow"

# What an editor may well want to leave out altogether, and what takes other words.
_BEST_LEFT_OUT = frozenset({WarningKind.SEEN_BEFORE, WarningKind.DEAD_LINK, WarningKind.DUPLICATE})


_BEST_CHANGED = frozenset(
    {WarningKind.TRUNCATED_TITLE, WarningKind.SHOUTING_TITLE, WarningKind.NO_PUBLISHER, WarningKind.TOO_LONG}
)


def warnings_button(view: DraftView) -> tuple[Button, ...]:
    """The button on the draft's headline that lists the warnings, where there are any."""
    if not view.warnings or not view.edition.state.is_open:
        return ()
    label = f"Warnings ({len(view.warnings)})"
    return (Button(label, WARNINGS, view.edition.id, hint=f"{label}: what may be wrong, with buttons to put it right"),)


def fixes(view: DraftView, entry: Entry) -> Iterator[Button]:
    """The buttons that put an entry's address right in one press, by what is warned of."""
    value, title = entry_value(view.edition, entry), short(entry.title)
    for warning in view.warnings_of(entry.id):
        if warning.kind is WarningKind.TRACKING:
            yield Button("Clean it", CLEAN, value, hint=f"Clean it: the address of “{title}”")
        elif warning.kind is WarningKind.REDIRECTED_LINK and warning.remedy:
            yield Button("Use the new address", FOLLOW, value, hint=f"Use the new address for “{title}”")


def warnings_pages(view: DraftView) -> tuple[Message, ...]:
    """Every warning about the draft, in the order in which it is read."""
    if not view.warnings:
        return (say(f"There is nothing to warn of in the draft of {edition_name(view.edition)}."),)
    heading = f"{count(len(view.warnings), 'warning')}: {edition_name(view.edition)}"
    lines = [EntryLine(text(warning.sentence)) for warning in view.warnings_of("")]
    lines += [line for entry in view.edition.content.included if (line := _line(view, entry)) is not None]
    return tuple(page.message for page in pages_of("warnings", heading, lines))


def _line(view: DraftView, entry: Entry) -> EntryLine | None:
    warnings = view.warnings_of(entry.id)
    if not warnings:
        return None
    buttons = list(fixes(view, entry))
    value, title = entry_value(view.edition, entry), short(entry.title)
    if any(_is_best_left_out(warning) for warning in warnings):
        buttons.append(Button("Leave out", DROP, value, hint=f"Leave out “{title}”"))
    if any(warning.kind in _BEST_CHANGED for warning in warnings):
        buttons.append(Button("Change…", CHANGE, value, hint=f"Change… “{title}”"))
    sentences = " ".join(warning.sentence for warning in warnings)
    return EntryLine(text(link(entry.title, entry.url)), text(sentences[:600]), tuple(buttons))


def _is_best_left_out(warning: Warning) -> bool:
    return warning.kind in _BEST_LEFT_OUT or (warning.kind is WarningKind.REDIRECTED_LINK and not warning.remedy)
