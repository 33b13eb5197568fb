"""A full week to be edited: three hundred candidates in a database, and a count of what an editor does with them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digests.model import FieldName, Group, Installation, Kind, Tag, TaggedItem, Tagging
from tests.builders import an_item
from tests.contract.databases import open_database, sqlite_url

CANDIDATES = 300
NO_SOURCES = (
    "- {id: none, name: Example Society, publisher: Example Society, kind: rss, url: 'http://127.0.0.1:9/', "
    "enabled: false}\n"
)
"""A catalogue from which nothing is read, so that the week holds what it holds."""
SUBJECTS = ("courts", "schools", "hospitals", "prisons", "borders", "roads", "farms", "ports", "banks", "councils")
MATTERS = ("consultation on", "report about", "inquiry into", "guidance for", "statistics of", "evidence on")
TOPICS = ("ai_public_services", "algorithmic_transparency_adm", "data_sharing_reuse", "health_data")
# So long ago that it is over, and so short ago that it is in the coming edition, on nearly every day of the week.
RECEIVED = timedelta(minutes=5)


async def a_full_week(folder: Path) -> str:
    """The URL of a database in this folder in which three hundred relevant items wait for the coming edition."""
    url = sqlite_url(folder)
    now = datetime.now(UTC)
    database = await open_database(url)
    try:
        async with database.begin() as uow:
            await uow.items.add([_candidate(number, now) for number in range(CANDIDATES)])
            await uow.record_installation(Installation(now - RECEIVED, now - timedelta(days=6)))
            await uow.commit()
    finally:
        await database.close()
    return url


def _candidate(number: int, now: datetime) -> TaggedItem:
    groups = list(Group)
    subject, matter = SUBJECTS[number % 10], MATTERS[number % 6]
    item = an_item(
        number,
        title=f"Candidate {number + 1}: {matter} algorithms in {subject} {number * 7919 % 1000}",
        publisher=f"Office for {subject.capitalize()} {number % 23}",
        source_id=f"source-{number % 40}",
        group=groups[number % len(groups)],
        kind=Kind.GUIDANCE if number % 2 else Kind.NEWS,
        received_at=now - RECEIVED,
        published_at=now - timedelta(hours=1 + number % 90),
    )
    topic = TOPICS[number % len(TOPICS)]
    tag = Tag(topic, "algorithms", FieldName.TITLE, f"{topic}-1")
    return TaggedItem(item, Tagging(True, "it names algorithms", (tag,), rules_version="rules-1"))


@dataclass
class Tally:
    """What the editors did: presses (choices in menus and commands among them) and forms that they sent."""

    presses: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        presses = ", ".join(f"{number} {what}" for what, number in self.presses.items())
        forms = ", ".join(f"{number} {what}" for what, number in self.forms.items())
        return f"{self.presses.total()} presses ({presses}) and {self.forms.total()} forms ({forms})"
