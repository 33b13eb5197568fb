"""The terms of a text: folded and stemmed here, so that every database finds exactly the same.

A term has only the characters a-z and 0-9, so no database's own rules for words can split it or fold it further.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

# Words that stand in nearly every text: they would keep out items that say the same in other words.
STOP_WORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "of", "on", "or", "that", "the", "to"}
    | {"was", "were", "which", "with"}
)


_POSSESSIVE = re.compile(r"['’]s\b")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_WORD = re.compile(r"[^\W_]+")
_STEMMER = snowballstemmer.stemmer("english")
# Nobody looks for a longer word, and an index need not hold it whole.
_LONGEST = 60


def terms(text: str) -> tuple[str, ...]:
    """The terms of a text in their order, each as often as it occurs; stop words are left out.

    Case, accents and endings are folded: ``Policing``, ``police`` and ``POLICE`` are one term.
    """
    folded = text.casefold()
    if not folded.isascii():
        apart = unicodedata.normalize("NFKD", folded)
        folded = "".join(c for c in apart if not unicodedata.combining(c)).casefold()
    folded = _APOSTROPHE.sub("", _POSSESSIVE.sub("", folded))
    return tuple(_term(word) for word in _WORD.findall(folded) if word not in STOP_WORDS)


def terms_of(title: str, summary: str, publisher: str) -> tuple[str, ...]:
    """The terms by which an item is found."""
    return terms("\n".join((title, summary, publisher)))


@lru_cache(maxsize=50_000)
def _term(word: str) -> str:
    if word.isascii():
        stem: str = _STEMMER.stemWord(word[:_LONGEST])
        return stem
    # In other alphabets a word is its own term, written in the characters that a term may have.
    return f"x{word.encode('utf-8', 'replace').hex()}"[:_LONGEST]
