"""An editor leaves a week without an edition, skipping it or merging it into the next; or undoes that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot.editions.drafts import compose
from bot.editions.lookup import open_draft
from bot.editions.showing import retell_editors, show_draft, tell_editors
from bot.messages import Identity, Message
from bot.ports import UnitOfWork
from bot.services import Services
from digests import calendar
from digests.calendar import Slot
from digests.errors import NotFound
from digests.model import Act, Edition, EditionAct, EditionState, Revision, Window


class NotPossible(StrEnum):
    """Why a week cannot be skipped or merged, or why that cannot be undone."""

    NOTHING_READ = "nothing read"
    APPROVED = "approved"  # it waits to be posted, or is out already
    DECIDED = "decided"  # somebody skipped or merged it before
    NOT_DECIDED = "not decided"  # nobody did, so there is nothing to undo
    PASSED = "passed"  # a later edition exists


_WEEKS_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Week:
    """A week's turn as it stands: its edition where there is one, what it covers, and what editors decided about it."""

    slot: Slot
    window: Window | None
    edition: Edition | None
    decision: EditionAct | None
    not_possible: NotPossible | None = None


async def week_in_hand(services: Services) -> Week:
    """The week that can be skipped or merged at present: that of the open draft, else the next one.

    An edition that was drafted and posted before its day leaves the week after it.
    """
    coming = calendar.coming(services.plan.schedule, services.clock.now(), _WEEKS_AHEAD)
    async with services.store.read() as uow:
        draft = await open_draft(uow)
        if draft:
            return await _week(uow, services, draft.id)
        weeks = [await _week(uow, services, slot.id) for slot in coming]
    return next((week for week in weeks if not _is_over(week)), weeks[0])


async def leave_out_week(
    services: Services, editor: Identity, edition_id: str, act: Act, told: Callable[[Week], Message]
) -> Week:
    """Skip or merge a week. Where it has no draft yet, the editors' channels are told."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        week = await _week(uow, services, edition_id)
        refusal = week.not_possible or (NotPossible.DECIDED if week.decision else None)
        if refusal is not None:
            return replace(week, not_possible=refusal)
        member = await uow.members.resolve(editor, now)
        done = EditionAct(edition_id, act, member.id, member.name, now)
        await uow.editions.add_act(done)
        await uow.audit.note(member.id, act.value, f"edition:{edition_id}", now)
        edition = week.edition
        if edition is not None:
            await uow.editions.void_approvals(edition_id)
            await uow.editions.set_state(edition_id, EditionState.DRAFT, calendar.LEFT_OUT[act])
            edition = replace(edition, state=calendar.LEFT_OUT[act])
            await show_draft(uow, services, edition)
        else:
            await tell_editors(uow, _key(done), told(week), now)
        await uow.commit()
    services.wake()
    return replace(week, edition=edition, decision=done)


async def resume_week(services: Services, editor: Identity, edition_id: str, told: Callable[[Week], Message]) -> Week:
    """Undo that a week is skipped or merged. ``told`` takes the place of what the editors' channels heard."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        week = await _week(uow, services, edition_id)
        refusal = NotPossible.NOT_DECIDED if week.decision is None else None
        refusal = NotPossible.PASSED if week.not_possible is NotPossible.PASSED else refusal
        if refusal is not None or week.decision is None:
            return replace(week, not_possible=refusal)
        member = await uow.members.resolve(editor, now)
        await uow.editions.add_act(EditionAct(edition_id, Act.RESUMED, member.id, member.name, now))
        await uow.audit.note(member.id, Act.RESUMED.value, f"edition:{edition_id}", now)
        await retell_editors(uow, _key(week.decision), told(week), now)
        edition = week.edition
        if edition is not None:
            await uow.editions.set_state(edition_id, edition.state, EditionState.DRAFT)
            edition = replace(edition, state=EditionState.DRAFT)
            if not edition.content.sections:
                edition = await _drafted(uow, services, edition, now)
            await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return replace(week, edition=edition, decision=None, not_possible=None)


def _is_over(week: Week) -> bool:
    had = week.edition is not None and week.edition.state in (EditionState.PUBLISHED, EditionState.WITHDRAWN)
    return had or week.not_possible is NotPossible.PASSED


async def _week(uow: UnitOfWork, services: Services, edition_id: str) -> Week:
    recent = await uow.editions.recent()
    now, schedule = services.clock.now(), services.plan.schedule
    try:
        due_on = date.fromisoformat(edition_id)
    except ValueError:
        raise NotFound(edition_id, "There is no such week. Nothing was changed.") from None
    slot = calendar.slot_on(schedule, due_on)
    decision = calendar.decided(await uow.editions.acts(edition_id)).get(edition_id)
    edition = await uow.editions.get(edition_id)
    start = calendar.covered_until(recent, await uow.installation())
    window = edition.window if edition else Window(start, slot.draft_at) if start else None
    refusal: NotPossible | None = None
    if any(each.id > edition_id for each in recent) or (edition is None and slot.draft_at <= now):
        refusal = NotPossible.PASSED
    elif window is None:
        refusal = NotPossible.NOTHING_READ
    elif edition is not None and edition.state not in (EditionState.DRAFT, *calendar.LEFT_OUT.values()):
        refusal = NotPossible.APPROVED
    return Week(slot, window, edition, decision, refusal)


async def _drafted(uow: UnitOfWork, services: Services, edition: Edition, now: datetime) -> Edition:
    """The draft that was not made while its week was to be skipped."""
    content = await compose(uow, services, edition.window, edition.number, edition.content.notes)
    drafted = replace(edition, revision=edition.revision + 1, content=content)
    await uow.editions.save_revision(drafted, Revision(edition.id, drafted.revision, "", now, "drafted", content))
    return drafted


def _key(decision: EditionAct) -> str:
    return f"week:{decision.edition_id}:{decision.at.isoformat()}"
