"""Reads ``kinds.yaml``: what kind of document an item is, by its title."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.overlay import How
from config.yaml_file import Layers, StrictModel, load, told
from digests.kinds import KindRules, Place, TitleRule, title_phrase
from digests.model import Group, Kind

DEFAULT_PATH = Path(__file__).with_name("kinds.yaml")

_Phrases = tuple[str, ...]
_PHRASES = (*(place.value for place in Place), "unless")


class _Title(StrictModel):
    kind: Kind
    begins: _Phrases = ()
    has: _Phrases = ()
    ends: _Phrases = ()
    unless: _Phrases = ()
    instead_of: frozenset[Kind] = frozenset()
    groups: frozenset[Group] = frozenset()


class _File(StrictModel):
    titles: tuple[_Title, ...]


# The first rule that fits decides, so what is added comes first.
HOW = How(first={"titles": "kind"})


def load_kinds(path: Path | None = None, over: Path | None = None) -> KindRules:
    """The rules in a file, or those that come with Convenor, with what another file changes of them.

    Raises :class:`ConfigError` with every mistake.
    """
    layers = Layers(path or DEFAULT_PATH, over, HOW)
    file = load(layers, _File)
    problems = list(_problems(file))
    if problems:
        raise told(layers, problems)
    return KindRules(tuple(_rule(title) for title in file.titles))


def _rule(title: _Title) -> TitleRule:
    return TitleRule(
        title.kind,
        tuple((place, title_phrase(phrase)) for place in Place for phrase in getattr(title, place.value)),
        tuple(map(title_phrase, title.unless)),
        title.instead_of,
        title.groups,
    )


def _problems(file: _File) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, title in enumerate(file.titles):
        at = ("titles", number)
        for key in _PHRASES:
            for position, phrase in enumerate(getattr(title, key)):
                try:
                    title_phrase(phrase)
                except ValueError as error:
                    yield (*at, key, position), f"“{phrase}”: {error}"
        if not any(getattr(title, place.value) for place in Place):
            yield at, f"it does not say what makes a title {title.kind.in_words}: begins, has or ends"
        if title.kind in title.instead_of:
            yield (*at, "instead_of"), f"“{title.kind.value}” cannot stand instead of itself"
