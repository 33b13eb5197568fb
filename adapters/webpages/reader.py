"""Calls the addresses that people name: to read what a page says of itself, or to see whether it is still there.

Politely (one call at a time to each host, with a pause), within limits, and never inside a private network.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp

from adapters.feeds.guard import ForbiddenAddress, Guard
from adapters.feeds.hosts import Hosts
from adapters.feeds.http import user_agent
from adapters.feeds.unpack import Damaged, TooLarge, UnknownPacking, unpack
from adapters.webpages.words import Words, file_name, read_words
from digests.added_links import title_from_address, title_from_name
from digests.model import LinkAnswer, Outcome, Page

MAX_BYTES = 5_000_000
SECONDS = 8.0
MAX_REDIRECTS = 8
GAP_SECONDS = 1.0

_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_ACCEPT = "text/html, application/xhtml+xml;q=0.9, application/pdf;q=0.5, */*;q=0.1"
_HTML = ("text/html", "application/xhtml+xml", "")
# What stands where a page's title should: the question of a wall, or word that there is no page.
_WALL = re.compile(
    r"just a moment|attention required|access (?:to this page has been )?denied|are you (?:a )?(?:human|robot)"
    r"|verify (?:you are|that you)|human verification|security check|checking your browser|robot check"
    r"|pardon our interruption|we value your privacy|cookies? (?:consent|settings|preferences|notice|policy)\b"
    r"|before you continue|please (?:wait|enable (?:javascript|cookies))|request (?:blocked|rejected)|403 forbidden",
    re.IGNORECASE,
)
_NO_PAGE = re.compile(r"(?:error )?404\b|(?:the )?page (?:was )?not found|page cannot be found", re.IGNORECASE)
_SHORT_TITLE = 60

A_WALL = "The page answered with a question about cookies or robots in place of its text, so please fill in the form."
NO_TITLE = "The page gives no title, so the one below is made from its address."


@dataclass(frozen=True, slots=True)
class _Answer:
    """One HTTP answer at the end of the redirects; ``moved_to`` is set where all of them were permanent."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    moved_to: str


class _Trouble(Exception):
    """The call is over: what came of it, and why in words for people."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        self.outcome = outcome
        self.reason = reason
        super().__init__(reason)


class WebPages:
    """Fulfils ``bot.ports.PageReader``.

    ``seconds`` covers one call with its redirects, but not the wait for a turn at a host. For ``contact``,
    ``allow_private`` and ``exceptions`` see :class:`adapters.feeds.http.HttpFeedReader`.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        allow_private: bool = False,
        exceptions: Collection[tuple[str, int]] = (),
        seconds: float = SECONDS,
        max_bytes: int = MAX_BYTES,
        gap_seconds: float = GAP_SECONDS,
    ) -> None:
        self._user_agent = user_agent(contact)
        self._guard = Guard(allow_private=allow_private, exceptions=exceptions)
        self._hosts = Hosts(at_once=1, gap_seconds=gap_seconds)
        self._seconds = seconds
        self._max_bytes = max_bytes

    async def read(self, url: str) -> Page:
        """What the page at an address says of itself. Whatever is wrong is an outcome, never an exception."""
        try:
            answer = await self._call(url, wanted=True)
        except _Trouble as trouble:
            return Page(url, trouble.outcome, trouble.reason)
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in _HTML:
            return _file(answer, kind)
        words = read_words(answer.body, answer.headers.get("Content-Type", ""), answer.url)
        return _page(answer, words)

    async def look(self, url: str) -> LinkAnswer:
        """Whether there still is something at an address, without fetching it. Never raises for what is there."""
        try:
            answer = await self._call(url, wanted=False)
        except _Trouble as trouble:
            return LinkAnswer(trouble.outcome, trouble.reason)
        return LinkAnswer(Outcome.READ, moved_to=answer.moved_to)

    async def _call(self, url: str, *, wanted: bool) -> _Answer:
        """The good answer at the end of the redirects. Raises :class:`_Trouble`."""
        seconds = self._seconds
        loop = asyncio.get_running_loop()
        only_permanent, moved_to = True, ""
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=1, socket_factory=self._guard.open_socket),
            headers={"User-Agent": self._user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, br"},
            # Some sites redirect in circles to whoever brings no cookie back; it is forgotten after this call.
            cookie_jar=aiohttp.CookieJar(),
            auto_decompress=False,
        ) as session:
            for _ in range(MAX_REDIRECTS + 1):
                if objection := self._guard.objection(url):
                    raise _Trouble(Outcome.BLOCKED, objection)
                async with self._hosts.turn(url):
                    began = loop.time()
                    answer = await self._get(session, url, seconds, wanted=wanted)
                    seconds -= loop.time() - began
                if answer.status not in _REDIRECTS:
                    if not 200 <= answer.status < 300:
                        raise _Trouble(*_what_status_means(answer.status))
                    return _Answer(url, answer.status, answer.headers, answer.body, moved_to if only_permanent else "")
                only_permanent = only_permanent and answer.status in _PERMANENT
                url = moved_to = _next(answer)
        raise _Trouble(Outcome.UNREACHABLE, f"It sent us from one address to another more than {MAX_REDIRECTS} times.")

    async def _get(self, session: aiohttp.ClientSession, url: str, seconds: float, *, wanted: bool) -> _Answer:
        try:
            async with (
                asyncio.timeout(max(seconds, 0.01)),
                session.get(url, allow_redirects=False) as response,
            ):
                body = b""
                kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                if wanted and 200 <= response.status < 300 and kind in _HTML:
                    packing = response.headers.get("Content-Encoding", "")
                    body = await unpack(response.content.iter_chunked(65_536), packing, self._max_bytes)
                return _Answer(url, response.status, response.headers, body, "")
        except TooLarge:
            size = f"{self._max_bytes:,} bytes"
            raise _Trouble(Outcome.TOO_LARGE, f"The page is larger than {size}, and was not read.") from None
        except (Damaged, UnknownPacking):
            raise _Trouble(Outcome.UNREADABLE, "The page was sent compressed, and could not be unpacked.") from None
        except TimeoutError:
            reason = f"It did not answer in full within {self._seconds:g} seconds."
            raise _Trouble(Outcome.TIMED_OUT, reason) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _Trouble(*_what_error_means(error)) from None


def _page(answer: _Answer, words: Words) -> Page:
    short = len(words.title) <= _SHORT_TITLE and words.published_at is None
    if short and _WALL.match(words.title):
        return Page(answer.url, Outcome.REFUSED, A_WALL)
    if short and _NO_PAGE.match(words.title):
        return Page(answer.url, Outcome.NOT_FOUND, "The page says of itself that there is nothing at this address.")
    return Page(
        url=answer.url,
        outcome=Outcome.READ,
        reason="" if words.title else NO_TITLE,
        title=words.title or title_from_address(answer.url),
        publisher=words.publisher,
        published_at=words.published_at,
        description=words.description,
        canonical=words.canonical,
    )


def _file(answer: _Answer, kind: str) -> Page:
    named = file_name(answer.headers.get("Content-Disposition", ""))
    what = "a PDF" if kind == "application/pdf" else "a file and no page"
    return Page(
        url=answer.url,
        outcome=Outcome.READ,
        reason=f"This is {what}, so its title is made from its name. Please look it over.",
        title=title_from_name(named) or title_from_address(answer.url),
    )


def _next(answer: _Answer) -> str:
    location = answer.headers.get("Location", "").strip()
    try:
        if location:
            return urljoin(answer.url, location)
    except ValueError:
        pass
    raise _Trouble(Outcome.UNREACHABLE, "It sent us to another address without naming one.")


def _what_status_means(status: int) -> tuple[Outcome, str]:
    if status == 404:
        return Outcome.NOT_FOUND, "There is no page at this address (404)."
    if status == 410:
        return Outcome.GONE, "The page is gone for good (410)."
    if status == 429:
        return Outcome.RATE_LIMITED, "The site asks us to come less often (429)."
    if 400 <= status < 500:
        return Outcome.REFUSED, f"The site refuses us ({status}), as some do with programs; people may well see it."
    return Outcome.SERVER_TROUBLE, f"The site is in trouble ({status})."


def _what_error_means(error: Exception) -> tuple[Outcome, str]:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Outcome.UNREACHABLE, "The name of the site is not known. It may be misspelt."
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return Outcome.UNREACHABLE, "No secure connection to the site could be made."
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ForbiddenAddress):
            return Outcome.BLOCKED, "The address leads into a private network, where nothing is called."
        case aiohttp.ClientConnectorError():
            return Outcome.UNREACHABLE, "No connection to the site could be made."
        case aiohttp.InvalidURL() | ValueError():
            return Outcome.BLOCKED, "The address is not a proper web address."
        case _:
            return Outcome.UNREACHABLE, "The connection broke off before the answer was complete."
