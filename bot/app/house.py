"""What commands work with: the configuration loaded, the store opened, the services built."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.clock import PinnedClock, SystemClock
from adapters.feeds import trial
from adapters.feeds.discover import Finder
from adapters.feeds.http import HttpFeedReader
from adapters.feeds.samples import SampleFeedReader
from adapters.feeds.sources.reader import ApiReader
from adapters.feeds.understand import Understood
from adapters.local import permalink as local_permalink
from adapters.mail import MailCourier
from adapters.queue.inline import InlineQueue
from adapters.slack import permalink as slack_permalink
from adapters.store.database import Database
from adapters.store.vault import new_key as new_key
from adapters.teams import permalink as teams_permalink
from adapters.webpages import WebPages
from bot.introductions.directory import Directory
from bot.introductions.matching import matcher_for
from bot.lasting import spare_what_is_here
from bot.ports import BadLink, Pointed, Queue
from bot.services import Services
from config.catalogue import SAMPLES_NOW, load_catalogue, load_samples
from config.digest import load_plan
from config.kinds import load_kinds
from config.mail import parse_mailbox, parse_smtp
from config.settings import Settings
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
from digests.tagging import NearField, Tagger, Taxonomy

if TYPE_CHECKING:
    pass

log = logging.getLogger(__name__)


@dataclass(slots=True)
class House:
    """What a command works with: the services, and the adapters behind them."""

    settings: Settings
    services: Services
    database: Database
    taxonomy: Taxonomy
    queue: Queue


def make_tagger(settings: Settings) -> Tagger:
    """The tagger with the settings' topics. Raises ConfigError."""
    return Tagger(load_taxonomy(settings.topics, settings.over("topics")))


@contextlib.asynccontextmanager
async def open_house(settings: Settings, *, database: Database | None = None) -> AsyncIterator[House]:
    """Load the configuration, open the store and build the services; close all of it afterwards.

    ``database`` is one that is open already, and is closed all the same.
    Raises ConfigError, with every mistake of all the files at once.
    """
    catalogue, taxonomy, plan, kind_rules, synonyms = load_files(settings)
    database = database or await open_database(settings)
    tagger = Tagger(taxonomy)

    def tag(item: Item) -> Tagging:
        return tagger.tag(item.title, item.summary, item.publisher, item.url, item.kind, item.source_id)

    def is_relevant(entry: FeedEntry) -> bool:
        kind = entry.kind or Kind.OTHER
        return tagger.tag(entry.title, entry.summary, publisher=entry.publisher, url=entry.link, kind=kind).relevant

    try:
        queue = await _make_queue(settings, database)
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
                wake=queue.wake,
                fetch_concurrency=settings.fetch_concurrency,
                public_url=settings.public_url,
                owner=settings.owner,
                contact=settings.contact,
                kind_rules=kind_rules,
                directory=Directory(partial(matcher_for, tagger, synonyms)),
                can_mail=settings.smtp_url is not None,
            )
            spare_what_is_here()
            yield House(settings, services, database, taxonomy, queue)
    finally:
        await database.close()


async def open_database(settings: Settings) -> Database:
    """The database of the settings, with their keys. Raises ConfigError, and ConvenorError for an older database."""
    make_own_directory(settings)
    url = settings.database_url.get_secret_value()
    return await Database.open(url, keys=settings.keys, older=settings.is_trial)


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
        known = find_known(address, load_catalogue(settings.catalogue, settings.over("sources")).sources)
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
    readers = {
        "slack": slack_permalink.message_at,
        "teams": teams_permalink.message_at,
        "local": local_permalink.message_at,
    }
    read = readers.get(address.platform)
    if read is None:
        raise BadLink(address.channel, f"{address.platform} is not set up here any more, so its links cannot be read.")
    return read(address, link)


def make_own_directory(settings: Settings) -> None:
    """Make the directory of the database, where it is ours to make."""
    if settings.own_directory is not None:
        settings.own_directory.mkdir(exist_ok=True)


def load_files(settings: Settings) -> tuple[Any, Taxonomy, DigestPlan, KindRules, Sequence[Sequence[str]]]:
    """The catalogue, the topics, the plan, the kinds and the synonyms. Raises ConfigError with every mistake."""
    problems: list[str] = []

    def attempt(load: Callable[[], Any]) -> Any:
        try:
            return load()
        except ConfigError as wrong:
            problems.extend(wrong.problems)

    catalogue = attempt(lambda: load_catalogue(settings.catalogue, settings.over("sources")))
    taxonomy = attempt(lambda: load_taxonomy(settings.topics, settings.over("topics")))
    plan = attempt(lambda: load_plan(settings.digest, settings.over("digest")))
    kind_rules = attempt(lambda: load_kinds(settings.kinds, settings.over("kinds")))
    synonyms = attempt(lambda: load_synonyms(settings.synonyms, settings.over("synonyms")))
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


async def _make_queue(settings: Settings, database: Database) -> Queue:
    if settings.queue == "inline":
        return InlineQueue()
    # Half a second to import, for those alone who use it.
    from adapters.queue.procrastinate import ProcrastinateQueue

    queue = ProcrastinateQueue(settings.database_url.get_secret_value())
    await queue.prepare(database)
    return queue


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
