"""Two worlds: Zelda is a member of one, Yolanda of the other. Nobody who asks can tell which of them they are in.

Everything that can be typed, pressed and sent is tried on both, in the same order, by people of every sort but
coordinators and administrators; the answers must be the same to the letter, and take the same number of statements.
"""

from __future__ import annotations

import logging
import random
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from adapters.store.database import Database
from adapters.web import About, Site, WebServer
from bot.archive import Archivist
from bot.members.consent import Consent, ConsentPurpose
from bot.messages import Ask, AskKind, Identity, Reply
from bot.privacy.model import Complaint, Objection, Processing
from bot.table import build_table
from tests.builders import NOW, a_profile
from tests.contract.databases import open_database, sqlite_url
from tests.fakes.network import ALICE, CAROL, DAN, PLATFORM, WORKSPACE, Network, channel

ZELDA = Identity(PLATFORM, WORKSPACE, "zelda", "Zelda Quartz")
YOLANDA = Identity(PLATFORM, WORKSPACE, "yolanda", "Yolanda Jasper")
EVE = Identity(PLATFORM, WORKSPACE, "eve", "Eve")
# A member, an editor, and somebody who was never heard of.
NOSY = (ALICE, CAROL, EVE)
SECRETS = ("Quartz", "antique looms")
TYPED = (
    "",
    "zelda",
    "@zelda",
    "Zelda",
    "somebody like @zelda who knows quilting machines",
    "zelda@example.org",
    "add @zelda editor",
)

# What is drawn at random, and so differs between any two worlds.
_RANDOM = re.compile(r"\b(?:[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}|[0-9a-f]{8,32}|C-[0-9A-Z]{6}|[0-9A-F]{6})\b")


@dataclass
class World:
    """One network with its database, and what its answers were and cost."""

    network: Network
    database: Database
    asked: int = 0

    async def ask(self, ask: Ask) -> tuple[str, int]:
        """What somebody gets to see of an answer, without what is random, and how many statements it took."""
        # What comes first may be remembered from then on, which says nothing about anybody.
        self.asked += 1
        with counted() as statements, drawn(self.asked):
            reply: Reply = await self.network.desk.answer(ask)
        number = len(statements)
        self.network.clock.advance(seconds=1)
        return _RANDOM.sub("#", repr((reply.messages, reply.form, dict(reply.errors)))), number

    async def told(self, who: Identity) -> str:
        """What somebody was sent in the end."""
        await self.network.sends()
        return _RANDOM.sub("#", repr(self.network.courier.to(who.user)))


@contextmanager
def drawn(seed: int) -> Iterator[None]:
    """What is drawn at random meanwhile is the same in both worlds: ids decide on dates."""
    chance = random.Random(seed)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(secrets, "token_hex", lambda size=16: chance.randbytes(size).hex())
        yield


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that any database is sent meanwhile."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@asynccontextmanager
async def a_world(path: Path, *, with_zelda: bool) -> AsyncIterator[World]:
    path.mkdir()
    database = await open_database(sqlite_url(path))
    try:
        network = await Network.make(store=database)
        await network.has_a_draft()
        await join(network, ZELDA if with_zelda else YOLANDA)
        yield World(network, database)
    finally:
        await database.close()


async def join(network: Network, who: Identity) -> str:
    """Somebody is in the directory with everything that there can be; returns their member id."""
    async with network.store.begin() as uow:
        member = await uow.members.resolve(who, NOW)
        await uow.profiles.put(
            a_profile(
                member.id,
                name=who.name,
                organisation="Quartz Trust",
                can_help="I mend quilting machines and antique looms." if who is ZELDA else "I keep bees.",
            )
        )
        yes = Consent("c1", member.id, ConsentPurpose.DIRECTORY, "profile", "I am Zelda Quartz.", 1, NOW)
        await uow.consents.record(yes)
        await uow.rights.object(Objection(member.id, Processing.RANKING, NOW))
        await uow.rights.complain(Complaint("C-7K2MAB", member.id, who.address, "About quilting machines.", NOW))
        await uow.inbox.keep_form(who, "intro", {"need": "quilting machines"}, NOW)
        await uow.commit()
    known: str = member.id
    return known


@pytest.fixture
async def worlds(tmp_path: Path) -> AsyncIterator[tuple[World, World]]:
    async with (
        a_world(tmp_path / "with", with_zelda=True) as one,
        a_world(tmp_path / "without", with_zelda=False) as two,
    ):
        yield one, two


async def same(worlds: tuple[World, World], ask: Ask) -> str:
    """The answer, which is the same in both worlds, and took the same work."""
    one, work = await worlds[0].ask(ask)
    two, other_work = await worlds[1].ask(ask)
    assert one == two, ask
    assert work == other_work, (
        f"{ask.name} {ask.words} takes {work} statements where she is a member, else {other_work}"
    )
    return one


async def told_the_same(worlds: tuple[World, World], who: Identity) -> None:
    """What somebody was sent in the end is the same, too."""
    told = await worlds[0].told(who)
    assert told == await worlds[1].told(who)
    assert not any(secret in told for secret in SECRETS)


def commands() -> list[tuple[str, str]]:
    """Every command with the words that belong to it."""
    return [(command.path[0], " ".join(command.path[1:])) for command in build_table().commands]


@pytest.mark.parametrize("who", NOSY, ids=lambda who: who.user)
async def test_no_command_tells_whether_somebody_is_a_member(worlds: tuple[World, World], who: Identity) -> None:
    for name, fixed in commands():
        for typed in TYPED:
            words = f"{fixed} {typed}".strip()
            ask = Ask(AskKind.COMMAND, who, name, NOW, channel("digest"), words, mentions={"@zelda": ZELDA})
            answer = await same(worlds, ask)
            for secret in SECRETS:
                # Whoever names somebody by a mention is shown the name that they chose.
                assert secret not in answer or (secret == "Quartz" and "@zelda" in typed), (words, secret)
    await told_the_same(worlds, who)


@pytest.mark.parametrize(
    ("who", "about"),
    [(ALICE, "her member id"), (ALICE, "no complaint"), (CAROL, "her member id"), (EVE, "her account")],
    ids=lambda either: either if isinstance(either, str) else either.user,
)
async def test_no_button_and_no_form_does(worlds: tuple[World, World], who: Identity, about: str) -> None:
    async with worlds[0].database.read() as uow:
        member = await uow.members.find(ZELDA)
    assert member is not None
    table = build_table()
    value = {"her member id": member.id, "her account": ZELDA.key, "no complaint": "C-7K2MAC"}[about]
    for action in table.presses:
        answer = await same(worlds, Ask(AskKind.PRESS, who, action, NOW, channel("digest"), value=value))
        assert not any(secret in answer for secret in SECRETS), action
    for form in table.forms:
        fields = dict.fromkeys(("need", "words", "blurb", "avoid", "text", "reply"), "Zelda, quilting machines")
        ask = Ask(AskKind.SUBMIT, who, form, NOW, channel("digest"), value=value, fields=fields)
        answer = await same(worlds, ask)
        assert "Quartz" not in answer, form
    await told_the_same(worlds, who)


async def test_no_log_names_anybody(worlds: tuple[World, World], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    for name, fixed in commands():
        ask = Ask(AskKind.COMMAND, ZELDA, name, NOW, ZELDA.address, f"{fixed} quilting machines", mentions={})
        await worlds[0].ask(ask)
    assert not [
        record.getMessage()
        for record in caplog.records
        if re.search("zelda|quartz|quilting", record.getMessage(), re.I)
    ]


async def test_no_page_of_the_web_names_a_member_whatever_its_address(worlds: tuple[World, World]) -> None:
    pages = [await crawl(world) for world in worlds]
    assert pages[0].keys() == pages[1].keys()
    assert len(pages[0]) > 20
    for path, words in pages[0].items():
        assert not any(secret.lower() in words.lower() for secret in (*SECRETS, "zelda")) or "q=" in path, path
        # An address that is no page has a reference in it.
        assert _RANDOM.sub("#", words) == _RANDOM.sub("#", pages[1][path]), path


GUESSES = (
    *("/members", "/members.json", "/profiles", "/people", "/directory", "/users", "/roles", "/privacy", "/audit"),
    *("/search?q=zelda", "/search?q=quilting+machines", "/search?q=publisher:quartz", "/export", "/.env", "/api"),
    *("/feed.atom", "/feed.json", "/dates.ics", "/transparency", "/metrics", "/health", "/robots.txt", "/sitemap.xml"),
)


async def crawl(world: World) -> Mapping[str, str]:
    """Every page that the first page leads to, and some that somebody might guess."""

    async def health() -> Mapping[str, Any]:
        return {"ok": True}

    services = world.network.services
    server = WebServer("127.0.0.1", 0, health)
    Site(About("Data Policy Digest"), Archivist(services), services.clock, services.topics, {}).attach(server.app)
    await server.start()
    found: dict[str, str] = {}
    waiting = ["/", *GUESSES]
    try:
        async with aiohttp.ClientSession(server.url) as session:
            while waiting and len(found) < 200:
                path = waiting.pop()
                async with session.get(path) as answer:
                    words = await answer.text(errors="replace")
                found[path] = f"{answer.status} {words.replace(server.url, '')}"
                links = re.findall(r'href="(/[^"#]*)"', found[path])
                waiting += [link for link in dict.fromkeys(links) if link not in found and link not in waiting]
    finally:
        await server.stop()
    return found


async def test_no_export_of_an_edition_names_anybody(worlds: tuple[World, World]) -> None:
    for form in ("md", "html", "email", "text", "json"):
        ask = Ask(AskKind.COMMAND, CAROL, "digest", NOW, CAROL.address, f"export draft {form}")
        assert "Quartz" not in await same(worlds, ask)


async def test_what_a_notification_previews_of_a_complaint_names_nobody(worlds: tuple[World, World]) -> None:
    world = worlds[0]
    form = Ask(AskKind.SUBMIT, ZELDA, "privacy.complain", NOW, fields={"words": "They told others about my quilting."})
    await world.ask(form)
    await world.network.sends()
    (card,) = [each for each in world.network.courier.in_channel("coordinators") if "Complaint" in each.summary]
    assert not re.search("zelda|quartz|quilting", repr(card), re.I)


async def test_whoever_may_see_the_directory_sees_that_the_worlds_differ(worlds: tuple[World, World]) -> None:
    """The comparison would notice a difference: coordinators can read a complaint in the world in which it is."""
    ask = Ask(AskKind.PRESS, DAN, "complaint.read", NOW, value="C-7K2MAB")
    one, two = [await world.ask(ask) for world in worlds]
    assert one != two
    assert "Zelda Quartz" in one[0]
