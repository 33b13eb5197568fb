"""How a source is polled: at which address, how often, and what editors are told when it is in trouble."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Any

from digests.calendar import london_day, say_day, say_when
from digests.model import FetchResult, Outcome, Source, SourceState, Trouble

SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(hours=24)
USUAL = timedelta(hours=1)
"""How long after a good fetch a source is due again when nothing is known of its rhythm."""
READS_PER_ENTRY = 4
"""How often we look in the time in which a source usually brings something."""
JITTER = 0.1
"""A wait is lengthened by up to this share, so that sources read together do not stay together."""
FIRST_BACK_OFF = timedelta(minutes=15)

REDIRECTS_IN_A_ROW = 20
REDIRECTED_FOR = timedelta(days=7)

FAILING_FOR = timedelta(hours=48)
SILENT_FOR = timedelta(days=45)
"""The shortest silence that is worth a word: Parliament's summer recess is nearly as long."""
SILENT_RHYTHMS = 8

# Entries published together are one beat of the rhythm.
_BURST = timedelta(hours=1)
_LAST_WORDS = {Outcome.ENDED: Trouble.ENDED, Outcome.GONE: Trouble.GONE}


@dataclass(frozen=True, slots=True)
class Notice:
    """What editors should hear of a source, in whole sentences. A ``trouble`` of none means that it is over."""

    source_id: str
    trouble: Trouble
    sentence: str


def address_of(source: Source, state: SourceState) -> str:
    """Where a source is read: the address it has moved to for good, or else the catalogue's.

    A stored move counts only for the address it was seen at: a corrected catalogue is obeyed at once.
    """
    return state.address if state.address and state.moved_from == source.url else source.url


def is_due(source: Source, state: SourceState, now: datetime, *, force: bool = False) -> bool:
    """Whether to read a source now. ``force`` does not wait for the time, but never wakes what is off.

    A source that was muted, or is waiting, under another address than today's is due: somebody has corrected it.
    """
    if not source.enabled or state.paused:
        return False
    if state.url and state.url != address_of(source, state):
        return True
    if state.muted:
        return False
    return force or state.next_due_at is None or state.next_due_at <= now


def interval(
    source_id: str, now: datetime, *, fresh_seconds: float | None = None, rhythm_seconds: float | None = None
) -> timedelta:
    """How long to wait after a good fetch: from a quarter of an hour to a day.

    As long as the publisher calls the answer fresh, and no oftener than the source's own rhythm suggests.
    """
    suggested = USUAL if rhythm_seconds is None else _seconds(rhythm_seconds) / READS_PER_ENTRY
    # What only the rhythm suggests leaves room for the jitter: slow sources must not all come at one moment.
    wait = max(min(suggested, LONGEST / (1 + JITTER)), _seconds(fresh_seconds or 0.0), SHORTEST)
    return _jittered(source_id, now, wait)


def back_off(source_id: str, now: datetime, *, failures: int, retry_after_seconds: float | None = None) -> timedelta:
    """How long to wait after this many failures in a row: a quarter of an hour, then twice as long each time.

    A publisher's Retry-After may lengthen the wait. Nothing lengthens it beyond a day.
    """
    doublings = min(max(failures, 1) - 1, 10)
    return _jittered(source_id, now, max(FIRST_BACK_OFF * (1 << doublings), _seconds(retry_after_seconds or 0.0)))


def rhythm(moments: Collection[datetime]) -> float | None:
    """The usual gap in seconds between a feed's entries; None where fewer than three dates tell it."""
    beats: list[datetime] = []
    for moment in sorted(moments):
        if not beats or moment - beats[-1] >= _BURST:
            beats.append(moment)
    if len(beats) < 3:
        return None
    return median((later - earlier).total_seconds() for earlier, later in pairwise(beats))


def is_same_body(source: Source, state: SourceState, result: FetchResult) -> bool:
    """Whether a server sent once more, in full, what we have read already."""
    return (
        result.outcome is Outcome.READ
        and bool(result.body_hash)
        and result.body_hash == state.body_hash
        and state.url == address_of(source, state)
    )


def follow(
    source: Source,
    state: SourceState,
    result: FetchResult,
    *,
    now: datetime,
    dates: Collection[datetime] = (),
    is_alive: bool = False,
) -> tuple[SourceState, Notice | None]:
    """What to remember of a source after a fetch, and what to tell editors, if anything.

    ``dates`` are the believable dates of the entries. ``is_alive`` says that the fetch brought something which has no
    date of its own to show for it.
    """
    address = address_of(source, state)
    if state.url and state.url != address:
        # What we know belongs to another address.
        state = replace(state, etag="", last_modified="", body_hash="", moved_to="", moved_times=0, moved_since=None)
    outcome = result.outcome
    is_over = outcome in _LAST_WORDS
    fails = not outcome.is_good and outcome is not Outcome.OFFLINE
    failures = state.failures + 1 if fails else 0
    learnt = _learnt(state, result, now, dates, is_alive) if outcome.is_good else {}
    if fails:
        wait = back_off(source.id, now, failures=failures, retry_after_seconds=result.retry_after_seconds)
    else:
        rhythm_seconds = learnt.get("rhythm_seconds", state.rhythm_seconds)
        wait = interval(source.id, now, fresh_seconds=result.fresh_seconds, rhythm_seconds=rhythm_seconds)
    # All in one step: to copy a state takes longer than to work out what is new in it.
    after = replace(
        state,
        url=address,
        last_fetch_at=now,
        next_due_at=None if is_over else now + wait,
        failures=failures,
        failing_since=(state.failing_since or now) if fails else None,
        outcome=outcome,
        reason=result.reason,
        muted=is_over,
        **learnt,
    )
    if outcome.is_good and source.format.is_feed:
        after = _moved(source, after, result, now)
    trouble = _trouble(after, now)
    notice = _notice(source, state, after, trouble, now) if trouble is not state.told or is_over else None
    return after if trouble is after.told else replace(after, told=trouble), notice


def overdue(source: Source, state: SourceState, now: datetime) -> tuple[SourceState, Notice] | None:
    """What to remember and to tell of a source that has come to fail for 48 hours since it was last tried, if so.

    It is tried ever more seldom, or as seldom as its publisher wishes; that it fails must not wait for the next try.
    """
    if not source.enabled or state.paused or state.told is Trouble.FAILING:
        return None
    if _trouble(state, now) is not Trouble.FAILING:
        return None
    return replace(state, told=Trouble.FAILING), _notice(source, state, state, Trouble.FAILING, now)


def standing(source: Source, state: SourceState, now: datetime) -> Notice | None:
    """What to tell those who were not there when it was told: the trouble that a source is in at present, if any.

    A source that is paused or switched off needs no word: people did that themselves.
    """
    if not source.enabled or state.paused or state.told is Trouble.NONE or state.outcome is Outcome.OFFLINE:
        return None
    return _notice(source, state, state, state.told, now)


def _learnt(
    state: SourceState, result: FetchResult, now: datetime, dates: Collection[datetime], is_alive: bool
) -> dict[str, Any]:
    """What a good fetch tells, as fields of a state."""
    was_read = result.outcome is Outcome.READ
    is_whole = was_read or (result.status is not None and 200 <= result.status < 300)
    past = [moment for moment in dates if moment <= now]
    signs = [*past, *([now] if is_alive else ()), *([state.newest_entry_at] if state.newest_entry_at else ())]
    return {
        "last_good_at": now,
        # An answer that nothing has changed may leave out what it would only repeat; one that came with a body may not.
        "etag": result.etag if is_whole else result.etag or state.etag,
        "last_modified": result.last_modified if is_whole else result.last_modified or state.last_modified,
        "body_hash": result.body_hash if was_read else state.body_hash,
        "first_read_at": state.first_read_at or (now if was_read else None),
        "newest_entry_at": max(signs, default=None),
        "rhythm_seconds": rhythm(past) or state.rhythm_seconds,
    }


def _moved(source: Source, state: SourceState, result: FetchResult, now: datetime) -> SourceState:
    """Count permanent redirects to one target, and store the target once it has been so for long enough."""
    if not result.moved_to:
        if not state.moved_to and not state.moved_times and state.moved_since is None:
            return state
        return replace(state, moved_to="", moved_times=0, moved_since=None)
    if result.moved_to != state.moved_to or state.moved_since is None:
        return replace(state, moved_to=result.moved_to, moved_times=1, moved_since=now)
    times = state.moved_times + 1
    if times < REDIRECTS_IN_A_ROW or now - state.moved_since < REDIRECTED_FOR:
        return replace(state, moved_times=times)
    return replace(
        state,
        address=result.moved_to,
        moved_from=source.url,
        # The validators came from there all the time.
        url=result.moved_to,
        moved_to="",
        moved_times=0,
        moved_since=None,
    )


def _jittered(source_id: str, now: datetime, wait: timedelta) -> timedelta:
    """The wait, lengthened by a share that only the source and the day decide, and cut at the longest."""
    return min(wait * (1 + JITTER * _share(source_id, now.date())), LONGEST)


@lru_cache(maxsize=2_000)
def _share(source_id: str, day: date) -> float:
    digest = hashlib.sha256(f"{source_id} {day}".encode()).digest()
    return float(int.from_bytes(digest[:4], "big") / 2**32)


def _seconds(number: float) -> timedelta:
    """A span from somebody else's number, which may be absurd."""
    return timedelta(seconds=min(max(number, 0.0), 10 * LONGEST.total_seconds()))


def _trouble(state: SourceState, now: datetime) -> Trouble:
    """What editors should know of by now."""
    if state.outcome in _LAST_WORDS:
        return _LAST_WORDS[state.outcome]
    if state.outcome is Outcome.OFFLINE:
        return state.told
    if state.failing_since is not None:
        return Trouble.FAILING if now - state.failing_since >= FAILING_FOR else state.told
    # A source is not silent before we have listened for as long: what was old when it was added is no news.
    heard = max(filter(None, (state.newest_entry_at, state.first_read_at)), default=now)
    patience = max(SILENT_FOR, SILENT_RHYTHMS * timedelta(seconds=state.rhythm_seconds or 0.0))
    return Trouble.SILENT if now - heard > patience else Trouble.NONE


def _notice(source: Source, before: SourceState, after: SourceState, trouble: Trouble, now: datetime) -> Notice:
    name = f"The source “{source.name}” ({source.id})"
    kept = "Everything that was read from it is kept."
    new_address = "If it has a new address, change it in the catalogue or add it with “/convenor sources add”"
    resume = f"to try the old one again, type “/convenor sources resume {source.id}”."
    pause = f"to stop reading this one, type “/convenor sources pause {source.id}”."
    match trouble:
        case Trouble.GONE:
            sentence = (
                f"{name} is gone: its publisher says that it will not come back (410). Convenor no longer reads it. "
                f"{kept} {new_address}; {resume}"
            )
        case Trouble.ENDED:
            sentence = (
                f"{name} has ended: its publisher says so in the feed itself. Convenor no longer reads it. "
                f"{kept} {new_address}; {resume}"
            )
        case Trouble.FAILING:
            sentence = (
                f"{name} has failed at every try since {say_when(after.failing_since or now)}. "
                f"The latest reason: {after.reason} {kept} Convenor tries again at least once a day. "
                f"{new_address}; {pause}"
            )
        case Trouble.SILENT:
            sentence = (
                f"{name} {_readable(after)}, but {_silence(after)}. It may have moved, or have been given up. {kept} "
                f"Please look at its publisher's site. {new_address}; {pause}"
            )
        case Trouble.NONE:
            sentence = f"{name} {_recovery(before, now)} Nothing needs to be done."
    return Notice(source.id, trouble, sentence)


def _readable(state: SourceState) -> str:
    if state.failing_since is None or state.last_good_at is None:
        return "can be read"
    return f"could be read until {say_when(state.last_good_at)}"


def _silence(state: SourceState) -> str:
    if state.newest_entry_at is None:
        return "it has not had a single entry yet"
    newest = f"its newest entry is from {say_day(london_day(state.newest_entry_at))}"
    if state.rhythm_seconds is None:
        return newest
    days = round(state.rhythm_seconds / 86_400)
    return f"{newest}; before that, one came " + ("every day or oftener" if days <= 1 else f"about every {days} days")


def _recovery(before: SourceState, now: datetime) -> str:
    if before.told is Trouble.SILENT:
        return f"is no longer silent: something new was found in it on {say_when(now)}."
    answered = f"can be read again: it answered on {say_when(now)}."
    return f"{answered} It had failed since {say_when(before.failing_since)}." if before.failing_since else answered
