"""The digest's nouns, as plain frozen dataclasses. Every datetime is timezone-aware and in UTC."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Format(StrEnum):
    """How a source is read."""

    ATOM = "atom"
    RSS = "rss"
    GOVUK_SEARCH = "govuk-search"
    WRITTEN_QUESTIONS = "written-questions"
    WRITTEN_STATEMENTS = "written-statements"
    COMMITTEE_BUSINESS = "committee-business"
    COMMITTEE_PUBLICATIONS = "committee-publications"
    BILLS = "bills"
    WHATS_ON = "whats-on"
    PETITIONS = "petitions"
    EARLY_DAY_MOTIONS = "early-day-motions"

    @property
    def is_feed(self) -> bool:
        """Whether it is a feed, and not an API with a reader of its own."""
        return self in (Format.ATOM, Format.RSS)


class Group(StrEnum):
    """What sort of publisher a source is; sections of the digest are filled by group."""

    GOVERNMENT = "government"
    PARLIAMENT = "parliament"
    LEGISLATION = "legislation"
    REGULATORS = "regulators"
    DEVOLVED = "devolved"
    INTERNATIONAL = "international"
    CIVIL_SOCIETY = "civil_society"
    RESEARCH = "research"
    PRESS = "press"


class Kind(StrEnum):
    """What sort of document an item is."""

    BILL = "bill"
    LEGISLATION = "legislation"
    CONSULTATION = "consultation"
    CALL_FOR_EVIDENCE = "call for evidence"
    CONSULTATION_OUTCOME = "consultation outcome"
    WRITTEN_QUESTION = "written question"
    WRITTEN_STATEMENT = "written statement"
    DEBATE = "debate"
    COMMITTEE_PUBLICATION = "committee publication"
    GUIDANCE = "guidance"
    POLICY_PAPER = "policy paper"
    STATISTICS = "statistics"
    TRANSPARENCY = "transparency"
    RESEARCH = "research"
    NEWS = "news"
    SPEECH = "speech"
    BLOG = "blog"
    DECISION = "decision"
    EVENT = "event"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Source:
    """A feed in the catalogue.

    ``weight`` is the source's authority, from 0.0 to 1.0. ``document_kind`` is what its items are, unless a title
    prefix says otherwise. ``note`` is for the people who keep the catalogue.
    """

    id: str
    name: str
    publisher: str
    format: Format
    url: str
    group: Group
    weight: float = 0.5
    enabled: bool = True
    document_kind: Kind = Kind.OTHER
    note: str = ""


class Outcome(StrEnum):
    """How one attempt to read a source ended."""

    READ = "read"
    UNCHANGED = "unchanged"
    ENDED = "ended"  # the publisher says that this feed has ended
    GONE = "gone"  # 410
    NOT_FOUND = "not found"  # 404
    REFUSED = "refused"  # 401, 403 and other 4xx
    RATE_LIMITED = "rate limited"  # 429
    SERVER_TROUBLE = "server trouble"  # 5xx
    UNREACHABLE = "unreachable"  # DNS, connection, TLS
    TIMED_OUT = "timed out"
    TOO_LARGE = "too large"
    NOT_A_FEED = "not a feed"  # HTML, JSON, an empty body
    UNREADABLE = "unreadable"  # a feed, but damaged past use
    BLOCKED = "blocked"  # an address that we must not call
    OFFLINE = "offline"  # reading bundled samples, and there is none for this source

    @property
    def is_good(self) -> bool:
        """Whether the source is healthy: it answered and its answer was understood."""
        return self in (Outcome.READ, Outcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry as the feed gave it, with text already plain: no markup, no control characters, lengths capped.

    ``link`` is absolute http(s) or empty. ``stage`` is a bill's stage where the feed tells it. What a source states
    outright (a closing date, a kind, the publishing organisation) comes before what its words suggest.
    """

    id: str
    title: str
    link: str
    published: datetime | None = None
    updated: datetime | None = None
    summary: str = ""
    categories: tuple[str, ...] = ()
    stage: str = ""
    kind: Kind | None = None
    publisher: str = ""
    deadline: date | None = None
    happens_on: date | None = None
    date_words: str = ""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What came of one fetch: a value, never an exception. ``reason`` says it in words for people.

    ``body_hash`` is the SHA-256 of the body as it was understood. ``fresh_seconds`` is for how long the publisher
    calls the answer fresh (the larger of max-age, Expires and the feed's own ttl). ``moved_to`` is the address to which
    the source says it has moved for good.
    """

    source_id: str
    outcome: Outcome
    reason: str
    started_at: datetime
    finished_at: datetime
    status: int | None = None
    title: str = ""
    entries: tuple[FeedEntry, ...] = ()
    etag: str = ""
    last_modified: str = ""
    retry_after_seconds: float | None = None
    body_hash: str = ""
    fresh_seconds: float | None = None
    moved_to: str = ""


class Trouble(StrEnum):
    """What editors were told about a source, so that they are told once."""

    NONE = ""
    ENDED = "ended"
    GONE = "gone"
    FAILING = "failing"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class SourceState:
    """What we remember of a source between fetches. Validators are kept byte for byte.

    ``url`` is the address that was read last, to which the validators belong. ``address`` is where the source has
    moved for good from the catalogue's address ``moved_from``, once that was certain; empty means the catalogue's.
    ``moved_to``, ``moved_times`` and ``moved_since`` count permanent redirects to one target until it is.
    ``newest_entry_at`` and ``rhythm_seconds`` (the usual gap between its entries) tell when it is silent beyond its
    habit. ``told`` is the trouble that editors know of. ``paused`` is people's doing, ``muted`` the source's own.
    """

    source_id: str
    etag: str = ""
    last_modified: str = ""
    first_read_at: datetime | None = None
    last_fetch_at: datetime | None = None
    last_good_at: datetime | None = None
    next_due_at: datetime | None = None
    failures: int = 0
    outcome: Outcome | None = None
    reason: str = ""
    muted: bool = False
    paused: bool = False
    url: str = ""
    address: str = ""
    moved_from: str = ""
    body_hash: str = ""
    failing_since: datetime | None = None
    newest_entry_at: datetime | None = None
    rhythm_seconds: float | None = None
    told: Trouble = Trouble.NONE
    moved_to: str = ""
    moved_times: int = 0
    moved_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddedSource:
    """A source that somebody added in chat or on the command line; it stands beside the catalogue.

    ``added_by`` is a member id, or ``command line``.
    """

    source: Source
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Fetch:
    """The dated row that one fetch leaves behind."""

    source_id: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    reason: str
    status: int | None
    entries: int
    new: int
    changed: int


@dataclass(frozen=True, slots=True)
class Item:
    """One document, known by its canonical URL. ``revision`` counts from 1.

    ``received_at`` is when we first saw it (a bill: in its present stage) and decides its edition. ``background``
    items were already there when their source was first read: kept for search, never drafted. ``deadline`` is the
    last day to respond and ``happens_on`` the day of a sitting or event, both as London dates; ``date_words`` are the
    words they came from.
    """

    id: str
    url: str
    title: str
    summary: str
    publisher: str
    source_id: str
    group: Group
    kind: Kind
    received_at: datetime
    published_at: datetime | None = None
    updated_at: datetime | None = None
    stage: str = ""
    deadline: date | None = None
    happens_on: date | None = None
    date_words: str = ""
    background: bool = False
    revision: int = 1


def item_id(canonical_url: str) -> str:
    """The item's id: the first 16 hexadecimal digits of the SHA-256 of its canonical URL."""
    return hashlib.sha256(canonical_url.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Change:
    """What an update of an item changed: field name, old value, new value."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ItemRevision:
    """An update of an item we know: the item as it now is, and what changed."""

    item: Item
    changes: tuple[Change, ...]
    seen_at: datetime


def dated_id(entry_id: str) -> str:
    """The id of the second entry that an item has in the dated section."""
    return f"{entry_id}@date"


class FieldName(StrEnum):
    """Where in an item a phrase was found."""

    TITLE = "title"
    SUMMARY = "summary"
    PUBLISHER = "publisher"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Tag:
    """An item's link to a topic, with its reason: the words found, where, and the rule that looked for them."""

    topic_id: str
    phrase: str
    field: FieldName
    rule: str

    @property
    def because(self) -> str:
        """The reason in words, for an editor."""
        return f"“{self.phrase}” in the {self.field.value} (rule: {self.rule})"


@dataclass(frozen=True, slots=True)
class Tagging:
    """What the rules say of one item. ``gate`` is the reason it is, or is not, relevant."""

    relevant: bool
    gate: str
    tags: tuple[Tag, ...] = ()
    rules_version: str = ""

    @property
    def topic_ids(self) -> tuple[str, ...]:
        """The topics, each once, in the order of the taxonomy."""
        return tuple(dict.fromkeys(tag.topic_id for tag in self.tags))


@dataclass(frozen=True, slots=True)
class TaggedItem:
    """An item with what the rules say of it."""

    item: Item
    tagging: Tagging


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject of the taxonomy, in words that a researcher in an MP's office would understand."""

    id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Story:
    """Items from several publishers that are about one thing. The lead speaks for it; nothing is deleted."""

    lead: TaggedItem
    others: tuple[TaggedItem, ...] = ()


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
    """Another publisher's item about the same story."""

    publisher: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line in an edition. ``date`` is the day a dated entry is about (a deadline, a sitting), London time."""

    id: str
    section: str
    title: str
    url: str
    publisher: str
    blurb: str = ""
    kind: Kind = Kind.OTHER
    published_on: date | None = None
    date: date | None = None
    item_id: str = ""
    topics: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    also: tuple[Also, ...] = ()
    included: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """The whole text of an edition at one revision. ``entries`` stand in the order in which they are shown.

    ``maybe`` is what the ranking was unsure of; ``left_out`` counts what was not proposed, by reason.
    """

    title: str
    sections: tuple[Section, ...]
    entries: tuple[Entry, ...] = ()
    maybe: tuple[Entry, ...] = ()
    intro: str = ""
    outro: str = ""
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()

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


class EditionState(StrEnum):
    """Where an edition is in its life."""

    DRAFT = "draft"
    APPROVED = "approved"  # on its way out
    PUBLISHED = "published"  # every delivery has ended
    LAPSED = "lapsed"  # never approved; the next edition covers its window
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Edition:
    """One number of the digest. ``id`` is the day on which it is due, as ``2025-01-24``: its business key."""

    id: str
    number: int
    due_on: date
    window: Window
    state: EditionState
    revision: int
    content: Content
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """One edit of an edition. ``author`` is a member id, or empty where Convenor itself drafted it."""

    edition_id: str
    revision: int
    author: str
    at: datetime
    what: str
    content: Content


@dataclass(frozen=True, slots=True)
class Approval:
    """A named editor's yes to one exact content hash of an edition."""

    edition_id: str
    content_hash: str
    member_id: str
    member_name: str
    at: datetime


class DeliveryState(StrEnum):
    """Where an outbox row is: only ``pending`` and ``retry`` rows are ever sent."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    PARKED = "parked"  # cannot succeed until a person acts
    UNKNOWN = "unknown"  # may or may not have arrived; a person decides


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a channel, or a person's direct messages, on one platform and workspace."""

    platform: str
    workspace: str
    channel: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one address: a row of the outbox.

    ``key`` is the unique business key, so that deciding twice sends once. ``body`` is the message as JSON, opaque
    here. ``thread_key`` is the key of the delivery in whose thread this one belongs; it waits for that one.
    ``version`` rises when the body is replaced; ``sent_version`` is the version that the platform shows.
    ``fence`` rises at each claim: only the claimer that holds the present fence may settle the row.
    """

    key: str
    purpose: str
    address: Address
    body: str
    created_at: datetime
    edition_id: str = ""
    thread_key: str = ""
    state: DeliveryState = DeliveryState.PENDING
    version: int = 1
    sent_version: int = 0
    attempts: int = 0
    fence: int = 0
    available_at: datetime | None = None
    lease_until: datetime | None = None
    message_ref: str = ""
    reason: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """When this installation first read its sources, and from when its first edition's window runs."""

    first_pass_at: datetime
    window_start: datetime


def content_hash(content: Content) -> str:
    """SHA-256 over exactly what readers would see: excluded entries, maybes and reasons do not count."""
    published = {
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
                entry.date.isoformat() if entry.date else "",
                [[also.publisher, also.title, also.url] for also in entry.also],
            ]
            for entry in content.included
        ],
    }
    canonical = json.dumps(published, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
