"""Every edit of an edition is a revision: pure functions from a content to the next, told in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from digests.calendar import say_when
from digests.errors import NotFound, Stale
from digests.model import Content, Edition, EditionState, Entry, Revision, dated_id


@dataclass(frozen=True, slots=True)
class Edit:
    """A new content, and what was done in words for the history: ``dropped “Title”``."""

    content: Content
    what: str


def _entry(content: Content, entry_id: str) -> Entry:
    entry = content.entry(entry_id)
    if entry is None:
        raise NotFound(entry_id, "That entry is not in this draft any more. Nothing was changed.")
    return entry


def drop(content: Content, entry_id: str) -> Edit:
    """Leave an entry out, with its day among the dated entries. Raises NotFound, or Stale where it is out already."""
    entry = _entry(content, entry_id)
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
    entry = _entry(content, entry_id)
    if entry in content.entries:
        if entry.included:
            raise Stale(entry_id, f"“{entry.title}” is in the draft already. Nothing was changed.")
        entries = tuple(replace(e, included=True) if e.id == entry_id else e for e in content.entries)
        return Edit(replace(content, entries=entries), f"put “{entry.title}” back")
    maybe = tuple(e for e in content.maybe if e.id != entry_id)
    last = max((n for n, e in enumerate(content.entries) if e.section == entry.section), default=None)
    place = len(content.entries) if last is None else last + 1
    entries = (*content.entries[:place], replace(entry, included=True), *content.entries[place:])
    return Edit(replace(content, entries=entries, maybe=maybe), f"added “{entry.title}”")


def apply(edition: Edition, edit: Edit, *, author: str, now: datetime) -> tuple[Edition, Revision]:
    """The edition after an edit by the member ``author``, and its revision. Raises Stale unless it is a draft."""
    if edition.waits(now):
        assert edition.posts_at is not None
        raise Stale(
            edition.id,
            f"This edition is approved and will be posted on {say_when(edition.posts_at)}. Nothing was changed. To "
            "change it, press “Pull back” at the top of the draft; it must then be approved anew.",
        )
    if edition.state is not EditionState.DRAFT:
        raise Stale(edition.id, f"This draft is closed: the edition is {edition.state.value}. Nothing was changed.")
    number = edition.revision + 1
    changed = replace(edition, revision=number, content=edit.content)
    return changed, Revision(edition.id, number, author, now, edit.what, edit.content)
