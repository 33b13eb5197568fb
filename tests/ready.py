"""What Convenor makes of the files that come with it, made once for all commands and services that a test process runs.

Reading the topics and making the tagger of them takes several times as long as most commands do besides. Importing this
does nothing; the tests of these files themselves ask ``config`` and ``digests``, which are as they are.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HOUSE = "bot.app.house"
_LOADERS = ("load_catalogue", "load_taxonomy", "load_plan", "load_kinds", "load_synonyms")


def keep() -> None:
    """From now on, a house that is opened on the same files as an earlier one has what was made of them then."""
    house = sys.modules.get(_HOUSE)
    if house is None or isinstance(house.Tagger, _Taggers):
        return
    for name in _LOADERS:
        setattr(house, name, _kept(getattr(house, name)))
    house.Tagger = _Taggers(house.Tagger)  # type: ignore[attr-defined]


def _kept(load: Callable[..., Any]) -> Callable[..., Any]:
    @functools.cache
    def loaded(path: Path | None, over: Path | None, _words: tuple[bytes, bytes]) -> Any:
        return load(path, over)

    @functools.wraps(load)
    def kept(path: Path | None = None, over: Path | None = None) -> Any:
        return loaded(path, over, (_words_of(path), _words_of(over)))

    return kept


def _words_of(path: Path | None) -> bytes:
    try:
        return path.read_bytes() if path else b""
    except OSError:
        return b""  # the loader says what is wrong, each time: what is raised is not kept


class _Taggers:
    """Gives the same tagger, which remembers nothing of what it has tagged, for the same taxonomy."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make
        self._made: dict[int, tuple[Any, Any]] = {}

    def __call__(self, taxonomy: Any) -> Any:
        if id(taxonomy) not in self._made:
            self._made[id(taxonomy)] = taxonomy, self._make(taxonomy)
        return self._made[id(taxonomy)][1]
