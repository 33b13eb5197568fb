"""Every command, option, setting and field of a file is documented; the pages that list them leave none out."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

from bot.__main__ import parser
from bot.reference import EXAMPLE, commands_page, settings_page
from bot.table import build_table
from config import catalogue, digest, kinds, synonyms, topics
from config.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
# Their names say it, and the help of their command says what it is that they name.
PLAIN = {"ID", "FILE", "ADDRESS"}


def parts(of: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.Action]]:
    for part in of._actions:
        if isinstance(part, argparse._SubParsersAction):
            for each, command in part.choices.items():
                yield from parts(command, f"{name} {each}")
        elif not isinstance(part, argparse._HelpAction):
            yield name, part


def test_every_command_action_and_option_of_the_command_line_is_listed_with_its_help() -> None:
    page = commands_page()
    for name, part in parts(parser()):
        if not name:
            continue
        assert f"convenor {name.strip()}" in page
        for option in part.option_strings:
            assert f"`{option}" in page or f", {option}" in page, (name, option)
        if part.help != argparse.SUPPRESS:
            assert part.help or (part.metavar or part.dest) in PLAIN, f"convenor{name} {part.dest} has no help"


def test_every_command_of_the_chat_is_listed_with_who_may_use_it() -> None:
    page = commands_page()
    for command in build_table().commands:
        assert command.help
        assert f"| `{command.usage.replace('|', chr(92) + '|')}` |" in page


def test_every_setting_is_listed_with_its_words() -> None:
    page = settings_page()
    for name in Settings.model_fields:
        assert f"**`CONVENOR_{name.upper()}`**" in page
    words = [line[2:] for line in EXAMPLE.read_text().splitlines() if line.startswith("# ") and "---" not in line]
    for line in words[2:]:
        assert line.replace("<", "\\<") in page or line in ("separated",), line


def fields(module: ModuleType) -> Iterator[tuple[str, str]]:
    for model in vars(module).values():
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__:
            yield from ((model.__name__, name) for name in model.model_fields if name != "root")


@pytest.mark.parametrize(
    ("module", "page", "but"),
    [
        (catalogue, "sources.md", {"_SampleIndex"}),
        (topics, "topics.md", set()),
        (kinds, "kinds.md", set()),
        (digest, "digest-plan.md", set()),
        (synonyms, "matching.md", set()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_field_of_a_file_is_in_its_guide(module: ModuleType, page: str, but: set[str]) -> None:
    words = (DOCS / page).read_text(encoding="utf-8")
    code = (
        " ".join(re.findall(r"`([^`\n]+)`", words))
        + " "
        + " ".join(re.findall(r"```.*?```|^    .*$", words, re.M | re.S))
    )
    known = set(re.findall(r"[a-z_]+", code))
    missing = [f"{model}.{name}" for model, name in fields(module) if model not in but and name not in known]
    assert missing == [], f"docs/{page} does not say what these are"


def test_every_page_is_in_the_navigation() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    for page in sorted(DOCS.glob("*.md")):
        if page.name != "index.md":
            assert re.search(rf"^{page.stem}$", index, re.MULTILINE), f"docs/index.md does not lead to {page.name}"
