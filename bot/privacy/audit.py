"""Notes what somebody did for the network, in the unit of work in which they do it."""

from __future__ import annotations

from datetime import datetime

from bot.messages import Identity
from bot.ports import UnitOfWork
from bot.privacy.ports import COMMAND_LINE
from digests.model import Address


async def note(uow: UnitOfWork, who: Identity | None, action: str, subject: str, now: datetime) -> None:
    """Note what the person with this account did. None stands for the command line."""
    actor = (await uow.members.resolve(who, now)).id if who else COMMAND_LINE
    await uow.audit.note(actor, action, subject, now)


def channel_subject(address: Address) -> str:
    """A channel as the subject of a line."""
    return ":".join(("channel", address.platform, address.workspace, address.channel)).replace(" ", "_")
