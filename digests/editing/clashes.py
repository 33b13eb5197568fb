"""Two editors at once: what each changed of one form, told apart by marks of the text that the form was opened on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


def mark(words: str) -> str:
    """A short mark of a text: eight hexadecimal digits, enough to tell two texts of one field apart."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Merged:
    """What comes of a form: the fields that its sender changed, and those that somebody else changed as well."""

    wanted: Mapping[str, str]
    clashes: tuple[str, ...] = ()


def merge_typed(seen: Mapping[str, str], present: Mapping[str, str], typed: Mapping[str, str]) -> Merged:
    """What its sender wants of a form.

    ``seen`` has the marks of the texts that the form was opened on, ``present`` the texts as they now are, ``typed``
    what was sent in. A field that was left as it was is not wanted, whoever else changed it; one that both changed
    clashes, unless both wrote the same.
    """
    wanted: dict[str, str] = {}
    clashes: list[str] = []
    for name, words in typed.items():
        if name not in present or mark(words) == seen.get(name) or words == present[name]:
            continue
        wanted[name] = words
        if name in seen and mark(present[name]) != seen[name]:
            clashes.append(name)
    return Merged(wanted, tuple(clashes))
