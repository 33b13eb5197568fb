"""``convenor setup``: asks what a new network has to say, shows what it will write, and writes it."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml
from dotenv import dotenv_values

from bot import app, console
from bot.setting_up import files
from bot.setting_up.questions import QUESTIONS, NotUsable, Question, asked
from config.settings import PREFIX, complaint_about, load_settings
from digests.errors import ConfigError

USAGE = 2
DEFAULT_DIR = "network"
_CONFIG_DIR = f"{PREFIX}CONFIG_DIR"
_KEYS = f"{PREFIX}ENCRYPTION_KEYS"

NEEDS_ANSWERS = "setup: nobody is there to be asked, so say --yes, and {} with it."
KEY = (
    "A key was made, which encrypts what members write. Put a copy of CONVENOR_ENCRYPTION_KEYS from {} into the "
    "password store of your organisation now: without it nobody can read what is kept, not even from a backup."
)
NEXT = "Next: “convenor check” says what is still missing, and “convenor run” starts Convenor."
BY_HAND = (
    "{} has been changed by somebody, so it was left as it is. What you answered would be written there like this:\n\n"
    "{}"
)
NOT_WRITTEN = "{} cannot be written ({})."
NOTHING = "Everything is set up like this already. Nothing was written."
NOT_DONE = "Nothing was written."


class Asker(Protocol):
    """Whoever answers."""

    def ask(self, words: str, default: str, *, secret: bool) -> str:
        """The answer to a question; the default where nothing was typed."""
        ...

    def told(self, words: str) -> None:
        """Say something in between."""
        ...


class Terminal:
    """A person at a terminal."""

    def ask(self, words: str, default: str, *, secret: bool) -> str:
        if secret:
            kept = " [keep the present one]" if default else ""
            return getpass.getpass(f"{words}{kept}: ") or default
        return input(f"{words}{f' [{default}]' if default else ''}: ") or default

    def told(self, words: str) -> None:
        console.write(words)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The files that are to be written, with their whole text, and what a person is told of them."""

    texts: Mapping[Path, str]
    lines: tuple[str, ...]
    notes: tuple[str, ...]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor setup``: one for each question whose answer is no secret."""
    parser.epilog = (
        "Secrets are asked for, or taken from the environment (CONVENOR_SLACK_BOT_TOKEN and so on), never from "
        "options, which others on the machine can read."
    )
    parser.add_argument("--dir", type=Path, help=f"where to write (default: {_CONFIG_DIR}, or {DEFAULT_DIR})")
    parser.add_argument("--yes", action="store_true", help="ask nothing, and write; what is not given stays as it is")
    for question in QUESTIONS:
        if not question.secret:
            parser.add_argument(f"--{question.name}", help=question.option_help)


def run(arguments: argparse.Namespace, asker: Asker | None = None) -> int:
    """Ask and write; 0, or 2 where the answers cannot be used."""
    beside = Path(".env")
    around = {**_values(beside), **os.environ}
    folder = arguments.dir or Path(around.get(_CONFIG_DIR) or DEFAULT_DIR)
    given = {q.name: value for q in QUESTIONS if (value := getattr(arguments, q.name.replace("-", "_"), None))}
    if asker is None and not arguments.yes:
        if not sys.stdin.isatty():
            raise ConfigError([NEEDS_ANSWERS.format(", ".join(f"--{q.name}" for q in _needed(given, {})))])
        asker = Terminal()
    present = {**_plan_values(folder / "digest.yaml"), **_setting_values({**around, **_values(folder / ".env")})}
    try:
        answers = _answers(given, present, asker if not arguments.yes else None)
    except NotUsable as wrong:
        raise ConfigError([str(wrong)]) from None
    except EOFError:
        console.write(f"\n{NOT_DONE}")
        return USAGE
    plan = _plan(folder, beside, answers, around)
    _require_usable(plan, folder)
    out = asker or Terminal()
    for note in plan.notes:
        out.told(note)
    if not plan.texts:
        out.told(NOTHING)
        return 0
    out.told("\n".join(("This will be written:", *plan.lines)))
    if (
        asker is not None
        and not arguments.yes
        and asker.ask("Write it (yes or no)", "yes", secret=False)[:1] not in "yY"
    ):
        out.told(NOT_DONE)
        return 0
    for path, text in plan.texts.items():
        try:
            _write(path, text)
        except OSError as trouble:
            raise ConfigError([NOT_WRITTEN.format(path, trouble.strerror)]) from None
    if _KEYS in "".join(plan.lines):
        out.told(KEY.format(folder / ".env"))
    out.told(NEXT)
    return 0


def _answers(given: Mapping[str, str], present: Mapping[str, str], asker: Asker | None) -> dict[str, str]:
    """Every answer: given as an option, asked for, or as it is. Raises NotUsable where nobody can be asked again."""
    answers: dict[str, str] = {}
    for question in asked(answers):
        default = present.get(question.name, question.default)
        if question.name in given:
            answers[question.name] = _read(question, given[question.name])
        elif asker is not None:
            answers[question.name] = _asked(question, default, asker, answers.get("chat", ""))
        else:
            answers[question.name] = default if question.secret else _read(question, default)
    return answers


def _asked(question: Question, default: str, asker: Asker, chat: str) -> str:
    while True:
        try:
            answer = question.read(asker.ask(question.asked_of(chat), default, secret=question.secret))
        except NotUsable as wrong:
            asker.told(str(wrong))
            continue
        if not (complaint := complaint_about(question.setting, answer) if question.setting and answer else ""):
            return answer
        asker.told(f"This cannot be used: {complaint}.")


def _read(question: Question, words: str) -> str:
    try:
        return question.read(words)
    except NotUsable as wrong:
        raise NotUsable(f"--{question.name}: {wrong}") from None


def _needed(given: Mapping[str, str], present: Mapping[str, str]) -> list[Question]:
    """The questions that have neither an answer nor a default."""
    plain = [q for q in QUESTIONS if not (q.secret or q.default or q.may_be_empty or q.chat)]
    return [q for q in plain if q.name not in given and not present.get(q.name)]


def _plan(folder: Path, beside: Path, answers: Mapping[str, str], around: Mapping[str, str]) -> _Plan:
    own = _values(folder / ".env")
    key = own.get(_KEYS) or around.get(_KEYS) or app.new_key()
    settings = {q.setting: answers[q.name] for q in asked(answers) if q.setting}
    wanted = files.settings_of(answers, settings, key)
    # What the environment says anyway need not be written, and a secret there is there for a reason.
    changes = {
        name: value
        for name, value in wanted.items()
        if value != own.get(name, "") and not (name not in own and around.get(name) == value)
    }
    texts: dict[Path, str] = {}
    lines: list[str] = []
    notes: list[str] = []
    if changes:
        texts[folder / ".env"] = files.env_file(_text(folder / ".env"), changes)
        lines += [f"  {folder / '.env'}", *(f"    {line}" for line in files.shown(changes))]
    digest, words = folder / "digest.yaml", files.digest_file(answers)
    there = _text(digest)
    if _plan_values(digest) != {name: answers[name] for name in ("title", "first-number", "edition")}:
        if there and not files.is_ours(there):
            notes.append(BY_HAND.format(digest, words))
        else:
            texts[digest] = words
            lines += [f"  {digest}", *(f"    {line}" for line in words.splitlines()[1:])]
    if around.get(_CONFIG_DIR) != str(folder):
        texts[beside] = files.env_file(_text(beside), {_CONFIG_DIR: str(folder)})
        lines += [f"  {beside}", f"    {_CONFIG_DIR}={files.quoted(str(folder))}"]
    return _Plan(texts, tuple(lines), tuple(notes))


def _require_usable(plan: _Plan, folder: Path) -> None:
    """Raises ConfigError, with every mistake, before anything is written."""
    env = plan.texts.get(folder / ".env")
    with tempfile.TemporaryDirectory() as trial:
        file = Path(trial) / ".env"
        file.write_text(env if env is not None else _text(folder / ".env"), encoding="utf-8")
        values = {name: value for name, value in dotenv_values(file).items() if value}
    around = {name: value for name, value in os.environ.items() if name != _CONFIG_DIR}
    load_settings({**values, **around}, None)


def _plan_values(file: Path) -> dict[str, str]:
    """What a ``digest.yaml`` says of what is asked about."""
    try:
        data = yaml.safe_load(_text(file)) or {}
        schedule = data.get("schedule") or {}
        found = {"title": data.get("title"), "first-number": data.get("first_number")}
        if schedule.get("weekday") and isinstance(schedule.get("at"), str):
            found["edition"] = f"{schedule['weekday']} {schedule['at']}"
    except (yaml.YAMLError, AttributeError):
        return {}
    return {name: str(value) for name, value in found.items() if value}


def _setting_values(values: Mapping[str, str]) -> dict[str, str]:
    """The answers that the settings have already."""
    found = {q.name: values[q.setting] for q in QUESTIONS if q.setting and values.get(q.setting)}
    if values.get(f"{PREFIX}SLACK_BOT_TOKEN"):
        found["chat"] = "slack"
    elif values.get(f"{PREFIX}TEAMS_APP_ID"):
        found["chat"] = "teams"
    elif values.get(f"{PREFIX}LOCAL_CHAT"):
        found["chat"] = "browser"
    elif found:
        found["chat"] = "none"
    return found


def _values(file: Path) -> dict[str, str]:
    return {name: value for name, value in dotenv_values(file).items() if value} if file.is_file() else {}


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all, for its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    part.chmod(0o600)
    part.replace(path)
