"""What members follow, how soon they hear of it, and when they want to be left alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from digests.model.deliveries import Address


class Cadence(StrEnum):
    """How soon a follower hears of an item."""

    NOW = "now"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Follow:
    """What one member follows: a topic, words, or items of a topic with these words.

    Every one of ``words`` must occur and none of ``without``, whatever their endings. An empty ``topic_id`` is any
    topic. Items received before ``at`` (UTC) are never told.
    """

    member_id: str
    topic_id: str
    words: str
    without: str
    cadence: Cadence
    at: datetime

    @property
    def id(self) -> str:
        """What tells it from others: a member follows the same thing once."""
        told = "\0".join((self.member_id, self.topic_id, self.words.casefold(), self.without.casefold()))
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nobody is disturbed: ``start <= time < end`` by the clock of London, over midnight or not."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Listener:
    """A member who follows something: where they are told, and until which receipt time they were, by cadence."""

    member_id: str
    address: Address
    quiet: Quiet | None
    told_until: Mapping[Cadence, datetime] = field(default_factory=dict)
