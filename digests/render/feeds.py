"""Published editions as an Atom feed (RFC 4287) and as a JSON Feed (version 1.1), each edition with its whole text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from digests.archive import PublicEdition
from digests.calendar import say_when
from digests.render import html
from digests.render.view import EditionView

ATOM_TYPE, JSON_TYPE = "application/atom+xml", "application/feed+json"

# RFC 4151: a tag names its host as it was on a day, so it stays right whoever has the host later.
_TAG_YEAR = 2026
# What XML 1.0 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed tells. ``base`` is the archive's own address without a slash at the end, ``path`` the feed's in it.

    ``editions`` are told in the order in which they are given: the newest first.
    """

    title: str
    about: str
    author: str
    base: str
    path: str
    editions: Sequence[PublicEdition]

    @property
    def updated(self) -> datetime:
        """When the newest change was made; the beginning of time where there is nothing yet."""
        return max((each.updated_at for each in self.editions), default=datetime(1970, 1, 1, tzinfo=UTC))


def atom(feed: Feed) -> str:
    """The feed as Atom."""
    top = Xml.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en-GB"})
    _add(top, "id", tag_of(feed.base, "editions"))
    _add(top, "title", feed.title)
    _add(top, "subtitle", feed.about)
    _add(top, "updated", _moment(feed.updated))
    Xml.SubElement(top, "link", rel="self", type=ATOM_TYPE, href=feed.base + feed.path)
    Xml.SubElement(top, "link", rel="alternate", type="text/html", href=f"{feed.base}/editions")
    _add(Xml.SubElement(top, "author"), "name", feed.author)
    for each in feed.editions:
        entry = Xml.SubElement(top, "entry")
        _add(entry, "id", _id_of(feed, each))
        _add(entry, "title", EditionView.of(each.edition).name)
        _add(entry, "published", _moment(each.published_at))
        _add(entry, "updated", _moment(each.updated_at))
        Xml.SubElement(entry, "link", rel="alternate", type="text/html", href=_address(feed, each))
        _add(entry, "summary", EditionView.of(each.edition).summary)
        _add(entry, "content", _body(each), type="html")
    return Xml.tostring(top, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="utf-8"?>\n', "\n")
    )


def json_feed(feed: Feed) -> str:
    """The feed as JSON Feed."""
    items: list[dict[str, Any]] = [
        {
            "id": _id_of(feed, each),
            "url": _address(feed, each),
            "title": EditionView.of(each.edition).name,
            "summary": EditionView.of(each.edition).summary,
            "content_html": _body(each),
            "date_published": _moment(each.published_at),
            "date_modified": _moment(each.updated_at),
        }
        for each in feed.editions
    ]
    data = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.about,
        "home_page_url": f"{feed.base}/editions",
        "feed_url": feed.base + feed.path,
        "language": "en-GB",
        "authors": [{"name": feed.author}],
        "items": items,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def tag_of(base: str, what: str) -> str:
    """A name for something of ours that stays the same whatever its address becomes within the same host."""
    return f"tag:{urlsplit(base).hostname or 'localhost'},{_TAG_YEAR}:{what}"


def _id_of(feed: Feed, each: PublicEdition) -> str:
    return tag_of(feed.base, f"edition:{each.edition.id}")


def _address(feed: Feed, each: PublicEdition) -> str:
    return f"{feed.base}/editions/{each.edition.number}"


def _body(each: PublicEdition) -> str:
    corrected = f"Corrected on {say_when(each.updated_at)}." if each.is_corrected else ""
    return html.feed_body(EditionView.of(each.edition), corrected)


def _add(parent: Xml.Element, name: str, words: str, **attributes: str) -> None:
    Xml.SubElement(parent, name, attributes).text = _NOT_XML.sub("", words)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
