"""/convenor roles: who is editor, coordinator, administrator; giving and taking a role."""

from __future__ import annotations

from collections.abc import Sequence

from bot import channels
from bot.messages import Ask, Bullets, Heading, Identity, Message, Reply, Text, bold, code, say, text
from bot.ports import Grant, Member, Role
from bot.privacy import audit
from bot.services import Services
from digests.calendar import london_day, say_day

ROLES = ", ".join(role.value for role in Role)

HOW = say(
    "Write ", code("/convenor roles add @name editor"), " or ", code("/convenor roles remove @name editor"),
    f". The roles are {ROLES}.",
)  # fmt: skip

NOBODY = "nobody yet"

FROM_SETTINGS = (
    "Administrators that are named in the settings (CONVENOR_ADMINS) have that role as well, and can only be "
    "changed there."
)


def added(member: Member, role: Role) -> Message:
    """A role was given."""
    return say(bold(member.name), f" is now {_a(role)}.")


def had_already(member: Member, role: Role) -> Message:
    """The role was there."""
    return say(bold(member.name), f" is {_a(role)} already. Nothing was changed.")


def removed(member: Member, role: Role) -> Message:
    """A role was taken away."""
    return say(bold(member.name), f" is no longer {_a(role)}.")


def had_not(name: str, role: Role) -> Message:
    """There was nothing to take away."""
    settings = f" {FROM_SETTINGS}" if role is Role.ADMINISTRATOR else ""
    return say(bold(name), f" is not {_a(role)}, so nothing was changed.", settings)


def list_message(grants: Sequence[Grant]) -> Message:
    """Who has which role since when."""
    lines: list[Text] = []
    for role in Role:
        held = [
            f"{grant.member.name} (since {say_day(london_day(grant.at))})" for grant in grants if grant.role is role
        ]
        lines.append(text(bold(f"{role.value.capitalize()}s: "), ", ".join(held) or NOBODY))
    lines.append(text(FROM_SETTINGS))
    return Message("Who has which role", (Heading("Roles"), Bullets(tuple(lines))))


def _a(role: Role) -> str:
    return f"an {role.value}" if role.value[0] in "aeiou" else f"a {role.value}"


async def show(ask: Ask, services: Services) -> Reply:
    """/convenor roles, and roles list."""
    async with services.store.read() as uow:
        return Reply((list_message(await uow.roles.all()),))


async def add(ask: Ask, services: Services) -> Reply:
    """/convenor roles add @name role."""
    parsed = _parse(ask)
    if parsed is None:
        return Reply((HOW,))
    identity, role = parsed
    now = services.clock.now()
    async with services.store.begin() as uow:
        giver = await uow.members.resolve(ask.identity, now)
        member = await uow.members.resolve(identity, now)
        new = await uow.roles.grant(Grant(member, role, giver.id, now))
        if new:
            await uow.audit.note(giver.id, f"made {_a(role)}", f"member:{member.id}", now)
        if new and role is Role.COORDINATOR:
            await channels.rearrange(uow, services, now)
        await uow.commit()
    services.wake()
    return Reply((added(member, role) if new else had_already(member, role),))


async def remove(ask: Ask, services: Services) -> Reply:
    """/convenor roles remove @name role."""
    parsed = _parse(ask)
    if parsed is None:
        return Reply((HOW,))
    identity, role = parsed
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        gone = member is not None and await uow.roles.revoke(member.id, role)
        if member is not None and gone:
            action, now = f"made no longer {_a(role)}", services.clock.now()
            await audit.note(uow, ask.identity, action, f"member:{member.id}", now)
            await channels.hide_from_others(uow, now)
        await uow.commit()
    services.wake()
    if member is None or not gone:
        return Reply((had_not(member.name if member else identity.name, role),))
    return Reply((removed(member, role),))


def _parse(ask: Ask) -> tuple[Identity, Role] | None:
    named = [ask.mentions[word] for word in ask.words.split() if word in ask.mentions]
    roles = [role for role in Role if role.value in ask.words.lower().split()]
    return (named[0], roles[0]) if len(named) == 1 and len(roles) == 1 else None
