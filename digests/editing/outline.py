"""Edits of the edition as a whole: its sections, its name, and the texts around the entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from digests.editing.base import Edit, said
from digests.editing.entries import the_section
from digests.errors import Stale
from digests.model import Content, Section

TEXTS = {"intro": "the intro", "updates": "“What we’ve been up to”", "outro": "the outro"}
"""The texts around the entries, by the field of the content, as the history names them."""

_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


def add_section(content: Content, title: str, after: str = "") -> Edit:
    """A section for this edition only, after the one with the id ``after``; at the top without one.

    Raises NotFound where that one is not there, or Stale where one of this title is there already.
    """
    _untaken(content, title)
    section = Section(_new_id(content, title), title)
    return Edit(replace(content, sections=_inserted(content, section, after)), f"added the section {said(title)}")


def rename_section(content: Content, section_id: str, title: str) -> Edit:
    """Give a section another title, in this edition only. Raises NotFound, or Stale where another one has it."""
    section = the_section(content, section_id)
    _untaken(content, title, section_id)
    sections = tuple(Section(section_id, title) if each.id == section_id else each for each in content.sections)
    return Edit(replace(content, sections=sections), f"renamed the section {said(section.title)} as {said(title)}")


def move_section(content: Content, section_id: str, after: str) -> Edit:
    """Put a section after another, or (``after`` empty) at the top. Raises NotFound."""
    section = the_section(content, section_id)
    rest = replace(content, sections=tuple(each for each in content.sections if each.id != section_id))
    moved = replace(content, sections=_inserted(rest, section, after))
    where = f"after {the_section(content, after).title}" if after else "to the top"
    return Edit(moved, f"moved the section {said(section.title)} {where}")


def remove_section(content: Content, section_id: str) -> Edit:
    """Take an empty section out of this edition. Entries that were left out of it can be put back into the first one.

    Raises NotFound, or Stale where it has entries, or is the last section.
    """
    section = the_section(content, section_id)
    if content.of_section(section_id):
        raise Stale(
            section_id, f"“{section.title}” has entries. Move them or leave them out first. Nothing was changed."
        )
    sections = tuple(each for each in content.sections if each.id != section_id)
    if not sections:
        raise Stale(section_id, "An edition needs a section. Nothing was changed.")
    entries = tuple(
        replace(each, section=sections[0].id) if each.section == section_id else each for each in content.entries
    )
    removed = replace(content, sections=sections, entries=entries)
    return Edit(removed, f"removed the empty section {said(section.title)}")


def section_before(content: Content, section_id: str) -> str:
    """The id of the section before this one; empty for the first."""
    ids = [section.id for section in content.sections]
    place = ids.index(the_section(content, section_id).id)
    return ids[place - 1] if place else ""


def retitle(content: Content, title: str) -> Edit:
    """Give this edition another name."""
    return Edit(replace(content, title=title), f"renamed the edition as {said(title)}")


def write(content: Content, name: str, words: str) -> Edit:
    """Give one of :data:`TEXTS` other words. Raises ``KeyError`` for any other name."""
    what = TEXTS[name]
    before = {"intro": content.intro, "updates": content.updates, "outro": content.outro}
    did = "took out" if not words else "changed" if before[name] else "wrote"
    after = {**before, name: words}
    changed = replace(content, intro=after["intro"], updates=after["updates"], outro=after["outro"])
    return Edit(changed, f"{did} {what}")


def _untaken(content: Content, title: str, but: str = "") -> None:
    if any(each.title.casefold() == title.casefold() and each.id != but for each in content.sections):
        raise Stale(title, f"There is a section {said(title)} in this edition already. Nothing was changed.")


def _inserted(content: Content, section: Section, after: str) -> tuple[Section, ...]:
    if not after:
        return (section, *content.sections)
    before = the_section(content, after)
    return tuple(_with(content.sections, before, section))


def _with(sections: tuple[Section, ...], before: Section, section: Section) -> Iterator[Section]:
    for each in sections:
        yield each
        if each.id == before.id:
            yield section


def _new_id(content: Content, title: str) -> str:
    wanted = _NOT_IN_IDS.sub("-", title.lower()).strip("-")[:30].strip("-") or "section"
    used = {section.id for section in content.sections} | {entry.section for entry in content.maybe}
    number = 1
    while (new := wanted if number == 1 else f"{wanted}-{number}") in used:
        number += 1
    return new
