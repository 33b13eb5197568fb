"""Who may be asked, how often, and when what is due. Pure: old state, facts and ``now`` in, a decision out.

docs/introductions.md lists every number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from unicodedata import normalize

from bot.introductions.model import Ask, Asked, Introduction, Journey, Request, RequestState
from digests.calendar import LONDON, london_day

OPEN_AT_MOST = 2
"""Open requests of one person."""
OPEN_ASKS_AT_MOST = 1
"""Open asks of one candidate."""
FORTNIGHT = timedelta(days=14)
SAME_PAIR_AFTER = timedelta(days=183)
REMIND_AFTER = timedelta(days=4)
EXPIRES_AFTER = timedelta(days=7)
FOLLOW_UP_AFTER = timedelta(days=14)
FINISHED_AFTER = timedelta(days=14)
"""After “Did you meet?”, for whoever has not answered."""
TAKEN_AS_SENT_AFTER = timedelta(days=14)
"""After both have said yes, where nobody says whether the introduction has arrived."""
CLEARED_AFTER = timedelta(days=89)
"""After a request has come to its end, its words go from messages: the day before they go from the database."""

# Three weeks let three people be asked one after the other.
_ANSWER_DAYS, _ANSWER_AT_LEAST, _ANSWER_AT_MOST, _JITTER_DAYS = 21, 8, 35, 3
_FROM, _MINUTES = time(9), 8 * 60
_WORD = re.compile(r"\w+")
# What an organisation is called with or without.
_LEFT_OUT = frozenset(["the", "ltd", "limited", "cic", "cio", "plc", "llp", "inc", "uk"])


class WhyNot(StrEnum):
    """Why somebody cannot be asked. For tests and logs of counts: nobody is told which it is."""

    SELF = "it is their own request"
    PARTY = "it is the coordinator who asks"
    SNOOZED = "snoozed"
    AVOIDED = "one avoids the other"
    BUSY = "asked already"
    FORTNIGHT = "asked often enough in this fortnight"
    SAME_PAIR = "the same two not long ago"


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules need to know of somebody in the directory. From ``snoozed_until`` on they can be asked again."""

    member_id: str
    name: str
    organisation: str = ""
    per_fortnight: int = 1
    snoozed_until: date | None = None
    avoid: tuple[str, ...] = ()


def answer_at(request_id: str, created_at: datetime, needed_by: date | None) -> datetime:
    """When whoever asks hears at the latest: a working hour in London, UTC.

    About three weeks after they asked, or when they need it by, if that is at least 8 days and at most 5 weeks away.
    Up to three days are added that only the request's random id decides: the date can tell nothing of the cause.
    """
    chance = sha256(f"answer {request_id}".encode()).digest()
    asked_on = london_day(created_at)
    days = (needed_by - asked_on).days if needed_by else _ANSWER_DAYS
    days = min(max(days, _ANSWER_AT_LEAST), _ANSWER_AT_MOST)
    day = asked_on + timedelta(days=days + chance[0] % (_JITTER_DAYS + 1))
    while day.weekday() >= 5:
        day += timedelta(days=1)
    start = datetime.combine(day, _FROM, LONDON)
    return (start + timedelta(minutes=int.from_bytes(chance[1:4]) % _MINUTES)).astimezone(created_at.tzinfo)


def may_submit(open_requests: Sequence[Request]) -> bool:
    """Whether a person may ask for one more; what they cannot see of their requests does not count."""
    return sum(request.is_open_to_requester for request in open_requests) < OPEN_AT_MOST


def why_not(
    request: Request, person: Person, past: Iterable[Asked], now: datetime, coordinator_id: str = ""
) -> WhyNot | None:
    """Why a person cannot be asked about a request now; None where they can. ``past`` are the asks of six months."""
    if person.member_id == request.requester.member_id:
        return WhyNot.SELF
    if coordinator_id and person.member_id == coordinator_id:
        return WhyNot.PARTY
    if person.snoozed_until is not None and london_day(now) < person.snoozed_until:
        return WhyNot.SNOOZED
    if avoid_each_other(request, person):
        return WhyNot.AVOIDED
    past = list(past)
    if any(
        pair_of(asked) == frozenset({person.member_id, request.requester.key}) for asked in past if _recent(asked, now)
    ):
        return WhyNot.SAME_PAIR
    theirs = [asked for asked in past if asked.candidate_id == person.member_id]
    if sum(asked.is_open for asked in theirs) >= OPEN_ASKS_AT_MOST:
        return WhyNot.BUSY
    if sum(asked.at > now - FORTNIGHT for asked in theirs) >= person.per_fortnight:
        return WhyNot.FORTNIGHT
    return None


def avoid_each_other(request: Request, person: Person) -> bool:
    """Whether either has the other on a list, by their name or their organisation."""
    requester = request.requester
    theirs = same_name(person.avoid, (requester.name, requester.organisation, *requester.also))
    ours = same_name(requester.avoids, (person.name, person.organisation))
    return theirs or ours or same_name(request.wish.avoid, (person.organisation,))


def is_preferred(request: Request, person: Person) -> bool:
    """Whether the requester would rather have somebody of this organisation."""
    return same_name(request.wish.prefer, (person.organisation,))


def same_name(listed: Iterable[str], names: Iterable[str]) -> bool:
    """Whether something on a list is one of the names: whatever the case, and where either says more than the other.

    “Example Trust” on a list is “The Example Trust Ltd”, and “Example Trust (London)” too: who avoids somebody is
    better served by one introduction too few.
    """
    known = [words for words in map(_words, names) if words]
    return any(_within(each, words) or _within(words, each) for each in map(_words, listed) if each for words in known)


def pair_of(asked: Asked) -> frozenset[str]:
    """The two whom an ask would have brought together."""
    return frozenset({asked.candidate_id, asked.requester})


def busy(past: Iterable[Asked], since: datetime) -> dict[str, int]:
    """How often each was asked since a moment, so that load is shared."""
    counts: dict[str, int] = {}
    for asked in past:
        if asked.at >= since:
            counts[asked.candidate_id] = counts.get(asked.candidate_id, 0) + 1
    return counts


def by_person(past: Iterable[Asked]) -> dict[str, list[Asked]]:
    """The asks that count for each person: those to them, and those for them."""
    found: dict[str, list[Asked]] = {}
    for asked in past:
        for each in pair_of(asked):
            found.setdefault(each, []).append(asked)
    return found


def expires_at(request: Request, now: datetime) -> datetime:
    """Until when somebody who is asked now may answer: a week, and never beyond the requester's date."""
    return min(now + EXPIRES_AFTER, request.answer_at)


def is_to_be_reminded(ask: Ask, now: datetime) -> bool:
    """Whether the one reminder of an open ask is due."""
    return ask.asked_at is not None and ask.reminded_at is None and now >= ask.asked_at + REMIND_AFTER


def has_expired(ask: Ask, now: datetime) -> bool:
    """Whether silence has become no."""
    return ask.expires_at is not None and now >= ask.expires_at


def is_to_be_followed_up(introduction: Introduction, now: datetime) -> bool:
    """Whether it is time to ask the two whether they met, once."""
    sent = introduction.sent_at
    return sent is not None and introduction.followed_up_at is None and now >= sent + FOLLOW_UP_AFTER


def is_due(journey: Journey, now: datetime) -> bool:
    """Whether anything is to be done about a journey by now."""
    request, ask, introduction = journey.request, journey.open_ask, journey.introduction
    if request.is_open_to_requester and now >= request.answer_at:
        return True
    if request.state is RequestState.ASKING:
        return ask is None or has_expired(ask, now) or is_to_be_reminded(ask, now)
    if introduction is None:
        return False
    if request.state is RequestState.INTRODUCED:
        return is_to_be_followed_up(introduction, now)
    asked_at = introduction.followed_up_at
    return request.state is RequestState.FOLLOWED_UP and asked_at is not None and now >= asked_at + FINISHED_AFTER


def _recent(asked: Asked, now: datetime) -> bool:
    return asked.at > now - SAME_PAIR_AFTER


def _words(name: str) -> tuple[str, ...]:
    # The same letters may be written in several ways.
    words = _WORD.findall(normalize("NFKC", name).casefold())
    return tuple(word for word in words if word not in _LEFT_OUT)


def _within(few: tuple[str, ...], many: tuple[str, ...]) -> bool:
    return any(many[at : at + len(few)] == few for at in range(len(many) - len(few) + 1))
