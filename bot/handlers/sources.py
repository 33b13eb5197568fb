"""/convenor sources: how the reading of each source goes; pausing one, resuming it, reading it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import sources
from bot.messages import (
    Ask,
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    Heading,
    Message,
    Note,
    Paragraph,
    Reply,
    Text,
    bold,
    code,
    count,
    link,
    say,
    text,
)
from bot.ports import Role
from bot.privacy.ports import COMMAND_LINE
from bot.services import Services
from bot.sources import Standing
from digests.calendar import say_when
from digests.model import Fetch, Group, Kind, Outcome, Source, SourceState, Trouble

EDIT, REMOVE = "sources.edit", "sources.remove"
KEEPERS = frozenset({Role.EDITOR, Role.ADMINISTRATOR})
"""Who may change something about sources."""

SHOWN_FETCHES = 15
# What one message of every platform can hold, and as many messages as an answer may have.
LINES_PER_MESSAGE, MAX_MESSAGES = 24, 5
MAX_LINE = 240

NEEDS_ATTENTION = ("failing", "muted", "silent")
_ORDER = ("failing", "muted", "silent", "paused", "waiting", "ok", "off")
_IN_WORDS = {"waiting": "not read yet"}


@dataclass(frozen=True, slots=True)
class Health:
    """One source's standing, ready to be said: ``word`` is failing, muted, silent, paused, waiting, ok or off."""

    source: Source
    word: str
    sentence: str

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look at it."""
        return self.word in NEEDS_ATTENTION


def health_of(source: Source, state: SourceState | None) -> Health:
    """What we know of a source, in words."""
    if not source.enabled:
        return Health(source, "off", f"switched off in the catalogue. {source.note}".strip())
    if state is None:
        return Health(source, "waiting", "not read yet")
    last = f"last read {say_when(state.last_good_at)}" if state.last_good_at else "never read yet"
    if state.paused:
        return Health(source, "paused", f"paused, until somebody resumes it ({last})")
    if state.outcome is None:
        return Health(source, "waiting", "not read yet")
    if state.muted:
        return Health(source, "muted", f"no longer read: {state.reason} ({last})")
    if state.outcome is Outcome.OFFLINE:
        return Health(source, "waiting", f"not read: {state.reason}")
    if state.outcome.is_good:
        if state.told is Trouble.SILENT and state.newest_entry_at:
            since = say_when(state.newest_entry_at)
            return Health(source, "silent", f"answers, but has brought nothing new since {since} ({last})")
        return Health(source, "ok", last)
    tries = "once" if state.failures == 1 else f"{state.failures} times in a row"
    since = f"since {say_when(state.failing_since)}; " if state.failing_since else ""
    return Health(source, "failing", f"failed {tries}: {state.reason} ({since}{last})")


def all_health(known: Sequence[Source], states: Mapping[str, SourceState]) -> list[Health]:
    """Every source, those that need attention first."""
    found = [health_of(source, states.get(source.id)) for source in known]
    return sorted(found, key=lambda health: (_ORDER.index(health.word), health.source.name.lower()))


def summary_of(found: Sequence[Health]) -> str:
    """How many there are of each standing: ``3 sources: 1 failing, 2 ok.``"""
    by_word = {word: sum(health.word == word for health in found) for word in _ORDER}
    parts = [f"{number} {_IN_WORDS.get(word, word)}" for word, number in by_word.items() if number]
    return f"{count(len(found), 'source')}: {', '.join(parts)}." if parts else "There are no sources."


EVERYBODY_WELL = "No source needs attention."
MORE = text(
    code("/convenor sources all"), " lists every source with its id, ", code("/convenor sources show ID"),
    " shows what came of its latest fetches.",
)  # fmt: skip


def glance(found: Sequence[Health]) -> tuple[Message, ...]:
    """The counts, and the sources that need attention with the reason and since when."""
    troubled = [health for health in found if health.needs_attention]
    first = Paragraph(text(summary_of(found)))
    blocks: list[Block] = [Heading("Sources"), first]
    if not troubled:
        blocks.append(Paragraph(text(EVERYBODY_WELL)))
    return _paged(summary_of(found), blocks, troubled)


def failing_list(found: Sequence[Health]) -> tuple[Message, ...]:
    """Only the sources that need attention."""
    troubled = [health for health in found if health.needs_attention]
    if not troubled:
        return (say(EVERYBODY_WELL, " ", summary_of(found)),)
    heading = f"{count(len(troubled), 'source needs', 'sources need')} attention"
    return _paged(heading, [Heading(heading)], troubled)


def full_list(found: Sequence[Health]) -> tuple[Message, ...]:
    """Every source, those that need attention first."""
    return _paged(summary_of(found), [Heading("Sources"), Paragraph(text(summary_of(found)))], found)


def _paged(summary: str, first: list[Block], found: Sequence[Health]) -> tuple[Message, ...]:
    shown = found[: LINES_PER_MESSAGE * MAX_MESSAGES]
    pages: list[list[Block]] = [first]
    for start in range(0, len(shown), LINES_PER_MESSAGE):
        if start:
            pages.append([])
        pages[-1].append(Bullets(tuple(_line(health) for health in shown[start : start + LINES_PER_MESSAGE])))
    if len(found) > len(shown):
        left = len(found) - len(shown)
        pages[-1].append(Paragraph(text(f"And {left:,} more: ", code("convenor sources"), " on the command line.")))
    pages[-1].append(Note(MORE))
    return tuple(Message(summary, tuple(blocks)) for blocks in pages)


def _line(health: Health) -> Text:
    words = f" {health.source.name} ({health.source.id}): {health.sentence}"
    return text(bold(health.word), words if len(words) <= MAX_LINE else f"{words[: MAX_LINE - 1]}…")


def fetch_words(fetch: Fetch) -> str:
    """One fetch in words: when, and what came of it."""
    return f"{say_when(fetch.started_at)}: {outcome_words(fetch)}"


def outcome_words(fetch: Fetch) -> str:
    """What came of a fetch."""
    if fetch.outcome is Outcome.READ:
        brought = f"read, {count(fetch.entries, 'entry', 'entries')}, {fetch.new:,} new, {fetch.changed:,} changed"
        return f"{brought}. {fetch.reason}" if fetch.reason else f"{brought}."
    if fetch.outcome is Outcome.UNCHANGED:
        return "nothing had changed since the fetch before."
    return f"{fetch.outcome.value}. {fetch.reason}".strip()


def standing_words(standing: Standing) -> list[str]:
    """What a source is, line by line."""
    source = standing.source
    health = health_of(source, standing.state)
    kind = "" if source.document_kind is Kind.OTHER else f", kind {source.document_kind.value}"
    lines = [
        f"{health.word}: {health.sentence}",
        f"Published by {source.publisher}; group {group_words(source.group)}{kind}, weight {source.weight:g}. "
        f"{_origin(standing)}, with the id {source.id}.",
    ]
    if changed := standing.changed:
        lines.append(
            f"Its details were last changed{_by(changed.actor, standing.changed_by)} ({say_when(changed.at)})."
        )
    state = standing.state
    if state and state.address:
        lines.append(f"It has moved for good, and is read at {state.address}.")
    if state and state.next_due_at and health.word not in ("off", "paused", "muted"):
        lines.append(f"It is next due {say_when(state.next_due_at)}.")
    return lines


def _origin(standing: Standing) -> str:
    if standing.added is None:
        return "It stands in the catalogue’s file, where it can be changed"
    by = _by(standing.added.added_by, standing.added_by)
    return f"Added beside the catalogue{by} ({say_when(standing.added.added_at)})"


def _by(actor: str, name: str) -> str:
    if actor == COMMAND_LINE:
        return " on the command line"
    return f" by {name}" if name else ""


def group_words(group: Group) -> str:
    """A group as people say it."""
    return group.value.replace("_", " ")


NO_FETCHES = "No fetch in the last 30 days."


def standing_message(standing: Standing, *, for_keeper: bool) -> Message:
    """One source with its latest fetches; for those who may change it, with the buttons to do so."""
    source = standing.source
    blocks: list[Block] = [Heading(source.name[:140])]
    blocks += [Paragraph(text(line)) for line in standing_words(standing)]
    blocks.append(Paragraph(text(link(source.url, source.url))))
    if standing.fetches:
        blocks.append(Bullets(tuple(text(fetch_words(fetch)[:300]) for fetch in standing.fetches)))
        blocks.append(Note(text("The latest fetches, newest first. Each is kept for 30 days.")))
    else:
        blocks.append(Paragraph(text(NO_FETCHES)))
    if standing.added and for_keeper:
        blocks.append(_keepers_buttons(source))
    return Message(f"{source.name}: {health_of(source, standing.state).sentence}"[:300], tuple(blocks))


def _keepers_buttons(source: Source) -> Buttons:
    name = source.name[:50]
    ask_first = f"Remove {name} from the sources? It is no longer read; what was read from it is kept."
    return Buttons(
        (
            Button("Edit", EDIT, source.id, hint=f"Edit the name, publisher, group, kind and weight of {name}"),
            Button(
                "Remove",
                REMOVE,
                source.id,
                ButtonStyle.DANGER,
                confirm=ask_first,
                hint=f"Remove {name} from the sources",
            ),
        )
    )


def which_one(verb: str) -> Message:
    """Said when the id is missing."""
    return say(
        "Which source? Write ", code(f"/convenor sources {verb} ID"), "; ",
        code("/convenor sources all"), " lists the ids.",
    )  # fmt: skip


def read_words(source: Source, fetch: Fetch) -> str:
    """What came of reading now."""
    return f"{source.name}: {outcome_words(fetch)}"


def pause_words(source: Source, done: bool) -> str:
    """What came of pausing."""
    if done:
        return f"{source.name} is paused. It is not read until somebody resumes it; what it brought so far is kept."
    return f"{source.name} is {'paused already' if source.enabled else OFF_IN_FILE}. Nothing was changed."


def resume_words(source: Source, done: bool) -> str:
    """What came of resuming."""
    if done:
        return f"{source.name} is read again, from the next reading on (within a minute, while the service runs)."
    return f"{source.name} is {'not paused' if source.enabled else OFF_IN_FILE}. Nothing was changed."


OFF_IN_FILE = "switched off in the catalogue’s file, and can only be switched on there"


async def show(ask: Ask, services: Services) -> Reply:
    """/convenor sources."""
    return Reply(glance(await _health(services)))


async def show_failing(ask: Ask, services: Services) -> Reply:
    """/convenor sources failing."""
    return Reply(failing_list(await _health(services)))


async def show_all(ask: Ask, services: Services) -> Reply:
    """/convenor sources all."""
    return Reply(full_list(await _health(services)))


async def _health(services: Services) -> list[Health]:
    async with services.store.read() as uow:
        return all_health(await services.all_sources(uow), await uow.sources.states())


async def show_one(ask: Ask, services: Services) -> Reply:
    """/convenor sources show ID."""
    if not ask.words:
        return Reply((which_one("show"),))
    standing = await sources.look_up(services, ask.words, SHOWN_FETCHES)
    async with services.store.read() as uow:
        keeper = bool(KEEPERS & await services.roles_of(uow, ask.identity))
    return Reply((standing_message(standing, for_keeper=keeper),))


async def pause(ask: Ask, services: Services) -> Reply:
    """/convenor sources pause ID."""
    if not ask.words:
        return Reply((which_one("pause"),))
    return Reply((say(pause_words(*await sources.pause(services, ask.words, ask.identity))),))


async def resume(ask: Ask, services: Services) -> Reply:
    """/convenor sources resume ID."""
    if not ask.words:
        return Reply((which_one("resume"),))
    return Reply((say(resume_words(*await sources.resume(services, ask.words, ask.identity))),))


async def read(ask: Ask, services: Services) -> Reply:
    """/convenor sources read ID."""
    if not ask.words:
        return Reply((which_one("read"),))
    return Reply((say(read_words(*await sources.read_now(services, ask.words))),))
