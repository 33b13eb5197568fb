"""Finds in a page's HTML what it says of itself: title, publisher, day, description, its own address. Pure.

Nothing here builds a tree: the page is walked from tag to tag, with every step bounded, so that a hostile page costs
no more than a long one.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from w3lib.encoding import html_to_unicode

from adapters.feeds.moments import moment
from digests.identity import MAX_URL_LENGTH

MAX_CHARACTERS = 400_000
"""Only the beginning of a page is looked through."""
MAX_TITLE, MAX_NAME, MAX_DESCRIPTION = 300, 100, 600
_MAX_TAGS = 800
_MAX_ATTRIBUTES = 30
_MAX_DATA = 5
_MAX_DATA_CHARACTERS = 200_000
_MAX_NODES = 300
_MAX_TEXT = 60_000

_OPEN = re.compile(r"<(?:(?P<comment>!--)|(?P<name>meta|title|link|time|h1|script|style)(?=[\s/>]))", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"[\s/]{0,200}([^\s\"'<>/=]{1,80})"
    r"(?:\s{0,20}=\s{0,20}(?:\"([^\"]{0,5000})\"|'([^']{0,5000})'|([^\s\"'<>`]{1,5000})))?"
)
_ENDS = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("title", "h1", "script", "style")}
_TAG = re.compile(r"</?[a-z!][^<>]{0,1000}>", re.IGNORECASE)
_LOOSE_STOP = re.compile(r" ([.,;:!?])(?=\s|$)")
_BODY = re.compile(r"<(?:main|article|body)[\s>]", re.IGNORECASE)
_INVISIBLE = re.compile(r"<(?P<name>script|style)\b", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATELINE = re.compile(
    r"\b(?:first published|date published|published|posted|publication date|date)\b\s{0,3}:?\s{0,3}(?:on\s{1,3})?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s{1,3})?"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s{{1,3}}(?P<month>(?:{'|'.join(_MONTHS)})[a-z]{{0,6}}),?"
    rf"|(?P<us_month>(?:{'|'.join(_MONTHS)})[a-z]{{0,6}})\s{{1,3}}(?P<us_day>\d{{1,2}})(?:st|nd|rd|th)?,)"
    r"\s{1,3}(?P<year>\d{4})\b",
    re.IGNORECASE,
)
_EXTENDED_NAME = re.compile(r"filename\*\s{0,5}=\s{0,5}[\w-]{0,20}'[\w-]{0,20}'([^;\s]{1,500})", re.IGNORECASE)
_PLAIN_NAME = re.compile(r"filename\s{0,5}=\s{0,5}(?:\"([^\"]{1,500})\"|([^;\s\"]{1,500}))", re.IGNORECASE)
_SEPARATORS = (" | ", " - ", " – ", " — ", " :: ", " · ", " • ")
_ARTICLES = ("article", "posting", "report", "webpage", "publication")

# In the order in which they are believed.
_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title")
_NAMES = (
    "govuk:primary-publishing-organisation",
    "og:site_name",
    "citation_publisher",
    "dcterms.publisher",
    "dc.publisher",
    "application-name",
)
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dcterms.description", "dc.description")
_DATES = (
    "article:published_time",
    "og:article:published_time",
    "govuk:first-published-at",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "dcterms.issued",
    "dcterms.date",
    "dc.date.issued",
    "dc.date",
    "parsely-pub-date",
    "sailthru.date",
    "publication_date",
    "publish-date",
    "pubdate",
    "date",
)


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says of itself; empty where it says nothing. Every text is plain and on one line."""

    title: str = ""
    publisher: str = ""
    published_at: datetime | None = None
    description: str = ""
    canonical: str = ""


@dataclass(slots=True)
class _Found:
    """What was met on the way through a page, the first of each."""

    metas: dict[str, str] = field(default_factory=dict)
    title: str = ""
    heading: str = ""
    times: list[str] = field(default_factory=list)
    canonical: str = ""
    data: list[str] = field(default_factory=list)


def read_words(body: bytes, content_type: str, url: str) -> Words:
    """What a page says of itself. ``content_type`` is its header, ``url`` its own address."""
    page = _decoded(body, content_type)
    found = _walk(page)
    stated = _stated(found.data)
    publisher = _line(_first(found.metas, _NAMES) or stated.get("publisher", ""), MAX_NAME)
    titles = (_first(found.metas, _TITLES), stated.get("title", ""), found.title, found.heading)
    title = next((line for words in titles if (line := _line(words, MAX_TITLE))), "")
    return Words(
        title=_without_site(title, publisher, url),
        publisher=publisher,
        published_at=_published(found, stated, page),
        description=_line(_first(found.metas, _DESCRIPTIONS) or stated.get("description", ""), MAX_DESCRIPTION),
        canonical=_own_address(found, url),
    )


def file_name(disposition: str) -> str:
    """The name that a Content-Disposition header gives a file; empty where it gives none."""
    if extended := _EXTENDED_NAME.search(disposition):
        return _line(unquote(extended[1]), MAX_TITLE)
    plain = _PLAIN_NAME.search(disposition)
    return _line(unquote(plain[1] or plain[2]), MAX_TITLE) if plain else ""


def _decoded(body: bytes, content_type: str) -> str:
    def guess(raw: bytes) -> str:
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError as error:
            # The end may have been cut in the middle of a character.
            return "utf-8" if error.start > len(raw) - 4 else "cp1252"
        return "utf-8"

    _, page = html_to_unicode(content_type, body[: 4 * MAX_CHARACTERS], auto_detect_fun=guess)
    return page[:MAX_CHARACTERS]


def _walk(page: str) -> _Found:
    found = _Found()
    position = 0
    for _ in range(_MAX_TAGS):
        tag = _OPEN.search(page, position)
        if tag is None:
            break
        if tag["comment"]:
            end = page.find("-->", tag.end())
            if end < 0:
                break
            position = end
            continue
        name = tag["name"].lower()
        given, position = _attributes(page, tag.end())
        if name in ("title", "script", "style"):
            closing = _ENDS[name].search(page, position)
            if closing is None:
                # The rest of the page belongs to it, as far as a browser is concerned.
                break
            _note_text(found, name, given, page[position : closing.start()])
            position = closing.end()
        elif name == "h1":
            closing = _ENDS[name].search(page, position, position + 3_000)
            if closing is not None and not found.heading:
                found.heading = _TAG.sub(" ", page[position : closing.start()])
        else:
            _note(found, name, given)
    return found


def _attributes(page: str, position: int) -> tuple[dict[str, str], int]:
    """The attributes of the tag whose name ends here, and where its own end is, about."""
    given: dict[str, str] = {}
    for _ in range(_MAX_ATTRIBUTES):
        match = _ATTRIBUTE.match(page, position)
        if match is None:
            break
        name, double, single, bare = match.groups()
        given.setdefault(name.lower(), html.unescape(double or single or bare or ""))
        position = match.end()
    end = page.find(">", position, position + 500)
    return given, end + 1 if end >= 0 else position


def _note(found: _Found, name: str, given: Mapping[str, str]) -> None:
    if name == "meta":
        key = (given.get("property") or given.get("name") or given.get("itemprop") or "").strip().lower()
        if key and given.get("content", "").strip():
            found.metas.setdefault(key, given["content"])
    elif name == "link":
        if "canonical" in given.get("rel", "").lower().split() and not found.canonical:
            found.canonical = given.get("href", "").strip()
    elif given.get("datetime"):
        first = "pubdate" in given or given.get("itemprop", "").lower() == "datepublished"
        found.times.insert(0 if first else len(found.times), given["datetime"])


def _note_text(found: _Found, name: str, given: Mapping[str, str], words: str) -> None:
    if name == "title":
        # A drawing in a page has a title too, and comes later.
        found.title = found.title or words
    elif given.get("type", "").strip().lower() == "application/ld+json" and len(found.data) < _MAX_DATA:
        found.data.append(words[:_MAX_DATA_CHARACTERS])


def _stated(data: list[str]) -> dict[str, str]:
    """What a page states about its article as linked data."""
    stated: dict[str, str] = {}
    for words in data:
        try:
            whole = json.loads(words)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(whole):
            kind = str(node.get("@type", "")).lower()
            if not any(article in kind for article in _ARTICLES):
                continue
            for name, key in (
                ("title", "headline"),
                ("published", "datePublished"),
                ("description", "description"),
                ("publisher", "publisher"),
            ):
                value = node.get(key)
                if isinstance(value, dict):
                    value = value.get("name")
                if isinstance(value, str) and value.strip():
                    stated.setdefault(name, value)
    return stated


def _nodes(whole: Any) -> Iterator[dict[str, Any]]:
    waiting = [whole]
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node[:_MAX_NODES]
        elif isinstance(node, dict):
            yield node
            waiting += [node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node]


def _published(found: _Found, stated: Mapping[str, str], page: str) -> datetime | None:
    named = (found.metas[name] for name in _DATES if name in found.metas)
    for words in (*named, stated.get("published", ""), *found.times[:3]):
        if words and (at := moment(words.strip().replace("/", "-"))):
            return at
    return _dateline(page)


def _dateline(page: str) -> datetime | None:
    """The day that the text itself gives near its beginning: “Published 20 January 2025”."""
    body = _BODY.search(page)
    part = page[body.start() : body.start() + _MAX_TEXT] if body else page[:_MAX_TEXT]
    text = " ".join(html.unescape(_TAG.sub(" ", " ".join(_visible(part)))).split())
    match = _DATELINE.search(text[: _MAX_TEXT // 4])
    if match is None:
        return None
    month = _MONTHS.index((match["month"] or match["us_month"])[:3].lower()) + 1
    try:
        return datetime(int(match["year"]), month, int(match["day"] or match["us_day"]), 12, tzinfo=UTC)
    except ValueError:
        return None


def _visible(part: str) -> Iterator[str]:
    """What of a page is neither script nor style. One that is never closed is the end of what is seen."""
    position = 0
    while hidden := _INVISIBLE.search(part, position):
        yield part[position : hidden.start()]
        closing = _ENDS[hidden["name"].lower()].search(part, hidden.end())
        if closing is None:
            return
        position = closing.end()
    yield part[position:]


def _own_address(found: _Found, url: str) -> str:
    """The address that the page gives itself, if it is of the same site; not its front page, which sites give by
    mistake."""
    for given in (found.canonical, found.metas.get("og:url", "")):
        try:
            address = urljoin(url, given.strip()) if given.strip() else ""
            parts = urlsplit(address)
            same = _host(address) == _host(url)
        except ValueError:
            continue
        proper = parts.scheme in ("http", "https") and len(address) <= MAX_URL_LENGTH
        if address and same and proper and parts.path not in ("", "/"):
            return address
    return ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("m.")


def _without_site(title: str, publisher: str, url: str) -> str:
    """The title without the name of its site at its end: “A plan | Example”."""
    names = {name.casefold() for name in (publisher, _host(url), _host(url).partition(".")[0], "gov.uk") if name}
    for separator in _SEPARATORS:
        head, mark, tail = title.rpartition(separator)
        if mark and head.strip() and tail.strip().casefold() in names:
            return _without_site(head.strip(), publisher, url)
    return title


def _first(metas: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((metas[name] for name in names if _line(metas.get(name, ""), 10)), "")


def _line(words: str, limit: int) -> str:
    """Plain words on one line: no markup, no letters that nobody sees, cut at a word."""
    bare = _TAG.sub(" ", html.unescape(words[: 10 * limit]))
    plain = "".join(letter if letter.isprintable() else " " for letter in bare)
    # Where markup was taken out, a space may stand before a full stop.
    line = _LOOSE_STOP.sub(r"\1", " ".join(plain.encode("utf-8", "replace").decode().split()))
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
