"""What somebody wrote in Teams, as they typed it: without its HTML, with the people who are named in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

Json = Mapping[str, Any]

# Longer HTML is not read: the plain text that comes beside it is.
MOST_HTML: Final = 20_000

_AT: Final = re.compile(r"<at[^<>]{0,200}>([^<>]{0,200})</at>", re.IGNORECASE)
# Only these are undone in plain text: a query such as ?a=1&copy=2 must stay what it is.
_ENTITIES: Final = {
    "&nbsp;": " ", "&#160;": " ", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&apos;": "'", "&amp;": "&",
}  # fmt: skip
_ENTITY: Final = re.compile("|".join(_ENTITIES))
# What Teams or a keyboard puts between words, and nobody sees; and what no text may hold.
_BLANKS: Final = re.compile("[\u00a0\u2007\u202f]")
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://[^\s<>\"'|\\^`{}]+", re.IGNORECASE)
_LINES: Final = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote", "pre", "codeblock"})
# Only of a person does an account begin like this; teams, channels and tags can be named too.
_PEOPLE: Final = ("29:", "8:")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who is named in a message: their account as Teams writes it there (``29:…``), and their name."""

    account: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """The words, without our own name, and the people named in them by the word that stands for each."""

    words: str
    named: Mapping[str, Named] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place in a text where somebody or something is named."""

    label: str


_Tokens = Sequence[str | _Mark]


def read_said(activity: Json, ours: str) -> Said:
    """The words of a message. ``ours`` is our own account in its conversation.

    They are read from the HTML, for there alone do links have their addresses; from the plain text beside it where
    that shows more of the people who are named.
    """
    mentions = _mentions(activity)
    html, text = _html_of(activity), activity.get("text")
    plain = _plain_tokens(text) if isinstance(text, str) else []
    if not html:
        return _joined(plain, mentions, ours)[0]
    said, missed = _joined(_read_html(html).tokens, mentions, ours)
    if missed:
        other, missed_there = _joined(plain, mentions, ours)
        return other if missed_there < missed else said
    return said


def clean(words: str) -> str:
    """Text with ordinary blanks alone, and without what cannot be seen or kept."""
    return _UNSEEN.sub("", _BLANKS.sub(" ", words.replace("\r\n", "\n").replace("\r", "\n")))


def first_link(content: str) -> str:
    """The first web address in a message's HTML or text; empty where there is none."""
    reader = _read_html(content[:MOST_HTML])
    if reader.links:
        return reader.links[0]
    found = _LINK.search(clean("".join(part for part in reader.tokens if isinstance(part, str))))
    return found[0].rstrip(".,;:!?)]»”’") if found else ""


def _html_of(activity: Json) -> str:
    """The HTML that comes beside the text of a message: only there do links have their addresses."""
    attachments = activity.get("attachments")
    for each in attachments if isinstance(attachments, list) else ():
        if isinstance(each, Mapping) and each.get("contentType") == "text/html":
            content = each.get("content")
            return content if isinstance(content, str) and len(content) <= MOST_HTML else ""
    return ""


def _plain_tokens(text: str) -> _Tokens:
    tokens: list[str | _Mark] = []
    end = 0
    for found in _AT.finditer(text):
        tokens += [_undone(text[end : found.start()]), _Mark(_undone(found[1]))]
        end = found.end()
    return [*tokens, _undone(text[end:])]


def _undone(text: str) -> str:
    return _ENTITY.sub(lambda found: _ENTITIES[found[0]], text)


@dataclass(frozen=True, slots=True)
class _Mention:
    account: str
    label: str


def _mentions(activity: Json) -> list[_Mention]:
    found: list[_Mention] = []
    entities = activity.get("entities")
    for each in entities if isinstance(entities, list) else ():
        if not isinstance(each, Mapping) or each.get("type") != "mention":
            continue
        mentioned, text = each.get("mentioned"), each.get("text")
        account = mentioned.get("id") if isinstance(mentioned, Mapping) else None
        if not isinstance(account, str) or not account:
            continue
        at = _AT.fullmatch(text.strip()) if isinstance(text, str) else None
        name = mentioned.get("name") if isinstance(mentioned, Mapping) else None
        label = _undone(at[1]) if at else name if isinstance(name, str) else ""
        found.append(_Mention(account, clean(label).strip()))
    return found


def _joined(tokens: _Tokens, mentions: Sequence[_Mention], ours: str) -> tuple[Said, int]:
    """The words, and how many of the mentions do not stand in them."""
    waiting = list(mentions)
    parts: list[str] = []
    named: dict[str, Named] = {}
    last = ""
    for token in tokens:
        if isinstance(token, str):
            last = last if not clean(token).strip() else ""
            parts.append(token)
            continue
        label = clean(token.label).strip()
        mention = next((each for each in waiting if each.label == label), None)
        if mention is None:
            # Somebody typed what looks like a mention: it is but words.
            parts.append(label)
            continue
        waiting.remove(mention)
        if mention.account == ours:
            continue
        if mention.account == last:
            # Teams gives a name of two words as two mentions of one account when a part of it was taken away.
            continue
        last = mention.account
        parts.append(_word_for(mention, named))
    return Said(clean("".join(parts)).strip(), named), len(waiting)


def _word_for(mention: _Mention, named: dict[str, Named]) -> str:
    """The one word that stands for somebody, for words are told apart by the blanks between them."""
    bare = "@" + ("_".join(mention.label.split()) or "somebody")
    if not mention.account.startswith(_PEOPLE):
        return bare
    word, number = bare, 2
    while word in named and named[word].account != mention.account:
        word, number = f"{bare}_{number}", number + 1
    named[word] = Named(mention.account, mention.label)
    return word


def _read_html(content: str) -> _Reader:
    reader = _Reader()
    try:
        reader.feed(content)
        reader.close()
    except (AssertionError, ValueError):
        # The library gives up on some malformed declarations; what stood before is read.
        pass
    reader.finish()
    return reader


class _Reader(HTMLParser):
    """Reads the HTML that Teams makes of what was typed: text, line breaks, links, mentions and signs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[str | _Mark] = []
        self.links: list[str] = []
        self._label: list[str] | None = None
        self._mention_tag = ""
        self._in_link = False
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "blockquote" and (self._quoted or values.get("itemtype", "").endswith("/Reply")):
            # What somebody answers to stands above the answer, and is not their own.
            self._quoted += 1
        if self._quoted:
            return
        if tag in _LINES:
            self.tokens.append("\n")
        elif tag in ("img", "emoji") and (alt := values.get("alt")):
            self._add(alt if tag == "emoji" or values.get("itemtype", "").endswith("/Emoji") else "")
        elif tag == "at" or values.get("itemtype", "").endswith("/Mention"):
            self.finish()
            self._label, self._mention_tag = [], tag
        elif tag == "a" and _WEB.match(values.get("href", "").strip()):
            address = clean(values["href"]).strip()
            self.links.append(address)
            self.tokens.append(address)
            self._in_link = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "img", "emoji"):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote" and self._quoted:
            self._quoted -= 1
        elif self._quoted:
            return
        elif tag == "a":
            self._in_link = False
        elif tag == self._mention_tag:
            self.finish()
        elif tag in _LINES:
            self.tokens.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._quoted:
            self._add(data)

    def finish(self) -> None:
        """End a mention that is open."""
        if self._label is not None:
            self.tokens.append(_Mark("".join(self._label)))
        self._label, self._mention_tag = None, ""

    def _add(self, words: str) -> None:
        if self._label is not None:
            self._label.append(words)
        elif not self._in_link:
            self.tokens.append(words)
