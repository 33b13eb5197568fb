"""Reminds editors of a draft that nobody takes further: first in their channels, then each of them by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.edition_messages import reminder
from bot.editions.lookup import open_draft
from bot.editions.showing import NOTICE, tell_editors
from bot.messages import Message, to_json
from bot.ports import Purpose, Role, UnitOfWork
from bot.services import Services
from digests import reminders
from digests.model import Address, Approval, Delivery, Edition, Revision
from digests.reminders import Reminder, Reminding


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A draft with the reminders that are due for it and were not given yet."""

    edition: Edition
    revisions: Sequence[Revision]
    approvals: Sequence[Approval]
    due: Sequence[Reminding]


async def remind(services: Services) -> int:
    """Give the reminders that are due and were not given yet; returns how many messages that are.

    What was given is told by the outbox, whose keys are unique: however often and by however many clocks this is
    asked, nobody hears the same twice.
    """
    # Nearly always there is nothing to do, and a look holds up nobody who writes.
    async with services.store.read() as uow:
        if await _waiting(uow, services) is None:
            return 0
    async with services.store.begin() as uow:
        waiting = await _waiting(uow, services)
        rows = await _give(uow, services, waiting) if waiting else 0
        await uow.commit()
    services.wake()
    return rows


async def _waiting(uow: UnitOfWork, services: Services) -> _Waiting | None:
    edition = await open_draft(uow)
    if edition is None:
        return None
    given = {row.key for row in await uow.deliveries.of_edition(edition.id) if row.purpose == NOTICE}
    # Whatever happened to the draft since can only put a reminder off, and looking that up takes longer.
    soonest = _due(services, edition)
    if all(_is_given(each.reminder, edition, given) for each in soonest):
        return None
    revisions = await uow.editions.revisions(edition.id)
    approvals = await uow.editions.approvals(edition.id)
    touched_at = reminders.last_touched(edition, revisions, approvals, await uow.editions.acts(edition.id))
    present = reminders.due(
        edition, touched_at, services.clock.now(), schedule=services.plan.schedule, plan=services.plan.reminders
    )
    due = [each for each in present if not _is_given(each.reminder, edition, given)]
    return _Waiting(edition, revisions, approvals, due) if due else None


def _due(services: Services, edition: Edition) -> Sequence[Reminding]:
    return reminders.due(
        edition,
        edition.created_at,
        services.clock.now(),
        schedule=services.plan.schedule,
        plan=services.plan.reminders,
    )


async def _give(uow: UnitOfWork, services: Services, waiting: _Waiting) -> int:
    now, edition = services.clock.now(), waiting.edition
    given = 0
    for each in waiting.due:
        key = _key(each.reminder, edition)
        if each.reminder is Reminder.FIRST:
            given += await tell_editors(uow, key, _words(services, waiting, each, alone=False), now, edition.id)
            continue
        body = to_json(_words(services, waiting, each, alone=True))
        people = await _editors_and_administrators(uow, services)
        rows = [Delivery(f"{key}:{_account(who)}", NOTICE, who, body, now, edition_id=edition.id) for who in people]
        await uow.deliveries.add(rows)
        given += len(rows)
    return given


def _words(services: Services, waiting: _Waiting, due: Reminding, *, alone: bool) -> Message:
    return reminder(
        waiting.edition, waiting.revisions, waiting.approvals, services.plan.approval, due.lapses_at, alone=alone
    )


async def _editors_and_administrators(uow: UnitOfWork, services: Services) -> Sequence[Address]:
    """The direct messages of each of them, once: on the platform of an editors' channel where they are there."""
    bindings = await uow.channels.bound(Purpose.EDITORS)
    workspaces = {binding.address.platform: binding.address.workspace for binding in reversed(bindings)}
    found: dict[Address, None] = {}
    for member_id in dict.fromkeys(
        grant.member.id for grant in await uow.roles.all() if grant.role in (Role.EDITOR, Role.ADMINISTRATOR)
    ):
        accounts = await uow.members.identities(member_id)
        near = [account for account in accounts if account.platform in workspaces]
        found.update((account.address, None) for account in (near or accounts)[:1])
    for named in services.admins:
        # The settings may leave out the workspace: then it is that of the editors.
        platform, *middle, user = named.split(":")
        workspace = middle[0] if middle else workspaces.get(platform, "")
        if workspace:
            found[Address(platform, workspace, user=user)] = None
    return tuple(found)


def _is_given(each: Reminder, edition: Edition, given: set[str]) -> bool:
    return any(key.startswith(f"{_key(each, edition)}:") for key in given)


def _key(each: Reminder, edition: Edition) -> str:
    return f"reminder:{edition.id}:{each.value}"


def _account(who: Address) -> str:
    return f"{who.platform}:{who.workspace}:{who.user}"
