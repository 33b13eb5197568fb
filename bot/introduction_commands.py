"""``convenor introductions match``: ranks profiles of a file against requests of another, for anyone to judge."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from bot import app, console
from bot.actions import actions_of
from bot.introductions.matching import matcher_for
from bot.match_lines import answer_requests, as_data, as_text, read_profiles
from bot.tag_lines import as_line
from config.settings import Settings
from config.synonyms import load_synonyms
from digests.errors import ConfigError

DID_NOT_WORK = 1


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The actions of ``convenor introductions``, each with its help."""
    parser.set_defaults(json=False)
    match = actions_of(parser)("match", "rank profiles against requests, both given as JSON Lines, with reasons")
    match.add_argument(
        "--profiles", required=True, metavar="FILE", help="profiles as JSON Lines, or - for standard input"
    )
    match.add_argument(
        "--requests", required=True, metavar="FILE", help="requests as JSON Lines, or - for standard input"
    )
    match.add_argument("--limit", type=int, default=10, metavar="N", help="at most so many candidates (default: 10)")


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Rank and print; 1 where a line could not be used, which does not keep the others from being answered."""
    if arguments.action is None:
        raise ConfigError(["introductions: say what to do. There is one action: match."])
    if arguments.profiles == arguments.requests == "-":
        raise ConfigError(["--profiles and --requests cannot both be read from standard input."])
    if arguments.limit < 1:
        raise ConfigError(["--limit must be 1 or more."])
    matcher = matcher_for(app.make_tagger(settings), load_synonyms(settings.synonyms, settings.over("synonyms")))
    with contextlib.ExitStack() as stack:
        # Both are opened first, so that a missing file is told before anything is read.
        profiles = stack.enter_context(_lines(arguments.profiles, "--profiles"))
        requests = stack.enter_context(_lines(arguments.requests, "--requests"))
        ids, wrong = read_profiles(profiles, matcher)
        for number, words in wrong:
            console.err().print(f"{arguments.profiles}:{number}: {words}", markup=False, soft_wrap=True)
        failed = bool(wrong)
        for answer in answer_requests(requests, matcher, ids, arguments.limit):
            failed = failed or bool(answer.error)
            sys.stdout.write((as_line(as_data(answer)) if arguments.json else as_text(answer)) + "\n")
    sys.stdout.flush()
    return DID_NOT_WORK if failed else 0


@contextlib.contextmanager
def _lines(name: str, option: str) -> Iterator[Iterator[str]]:
    if name == "-":
        yield iter(sys.stdin)
        return
    try:
        file = Path(name).open(encoding="utf-8", errors="replace")  # noqa: SIM115 - closed below, opened apart
    except OSError as trouble:
        raise ConfigError([f"{option}: {name} cannot be read ({trouble.strerror})."]) from None
    with file:
        yield file
