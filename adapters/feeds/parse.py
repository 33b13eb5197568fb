"""Reads a feed's bytes, whatever they are, into plain entries; and says in words why they are not a feed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from xml.parsers import expat
from xml.sax import SAXParseException

import feedparser

from adapters.feeds.fast import read_fast
from adapters.feeds.feed import (
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_ENTRIES,
    MAX_SUMMARY,
    MAX_TITLE,
    NotAFeed,
    ParsedFeed,
    Unreadable,
    ttl_in_seconds,
    usable_link,
)
from adapters.feeds.moments import moment
from adapters.feeds.plain import plain_text
from digests.errors import ConvenorError
from digests.identity import MAX_URL_LENGTH
from digests.model import FeedEntry

__all__ = [
    "MAX_CATEGORIES",
    "MAX_CATEGORY",
    "MAX_ENTRIES",
    "MAX_SUMMARY",
    "MAX_TITLE",
    "NotAFeed",
    "ParsedFeed",
    "Unreadable",
    "parse",
    "parse_carefully",
]

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# Whatever has no such tag anywhere is not worth the time of a parser that forgives everything.
_ROOT = re.compile(rb"<(?:[a-z][\w.-]*:)?(?:rss|feed|rdf)\b", re.IGNORECASE)
_NOT_PERMALINKS = re.compile(rb"ispermalink\s*=\s*[\"']\s*false", re.IGNORECASE)
# Left alone inside CDATA, where an ampersand is just that. One that is never closed runs to the end.
_AMPERSANDS = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#(?P<decimal>\d+);|#[xX](?P<hex>[0-9A-Fa-f]+);|(?P<name>[A-Za-z_:][\w:.-]*);)?",
    re.DOTALL,
)


def parse(body: bytes, content_type: str, base_url: str) -> ParsedFeed:
    """The feed in ``body``, which came from ``base_url`` with this Content-Type header.

    Texts are plain and capped, links absolute http(s), moments in UTC. Nothing else is fetched: entities and
    document types that point elsewhere are ignored. Raises :class:`NotAFeed` or :class:`Unreadable`.
    """
    return read_fast(body, base_url) or parse_carefully(body, content_type, base_url)


def parse_carefully(body: bytes, content_type: str, base_url: str) -> ParsedFeed:
    """What :func:`parse` gives, by the parser that forgives everything; it takes ten times as long."""
    if not body.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise NotAFeed("", "The address answered with an empty page.")
    if not _ROOT.search(body if _is_ascii_like(body) else body.replace(b"\0", b"")):
        raise _not_a_feed(body)
    charset = _charset(body, content_type)
    body = _with_sound_references(body)
    try:
        document = feedparser.parse(
            io.BytesIO(body),
            # No location: feedparser would make an address of every id by resolving it.
            response_headers={"content-type": f"application/xml; charset={charset}" if charset else "application/xml"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        if not document.version:
            raise _not_a_feed(body)
        if not document.entries and isinstance(document.get("bozo_exception"), SAXParseException):
            raise Unreadable
        entries = tuple(_entries(document, body, charset, base_url))
    except ConvenorError:
        raise
    except Exception as trouble:  # the parser's own faults on hostile input are the feed's trouble, not ours
        raise Unreadable from trouble
    title = plain_text(document.feed.get("title") or "", MAX_TITLE)
    return ParsedFeed(title, entries, ttl_in_seconds(document.feed.get("ttl") or ""))


def _charset(body: bytes, content_type: str) -> str:
    """UTF-8 for what is valid UTF-8, whatever anybody declares; else what the header says, if it says anything."""
    if _is_ascii_like(body):
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "utf-8"
    declared = _CHARSET.search(content_type)
    return declared[1] if declared else ""


def _is_ascii_like(body: bytes) -> bool:
    """Whether ASCII characters are themselves in this encoding: not UTF-16 or UTF-32, nor ISO 2022."""
    return b"\0" not in body and b"\x1b" not in body


def _with_sound_references(body: bytes) -> bytes:
    """The document with bare ampersands escaped, and without references to characters that XML does not have.

    The first make a strict parser fail over a trifle, the second make feedparser raise.
    """
    return _AMPERSANDS.sub(_sound, body) if _is_ascii_like(body) else body


def _sound(found: re.Match[bytes]) -> bytes:
    whole = found[0]
    if whole == b"&":
        return b"&amp;"
    if found["decimal"] or found["hex"]:
        digits, base = (found["decimal"], 10) if found["decimal"] else (found["hex"], 16)
        return whole if len(digits) <= 8 and _is_xml_character(int(digits, base)) else b""
    return whole


def _is_xml_character(code: int) -> bool:
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def _not_a_feed(body: bytes) -> NotAFeed:
    start = body[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<html" in start or b"<!doctype html" in start:
        return NotAFeed("", "The address answered with a web page, not a feed.")
    if start.startswith((b"{", b"[")):
        return NotAFeed("", "The address answered with JSON data, not a feed.")
    return NotAFeed()


def _entries(document: Any, body: bytes, charset: str, base_url: str) -> Iterator[FeedEntry]:
    stages = _item_stages(body, charset) if b"stage" in body else []
    ids_are_links = not _NOT_PERMALINKS.search(body)
    for position, entry in enumerate(document.entries[:MAX_ENTRIES]):
        # dict.get, because feedparser's own get answers a missing "updated" with "published".
        published, updated = dict.get(entry, "published") or "", dict.get(entry, "updated") or ""
        link = _link(entry, base_url)
        # An id that is declared not to be an address must not be taken for one where there is no link.
        id_counts = link or ids_are_links or entry.get("guidislink")
        stage = stages[position] if position < len(stages) else ""
        content = entry.get("content") or [{}]
        yield FeedEntry(
            id=plain_text(entry.get("id") or "", MAX_URL_LENGTH) if id_counts else "",
            title=plain_text(entry.get("title") or "", MAX_TITLE),
            link=link,
            published=moment(published, dict.get(entry, "published_parsed")),
            updated=moment(updated, dict.get(entry, "updated_parsed")),
            summary=plain_text(entry.get("summary") or content[0].get("value") or "", MAX_SUMMARY),
            categories=tuple(_categories(entry)),
            stage=plain_text(stage or entry.get("stage") or "", MAX_CATEGORY),
        )


def _link(entry: Any, base_url: str) -> str:
    """The first usable address of the entry's page. Alternates in other formats (XML, PDF) come last."""
    alternates = [link for link in entry.get("links") or [] if link.get("rel") == "alternate" and link.get("href")]
    pages = [link["href"] for link in alternates if link.get("type") == "text/html"]
    others = [link["href"] for link in alternates if link.get("type") != "text/html"]
    link, guid = entry.get("link") or "", entry.get("id") or ""
    if entry.get("guidislink") and link == guid:
        link = ""
    for href in (*pages, link, *others):
        if usable := usable_link(href, base_url):
            return usable
    # A guid may be an address, but never one relative to the feed: then it is just a name.
    return usable_link(guid, "") if entry.get("guidislink") else ""


def _categories(entry: Any) -> Iterator[str]:
    names = (plain_text(tag.get("label") or tag.get("term") or "", MAX_CATEGORY) for tag in entry.get("tags") or [])
    yield from list(dict.fromkeys(name for name in names if name))[:MAX_CATEGORIES]


class _Suspicious(Exception):
    """The document declares entities; its attributes are not worth the risk of expanding them."""


def _item_stages(body: bytes, charset: str) -> list[str]:
    """The ``stage`` attribute of each RSS item, whatever its namespace prefix: feedparser drops it.

    Parliament has moved the namespace from the item to the channel before, so the prefix is not looked up.
    """
    stages: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "item":
            stages.append(next((value for key, value in attributes.items() if key.rpartition(":")[2] == "stage"), ""))

    def refuse(*_: object) -> None:
        raise _Suspicious

    parser = expat.ParserCreate(charset or None)
    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse
    # In a damaged document, the items up to the damage have their stages.
    with suppress(expat.ExpatError, LookupError, ValueError, _Suspicious):
        parser.Parse(body, True)
    return stages
