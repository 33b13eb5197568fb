"""What becomes of every nasty feed: run it as ``python tests/bench/nasty.py [folder]``; fails where one is unmet.

The folder holds feeds and an ``index.csv`` with the columns file, expected_title and expected_entries, where empty
means that any outcome will do. Each is read as a fetch would read it: fast lane, process, limits and all.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters.feeds.processes import ParsingProcesses
from adapters.feeds.understand import Understood, understand
from adapters.feeds.unpack import TooLarge, unpack
from digests.model import Outcome

FOLDER = Path(__file__).parents[3] / "shared/data/nasty-feeds"
LIMIT = 10_000_000
SLOWEST = 10.5
"""In seconds: what a process may take, and the time to stop it."""


async def read(path: Path, processes: ParsingProcesses) -> Understood:
    """The file as an answer; one that ends in ``.gz`` as if it had been sent so compressed."""

    async def chunks() -> AsyncIterator[bytes]:
        yield path.read_bytes()

    try:
        body = await unpack(chunks(), "gzip" if path.suffix == ".gz" else "", LIMIT)
    except TooLarge:
        return Understood(Outcome.TOO_LARGE, f"It is larger than {LIMIT:,} bytes.")
    return await understand(body, "", "https://feeds.example.org/feed.xml", processes=processes)


def is_met(row: dict[str, str], got: Understood) -> bool:
    """Whether the outcome is one that the index allows. A refusal for size is one where the file is a bomb."""
    if got.outcome is Outcome.TOO_LARGE:
        return row["file"].endswith(".gz")
    if got.outcome is Outcome.ENDED:
        return got.title == row["expected_title"] or not row["expected_title"]
    title_met = not row["expected_title"] or row["expected_title"] == got.title
    return title_met and (not row["expected_entries"] or int(row["expected_entries"]) == len(got.entries))


async def main() -> int:
    """Print the table; returns how many files did not give what was expected, or took too long."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if not (folder / "index.csv").is_file():
        sys.exit(f"There is no index.csv in {folder}. Give the folder of feeds that has the list.")
    table = Table("file", "expected", "got", "", title=f"{folder.name}")
    unmet = 0
    processes = ParsingProcesses()
    with (folder / "index.csv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index):
            began = time.perf_counter()
            got = await read(folder / row["file"], processes)
            met = is_met(row, got) and time.perf_counter() - began < SLOWEST
            unmet += not met
            entries = f"{row['expected_entries']} entries" if row["expected_entries"] else "an outcome"
            expected = f"{entries}, “{row['expected_title']}”" if row["expected_title"] else entries
            words = (
                f"{got.outcome}: {len(got.entries)} entries, “{got.title[:40]}”"
                if not got.reason
                else f"{got.outcome}: {got.reason}"
            )
            table.add_row(row["file"], expected, words, "yes" if met else "NO")
    await processes.aclose()
    console = Console(width=160)
    console.print(table, markup=False)
    console.print(f"{table.row_count - unmet} of {table.row_count} as expected.")
    return unmet


if __name__ == "__main__":
    sys.exit(bool(asyncio.run(main())))
