"""What the editors of an installation settled: when the digest is due, its sections, and how items are weighed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from digests.model import Group, Kind, Quiet

PLACEHOLDERS = ("title", "number")
"""What may stand in braces in an intro or an outro."""


class HolidayRule(StrEnum):
    """What becomes of an edition whose day is a holiday."""

    EARLIER = "earlier"  # it is drafted (and posted) on the working day before
    LATER = "later"  # ... on the working day after
    MERGE = "merge"  # there is none that week; the next one covers it
    KEEP = "keep"  # it comes on the holiday all the same


class RecessRule(StrEnum):
    """How often an edition is due while Parliament is in recess."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MERGE = "merge"  # not at all; the first edition afterwards covers all of it


@dataclass(frozen=True, slots=True)
class Recess:
    """London days, both included, on which ``label`` (the House of Commons, say) does not sit."""

    first_day: date
    last_day: date
    label: str


@dataclass(frozen=True, slots=True)
class Posting:
    """The earliest moment of posting: the first ``weekday`` (0 is Monday) after the draft, ``at`` this time."""

    weekday: int
    at: time


def no_holiday(day: date) -> str:
    """For a place without holidays."""
    return ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an edition is drafted: every ``weekday`` (0 is Monday) ``at`` this wall-clock time in ``zone``.

    ``posting`` sets the earliest moment at which it is posted; None: as soon as it is approved and has cooled off.
    ``holiday`` names the holiday of a day, or gives no text; ``on_holiday`` says what that does to an edition.
    """

    weekday: int
    at: time
    zone: ZoneInfo
    posting: Posting | None = None
    holiday: Callable[[date], str] = no_holiday
    on_holiday: HolidayRule = HolidayRule.EARLIER
    recesses: tuple[Recess, ...] = ()
    in_recess: RecessRule = RecessRule.WEEKLY


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A part of every edition. An item is at home here if its kind or its group is named.

    ``cap`` is the most entries a draft proposes here. A ``dated`` section lists upcoming days instead: every entry
    with a deadline or a sitting ahead appears in it a second time, and items of its ``kinds`` appear nowhere else.
    Where a dated section ``closes``, it takes the closing dates, and the other one the sittings and events.
    """

    id: str
    title: str
    kinds: frozenset[Kind]
    groups: frozenset[Group]
    cap: int
    dated: bool = False
    closes: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """Points that make up a story's score, and what lowers it when much of the same stands on the draft already."""

    title_match: float = 4.0  # its best topic is named in the title
    summary_match: float = 2.0  # ... or only elsewhere
    further_topic: float = 0.5  # each further topic, three at most
    kinds: Mapping[Kind, float] = field(default_factory=dict)  # a kind that is not named has 0
    deadline: float = 2.0  # a closing date or sitting lies within ``deadline_days`` days
    deadline_days: int = 21
    source: float = 3.0  # times the source's authority, 0 to 1
    follower: float = 0.1  # each member who follows its main topic, ten at most
    other_publisher: float = 0.5  # each further publisher that covers the story, three at most
    freshness: float = 1.0  # when published today; halves every ``half_life_days`` days
    half_life_days: float = 5.0
    same_source: float = 0.8  # taken off for each entry from this source that was chosen before
    same_topic: float = 0.4  # taken off for each entry with this main topic that was chosen before
    near: float = 3.0  # times the points of the signs that an item which is not relevant is near the field


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """How many editors must say yes to a draft nobody edited; ``one_editor`` lets one person do it all.

    ``cooling_off`` is how long after the last yes an edition can still be pulled back before it is posted.
    """

    unedited_approvals: int = 2
    one_editor: bool = False
    cooling_off: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ReminderPlan:
    """How long a draft may lie untouched before its editors are reminded; None: they are not.

    ``first_after`` it is said in their channels, ``escalate_after`` to each of them. Nobody is reminded in the
    ``quiet`` hours, nor, with ``working_days``, on weekends and holidays.
    """

    first_after: timedelta | None = None
    escalate_after: timedelta | None = None
    quiet: Quiet | None = None
    working_days: bool = True


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """The digest as its editors planned it.

    ``shortlist`` and ``maybe`` are the most entries that a draft proposes and offers; so many of the maybes as
    ``near`` says are kept for what is not relevant and near the field. ``most_of_kind`` is the most of one kind that it
    proposes, however few of its entries are taken. ``intro`` and ``outro`` are what a draft begins and ends with;
    ``{title}`` and ``{number}`` ("30th") in them are filled in.
    """

    title: str
    first_number: int
    schedule: Schedule
    sections: tuple[SectionPlan, ...]
    weights: Weights
    shortlist: int
    maybe: int
    approval: ApprovalPolicy
    near: int = 0
    most_of_kind: Mapping[Kind, int] = field(default_factory=dict)
    intro: str = ""
    outro: str = ""
    reminders: ReminderPlan = ReminderPlan()

    def dated_section(self, *, closes: bool) -> SectionPlan | None:
        """The section that lists days to come: closing dates, or else sittings and events. None where none does."""
        dated = [section for section in self.sections if section.dated]
        for section in dated:
            if section.closes and closes:
                return section
        return next((section for section in dated if not section.closes), None)

    def home_of(self, kind: Kind, group: Group) -> SectionPlan:
        """The section of an item: the first that names its kind, else the first that names its group.

        Raises ``ValueError`` where no section does; a plan that was loaded from a file names every group.
        """
        plain = [section for section in self.sections if not section.dated]
        named = [section for section in plain if kind in section.kinds]
        named += [section for section in plain if group in section.groups]
        if not named:
            raise ValueError(f"no section of the digest takes {kind.value} of group {group.value}")
        return named[0]
