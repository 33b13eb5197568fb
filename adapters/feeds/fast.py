"""The fast lane: reads plain, well-formed RSS 2.0 and Atom, and leaves whatever else there is to the careful parser.

It knows every construct that it accepts, and what the careful parser (feedparser) makes of it. At the first sign of
anything else it gives up and says nothing. A test holds the two together: on what this lane accepts, there must be no
difference at all.
"""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, XMLParser

from adapters.feeds.feed import (
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_ENTRIES,
    MAX_SUMMARY,
    MAX_TITLE,
    ParsedFeed,
    ttl_in_seconds,
    usable_link,
)
from adapters.feeds.moments import moment
from adapters.feeds.plain import plain_text
from digests.identity import MAX_URL_LENGTH
from digests.model import FeedEntry

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_SYNDICATION = "{http://purl.org/rss/1.0/modules/syndication/}"
_SLASH = "{http://purl.org/rss/1.0/modules/slash/}"
_COMMENTS = "{http://wellformedweb.org/CommentAPI/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Elements that tell us nothing, and change nothing that the careful parser makes of their neighbours.
_RSS_CHANNEL_IGNORED = frozenset(
    (
        *("link", "description", "language", "copyright", "lastBuildDate", "pubDate", "generator", "docs", "webMaster"),
        *("managingEditor", "category", f"{_SYNDICATION}updatePeriod", f"{_SYNDICATION}updateFrequency"),
        *(f"{_SYNDICATION}updateBase", f"{_ATOM}link", f"{_ATOM}id", f"{_ATOM}updated"),
    )
)
_RSS_ITEM_IGNORED = frozenset(
    (
        *("author", "comments", "enclosure", f"{_DC}creator", f"{_SLASH}comments", f"{_COMMENTS}commentRss"),
        *(f"{_MEDIA}thumbnail", f"{_MEDIA}content"),
    )
)
_IMAGE_PARTS = frozenset(("url", "title", "link", "width", "height", "description"))
_ATOM_FEED_IGNORED = frozenset(
    f"{_ATOM}{name}" for name in ("id", "link", "updated", "subtitle", "rights", "generator", "icon", "logo")
)
_ATOM_PERSON = frozenset(f"{_ATOM}{name}" for name in ("name", "email", "uri"))
_LINK_ATTRIBUTES = frozenset(("href", "rel", "type", "title", "hreflang", "length"))
_TEXT_TYPES = frozenset(("text", "html", "text/plain", "text/html"))

_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
# The careful parser takes these for characters of Windows-1252.
_C1 = re.compile("[\x80-\x9f]")


class _InDoubt(Exception):
    """There is something here that this lane does not know for certain."""


def read_fast(body: bytes, base_url: str, *, most_markup: int | None = None) -> ParsedFeed | None:
    """The feed in ``body``, exactly as the careful parser would give it; None where that one has to decide.

    With ``most_markup``, a feed whose texts hold more tags than that is left to the other one as well, so that the
    time this takes is bounded by its length.
    """
    try:
        root = _tree(body)
        if root.tag == "rss":
            return _rss(root, base_url, most_markup)
        if root.tag == f"{_ATOM}feed":
            return _atom(root, base_url, most_markup)
    except _InDoubt:
        pass
    return None


def _tree(body: bytes) -> Element:
    """The document, if it is UTF-8 and declares nothing of its own."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body or b"\x1b" in body:
        raise _InDoubt
    declared = _ENCODING.match(body.removeprefix(b"\xef\xbb\xbf"))
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8"):
        raise _InDoubt
    try:
        body.decode("utf-8")
        parser = XMLParser(encoding="utf-8")  # noqa: S314 - nothing is declared, so nothing can be expanded or fetched
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, ValueError):
        raise _InDoubt from None
    return root


def _rss(root: Element, base_url: str, most_markup: int | None) -> ParsedFeed:
    if (
        root.get("version") != "2.0"
        or not root.attrib.keys() <= {"version", _LANG}
        or [part.tag for part in root] != ["channel"]
    ):
        raise _InDoubt
    channel = root[0]
    if channel.attrib:
        raise _InDoubt
    title: str | None = None
    ttl: float | None = None
    items: list[Element] = []
    for part in _parts(channel):
        tag = part.tag
        if tag == "item":
            items.append(part)
        elif tag == "title":
            if title is not None or items or part.attrib:
                raise _InDoubt
            title = _text(part)
        elif tag == "image":
            # Its title must not come before the channel's own.
            if title is None or part.attrib or any(piece.tag not in _IMAGE_PARTS or len(piece) for piece in part):
                raise _InDoubt
        elif tag == "ttl":
            if part.attrib or ttl is not None:
                raise _InDoubt
            ttl = ttl_in_seconds(_text(part))
        elif tag not in _RSS_CHANNEL_IGNORED or len(part):
            raise _InDoubt
    markup = _Markup(most_markup)
    entries = tuple(_item(item, base_url, markup) for item in _few(items))
    return ParsedFeed(plain_text(title or "", MAX_TITLE), entries, ttl)


def _item(item: Element, base_url: str, markup: _Markup) -> FeedEntry:
    texts: dict[str, str] = {}
    categories: list[str] = []
    for part in _parts(item):
        tag = part.tag
        if tag == "category":
            if not part.attrib.keys() <= {"domain"}:
                raise _InDoubt
            categories.append(_text(part))
        elif tag in ("title", "link", "description", "pubDate", "stage", f"{_ATOM}updated", _CONTENT):
            if part.attrib or tag in texts:
                raise _InDoubt
            texts[tag] = _text(part)
        elif tag == "guid":
            permalink = part.get("isPermaLink", "true")
            if tag in texts or not part.attrib.keys() <= {"isPermaLink"} or permalink not in ("true", "false"):
                raise _InDoubt
            texts[tag] = _text(part)
        elif tag == f"{_ATOM}link":
            if part.get("rel", "alternate").lower() == "alternate" or len(part) or part.text:
                raise _InDoubt
        elif tag not in _RSS_ITEM_IGNORED or len(part) or (tag == "enclosure" and part.text):
            raise _InDoubt
    stage = texts.get("stage", "")
    for name, value in item.items():
        if name.rpartition("}")[2] != "stage" or len(item.attrib) > 1:
            raise _InDoubt
        stage = value or stage
    return _entry(
        identity=texts.get("guid", ""),
        title=texts.get("title", ""),
        link=_link(texts.get("link", ""), base_url),
        published=texts.get("pubDate", ""),
        updated=texts.get(f"{_ATOM}updated", ""),
        summary=texts.get("description") or texts.get(_CONTENT, ""),
        categories=categories,
        stage=stage,
        markup=markup,
    )


def _atom(root: Element, base_url: str, most_markup: int | None) -> ParsedFeed:
    if not root.attrib.keys() <= {_LANG}:
        raise _InDoubt
    title: str | None = None
    entries: list[Element] = []
    for part in _parts(root):
        tag = part.tag
        if tag == f"{_ATOM}entry":
            entries.append(part)
        elif tag == f"{_ATOM}title":
            if title is not None or entries:
                raise _InDoubt
            title = _typed_text(part)
        elif tag == f"{_ATOM}author":
            _check_person(part)
        elif tag not in _ATOM_FEED_IGNORED or len(part):
            raise _InDoubt
    markup = _Markup(most_markup)
    return ParsedFeed(
        plain_text(title or "", MAX_TITLE), tuple(_atom_entry(entry, base_url, markup) for entry in _few(entries))
    )


def _atom_entry(entry: Element, base_url: str, markup: _Markup) -> FeedEntry:
    if entry.attrib:
        raise _InDoubt
    texts: dict[str, str] = {}
    categories: list[str] = []
    page = ""
    for part in _parts(entry):
        name = part.tag.removeprefix(_ATOM)
        if name == "link":
            if len(part) or part.text or not part.attrib.keys() <= _LINK_ATTRIBUTES or not part.get("href"):
                raise _InDoubt
            if (
                not page
                and part.get("rel", "alternate").lower() == "alternate"
                and part.get("type", "text/html").lower() == "text/html"
            ):
                page = part.get("href", "")
        elif name in ("id", "updated", "published"):
            if part.attrib or name in texts:
                raise _InDoubt
            texts[name] = _text(part)
        elif name in ("title", "summary", "content"):
            if name in texts:
                raise _InDoubt
            texts[name] = _typed_text(part)
        elif name == "category":
            if len(part) or part.text or not part.attrib.keys() <= {"term", "label", "scheme"}:
                raise _InDoubt
            categories.append(part.get("label") or part.get("term") or "")
        elif name == "author":
            _check_person(part)
        else:
            raise _InDoubt
    return _entry(
        identity=texts.get("id", ""),
        title=texts.get("title", ""),
        link=_link(page, base_url),
        published=texts.get("published", ""),
        updated=texts.get("updated", ""),
        summary=texts.get("summary") or texts.get("content", ""),
        categories=categories,
        stage="",
        markup=markup,
    )


def _entry(
    *,
    identity: str,
    title: str,
    link: str,
    published: str,
    updated: str,
    summary: str,
    categories: list[str],
    stage: str,
    markup: _Markup,
) -> FeedEntry:
    if not (published or updated) or "///" in identity:
        raise _InDoubt
    markup.count(title)
    markup.count(summary)
    names = [plain_text(name, MAX_CATEGORY) for name in categories]
    return FeedEntry(
        id=plain_text(identity, MAX_URL_LENGTH),
        title=plain_text(title, MAX_TITLE),
        link=link,
        published=_moment(published),
        updated=_moment(updated),
        summary=plain_text(summary, MAX_SUMMARY),
        categories=tuple(dict.fromkeys(name for name in names if name))[:MAX_CATEGORIES],
        stage=plain_text(stage, MAX_CATEGORY) if stage else "",
    )


class _Markup:
    """Counts tags, and is in doubt when there are more than it may see."""

    def __init__(self, most: int | None) -> None:
        self._left = most

    def count(self, text: str) -> None:
        if self._left is not None:
            self._left -= text.count("<") + text.count("&")
            if self._left < 0:
                raise _InDoubt


def _few(entries: list[Element]) -> list[Element]:
    if not 0 < len(entries) <= MAX_ENTRIES:
        raise _InDoubt
    return entries


def _parts(element: Element) -> Element:
    """The element, whose children are all that it holds."""
    if (text := element.text) and not text.isspace():
        raise _InDoubt
    for part in element:
        if (text := part.tail) and not text.isspace():
            raise _InDoubt
    return element


def _text(element: Element) -> str:
    """The text of an element that has no children, which the careful parser would not change."""
    if len(element):
        raise _InDoubt
    text = (element.text or "").strip()
    if not text.isascii():
        if _C1.search(text):
            raise _InDoubt
        try:
            text.encode("iso-8859-1").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return text
        raise _InDoubt  # it looks like UTF-8 that was taken for Latin-1 once before
    return text


def _typed_text(element: Element) -> str:
    if not element.attrib.keys() <= {"type", _LANG} or element.get("type", "text") not in _TEXT_TYPES:
        raise _InDoubt
    return _text(element)


def _check_person(person: Element) -> None:
    if person.attrib or any(part.tag not in _ATOM_PERSON or len(part) for part in person):
        raise _InDoubt


def _link(href: str, base_url: str) -> str:
    """The address of an entry's page. The careful parser repairs and replaces those that are not plain."""
    if ";" in href or "///" in href:
        raise _InDoubt
    link = usable_link(href, base_url)
    if not link:
        raise _InDoubt
    return link


def _moment(words: str) -> datetime | None:
    """The moment that is meant; the careful parser knows more ways of writing one."""
    if not words:
        return None
    at = moment(words)
    if at is None:
        raise _InDoubt
    return at
