"""What editors should look at before they approve. A warning never blocks anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WarningKind(StrEnum):
    """What may be wrong."""

    SEEN_BEFORE = "seen before"  # it stood in an earlier edition
    DEAD_LINK = "dead link"
    REDIRECTED_LINK = "redirected link"
    TRACKING = "tracking"  # the address carries parameters that follow readers about
    TRUNCATED_TITLE = "truncated title"
    SHOUTING_TITLE = "shouting title"
    DUPLICATE = "duplicate"
    NO_PUBLISHER = "no publisher"
    TOO_LONG = "too long"  # for a channel
    EMPTY_SECTION = "empty section"


@dataclass(frozen=True, slots=True)
class Warning:
    """One thing that may be wrong, in a sentence. ``entry_id`` is empty where it is about the edition as a whole."""

    entry_id: str
    kind: WarningKind
    sentence: str
