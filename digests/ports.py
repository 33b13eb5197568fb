"""What the digest needs of the world, as Protocols. Adapters fulfil them; fakes in ``tests/fakes`` do too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Protocol

from digests.kinds import Sorted
from digests.model import (
    AddedSource,
    Address,
    Approval,
    Correction,
    Delivery,
    DeliveryState,
    Edited,
    Edition,
    EditionAct,
    EditionHead,
    EditionState,
    Fetch,
    FetchResult,
    Installation,
    Item,
    ItemRevision,
    LinkCheck,
    Revision,
    Source,
    SourceState,
    Suggestion,
    SuggestionState,
    TaggedItem,
    Tagging,
)
from digests.search import Query


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        ...


class FeedReader(Protocol):
    """Reads one source."""

    async def read(self, source: Source, state: SourceState) -> FetchResult:
        """One fetch. Whatever goes wrong with the source is an outcome of the result, never an exception."""
        ...


class Sources(Protocol):
    """Polling states and fetches."""

    async def states(self, only: Collection[str] | None = None) -> Mapping[str, SourceState]:
        """Every state we remember (or only those of these sources), by source id."""
        ...

    async def state(self, source_id: str) -> SourceState | None:
        """What we remember of one source."""
        ...

    async def save_state(self, state: SourceState) -> None:
        """Insert or replace the state of a source."""
        ...

    async def save_states(self, states: Sequence[SourceState]) -> None:
        """Insert or replace the states of different sources."""
        ...

    async def add_fetch(self, fetch: Fetch) -> None:
        """Record one fetch."""
        ...

    async def add_fetches(self, added: Sequence[Fetch]) -> None:
        """Record several fetches, the later ones last."""
        ...

    async def drop_fetches(self, before: datetime) -> int:
        """Forget the fetches that started before this moment; returns how many."""
        ...

    async def added(self) -> Sequence[AddedSource]:
        """The sources that people added beside the catalogue, oldest first."""
        ...

    async def add_source(self, added: AddedSource) -> bool:
        """Record an added source; False where one with its id or its URL was added already."""
        ...

    async def change_source(self, source: Source) -> bool:
        """Give an added source new words; False where none with its id was added.

        Its address stays as it was, as do who added it and when.
        """
        ...

    async def remove_source(self, source_id: str) -> bool:
        """Take an added source away again; False where there is none. Its state and its fetches stay."""
        ...

    async def fetches(self, source_id: str, limit: int = 20) -> Sequence[Fetch]:
        """The latest fetches of a source, newest first."""
        ...


class Archive(Protocol):
    """Looks things up in everything that was read. New words are found once they are indexed."""

    async def index(self, limit: int = 500) -> int:
        """Index at most so many of the items whose present words are not indexed yet; returns how many it were."""
        ...

    async def find(self, query: Query, limit: int = 10, offset: int = 0) -> Sequence[TaggedItem]:
        """The items that fit, by when they were published (or else received), newest first, then by id."""
        ...


class Items(Protocol):
    """Items, their revisions and their tags."""

    async def by_urls(self, urls: Collection[str]) -> Mapping[str, Item]:
        """The items we know under these canonical URLs."""
        ...

    async def arrive(self) -> None:
        """Whoever stores items says so first, and reads the clock for them afterwards: see :meth:`all_are_there`."""
        ...

    async def all_are_there(self) -> None:
        """Wait until everything that was received up to now is stored, and let nothing arrive before this unit ends.

        So that no item is received in the time that an edition covers and stored when it has been drafted.
        """
        ...

    async def add(self, items: Sequence[TaggedItem]) -> Collection[str]:
        """Insert new items with their tags; returns the ids of those that were new.

        An item whose URL is already known is left as it is: another source may have brought it a moment ago.
        """
        ...

    async def revise(self, revision: ItemRevision, tagging: Tagging) -> None:
        """Store the item's new text, what changed, and its new tags."""
        ...

    async def revisions(self, item_id: str) -> Sequence[ItemRevision]:
        """The changes of an item, oldest first. Each carries the item as it became by that change."""
        ...

    async def get(self, item_id: str) -> TaggedItem | None:
        """One item."""
        ...

    async def received(self, start: datetime, end: datetime) -> Sequence[TaggedItem]:
        """Items received in ``[start, end)`` that are not background, ordered by receipt, then id."""
        ...

    async def ahead(self, before: datetime, start: date, end: date) -> Sequence[TaggedItem]:
        """Relevant items received before a moment that have a closing date or happen from ``start`` to ``end``.

        Both days count, as London dates. Background items are left out. Ordered by receipt, then id.
        """
        ...

    async def titles(self, source_id: str, limit: int = 1000) -> Collection[str]:
        """The titles of the latest items that a source was the first to bring."""
        ...

    async def count(self) -> int:
        """How many items there are."""
        ...

    async def latest_receipt(self) -> datetime | None:
        """When the newest item was received."""
        ...

    async def page(self, after: str = "", limit: int = 500) -> Sequence[TaggedItem]:
        """The items whose ids come after this one, background ones too, in the order of ids."""
        ...

    async def untagged(self, limit: int = 500) -> Sequence[Item]:
        """Items that no rules have seen yet. The archive indexes none before it is tagged."""
        ...

    async def retag(self, taggings: Mapping[str, Tagging]) -> None:
        """Give items (by id) other tags; their text and revision stay. Raises NotFound, and then does nothing."""
        ...

    async def resort(self, kinds: Mapping[str, Sorted]) -> None:
        """Give items (by id) other kinds with their reasons; text and revision stay. Unknown ids are passed over."""
        ...

    async def standing(self) -> Mapping[tuple[str, str], int]:
        """On how many items each (topic id, rule) stands."""
        ...


class Corrections(Protocol):
    """What editors said of tags and relevance."""

    async def add(self, correction: Correction) -> None:
        """Record one. Raises NotFound where there is no such item."""
        ...

    async def of_items(self, item_ids: Collection[str]) -> Mapping[str, Sequence[Correction]]:
        """The corrections of each of these items that has any, oldest first."""
        ...

    async def all(self) -> Sequence[Correction]:
        """Every correction, oldest first."""
        ...


class Editions(Protocol):
    """Editions with their revisions and approvals."""

    async def add(self, edition: Edition, revision: Revision) -> bool:
        """Insert a new edition with its first revision; False where one with this id exists already."""
        ...

    async def get(self, edition_id: str) -> Edition | None:
        """One edition at its present revision."""
        ...

    async def lock(self, edition_id: str) -> None:
        """Hold this edition until the unit of work ends: two approvals at once must see each other.

        On SQLite the unit of work holds the whole database already. An unknown id is no error.
        """
        ...

    async def recent(self, limit: int = 10) -> Sequence[Edition]:
        """The latest editions by due date, newest first. Corrections are not among them."""
        ...

    async def corrections_of(self, edition_id: str) -> Sequence[Edition]:
        """The corrections of one edition, oldest first."""
        ...

    async def in_state(self, *states: EditionState) -> Sequence[Edition]:
        """The editions in any of these states, newest first."""
        ...

    async def present_revisions(self, *states: EditionState, limit: int = 100) -> Mapping[str, int]:
        """The present revision of each edition in any of these states, by id, newest first, without their contents."""
        ...

    async def heads(self, *states: EditionState) -> Sequence[EditionHead]:
        """The editions in any of these states without their texts, newest first."""
        ...

    async def save_revision(self, edition: Edition, revision: Revision) -> bool:
        """Store the edition's new content, if its stored revision is still ``edition.revision - 1``.

        Its stored state must still be ``edition.state`` too; an edit never changes it. Approvals of an open edition
        are removed with it: an edit cancels approval. A published edition keeps its own, as it is changed by an
        approved correction alone. Returns False, and does nothing, where somebody else's edit
        (or the last approval) came first.
        """
        ...

    async def history(self, edition_id: str) -> Sequence[Edited]:
        """Who edited it, when and how, oldest first, without the texts."""
        ...

    async def revisions(self, edition_id: str, since: int = 1) -> Sequence[Revision]:
        """The revisions from this number on, oldest first, each with its whole text."""
        ...

    async def revision(self, edition_id: str, number: int) -> Revision | None:
        """One revision with its text."""
        ...

    async def set_state(self, edition_id: str, expected: EditionState, state: EditionState) -> bool:
        """Move an edition to a state; False where it is not in the expected state (any more)."""
        ...

    async def set_posting(self, edition_id: str, posts_at: datetime | None) -> None:
        """Say when an approved edition goes out, or (None) that it does not."""
        ...

    async def void_approvals(self, edition_id: str) -> int:
        """Remove the approvals of an edition; returns how many there were."""
        ...

    async def add_act(self, act: EditionAct) -> None:
        """Record what an editor did to an edition as a whole. The edition need not exist yet."""
        ...

    async def acts(self, edition_id: str) -> Sequence[EditionAct]:
        """What was done to one edition as a whole, oldest first."""
        ...

    async def acts_from(self, edition_id: str) -> Sequence[EditionAct]:
        """What was done to this edition and to every later one (their ids are days), oldest first."""
        ...

    async def add_approval(self, approval: Approval) -> bool:
        """Record an approval; False where this member has already approved this content."""
        ...

    async def approvals(self, edition_id: str) -> Sequence[Approval]:
        """The approvals that stand, oldest first."""
        ...


class LinkChecks(Protocol):
    """The last look at each link."""

    async def of(self, urls: Collection[str]) -> Mapping[str, LinkCheck]:
        """The last looks at these addresses, by address; nothing for one that was never looked at."""
        ...

    async def save(self, checks: Sequence[LinkCheck]) -> None:
        """Insert or replace the looks at different addresses."""
        ...

    async def drop(self, before: datetime) -> int:
        """Forget the looks before this moment; returns how many."""
        ...


class Suggestions(Protocol):
    """Links that members would have in the digest."""

    async def add(self, suggestion: Suggestion) -> bool:
        """Record one; False where this member suggested this address for this edition already."""
        ...

    async def get(self, suggestion_id: str) -> Suggestion | None:
        """One suggestion."""
        ...

    async def in_state(self, *states: SuggestionState) -> Sequence[Suggestion]:
        """The suggestions in any of these states, oldest first."""
        ...

    async def of_edition(self, edition_id: str) -> Sequence[Suggestion]:
        """Every suggestion that was made for an edition, was carried over to it, or is in it; oldest first."""
        ...

    async def of_member(self, member_id: str, since: datetime) -> Sequence[Suggestion]:
        """What a member has suggested since a moment, oldest first."""
        ...

    async def change(self, suggestion: Suggestion, expected: SuggestionState) -> bool:
        """Store a suggestion as it now is; False where it is not in the expected state (any more).

        Who suggested what and when never changes.
        """
        ...


class Deliveries(Protocol):
    """The outbox."""

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Insert rows; a row whose key exists already is left as it is."""
        ...

    async def replace_body(self, key: str, body: str, now: datetime) -> bool:
        """Give a row a new body (``version`` + 1), so that the message is updated in place.

        A row that was sent becomes pending again; one that is pending just carries the newer body; one that is
        being sent becomes pending when it settles. False where there is no such row or the body is the same.
        """
        ...

    async def claim(
        self, now: datetime, lease_until: datetime, limit: int = 1, key: str = "", *, beside: str = ""
    ) -> Sequence[Delivery]:
        """Take due rows for sending, in the order in which they were added: state ``sending``, fence + 1.

        Due is: pending or retry, ``available_at`` not in the future, and, where it was never sent, its
        ``thread_key``'s row (if any) sent and every earlier row of that thread sent or dropped. So a thread stays in
        order whatever happens to one of its parts. Claiming is by conditional update: two claimers never hold one row.
        With ``key`` that row alone, if it is pending or to be retried, whatever it waits for: somebody asks for it now.
        With ``beside``, only what is due in the channel, or to the person, of the row with that key.
        """
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """The rows that a claim could take now, in the order in which they were added."""
        ...

    async def settle(
        self,
        claimed: Delivery,
        state: DeliveryState,
        *,
        now: datetime,
        message_ref: str = "",
        reason: str = "",
        available_at: datetime | None = None,
        address: Address | None = None,
    ) -> bool:
        """Say how a claimed row ended; False where the claim's fence is no longer the row's, or its state has moved on.

        ``sent`` with a body that was replaced meanwhile goes back to pending with ``sent_version`` set. ``unknown``
        forgets where the message was said to be. People decide about a stuck row in the same way, with the row as it
        was shown to them: ``pending`` begins counting attempts anew. With ``address`` it goes there from now on.
        """
        ...

    async def lapsed(self, now: datetime) -> Sequence[Delivery]:
        """The rows being sent whose lease has run out: their sender vanished."""
        ...

    async def expire(self, key: str, now: datetime) -> Delivery | None:
        """End a lease that has run out. A row that may or may not have arrived becomes unknown, and is returned.

        An update, which may be repeated, becomes pending again. None there, and where the lease is not (or no longer)
        run out.
        """
        ...

    async def call_back(self, edition_id: str, purpose: str) -> Sequence[Delivery]:
        """Remove an edition's rows of one purpose, all or none: none where one has left, or may have.

        Returns the rows that have (sending, sent, unknown, or known to be on the platform): none means that all were
        removed. A sender that claims a row at the same instant either comes first, and is among those, or finds no row.
        """
        ...

    async def bring_forward(self, edition_id: str, purpose: str, now: datetime) -> int:
        """Make an edition's pending rows of one purpose due now that are due later; returns how many there were."""
        ...

    async def by_ref(self, address: Address, message_ref: str) -> Delivery | None:
        """The row whose message this is, if one of this address's is known to be."""
        ...

    async def get(self, key: str) -> Delivery | None:
        """One row."""
        ...

    async def under(self, *prefixes: str) -> Sequence[Delivery]:
        """The rows whose keys begin with any of these, letter for letter, in the order in which they were added."""
        ...

    async def of_edition(self, edition_id: str) -> Sequence[Delivery]:
        """Every row about an edition, in the order in which they were added."""
        ...

    async def in_state(self, *states: DeliveryState) -> Sequence[Delivery]:
        """The rows in any of these states, in the order in which they were added."""
        ...


class UnitOfWork(Protocol):
    """The store inside one transaction. Rolls back on leaving, unless committed."""

    @property
    def sources(self) -> Sources: ...
    @property
    def items(self) -> Items: ...
    @property
    def archive(self) -> Archive: ...
    @property
    def corrections(self) -> Corrections: ...
    @property
    def editions(self) -> Editions: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def link_checks(self) -> LinkChecks: ...
    @property
    def suggestions(self) -> Suggestions: ...

    async def installation(self) -> Installation | None:
        """The installation's first pass, once it has happened."""
        ...

    async def record_installation(self, installation: Installation) -> None:
        """Record the first pass; does nothing where it is recorded already."""
        ...

    async def commit(self) -> None:
        """Make everything done in this unit of work last."""
        ...


class Store(Protocol):
    """Where units of work come from."""

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that may write. On SQLite it takes the write lock at once."""
        ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A consistent view that must not write."""
        ...
