"""The numbers of the digest: their content, revisions and approvals."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from digests.model.items import Kind


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of receipt times: ``start <= received_at < end``."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an edition."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Also:
    """A further item of an entry's story: another publisher's, or one more of the same publisher's.

    ``item_id`` is its item's where an editor merged its entry into this one; readers do not see it.
    """

    publisher: str
    title: str
    url: str
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that no entry and no maybe of a draft shows, and why, in words that are read after a number."""

    title: str
    url: str
    publisher: str
    reason: str


ADDED_BY_AN_EDITOR = "Added by an editor"
"""The reason for an entry that an editor put in by hand."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line in an edition. ``date`` is the day a dated entry is about (a deadline, a sitting), and ``time`` the time
    of that day where it is known, both in London.
    """

    id: str
    section: str
    title: str
    url: str
    publisher: str
    blurb: str = ""
    kind: Kind = Kind.OTHER
    published_on: date | None = None
    date: date | None = None
    time: time | None = None
    item_id: str = ""
    topics: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    also: tuple[Also, ...] = ()
    included: bool = True

    @property
    def was_added(self) -> bool:
        """Whether an editor put it in by hand, whatever the rules proposed."""
        return any(reason.casefold() == ADDED_BY_AN_EDITOR.casefold() for reason in self.reasons)

    @property
    def also_from(self) -> tuple[Also, ...]:
        """What other publishers say of it, to be shown by their names."""
        return tuple(also for also in self.also if also.publisher != self.publisher)

    @property
    def see_also(self) -> tuple[Also, ...]:
        """What the same publisher has more of it (further questions, papers of a bill), to be shown by title."""
        return tuple(also for also in self.also if also.publisher == self.publisher)


def dated_id(entry_id: str) -> str:
    """The id of the second entry that an item has in the dated section."""
    return f"{entry_id}@date"


@dataclass(frozen=True, slots=True)
class Correcting:
    """A correction after publication, as readers are told of it. ``at`` (UTC) is None until it is approved."""

    what: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """The whole text of an edition at one revision. ``entries`` stand in the order in which they are shown.

    ``intro`` and ``outro`` are what it begins and ends with; ``updates`` is what the network itself has been up to,
    told after the sections. ``maybe`` is what the ranking was unsure of. ``left_out`` counts the items that are on
    neither, by reason; ``left_out_entries`` lists those of them that are relevant, in the order of the ranking.
    """

    title: str
    sections: tuple[Section, ...]
    entries: tuple[Entry, ...] = ()
    maybe: tuple[Entry, ...] = ()
    intro: str = ""
    outro: str = ""
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    left_out_entries: tuple[LeftOut, ...] = ()
    updates: str = ""
    corrections: tuple[Correcting, ...] = ()

    @property
    def included(self) -> tuple[Entry, ...]:
        """The entries that will be published."""
        return tuple(entry for entry in self.entries if entry.included)

    def of_section(self, section_id: str) -> tuple[Entry, ...]:
        """The included entries of one section, in order."""
        return tuple(entry for entry in self.included if entry.section == section_id)

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with this id, on the shortlist or among the maybes."""
        return next((entry for entry in (*self.entries, *self.maybe) if entry.id == entry_id), None)


def content_hash(content: Content) -> str:
    """SHA-256 over exactly what readers would see: excluded entries, maybes, reasons and what was left
    out do not count.
    """
    published: dict[str, object] = {
        "title": content.title,
        "intro": content.intro,
        "outro": content.outro,
        "sections": [[section.id, section.title] for section in content.sections],
        "entries": [
            [
                entry.section,
                entry.title,
                entry.url,
                entry.publisher,
                entry.blurb,
                _when(entry),
                [[also.publisher, also.title, also.url] for also in entry.also],
            ]
            for entry in content.included
        ],
    }
    if content.updates:  # absent otherwise, so that editions from before there were any keep their hash
        published["updates"] = content.updates
    if content.corrections:  # when they were approved is no part of what is approved
        published["corrections"] = [each.what for each in content.corrections]
    canonical = json.dumps(published, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _when(entry: Entry) -> str:
    """The day of an entry, and its time of day where it has one. A day alone must hash as it always did."""
    day = entry.date.isoformat() if entry.date else ""
    return f"{day} {entry.time.isoformat()}" if day and entry.time else day


class EditionState(StrEnum):
    """Where an edition is in its life."""

    DRAFT = "draft"
    APPROVED = "approved"  # on its way out; nobody has it yet
    PUBLISHED = "published"  # a part of it, at least, has reached readers
    LAPSED = "lapsed"  # never approved; the next edition covers its window
    SKIPPED = "skipped"  # by an editor: no edition covers its window
    MERGED = "merged"  # by an editor: the next edition covers its window
    WITHDRAWN = "withdrawn"
    # A correction has an edition of its own beside the one that readers have, which stays as it is until then.
    CORRECTING = "being corrected"  # the draft of a correction
    CORRECTED = "corrected"  # the correction was approved; its text is the edition's now
    GIVEN_UP = "given up"  # the correction was

    @property
    def is_open(self) -> bool:
        """Whether editors may change the text."""
        return self in (EditionState.DRAFT, EditionState.CORRECTING)

    @property
    def is_correction(self) -> bool:
        """Whether this is no number of the digest, but a correction of one."""
        return self in (EditionState.CORRECTING, EditionState.CORRECTED, EditionState.GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Edition:
    """One number of the digest.

    ``id`` is the day on which its week's draft is due by the plain weekly rule, as ``2025-01-24``: its business key.
    ``due_on`` is the day that readers see, which a holiday may have moved. ``posts_at`` (UTC) is when an approved
    edition goes out; None before it is approved.
    """

    id: str
    number: int
    due_on: date
    window: Window
    state: EditionState
    revision: int
    content: Content
    created_at: datetime
    posts_at: datetime | None = None

    def waits(self, now: datetime) -> bool:
        """Whether it is approved and its posting moment lies ahead: until then it can be pulled back."""
        return self.state is EditionState.APPROVED and self.posts_at is not None and self.posts_at > now


@dataclass(frozen=True, slots=True)
class EditionHead:
    """An edition without its text. ``revised_at`` (UTC) is when its present text was written."""

    id: str
    number: int
    due_on: date
    state: EditionState
    revision: int
    revised_at: datetime


@dataclass(frozen=True, slots=True)
class Edited:
    """A line of an edition's history. ``author`` is a member id, or empty where Convenor itself drafted it.

    ``back_to`` is set where an edit was undone: the revision whose text stands again, from which undoing goes on.
    """

    edition_id: str
    revision: int
    author: str
    at: datetime
    what: str
    back_to: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class Revision(Edited):
    """One edit of an edition, with the text that it made."""

    content: Content


@dataclass(frozen=True, slots=True)
class Approval:
    """A named editor's yes to one exact content hash of an edition."""

    edition_id: str
    content_hash: str
    member_id: str
    member_name: str
    at: datetime


class Act(StrEnum):
    """What an editor does to an edition as a whole; a change of its text is a revision instead."""

    PULLED_BACK = "pulled back"
    POSTED_NOW = "posted now"
    SKIPPED = "skipped"
    MERGED = "merged"
    RESUMED = "resumed"  # skipping or merging was undone
    ASKED_TO_WITHDRAW = "asked to withdraw"
    KEPT = "kept"  # the wish to withdraw was declined, or taken back
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class EditionAct:
    """Who did what to an edition as a whole, and when. ``edition_id`` may name a week that has no draft yet."""

    edition_id: str
    act: Act
    member_id: str
    member_name: str
    at: datetime
