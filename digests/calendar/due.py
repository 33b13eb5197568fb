"""Which edition should exist now, and what it covers: worked out from the editions there are and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from digests.calendar.slots import Slot, between, coming, due_after, due_before, recess_on, slot_after, slot_before
from digests.calendar.words import say_date, say_day, say_when
from digests.model import Act, Edition, EditionAct, EditionState, Installation, Window
from digests.plan import DigestPlan, Schedule

# What readers were sent, or are being sent, has its number for good.
_NUMBERED = frozenset({EditionState.APPROVED, EditionState.PUBLISHED, EditionState.WITHDRAWN})
# The next edition starts after what is covered, and after what editors chose to leave to the archive.
_COVERED = _NUMBERED | {EditionState.SKIPPED}
LEFT_OUT = {Act.SKIPPED: EditionState.SKIPPED, Act.MERGED: EditionState.MERGED}
"""What an edition becomes by the acts that leave a week without one."""

_NOT_APPROVED, _NOT_DRAFTED, _MERGED = "not approved", "not drafted", "merged into it"
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
# More missed editions than this are told as a span, not each by its day.
_NAMED_EDITIONS = 4
_WEEKS_AHEAD = 26


@dataclass(frozen=True, slots=True)
class Due:
    """An edition that should be made. ``due_on`` is the London date that readers see.

    ``weeks`` is how many editions' spans it covers; ``notes`` tell editors, a sentence each, why that is more than
    one, and what is special about its day. ``state`` is what it is made as: a draft, or skipped or merged where
    editors said so beforehand.
    """

    edition_id: str
    due_on: date
    window: Window
    weeks: int
    notes: tuple[str, ...] = ()
    state: EditionState = EditionState.DRAFT


def current_window(schedule: Schedule, now: datetime, covered_until: datetime | None) -> Window:
    """The window that is being filled now: from what was covered last (else the last due instant) to the next one."""
    return Window(covered_until or due_before(schedule, now), due_after(schedule, now))


def due_edition(
    schedule: Schedule,
    now: datetime,
    *,
    installation: Installation | None,
    editions: Sequence[Edition],
    acts: Sequence[EditionAct] = (),
) -> Due | None:
    """The edition that should exist by now and does not; the oldest where editors decided about several weeks.

    None before the installation's first pass, where the edition (or a later one) exists in whatever state, where an
    early edition has covered its window, and while an approved edition waits to be posted: pulled back, it would have
    a successor that begins where it ends. ``editions`` are the latest ones, in any order; ``acts`` what editors did
    to them and to the weeks after them.
    """
    if installation is None or _one_waits(editions, now):
        return None
    start = _start(installation, editions)
    decisions = decided(acts)
    last = slot_before(schedule, now)
    since = max(start, installation.first_pass_at)
    for slot in between(schedule, since, last.draft_at):
        # A week that was merely missed goes to the next; one that was skipped must not.
        if (slot == last or slot.id in decisions) and not slot.merged and not _passed(slot, editions):
            return _due(schedule, slot, Window(start, slot.draft_at), installation, editions, decisions)
    return None


def early_edition(
    schedule: Schedule,
    now: datetime,
    *,
    installation: Installation | None,
    editions: Sequence[Edition],
    acts: Sequence[EditionAct] = (),
) -> Due | None:
    """The coming edition, for an editor who wants its draft now: its window ends at ``now``.

    None where nothing has been read yet, where the coming edition exists already or is to be skipped or merged, and
    while an approved edition waits to be posted.
    """
    if installation is None or _one_waits(editions, now):
        return None
    start = _start(installation, editions)
    slot, decisions = slot_after(schedule, now), decided(acts)
    if now <= start or slot.id in decisions or _passed(slot, editions):
        return None
    return _due(schedule, slot, Window(start, now), installation, editions, decisions)


def next_draft(schedule: Schedule, now: datetime, editions: Sequence[Edition], acts: Sequence[EditionAct] = ()) -> Slot:
    """The slot of the next draft that will be made by itself: not one that exists, nor one that is to be left out."""
    decisions = decided(acts)
    slots = coming(schedule, now, _WEEKS_AHEAD)
    return next(
        (slot for slot in slots if not (slot.merged or slot.id in decisions or _passed(slot, editions))),
        slot_after(schedule, now),
    )


def decided(acts: Sequence[EditionAct]) -> Mapping[str, EditionAct]:
    """The weeks that stand to be skipped or merged, by the id of their edition. ``acts`` are oldest first."""
    last = {act.edition_id: act for act in acts if act.act in (*LEFT_OUT, Act.RESUMED)}
    return {edition_id: act for edition_id, act in last.items() if act.act in LEFT_OUT}


def covered_until(editions: Sequence[Edition], installation: Installation | None) -> datetime | None:
    """Where the next window starts: at the end of the last one that went to readers. None before anything was read.

    ``editions`` are the latest ones, in any order.
    """
    return _start(installation, editions) if installation else None


def next_number(editions: Sequence[Edition], plan: DigestPlan) -> int:
    """The number of an edition that is drafted now. A number that never reached readers is used again."""
    free = [edition.number + 1 if edition.state in _NUMBERED else edition.number for edition in editions]
    return max([plan.first_number, *free])


def _one_waits(editions: Sequence[Edition], now: datetime) -> bool:
    return any(edition.waits(now) for edition in editions)


def _passed(slot: Slot, editions: Sequence[Edition]) -> bool:
    """Whether its edition exists, or a later one: then the weekly rule was changed, and nothing is due in between."""
    return any(edition.id >= slot.id for edition in editions)


def _start(installation: Installation, editions: Sequence[Edition]) -> datetime:
    # An edition that lapsed still shows by its own start what had been covered before it.
    ends = [edition.window.end if edition.state in _COVERED else edition.window.start for edition in editions]
    return max([installation.window_start, *ends])


def _due(
    schedule: Schedule,
    slot: Slot,
    window: Window,
    installation: Installation,
    editions: Sequence[Edition],
    decisions: Mapping[str, EditionAct],
) -> Due:
    missed = _missed(schedule, window, installation, editions, decisions)
    weeks = 1 + sum(len(days) for _, days in missed)
    recess = recess_on(schedule, slot.due_on)
    notes = (
        _note(weeks, missed),
        _skipped_before(window, editions, decisions),
        slot.moved,
        f"{recess.label} is in recess until {say_day(recess.last_day)}." if recess else "",
    )
    decision = decisions.get(slot.id)
    state = LEFT_OUT[decision.act] if decision else EditionState.DRAFT
    # Whoever skipped this week did not mean an earlier one that never went out.
    if state is EditionState.SKIPPED and any(cause in (_NOT_APPROVED, _NOT_DRAFTED) for cause, _ in missed):
        state = EditionState.MERGED
    return Due(slot.id, slot.due_on, window, weeks, tuple(note for note in notes if note), state)


def _missed(
    schedule: Schedule,
    window: Window,
    installation: Installation,
    editions: Sequence[Edition],
    decisions: Mapping[str, EditionAct],
) -> list[tuple[str, list[date]]]:
    """The editions that were due inside a window and did not come to readers, by what became of them."""
    known = {edition.id: edition for edition in editions}
    missed: dict[str, list[date]] = {}
    for slot in between(schedule, max(window.start, installation.first_pass_at), window.end):
        if slot.draft_at == window.end:
            continue
        edition = known.get(slot.id)
        if edition is None:
            by_hand = slot.id in decisions and decisions[slot.id].act is Act.MERGED
            cause = f"not due ({slot.merged})" if slot.merged else _MERGED if by_hand else _NOT_DRAFTED
        elif edition.state in _COVERED:
            continue
        else:
            cause = _MERGED if edition.state is EditionState.MERGED else _NOT_APPROVED
        missed.setdefault(cause, []).append(slot.due_on)
    order = (_NOT_APPROVED, _MERGED)
    return sorted(missed.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))


def _note(weeks: int, missed: Sequence[tuple[str, Sequence[date]]]) -> str:
    if weeks == 1:
        return ""
    causes = [f"{_editions(days)} {'was' if len(days) == 1 else 'were'} {cause}" for cause, days in missed]
    count = _NUMBERS[weeks] if weeks < len(_NUMBERS) else str(weeks)
    told = " and ".join([", ".join(causes[:-1]), causes[-1]] if len(causes) > 1 else causes)
    return f"This edition covers {count} weeks: {told}."


def _skipped_before(window: Window, editions: Sequence[Edition], decisions: Mapping[str, EditionAct]) -> str:
    """What editors chose to leave to the archive just before this window."""
    for edition in editions:
        if edition.state is EditionState.SKIPPED and edition.window.end == window.start:
            by = f" by {decisions[edition.id].member_name}" if edition.id in decisions else ""
            told = f"What arrived from {say_when(edition.window.start)} to {say_when(edition.window.end)}"
            return f"{told} is in no edition: the edition of {say_date(edition.due_on, year=False)} was skipped{by}."
    return ""


def _editions(days: Sequence[date]) -> str:
    if len(days) == 1:
        return f"the edition of {say_date(days[0], year=False)}"
    named = [say_date(day, year=False) for day in days]
    if len(days) > _NAMED_EDITIONS:
        return f"{len(days)} editions from {named[0]} to {named[-1]}"
    return f"the editions of {', '.join(named[:-1])} and {named[-1]}"
