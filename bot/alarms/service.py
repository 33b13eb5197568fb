"""Looks whether an alarm stands, tells administrators of one that begins, and shows them when it is over."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.alarms import rules, texts
from bot.alarms.rules import Alarm, Facts, What
from bot.messages import to_json
from bot.ports import Purpose, Role, UnitOfWork
from bot.services import Services
from digests.model import Address, Delivery

log = logging.getLogger(__name__)

PURPOSE = "alarm"
KEPT = timedelta(days=90)


async def look(services: Services, facts: Facts) -> int:
    """Compare how things stand with what stood before; returns how many alarms began or ended."""
    # Nearly always nothing changes, and a look holds up nobody who writes.
    async with services.store.read() as uow:
        if not any(await _changes(uow, facts)):
            return 0
    async with services.store.begin() as uow:
        begun, over = await _changes(uow, facts)
        for alarm in begun:
            if await uow.alarms.begin(alarm):
                await _tell(uow, services, alarm)
        for alarm in over:
            if await uow.alarms.end(alarm, facts.now):
                await _tell_over(uow, services, replace(alarm, over_at=facts.now))
        await uow.commit()
    services.wake()
    return len(begun) + len(over)


async def _changes(uow: UnitOfWork, facts: Facts) -> tuple[Sequence[Alarm], Sequence[Alarm]]:
    standing = await uow.alarms.standing()
    return rules.changes(standing, rules.found(facts, standing))


async def _tell(uow: UnitOfWork, services: Services, alarm: Alarm) -> None:
    told = await _told(uow, services, alarm)
    body, now = to_json(texts.message(alarm)), services.clock.now()
    await uow.deliveries.add([Delivery(_key(alarm, to), PURPOSE, to, body, now) for to in told])
    log.warning("alarm: %s%s; told %d", alarm.what.value, f" ({alarm.subject})" if alarm.subject else "", len(told))


async def _tell_over(uow: UnitOfWork, services: Services, alarm: Alarm) -> None:
    body = to_json(texts.message(alarm))
    for to in await _told(uow, services, alarm):
        await uow.deliveries.replace_body(_key(alarm, to), body, services.clock.now())
    log.warning("alarm over: %s%s", alarm.what.value, f" ({alarm.subject})" if alarm.subject else "")


async def _told(uow: UnitOfWork, services: Services, alarm: Alarm) -> Sequence[Address]:
    """Every administrator; where none can be written to, the editors' channels.

    Nobody on the platform that nothing reaches: by the time that it arrives it would be over.
    """
    people = await _administrators(uow, services)
    channels = [binding.address for binding in await uow.channels.bound(Purpose.EDITORS)]
    shut = alarm.subject if alarm.what is What.SENDING else ""
    for addresses in (people, channels):
        reached = [address for address in addresses if address.platform != shut]
        if reached:
            return reached
    return ()


async def _administrators(uow: UnitOfWork, services: Services) -> Sequence[Address]:
    found: dict[Address, None] = {}
    for grant in await uow.roles.all():
        if grant.role is Role.ADMINISTRATOR:
            accounts = await uow.members.identities(grant.member.id)
            found.update((account.address, None) for account in accounts[:1])
    workspaces = {
        binding.address.platform: binding.address.workspace
        for purpose in Purpose
        for binding in await uow.channels.bound(purpose)
    }
    for named in services.admins:
        # The settings may leave out the workspace: then it is one whose channels are known.
        platform, *middle, user = named.split(":")
        if workspace := (middle[0] if middle else workspaces.get(platform, "")):
            found[Address(platform, workspace, user=user)] = None
    return tuple(found)


def _key(alarm: Alarm, to: Address) -> str:
    return f"alarm:{alarm.what.value}:{alarm.subject}:{alarm.since.isoformat()}:{to.key}"
