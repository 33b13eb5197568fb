"""Where those are who have a role: in the channels that are for it, and each in private."""

from __future__ import annotations

from bot.ports import Purpose, Role, UnitOfWork
from digests.model import Address

_PURPOSES = {Role.EDITOR: Purpose.EDITORS, Role.COORDINATOR: Purpose.COORDINATORS}


async def in_channels(uow: UnitOfWork, role: Role, *, but_not: str = "") -> list[Address]:
    """The channels of editors or coordinators; none where ``but_not``, a member’s id, is one and would read there."""
    if but_not in {grant.member.id for grant in await uow.roles.all() if grant.role is role}:
        return []
    return [binding.address for binding in await uow.channels.bound(_PURPOSES[role])]


async def in_private(uow: UnitOfWork, role: Role, *, but_not: str = "") -> list[Address]:
    """Each who has the role, but for ``but_not``, at the first of their accounts."""
    people = [grant.member.id for grant in await uow.roles.all() if grant.role is role]
    accounts = [await uow.members.identities(each) for each in people if each != but_not]
    return [known[0].address for known in accounts if known]
