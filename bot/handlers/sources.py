"""/convenor sources: how the reading of each source goes; adding one, pausing, resuming, reading it now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import sources
from bot.commands import GONE
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
from bot.ports import Found
from bot.services import Services
from bot.sources import Standing, is_found
from digests.adding import Feed
from digests.calendar import london_day, say_day, say_when
from digests.errors import ConvenorError
from digests.identity import canonical_url
from digests.model import FeedEntry, Fetch, Format, Outcome, Source, SourceState, Trouble

ADD, NOT_NOW = "sources.add", "sources.not-now"
PREVIEWED = 5
SHOWN_FETCHES = 15
# What one message of every platform can hold, and as many messages as an answer may have.
LINES_PER_MESSAGE, MAX_MESSAGES = 24, 5
MAX_LINE = 240
# An address that does not fit into a button together with its title.
MAX_ADDRESS = 1_500

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
    where = (
        f"Added beside the catalogue on {say_day(london_day(standing.added.added_at))}"
        if standing.added
        else "In the catalogue’s file"
    )
    lines = [
        f"{health.word}: {health.sentence}",
        f"Published by {source.publisher}; group {source.group.value.replace('_', ' ')}, weight {source.weight:g}. "
        f"{where}, with the id {source.id}.",
    ]
    state = standing.state
    if state and state.address:
        lines.append(f"It has moved for good, and is read at {state.address}.")
    if state and state.next_due_at and health.word not in ("off", "paused", "muted"):
        lines.append(f"It is next due {say_when(state.next_due_at)}.")
    return lines


NO_FETCHES = "No fetch in the last 30 days."


def standing_message(standing: Standing) -> Message:
    """One source with its latest fetches."""
    source = standing.source
    blocks: list[Block] = [Heading(source.name[:140])]
    blocks += [Paragraph(text(line)) for line in standing_words(standing)]
    blocks.append(Paragraph(text(link(source.url, source.url))))
    if standing.fetches:
        blocks.append(Bullets(tuple(text(fetch_words(fetch)[:300]) for fetch in standing.fetches)))
        blocks.append(Note(text("The latest fetches, newest first. Each is kept for 30 days.")))
    else:
        blocks.append(Paragraph(text(NO_FETCHES)))
    return Message(f"{source.name}: {health_of(source, standing.state).sentence}"[:300], tuple(blocks))


ADD_WHAT = say(
    "Which address? Write for example ", code("/convenor sources add https://www.example.org"),
    ": the address of a site, or of its feed.",
)  # fmt: skip


def which_one(verb: str) -> Message:
    """Said when the id is missing."""
    return say(
        "Which source? Write ", code(f"/convenor sources {verb} ID"), "; ",
        code("/convenor sources all"), " lists the ids.",
    )  # fmt: skip


def there_already(source: Source) -> Message:
    """The address is known."""
    return say(
        "That is among the sources already: ", bold(source.name), " (", code(source.id), "). Nothing was added. ",
        code(f"/convenor sources show {source.id}"), " shows how its reading goes.",
    )  # fmt: skip


def no_feed_words(found: Found) -> str:
    """Why nothing can be added."""
    outcome, reason = found.result.outcome, found.result.reason
    if outcome is Outcome.NOT_A_FEED:
        return (
            "I found no feed there: the page names none, and there is none in the usual places. Nothing was added. "
            "If the site has a feed, give the address of the feed itself."
        )
    return f"I could not read {found.url[:300]}: {reason or outcome.value} Nothing was added."


def title_of(found: Found) -> str:
    """What the feed calls itself, or else its address."""
    return found.result.title[:100] or found.url[:100]


def preview_message(found: Found) -> Message:
    """The feed and its last entries, with the question whether to add it."""
    entries = newest(found)
    title = title_of(found)
    blocks: list[Block] = [
        Heading(title),
        Paragraph(text("I found a feed at ", link(found.url[:300], found.url), ".")),
    ]
    if entries:
        few = "this is its only item" if len(entries) == 1 else f"these are its last {len(entries)} items"
        blocks.append(Paragraph(text(f"It has {count(len(found.result.entries), 'item')}; {few}:")))
        blocks.append(Bullets(tuple(_entry_line(entry) for entry in entries)))
    else:
        blocks.append(Paragraph(text("It has no items at present.")))
    if found.others:
        blocks.append(
            Note(text("The page names other feeds as well: ", ", ".join(url[:200] for url in found.others), "."))
        )
    value = json.dumps([found.url, found.format.value, title], ensure_ascii=False, separators=(",", ":"))
    blocks += [
        Paragraph(text("Add it?")),
        Buttons(
            (
                Button("Add", ADD, value, ButtonStyle.PRIMARY, hint=f"Add {title[:50]} to the sources"),
                Button("Not now", NOT_NOW, hint="Do not add this feed"),
            )
        ),
    ]
    return Message(f"I found the feed “{title}”. Add it?", tuple(blocks))


def newest(found: Found) -> tuple[FeedEntry, ...]:
    """The entries to show before somebody says yes: the newest by their dates, or else the feed's first."""
    entries = found.result.entries
    dated = [(moment, entry) for entry in entries if (moment := entry.published or entry.updated)]
    if len(dated) == len(entries):
        entries = tuple(entry for _, entry in sorted(dated, key=lambda pair: pair[0], reverse=True))
    return entries[:PREVIEWED]


def _entry_line(entry: FeedEntry) -> Text:
    moment = entry.published or entry.updated
    when = f" ({say_day(london_day(moment))})" if moment else " (no date)"
    title = (entry.title or entry.summary or "without a title")[:200]
    return text(link(title, entry.link) if entry.link else title, when)


NOTHING_ADDED = say("Nothing was added.")


def added_words(source: Source) -> str:
    """A source was added."""
    return (
        f"Added: {source.name}, with the id {source.id}, among {source.group.value.replace('_', ' ')}. What it holds "
        "now is background: it can be searched, and is never drafted. What it brings from now on counts."
    )


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
    return Reply((standing_message(await sources.look_up(services, ask.words, SHOWN_FETCHES)),))


async def add(ask: Ask, services: Services) -> Reply:
    """/convenor sources add ADDRESS: look, show, and ask."""
    if not ask.words:
        return Reply((ADD_WHAT,))
    found = await sources.look_at(services, ask.words)
    if isinstance(found, Source):
        return Reply((there_already(found),))
    if not is_found(found):
        return Reply((say(no_feed_words(found)),))
    if len(found.url) > MAX_ADDRESS:
        return Reply((say("The address of that feed is too long to be added in chat. Nothing was added."),))
    return Reply((preview_message(found),))


async def add_found(ask: Ask, services: Services) -> Reply:
    """The button Add under a preview: record the source, and read it for the first time."""
    try:
        url, format, title = json.loads(ask.value)
        kind = Format(format)
    except (ValueError, TypeError):
        return Reply((GONE,))
    if not kind.is_feed or not isinstance(url, str) or not canonical_url(url):
        return Reply((GONE,))
    (planned,) = await sources.add(services, [Feed(url, kind, str(title))], ask.identity)
    assert planned.source is not None  # its address has just been found to be one
    if not planned.is_new:
        return Reply((there_already(planned.source),))
    return Reply((say(f"{added_words(planned.source)} {await first_reading(services, planned.source)}"),))


async def first_reading(services: Services, source: Source) -> str:
    """Read a source that was added a moment ago; what came of it, in words."""
    try:
        _, fetch = await sources.read_now(services, source.id)
    except ConvenorError:
        return "It will be read for the first time within a few minutes, while the service runs."
    return f"First reading: {outcome_words(fetch)}"


async def not_now(ask: Ask, services: Services) -> Reply:
    """The button Not now under a preview."""
    return Reply((NOTHING_ADDED,))


async def pause(ask: Ask, services: Services) -> Reply:
    """/convenor sources pause ID."""
    if not ask.words:
        return Reply((which_one("pause"),))
    return Reply((say(pause_words(*await sources.pause(services, ask.words))),))


async def resume(ask: Ask, services: Services) -> Reply:
    """/convenor sources resume ID."""
    if not ask.words:
        return Reply((which_one("resume"),))
    return Reply((say(resume_words(*await sources.resume(services, ask.words))),))


async def read(ask: Ask, services: Services) -> Reply:
    """/convenor sources read ID."""
    if not ask.words:
        return Reply((which_one("read"),))
    return Reply((say(read_words(*await sources.read_now(services, ask.words))),))
