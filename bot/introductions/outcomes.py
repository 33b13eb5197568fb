"""What became of a request, in moments and topics alone: what is counted, and all that stays of an old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.introductions.model import Journey, Met, RequestState
from bot.privacy.statistics import Outcome


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is kept of an introduction when its words and names go. Moments are UTC."""

    agreed_at: datetime | None = None
    sent_at: datetime | None = None
    met: bool = False


def numbers_of(journey: Journey) -> Numbers:
    """What can be counted of the introduction that a journey came to, if it came to one."""
    made = journey.introduction
    if made is None:
        return Numbers()
    return Numbers(made.agreed_at, made.sent_at, Met.YES in (made.requester_met, made.candidate_met))


def outcome_of(journey: Journey, numbers: Numbers) -> Outcome:
    """What became of a request. Whether two met counts from when the journey is over, as until then it may change."""
    request = journey.request
    over = request.closed_at if request.state is RequestState.FINISHED else None
    return Outcome(
        request.created_at,
        request.topics,
        tuple(ask.asked_at for ask in journey.asks if ask.asked_at is not None),
        numbers.agreed_at,
        numbers.sent_at,
        over if numbers.met else None,
    )
