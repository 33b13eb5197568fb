"""Lists of feeds as OPML, which other feed readers write and read. Pure: from bytes to feeds, from sources to text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from digests.adding import Feed
from digests.errors import ConvenorError
from digests.model import Format, Group, Source

MAX_BYTES = 5_000_000
MAX_FEEDS = 5_000
MAX_DEPTH = 100
MAX_TITLE = 200

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadOpml(ConvenorError):
    """A file is no list of feeds that can be used; the sentence says why."""


def read_opml(body: bytes) -> tuple[Feed, ...]:
    """The feeds of a list, in its order. Folders do not count, and categories only where they are groups of ours.

    A document type or an entity of its own is refused, for a list of feeds needs neither. Raises :class:`BadOpml`.
    """
    if len(body) > MAX_BYTES:
        raise BadOpml("", f"The file is larger than {MAX_BYTES:,} bytes, so it was not read.")
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except expat.ExpatError as trouble:
        raise BadOpml("", f"The file is not sound XML (line {trouble.lineno}), so nothing was read from it.") from None
    except (LookupError, ValueError):
        raise BadOpml("", "The file is in an encoding that is not known, so nothing was read from it.") from None
    if not reader.is_opml:
        raise BadOpml("", "The file is not a list of feeds in OPML, so nothing was read from it.")
    return tuple(reader.feeds)


class _Reader:
    def __init__(self) -> None:
        self.feeds: list[Feed] = []
        self.is_opml = False
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _refuse(self, *_: object) -> None:
        raise BadOpml("", "The file declares a document type or entities. Such files are refused as a danger.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadOpml("", f"The file has more than {MAX_DEPTH} folders in one another, so it was not read.")
        if self._depth == 1:
            self.is_opml = name.lower() == "opml"
        given = {key.lower(): value.strip() for key, value in attributes.items()}
        url = given.get("xmlurl", "")
        if name.lower() != "outline" or not url:
            return
        if len(self.feeds) == MAX_FEEDS:
            raise BadOpml("", f"The file lists more than {MAX_FEEDS:,} feeds, so it was not read.")
        title = " ".join((given.get("title") or given.get("text") or "").split())[:MAX_TITLE]
        is_atom = given.get("type", "").lower() == "atom" or "atom" in given.get("version", "").lower()
        self.feeds.append(Feed(url, Format.ATOM if is_atom else Format.RSS, title, _group(given.get("category", ""))))

    def _end(self, name: str) -> None:
        self._depth -= 1


def _group(categories: str) -> Group | None:
    known = {group.value: group for group in Group}
    named = (category.strip().strip("/") for category in categories.split(","))
    return next((known[name] for name in named if name in known), None)


def write_opml(sources: Iterable[Source], *, title: str, now: datetime) -> str:
    """The feeds among these sources as OPML 2.0, each with its group as category. APIs are left out."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{escape(_clean(title))}</title><dateCreated>{format_datetime(now)}</dateCreated></head>",
        "  <body>",
    ]
    for source in sources:
        if source.format.is_feed:
            given = {
                "type": source.format.value,
                "text": source.name,
                "title": source.name,
                "xmlUrl": source.url,
                "category": f"/{source.group.value}",
            }
            words = " ".join(f"{name}={quoteattr(_clean(value))}" for name, value in given.items())
            lines.append(f"    <outline {words}/>")
    return "\n".join((*lines, "  </body>", "</opml>", ""))


def _clean(words: str) -> str:
    return _NOT_IN_XML.sub("", words)
