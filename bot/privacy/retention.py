"""How long what is kept, and what is due to go by now: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

UNDO_DAYS = 14
"""How long somebody who asked to be erased can take it back."""
COMPLAINT_DAYS = 30
"""Until when a complaint is answered. The law (Data Protection Act 2018, section 164A) asks for its receipt to be
acknowledged within so many days, which Convenor does at once."""
REMINDED_ON_DAYS = (7, 21, 28)
"""On which days of its age coordinators are reminded of a complaint that nobody has answered."""


class Swept(StrEnum):
    """What is deleted after a time."""

    FORMS = "forms that were not sent"
    EVENTS = "marks of events received"
    CONVERSATIONS = "conversations in Teams that are over"
    PRESENCES = "who had a form open"
    PRIVATE_LINES = "private lines of the browser chat"
    MESSAGE_TEXTS = "texts of messages sent"
    MESSAGES = "messages to persons"
    SUGGESTIONS = "suggestions settled"
    COMPLAINTS = "complaints answered"
    REQUESTS = "words of requests closed"
    REQUEST_ROWS = "requests closed"
    CONSENTS = "consents recorded"
    AUDIT = "lines of the audit log"


@dataclass(frozen=True, slots=True)
class Rule:
    """How long one sort of thing is kept, from which moment on, and why. ``counted``: its number is kept."""

    keep: timedelta
    since: str
    why: str
    counted: bool = False

    @property
    def words(self) -> str:
        """The time, in words that end a sentence about it."""
        days = self.keep.days
        if days % 365 == 0:
            return f"{days // 365} year{'s' if days > 365 else ''} after {self.since}"
        return f"{days} day{'s' if days > 1 else ''} after {self.since}"


def _days(days: int) -> timedelta:
    return timedelta(days=days)


RULES: Mapping[Swept, Rule] = {
    Swept.FORMS: Rule(_days(30), "it was typed", "so that nothing that was typed is lost to a mistake or a restart"),
    Swept.EVENTS: Rule(_days(7), "it came", "so that an event that a chat sends twice is answered once"),
    Swept.CONVERSATIONS: Rule(
        _days(90), "Convenor was removed there", "so that nothing is sent to where it was taken away"
    ),
    Swept.PRESENCES: Rule(_days(1), "it was noted", "so that editors see who else is editing"),
    Swept.PRIVATE_LINES: Rule(_days(90), "it was written", "so that one can read on where one was"),
    Swept.MESSAGE_TEXTS: Rule(
        _days(90), "it was sent", "so that a message can be sent again, or brought up to date in its place"
    ),
    Swept.MESSAGES: Rule(_days(730), "it was made", "so that nothing is sent to anybody twice", counted=True),
    Swept.SUGGESTIONS: Rule(
        _days(365), "it was settled", "so that whoever suggested it hears what became of it", counted=True
    ),
    Swept.COMPLAINTS: Rule(
        _days(730), "it was answered", "so that we can show that we dealt with it as the law asks", counted=True
    ),
    Swept.REQUESTS: Rule(_days(90), "it was closed", "so that coordinators can follow it up", counted=True),
    Swept.REQUEST_ROWS: Rule(
        _days(730),
        "it was closed (its dates and outcome alone)",
        "so that the same two are not asked again too soon, and outcomes can be counted",
    ),
    Swept.CONSENTS: Rule(
        _days(730),
        "it was given or withdrawn, and for as long as your profile rests on it",
        "so that we can show what was agreed to, as the law asks",
        counted=True,
    ),
    Swept.AUDIT: Rule(
        _days(730), "it was noted", "so that those who act for the network can answer for it", counted=True
    ),
}


def due(now: datetime) -> dict[Swept, datetime]:
    """What goes by now: of each sort what is older than the moment given, by the moment its rule counts from."""
    return {swept: now - rule.keep for swept, rule in RULES.items()}


def reminder_due(asked_at: datetime, reminded_on: int, now: datetime) -> int:
    """The day of the latest reminder that should have been given by now, or 0 where none is due.

    ``reminded_on`` is the day of the last that was given. After a rest only the latest is given, not each.
    """
    age = (now - asked_at).days
    passed = [day for day in REMINDED_ON_DAYS if reminded_on < day <= age]
    return passed[-1] if passed else 0
