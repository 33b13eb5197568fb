"""Who hears of which item, when, and why: pure functions of what members follow, what was received, and now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from digests.calendar import LONDON
from digests.model import Cadence, Follow, Listener, Quiet, TaggedItem, Topic, Window
from digests.search import terms, terms_of

DAILY_AT = time(8)
"""When the daily and the weekly alerts are due, by the wall clock of London."""
WEEKLY_ON = 0
"""Monday, as ``date.weekday`` counts."""
QUIET_BY_DEFAULT = Quiet(time(20), time(8))
# Two passes may store at once: by then, what was received before this has been committed.
SETTLED_AFTER = timedelta(minutes=1)
# What nobody wants to hear of need not be looked at again for ever.
LOOKED_BACK_AT_MOST = timedelta(hours=1)

_SOONEST_FIRST = tuple(Cadence)


@dataclass(frozen=True, slots=True)
class Match:
    """An item that a member follows: by which of their follows, and why, in words."""

    tagged: TaggedItem
    follows: tuple[Follow, ...]
    why: tuple[str, ...]


def due(listener: Listener, cadence: Cadence, now: datetime) -> Window | None:
    """The window of receipt times that the listener should be told of now. None where it is not time."""
    told_until = listener.told_until.get(cadence)
    if told_until is None or is_quiet(listener.quiet, now):
        return None
    end = _due_until(cadence, now)
    return Window(told_until, end) if told_until < end else None


def is_quiet(quiet: Quiet | None, now: datetime) -> bool:
    """Whether this moment lies in somebody's quiet hours."""
    if quiet is None:
        return False
    clock = now.astimezone(LONDON).time()
    if quiet.start <= quiet.end:
        return quiet.start <= clock < quiet.end
    return clock >= quiet.start or clock < quiet.end


def matches(
    follows: Sequence[Follow],
    received: Iterable[TaggedItem],
    cadences: Mapping[Cadence, Window],
    topics: Mapping[str, Topic],
) -> tuple[Match, ...]:
    """What a member with these follows is to hear, newest first, of what was ``received``.

    ``cadences`` are those that are due, each with its window. An item that several follows fit is told once: by the
    soonest of their cadences.
    """
    found: list[Match] = []
    for tagged in received:
        told = [(follow, why) for follow in follows if (why := why_followed(follow, tagged, topics))]
        if not told:
            continue
        soonest = min((follow.cadence for follow, _ in told), key=_SOONEST_FIRST.index)
        window = cadences.get(soonest)
        if window is not None and tagged.item.received_at in window:
            found.append(Match(tagged, tuple(follow for follow, _ in told), tuple(why for _, why in told)))
    found.sort(key=lambda match: (match.tagged.item.received_at, match.tagged.item.id), reverse=True)
    return tuple(found)


def why_followed(follow: Follow, tagged: TaggedItem, topics: Mapping[str, Topic]) -> str:
    """Why an item is what somebody follows, in words; empty where it is not."""
    item = tagged.item
    if item.background or item.received_at < follow.at:
        return ""
    reasons: list[str] = []
    if follow.topic_id:
        tag = next((tag for tag in tagged.tagging.tags if tag.topic_id == follow.topic_id), None)
        if tag is None:
            return ""
        topic = topics.get(follow.topic_id)
        reasons.append(f"{topic.name if topic else follow.topic_id}: {tag.because}")
    if follow.words or follow.without:
        has = set(terms_of(item.title, item.summary, item.publisher))
        if not has.issuperset(terms(follow.words)) or not has.isdisjoint(terms(follow.without)):
            return ""
        if follow.words:
            reasons.append(f"it has “{follow.words}”")
    return ", and ".join(reasons)


def in_words(follow: Follow, topics: Mapping[str, Topic]) -> str:
    """What somebody follows: ``Health data with “opt-out”, without “dental”``."""
    topic = topics.get(follow.topic_id)
    said = topic.name if topic else follow.topic_id or "anything"
    if follow.words:
        said += f" with “{follow.words}”"
    if follow.without:
        said += f"{',' if follow.words else ''} without “{follow.without}”"
    return said


def _due_until(cadence: Cadence, now: datetime) -> datetime:
    if cadence is Cadence.NOW:
        return now - SETTLED_AFTER
    local = now.astimezone(LONDON)
    day = local.date()
    if local.time() < DAILY_AT:
        day -= timedelta(days=1)
    if cadence is Cadence.WEEKLY:
        day -= timedelta(days=(day.weekday() - WEEKLY_ON) % 7)
    return datetime.combine(day, DAILY_AT, LONDON).astimezone(now.tzinfo)
