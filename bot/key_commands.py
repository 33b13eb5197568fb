"""``convenor keys``: makes a key, and brings what is encrypted under the newest one."""

from __future__ import annotations

import argparse
import asyncio

from bot import app, console
from bot.actions import actions_of
from bot.messages import count
from config.settings import Settings
from digests.errors import ConfigError

PUT_IT = (
    "Put it into CONVENOR_ENCRYPTION_KEYS, before any key that is there already, with a comma between. "
    "Keep a copy apart from the database’s backups: without it nobody can read what was kept."
)


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The actions of ``convenor keys``, each with its help."""
    parser.set_defaults(json=False)
    action = actions_of(parser)
    action("new", "print a new key; nothing is stored or changed")
    action("rotate", "encrypt everything with the newest key again; Convenor may run meanwhile, with all of the keys")


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Do it. Raises ConfigError where there is nothing to do it with."""
    if arguments.action == "new":
        key = app.new_key()
        if arguments.json:
            console.write_json({"key": key})
        else:
            console.write(key + "\n")
        console.err().print(PUT_IT, markup=False, soft_wrap=True)
        return 0
    if arguments.action is None:
        raise ConfigError(["keys: say what to do. There are two actions: new and rotate."])
    if not settings.keys:
        raise ConfigError([app.NEEDS_A_KEY])

    async def rotate() -> int:
        database = await app.open_database(settings)
        try:
            return await database.renew_keys()
        finally:
            await database.close()

    renewed = asyncio.run(rotate())
    if arguments.json:
        console.write_json({"renewed": renewed})
    else:
        console.write(said(renewed, len(settings.keys)) + "\n")
    return 0


def said(renewed: int, keys: int) -> str:
    """What was done, and what may be done now."""
    done = "Everything was under the newest key already."
    if renewed:
        done = (
            f"{count(renewed, 'text')} had another key or none, and {'is' if renewed == 1 else 'are'} under the newest."
        )
    older = (
        " The older keys are not needed any more: take them out of CONVENOR_ENCRYPTION_KEYS, and keep them as long as "
    )
    return done + (older + "you keep backups that were made with them." if keys > 1 else "")
