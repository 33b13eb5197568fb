"""What the command line shows a person: progress on standard error, tables and results on standard output."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bot.handlers.sources import Health
from digests.model import Fetch, Source
from digests.reading import PassSummary

HEALTH_COLOURS = {
    "ok": "green",
    "failing": "red",
    "muted": "yellow",
    "silent": "yellow",
    "paused": "magenta",
    "waiting": "cyan",
    "off": "dim",
}


def out() -> Console:
    """Standard output, for results."""
    return Console(highlight=False, soft_wrap=False)


def err() -> Console:
    """Standard error, for progress and problems."""
    return Console(stderr=True, highlight=False)


def write(words: str) -> None:
    """A result as it is, with one line end."""
    sys.stdout.write(words.rstrip("\n") + "\n")
    sys.stdout.flush()


def write_json(data: Any) -> None:
    """A result as JSON."""
    write(json.dumps(data, ensure_ascii=False, indent=2))


@contextlib.contextmanager
def reading(total: int, console: Console) -> Iterator[Callable[[Source, Fetch], None]]:
    """A progress bar over a pass; call what it yields for each source that is done."""
    columns = (
        TextColumn("Reading sources"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)

        def done(source: Source, fetch: Fetch) -> None:
            progress.update(task, advance=1, description=escape(source.name[:40]))

        yield done


def pass_table(summary: PassSummary, console: Console, names: dict[str, str]) -> None:
    """What came of a pass over the sources."""
    table = Table(title="What was read", title_justify="left", show_edge=False)
    table.add_column("Outcome")
    table.add_column("Sources", justify="right")
    for outcome, count in sorted(summary.outcomes.items(), key=lambda pair: -pair[1]):
        table.add_row(outcome.value, f"{count:,}")
    console.print(table)
    console.print(f"{summary.new:,} new items, {summary.changed:,} changed, in {summary.seconds:.1f} seconds.")
    for source_id, reason in sorted(summary.failed.items())[:20]:
        line = Text("  ")
        line.append(names.get(source_id, source_id), style="bold")
        line.append(f": {reason}")
        console.print(line)
    if len(summary.failed) > 20:
        console.print(f"  … and {len(summary.failed) - 20} more; “convenor sources” shows all.")


def health_table(found: Sequence[Health], console: Console) -> None:
    """Every source's health."""
    table = Table(show_edge=False)
    for column in ("Id", "Source", "Health", "In words"):
        table.add_column(column, overflow="fold")
    for health in found:
        word = Text(health.word, style=HEALTH_COLOURS.get(health.word, ""))
        table.add_row(Text(health.source.id), Text(health.source.name), word, Text(health.sentence))
    console.print(table)


def health_data(found: Sequence[Health], fetched: dict[str, Any]) -> list[dict[str, Any]]:
    """The same as JSON-able data."""
    return [
        {
            "id": health.source.id,
            "name": health.source.name,
            "publisher": health.source.publisher,
            "url": health.source.url,
            "enabled": health.source.enabled,
            "health": health.word,
            "reason": health.sentence,
            "last_read": fetched.get(health.source.id),
        }
        for health in found
    ]
