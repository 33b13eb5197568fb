"""Alarms in every store: one about one thing at a time."""

from __future__ import annotations

from datetime import timedelta

from bot.alarms.rules import Alarm, What
from bot.ports import Store
from tests.builders import NOW

DISK = Alarm(What.DISK, "", NOW)
SLACK = Alarm(What.SENDING, "slack", NOW)


async def test_an_alarm_begins_once_and_ends_once(store: Store) -> None:
    async with store.begin() as uow:
        assert await uow.alarms.begin(DISK)
        assert await uow.alarms.begin(SLACK)
        assert not await uow.alarms.begin(Alarm(What.DISK, "", NOW + timedelta(hours=1)))
        await uow.commit()
    async with store.begin() as uow:
        assert list(await uow.alarms.standing()) == [DISK, SLACK]
        assert await uow.alarms.end(DISK, NOW)
        assert not await uow.alarms.end(DISK, NOW)
        assert list(await uow.alarms.standing()) == [SLACK]
        # It may come back.
        assert await uow.alarms.begin(DISK)
        await uow.commit()


async def test_what_was_over_long_ago_is_forgotten(store: Store) -> None:
    async with store.begin() as uow:
        for alarm in (DISK, SLACK):
            await uow.alarms.begin(alarm)
        await uow.alarms.end(DISK, NOW)
        assert await uow.alarms.drop(NOW) == 0
        assert await uow.alarms.drop(NOW + timedelta(seconds=1)) == 1
        assert list(await uow.alarms.standing()) == [SLACK]
        await uow.commit()
