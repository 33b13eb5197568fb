"""The composition root: the only module that builds adapters, and starts and stops what a command needs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.clock import PinnedClock, SystemClock, Ticker
from adapters.feeds import trial
from adapters.feeds.discover import Finder
from adapters.feeds.http import HttpFeedReader
from adapters.feeds.samples import SampleFeedReader
from adapters.feeds.sources.reader import ApiReader
from adapters.feeds.understand import Understood
from adapters.local import permalink as local_permalink
from adapters.local.app import CAST, LocalChat
from adapters.local.cast import address_of
from adapters.mail import PLATFORM as mail_platform
from adapters.mail import MailCourier
from adapters.slack import permalink as slack_permalink
from adapters.store.chatlog import ChatLog
from adapters.store.database import Database
from adapters.store.lock import ServiceLock
from adapters.store.vault import new_key as new_key
from adapters.web import About, Article, Site, WebServer
from adapters.webpages import WebPages
from bot import channels, link_checks, posts, schedule, transparency
from bot.archive import Archivist
from bot.commands import Front
from bot.introductions.directory import Directory
from bot.introductions.matching import matcher_for
from bot.lasting import spare_what_is_here
from bot.outbox import Outbox
from bot.ports import BadLink, Binding, Courier, Grant, Pointed, Purpose, Role
from bot.services import Services
from bot.table import build_table
from config.catalogue import SAMPLES_NOW, load_catalogue, load_samples
from config.digest import load_plan
from config.kinds import load_kinds
from config.mail import parse_mailbox, parse_smtp
from config.settings import Settings, is_loopback
from config.synonyms import load_synonyms
from config.topics import load_taxonomy
from digests.adding import find_known
from digests.calendar import due_after, london_day
from digests.errors import ConfigError
from digests.kinds import KindRules
from digests.model import (
    Address,
    FeedEntry,
    FetchResult,
    Format,
    Group,
    Item,
    Kind,
    Outcome,
    Source,
    SourceState,
    Tagging,
)
from digests.plan import DigestPlan
from digests.ports import Clock, FeedReader
from digests.render.record import TITLE, as_html
from digests.tagging import NearField, Tagger, Taxonomy
from digests.transparency import record

if TYPE_CHECKING:
    from adapters.slack.app import SlackApp

log = logging.getLogger(__name__)

STOP_SECONDS = 8.0

NEEDS_A_KEY = (
    "CONVENOR_ENCRYPTION_KEYS: is not set. What members write is kept encrypted, so a key is needed to run: "
    "“convenor keys new” makes one. Put it into the environment or .env, and keep a copy apart from the database’s "
    "backups, for without it nobody can read what was kept."
)


class Part(StrEnum):
    """The parts of the service, as the Procfile names them."""

    WEB = "web"
    WORKER = "worker"
    CLOCK = "clock"


EVERYTHING = frozenset(Part)


@dataclass(slots=True)
class House:
    """What a command works with: the services, and the adapters behind them."""

    settings: Settings
    services: Services
    database: Database
    taxonomy: Taxonomy
    awake: asyncio.Event = field(default_factory=asyncio.Event)


def make_tagger(settings: Settings) -> Tagger:
    """The tagger with the settings' topics. Raises ConfigError."""
    return Tagger(load_taxonomy(settings.topics))


@contextlib.asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Load the configuration, open the store and build the services; close all of it afterwards.

    Raises ConfigError, with every mistake of all the files at once.
    """
    catalogue, taxonomy, plan, kind_rules, synonyms = _load_files(settings)
    database = await open_database(settings)
    tagger = Tagger(taxonomy)
    awake = asyncio.Event()

    def tag(item: Item) -> Tagging:
        return tagger.tag(item.title, item.summary, item.publisher, item.url, item.kind, item.source_id)

    def is_relevant(entry: FeedEntry) -> bool:
        kind = entry.kind or Kind.OTHER
        return tagger.tag(entry.title, entry.summary, publisher=entry.publisher, url=entry.link, kind=kind).relevant

    try:
        clock = await _make_clock(settings, plan, database)
        sources = catalogue.sources
        if settings.offline:
            sources = _with_samples(sources, load_samples())
        async with open_reader(settings, clock, relevant=is_relevant) as reader:
            services = Services(
                store=database,
                clock=clock,
                plan=plan,
                catalogue=sources,
                topics={topic.id: topic for topic in taxonomy.topics},
                tag=tag,
                signs=NearField(taxonomy.near).signs,
                reader=reader,
                finder=make_finder(settings, reader),
                pages=WebPages(contact=settings.contact, allow_private=settings.allow_private_addresses),
                names_admin=lambda who: settings.names_admin(who.platform, who.workspace, who.user),
                admins=settings.admins,
                message_at=message_at,
                wake=awake.set,
                fetch_concurrency=settings.fetch_concurrency,
                public_url=settings.public_url,
                owner=settings.owner,
                contact=settings.contact,
                kind_rules=kind_rules,
                directory=Directory(matcher_for(tagger, synonyms)),
                can_mail=settings.smtp_url is not None,
            )
            spare_what_is_here()
            yield House(settings, services, database, taxonomy, awake)
    finally:
        await database.close()


async def open_database(settings: Settings) -> Database:
    """The database of the settings, with their keys. Raises ConfigError."""
    _make_own_directory(settings)
    return await Database.open(settings.database_url.get_secret_value(), keys=settings.keys)


@contextlib.asynccontextmanager
async def open_reader(
    settings: Settings, clock: Clock, *, relevant: Callable[[FeedEntry], bool] | None = None
) -> AsyncIterator[FeedReader]:
    """The reader of feeds and APIs: over the network, or offline from the bundled samples.

    ``relevant`` says which entries of an API are worth a request of their own for their full text.
    """
    if settings.offline:
        yield SampleFeedReader(load_samples(), clock)
        return
    async with HttpFeedReader(
        clock,
        contact=settings.contact,
        timeout_seconds=settings.fetch_timeout_seconds,
        max_bytes=settings.fetch_max_bytes,
        allow_private=settings.allow_private_addresses,
        per_host=settings.fetch_per_host,
        gap_seconds=settings.fetch_gap_seconds,
        processes=settings.parse_processes,
    ) as http:
        yield ApiReader(http, clock, relevant=relevant)


def make_finder(settings: Settings, reader: FeedReader) -> Finder:
    """What finds the feed of a site, under the same guard as the reader."""
    return Finder(reader, contact=settings.contact, allow_private=settings.allow_private_addresses)


async def read_once(settings: Settings, address: str, kind: Format | None = None) -> FetchResult:
    """Read an address as a source of this kind would be read, with no store.

    Without a kind, it is that of the catalogue, or the API whose answer the address gives, or else a feed.
    """
    known: Source | None = None
    with contextlib.suppress(ConfigError):
        known = find_known(address, load_catalogue(settings.catalogue).sources)
    source = known or Source("test", address, address, Format.RSS, address, Group.CIVIL_SOCIETY)
    source = replace(source, url=address, format=kind or source.format)
    async with open_reader(settings, SystemClock()) as reader:
        result = await reader.read(source, SourceState(source.id))
        if result.outcome is Outcome.NOT_A_FEED and not (kind or known) and isinstance(reader, ApiReader):
            kind = await reader.format_of(source)
            return await reader.read(replace(source, format=kind), SourceState(source.id)) if kind else result
        return result


async def read_file(settings: Settings, path: Path, kind: Format | None = None) -> Understood:
    """Read a file as the answer of an address would be read, with no store."""
    today = london_day(SystemClock().now())
    return await trial.read_file(path, max_bytes=settings.fetch_max_bytes, today=today, kind=kind)


def mail_courier(house: House) -> MailCourier | None:
    """What carries mail, where a mail server is set up."""
    settings = house.settings
    if settings.smtp_url is None:
        return None
    server = parse_smtp(settings.smtp_url.get_secret_value())
    return MailCourier(server, parse_mailbox(settings.mail_from), house.services.clock)


def message_at(address: Address, link: str) -> Pointed:
    """The message that a link points at, which must be at this address. Raises BadLink."""
    readers = {"slack": slack_permalink.message_at, "local": local_permalink.message_at}
    read = readers.get(address.platform)
    if read is None:
        raise BadLink(address.channel, f"{address.platform} is not set up here any more, so its links cannot be read.")
    return read(address, link)


def _make_own_directory(settings: Settings) -> None:
    if settings.own_directory is not None:
        settings.own_directory.mkdir(exist_ok=True)


def _load_files(settings: Settings) -> tuple[Any, Taxonomy, DigestPlan, KindRules, Sequence[Sequence[str]]]:
    problems: list[str] = []

    def attempt(load: Callable[[], Any]) -> Any:
        try:
            return load()
        except ConfigError as wrong:
            problems.extend(wrong.problems)

    catalogue = attempt(lambda: load_catalogue(settings.catalogue))
    taxonomy = attempt(lambda: load_taxonomy(settings.topics))
    plan = attempt(lambda: load_plan(settings.digest))
    kind_rules = attempt(lambda: load_kinds(settings.kinds))
    synonyms = attempt(lambda: load_synonyms(settings.synonyms))
    if problems:
        raise ConfigError(problems)
    return catalogue, taxonomy, plan, kind_rules, synonyms


def _with_samples(sources: Sequence[Source], samples: Collection[str]) -> tuple[Source, ...]:
    """The catalogue as it stands offline: what has no bundled sample is off, and says so."""
    if not any(source.id in samples for source in sources):
        raise ConfigError(
            [
                "CONVENOR_OFFLINE: reads the bundled samples, and no source of CONVENOR_CATALOGUE has one. "
                "Unset one of the two."
            ]
        )
    return tuple(
        source if source.id in samples else replace(source, enabled=False, note="It has no bundled sample.")
        for source in sources
    )


async def _make_clock(settings: Settings, plan: DigestPlan, database: Database) -> Clock:
    if not settings.offline:
        return SystemClock()
    async with database.read() as uow:
        latest = await uow.items.latest_receipt()
    start = SAMPLES_NOW
    # A later start on the same database must not fall behind what it holds, nor leave the samples' week.
    if latest is not None and start < latest < due_after(plan.schedule, SAMPLES_NOW) - timedelta(hours=1):
        start = latest
    return PinnedClock(start)


@contextlib.asynccontextmanager
async def serve(
    settings: Settings, parts: frozenset[Part], *, name: str, ticking: bool = True
) -> AsyncIterator[Service]:
    """Run the parts until the block ends; then stop cleanly, finishing what is being sent.

    With ``ticking`` off, the clock part waits for ``start_ticking``.

    Raises ConfigError, or Busy where the port or the SQLite file is in use by another service.
    """
    if not settings.keys:
        raise ConfigError([NEEDS_A_KEY])
    _make_own_directory(settings)
    lock = ServiceLock(settings.database_url.get_secret_value(), name=name)
    lock.acquire()
    try:
        async with open_house(settings) as house:
            service = Service(house, parts)
            try:
                await service.start()
                if ticking:
                    service.start_ticking()
                yield service
            finally:
                await service.stop()
    finally:
        lock.release()


class Service:
    """The running parts."""

    def __init__(self, house: House, parts: frozenset[Part]) -> None:
        self.house = house
        self.parts = parts
        self._stopping = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._ticker = Ticker()
        self._local: LocalChat | None = None
        self._slack: SlackApp | None = None
        table = build_table()
        self.desk = Front(table, house.services)
        settings, services = house.settings, house.services
        couriers: dict[str, Courier] = {}
        if settings.local_chat:
            self._local = LocalChat(ChatLog(house.database), self.desk, services.clock, self.desk.commands_of)
            couriers["local"] = self._local.courier
        if settings.slack_bot_token is not None:
            # Slack's libraries take a tenth of a second to import, which a command without Slack need not wait for.
            from adapters.slack.app import SlackApp

            self._slack = SlackApp(
                bot_token=settings.slack_bot_token.get_secret_value(),
                app_token=_secret(settings.slack_app_token),
                signing_secret=_secret(settings.slack_signing_secret),
                api_url=settings.slack_api_url or None,
                desk=self.desk,
                commands=table.names,
                clock=services.clock,
                first_time=self._first_time,
            )
            couriers["slack"] = self._slack.courier
        if (mail := mail_courier(house)) is not None:
            couriers[mail_platform] = mail
        self.outbox = Outbox(
            services.store,
            couriers,
            services.clock,
            awake=house.awake,
            settled=partial(posts.settled, services),
        )
        self.web = WebServer(settings.host, settings.port, self._health)

    @property
    def url(self) -> str:
        """Where the web server listens."""
        return self.web.url

    async def start(self) -> None:
        """Start every part. What was started is stopped again by :meth:`stop`, also after a failure half way."""
        if Part.WEB in self.parts:
            if self._local is not None:
                self._local.attach(self.web.app)
                await seed_cast(self.house.services)
                await self._local.start()
            if self._slack is not None:
                self._slack.attach(self.web.app)
            self._site().attach(self.web.app)
            await self.web.start()
        if self._slack is not None and self.parts & {Part.WEB, Part.WORKER}:
            await self._slack.start(listen=Part.WEB in self.parts)
        if Part.WORKER in self.parts:
            self._sender = asyncio.create_task(self.outbox.run(self._stopping), name="outbox")

    def start_ticking(self) -> None:
        """Begin to look for what is due, where the clock is one of the parts."""
        if Part.CLOCK in self.parts:
            services = self.house.services
            self._ticker.every(schedule.READ_EVERY_SECONDS, "read", lambda: schedule.read_tick(services))
            self._ticker.every(schedule.ALERT_EVERY_SECONDS, "alert", lambda: schedule.alert_tick(services))
            if not self.house.settings.offline:
                self._ticker.every(link_checks.EVERY_SECONDS, "links", lambda: link_checks.check_links(services))
            self._ticker.every(schedule.DRAFT_EVERY_SECONDS, "draft", lambda: schedule.draft_tick(services))
            self._ticker.every(schedule.REMIND_EVERY_SECONDS, "remind", lambda: schedule.remind_tick(services))
            self._ticker.every(
                schedule.INTRODUCE_EVERY_SECONDS, "introductions", lambda: schedule.introduction_tick(services)
            )
            self._ticker.every(schedule.DESK_EVERY_SECONDS, "desk", lambda: schedule.desk_tick(services))
            self._ticker.every(schedule.PRIVACY_EVERY_SECONDS, "privacy", lambda: schedule.privacy_tick(services))
            self._ticker.every(schedule.SWEEP_EVERY_SECONDS, "sweep", lambda: schedule.sweep_tick(services))
            self._ticker.start()

    async def stop(self) -> None:
        """Stop listening, finish what is being sent, and let go of every connection."""
        self._ticker.stop()
        self._stopping.set()
        self.house.awake.set()
        if self._local is not None:
            await self._local.stop()
        await self.web.stop()
        if self._sender is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._sender, STOP_SECONDS)
        if self._slack is not None:
            await self._slack.stop()

    async def _first_time(self, key: str) -> bool:
        async with self.house.services.store.begin() as uow:
            new = await uow.inbox.first_time(key, self.house.services.clock.now())
            await uow.commit()
        return new

    def _site(self) -> Site:
        settings, services = self.house.settings, self.house.services
        about = About(
            title=services.plan.title,
            # The chat in the browser has the first page; the archive stands beside it then.
            home="/" if self._local is None else "/archive",
            owner=settings.owner,
            contact=settings.contact,
            public_url=settings.public_url,
            on_loopback=is_loopback(settings.host),
        )
        articles = {"/transparency": self._transparency}
        return Site(about, Archivist(services), services.clock, services.topics, articles)

    async def _transparency(self) -> Article:
        facts = await transparency.facts(self.house.services, self.house.settings, self.house.taxonomy)
        return Article(TITLE, as_html(record(facts), facts.on))

    async def _health(self) -> Mapping[str, Any]:
        async with self.house.services.store.read() as uow:
            states = await uow.sources.states()
            sources = await self.house.services.all_sources(uow)
            messages = await posts.in_numbers(uow)
        # A source that was removed leaves its state behind, which concerns nobody any more.
        known = [states[source.id] for source in sources if source.id in states]
        failing = [state for state in known if state.outcome is not None and not state.outcome.is_good]
        reads = [s.last_fetch_at for s in states.values() if s.last_fetch_at is not None]
        sender_alive = self._sender is None or not self._sender.done()
        return {
            "ok": sender_alive,
            "parts": sorted(self.parts),
            "database": "ok",
            "last_read": max(reads).isoformat() if reads else None,
            "sources": len(sources),
            "sources_failing": len(failing),
            **messages,
        }


async def seed_cast(services: Services) -> None:
    """Give the browser chat's people their roles and its rooms their purposes, so that it works at once."""
    roles = {
        "bob": (Role.EDITOR, Role.ADMINISTRATOR),
        "carol": (Role.EDITOR,),
        "dan": (Role.COORDINATOR,),
    }
    now = services.clock.now()
    async with services.store.begin() as uow:
        for person in CAST:
            member = await uow.members.resolve(person.identity, now)
            for role in roles.get(person.id, ()):
                await uow.roles.grant(Grant(member, role, "settings", now))
        for purpose in Purpose:
            await channels.bind(uow, services, Binding(address_of(purpose.value), purpose, "settings", now))
        await uow.commit()


def _secret(value: Any) -> str | None:
    return value.get_secret_value() if value is not None else None
