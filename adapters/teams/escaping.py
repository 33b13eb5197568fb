"""Words as cards can show them: what Teams would read for a date, a style, a link or a list is taken apart. Pure."""

from __future__ import annotations

import re
from typing import Final

from bot.legible import clean, tidy

_COMMAND: Final = re.compile(r"(?<![^\s(“])/(?=[a-z])")
# Dates ({{DATE(...)}}) and templates (${...}) are no longer what they were with an unseen joint within.
_JOINT: Final = "\u2060"
_MACRO: Final = re.compile(r"\{(?=\{)|\$(?=\{)")
# Nor are entities, addresses, and what at the beginning of a text makes a list or a heading.
_MARK: Final = re.compile(r"&(?=[#\w])|:(?=//)|(?<=\w)\.(?=[^\W\d])")
_BEGINS: Final = re.compile(r"[-+=#]|\d+[.)]")
# Signs of Markdown, and of XML in what is spoken, and the signs that stand for them.
SIGNS: Final = str.maketrans(
    {
        "\\": "\u2216",
        "`": "\u02cb",
        "*": "\u2217",
        "_": "\uff3f",
        "[": "\uff3b",
        "]": "\uff3d",
        "<": "\u2039",
        ">": "\u203a",
        "~": "\u223c",
        "|": "\u2223",
        "@": "\uff20",
    }
)


def unmarked(words: str) -> str:
    """Words for where Teams reads Markdown: the same to the eye, with nothing in them that is markup."""
    shown = _MARK.sub(_jointed, unread(tidy(words).translate(SIGNS)))
    return f"{_JOINT}{shown}" if _BEGINS.match(shown) else shown


def unread(words: str) -> str:
    """Words for where Teams reads nothing but dates: without what is unseen, and with those taken apart."""
    return _MACRO.sub(_jointed, clean(words))


def _jointed(found: re.Match[str]) -> str:
    return found[0] + _JOINT


def without_slash(words: str) -> str:
    """A sentence with its commands as they are given in Teams, where a slash would open Teams's own list."""
    return _COMMAND.sub("", words)


def as_typed(words: str) -> str:
    """What to type: a command is words alone here."""
    return words.removeprefix("/") or words
