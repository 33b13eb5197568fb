"""When an alarm stands: pure functions of facts and what stood before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

NOTHING_READ = timedelta(hours=12)
"""Some publishers ask not to be asked more often than once a day, but never all of them."""
NOT_SENT = timedelta(hours=1)
"""Longer than a message is tried in vain before people decide about it."""
FAILING = timedelta(minutes=30)
LEAST_FREE_BYTES = 500_000_000
LEAST_FREE_SHARE = 0.05
AMPLE = 1.2
"""How much more than the least must be free for the disk to be well again, so that nothing is told to and fro."""
BACKUP_DUE = timedelta(hours=36)
"""Backups are made every night: one may be missed by a few hours."""
BACKUP_GRACE = timedelta(hours=1)
"""What a Convenor that has just started may take to make up for a backup that it missed."""


class What(StrEnum):
    """What may need somebody. ``docs/operating.md`` has a section about each."""

    READING = "reading"
    SENDING = "sending"
    WORK = "work"
    DISK = "disk"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs a person. ``subject`` is a platform or a tick, where there may be several. UTC."""

    what: What
    subject: str
    since: datetime
    over_at: datetime | None = None

    @property
    def key(self) -> tuple[What, str]:
        """What it is about: of one thing there is one alarm at a time."""
        return self.what, self.subject


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of the database."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand at ``now``.

    ``waiting_since`` tells by platform since when the oldest message waits that could be sent; ``failing_since`` by
    tick since when it has failed every time, and ``worked_at`` when it last went well, as far as this process knows:
    None where it has not come to an end here. ``disk`` is None where the database is on another machine.
    ``backups_since`` is since when there should be backups; None where nobody asked for any. ``started_at`` is when
    this process began.
    """

    now: datetime
    last_fetch: datetime | None = None
    last_good: datetime | None = None
    waiting_since: Mapping[str, datetime] = field(default_factory=dict)
    failing_since: Mapping[str, datetime] = field(default_factory=dict)
    worked_at: Mapping[str, datetime | None] = field(default_factory=dict)
    disk: Disk | None = None
    last_backup: datetime | None = None
    backups_since: datetime | None = None
    started_at: datetime | None = None


def found(facts: Facts, standing: Sequence[Alarm] = ()) -> Sequence[Alarm]:
    """Every alarm that stands now. ``standing`` are those that stood before.

    Where this process has not been running for long, what it does not know ends none of them.
    """
    before = {each.key for each in standing}
    alarms = []
    tried, read = facts.last_fetch, facts.last_good
    if tried and read and tried > read and facts.now - read > NOTHING_READ:
        alarms.append(Alarm(What.READING, "", read))
    alarms += [
        Alarm(What.SENDING, platform, since)
        for platform, since in sorted(facts.waiting_since.items())
        if facts.now - since > NOT_SENT
    ]
    alarms += _of_work(facts, standing)
    if facts.disk and facts.disk.free < _least_free(facts.disk, before=(What.DISK, "") in before):
        alarms.append(Alarm(What.DISK, "", facts.now))
    if (since := _no_backup_since(facts, before=(What.BACKUP, "") in before)) is not None:
        alarms.append(Alarm(What.BACKUP, "", since))
    return alarms


def _of_work(facts: Facts, standing: Sequence[Alarm]) -> Sequence[Alarm]:
    failing = [
        Alarm(What.WORK, tick, since)
        for tick, since in sorted(facts.failing_since.items())
        if facts.now - since > FAILING
    ]
    known = {each.subject for each in failing}
    return failing + [
        alarm
        for alarm in standing
        if alarm.what is What.WORK and alarm.subject not in known and _is_unknown(facts, alarm)
    ]


def _is_unknown(facts: Facts, alarm: Alarm) -> bool:
    """Whether a tick that failed has not gone well since, here. One that there is no more has nobody to look at it."""
    if alarm.subject not in facts.worked_at:
        return False
    worked = facts.worked_at[alarm.subject]
    return worked is None or worked < alarm.since


def _no_backup_since(facts: Facts, *, before: bool) -> datetime | None:
    """Since when there is no backup, where that is too long."""
    since = facts.last_backup or facts.backups_since
    if facts.backups_since is None or since is None:
        return None
    if facts.now - since > BACKUP_DUE:
        has_just_begun = facts.started_at is not None and facts.now - facts.started_at <= BACKUP_GRACE
        return since if before or not has_just_begun else None
    return since if before and facts.last_backup is None else None


def _least_free(disk: Disk, *, before: bool) -> float:
    least = min(LEAST_FREE_BYTES, LEAST_FREE_SHARE * disk.total)
    return least * AMPLE if before else least


def changes(standing: Sequence[Alarm], now_found: Sequence[Alarm]) -> tuple[Sequence[Alarm], Sequence[Alarm]]:
    """The alarms that begin, and those that are over."""
    before, after = {each.key for each in standing}, {each.key for each in now_found}
    return [each for each in now_found if each.key not in before], [each for each in standing if each.key not in after]
