"""Ends what a member has under way with others, as they are erased or wait to be."""

from __future__ import annotations

from datetime import datetime

from bot.introductions import upkeep
from bot.ports import UnitOfWork


async def leave(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    """Close their requests and take back what they were asked; whoever it concerns is told in neutral words."""
    await upkeep.leave(uow, member_id, now)
