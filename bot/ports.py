"""What the conversation side needs of the world beyond the digest's own ports."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.alarms.ports import Alarms
from bot.introductions.ports import Requests
from bot.keeping.ports import Departures, Holds
from bot.members.ports import Applications, Codes, Consents, Profiles
from bot.messages import Ask, Form, Identity, Message, Reply
from bot.privacy.ports import Audit, Personal, Rights
from digests import ports as digest_ports
from digests.errors import ConvenorError
from digests.model import Address, Cadence, Delivery, FetchResult, Follow, Format, LinkAnswer, Listener, Page, Window


class Role(StrEnum):
    """What a person may do beyond reading. Everybody is a member."""

    EDITOR = "editor"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


class Purpose(StrEnum):
    """What a channel is bound to be used for."""

    DIGEST = "digest"
    EDITORS = "editors"
    COORDINATORS = "coordinators"


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the network; made when we first have to remember something that they did."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that somebody holds. ``granted_by`` is a member id, or ``settings`` for CONVENOR_ADMINS."""

    member: Member
    role: Role
    granted_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Binding:
    """A channel and what it is for."""

    address: Address
    purpose: Purpose
    bound_by: str
    at: datetime


class Members(Protocol):
    """People and their accounts."""

    async def resolve(self, identity: Identity, now: datetime) -> Member:
        """The member with this account, made (and its name refreshed, and the account no longer lost) where needed."""
        ...

    async def find(self, identity: Identity) -> Member | None:
        """The member with this account, if we have one."""
        ...

    async def get(self, member_id: str) -> Member | None:
        """The member with this id, if there is one (any more)."""
        ...

    async def identities(self, member_id: str) -> Sequence[Identity]:
        """The accounts of a member: first those that can be written to, as far as is known; then oldest first."""
        ...

    async def lose(self, account: Identity, now: datetime) -> bool:
        """Note that an account cannot be written to, until it is heard from or found again.

        False where nobody has it, or it is noted already.
        """
        ...

    async def is_lost(self, account: Identity) -> bool:
        """Whether that is noted of an account."""
        ...

    async def find_again(self, account: Identity) -> bool:
        """Something has arrived there; False where it was not lost."""
        ...

    async def lock(self, *member_ids: str) -> None:
        """Hold these members until the unit of work ends: two acts that a limit counts must see each other.

        Whoever holds several asks for all of them at once, and before they change anything that others may wait for:
        each takes them in the same order, so that no two wait for each other. On SQLite the unit of work holds the
        whole database already. An unknown id is no error.
        """
        ...

    async def merge(self, member_id: str, into_id: str) -> None:
        """Make one member of two: whatever the first has or did is the second's, and the first is no more.

        Where both have what only one can have, that of the second stays.
        """
        ...

    async def separate(self, identity: Identity, now: datetime) -> Member | None:
        """Give an account a new member of its own, with nothing else. None where it has one to itself already.

        Where the other had asked to be told at that account, they are told at the first that is left to them.
        """
        ...


class Roles(Protocol):
    """Who may do what."""

    async def of(self, member_id: str) -> Collection[Role]:
        """The roles of a member."""
        ...

    async def grant(self, grant: Grant) -> bool:
        """Give a role; False where they have it already."""
        ...

    async def revoke(self, member_id: str, role: Role) -> bool:
        """Take a role away; False where they do not have it."""
        ...

    async def all(self) -> Sequence[Grant]:
        """Every grant, by role, then name."""
        ...


class Channels(Protocol):
    """Which channel is for what."""

    async def bind(self, binding: Binding) -> bool:
        """Bind a channel to a purpose; False where it is bound so already. A channel may have several."""
        ...

    async def unbind(self, address: Address) -> int:
        """Take every purpose from a channel; returns how many it had."""
        ...

    async def bound(self, purpose: Purpose) -> Sequence[Binding]:
        """The channels of a purpose, oldest binding first."""
        ...

    async def of(self, address: Address) -> Sequence[Binding]:
        """What a channel is bound to."""
        ...


class Follows(Protocol):
    """What members follow, and where and until when they were told."""

    async def add(self, follow: Follow) -> None:
        """Record a follow; one with its id is replaced."""
        ...

    async def remove(self, member_id: str, follow_id: str) -> bool:
        """Take a member's follow away; False where there is none."""
        ...

    async def of(self, member_id: str) -> Sequence[Follow]:
        """What a member follows, oldest first."""
        ...

    async def by_topic(self) -> Mapping[str, int]:
        """How many members follow each topic that is followed. Follows of words alone do not count.

        Nor do those of members who object to that, or wait to be erased.
        """
        ...

    async def listen(self, listener: Listener) -> None:
        """Insert a listener, or give a known one another account or other quiet hours; its marks stay as they are."""
        ...

    async def listener(self, member_id: str) -> Listener | None:
        """The member's account, quiet hours and marks."""
        ...

    async def listeners(self) -> Sequence[Listener]:
        """Every member who follows something and does not wait to be erased, by member id."""
        ...

    async def advance(self, member_id: str, cadence: Cadence, window: Window) -> bool:
        """Move a member's mark from the window's start to its end; False where it does not stand at its start."""
        ...


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody who has a form about an edition open. ``doing`` says what about, in words after “Bob is editing”."""

    edition_id: str
    member: Member
    doing: str
    at: datetime


class Presences(Protocol):
    """Who is working on which edition: a courtesy between editors, and no record of what anybody does."""

    async def note(self, presence: Presence) -> None:
        """Say what a member is doing now, in the place of what they did before."""
        ...

    async def leave(self, edition_id: str, member_id: str) -> bool:
        """They are done; False where nothing was noted."""
        ...

    async def of(self, edition_id: str, since: datetime) -> Sequence[Presence]:
        """Who has been working on an edition since a moment, the earliest first."""
        ...

    async def forget(self, before: datetime) -> Sequence[str]:
        """Forget what was noted before a moment; returns the ids of the editions that it was about."""
        ...


class Inbox(Protocol):
    """What platforms have sent us already, so that a repeat is known as one; and what people began to write."""

    async def first_time(self, key: str, now: datetime) -> bool:
        """Whether this event id is new. Recording it is part of the unit of work."""
        ...

    async def keep_form(self, identity: Identity, form: str, fields: Mapping[str, str], now: datetime) -> None:
        """Keep what somebody typed into a form, replacing what was kept before."""
        ...

    async def kept_form(self, identity: Identity, form: str) -> Mapping[str, str]:
        """What they typed last, or nothing."""
        ...

    async def drop_form(self, identity: Identity, form: str) -> None:
        """Forget it: the form was accepted."""
        ...


class UnitOfWork(digest_ports.UnitOfWork, Protocol):
    """The digest's unit of work with the network's tables beside it."""

    @property
    def members(self) -> Members: ...
    @property
    def profiles(self) -> Profiles: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def applications(self) -> Applications: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def roles(self) -> Roles: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def follows(self) -> Follows: ...
    @property
    def presences(self) -> Presences: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def rights(self) -> Rights: ...
    @property
    def personal(self) -> Personal: ...
    @property
    def departures(self) -> Departures: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def alarms(self) -> Alarms: ...


class Store(Protocol):
    """Where units of work come from."""

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that may write."""
        ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A consistent view that must not write."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at an address that somebody gave.

    ``result`` is what reading the feed at ``url`` brought; where no feed was found, its outcome and reason say why.
    ``others`` are the addresses of further feeds that the page names.
    """

    url: str
    format: Format
    result: FetchResult
    others: tuple[str, ...] = ()


class FeedFinder(Protocol):
    """Finds the feed of a site."""

    async def find(self, address: str) -> Found:
        """The feed at an address: a feed's own or a site's, with or without ``https://``. Stores nothing.

        Whatever is wrong with the address is an outcome of the result, never an exception.
        """
        ...


class PageReader(Protocol):
    """Calls the web pages that people name, politely, and never inside a private network."""

    async def read(self, url: str) -> Page:
        """What the page at an address says of itself. Whatever is wrong is an outcome, never an exception."""
        ...

    async def look(self, url: str) -> LinkAnswer:
        """Whether there still is something at an address, without fetching it. Never raises for what is there."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chat in the browser, as it is kept. ``thread`` is the id of the line that it answers.

    ``body`` is a message as JSON. ``only_for`` names the one viewer (a person's id) who sees it; empty: the room.
    ``key`` is the delivery's key where Convenor posted it, otherwise empty. Moments are UTC.
    """

    id: int
    room: str
    author: str
    body: str
    at: datetime
    thread: int | None
    only_for: str
    edited_at: datetime | None
    key: str


class TransportError(ConvenorError):
    """A message could not be given to a platform.

    ``permanent``: trying again is useless until a person acts. ``ambiguous``: it may have arrived all the same
    (a lost reply), so nobody but a person may send it again. ``missing``: an update found no message of ours there.
    ``unreachable``: nothing can be written to this person at that account (any more); it is ``permanent`` as well.
    ``retry_after_seconds``: the platform's own wish.
    """

    sentence = "The message could not be delivered."

    def __init__(
        self,
        subject: str,
        sentence: str,
        *,
        permanent: bool = False,
        ambiguous: bool = False,
        missing: bool = False,
        unreachable: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        permanent = permanent or unreachable
        self.permanent = permanent
        self.missing = missing
        self.unreachable = unreachable
        self.ambiguous = ambiguous
        self.retry_after_seconds = retry_after_seconds
        super().__init__(subject, sentence, retry=not (permanent or ambiguous))


class Courier(Protocol):
    """Carries messages to one platform. Makes no retries of its own.

    It may look something up in the store before it calls the platform, and lets the store's trouble out as it is: that
    is tried again. After a call it lets out a :class:`TransportError` alone, which says whether something arrived.
    """

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        """Post a message (in the thread of ``thread_ref``) and return its reference: opaque, for update.

        ``key`` is the delivery's key and travels as metadata where the platform can carry it.
        Raises :class:`TransportError`.
        """
        ...

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        """Replace a message's text in place. Raises :class:`TransportError`, never ambiguous: it may be repeated."""
        ...


class Sender(Protocol):
    """Sends the rows of the outbox, one at a time or all that are due. A queue says when."""

    async def drain(self, stop: asyncio.Event | None = None) -> int:
        """Send everything that is due now, in order, or until ``stop`` is set. Returns how many rows were tried."""
        ...

    def take_pause(self) -> float:
        """How many seconds a platform asked the last drain to wait; the next one then begins anew."""
        ...

    async def send(self, key: str, stop: asyncio.Event) -> float:
        """Send what is due where the row with this key goes, in order, until ``stop`` is set or the platform says wait.

        Returns how many seconds it asks for.
        """
        ...

    async def due(self, limit: int) -> Sequence[Delivery]:
        """The rows that could be sent now, in order."""
        ...

    async def expire(self) -> None:
        """End the leases that have run out."""
        ...


class Queue(Protocol):
    """Says when there is something to send. What is sent, and whether, the row in the outbox alone decides."""

    def wake(self) -> None:
        """There may be something to send; returns at once. Harmless where there is nothing."""
        ...

    async def run(self, sender: Sender, stop: asyncio.Event) -> None:
        """Let the sender send what comes due until ``stop`` is set; what is being sent then is finished first."""
        ...


@dataclass(frozen=True, slots=True)
class Pointed:
    """Where a link to a message points, as references of its platform's courier.

    ``thread_ref`` is the headline of the thread that it is in; empty where it is in none, or the link does not say.
    """

    message_ref: str
    thread_ref: str = ""


class BadLink(ConvenorError):
    """A link is none to a message at the address that it should be at."""

    sentence = "That is not a link to a message."


class Desk(Protocol):
    """What a chat folder hands every Ask to."""

    async def answer(self, ask: Ask) -> Reply:
        """The reply. Never raises: what goes wrong becomes a polite sentence with a reference."""
        ...

    def opens_form(self, ask: Ask) -> bool:
        """Whether this ask will be answered with a form: platforms with short-lived triggers open one at once."""
        ...


@dataclass(frozen=True, slots=True)
class FoundItem:
    """Something that a search found, as it is shown where only a line is: ``about`` is publisher, day and topics."""

    title: str
    url: str
    about: str


class Lookup(Protocol):
    """Searches everything that was read, for what shows results outside a conversation."""

    async def find(self, words: str, skipped: int, most: int) -> Sequence[FoundItem]:
        """What fits, newest first. Raises QueryError, whose sentence says how it is written rightly."""
        ...


class ShownForms(Protocol):
    """The forms that people have before them, for platforms that send back what was typed but not the questions."""

    async def show(self, who: Identity, form: Form) -> None:
        """Note that somebody is shown a form."""
        ...

    async def find(self, who: Identity, name: str, value: str) -> Form | None:
        """The form as they were shown it last, if that is still known."""
        ...

    async def done(self, who: Identity, name: str, value: str) -> None:
        """It was taken over, or put away: it need not be known any more."""
        ...
