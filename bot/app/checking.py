"""Looks at everything that Convenor needs, each within its time, beside a Convenor that may run."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.backup import journal
from adapters.clock import SystemClock
from adapters.mail import MailCourier
from adapters.slack.book import Workspace, serves
from adapters.store.database import Database
from adapters.store.installations import SlackInstallations
from adapters.store.url import file_of, parse, shown
from bot.app import keeping, restoring
from bot.app.house import load_files, make_own_directory
from bot.checking import rules
from bot.checking.model import Level, Row, Seen, SlackSeen, Space
from bot.handlers.sources import all_health
from bot.messages import count
from bot.ports import Binding, Purpose, UnitOfWork
from bot.posts import who_decides
from bot.typed import in_bytes
from config.mail import parse_mailbox, parse_smtp
from config.own_files import without_effect
from config.settings import Settings
from digests.adding import with_added
from digests.errors import ConfigError, ConvenorError, NotFound
from digests.model import DeliveryState, Source

if TYPE_CHECKING:
    from adapters.teams.security import Microsoft

log = logging.getLogger(__name__)

SECONDS = 15.0
"""How long each part may take. They are done at once, so all of it takes little longer."""

Part = Callable[[], Awaitable[Iterable[Row]]]


async def check(settings: Settings, *, every_source: bool = False, microsoft: Microsoft | None = None) -> list[Row]:
    """Every row, in the order in which a person would put things right. Nothing is sent, posted or changed, but that
    the directory of the database is made where that is ours to do.

    ``microsoft`` is where Microsoft is played, for tests.
    """
    checker = _Checker(settings, every_source=every_source, microsoft=microsoft)
    files = checker.files()
    # Before the first start it would be missed three times over, and is ours to make.
    with suppress(OSError):
        make_own_directory(settings)
    async with checker.opened() as trouble:
        parts: list[tuple[str, Part]] = [("disk", checker.disk), ("backup", checker.backup), ("mail", checker.mail)]
        if checker.database is not None:
            parts += [("database", checker.contents), ("people", checker.people), ("sources", checker.sources)]
            parts += [("messages", checker.messages)]
        parts += [("chat", checker.chat)]
        done = await asyncio.gather(*(_within(what, part) for what, part in parts))
    by_part = dict(zip((what for what, _ in parts), done, strict=True))
    rows = [*checker.settings_rows(), *files, *trouble]
    for what in ("database", "disk", "clock", "backup", "chat", "people", "messages", "mail", "sources"):
        rows += by_part.get(what, [])
    return rows


async def _within(what: str, part: Part) -> list[Row]:
    try:
        async with asyncio.timeout(SECONDS):
            return list(await part())
    except TimeoutError:
        return [Row(what, Level.BROKEN, f"gave no answer within {SECONDS:.0f} seconds", "Check the network.")]
    except ConvenorError as known:
        return [Row(what, Level.BROKEN, known.sentence)]
    except Exception as fault:
        log.debug("the check of %s broke", what, exc_info=True)
        return [Row(what, Level.BROKEN, f"could not be looked at ({type(fault).__name__})", "Please report this.")]


class _Checker:
    def __init__(self, settings: Settings, *, every_source: bool, microsoft: Microsoft | None) -> None:
        self._microsoft = microsoft
        self._settings = settings
        self._every = every_source
        self._clock = SystemClock()
        self._catalogue: Sequence[Source] | None = None
        self._needs_two = True
        self.database: Database | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[list[Row]]:
        """The database, as far as it can be opened as it is; what is wrong with it, in rows."""
        rows = [] if self._settings.keys else [_NO_KEYS]
        url = self._settings.database_url.get_secret_value()
        try:
            self.database = await Database.open(url, keys=self._settings.keys, migrate=False)
        except NotFound as none:
            rows.append(Row("database", Level.WARNING, none.sentence, "Run “convenor upgrade”, or start Convenor."))
        except ConfigError as wrong:
            rows += [Row("database", Level.BROKEN, problem) for problem in wrong.problems]
        except ConvenorError as wrong:
            rows.append(Row("database", Level.BROKEN, wrong.sentence, "“convenor upgrade” brings an older one up."))
        try:
            yield rows
        finally:
            if self.database is not None:
                await self.database.close()

    def settings_rows(self) -> Iterable[Row]:
        given = self._settings
        return rules.of_settings(
            {
                "CONVENOR_OWNER": bool(given.owner),
                "CONVENOR_CONTACT": bool(given.contact),
                "CONVENOR_PUBLIC_URL": bool(given.public_url),
            }
        )

    def files(self) -> list[Row]:
        """Whether every file of the configuration can be used."""
        try:
            catalogue, taxonomy, plan, _, _ = load_files(self._settings)
            spare = without_effect(self._settings)
        except ConfigError as wrong:
            return [Row("configuration", Level.BROKEN, problem) for problem in wrong.problems]
        self._catalogue = catalogue.sources
        self._needs_two = not plan.approval.one_editor
        found = f"{count(len(catalogue.sources), 'source')}, {count(len(taxonomy.topics), 'topic')}"
        rows = [Row("configuration", Level.WARNING, f"{line}, so nothing is taken away", _SPARE) for line in spare]
        return [Row("configuration", Level.OK, found), *rows]

    async def contents(self) -> Iterable[Row]:
        assert self.database is not None
        version = await self.database.version()
        path = self.database.path
        size = f", {in_bytes(path.stat().st_size)}" if path else ""
        name = shown(parse(self._settings.database_url.get_secret_value()))
        rows = [Row("database", Level.OK, f"{name}, version {version}{size}")]
        if self._settings.keys:
            rows.append(Row("keys", Level.OK, "they open what the database holds"))
        async with self.database.read() as uow:
            rows.append(rules.of_hold(await uow.holds.get()))
        return [*rows, *rules.of_replaced(await restoring.replaced(self._settings))]

    async def disk(self) -> Iterable[Row]:
        places = {keeping.backup_folder(self._settings)}
        path = file_of(parse(self._settings.database_url.get_secret_value()))
        places.add(path.parent if path else None)
        spaces = {}
        for place in filter(None, places):
            there = next((each for each in (place, *place.absolute().parents) if each.exists()), Path("/"))
            usage = shutil.disk_usage(there)
            spaces[there.stat().st_dev] = Space(str(place), usage.free, usage.total)
        return [rules.of_space(space) for space in spaces.values()]

    async def backup(self) -> Iterable[Row]:
        where, latest = keeping.backup_folder(self._settings), keeping.latest_backup(self._settings)
        rows = [rules.of_backup(latest, str(where or ""), self._clock.now())]
        if self.database is not None:
            path = keeping.journal_path(self._settings)
            async with self.database.read() as uow:
                entries = await uow.departures.all()
            written = len(await asyncio.to_thread(journal.read, path)) if path else 0
            rows.append(rules.of_journal(str(path or ""), written, len(entries)))
        return rows

    async def mail(self) -> Iterable[Row]:
        url = self._settings.smtp_url
        if url is None:
            return [rules.of_mail("", "")]
        server = parse_smtp(url.get_secret_value())
        courier = MailCourier(server, parse_mailbox(self._settings.mail_from), self._clock)
        return [rules.of_mail(f"{server.host}:{server.port}", await courier.greet())]

    async def people(self) -> Iterable[Row]:
        assert self.database is not None
        async with self.database.read() as uow:
            roles = [grant.role for grant in await uow.roles.all()]
        return rules.of_people(roles, len(self._settings.admins), needs_two=self._needs_two)

    async def sources(self) -> Iterable[Row]:
        assert self.database is not None
        if self._catalogue is None:
            return []
        async with self.database.read() as uow:
            known = with_added(self._catalogue, await uow.sources.added())
            found = all_health(known, await uow.sources.states())
        return rules.of_sources(found, every=self._every)

    async def messages(self) -> Iterable[Row]:
        assert self.database is not None
        async with self.database.read() as uow:
            waiting = await uow.deliveries.in_state(DeliveryState.PENDING, DeliveryState.RETRY)
            stuck = await uow.deliveries.in_state(DeliveryState.PARKED, DeliveryState.UNKNOWN)
        # An alert that may be lost is nobody's to decide about, and the next one comes.
        theirs = [row for row in stuck if who_decides(row) is not None]
        return [rules.of_messages(waiting, len(theirs), self._clock.now())]

    async def chat(self) -> Iterable[Row]:
        """The platforms that are set up, the clock by theirs, and the channels."""
        bindings: Sequence[Binding] = ()
        workspaces: Sequence[Workspace] = ()
        newest = None
        if self.database is not None:
            async with self.database.read() as uow:
                bindings = await _bindings(uow)
                newest = max(
                    (s.last_fetch_at for s in (await uow.sources.states()).values() if s.last_fetch_at), default=None
                )
            if self._settings.has_several_slack_workspaces:
                workspaces = await SlackInstallations(self.database).all()
        left_out = [each.id for each in workspaces if not serves(self._settings.slack_workspaces, each.id)]
        workspaces = [each for each in workspaces if each.id not in left_out]
        rows: list[Row] = []
        looked = await self._slack(bindings, workspaces)
        others = next((seen.now for seen in looked.values() if seen.now), None)
        rows.append(rules.of_clock(self._clock.now(), others, "Slack", newest))
        rows += self._slack_rows(looked)
        rows += rules.of_left_out(left_out)
        if self._settings.has_teams:
            rows.append(await self._teams())
        if not (self._settings.has_chat_platform or self._settings.local_chat):
            rows.append(Row("chat", Level.WARNING, "no platform is set up", "docs/slack.md and docs/teams.md say how."))
        if self.database is not None:
            rows += rules.of_purposes(bindings)
        for binding in bindings:
            address = binding.address
            seen = looked.get(address.workspace) or looked.get("") if address.platform == "slack" else None
            if seen is not None and not seen.error:
                rows.append(rules.of_channel(binding, seen.channels.get(address.channel, Seen.UNKNOWN)))
            elif address.platform == "teams" and self._settings.has_teams and self.database is not None:
                from bot.app.teams import sees

                rows.append(rules.of_channel(binding, await sees(self._settings, self.database, address)))
        return rows

    async def _slack(self, bindings: Sequence[Binding], workspaces: Sequence[Workspace]) -> dict[str, SlackSeen]:
        """What Slack says, by workspace; the one of the bot token is “”."""
        given = self._settings
        tokens = {each.id: each.bot_token for each in workspaces}
        if given.slack_bot_token is not None:
            tokens[""] = given.slack_bot_token.get_secret_value()
        if not tokens:
            return {}
        from adapters.slack.look import look

        app_token = given.slack_app_token.get_secret_value() if given.slack_app_token else None

        async def one(workspace: str, token: str) -> SlackSeen:
            theirs = [b.address for b in bindings if b.address.platform == "slack"]
            channels = {a.channel for a in theirs if workspace in ("", a.workspace)}
            return await look(token, app_token, sorted(channels), given.slack_api_url or None)

        found = await asyncio.gather(*(one(workspace, token) for workspace, token in tokens.items()))
        return dict(zip(tokens, found, strict=True))

    def _slack_rows(self, looked: dict[str, SlackSeen]) -> Iterable[Row]:
        if not looked:
            return
        from adapters.slack.app import SCOPES

        for workspace, seen in looked.items():
            what = f"Slack ({workspace})" if workspace else "Slack"
            yield from rules.of_slack(seen, SCOPES, socket_mode=self._settings.slack_app_token is not None, what=what)

    async def _teams(self) -> Row:
        if not self._settings.teams_app_id:
            return Row("Teams", Level.OK, "for development on this machine, without an app id")
        from adapters.teams.connector import Connector, ConnectorTrouble
        from bot.app.teams import credentials, microsoft

        there = self._microsoft or microsoft(self._settings)

        try:
            async with Connector(credentials(self._settings), there) as connector:
                await connector.check()
        except ConnectorTrouble as trouble:
            return rules.of_teams(str(trouble.code).removeprefix("login: "), unreachable=not trouble.status)
        return rules.of_teams("", unreachable=False)


_SPARE = "Correct it, or delete it: an update may have taken it away already."
_NO_KEYS = Row(
    "keys",
    Level.BROKEN,
    "CONVENOR_ENCRYPTION_KEYS is not set, and Convenor does not run without",
    "“convenor keys new” makes one; for a database that has been used, put back the one that was used.",
)


async def _bindings(uow: UnitOfWork) -> Sequence[Binding]:
    return [binding for purpose in Purpose for binding in await uow.channels.bound(purpose)]
