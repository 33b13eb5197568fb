"""Corrects an edition that readers have: a draft beside it, which replaces its text once a second editor said yes.

Pure. While the correction is worked on, the edition itself stays as it is, for readers and for everything that is
made of it; so nothing unapproved can show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from digests.calendar import LONDON, say_day
from digests.errors import Stale
from digests.model import Content, Correcting, Edition, EditionState, Revision

NOTE_AT_MOST = 300
_MARK = "~"
# A correction's draft, or a corrected edition, with the revision that made it so.
Correction = tuple[Edition, Revision]


def correction_id(edition_id: str, number: int | str) -> str:
    """The id of an edition's nth correction: ``2025-01-24~1``. Without a number, what all of them begin with."""
    return f"{edition_id}{_MARK}{number}"


def corrected_id(edition_id: str) -> str:
    """The id of the edition that a correction is of; an edition's own id where it is none."""
    return edition_id.partition(_MARK)[0]


def begin(edition: Edition, before: Sequence[Edition], what: str, *, author: str, now: datetime) -> Correction:
    """A correction's draft, and its first revision. ``before`` are the edition's earlier corrections.

    ``what`` is what readers are told of it. Raises Stale where the edition is not published, or a correction of it is
    open already.
    """
    if edition.state is not EditionState.PUBLISHED:
        raise Stale(edition.id, f"Only what readers have can be corrected, and this edition is {edition.state.value}.")
    if any(each.state is EditionState.CORRECTING for each in before):
        raise Stale(edition.id, "A correction of this edition is being worked on already. Nothing was changed.")
    content = replace(edition.content, corrections=(*edition.content.corrections, Correcting(what)))
    draft = replace(
        edition,
        id=correction_id(edition.id, len(before) + 1),
        state=EditionState.CORRECTING,
        revision=1,
        content=content,
        created_at=now,
        posts_at=None,
    )
    return draft, Revision(draft.id, 1, author, now, f"began a correction: “{what}”", content)


def reworded(content: Content, what: str) -> Content:
    """The correction's content, with other words for what readers are told of it."""
    return replace(content, corrections=(*content.corrections[:-1], Correcting(what)))


def applied(edition: Edition, correction: Edition, *, author: str, now: datetime) -> Correction:
    """The edition with the text of its approved correction, and the revision that makes it so.

    Raises Stale where the edition is not published (any more).
    """
    if edition.state is not EditionState.PUBLISHED:
        raise Stale(edition.id, f"This edition is {edition.state.value}, so it was not corrected.")
    told = correction.content.corrections[-1]
    content = replace(correction.content, corrections=(*correction.content.corrections[:-1], replace(told, at=now)))
    revised = replace(edition, revision=edition.revision + 1, content=content)
    return revised, Revision(edition.id, revised.revision, author, now, f"corrected: “{told.what}”", content)


def lines_of(content: Content) -> tuple[str, ...]:
    """What readers are told of the corrections: ``Corrected on Friday 24 January 2025 at 14:02: the date``."""
    return tuple(_line(each) for each in content.corrections)


def _line(told: Correcting) -> str:
    if told.at is None:
        return f"Corrected: {told.what}"
    local = told.at.astimezone(LONDON)
    return f"Corrected on {say_day(local.date())} at {local:%H:%M}: {told.what}"
