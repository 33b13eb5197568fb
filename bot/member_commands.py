"""``convenor members``: invites a list of people, and writes the directory for whoever takes it over."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import app, console
from bot.actions import actions_of
from bot.members import handover
from bot.members.handover import Row
from bot.messages import count
from config.settings import Settings
from digests.errors import ConfigError

DID_NOT_WORK = 1
NOTHING = "convenor members: say what to do. There are two actions: import and export."


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The actions of ``convenor members``, each with its help."""
    parser.set_defaults(json=False)
    action = actions_of(parser)
    invited = action(
        "import", "invite everybody of a CSV file with a column “email” or “account”; nobody becomes a member by it"
    )
    invited.add_argument("file", metavar="FILE", help="the file, or - for standard input")
    action("export", "print the directory as CSV, for handover; the audit log says so")


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Do it; 1 where a line of a list was not taken. Raises ConfigError where there is nothing to do it with."""
    if arguments.action is None:
        raise ConfigError([NOTHING])
    if not settings.keys:
        raise ConfigError([app.NEEDS_A_KEY])
    if arguments.action == "export":
        return asyncio.run(_export(settings, as_json=arguments.json))
    lines = _lines(arguments.file)
    return asyncio.run(_import(settings, arguments.file, lines, as_json=arguments.json))


async def _export(settings: Settings, *, as_json: bool) -> int:
    async with app.open_house(settings) as house:
        people = await handover.export(house.services, None)
    if as_json:
        console.write_json([dict(handover.as_data(person)) for person in people])
    else:
        console.write(handover.as_csv(people))
    return 0


async def _import(settings: Settings, name: str, lines: Sequence[str], *, as_json: bool) -> int:
    async with app.open_house(settings) as house:
        rows = await handover.invite_all(house.services, lines)
    if as_json:
        console.write_json([_data(row) for row in rows])
    else:
        for row in rows:
            if row.wrong:
                console.err().print(f"{name}:{row.number}: {row.wrong}", markup=False, soft_wrap=True)
        console.write("\n".join(report(rows)))
    return DID_NOT_WORK if any(row.wrong for row in rows) else 0


def report(rows: Sequence[Row]) -> list[str]:
    """What became of a list, for whoever has it."""
    taken = [row for row in rows if not row.wrong]
    by_hand = [row for row in taken if row.words]
    said = [f"{count(len(taken), 'invitation')} made, {count(len(rows) - len(taken), 'line')} not taken."]
    if len(taken) > len(by_hand):
        said.append("They are sent as soon as Convenor runs. Nobody is in the directory before they have said yes.")
    if by_hand:
        said.append(
            "No mail server is set up, so these are for you to pass on, each to one person, in a way that only they "
            "can read. Convenor does not keep the codes themselves, so they cannot be shown again."
        )
        said += [f"{row.to.user if row.to else ''}: /profile join {row.words}" for row in by_hand]
    return said


def _data(row: Row) -> dict[str, object]:
    to = "" if row.to is None else handover.as_written(row.to)
    return {"line": row.number, "to": to, "invited": not row.wrong, "wrong": row.wrong, "code": row.words}


def _lines(name: str) -> list[str]:
    if name == "-":
        return list(sys.stdin)
    try:
        # A table program begins the file with a mark of its own, which is dropped where the columns are read.
        return Path(name).read_text(encoding="utf-8").splitlines(keepends=True)
    except OSError as trouble:
        raise ConfigError([f"{name} cannot be read ({trouble.strerror})."]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{name} is not in UTF-8. Save it as “CSV UTF-8” in your table program."]) from None
