"""``convenor export`` and ``convenor import``: everything into a folder, for whoever takes over, and back."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from bot import app, console
from bot.messages import count
from config.settings import Settings
from digests.errors import ConfigError

WARNING = (
    "This export names people, in clear: their accounts, e-mail addresses, profiles, private lists of whom to avoid, "
    "consents, requests for introductions and their outcomes, complaints, and what they follow. Whoever has the folder "
    "has all of that. Pass it on encrypted, to one named person, and delete it when it has been brought in. The audit "
    "log says that it was made."
)
WITHOUT = "People are left out: --with-members adds them."
WAITING = (
    "{} not in it: {} on the way to people when this was written. Let Convenor send what waits before you hand over; "
    "“/convenor stuck” in chat shows what is stuck, and /health how much waits."
)
NEXT = (
    "It is all there. Before “convenor run”: put the files of {folder}/config/own, if there are any, into the "
    "directory that CONVENOR_CONFIG_DIR names, and set what {folder}/settings.json lists. docs/handover.md has the "
    "whole list."
)


def add_export(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor export``."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="a folder that is not there yet, or is empty")
    parser.add_argument(
        "--with-members",
        action="store_true",
        help="people, too, in clear: members, profiles, consents, requests; needs the encryption keys",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_import(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor import``."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder that “convenor export” wrote")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run_export(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write it. Raises ConfigError where there is nothing to do it with."""
    # What no other command need wait for.
    from bot.app import handover

    members = arguments.with_members
    if members:
        if not settings.keys:
            raise ConfigError([app.NEEDS_A_KEY])
        console.err().print(WARNING, markup=False, soft_wrap=True)
    done = asyncio.run(handover.export_network(settings, arguments.folder, members=members))
    if arguments.json:
        console.write_json({"folder": str(arguments.folder), "members": members, "lines": done.lines})
    else:
        numbers = ", ".join(f"{number:,} in {name}" for name, number in done.lines.items() if number)
        console.write(
            f"{arguments.folder} has everything{'' if members else ' but people'}. Lines: {numbers or 'none'}."
            + ("" if members else f" {WITHOUT}")
        )
    if done.waiting:
        one = done.waiting == 1
        messages = f"{count(done.waiting, 'message')} {'is' if one else 'are'}"
        words = WAITING.format(messages, "it was" if one else "they were")
        console.err().print(words, markup=False, soft_wrap=True)
    return 0


def run_import(settings: Settings, arguments: argparse.Namespace) -> int:
    """Bring it in. Raises ConfigError where there is nothing to do it with."""
    from bot.app import handover

    if not settings.keys:
        raise ConfigError([app.NEEDS_A_KEY])
    lines = asyncio.run(handover.import_network(settings, arguments.folder))
    if arguments.json:
        console.write_json({"folder": str(arguments.folder), "lines": lines})
    else:
        console.write(NEXT.format(folder=arguments.folder))
    return 0
