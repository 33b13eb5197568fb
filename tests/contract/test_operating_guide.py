"""docs/operating.md has a section for each alarm, and names each metric; and neither has what is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.monitor import Monitor, Standing
from bot.alarms.rules import What
from bot.alarms.texts import DO, TITLES, WHAT

GUIDE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    found = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/operating.md has no section “{title}”"
    return found[1]


@pytest.mark.parametrize("what", What)
def test_each_alarm_has_its_section_with_what_it_means_and_what_to_do(what: What) -> None:
    assert {what} <= TITLES.keys() & WHAT.keys() & DO.keys()
    words = section(TITLES[what])
    for part in ("**When.**", "**What it means.**", "**What to do.**"):
        assert part in words


def test_there_is_no_section_of_an_alarm_that_there_is_not() -> None:
    between = GUIDE[GUIDE.index("## What Convenor tells administrators") : GUIDE.index("## What it tells editors")]
    assert re.findall(r"^### (.+)$", between, re.MULTILINE) == list(TITLES.values())


async def test_every_metric_is_in_the_table_and_no_other() -> None:
    async def look() -> Standing:
        raise AssertionError("nobody asks")

    # The names alone; what a registry describes does not look at the database.
    there = {family.name for family in Monitor("1", look).registry.collect() if family.name.startswith("convenor_")}
    named = set(re.findall(r"\b(convenor_\w+)", GUIDE))
    assert named == there
