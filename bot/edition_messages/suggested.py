"""The part of the draft that members fill: the links they suggest, each with who and why, for the editors to decide."""

from __future__ import annotations

from bot.edition_messages.line import short
from bot.edition_messages.paging import Page, pages_of
from bot.edition_messages.view import DraftView
from bot.messages import Button, EntryLine, link, text
from digests import suggestions
from digests.added_links import standing_of
from digests.calendar import london_day, say_day
from digests.suggestions import Suggested

TAKE_UP, DECLINE = "suggestion.add", "suggestion.decline"


def suggested_pages(view: DraftView, editable: bool) -> list[Page]:
    """What members suggest and the edition does not have, on as few pages as it takes; none once it is closed."""
    if not editable:
        return []
    waiting = suggestions.waiting(view.edition.content, view.suggested)
    heading = f"Suggested by members ({len(waiting)}): not in the draft unless you add them"
    return pages_of("suggested", heading, [_line(view, each) for each in waiting])


def _line(view: DraftView, suggested: Suggested) -> EntryLine:
    lead = suggested.lead
    title = lead.title or lead.url
    value = f"{view.edition.id} {lead.id}"
    publisher = f" ({lead.publisher})" if lead.publisher else ""
    parts = [_capital(suggested.credit)]
    if lead.published_at:
        parts.append(f"dated {say_day(london_day(lead.published_at))}")
    standing = standing_of(view.edition.content, [lead.url])
    if standing is not None:
        parts.append("left out of this draft" if standing in view.edition.content.entries else "among the maybes")
    if suggested.told is not None:
        parts.append(f"it stood in edition {suggested.told.number} ({say_day(suggested.told.due_on)}) already")
    if lead.carried:
        parts.append("carried over from the last edition")
    buttons = (
        Button("Add", TAKE_UP, value, hint=f"Add “{short(title)}” to the draft"),
        Button("Not this time…", DECLINE, value, hint=f"Not this time…: “{short(title)}”"),
    )
    blurb = f" {lead.description}" if lead.description else ""
    return EntryLine(text(link(title, lead.url), publisher, blurb), text(" · ".join(parts)[:600]), buttons)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
