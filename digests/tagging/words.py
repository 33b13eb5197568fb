"""Cuts text into the words that rules are matched against, the same way for items and for rules.

Case, apostrophes and hyphens do not count: “AI-enabled” is ``ai enabled``, “children’s” is ``children``, “GOV.UK” is
one word, and so are initials with dots: “i.AI”, “U.K.”. Where a reader stops (at the end of a sentence or a paragraph,
between the points of a list) stands :data:`END`, so that no phrase is found across it; a colon, a slash, a dash, a
bracket or a quotation mark between two words is nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

END = "¶"
"""A word of its own, which no rule can name."""

_WORD = re.compile(rf"[^\W_]+(?:['’.][^\W_]+)*|{END}")
# One character each, so that every place in the text stays what it was. A full stop ends a sentence only before a
# capital letter, and not after an initial or an abbreviation. (That all of them begin with one set of characters is
# what makes the search fast.)
_STOP = re.compile(
    r"[.!?;•▪|\n](?:"
    r"(?<=\.)(?=[”’\"')\]]*\s+[“‘\"'(\[]*[A-Z])(?<![\s.(][A-Za-z]\.)(?<!\b[MDS][rst]\.)(?<!\b(?:Mrs|Inc|Ltd|Hon)\.)"
    r"(?<!\b(?:vs|No|Rt)\.)(?<!\bProf\.)"
    r"|(?<=[!?])(?=[”’\"')\]]*\s)|(?<=;)(?=\s)|(?<=[•▪|])|(?<=\n)(?=[ \t]*\n))"
)

# Characters that people cannot see, used by accident (soft hyphens) or to slip past a filter (zero-width, bidi marks).
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")

# Most of the words that are to be taken apart are the hosts of addresses and the like, and come again and again.
_LONGEST_REMEMBERED = 40
_REMEMBERED = 2_000

_LEFT_OUT = str.maketrans("", "", "'’.")


def readable(text: str, limit: int) -> str:
    """The first ``limit`` characters, in compatibility form (“ＡＩ” is “AI”), without characters that nobody sees."""
    text = text[:limit]
    if text.isascii():
        return text
    # “İ” is the one letter whose small form is two characters; places in the text and in its words must agree.
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).replace("\u0130", "I")[:limit]


def words(text: str) -> list[str]:
    """The words of a readable text, in small letters, in order."""
    found: list[str] = _WORD.findall(_STOP.sub(END, text).lower())
    if "".join(found).replace(END, "").isalnum():
        return found
    parts: list[str] = []
    for word in found:
        if word.isalnum() or word == END:
            parts.append(word)
        else:
            parts.extend(_parts_again(word) if len(word) <= _LONGEST_REMEMBERED else _parts(word))
    return parts


def places(text: str, count: int) -> list[tuple[int, int]]:
    """Where in the text each of its ``count`` words was read from: start and end."""
    text = _STOP.sub(END, text)
    spans = [found.span() for found in _WORD.finditer(text)]
    if len(spans) == count:
        return spans
    return [(start, end) for start, end in spans for _ in _parts(text[start:end].lower())]


def squeezed(text: str) -> str:
    """The text in small letters without what may be left out of a word: it contains each of its :func:`words`."""
    return text.lower().translate(_LEFT_OUT)


def _parts(word: str) -> Sequence[str]:
    if word.isalnum() or word == END:
        return [word]
    word = word.replace("’", "'").removesuffix("'s").replace("'", "")
    pieces = word.split(".")
    if len(pieces[0]) == 1 and pieces[0].isalpha():
        return ["".join(pieces)]
    if "gov" in pieces and pieces[-1] == "uk":
        at = pieces.index("gov")
        return [*pieces[:at], "".join(pieces[at:])]
    return [piece for piece in pieces if piece]


_parts_again = lru_cache(_REMEMBERED)(_parts)
