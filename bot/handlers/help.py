"""/convenor help: what I can do, for the one who asks."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands import Command
from bot.messages import Ask, Bullets, Heading, Message, Note, Paragraph, Reply, bold, code, text
from bot.ports import Role
from bot.services import Services

INTRODUCTION = (
    "I read what government, Parliament and others publish on data and AI, draft the weekly digest for the editors, "
    "and pass on requests for introductions."
)


def help_message(commands: Sequence[Command], roles: frozenset[Role]) -> Message:
    """Every command that somebody with these roles may use, with one line each."""
    lines = tuple(
        text(code(command.usage), f" {command.help}")
        for command in commands
        if not command.roles or command.roles & roles
    )
    held = ", ".join(sorted(role.value for role in roles)) or "member"
    return Message(
        "What Convenor can do for you",
        (
            Heading("What I can do for you"),
            Paragraph(text(INTRODUCTION)),
            Bullets(lines),
            Note(text("You are here as ", bold(held), ". My answers to commands are seen by you alone.")),
        ),
    )


class Help:
    """The handler of help; it needs the table that it is itself in, so it is given the commands later."""

    def __init__(self) -> None:
        self.commands: Sequence[Command] = ()

    async def __call__(self, ask: Ask, services: Services) -> Reply:
        """/convenor help."""
        async with services.store.read() as uow:
            roles = await services.roles_of(uow, ask.identity)
        return Reply((help_message(self.commands, roles),))
