"""/intro stats: what became of requests for introductions, in numbers that give nobody away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from bot.messages import Ask, Bullets, Heading, Message, Note, Paragraph, Reply, Text, bold, text
from bot.privacy import statistics
from bot.privacy.statistics import FEWEST, Figure, OfTopic, Statistics
from bot.services import Services
from digests.model import Topic

HEADING = "Introductions in numbers"
HOW = (
    f"Numbers are rounded down to fives, nothing under {FEWEST} is said, and what happened in the present month is "
    "left out until it is over: so nobody can be found by taking one number from another."
)
NO_TOPIC = f"No topic has {FEWEST} requests yet, so none is named."


async def show(ask: Ask, services: Services) -> Reply:
    """/intro stats."""
    now = services.clock.now()
    async with services.store.read() as uow:
        outcomes = await uow.requests.outcomes()
    return Reply((message(statistics.count(outcomes, now), services.topics),))


def message(told: Statistics, topics: Mapping[str, Topic]) -> Message:
    """The numbers, in words."""
    last = told.before - timedelta(days=1)
    until = Paragraph(text(f"Up to the end of {month(last)}, of the last two years at most."))
    named = Bullets(tuple(_topic(each, topics) for each in told.topics)) if told.topics else Paragraph(text(NO_TOPIC))
    blocks = (Heading(HEADING), until, Bullets(tuple(_lines(told))), Paragraph(text(bold("By topic"))), named)
    return Message(HEADING, (*blocks, Note(text(HOW))))


def month(day: date) -> str:
    """A month as people write it."""
    return f"{day:%B %Y}"


def _lines(told: Statistics) -> Iterator[Text]:
    figures: tuple[tuple[str, Figure], ...] = (
        ("Requests", told.requests),
        ("People asked", told.asked),
        ("Both agreed", told.accepted),
        ("Met, as one of them said", told.met),
    )
    for label, figure in figures:
        yield text(bold(f"{label}: "), figure.words)
    days = "fewer than 5, so not said" if told.median_days is None else _days(told.median_days)
    yield text(bold("From asking to the introduction, half of them within: "), days)


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def _topic(each: OfTopic, topics: Mapping[str, Topic]) -> Text:
    known = topics.get(each.topic_id)
    agreed = f"{each.accepted.words} led to a yes of both"
    return text(bold(known.name if known else each.topic_id), f": {each.requests.words}; {agreed}")
