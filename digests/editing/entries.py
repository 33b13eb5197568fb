"""Edits of one entry: in or out, where it stands, what it says, and which other it belongs to."""

from __future__ import annotations

from dataclasses import replace
from textwrap import shorten

from digests.editing.base import Edit, said, the_entry
from digests.errors import NotFound, Stale
from digests.model import Also, Content, Entry, Section, dated_id

# Several titles of one publisher stand in one line of a chat message, whose length is limited.
ALSO_TITLE = 120


def drop(content: Content, entry_id: str) -> Edit:
    """Leave an entry out, with its day among the dated entries. Raises NotFound, or Stale where it is out already."""
    entry = the_entry(content, entry_id)
    if entry not in content.entries or not entry.included:
        raise Stale(entry_id, f"“{entry.title}” is left out already. Nothing was changed.")
    # A dated entry is a second showing of its item: without the item it would puzzle; the other way round it is fine.
    gone = {entry_id, dated_id(entry_id)}
    entries = tuple(replace(e, included=False) if e.id in gone else e for e in content.entries)
    return Edit(replace(content, entries=entries), f"left out “{entry.title}”")


def restore(content: Content, entry_id: str) -> Edit:
    """Put an entry (back) in: one that was left out, or a maybe, which joins the end of its section.

    Raises NotFound, or Stale where it is in already.
    """
    entry = the_entry(content, entry_id)
    if entry not in content.entries:
        maybe = tuple(e for e in content.maybe if e.id != entry_id)
        return add(replace(content, maybe=maybe), entry)
    if entry.included:
        raise Stale(entry_id, f"“{entry.title}” is in the draft already. Nothing was changed.")
    entries = tuple(replace(e, included=True) if e.id == entry_id else e for e in content.entries)
    return Edit(replace(content, entries=entries), f"put “{entry.title}” back")


def add(content: Content, entry: Entry) -> Edit:
    """A further entry, at the end of its section; of the first one where its own is not (any more) in the edition.

    Where it was listed among what was left out, it is so no longer. Raises Stale where the draft has it already.
    """
    if content.entry(entry.id) is not None:
        raise Stale(entry.id, f"“{entry.title}” is in the draft already. Nothing was changed.")
    if all(section.id != entry.section for section in content.sections):
        entry = replace(entry, section=content.sections[0].id)
    added = replace(content, entries=_placed(content.entries, replace(entry, included=True), None))
    return Edit(not_left_out(added, entry.url), f"added “{entry.title}”")


def not_left_out(content: Content, url: str) -> Content:
    """The draft without an address among what was left out, in the list and in its numbers."""
    listed = next((each for each in content.left_out_entries if each.url == url), None)
    if listed is None:
        return content
    counted = ((why, number - (why == listed.reason)) for why, number in content.left_out)
    return replace(
        content,
        left_out=tuple((why, number) for why, number in counted if number),
        left_out_entries=tuple(each for each in content.left_out_entries if each is not listed),
    )


def reword(content: Content, entry_id: str, title: str, blurb: str) -> Edit:
    """Give an entry other words. Its day among the dated entries is told under the same title."""
    entry = the_entry(content, entry_id)
    changed = replace(entry, title=title, blurb=blurb)
    twin = dated_id(entry_id)

    def told(each: Entry) -> Entry:
        if each.id == entry_id:
            return changed
        return replace(each, title=title) if each.id == twin and each.title == entry.title else each

    both = {"entries": tuple(map(told, content.entries)), "maybe": tuple(map(told, content.maybe))}
    if title != entry.title:
        what = f"re-worded the title {said(entry.title)} as {said(title)}"
        what += " and its text" if blurb != entry.blurb else ""
    else:
        what = f"re-worded the text of {said(entry.title)}"
    return Edit(replace(content, entries=both["entries"], maybe=both["maybe"]), what)


def place_of(content: Content, entry_id: str) -> tuple[int, int]:
    """The place of an included entry in its section, counted from 1, and how many it has."""
    entry = _included(content, entry_id)
    here = content.of_section(entry.section)
    return [each.id for each in here].index(entry_id) + 1, len(here)


def place(content: Content, entry_id: str, section_id: str, number: int | None = None) -> Edit:
    """Put an included entry at a place (from 1) of a section; beyond its end, or without a number, at its end.

    Raises NotFound where there is no such section (any more), or Stale where the entry is not in the draft.
    """
    entry = _included(content, entry_id)
    section = the_section(content, section_id)
    others = tuple(each for each in content.entries if each.id != entry_id)
    moved = replace(content, entries=_placed(others, replace(entry, section=section_id), number))
    if entry.section != section_id:
        return Edit(moved, f"moved {said(entry.title)} to {section.title}")
    return Edit(moved, f"moved {said(entry.title)} to place {place_of(moved, entry_id)[0]} of {section.title}")


def up(content: Content, entry_id: str) -> Edit:
    """One place up. Raises Stale where it is at the top of its section already, or not in the draft."""
    number, _ = place_of(content, entry_id)
    entry = _included(content, entry_id)
    if number == 1:
        raise Stale(entry_id, f"“{entry.title}” is at the top of its section already. Nothing was changed.")
    return place(content, entry_id, entry.section, number - 1)


def down(content: Content, entry_id: str) -> Edit:
    """One place down. Raises Stale where it is at the end of its section already, or not in the draft."""
    number, of = place_of(content, entry_id)
    entry = _included(content, entry_id)
    if number == of:
        raise Stale(entry_id, f"“{entry.title}” is at the end of its section already. Nothing was changed.")
    return place(content, entry_id, entry.section, number + 1)


def merge(content: Content, entry_id: str, into_id: str) -> Edit:
    """Make an entry a further link of another, with all that it linked itself. Its day stays among the dated entries.

    Raises NotFound or Stale where either is not in the draft (any more), or where both are one.
    """
    entry, into = _included(content, entry_id), _included(content, into_id)
    if entry_id in (into_id, dated_id(into_id)):
        raise Stale(entry_id, "An entry cannot be merged into itself. Nothing was changed.")
    shown = {into.url, *(also.url for also in into.also)}
    more = [Also(entry.publisher, _also_title(entry, into), entry.url, entry.item_id), *entry.also]
    also = (*into.also, *(each for each in more if each.url not in shown))
    merged = replace(into, also=also)
    entries = tuple(merged if each.id == into_id else each for each in content.entries if each.id != entry_id)
    return Edit(replace(content, entries=entries), f"merged {said(entry.title)} into {said(into.title)}")


def the_section(content: Content, section_id: str) -> Section:
    """The section with this id. Raises NotFound."""
    section = next((each for each in content.sections if each.id == section_id), None)
    if section is None:
        raise NotFound(section_id, "That section is not in this edition any more. Nothing was changed.")
    return section


def _included(content: Content, entry_id: str) -> Entry:
    entry = the_entry(content, entry_id)
    if entry not in content.entries or not entry.included:
        raise Stale(
            entry_id, f"“{entry.title}” is not in the draft at the moment. Put it in first. Nothing was changed."
        )
    return entry


def _placed(entries: tuple[Entry, ...], entry: Entry, number: int | None) -> tuple[Entry, ...]:
    """The entries with this one before the included entry that has its place now; at the end of its section else."""
    here = [n for n, each in enumerate(entries) if each.section == entry.section]
    shown = [n for n in here if entries[n].included]
    if number is not None and number <= len(shown):
        at = shown[max(number, 1) - 1]
    else:
        at = here[-1] + 1 if here else len(entries)
    return (*entries[:at], entry, *entries[at:])


def _also_title(entry: Entry, into: Entry) -> str:
    return shorten(entry.title, ALSO_TITLE, placeholder="…") if entry.publisher == into.publisher else entry.title
