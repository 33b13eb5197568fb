"""Reads ``synonyms.yaml``: words that mean much the same when somebody is looking for a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.yaml_file import Layers, StrictModel, load, told
from digests.search import terms

DEFAULT_PATH = Path(__file__).with_name("synonyms.yaml")

Group = tuple[str, ...]
"""Phrases that mean much the same."""

LONGEST_PHRASE = 6
"""The most words of a phrase, the small ones not counted."""


class _File(StrictModel):
    synonyms: tuple[Group, ...]


def load_synonyms(path: Path | None = None, over: Path | None = None) -> tuple[Group, ...]:
    """The groups in a file, or those that come with Convenor, with what another file changes of them.

    Raises :class:`ConfigError` with every mistake.
    """
    layers = Layers(path or DEFAULT_PATH, over)
    file = load(layers, _File)
    problems = list(_problems(file.synonyms))
    if problems:
        raise told(layers, problems)
    return file.synonyms


def _problems(groups: tuple[Group, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, phrases in enumerate(groups):
        at: tuple[str | int, ...] = ("synonyms", number)
        if len(phrases) < 2:
            yield at, "one phrase alone has no synonym: name at least two"
        seen: dict[tuple[str, ...], str] = {}
        for position, phrase in enumerate(phrases):
            stems = terms(phrase)
            if not stems:
                yield (*at, position), f"“{phrase}” has no word that could be looked for"
            elif len(stems) > LONGEST_PHRASE:
                yield (*at, position), f"“{phrase}” has more than {LONGEST_PHRASE} words"
            elif stems in seen:
                yield (*at, position), f"“{phrase}” is the same as “{seen[stems]}”, which stands in this line already"
            seen.setdefault(stems, phrase)
