"""Where items come from: sources, what a fetch of one brings, and what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from digests.model.items import Group, Kind


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
    outright (a closing date, a kind, the publishing organisation) comes before what its words suggest. Times of day
    are London's.
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
    deadline_time: time | None = None
    happens_on: date | None = None
    happens_at: time | None = None
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
class Installation:
    """When this installation first read its sources, and from when its first edition's window runs."""

    first_pass_at: datetime
    window_start: datetime
