"""/convenor sources: how the reading of each source goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.messages import Ask, Block, Bullets, Heading, Message, Note, Paragraph, Reply, Text, bold, code, count, text
from bot.services import Services
from digests.calendar import say_when
from digests.model import Source, SourceState

# Slack's limit for one message; the command line shows every source.
LINES_PER_MESSAGE = 40


@dataclass(frozen=True, slots=True)
class Health:
    """One source's standing, ready to be said: ``word`` is ok, failing, muted, off or waiting."""

    source: Source
    word: str
    sentence: str


def health_of(source: Source, state: SourceState | None) -> Health:
    """What we know of a source, in words."""
    if not source.enabled:
        return Health(source, "off", f"switched off in the catalogue. {source.note}".strip())
    if state is None or state.outcome is None:
        return Health(source, "waiting", "not read yet")
    last = f"last read {say_when(state.last_good_at)}" if state.last_good_at else "never read yet"
    if state.muted:
        return Health(source, "muted", f"no longer read: {state.reason} ({last})")
    if state.outcome.is_good:
        return Health(source, "ok", last)
    tries = "once" if state.failures == 1 else f"{state.failures} times in a row"
    return Health(source, "failing", f"failed {tries}: {state.reason} ({last})")


def all_health(sources: Sequence[Source], states: Mapping[str, SourceState]) -> list[Health]:
    """Every source, those that need attention first."""
    order = ["failing", "muted", "waiting", "ok", "off"]
    found = [health_of(source, states.get(source.id)) for source in sources]
    return sorted(found, key=lambda health: (order.index(health.word), health.source.name.lower()))


def health_messages(found: Sequence[Health]) -> tuple[Message, ...]:
    """The whole list, in as many messages as the platform needs."""
    counts = {
        word: sum(health.word == word for health in found) for word in ("ok", "failing", "muted", "waiting", "off")
    }
    summary = (
        f"{count(len(found), 'source')}: {counts['ok']} ok, {counts['failing']} failing, {counts['muted']} muted, "
        f"{counts['waiting']} not read yet, {counts['off']} off."
    )
    messages: list[Message] = []
    for start in range(0, max(len(found), 1), LINES_PER_MESSAGE):
        lines = tuple(_line(health) for health in found[start : start + LINES_PER_MESSAGE])
        blocks: list[Block] = [Bullets(lines)] if lines else []
        if start == 0:
            blocks[:0] = [Heading("Sources"), Paragraph(text(summary))]
        messages.append(Message(summary, tuple(blocks)))
    last = messages[-1]
    more = Note(text("On the command line, ", code("convenor sources"), " shows the same."))
    messages[-1] = Message(last.summary, (*last.blocks, more))
    return tuple(messages)


def _line(health: Health) -> Text:
    return text(bold(health.word), f" {health.source.name}: {health.sentence}"[:200])


async def show(ask: Ask, services: Services) -> Reply:
    """/convenor sources."""
    async with services.store.read() as uow:
        found = all_health(await services.all_sources(uow), await uow.sources.states())
    return Reply(health_messages(found))
