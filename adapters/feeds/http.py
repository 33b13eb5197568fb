"""Fetches feeds over HTTP: politely, within limits, and never from inside a private network."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp

from adapters.feeds.guard import ForbiddenAddress, Guard
from adapters.feeds.headers import fresh_seconds, retry_after, validator
from adapters.feeds.hosts import Hosts
from adapters.feeds.processes import ParsingProcesses
from adapters.feeds.understand import Understood, understand
from adapters.feeds.unpack import ACCEPTED, Damaged, TooLarge, UnknownPacking, unpack
from digests.model import FetchResult, Outcome, Source, SourceState
from digests.polling import address_of
from digests.ports import Clock

CONNECT_SECONDS = 10.0
MAX_REDIRECTS = 10

_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)

Understand = Callable[[bytes, str, str], Awaitable[Understood]]
"""Makes sense of a body, given its Content-Type header and the address that it came from."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One HTTP answer of a feed's address, with its body unpacked.

    ``moved_to`` is where permanent redirects have led, as far as there were no others before them.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    moved_to: str = ""


class _Trouble(Exception):
    """The fetch is over: what came of it, and why in words for people."""

    def __init__(self, outcome: Outcome, reason: str, status: int | None = None) -> None:
        self.outcome = outcome
        self.reason = reason
        self.status = status
        super().__init__(reason)


class HttpFeedReader:
    """Fulfils ``digests.ports.FeedReader``. Use it as an async context manager, or call :meth:`aclose`.

    ``contact`` (an e-mail address or a page) stands in the User-Agent, so that publishers can complain to somebody.
    ``timeout_seconds`` covers one whole fetch with its redirects, but not the wait for a turn at a busy host; there,
    ``per_host`` requests may run at once, begun ``gap_seconds`` apart. ``max_bytes`` counts what was unpacked. For
    ``allow_private`` and ``exceptions`` see :class:`Guard`, for ``processes`` :class:`ParsingProcesses`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        contact: str = "",
        timeout_seconds: float = 60.0,
        max_bytes: int = 10_000_000,
        per_host: int = 2,
        gap_seconds: float = 0.0,
        processes: int = 1,
        allow_private: bool = False,
        exceptions: Collection[tuple[str, int]] = (),
    ) -> None:
        self._clock = clock
        self._user_agent = user_agent(contact)
        self._timeout_seconds = timeout_seconds
        self._max_bytes = max_bytes
        self._guard = Guard(allow_private=allow_private, exceptions=exceptions)
        self._hosts = Hosts(at_once=per_host, gap_seconds=gap_seconds)
        self._processes = ParsingProcesses(processes=processes)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection and stop every process. Reading again opens and starts new ones."""
        await self._processes.aclose()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def read(self, source: Source, state: SourceState) -> FetchResult:
        """One fetch, conditional where ``state`` has validators."""
        return await self.read_as(source, state, partial(understand, processes=self._processes), accept=_ACCEPT)

    async def read_as(self, source: Source, state: SourceState, understand: Understand, *, accept: str) -> FetchResult:
        """One fetch of something that need not be a feed: ``accept`` asks for it, ``understand`` makes sense of it.

        A body that is the one of last time is not understood again: the source is unchanged.
        """
        started_at = self._clock.now()
        answer: _Answer | None = None
        body_hash = ""
        address = address_of(source, state)
        validators = _validators(state, address)
        try:
            answer = await self._fetch(address, {"Accept": accept, **validators})
            status: int | None = answer.status
            if 200 <= answer.status < 300:
                body_hash = hashlib.sha256(answer.body).hexdigest()
            if (answer.status == 304 and validators) or (body_hash and body_hash == state.body_hash):
                found = Understood(Outcome.UNCHANGED)
            elif body_hash:
                found = await understand(answer.body, answer.headers.get("Content-Type", ""), answer.url)
            else:
                found = Understood(*_what_status_means(answer.status))
        except _Trouble as trouble:
            found, status = Understood(trouble.outcome, trouble.reason), trouble.status
        finished_at = self._clock.now()
        headers = answer.headers if answer else {}
        is_good = found.outcome.is_good
        return FetchResult(
            source_id=source.id,
            outcome=found.outcome,
            reason=found.reason,
            started_at=started_at,
            finished_at=finished_at,
            status=status,
            title=found.title,
            entries=found.entries,
            # Also where nothing changed: a new ETag of the same body is the only one that will be known from now on.
            etag=validator(headers, "ETag") if is_good else "",
            last_modified=validator(headers, "Last-Modified") if is_good else "",
            retry_after_seconds=retry_after(headers, finished_at) if status in (429, 503) else None,
            body_hash=body_hash if is_good else "",
            fresh_seconds=_longest(fresh_seconds(headers, finished_at), found.ttl_seconds) if is_good else None,
            moved_to=answer.moved_to if answer and is_good else "",
        )

    async def _fetch(self, url: str, headers: Mapping[str, str]) -> _Answer:
        """The answer at the end of the redirects. Raises :class:`_Trouble`."""
        loop = asyncio.get_running_loop()
        seconds_left = self._timeout_seconds
        moved_to, only_permanent = "", True
        for hop in range(MAX_REDIRECTS + 1):
            if objection := self._guard.objection(url):
                raise _Trouble(Outcome.BLOCKED, f"It sent us to another address. {objection}" if hop else objection)
            async with self._hosts.turn(url):
                began = loop.time()
                answer = await self._get(url, headers, seconds_left)
                seconds_left -= loop.time() - began
            if answer.status not in _REDIRECTS:
                return replace(answer, moved_to=moved_to) if moved_to else answer
            next_url = self._next_address(answer)
            only_permanent = only_permanent and answer.status in _PERMANENT and not _loses_security(url, next_url)
            if only_permanent:
                moved_to = next_url
            url = next_url
        raise _Trouble(
            Outcome.UNREACHABLE,
            f"It sent us from one address to another more than {MAX_REDIRECTS} times.",
            answer.status,
        )

    def _next_address(self, answer: _Answer) -> str:
        location = answer.headers.get("Location", "").strip()
        try:
            if location:
                return urljoin(answer.url, location)
        except ValueError:
            pass
        raise _Trouble(Outcome.UNREACHABLE, "It sent us to another address without naming one.", answer.status)

    async def _get(self, url: str, headers: Mapping[str, str], seconds: float) -> _Answer:
        """One request, with its body where the status promises one. Raises :class:`_Trouble`."""
        try:
            async with (
                asyncio.timeout(seconds),
                self._open_session().get(url, headers=headers, allow_redirects=False) as response,
            ):
                body = b""
                if 200 <= response.status < 300:
                    packing = response.headers.get("Content-Encoding", "")
                    chunks = response.content.iter_chunked(65_536)
                    body = await unpack(chunks, packing, self._max_bytes)
                return _Answer(url, response.status, response.headers, body)
        except TooLarge:
            size = f"{self._max_bytes:,} bytes"
            raise _Trouble(Outcome.TOO_LARGE, f"The feed is larger than {size}, and was not read.", 200) from None
        except Damaged:
            raise _Trouble(Outcome.UNREADABLE, "The feed was sent compressed, and arrived damaged.", 200) from None
        except UnknownPacking as packed:
            reason = f"The feed was sent in a compression ({packed}) that we did not ask for."
            raise _Trouble(Outcome.UNREADABLE, reason, 200) from None
        except aiohttp.ConnectionTimeoutError:
            reason = f"It did not take our call within {_in_words(CONNECT_SECONDS)}."
            raise _Trouble(Outcome.TIMED_OUT, reason) from None
        except TimeoutError:
            reason = f"It did not answer in full within {_in_words(self._timeout_seconds)}."
            raise _Trouble(Outcome.TIMED_OUT, reason) from None
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            raise _Trouble(*_what_error_means(error)) from None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # The limit for each host is ours (see _turn): waiting for a connection must not count as slowness.
                connector=aiohttp.TCPConnector(limit=0, socket_factory=self._guard.open_socket),
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
                headers={"User-Agent": self._user_agent, "Accept-Encoding": ACCEPTED},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session


def user_agent(contact: str) -> str:
    """Who we say we are, with somebody to complain to."""
    try:
        product = f"Convenor/{version('convenor')}"
    except PackageNotFoundError:
        product = "Convenor"
    contact = " ".join(contact.split())
    return f"{product} (+{contact})" if contact else product


def _in_words(seconds: float) -> str:
    return "1 second" if seconds == 1 else f"{seconds:g} seconds"


def _validators(state: SourceState, address: str) -> dict[str, str]:
    """The headers that make a request conditional, unless they belong to another address."""
    if state.url not in ("", address):
        return {}
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def _loses_security(url: str, next_url: str) -> bool:
    """Whether a redirect leads out of https, which may be somebody on the way: followed now, but never for good."""
    return url.startswith("https:") and not next_url.startswith("https:")


def _longest(*seconds: float | None) -> float | None:
    return max((each for each in seconds if each is not None), default=None)


def _what_status_means(status: int) -> tuple[Outcome, str]:
    if status == 404:
        return Outcome.NOT_FOUND, "There is nothing at this address (404). The feed may have moved."
    if status == 410:
        return Outcome.GONE, "The publisher says that this feed is gone for good (410)."
    if status == 429:
        return Outcome.RATE_LIMITED, "The publisher asks us to come less often (429)."
    if status in (401, 403):
        return Outcome.REFUSED, f"The publisher refuses us ({status}). Somebody may have to ask them why."
    if 400 <= status < 500:
        return Outcome.REFUSED, f"The publisher's server does not accept our request ({status})."
    return Outcome.SERVER_TROUBLE, f"The publisher's server is in trouble ({status})."


def _what_error_means(error: Exception) -> tuple[Outcome, str]:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Outcome.UNREACHABLE, "Its name is not known. It may be misspelt, or our network may be down."
        case aiohttp.ClientConnectorCertificateError():
            return Outcome.UNREACHABLE, "Its security certificate is not valid, so it was not read."
        case aiohttp.ClientSSLError():
            return Outcome.UNREACHABLE, "No secure connection to it could be made."
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ForbiddenAddress):
            return Outcome.BLOCKED, "The address leads into a private network, where nothing is called."
        case aiohttp.ClientConnectorError():
            return Outcome.UNREACHABLE, "No connection to it could be made."
        case aiohttp.InvalidURL() | UnicodeError():
            return Outcome.BLOCKED, "The address is not a proper web address."
        case aiohttp.ClientResponseError():
            return Outcome.UNREACHABLE, "Its answer was not proper HTTP."
        case _:
            return Outcome.UNREACHABLE, "The connection broke off before the answer was complete."
