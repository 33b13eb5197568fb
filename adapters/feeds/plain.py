"""Turns whatever a feed calls text into plain text: no markup, no entities, no invisible characters."""

from __future__ import annotations

import html
import re
import unicodedata

import nh3

# HTML has at most this many characters of markup for each character of text that we keep; beyond that it is cut
# before it is parsed, because parsing deeply nested HTML takes time that grows with the square of its length.
_MARKUP_FACTOR = 4
_MIN_RAW = 2_000

# Tags that may stand inside a word. Any other tag parts words, and so does a tag right behind another one's end.
_INLINE = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub"
    "|sup|time|tt|u|var|wbr"
)
_WORD_BREAK = re.compile(rf"(?=<(?!/?(?:{_INLINE})\b)[a-z/!])|(?<=>)(?=<[a-z])", re.IGNORECASE)
_ENTITY = r"&(?:[a-z][a-z0-9]*|#\d+|#x[0-9a-f]+);"
_MARKUP = re.compile(rf"<[a-z/!?]|{_ENTITY}", re.IGNORECASE)
# Printable ASCII and nothing that could be markup: it is plain already, but for its spaces.
_PLAIN = re.compile(r"[ -%'-;=-~]*")
_ONE_PARAGRAPH = re.compile(r"<p>([ -%'-;=-~]*)</p>")
_HALF_ENTITY = re.compile(r"&#?\w{0,10}\Z")
# HTML would read "?page=1&copy=2" as having a copyright sign in it.
_BARE_AMPERSAND = re.compile(rf"&(?!{_ENTITY[1:]})", re.IGNORECASE)
# Text that was escaped once too often shows its markup after one round; a third round would eat what was meant.
_ROUNDS = 2

# Control characters that are not white space, soft hyphens, marks that turn the direction of text or take no room,
# language tags, and halves of surrogate pairs.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)


def plain_text(text: str, limit: int) -> str:
    """The words of a text or a piece of HTML on one line, at most ``limit`` characters (an ellipsis marks a cut).

    Tags go and leave words apart; the contents of scripts and styles go with them. Entities become characters.
    """
    if len(text) <= limit:
        if _PLAIN.fullmatch(text):
            return " ".join(text.split())
        if (one := _ONE_PARAGRAPH.fullmatch(text)) is not None:
            return " ".join(one[1].split())
    most = max(limit * _MARKUP_FACTOR, _MIN_RAW)
    if len(text) > most:
        text = _HALF_ENTITY.sub("", text[:most])
    for _ in range(_ROUNDS):
        if not _MARKUP.search(text):
            break
        text = _WORD_BREAK.sub(" ", _BARE_AMPERSAND.sub("&amp;", text))
        text = html.unescape(nh3.clean(text, tags=set()))
    text = _INVISIBLE.sub("", text)
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return cut(text, limit)


def cut(text: str, limit: int) -> str:
    """The text, or as many of its whole words as fit into ``limit`` characters with an ellipsis."""
    if len(text) <= limit:
        return text
    kept, space, _ = text[:limit].rpartition(" ")
    if not space or len(kept) < limit // 2:
        kept = text[: limit - 1]
    return kept.rstrip(" ,;:") + "…"
