"""docs/operating.md has a section for each alarm, and names each metric; and neither has what is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.monitor import Monitor, Standing
from bot import alerts, editions, posts
from bot.alarms.rules import What
from bot.alarms.texts import DO, TITLES, WHAT
from bot.introductions import outgoing
from bot.ports import Role
from bot.privacy import complaints
from config.watching import TICKS

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


def test_what_editors_and_coordinators_are_told_has_its_section_too() -> None:
    told = {
        alerts.PURPOSE: "A source is in trouble",
        posts.CARDS[Role.EDITOR]: "A message is stuck",
        posts.CARDS[Role.COORDINATOR]: "A message is stuck",
        editions.NOTICE: "A draft waits for its editors",
        outgoing.CARD: "A request waits for coordinators",
        complaints.PURPOSE: "A complaint waits for an answer",
    }
    for title in told.values():
        section(title)
    after = GUIDE[GUIDE.index("## What it tells editors") :]
    assert re.findall(r"^### (.+)$", after, re.MULTILINE) == list(dict.fromkeys(told.values()))


def test_every_task_is_named() -> None:
    words = section(TITLES[What.WORK])
    assert re.findall(r"`(\w+)`", words.partition("**What it means.**")[0]) == list(TICKS)


async def test_every_metric_is_in_the_table_and_no_other() -> None:
    async def look() -> Standing:
        raise AssertionError("nobody asks")

    # The names alone; what a registry describes does not look at the database.
    there = {family.name for family in Monitor("1", look).registry.collect() if family.name.startswith("convenor_")}
    named = set(re.findall(r"\b(convenor_\w+)", GUIDE))
    assert named == there
