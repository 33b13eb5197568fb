"""The one table of what people can say, press and submit; and the front desk that finds the handler and the words.

Every Ask goes through :class:`Front`: it finds the handler, checks the role on the server (a button is not the
authority), and turns whatever goes wrong into one polite sentence with a reference.
"""

from __future__ import annotations

import difflib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.messages import Ask, AskKind, Identity, Message, Reply, code, italic, say
from bot.ports import Role
from bot.services import Services
from digests.errors import ConvenorError

log = logging.getLogger(__name__)

Handler = Callable[[Ask, Services], Awaitable[Reply]]

EVERYBODY: frozenset[Role] = frozenset()

OURSELVES = "convenor"
"""The command that is about Convenor itself."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something that people type.

    ``path`` is the command and its fixed words. ``usage`` and ``help`` are its line in the help. ``roles``: any one
    of them is needed; none means everybody. ``takes_words``: words may follow the path; where they may not, extra
    words are a typing mistake to be helped with. ``opens_form``: it is answered by a form when no words follow;
    ``words_open_form``: when words follow.
    """

    path: tuple[str, ...]
    usage: str
    help: str
    handler: Handler
    roles: frozenset[Role] = EVERYBODY
    takes_words: bool = False
    opens_form: bool = False
    words_open_form: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A button's or a form's handler, and who may use it."""

    handler: Handler
    roles: frozenset[Role] = EVERYBODY
    opens_form: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """All commands, presses (by action) and forms (by name)."""

    commands: Sequence[Command]
    presses: Mapping[str, Action]
    forms: Mapping[str, Action]

    @property
    def names(self) -> tuple[str, ...]:
        """The slash commands, without the slash, each once."""
        return tuple(dict.fromkeys(command.path[0] for command in self.commands))

    @property
    def spoken(self) -> Mapping[str, str]:
        """The command that a first word belongs to, where commands are words alone: ``convenor`` may be left out."""
        own = {each.path[1]: OURSELVES for each in self.commands if each.path[0] == OURSELVES and len(each.path) > 1}
        return own | {name: name for name in self.names}

    def find(self, name: str, words: str) -> tuple[Command, str] | None:
        """The command with the longest path that fits, and the words that follow its path."""
        said = (name.lower(), *(word.lower() for word in words.split()))
        best: Command | None = None
        for command in self.commands:
            fits = said[: len(command.path)] == command.path and (command.takes_words or len(said) == len(command.path))
            if fits and (best is None or len(command.path) > len(best.path)):
                best = command
        if best is None:
            return None
        rest = words.split(maxsplit=len(best.path) - 1)
        return best, rest[len(best.path) - 1] if len(rest) >= len(best.path) else ""

    def nearest(self, name: str, words: str) -> Command | None:
        """The command that looks most like what was said."""
        said = " ".join((name, *words.split()[:1])).lower()
        known = {" ".join(command.path): command for command in self.commands}
        # Somebody may have left out the command that a word belongs to.
        whose = next((command for path, command in known.items() if path.split()[1:] == [name.lower()]), None)
        if whose is not None:
            return whose
        near = difflib.get_close_matches(said, known, n=1, cutoff=0.6)
        if near:
            return known[near[0]]
        return next((command for path, command in known.items() if path.split()[0] == name.lower()), None)


def not_known(said: str, near: Command | None) -> Message:
    """Nobody is left guessing after a typing mistake."""
    if near is None:
        return say("I don’t know ", code(said), ". Type ", code("/convenor help"), " to see what I can do.")
    return say(
        "I don’t know ", code(said), ". Did you mean ", code(near.usage), "? ",
        "Type ", code("/convenor help"), " to see everything I can do.",
    )  # fmt: skip


def not_allowed(roles: frozenset[Role]) -> Message:
    """Said when somebody without the role asks or presses."""
    who = " or ".join(f"{'an' if role.value[0] in 'aeiou' else 'a'} {role.value}" for role in sorted(roles))
    return say(
        f"That is for {who}, and you are not one here, so nothing was done. ",
        "An administrator can add you with ", code("/convenor roles add"), ".",
    )  # fmt: skip


GONE = say("That button belongs to an older version of Convenor and does nothing now. Nothing was changed.")


def went_wrong(reference: str) -> Message:
    """Said when we failed and do not know why. The log holds the reference beside the cause."""
    return say(
        "Something went wrong on my side, so this may not have been done. Nothing you wrote elsewhere is lost. ",
        "Please try again in a minute; if it happens again, tell whoever runs Convenor the reference ",
        code(reference), ".",
    )  # fmt: skip


def with_reference(sentence: str, retry: bool, reference: str) -> Message:
    """A known error's own sentence, whether to try again, and the reference."""
    again = " Please try again in a few minutes." if retry else ""
    return say(f"{sentence}{again} ", italic(f"(reference {reference})"))


class Front:
    """The front desk: fulfils ``bot.ports.Desk``."""

    def __init__(self, table: Table, services: Services) -> None:
        self._table = table
        self._services = services

    def opens_form(self, ask: Ask) -> bool:
        """Whether the answer will be a form, told without looking anything up."""
        if ask.kind is AskKind.COMMAND:
            found = self._table.find(ask.name, ask.words)
            if found is None:
                return False
            command, rest = found
            return command.words_open_form if rest else command.opens_form
        action = self._table.presses.get(ask.name) if ask.kind is AskKind.PRESS else None
        return action is not None and action.opens_form

    async def commands_of(self, who: Identity) -> list[tuple[str, str]]:
        """The commands that somebody may use, each as it is typed without its slash, with its help line."""
        async with self._services.store.read() as uow:
            roles = await self._services.roles_of(uow, who)
        usable = (each for each in self._table.commands if not each.roles or each.roles & roles)
        return [(" ".join(command.path), command.help) for command in usable]

    async def answer(self, ask: Ask) -> Reply:
        """The reply to any ask. Never raises."""
        try:
            return await self._answer(ask)
        except ConvenorError as known:
            reference = new_reference()
            log.info("%s %s refused, reference %s: %s", ask.kind.value, ask.name, reference, type(known).__name__)
            return Reply((with_reference(known.sentence, known.retry, reference),))
        except Exception:
            reference = new_reference()
            log.exception("%s %s failed, reference %s", ask.kind.value, ask.name, reference)
            return Reply((went_wrong(reference),))

    async def _answer(self, ask: Ask) -> Reply:
        if ask.kind is AskKind.COMMAND:
            found = self._table.find(ask.name, ask.words)
            if found is None:
                said = f"/{ask.name} {ask.words}".strip()[:80]
                return Reply((not_known(said, self._table.nearest(ask.name, ask.words)),))
            command, rest = found
            action, ask = Action(command.handler, command.roles), replace(ask, words=rest)
        else:
            actions = self._table.presses if ask.kind is AskKind.PRESS else self._table.forms
            known = actions.get(ask.name)
            if known is None:
                return Reply((GONE,))
            action = known
        if action.roles:
            async with self._services.store.read() as uow:
                if not action.roles & await self._services.roles_of(uow, ask.identity):
                    return Reply((not_allowed(action.roles),))
        return await action.handler(ask, self._services)


def new_reference() -> str:
    """A short reference that joins a reply to a log line."""
    return secrets.token_hex(3).upper()
