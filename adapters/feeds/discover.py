"""Finds the feed at an address that somebody gave: the address itself, or what the page there names as its feed."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp

from adapters.feeds.guard import Guard
from adapters.feeds.http import user_agent
from adapters.feeds.unpack import Damaged, TooLarge, UnknownPacking, unpack
from bot.ports import Found
from digests.model import FetchResult, Format, Group, Outcome, Source, SourceState
from digests.ports import FeedReader

MAX_PAGE_BYTES = 3_000_000
# Only the beginning of a page is looked through: feeds are named in its head.
MAX_HEAD = 500_000
MAX_REDIRECTS = 5
MAX_LINKS = 4
PAGE_SECONDS = 10.0
USUAL_PLACES = ("/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/rss")

_REDIRECTS = (301, 302, 303, 307, 308)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<(link|base)\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z][a-z-]{0,30})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_FEED_TYPES = {
    "application/atom+xml": Format.ATOM,
    "application/rss+xml": Format.RSS,
    "application/rdf+xml": Format.RSS,
}
_OF_COMMENTS = re.compile(r"\bcomments?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names."""

    url: str
    format: Format


class Finder:
    """Fulfils ``bot.ports.FeedFinder``. Feeds are read with ``reader``, pages fetched through the same guard.

    ``contact``, ``allow_private`` and ``exceptions`` are those of the reader.
    """

    def __init__(
        self,
        reader: FeedReader,
        *,
        contact: str = "",
        allow_private: bool = False,
        exceptions: Collection[tuple[str, int]] = (),
    ) -> None:
        self._reader = reader
        self._user_agent = user_agent(contact)
        self._guard = Guard(allow_private=allow_private, exceptions=exceptions)

    async def find(self, address: str) -> Found:
        """The feed at an address; ``https://`` is taken for granted. Never raises for what the address does."""
        address = address.strip()
        if "://" not in address:
            address = f"https://{address}"
        first = await self._read(address)
        if first.outcome is not Outcome.NOT_A_FEED:
            return Found(address, _format_of(address), first)
        url, page = await self._page(address)
        links = list(feed_links(page, url))[:MAX_LINKS]
        for number, link in enumerate(links):
            result = await self._read(link.url)
            if result.outcome is Outcome.READ:
                others = tuple(other.url for other in links[:number] + links[number + 1 :])
                return Found(link.url, link.format, result, others)
            first = result
        if not links and page:
            for place in dict.fromkeys(urljoin(url, path) for path in USUAL_PLACES):
                result = await self._read(place)
                if result.outcome is Outcome.READ:
                    return Found(place, _format_of(place), result)
        return Found(links[-1].url if links else address, _format_of(address), first)

    async def _read(self, url: str) -> FetchResult:
        source = Source("found", url, url, _format_of(url), url, Group.CIVIL_SOCIETY)
        return await self._reader.read(source, SourceState(source.id))

    async def _page(self, url: str) -> tuple[str, str]:
        """Where a page is in the end, and the beginning of its text; empty where there is none to be had."""
        try:
            async with (
                asyncio.timeout(PAGE_SECONDS),
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=1, socket_factory=self._guard.open_socket),
                    headers={"User-Agent": self._user_agent, "Accept": "text/html, */*;q=0.1"},
                    cookie_jar=aiohttp.DummyCookieJar(),
                    auto_decompress=False,
                ) as session,
            ):
                for _ in range(MAX_REDIRECTS):
                    if self._guard.objection(url):
                        break
                    headers = {"Accept-Encoding": "gzip"}
                    async with session.get(url, headers=headers, allow_redirects=False) as answer:
                        if answer.status in _REDIRECTS:
                            url = urljoin(url, answer.headers.get("Location", "").strip())
                            continue
                        packing = answer.headers.get("Content-Encoding", "")
                        body = await unpack(answer.content.iter_chunked(65_536), packing, MAX_PAGE_BYTES)
                        return url, body[:MAX_HEAD].decode("utf-8", "replace")
        except (aiohttp.ClientError, OSError, ValueError, TooLarge, Damaged, UnknownPacking):
            # A page that cannot be had names no feed; what is wrong with the address the reader has said already.
            pass
        return url, ""


def feed_links(page: str, url: str) -> Iterator[FeedLink]:
    """The feeds that a page names in its links, each once; feeds of comments last. Relative addresses are resolved."""
    tags = [(name.lower(), _attributes(words)) for name, words in _TAG.findall(_COMMENT.sub(" ", page))]
    base = next((urljoin(url, given["href"]) for name, given in tags if name == "base" and given.get("href")), url)
    found: dict[str, tuple[bool, Format]] = {}
    for name, given in tags:
        kind = given.get("type", "").partition(";")[0].strip().lower()
        if name != "link" or "alternate" not in given.get("rel", "").lower().split() or kind not in _FEED_TYPES:
            continue
        try:
            address = urljoin(base, given.get("href", "").strip())
        except ValueError:
            continue
        if given.get("href") and address.startswith(("http://", "https://")):
            about_comments = bool(_OF_COMMENTS.search(f"{given.get('title', '')} {address}"))
            found.setdefault(address, (about_comments, _FEED_TYPES[kind]))
    ordered = sorted(found.items(), key=lambda pair: pair[1][0])
    return (FeedLink(address, format) for address, (_, format) in ordered)


def _attributes(words: str) -> dict[str, str]:
    return {
        name.lower(): html.unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(words)
    }


def _format_of(url: str) -> Format:
    """A guess; whichever it is, the parser finds out for itself."""
    return Format.ATOM if "atom" in url.lower() else Format.RSS
