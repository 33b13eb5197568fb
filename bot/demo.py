"""``convenor demo``: the whole of Convenor in a browser, a minute after the installation, with no account."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from rich.panel import Panel

from bot import console, editions, schedule
from bot.app import EVERYTHING, new_key, serve
from bot.messages import count
from bot.services import Services
from config.settings import DEFAULT_DATABASE_URL, OWN_DIRECTORY, Settings
from digests.model import Edition

# The draft is made from whatever has been read by then; slower sources go on in the background.
READ_FOR_SECONDS = 18.0
OWN_KEY = "demo.key"

NO_NETWORK = (
    "No publisher can be reached from here, so the bundled sample feeds are read instead: real titles, addresses and "
    "dates of the week to 23 January 2025."
)
OFFLINE = "Reading the bundled sample feeds: real titles, addresses and dates of the week to 23 January 2025."
LIVE = "Reading the catalogue’s live sources."
STILL_READING = "Some sources are slow; they are read in the background while you look around."


class _OwnDatabase(Settings):
    """Settings whose database is the demo's own."""

    @property
    def is_trial(self) -> bool:
        return True

    @property
    def own_directory(self) -> Path | None:
        return OWN_DIRECTORY


def demo_settings(settings: Settings, *, offline: bool) -> Settings:
    """The settings with the browser chat switched on, and a database of the demo's own unless one was set."""
    values = {**settings.model_dump(), "local_chat": True, "offline": offline}
    if settings.database_url.get_secret_value() != DEFAULT_DATABASE_URL:
        return Settings.model_validate(values)
    name = "demo-samples" if offline else "demo"
    return _OwnDatabase.model_validate({**values, "database_url": SecretStr(f"sqlite:///{OWN_DIRECTORY}/{name}.db")})


def with_own_key(settings: Settings) -> Settings:
    """The settings with a key: theirs, or the demo's own, which is made once and lies beside its databases.

    A key in the same place as what it opens keeps no secret from anybody, and the demo has none to keep.
    """
    if settings.keys:
        return settings
    OWN_DIRECTORY.mkdir(exist_ok=True)
    file = OWN_DIRECTORY / OWN_KEY
    if not file.exists():
        file.touch(mode=0o600)
    key = file.read_text(encoding="ascii").strip()
    if not key:
        key = new_key()
        file.write_text(key + "\n", encoding="ascii")
    return type(settings).model_validate({**settings.model_dump(), "encryption_keys": SecretStr(key)})


def what_to_try(url: str, edition: Edition | None) -> str:
    """The closing words: where to look and what to do there."""
    if edition is None or not edition.content.included:
        drafted = (
            "Nothing of this week is about data or AI policy so far, so there is little to draft from. "
            "Stop this, and try “make demo OFFLINE=1” to see a full draft."
        )
    else:
        entries, maybes = len(edition.content.included), len(edition.content.maybe)
        drafted = (
            f"Edition {edition.number} is drafted, with {count(entries, 'entry', 'entries')} and "
            f"{count(maybes, 'maybe')}."
        )
    return f"""{drafted}

Open {url} in a browser. Then try:

  1. Be Bob, an editor: in #editors, leave out an entry you would not print.
  2. Be Carol, an editor: in #editors, approve the draft. Bob cannot:
     he made the last edit. An approved edition waits for a while, so that
     it can be pulled back: press Post now.
  3. Be Alice, a member: read the edition in #digest, then type
     /digest search data
     or /intro someone who knows about facial recognition
  4. Be Dan, a coordinator: see Alice’s request in #coordinators.
  5. Be Carol: type /profile and say yes to what coordinators may know of
     you. Dan lets you in; then ask for an introduction as Alice again.

Type /convenor help anywhere. Stop with Ctrl+C; everything is kept in var/."""


async def run(settings: Settings, stop: asyncio.Event, *, offline: bool, why: str) -> None:
    """Read, draft, serve, until ``stop``. Raises ConfigError and Busy as ``serve`` does."""
    err = console.err()
    err.print(why)
    async with serve(
        with_own_key(demo_settings(settings, offline=offline)), EVERYTHING, name="convenor demo", ticking=False
    ) as service:
        services = service.house.services
        reading = asyncio.create_task(_read(services, err))
        await asyncio.wait({reading}, timeout=READ_FOR_SECONDS)
        if not reading.done():
            err.print(STILL_READING)
        await editions.make_edition_now(services)
        async with services.store.read() as uow:
            edition = await editions.open_draft(uow) or await editions.latest_published(uow)
        err.print(Panel(what_to_try(service.url, edition), title="Convenor", expand=False))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, reading}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            await reading
            service.start_ticking()
        await stopped
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _read(services: Services, err: Console) -> None:
    due = [source for source in await services.present_sources() if source.enabled]
    with console.reading(len(due), err) as done:
        summary = await schedule.read_sources(services, on_result=done)
    err.print(
        f"Read {summary.fetched} sources in {summary.seconds:.1f} seconds: "
        f"{summary.new:,} new items, {len(summary.failed)} sources failed."
    )
