"""``python -m bot.reference FOLDER``: writes the pages that list every command and every setting, for ``make docs``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.__main__ import parser
from bot.table import build_table

EXAMPLE = Path(__file__).parents[1] / "config" / "example.env"


def commands_page() -> str:
    """Every command of the chat, with who may use it, and every command, action and option of the command line."""
    return "\n".join(["# Every command", "", *_in_chat(), "", *_on_the_line()]) + "\n"


def settings_page() -> str:
    """Every setting with its default, in the words of config/example.env."""
    return "\n".join(["# Every setting", "", *_settings()]) + "\n"


def _in_chat() -> Iterator[str]:
    yield "## In chat"
    yield ""
    yield "`/convenor help` shows each person what they may use. In Teams they are typed without the slash."
    yield ""
    yield "| command | who | what it does |"
    yield "|---|---|---|"
    for command in build_table().commands:
        who = ", ".join(sorted(f"{role.value}s" for role in command.roles)) or "everybody"
        yield f"| `{_cell(command.usage)}` | {who} | {_cell(command.help)} |"


def _on_the_line() -> Iterator[str]:
    top = parser()
    yield "## On the command line"
    yield ""
    yield "Exit codes: 0 it was done, 1 it did not work, 2 the command or a setting is wrong."
    for name, words, command in _commands_of(top):
        yield ""
        yield f"### convenor {name}"
        yield ""
        yield f"{words[:1].upper()}{words[1:]}."
        yield from _options(command)
        for action, more, inner in _commands_of(command):
            yield ""
            yield f"**convenor {name} {action}**: {more}."
            yield from _options(inner)


def _commands_of(of: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    for part in of._actions:
        if isinstance(part, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in part._choices_actions}
            for name, command in part.choices.items():
                yield name, helps.get(name, ""), command


def _options(of: argparse.ArgumentParser) -> Iterator[str]:
    shown = [
        part
        for part in of._actions
        if not isinstance(part, argparse._HelpAction | argparse._SubParsersAction) and part.help != argparse.SUPPRESS
    ]
    if not shown:
        return
    yield ""
    for part in shown:
        value = part.metavar or (part.dest.upper() if part.nargs != 0 else "")
        if part.choices and not part.metavar:
            value = "|".join(map(str, part.choices))
        words = " ".join(filter(None, (", ".join(part.option_strings), str(value) if part.nargs != 0 else "")))
        yield f"- `{words}`: {part.help}" if part.help else f"- `{words}`"


def _settings() -> Iterator[str]:
    yield "They come from the environment, and from the file `.env` in the folder that Convenor is started in; the"
    yield "environment wins. `config/example.env` is this page as a file to copy. An empty value means the default."
    said: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# ---"):
            yield ""
            yield f"## {line.strip('# -')}"
            said = []
        elif line.startswith("# "):
            said.append(line.removeprefix("# "))
        elif line.startswith("CONVENOR_"):
            name, _, default = line.partition("=")
            yield ""
            yield f"**`{name}`**" + (f" (default: `{default}`)" if default else "")
            if said:
                yield ""
                yield " ".join(said).replace("<", "\\<")
            said = []


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def main(folder: Path) -> None:
    """Write both pages."""
    folder.mkdir(exist_ok=True)
    (folder / "commands.md").write_text(commands_page(), encoding="utf-8")
    (folder / "settings.md").write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
