"""Alarms, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.alarms.rules import Alarm
from tests.fakes.tables import Part


class FakeAlarms(Part):
    """Fulfils ``bot.alarms.ports.Alarms``."""

    async def standing(self) -> Sequence[Alarm]:
        return [each for each in self._seen.alarms if each.over_at is None]

    async def begin(self, alarm: Alarm) -> bool:
        if any(each.key == alarm.key for each in await self.standing()):
            return False
        self._written.alarms.append(alarm)
        return True

    async def end(self, alarm: Alarm, now: datetime) -> bool:
        kept = self._written.alarms
        for place, each in enumerate(kept):
            if each.key == alarm.key and each.over_at is None:
                kept[place] = replace(each, over_at=now)
                return True
        return False

    async def drop(self, before: datetime) -> int:
        kept = self._written.alarms
        stay = [each for each in kept if each.over_at is None or each.over_at >= before]
        dropped = len(kept) - len(stay)
        kept[:] = stay
        return dropped
