"""The running parts of the service: what they are made of, and how they start and stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zlib import crc32

from adapters.clock import Ticker
from adapters.local.app import CAST, LocalChat
from adapters.local.cast import address_of
from adapters.mail import PLATFORM as mail_platform
from adapters.store.chatlog import ChatLog
from adapters.store.installations import SlackInstallations
from adapters.store.leader import LOTS, Leader
from adapters.store.lock import ServiceLock
from adapters.web import About, Article, Site, WebServer, framed
from bot import channels, link_checks, posts, reaching, schedule, transparency
from bot.app import keeping
from bot.app.house import House, mail_courier, make_own_directory, open_house
from bot.app.version import made_by
from bot.app.watching import Watching
from bot.archive import Archivist
from bot.commands import Front
from bot.outbox import Outbox
from bot.ports import Binding, Courier, Grant, Purpose, Role
from bot.privacy import public_notice
from bot.services import Services
from bot.table import build_table
from config.settings import Settings, is_loopback
from digests.calendar import london_day
from digests.errors import ConfigError, ConvenorError
from digests.model import Source
from digests.render.record import TITLE, as_html
from digests.transparency import record

if TYPE_CHECKING:
    from adapters.slack.app import Several, SlackApp
    from adapters.teams.app import TeamsApp

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
    make_own_directory(settings)
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
        self._leader = Leader(house.settings.database_url.get_secret_value())
        self._watching = Watching(house)
        self._ticker = Ticker(self._leader.leads, self._watching.ticked)
        self._local: LocalChat | None = None
        self._slack: SlackApp | None = None
        self._teams: TeamsApp | None = None
        table = build_table()
        self.desk = Front(table, house.services)
        settings, services = house.settings, house.services
        couriers: dict[str, Courier] = {}
        if settings.local_chat:
            self._local = LocalChat(ChatLog(house.database), self.desk, services.clock, self.desk.commands_of)
            couriers["local"] = self._local.courier
        if settings.slack_bot_token is not None or settings.has_several_slack_workspaces:
            # Slack's libraries take a tenth of a second to import, which a command without Slack need not wait for.
            from adapters.slack.app import SlackApp

            self._slack = SlackApp(
                bot_token=_secret(settings.slack_bot_token),
                several=self._several() if settings.has_several_slack_workspaces else None,
                app_token=_secret(settings.slack_app_token),
                signing_secret=_secret(settings.slack_signing_secret),
                api_url=settings.slack_api_url or None,
                desk=self.desk,
                commands=table.names,
                clock=services.clock,
                first_time=self._first_time,
                acknowledged=partial(self._watching.acknowledged, "slack"),
            )
            couriers["slack"] = self._slack.courier
        if settings.has_teams:
            from bot.app.teams import make_teams

            self._teams = make_teams(house, self.desk, table, self._first_time)
            couriers["teams"] = self._teams.courier
        if (mail := mail_courier(house)) is not None:
            couriers[mail_platform] = mail
        self.outbox = Outbox(
            services.store,
            couriers,
            services.clock,
            settled=partial(posts.settled, services),
            elsewhere=partial(reaching.elsewhere, services),
        )
        self.web = WebServer(
            settings.host,
            settings.port,
            self._health,
            https=settings.public_url.startswith("https:"),
            behind_proxy=settings.behind_proxy,
        )

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
            if self._teams is not None:
                self._teams.attach(self.web.app)
            self._site().attach(self.web.app)
            self._watching.attach(self.web.app)
            await self.web.start()
        if self._slack is not None and self.parts & {Part.WEB, Part.WORKER}:
            await self._slack.start(listen=Part.WEB in self.parts)
        if self._teams is not None and self.parts & {Part.WEB, Part.WORKER}:
            await self._teams.start(listen=Part.WEB in self.parts)
        if Part.WORKER in self.parts:
            self._sender = asyncio.create_task(self.house.queue.run(self.outbox, self._stopping), name="outbox")

    def start_ticking(self) -> None:
        """Begin to look for what is due, where the clock is one of the parts."""
        if Part.CLOCK in self.parts:
            services = self.house.services

            def every(
                seconds: float, name: str, tick: Callable[[], Awaitable[object]], *, shared: bool = False
            ) -> None:
                self._every(seconds, name, lambda: schedule.unless_held(services, tick), shared=shared)

            every(schedule.READ_EVERY_SECONDS, "read", self._read, shared=True)
            every(schedule.ALERT_EVERY_SECONDS, "alert", lambda: schedule.alert_tick(services))
            if not self.house.settings.offline:
                every(link_checks.EVERY_SECONDS, "links", lambda: link_checks.check_links(services))
            every(schedule.DRAFT_EVERY_SECONDS, "draft", lambda: schedule.draft_tick(services))
            every(schedule.REMIND_EVERY_SECONDS, "remind", lambda: schedule.remind_tick(services))
            every(schedule.INTRODUCE_EVERY_SECONDS, "introductions", lambda: schedule.introduction_tick(services))
            every(schedule.DESK_EVERY_SECONDS, "desk", lambda: schedule.desk_tick(services))
            every(schedule.PRIVACY_EVERY_SECONDS, "privacy", lambda: schedule.privacy_tick(services))
            every(schedule.SWEEP_EVERY_SECONDS, "sweep", lambda: schedule.sweep_tick(services))
            every(schedule.WATCH_EVERY_SECONDS, "watch", lambda: self._watching.look())
            if keeping.backs_up(self.house.settings):
                # What guards against loss goes on while the rest is on hold.
                settings, store = self.house.settings, services.store
                self._every(keeping.BACKUP_EVERY_SECONDS, "backup", lambda: keeping.backup_tick(settings, made_by()))
                self._every(keeping.JOURNAL_EVERY_SECONDS, "journal", lambda: keeping.journal_tick(settings, store))
            self._ticker.start()

    def _every(self, seconds: float, name: str, act: Callable[[], Awaitable[object]], *, shared: bool = False) -> None:
        self._watching.expects(name)
        self._ticker.every(seconds, name, act, shared=shared)

    async def _read(self) -> None:
        async with self._leader.share() as lots:
            await schedule.read_tick(self.house.services, lambda source: lot_of(source) in lots)

    async def stop(self) -> None:
        """Stop listening, finish what is being sent, and let go of every connection."""
        self._ticker.stop()
        self._stopping.set()
        self.house.queue.wake()
        if self._local is not None:
            await self._local.stop()
        await self.web.stop()
        if self._sender is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._sender, STOP_SECONDS)
        if self._slack is not None:
            await self._slack.stop()
        if self._teams is not None:
            await self._teams.stop()
        await self._watching.stop()
        await self._write_down_who_left()
        await self._leader.close()

    async def _write_down_who_left(self) -> None:
        """What the last minute added to the erasure journal, which a restore meanwhile would not know."""
        if Part.CLOCK in self.parts and keeping.backs_up(self.house.settings):
            try:
                await keeping.journal_tick(self.house.settings, self.house.services.store)
            except ConvenorError as trouble:
                log.warning("the erasure journal was not written at the end: %s", trouble)

    async def _first_time(self, key: str) -> bool:
        async with self.house.services.store.begin() as uow:
            new = await uow.inbox.first_time(key, self.house.services.clock.now())
            await uow.commit()
        return new

    def _several(self) -> Several:
        from adapters.slack.app import Several
        from adapters.slack.install import INSTALL_PATH, OAuth

        settings = self.house.settings
        emulator = settings.slack_api_url.removesuffix("/api/")
        oauth = OAuth(
            settings.slack_client_id,
            _secret(settings.slack_client_secret) or "",
            settings.public_url,
            settings.slack_workspaces,
            owner=settings.owner,
            authorize_url=f"{emulator}/oauth/v2/authorize" if emulator else "",
        )
        about = self._about()

        def page_around(title: str, article: str) -> str:
            return framed(article, title, about, path=INSTALL_PATH, base=settings.public_url)

        return Several(oauth, SlackInstallations(self.house.database), page_around)

    def _about(self) -> About:
        settings, services = self.house.settings, self.house.services
        return About(
            title=services.plan.title,
            # The chat in the browser has the first page; the archive stands beside it then.
            home="/" if self._local is None else "/archive",
            owner=settings.owner,
            contact=settings.contact,
            public_url=settings.public_url,
            on_loopback=is_loopback(settings.host),
        )

    def _site(self) -> Site:
        services = self.house.services
        articles = {"/transparency": self._transparency, public_notice.PAGE: self._privacy}
        return Site(self._about(), Archivist(services), services.clock, services.topics, articles)

    async def _transparency(self) -> Article:
        facts = await transparency.facts(self.house.services, self.house.settings, self.house.taxonomy)
        return Article(TITLE, as_html(record(facts), facts.on))

    async def _privacy(self) -> Article:
        settings = self.house.settings
        parts = public_notice.public_notice(settings.owner, settings.contact)
        return Article(
            public_notice.TITLE, as_html(parts, london_day(self.house.services.clock.now()), public_notice.TITLE)
        )

    async def _health(self) -> Mapping[str, Any]:
        async with self.house.services.store.read() as uow:
            states = await uow.sources.states()
            sources = await self.house.services.all_sources(uow)
            messages = await posts.in_numbers(uow)
            hold = await uow.holds.get()
        # A source that was removed leaves its state behind, which concerns nobody any more.
        known = [states[source.id] for source in sources if source.id in states]
        failing = [state for state in known if state.outcome is not None and not state.outcome.is_good]
        reads = [s.last_fetch_at for s in states.values() if s.last_fetch_at is not None]
        latest = await asyncio.to_thread(keeping.latest_backup, self.house.settings)
        sender_alive = self._sender is None or not self._sender.done()
        return {
            "ok": sender_alive,
            "parts": sorted(self.parts),
            "database": "ok",
            "last_backup": latest.made_at.isoformat() if latest else None,
            "on_hold_since": hold.since.isoformat() if hold else None,
            "last_read": max(reads).isoformat() if reads else None,
            "sources": len(sources),
            "sources_failing": len(failing),
            **messages,
        }


def lot_of(source: Source) -> int:
    """The lot in which a source is read: the same for all of a host, which one process at a time is polite to."""
    return crc32((urlsplit(source.url).hostname or "").encode()) % LOTS


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
