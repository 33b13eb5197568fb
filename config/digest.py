"""Reads digest.yaml: when the digest is due, its sections, and how items are weighed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from config.holidays import Region, holiday_namer
from config.overlay import How
from config.yaml_file import Layers, StrictModel, load, told
from digests import plan as plans
from digests.calendar import LONDON
from digests.model import Group, Kind, Quiet
from digests.plan import (
    ApprovalPolicy,
    DigestPlan,
    HolidayRule,
    Posting,
    Recess,
    RecessRule,
    ReminderPlan,
    Schedule,
    SectionPlan,
)

PATH = Path(__file__).with_name("digest.yaml")

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Longer than any summer; a year typed wrongly is longer still.
LONGEST_RECESS = timedelta(days=120)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

Points = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Penalty = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


def _clock_time(value: object) -> time:
    # YAML reads an unquoted 10:30 as the number 630.
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise PydanticCustomError("time", 'write the time as hours and minutes in quotes, such as "09:00"')
    return time.fromisoformat(value)


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class _Moment(StrictModel):
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    at: ClockTime


class _Recess(StrictModel):
    first: date
    last: date
    label: str = Field(min_length=1, max_length=100)


class _Schedule(_Moment):
    post: _Moment | None = None
    bank_holidays: Region = Region.ENGLAND_AND_WALES
    on_holiday: HolidayRule = HolidayRule.EARLIER
    in_recess: RecessRule = RecessRule.WEEKLY
    recess: tuple[_Recess, ...] = Field(default=(), max_length=60)


class _Section(StrictModel):
    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    title: str = Field(min_length=1, max_length=100)
    kinds: frozenset[Kind] = frozenset()
    groups: frozenset[Group] = frozenset()
    cap: int = Field(ge=1, le=200)
    dated: bool = False
    closes: bool = False


class _Weights(StrictModel):
    title_match: Points
    summary_match: Points
    further_topic: Points
    kinds: dict[Kind, Points]
    deadline: Points
    deadline_days: int = Field(ge=0, le=365)
    source: Points
    other_publisher: Points
    follower: Points = 0.1
    freshness: Points
    half_life_days: float = Field(gt=0, le=365)
    same_source: Penalty
    same_topic: Penalty
    near: Points = 3.0


class _Approval(StrictModel):
    unedited_approvals: int = Field(ge=1, le=5)
    one_editor: bool
    cooling_off_minutes: int = Field(default=20, ge=0, le=24 * 60)


class _Reminders(StrictModel):
    first_after_hours: float = Field(default=4, ge=0, le=24 * 14)
    escalate_after_hours: float = Field(default=24, ge=0, le=24 * 14)
    quiet_from: ClockTime = time(20)
    quiet_until: ClockTime = time(8)
    working_days: bool = True


class _Digest(StrictModel):
    title: str = Field(min_length=1, max_length=100)
    first_number: int = Field(ge=1)
    intro: str = Field(default="", max_length=3000)
    outro: str = Field(default="", max_length=3000)
    schedule: _Schedule
    shortlist: int = Field(ge=1, le=200)
    maybe: int = Field(ge=0, le=200)
    near: int = Field(default=0, ge=0, le=200)
    most_of_kind: dict[Kind, Annotated[int, Field(ge=0, le=200)]] = Field(default_factory=dict)
    sections: tuple[_Section, ...] = Field(min_length=1, max_length=30)
    weights: _Weights
    approval: _Approval
    reminders: _Reminders = _Reminders()

    @field_validator("intro", "outro")
    @classmethod
    def _known_placeholders(cls, words: str) -> str:
        unknown = {name for name in _PLACEHOLDER.findall(words) if name not in plans.PLACEHOLDERS}
        if unknown:
            sentence = f"only {{title}} and {{number}} are filled in, not {{{min(unknown)}}}"
            raise PydanticCustomError("placeholder", "{sentence}", {"sentence": sentence})
        return words


HOW = How(ids={"sections": "id"})


def load_plan(path: Path | None = None, over: Path | None = None) -> DigestPlan:
    """The plan of the digest, from ``path`` or the file beside this module, with what another file changes of it.

    Raises :class:`ConfigError` with one ``file:line: what`` sentence for each mistake.
    """
    layers = Layers(path or PATH, over, HOW)
    file = load(layers, _Digest)
    problems = list(_problems(file))
    if problems:
        raise told(layers, problems)
    return DigestPlan(
        title=file.title,
        first_number=file.first_number,
        schedule=_schedule(file.schedule),
        sections=tuple(SectionPlan(**section.model_dump()) for section in file.sections),
        weights=plans.Weights(**file.weights.model_dump()),
        shortlist=file.shortlist,
        maybe=file.maybe,
        near=file.near,
        approval=ApprovalPolicy(
            file.approval.unedited_approvals,
            file.approval.one_editor,
            timedelta(minutes=file.approval.cooling_off_minutes),
        ),
        most_of_kind=file.most_of_kind,
        intro=file.intro.strip(),
        outro=file.outro.strip(),
        reminders=_reminders(file.reminders),
    )


def _schedule(file: _Schedule) -> Schedule:
    posting = Posting(_WEEKDAYS.index(file.post.weekday), file.post.at) if file.post else None
    return Schedule(
        _WEEKDAYS.index(file.weekday),
        file.at,
        LONDON,
        posting,
        holiday_namer(file.bank_holidays),
        file.on_holiday,
        tuple(Recess(each.first, each.last, each.label) for each in file.recess),
        file.in_recess,
    )


def _reminders(file: _Reminders) -> ReminderPlan:
    first, escalate = (
        timedelta(hours=hours) if hours else None for hours in (file.first_after_hours, file.escalate_after_hours)
    )
    quiet = Quiet(file.quiet_from, file.quiet_until) if file.quiet_from != file.quiet_until else None
    return ReminderPlan(first, escalate, quiet, file.working_days)


def _problems(file: _Digest) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong although every value is right by itself, with where it stands."""
    first, escalate = file.reminders.first_after_hours, file.reminders.escalate_after_hours
    if escalate and first > escalate:
        yield ("reminders", "escalate_after_hours"), "this would come before the first reminder; make it later, or 0"
    for index, recess in enumerate(file.schedule.recess):
        where = ("schedule", "recess", index, "last")
        if recess.last < recess.first:
            yield where, f"this recess ends on {recess.last}, before it begins"
        elif recess.last - recess.first > LONGEST_RECESS:
            yield where, f"this recess lasts more than {LONGEST_RECESS.days} days; this cannot be right"
    ids: set[str] = set()
    # Kinds and groups share some names, so what is taken is kept apart.
    taken: dict[str, dict[str, str]] = {"kinds": {}, "groups": {}}
    dated: dict[bool, str] = {}
    if file.near > file.maybe:
        yield ("near",), f"of {file.maybe} maybes, no {file.near} can be kept for what is near the field"
    for index, section in enumerate(file.sections):
        if section.id in ids:
            yield ("sections", index, "id"), f"the section id “{section.id}” stands here a second time"
        ids.add(section.id)
        if not section.dated and not section.kinds and not section.groups:
            yield ("sections", index), f"the section “{section.id}” names no kinds and no groups, so it stays empty"
        if section.dated:
            if section.closes in dated:
                days = "closing dates" if section.closes else "days ahead"
                told = f"the section “{dated[section.closes]}” is dated already, and one takes {days}"
                yield ("sections", index, "dated"), told
            if section.groups:
                yield ("sections", index, "groups"), "a dated section takes days, not groups; name these elsewhere"
            dated[section.closes] = section.id
            continue
        if section.closes:
            yield ("sections", index, "closes"), "only a dated section can take closing dates"
        named: dict[str, frozenset[Kind] | frozenset[Group]] = {"kinds": section.kinds, "groups": section.groups}
        for field, names in named.items():
            for name in sorted(names):
                if name in taken[field]:
                    yield ("sections", index, field), f"“{name}” goes to the section “{taken[field][name]}” already"
                taken[field].setdefault(name, section.id)
    homeless = [group.value for group in Group if group.value not in taken["groups"]]
    if homeless:
        yield ("sections",), f"no section takes these groups: {', '.join(homeless)}"
