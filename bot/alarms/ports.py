"""What alarms need of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.alarms.rules import Alarm


class Alarms(Protocol):
    """Which alarms stand, and which stood."""

    async def standing(self) -> Sequence[Alarm]:
        """Those that are not over, oldest first."""
        ...

    async def begin(self, alarm: Alarm) -> bool:
        """Record that one stands; False, with nothing done, where one about the same thing stands already."""
        ...

    async def end(self, alarm: Alarm, now: datetime) -> bool:
        """Record that one is over; False where it was not standing (any more)."""
        ...

    async def drop(self, before: datetime) -> int:
        """Forget those that were over before this moment; returns how many."""
        ...
