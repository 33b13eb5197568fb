"""What the store in memory keeps, and who may read and write it when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime

from bot.alarms.rules import Alarm
from bot.introductions.model import Journey
from bot.introductions.outcomes import Numbers
from bot.keeping.model import Departure, Hold
from bot.members.codes import Code
from bot.members.consent import Consent
from bot.members.profile import Profile
from bot.messages import Identity
from bot.ports import Binding, Grant, Member, Presence
from bot.privacy.model import Complaint, Erasure, Objection, Processing
from bot.privacy.ports import AuditEntry
from digests.errors import NotFound
from digests.model import (
    AddedSource,
    Approval,
    Correction,
    Delivery,
    Edition,
    EditionAct,
    Fetch,
    Follow,
    Installation,
    Item,
    ItemRevision,
    LinkCheck,
    Listener,
    Revision,
    SourceState,
    Suggestion,
    TaggedItem,
)


@dataclass
class Tables:
    """Everything the store keeps. The values are frozen, so copying each container copies the state."""

    states: dict[str, SourceState] = field(default_factory=dict)
    fetches: list[Fetch] = field(default_factory=list)
    added_sources: list[AddedSource] = field(default_factory=list)
    items: dict[str, TaggedItem] = field(default_factory=dict)
    indexed: dict[str, Item] = field(default_factory=dict)
    item_revisions: list[ItemRevision] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    editions: dict[str, Edition] = field(default_factory=dict)
    edition_revisions: list[Revision] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    edition_acts: list[EditionAct] = field(default_factory=list)
    link_checks: dict[str, LinkCheck] = field(default_factory=dict)
    suggestions: dict[str, Suggestion] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    identities: dict[str, tuple[str, Identity]] = field(default_factory=dict)
    lost: dict[str, datetime] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    profiles_changed: dict[str, int] = field(default_factory=dict)
    consents: dict[str, Consent] = field(default_factory=dict)
    applications: dict[str, tuple[Profile, datetime]] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    wrong_codes: list[tuple[str, datetime]] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    requests: dict[str, Journey] = field(default_factory=dict)
    follows: dict[str, Follow] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)
    presences: dict[tuple[str, str], Presence] = field(default_factory=dict)
    events: dict[str, datetime] = field(default_factory=dict)
    forms: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    objections: dict[tuple[str, Processing], Objection] = field(default_factory=dict)
    erasures: dict[str, Erasure] = field(default_factory=dict)
    complaints: dict[str, Complaint] = field(default_factory=dict)
    tallies: dict[tuple[str, str], int] = field(default_factory=dict)
    numbers: dict[str, Numbers] = field(default_factory=dict)
    audit_log: list[AuditEntry] = field(default_factory=list)
    installation: list[Installation] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    def copy(self) -> Tables:
        return Tables(**{part.name: copy(getattr(self, part.name)) for part in fields(self)})

    def member(self, member_id: str) -> Member:
        if member_id not in self.members:
            raise NotFound(member_id, "There is no such member.")
        return self.members[member_id]


class Work:
    """What the repositories of one unit of work share. Without ``keep`` it must not write."""

    def __init__(self, tables: Tables, keep: Callable[[Tables], None] | None) -> None:
        self._tables = tables
        self._keep = keep
        self._ended = False

    def seen(self) -> Tables:
        """The tables, to read."""
        if self._ended:
            raise RuntimeError("this unit of work has ended; begin another one")
        return self._tables

    def written(self) -> Tables:
        """The tables, to write."""
        if self._keep is None:
            raise RuntimeError("this unit of work must not write; use begin() instead of read()")
        return self.seen()

    def keep(self) -> None:
        """Make what was written last, and end."""
        tables = self.written()
        assert self._keep is not None
        self._keep(tables)
        self.end()

    def end(self) -> None:
        """Nothing more can be done with it."""
        self._ended = True


class Part:
    """One repository of a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    @property
    def _seen(self) -> Tables:
        return self._work.seen()

    @property
    def _written(self) -> Tables:
        return self._work.written()
