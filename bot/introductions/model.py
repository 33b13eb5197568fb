"""What an introduction is made of: the request, the asks about it, and what came of them. Plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot.messages import Identity


class RequestState(StrEnum):
    """How far a request has come. Whoever asked is told of ``introduced`` and ``answered`` alone."""

    OPEN = "open"  # with the coordinators; nobody is being asked
    ASKING = "asking"  # somebody is being asked
    AGREED = "agreed"  # both have said yes; the introduction is on its way
    INTRODUCED = "introduced"  # it has gone out
    FOLLOWED_UP = "followed up"  # both were asked whether they met
    FINISHED = "finished"
    CLOSED = "closed"  # by a coordinator; whoever asked hears of it on their date and not before
    ANSWERED = "answered"  # on their date they heard that there is no introduction this time
    WITHDRAWN = "withdrawn"  # by whoever asked, or because they left


class AskState(StrEnum):
    """How far one ask has come."""

    PLANNED = "planned"  # to be asked if those before do not say yes
    OPEN = "open"
    YES = "yes"
    NOT_NOW = "not now"
    NO = "no"
    EXPIRED = "expired"  # silence is no
    WITHDRAWN = "withdrawn"  # by a coordinator, or because the request came to its end
    LEFT = "left"  # the candidate left or snoozed
    TAKEN_BACK = "taken back"  # a yes, before the introduction went out
    PASSED_OVER = "passed over"  # planned, but could not be asked when their turn came, or need not be


class Met(StrEnum):
    """What somebody answers to “Did you meet?”."""

    YES = "yes"
    NOT_YET = "not yet"
    NO = "no"


class Way(StrEnum):
    """How an introduction reaches the two."""

    GROUP = "group"  # one conversation of both with Convenor
    MAIL = "mail"  # one mail to both
    APART = "apart"  # each hears how to reach the other


@dataclass(frozen=True, slots=True)
class Requester:
    """Whoever asks. An outsider has no ``member_id`` and no ``identity``, but always an ``email``.

    ``email`` is given to whoever says yes, and to nobody before. ``avoids`` are people and organisations of the
    requester's own private list, as it was when they asked. ``also`` are other names by which they may stand on such
    a list of somebody else: what they write into the form is theirs to choose.
    """

    name: str
    member_id: str = ""
    identity: Identity | None = None
    organisation: str = ""
    email: str = ""
    avoids: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What stands for this person in the limits: the member, or an outsider's address."""
        return self.member_id or f"mail:{self.email.lower()}"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, as they wrote it. ``prefer`` and ``avoid`` are organisations.

    ``wanted_id`` is the member whom they named, if that is somebody who can be asked; they never learn whether.
    """

    need: str
    blurb: str = ""
    needed_by: date | None = None
    prefer: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    wanted_id: str = ""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A candidate as a coordinator sees them: ``because`` is in the words of their profile."""

    member_id: str
    because: str
    good: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for an introduction. Moments are UTC.

    ``answer_at`` is fixed when it is submitted: on it, and not before, whoever asked hears that there is no
    introduction this time, whatever the cause. ``coordinator_id`` is who asked the candidates, ``then_next`` whether
    they said that the next is to be asked by itself, ``joins`` whether they are to be in the conversation of the two,
    and ``note`` their covering note. ``closed_at`` is when it came to its end. ``topics`` are ids of the taxonomy, for
    counting.
    """

    id: str
    requester: Requester
    wish: Wish
    created_at: datetime
    answer_at: datetime
    state: RequestState = RequestState.OPEN
    coordinator_id: str = ""
    then_next: bool = False
    joins: bool = False
    note: str = ""
    suggested: tuple[Suggested, ...] = ()
    topics: tuple[str, ...] = ()
    closed_at: datetime | None = None
    revision: int = 1

    @property
    def is_open_to_requester(self) -> bool:
        """Whether it is open as far as whoever asked can know, and may be told."""
        return self.state in OPEN_TO_REQUESTER

    @property
    def is_over(self) -> bool:
        """Whether nothing follows any more."""
        return self.state in FINAL


OPEN_TO_REQUESTER = frozenset({RequestState.OPEN, RequestState.ASKING, RequestState.AGREED, RequestState.CLOSED})
FINAL = frozenset({RequestState.FINISHED, RequestState.ANSWERED, RequestState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Ask:
    """The private question to one candidate.

    ``consent_text`` is what they agree to by a yes, word for word as it is shown to them; ``shares`` names the ways of
    reaching them that it speaks of. ``reason`` is why they said no, which coordinators alone see.
    """

    id: str
    candidate_id: str
    because: str = ""
    state: AskState = AskState.PLANNED
    consent_text: str = ""
    shares: tuple[str, ...] = ()
    asked_at: datetime | None = None
    expires_at: datetime | None = None
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Introduction:
    """What brings the two together, and what came of it."""

    ask_id: str
    candidate_id: str
    way: Way
    agreed_at: datetime
    sent_at: datetime | None = None
    followed_up_at: datetime | None = None
    requester_met: Met | None = None
    candidate_met: Met | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """A request with everything that follows from it. ``asks`` stand in the order in which they are to be asked."""

    request: Request
    asks: tuple[Ask, ...] = ()
    introduction: Introduction | None = None

    @property
    def id(self) -> str:
        """The request's."""
        return self.request.id

    @property
    def open_ask(self) -> Ask | None:
        """The one ask that waits for an answer."""
        return next((ask for ask in self.asks if ask.state is AskState.OPEN), None)

    @property
    def last_answered(self) -> Ask | None:
        """The ask that was settled last, of those that were asked."""
        answered = [(ask.answered_at, place) for place, ask in enumerate(self.asks) if ask.answered_at is not None]
        return self.asks[max(answered)[1]] if answered else None

    @property
    def planned(self) -> tuple[Ask, ...]:
        """Who is to be asked next, in order."""
        return tuple(ask for ask in self.asks if ask.state is AskState.PLANNED)

    def ask(self, ask_id: str) -> Ask | None:
        """The ask with this id."""
        return next((ask for ask in self.asks if ask.id == ask_id), None)

    def with_request(self, **changes: object) -> Journey:
        """The same with something of the request changed."""
        return replace(self, request=replace(self.request, **changes))  # type: ignore[arg-type]

    def with_ask(self, ask: Ask) -> Journey:
        """The same with this ask in the place of the one with its id, or at the end."""
        if self.ask(ask.id) is None:
            return replace(self, asks=(*self.asks, ask))
        return replace(self, asks=tuple(ask if each.id == ask.id else each for each in self.asks))


@dataclass(frozen=True, slots=True)
class Asked:
    """One ask of the past, as the limits need it. ``requester`` is the :attr:`Requester.key` of whom it was for."""

    request_id: str
    candidate_id: str
    requester: str
    at: datetime
    is_open: bool
