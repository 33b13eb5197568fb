"""The pages of docs/contributing, followed to the letter: code runs, files are read, commands exist."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import adapters
import bot.handlers
import tests.contract.chat
import tests.unit
from bot.__main__ import parser
from bot.commands import Command
from bot.messages import AskKind, Field, FieldKind, Form, Identity, Message, Option, Reply, say
from bot.outbox import Outbox
from bot.ports import TransportError
from bot.table import build_table
from config.catalogue import DEFAULT_PATH as SOURCES
from config.catalogue import load_catalogue
from config.topics import DEFAULT_PATH as TOPICS
from digests.model import Address, Delivery, DeliveryState
from tests.contract.chat import extremes
from tests.contract.chat.contract import form_problems, message_problems
from tests.contract.chat.tour import Tour, tour
from tests.fakes import network as fake_network
from tests.fakes.clock import FakeClock
from tests.fakes.slack_desk import FakeDesk
from tests.fakes.store import FakeStore
from tests.journeys.test_commands import Command as Line
from tests.journeys.test_commands import convenor

__all__ = ["convenor"]

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "contributing"
PAGES = sorted(path.stem for path in GUIDES.glob("*.md"))


def blocks(page: str) -> dict[str, str]:
    """The pieces of code and configuration of a page by the file that each is for."""
    words = (GUIDES / f"{page}.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^```\w+\n# (\S+)\n(.*?)^```$", words, re.MULTILINE | re.DOTALL))


def typed(page: str) -> list[list[str]]:
    """What the page says to type, line by line."""
    words = (GUIDES / f"{page}.md").read_text(encoding="utf-8")
    return [shlex.split(line) for line in re.findall(r"^    ((?:convenor|make|pytest) .+)$", words, re.MULTILINE)]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_to_type_can_be_typed(page: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for program, *rest in typed(page):
        if program == "convenor":
            parser().parse_args(rest)
        elif program == "make":
            assert rest[0] in targets
        else:
            assert (ROOT / rest[0]).is_file()


@pytest.mark.parametrize("page", PAGES)
def test_the_files_that_a_page_speaks_of_are_there(page: str) -> None:
    words = (GUIDES / f"{page}.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:adapters|bot|config|tests|docs)/[\w./-]+)`", words)) - blocks(page).keys()
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Path]:
    """A folder whose files are found as if they stood in the repository."""
    packages = {"adapters": adapters, "bot/handlers": bot.handlers, "tests/contract/chat": tests.contract.chat,
                "tests/unit": tests.unit}  # fmt: skip
    before = set(sys.modules)
    for folder, package in packages.items():
        (tmp_path / folder).mkdir(parents=True)
        package.__path__.append(str(tmp_path / folder))
    yield tmp_path
    for folder, package in packages.items():
        package.__path__.remove(str(tmp_path / folder))
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


def written(beside: Path, page: str) -> None:
    for name, code in blocks(page).items():
        if name.endswith(".py") and not (ROOT / name).exists():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code, encoding="utf-8")
            if path.parent.name == "paper":
                (path.parent / "__init__.py").write_text('"""Convenor at the teleprinter."""\n')


def loaded(name: str) -> ModuleType:
    importlib.invalidate_caches()
    return importlib.import_module(name)


# A source


def test_the_source_of_the_page_is_read(convenor: Line) -> None:
    (snippet,) = blocks("source").values()
    path = convenor.folder / "sources.yaml"
    path.write_text(SOURCES.read_text(encoding="utf-8").rstrip("\n") + "\n\n" + snippet, encoding="utf-8")
    (found,) = [source for source in load_catalogue(path).sources if source.id == "example-institute"]
    assert (found.publisher, found.weight, found.enabled) == ("Example Institute", 0.5, True)
    code, out, err = convenor("sources", "--json", CATALOGUE=str(path))
    assert (code, err) == (0, "")
    assert '"example-institute"' in out


# A topic


def test_the_topic_of_the_page_is_given_by_its_rules(convenor: Line) -> None:
    (snippet,) = blocks("topic").values()
    path = convenor.folder / "topics.yaml"
    path.write_text(TOPICS.read_text(encoding="utf-8").rstrip("\n") + "\n" + snippet, encoding="utf-8")
    for command in (rest for program, *rest in typed("topic") if program == "convenor"):
        code, out, _ = convenor(*command, TOPICS=str(path))
        assert code == 0, command
        if command[:2] == ["topics", "test"]:
            assert "Quantum computing" in out
    code, out, _ = convenor("topics", "test", "Quantum of solace, a data film", TOPICS=str(path))
    assert "Quantum computing" not in out


# A command


async def test_the_command_of_the_page_works_as_its_test_says(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(beside, "command")
    counting = loaded("bot.handlers.counting")
    line = eval(blocks("command")["bot/table.py"], {"Command": Command, "counting": counting})
    table = build_table()
    assert isinstance(line, Command)
    monkeypatch.setattr(fake_network, "build_table", lambda: replace(table, commands=[line, *table.commands]))
    journey = loaded("tests.unit.test_counting_journey")
    for name in (name for name in vars(journey) if name.startswith("test_")):
        await getattr(journey, name)()


# A platform


class Machine:
    """A teleprinter."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.broken = False

    async def put(self, room: str, words: str) -> int:
        if self.broken:
            raise OSError
        self.sheets.append((room, words))
        return len(self.sheets) - 1

    async def strike_out(self, sheet: int, words: str) -> None:
        if self.broken:
            raise OSError
        self.sheets[sheet] = (self.sheets[sheet][0], words)


@pytest.fixture(scope="module")
def said_and_asked() -> Tour:
    """What is really said and asked, as in the contract suite."""
    import asyncio

    return asyncio.run(tour())


def test_the_platform_of_the_page_passes_the_contract_of_chat_folders(beside: Path, said_and_asked: Tour) -> None:
    written(beside, "platform")
    paper = loaded("tests.contract.chat.paper").Paper()
    messages = [*said_and_asked.messages.values(), *extremes.MESSAGES]
    assert len(messages) > 100
    assert [found for message in messages for found in message_problems(paper, message)] == []
    forms = [*said_and_asked.forms, *extremes.FORMS]
    assert [found for form in forms for found in form_problems(paper, form)] == []
    errors = [form_problems(paper, form, got, reply.errors) for form, got, reply in said_and_asked.errors]
    assert len(errors) > 10
    assert [found for each in errors for found in each] == []


async def test_somebody_can_use_the_platform_of_the_page(beside: Path) -> None:
    written(beside, "platform")
    machine, clock, alice = Machine(), FakeClock(), Identity("paper", "office", "alice")
    how = Field("how", "How", FieldKind.CHOICE, options=(Option("x", "X"),))
    form = Form("intro", "Introduction", "Ask", (Field("need", "Need"), how))
    desk = FakeDesk({"intro": Reply(form=form), "taken": Reply((say("Thank you."),))})
    app = loaded("adapters.paper.app").PaperApp(desk, clock, machine)
    await app.listeners.hear(alice, "digest", "/digest draft")
    assert machine.sheets == [("alice", "digest: draft")]
    await app.listeners.hear(alice, "digest", "#1")
    assert machine.sheets[-1][1].startswith("Type a command that begins with a slash")
    await app.listeners.hear(alice, "digest", "/intro")
    assert machine.sheets[-1][1] == "Introduction\nNeed (need=)  \nHow (how=)  \n    x: X"
    await app.listeners.hear(alice, "digest", "need=looms; how=x")
    assert (desk.asks[-1].kind, desk.asks[-1].fields) == (AskKind.SUBMIT, {"need": "looms", "how": "x"})

    store = FakeStore()
    outbox = Outbox(store, {"paper": app.courier}, clock)
    await deliver(store, outbox, "one", say("Edition 30"))
    assert machine.sheets[-1] == ("digest", "Edition 30")
    machine.broken = True
    state = await deliver(store, outbox, "two", say("Edition 31"))
    assert state is DeliveryState.UNKNOWN, "what may have been printed is a person's to decide about"
    with pytest.raises(TransportError):
        await app.courier.update(Address("paper", "office", "digest"), "0", say("Edition 30, corrected"))


async def deliver(store: Any, outbox: Outbox, key: str, message: Message) -> DeliveryState:
    from bot.messages import to_json

    async with store.begin() as uow:
        to = Address("paper", "office", "digest")
        await uow.deliveries.add([Delivery(key, "edition", to, to_json(message), FakeClock().now())])
        await uow.commit()
    await outbox.drain()
    async with store.read() as uow:
        row = await uow.deliveries.get(key)
    assert row is not None
    state: DeliveryState = row.state
    return state
