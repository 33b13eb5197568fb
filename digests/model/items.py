"""Documents, what they are about, and why: kinds, topics, tags, stories."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class Group(StrEnum):
    """What sort of publisher a source is; sections of the digest are filled by group."""

    GOVERNMENT = "government"
    PARLIAMENT = "parliament"
    LEGISLATION = "legislation"
    REGULATORS = "regulators"
    DEVOLVED = "devolved"
    INTERNATIONAL = "international"
    CIVIL_SOCIETY = "civil_society"
    RESEARCH = "research"
    PRESS = "press"


class Kind(StrEnum):
    """What sort of document an item is."""

    BILL = "bill"
    STAGE = "stage"
    LEGISLATION = "legislation"
    CONSULTATION = "consultation"
    CALL_FOR_EVIDENCE = "call for evidence"
    CONSULTATION_OUTCOME = "consultation outcome"
    WRITTEN_QUESTION = "written question"
    WRITTEN_STATEMENT = "written statement"
    ORAL_STATEMENT = "oral statement"
    DEBATE = "debate"
    COMMITTEE_REPORT = "committee report"
    COMMITTEE_PUBLICATION = "committee publication"
    EVIDENCE_SESSION = "evidence session"
    PETITION = "petition"
    GUIDANCE = "guidance"
    POLICY_PAPER = "policy paper"
    STATISTICS = "statistics"
    TRANSPARENCY_RECORD = "transparency record"
    TRANSPARENCY = "transparency"
    RESEARCH = "research"
    NEWS = "news"
    SPEECH = "speech"
    BLOG = "blog"
    DECISION = "decision"
    EVENT = "event"
    JOB = "job"
    OTHER = "other"

    @property
    def in_words(self) -> str:
        """The kind as a sentence names one document of it: ``a consultation``, ``guidance``."""
        return _KINDS_IN_WORDS.get(self, f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}")


# Those that take no article, and those whose name says too little.
_KINDS_IN_WORDS = {
    Kind.STAGE: "a stage of a bill",
    Kind.LEGISLATION: "legislation",
    Kind.GUIDANCE: "guidance",
    Kind.STATISTICS: "statistics",
    Kind.TRANSPARENCY: "transparency data",
    Kind.RESEARCH: "research",
    Kind.NEWS: "news",
    Kind.BLOG: "a blog post",
    Kind.DECISION: "a decision of a court or regulator",
    Kind.JOB: "a job advertisement",
    Kind.OTHER: "of no particular kind",
}


ASKING = (Kind.CONSULTATION, Kind.CALL_FOR_EVIDENCE)
"""What asks for answers, and may come to an outcome at the same address."""


@dataclass(frozen=True, slots=True)
class Item:
    """One document, known by its canonical URL. ``revision`` counts from 1.

    ``received_at`` is when we first saw it (a bill in its present stage, a consultation that came to its outcome as
    that) and decides its edition. ``background``
    items were already there when their source was first read: kept for search, never drafted. ``kind_because`` says
    how its kind is known, to be read after "because"; ``told_kind`` and ``told_because`` are what its source or GOV.UK
    said it is, where either did, though its title may have said better. ``deadline`` is the last day to respond and
    ``happens_on`` the day of a sitting or event, both as London dates, each with its time of day on London's clocks
    where that is known; ``date_words`` are the words they came from.
    """

    id: str
    url: str
    title: str
    summary: str
    publisher: str
    source_id: str
    group: Group
    kind: Kind
    received_at: datetime
    published_at: datetime | None = None
    updated_at: datetime | None = None
    stage: str = ""
    kind_because: str = ""
    deadline: date | None = None
    deadline_time: time | None = None
    happens_on: date | None = None
    happens_at: time | None = None
    date_words: str = ""
    background: bool = False
    revision: int = 1
    told_kind: Kind | None = None
    told_because: str = ""


def kind_told(kind: Kind, because: str) -> str:
    """A kind with its reason: ``a consultation, because its title begins “Consultation:”``."""
    return f"{kind.in_words}, because {because}" if because else kind.in_words


def item_id(canonical_url: str) -> str:
    """The item's id: the first 16 hexadecimal digits of the SHA-256 of its canonical URL."""
    return hashlib.sha256(canonical_url.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Change:
    """What an update of an item changed: field name, old value, new value."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ItemRevision:
    """An update of an item we know: the item as it now is, and what changed."""

    item: Item
    changes: tuple[Change, ...]
    seen_at: datetime


class FieldName(StrEnum):
    """Where in an item a phrase was found."""

    TITLE = "title"
    SUMMARY = "summary"
    PUBLISHER = "publisher"
    URL = "url"
    EDITOR = "editor"  # nowhere: an editor said so


@dataclass(frozen=True, slots=True)
class Tag:
    """An item's link to a topic, with its reason: the words found, where, and the rule that looked for them."""

    topic_id: str
    phrase: str
    field: FieldName
    rule: str

    @property
    def because(self) -> str:
        """The reason in words, for an editor."""
        if self.field is FieldName.EDITOR:
            return "an editor says so"
        return f"“{self.phrase}” in the {self.field.value} (rule: {self.rule})"


@dataclass(frozen=True, slots=True)
class Sign:
    """A reason why an item that is not relevant is near the field: what it is about, and the words that say so."""

    because: str
    phrase: str
    field: FieldName
    points: float

    @property
    def in_words(self) -> str:
        """The reason as editors read it: ``who leads government (“permanent secretary” in the title)``."""
        return f"{self.because} (“{self.phrase}” in the {self.field.value})"


@dataclass(frozen=True, slots=True)
class Tagging:
    """What the rules say of one item. ``gate`` is the reason it is, or is not, relevant."""

    relevant: bool
    gate: str
    tags: tuple[Tag, ...] = ()
    rules_version: str = ""

    @property
    def topic_ids(self) -> tuple[str, ...]:
        """The topics, each once, in the order of the taxonomy."""
        return tuple(dict.fromkeys(tag.topic_id for tag in self.tags))


UNTAGGED = Tagging(False, "It has not been looked at yet.")
"""What stands in a tagging's place before the rules have seen the item: it is of no version of them."""


@dataclass(frozen=True, slots=True)
class TaggedItem:
    """An item with what the rules say of it."""

    item: Item
    tagging: Tagging


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject of the taxonomy, in words that a researcher in an MP's office would understand."""

    id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Story:
    """Items from several publishers that are about one thing. The lead speaks for it; nothing is deleted."""

    lead: TaggedItem
    others: tuple[TaggedItem, ...] = ()


class Verdict(StrEnum):
    """What an editor says of an item's tag, or of its relevance."""

    RIGHT = "right"  # this tag belongs there
    WRONG = "wrong"  # this tag does not
    MISSING = "missing"  # this topic belongs there, and no rule gave it
    RELEVANT = "relevant"
    NOT_RELEVANT = "not relevant"

    @property
    def is_of_topic(self) -> bool:
        """Whether it speaks of one topic, and not of the item as a whole."""
        return self in (Verdict.RIGHT, Verdict.WRONG, Verdict.MISSING)


@dataclass(frozen=True, slots=True)
class Correction:
    """One editor's word on what the rules said of an item: an event, never changed.

    ``rule`` and ``rules_version`` are those that had tagged the item then; ``topic_id`` and ``rule`` are empty where
    the verdict is on its relevance.
    """

    item_id: str
    member_id: str
    at: datetime
    verdict: Verdict
    topic_id: str = ""
    rule: str = ""
    rules_version: str = ""
