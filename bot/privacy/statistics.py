"""What became of requests for introductions, in numbers that give nobody away: pure.

Three things keep what is small from being had from what is told. Nothing under five is said. What is said is rounded
down to fives, so that parts and wholes cannot be taken from each other to the last one. And everything is counted to
the end of a whole month, outcomes as well as requests, so that asking before and after something happened tells
nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from statistics import median

from digests.calendar import LONDON

FEWEST = 5
"""The smallest number that is said, and the step between numbers that are."""
MOST_TOPICS = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request, in moments (UTC) and topics alone.

    ``asked_at`` has one moment for each person who was asked. ``introduced_at`` and ``met_at`` are None where it did
    not come to that (yet).
    """

    created_at: datetime
    topics: tuple[str, ...] = ()
    asked_at: tuple[datetime, ...] = ()
    accepted_at: datetime | None = None
    introduced_at: datetime | None = None
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is at least ``at_least`` and less than five more. None: fewer than five, and perhaps none."""

    at_least: int | None

    @classmethod
    def of(cls, number: int) -> Figure:
        """The figure that stands for a number."""
        return cls(number - number % FEWEST if number >= FEWEST else None)

    @property
    def words(self) -> str:
        """As it is said."""
        return f"fewer than {FEWEST}" if self.at_least is None else f"{self.at_least:,} or more"


@dataclass(frozen=True, slots=True)
class OfTopic:
    """What became of the requests on one topic, of which there are at least five."""

    topic_id: str
    requests: Figure
    accepted: Figure


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything before ``before``, the first day of a month in London.

    ``median_days`` is from asking to introduction, where there were five at least.
    """

    before: date
    requests: Figure
    asked: Figure
    accepted: Figure
    met: Figure
    median_days: int | None
    topics: tuple[OfTopic, ...]


def count(outcomes: Iterable[Outcome], now: datetime) -> Statistics:
    """The numbers as they may be told now."""
    first = now.astimezone(LONDON).date().replace(day=1)
    cut = datetime.combine(first, time(), LONDON)

    def happened(moment: datetime | None) -> bool:
        return moment is not None and moment < cut

    known = [each for each in outcomes if happened(each.created_at)]
    accepted = [each for each in known if happened(each.accepted_at)]
    return Statistics(
        first,
        Figure.of(len(known)),
        Figure.of(sum(happened(moment) for each in known for moment in each.asked_at)),
        Figure.of(len(accepted)),
        Figure.of(sum(happened(each.met_at) for each in known)),
        _median_days([each for each in known if happened(each.introduced_at)]),
        _by_topic(known, accepted),
    )


def _median_days(introduced: Sequence[Outcome]) -> int | None:
    if len(introduced) < FEWEST:
        return None
    days = [
        (each.introduced_at - each.created_at).total_seconds() / 86_400 for each in introduced if each.introduced_at
    ]
    return round(median(days))


def _by_topic(known: Sequence[Outcome], accepted: Sequence[Outcome]) -> tuple[OfTopic, ...]:
    asked_for = Counter(topic for each in known for topic in set(each.topics))
    found = Counter(topic for each in accepted for topic in set(each.topics))
    told = [
        OfTopic(topic, figure, Figure.of(found[topic]))
        for topic, number in asked_for.items()
        if (figure := Figure.of(number)).at_least is not None
    ]
    # By what is said of them and not by what is known, so that the order gives nothing away either.
    told.sort(key=lambda each: (-(each.requests.at_least or 0), -(each.accepted.at_least or 0), each.topic_id))
    return tuple(told[:MOST_TOPICS])
