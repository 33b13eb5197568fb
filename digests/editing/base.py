"""What an edit is, and how it becomes the next revision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digests.calendar import say_when
from digests.errors import NotFound, Stale
from digests.model import Content, Edition, Entry, Revision

SAID_AT_MOST = 80


@dataclass(frozen=True, slots=True)
class Edit:
    """A new content, and what was done in words for the history: ``left out “Title”``.

    ``back_to`` is the revision whose text stands again, where an edit was undone.
    """

    content: Content
    what: str
    back_to: int = 0


Step = Callable[[Content], Edit]


def the_entry(content: Content, entry_id: str) -> Entry:
    """The entry on the shortlist or among the maybes. Raises NotFound."""
    entry = content.entry(entry_id)
    if entry is None:
        raise NotFound(entry_id, "That entry is not in this draft any more. Nothing was changed.")
    return entry


def said(title: str) -> str:
    """A title in quotation marks, cut to what a line of the history holds."""
    return f"“{title if len(title) <= SAID_AT_MOST else title[: SAID_AT_MOST - 1].rstrip() + '…'}”"


def in_turn(content: Content, steps: Sequence[Step]) -> Edit | None:
    """Several edits as one, told together. None where there is none."""
    told: list[str] = []
    for step in steps:
        edit = step(content)
        content = edit.content
        told.append(edit.what)
    return Edit(content, "; ".join(told)) if told else None


def must_be_draft(edition: Edition, now: datetime) -> None:
    """Raises Stale, with the reason, unless the edition is a draft that can be edited."""
    if edition.waits(now):
        assert edition.posts_at is not None
        raise Stale(
            edition.id,
            f"This edition is approved and will be posted on {say_when(edition.posts_at)}. Nothing was changed. To "
            "change it, press “Pull back” at the top of the draft; it must then be approved anew.",
        )
    if not edition.state.is_open:
        raise Stale(edition.id, f"This draft is closed: the edition is {edition.state.value}. Nothing was changed.")


def apply(edition: Edition, edit: Edit, *, author: str, now: datetime) -> tuple[Edition, Revision]:
    """The edition after an edit by the member ``author``, and its revision. Raises Stale unless it is a draft."""
    must_be_draft(edition, now)
    number = edition.revision + 1
    changed = replace(edition, revision=number, content=edit.content)
    return changed, Revision(edition.id, number, author, now, edit.what, edit.content, back_to=edit.back_to)
