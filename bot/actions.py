"""The actions of a command, as ``convenor sources list`` has them: each with its help and its own ``--json``."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def actions_of(parser: argparse.ArgumentParser) -> Callable[[str, str], argparse.ArgumentParser]:
    """A function that adds an action to a command, given its name and its help, and returns the action's parser."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")

    def action(name: str, words: str) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=words, description=words[:1].upper() + words[1:] + ".")
        # Suppressed, so that “sources --json list” is not undone by the action's own default.
        made.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print the result as JSON")
        return made

    return action
