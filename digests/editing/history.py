"""What was changed from one text of an edition to another, in words, and what undoing goes back to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digests.editing.base import said
from digests.editing.outline import TEXTS
from digests.model import Content, Edited, Entry


def undo_target(history: Sequence[Edited]) -> Edited | None:
    """The line of the history whose text stands again when the latest edit is undone; None where nothing is left.

    Undoing again goes further back: what was undone already is passed over, and is never undone twice.
    """
    lines = {line.revision: line for line in history}
    latest = history[-1]
    undone = latest.back_to or latest.revision
    before = lines.get(undone - 1)
    return lines[before.back_to] if before and before.back_to else before


def undone_by(history: Sequence[Edited]) -> Edited | None:
    """The edit that the next undoing undoes; None where nothing is left."""
    if undo_target(history) is None:
        return None
    latest = history[-1]
    return next(line for line in history if line.revision == (latest.back_to or latest.revision))


def compare(old: Content, new: Content) -> tuple[str, ...]:
    """What is different in the new text, a line for each difference that readers or editors would see."""
    return tuple(_differences(old, new))


def _differences(old: Content, new: Content) -> Iterator[str]:
    if old.title != new.title:
        yield f"the edition is called {said(new.title)}, not {said(old.title)}"
    for what, before, after in zip(TEXTS.values(), _texts(old), _texts(new), strict=True):
        if before != after:
            yield f"{what} is {'gone' if not after else 'different' if before else 'new'}"
    yield from _of_sections(old, new)
    yield from _in_and_out(old, new)
    yield from _of_entries(old, new)


def _in_and_out(old: Content, new: Content) -> Iterator[str]:
    before, after = ({entry.id for entry in content.included} for content in (old, new))
    yield from (f"{said(entry.title)} is in" for entry in new.included if entry.id not in before)
    merged = {also.item_id: entry for entry in new.included for also in entry.also if also.item_id}
    for entry in old.included:
        into = merged.get(entry.item_id) if new.entry(entry.id) is None else None
        if entry.id not in after:
            yield f"{said(entry.title)} is {f'merged into {said(into.title)}' if into else 'out'}"


def _texts(content: Content) -> tuple[str, str, str]:
    return content.intro, content.updates, content.outro


def _of_sections(old: Content, new: Content) -> Iterator[str]:
    before = {section.id: section.title for section in old.sections}
    after = {section.id: section.title for section in new.sections}
    for section_id, title in after.items():
        if section_id not in before:
            yield f"there is a section {said(title)}"
        elif before[section_id] != title:
            yield f"the section {said(before[section_id])} is called {said(title)}"
    for section_id, title in before.items():
        if section_id not in after:
            yield f"there is no section {said(title)}"
    if [each for each in before if each in after] != [each for each in after if each in before]:
        yield "the sections stand in another order"


def _of_entries(old: Content, new: Content) -> Iterator[str]:
    before = {entry.id: entry for entry in old.included}
    titles = {section.id: section.title for section in new.sections}
    for entry in new.included:
        if entry.id in before:
            yield from _of_entry(before[entry.id], entry, titles)
    for section in new.sections:
        was = [e.id for e in old.of_section(section.id)]
        now = [e.id for e in new.of_section(section.id)]
        if [each for each in was if each in now] != [each for each in now if each in was]:
            yield f"the entries of {section.title} stand in another order"


def _of_entry(before: Entry, entry: Entry, titles: dict[str, str]) -> Iterator[str]:
    if before.title != entry.title:
        yield f"{said(before.title)} is titled {said(entry.title)}"
    if before.blurb != entry.blurb:
        yield f"the text of {said(entry.title)} is different"
    if before.section != entry.section:
        yield f"{said(entry.title)} is in {titles.get(entry.section, entry.section)}"
    if before.also != entry.also:
        yield f"the links behind {said(entry.title)} are {len(entry.also)}, not {len(before.also)}"
    if (before.url, before.publisher, before.date, before.time) != (
        entry.url,
        entry.publisher,
        entry.date,
        entry.time,
    ):
        yield f"{said(entry.title)} has another address, publisher or day"
