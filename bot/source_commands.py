"""``convenor sources …``: what the command line does with sources."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import app, console, sources
from bot.actions import actions_of
from bot.handlers.added_sources import (
    fields_of,
    first_reading,
    newest,
    no_feed_words,
    read_details,
    removed_words,
    saved_words,
    title_of,
    unchanged_words,
)
from bot.handlers.sources import (
    all_health,
    fetch_words,
    health_of,
    pause_words,
    read_words,
    resume_words,
    standing_words,
    summary_of,
)
from bot.services import Services
from bot.sources import is_found
from config.settings import Settings
from digests import intake, opml
from digests.adding import Details, Feed, Planned
from digests.errors import ConfigError, ConvenorError
from digests.model import FeedEntry, Fetch, Format, Group, Kind, Outcome, Source

DID_NOT_WORK = 1
Arguments = argparse.Namespace

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
CHANGED_UNSEEN = "Somebody has just changed this source, so nothing was done. Please look at it and try again."
_OUR_FAULT = "Convenor itself failed over this input. Nothing was stored."


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The actions of ``convenor sources``, each with its help. Without an action it lists."""
    action = actions_of(parser)
    listing = action("list", "show how the reading of each source goes")
    listing.add_argument("--failing", action="store_true", help="only the sources that need attention")
    action("show", "show one source and what came of its latest fetches").add_argument("id", metavar="ID")
    adding = action("add", "find the feed of a site, show its last items, and with --yes add it")
    adding.add_argument("address", metavar="ADDRESS", help="the address of a site or of its feed")
    adding.add_argument("--group", choices=[group.value for group in Group], help="default: guessed by the address")
    adding.add_argument("--yes", action="store_true", help="add it")
    action("pause", "stop reading a source for now").add_argument("id", metavar="ID")
    action("resume", "read a source again that was paused or had ended").add_argument("id", metavar="ID")
    editing = action("edit", "change the details of a source that was added")
    editing.add_argument("id", metavar="ID")
    editing.add_argument("--name", help="what editors see in lists")
    editing.add_argument("--publisher", help="who speaks: it stands beside every entry read from now on")
    editing.add_argument("--group", choices=[group.value for group in Group], help="it decides the section")
    editing.add_argument("--kind", choices=[kind.value for kind in Kind], metavar="KIND", help="of its documents")
    editing.add_argument("--weight", help="from 0 to 1; 0.5 suits most")
    action("remove", "take away a source that was added; what was read from it stays").add_argument("id", metavar="ID")
    action("read", "read a source now, due or not").add_argument("id", metavar="ID")
    trial = action("test", "read a feed or an API without storing anything, and show what would be taken from it")
    trial.add_argument("what", metavar="ADDRESS_OR_FILE", help="an address with https:// or http://, or a file")
    formats = [kind.value for kind in Format]
    words = f"what it is, where that is not recognised: {', '.join(formats)}"
    trial.add_argument("--format", choices=formats, metavar="KIND", help=words)
    importing = action("import", "show which feeds of an OPML file are new, and with --yes add them")
    importing.add_argument("file", metavar="FILE", help="an OPML file, or - for standard input")
    importing.add_argument("--yes", action="store_true", help="add them")
    exporting = action("export", "write the feeds that are read as OPML")
    exporting.add_argument("--opml", metavar="FILE", default="-", help="the file to write, or - for standard output")


def run(settings: Settings, arguments: Arguments) -> int:
    """Do what ``convenor sources`` was told; the exit code."""
    return asyncio.run(_ACTIONS[arguments.action or "list"](settings, arguments))


async def _list(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house, house.services.store.read() as uow:
        states = await uow.sources.states()
        found = all_health(await house.services.all_sources(uow), states)
    if getattr(arguments, "failing", False):
        found = [health for health in found if health.needs_attention]
    if arguments.json:
        good = {key: state.last_good_at.isoformat() for key, state in states.items() if state.last_good_at}
        console.write_json(console.health_data(found, good))
    elif found:
        console.health_table(found, console.out())
        console.out().print(summary_of(found), markup=False)
    else:
        console.write("No source needs attention.")
    return 0


async def _show(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        standing = await sources.look_up(house.services, arguments.id)
    if arguments.json:
        good = standing.state.last_good_at if standing.state else None
        health = health_of(standing.source, standing.state)
        (data,) = console.health_data([health], {standing.source.id: good.isoformat()} if good else {})
        console.write_json({**data, "fetches": [_fetch_data(fetch) for fetch in standing.fetches]})
    else:
        console.write("\n".join([standing.source.name, standing.source.url, *standing_words(standing)]))
        for fetch in standing.fetches:
            console.write(f"  {fetch_words(fetch)}")
    return 0


async def _add(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        services = house.services
        found = await sources.look_at(services, arguments.address)
        data: dict[str, Any] = {"known": None, "added": None}
        if isinstance(found, Source):
            return _say(
                arguments,
                {**data, "known": found.id},
                f"That is among the sources already: {found.name} ({found.id}). Nothing was added.",
            )
        result = found.result
        data |= {"url": found.url, "outcome": result.outcome.value, "reason": result.reason, "title": result.title}
        data |= {"entries": [_entry_data(entry) for entry in newest(found)], "others": list(found.others)}
        if not is_found(found):
            _say(arguments, data, no_feed_words(found))
            return DID_NOT_WORK
        lines = [title_of(found), found.url, *(f"  {_entry_words(entry)}" for entry in newest(found))]
        lines += [f"The page names another feed: {url}" for url in found.others]
        if not arguments.yes:
            return _say(arguments, data, *lines, "Nothing was added. To add it, run this again with --yes.")
        group = Group(arguments.group) if arguments.group else None
        (planned,) = await sources.add(services, [Feed(found.url, found.format, title_of(found), group)], None)
        assert planned.source is not None  # its address has just been read
        data["added"] = planned.source.id
        first = await first_reading(services, planned.source)
    return _say(
        arguments, data, *lines, f"Added with the id {planned.source.id}, in {planned.source.group.value}. {first}"
    )


async def _pause(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        source, done = await sources.pause(house.services, arguments.id, None)
    return _say(arguments, {"id": source.id, "changed": done}, pause_words(source, done))


async def _resume(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        source, done = await sources.resume(house.services, arguments.id, None)
    return _say(arguments, {"id": source.id, "changed": done}, resume_words(source, done))


async def _edit(settings: Settings, arguments: Arguments) -> int:
    asked = {name: getattr(arguments, name) for name in ("name", "publisher", "group", "kind", "weight")}
    async with app.open_house(settings) as house:
        async with house.services.store.read() as uow:
            source = await sources.find_added(uow, house.services, arguments.id)
        details = Details.of(source)
        given = {name: value for name, value in asked.items() if value is not None}
        read = read_details({**fields_of(details), **given})
        if not isinstance(read, Details):
            raise ConfigError([f"--{name}: {sentence}" for name, sentence in read.items()])
        source, done = await sources.change(house.services, source.id, read, details.mark, None)
    if not done:
        raise ConvenorError(source.id, CHANGED_UNSEEN)
    data = {"id": source.id, **fields_of(Details.of(source))}
    return _say(arguments, data, saved_words(source) if given else unchanged_words(source))


async def _remove(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        source = await sources.remove(house.services, arguments.id, None)
    again = f"To have it back, run convenor sources add {source.url} --yes."
    return _say(arguments, {"id": source.id, "removed": True}, f"{removed_words(source)} {again}")


async def _read(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        source, fetch = await sources.read_now(house.services, arguments.id)
    _say(arguments, {"id": source.id, **_fetch_data(fetch)}, read_words(source, fetch))
    return 0 if fetch.outcome.is_good else DID_NOT_WORK


async def _import(settings: Settings, arguments: Arguments) -> int:
    feeds = opml.read_opml(_bytes_of(arguments.file))
    async with app.open_house(settings) as house:
        planned = await (_add_all if arguments.yes else _plan)(house.services, feeds)
    new = [entry.source for entry in planned if entry.is_new and entry.source]
    known = [entry.source for entry in planned if not entry.is_new and entry.source]
    refused = [entry.feed.url for entry in planned if entry.source is None]
    data = {
        "new": [{"id": source.id, "name": source.name, "url": source.url} for source in new],
        "known": [source.id for source in known],
        "refused": refused,
        "added": len(new) if arguments.yes else 0,
    }
    lines = [f"{source.id}: {source.name} ({source.url})" for source in new]
    lines += [f"Refused, because it is no web address that can be read: {url[:200]}" for url in refused]
    lines.append(f"{len(planned)} in the file: {len(new)} new, {len(known)} known, {len(refused)} refused.")
    if new and not arguments.yes:
        lines.append("Nothing was added. To add the new ones, run this again with --yes.")
    elif new:
        lines.append("They were added. What they hold at their first reading is background, and is never drafted.")
    return _say(arguments, data, *lines)


async def _plan(services: Services, feeds: Sequence[Feed]) -> list[Planned]:
    async with services.store.read() as uow:
        return await sources.plan(uow, services, feeds)


async def _add_all(services: Services, feeds: Sequence[Feed]) -> list[Planned]:
    return await sources.add(services, feeds, None)


async def _export(settings: Settings, arguments: Arguments) -> int:
    async with app.open_house(settings) as house:
        known = [source for source in await house.services.present_sources() if source.enabled]
        written = opml.write_opml(known, title="Sources of Convenor", now=house.services.clock.now())
    feeds = sum(source.format.is_feed for source in known)
    if arguments.opml == "-":
        console.write(written)
    else:
        _write(arguments.opml, written)
    left = len(known) - feeds
    rest = f" {left} more are APIs, which OPML cannot hold." if left else ""
    console.err().print(f"{feeds} feeds were written.{rest}", markup=False)
    return 0


def _write(file: str, words: str) -> None:
    try:
        Path(file).write_text(words, encoding="utf-8")
    except OSError as trouble:
        raise ConfigError([f"--opml: {file} cannot be written ({trouble.strerror})."]) from None


def _bytes_of(file: str) -> bytes:
    # One byte more than may be: the reader of the list then says that it is too much.
    try:
        if file == "-":
            return sys.stdin.buffer.read(opml.MAX_BYTES + 1)
        with Path(file).open("rb") as opened:
            return opened.read(opml.MAX_BYTES + 1)
    except OSError as trouble:
        raise ConfigError([f"{file} cannot be read ({trouble.strerror})."]) from None


async def _test(settings: Settings, arguments: Arguments) -> int:
    """Whatever comes of it is an outcome, and the exit code is always 0: scripts read the outcome."""
    try:
        outcome, reason, title, entries = await _try(settings, arguments)
    except Exception as trouble:
        known = isinstance(trouble, ConvenorError)
        outcome, reason, title, entries = Outcome.UNREADABLE, str(trouble) if known else _OUR_FAULT, "", ()
    now = datetime.now(UTC)
    entries = [
        replace(
            entry,
            published=intake.believable(entry.published, now),
            updated=intake.believable(entry.updated, now),
        )
        for entry in entries
    ]
    data = {
        "outcome": outcome.value,
        "reason": reason,
        "title": title,
        "entries": [_entry_data(entry) for entry in entries],
    }
    if arguments.json:
        # In ASCII: whatever stands in a feed can then be written to whatever standard output is.
        console.write(json.dumps(data, indent=2))
        return 0
    console.write(f"{outcome.value}: {reason}" if reason else outcome.value)
    if title:
        console.write(title)
    for entry in entries:
        console.write(f"  {_entry_words(entry)}\n    {entry.link}")
    return 0


async def _try(settings: Settings, arguments: Arguments) -> tuple[Outcome, str, str, Sequence[FeedEntry]]:
    what, kind = arguments.what, Format(arguments.format) if arguments.format else None
    if not _ADDRESS.match(what):
        understood = await app.read_file(settings, Path(what), kind)
        return understood.outcome, understood.reason, understood.title, understood.entries
    result = await app.read_once(settings, what, kind)
    return result.outcome, result.reason, result.title, result.entries


def _say(arguments: Arguments, data: dict[str, Any], *lines: str) -> int:
    if arguments.json:
        console.write_json(data)
    else:
        console.write("\n".join(lines))
    return 0


def _entry_words(entry: FeedEntry) -> str:
    moment = entry.published or entry.updated
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC  {entry.title}" if moment else f"no date  {entry.title}"


def _entry_data(entry: FeedEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "link": entry.link,
        "published": _iso(entry.published),
        "updated": _iso(entry.updated),
        "summary": entry.summary,
    }


def _fetch_data(fetch: Fetch) -> dict[str, Any]:
    return {
        "started_at": _iso(fetch.started_at),
        "finished_at": _iso(fetch.finished_at),
        "outcome": fetch.outcome.value,
        "reason": fetch.reason,
        "status": fetch.status,
        "entries": fetch.entries,
        "new": fetch.new,
        "changed": fetch.changed,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


_ACTIONS: dict[str, Callable[[Settings, Arguments], Coroutine[Any, Any, int]]] = {
    "list": _list,
    "show": _show,
    "add": _add,
    "pause": _pause,
    "resume": _resume,
    "edit": _edit,
    "remove": _remove,
    "read": _read,
    "test": _test,
    "import": _import,
    "export": _export,
}
