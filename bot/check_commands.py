"""``convenor check``: the table of what was looked at."""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import console
from bot.app.checking import check
from bot.checking.model import Level, Row
from config.settings import Settings

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.BROKEN: "red"}
DID_NOT_WORK = 1
WIDTH = 160


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor check``."""
    parser.add_argument("--all", action="store_true", help="also show each source that is well")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Look, and show it; 1 where anything is broken, 0 otherwise."""
    rows = asyncio.run(check(settings, every_source=arguments.all or arguments.json))
    if arguments.json:
        console.write_json(
            [{"what": row.what, "level": row.level.value, "found": row.found, "fix": row.fix} for row in rows]
        )
    else:
        out = console.out()
        if not out.is_terminal:
            # A file or a mail has room, and nobody who could draw the window wider.
            out.width = WIDTH
        show(rows, out)
    return DID_NOT_WORK if any(row.level is Level.BROKEN for row in rows) else 0


def show(rows: list[Row], out: Console) -> None:
    """The table, and one line that sums it up."""
    table = Table(show_edge=False)
    for column in ("What", "", "Found", "What to do"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(Text(row.what), Text(row.level.value, style=COLOURS[row.level]), Text(row.found), Text(row.fix))
    out.print(table)
    out.print(summary(rows))


def summary(rows: list[Row]) -> str:
    """``All is well.``, or how much is not."""
    numbers = Counter(row.level for row in rows)
    if not numbers[Level.BROKEN] and not numbers[Level.WARNING]:
        return "All is well."
    warnings = f"{numbers[Level.WARNING]} warning{'' if numbers[Level.WARNING] == 1 else 's'}"
    return f"{numbers[Level.BROKEN]} broken, {warnings}."
