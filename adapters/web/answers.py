"""Answers that may be kept by whoever passes them on: compressed once, and not sent again where nothing changed."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

# What is public may be kept for a minute, so that what is withdrawn is soon gone everywhere.
FRESH_SECONDS = 60
MOST_KEPT_BYTES = 16_000_000
_WORTH_PACKING = 1_000
_PACKED = "-gzip"

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": f"public, max-age={FRESH_SECONDS}",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}
# What other sites' pages and programs may read as well: it holds nothing that is not for everybody.
SHARED_HEADERS = {
    **PAGE_HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@dataclass(frozen=True, slots=True)
class Made:
    """Something that was made to be sent: as it is, and packed (empty where that is not worth it)."""

    body: bytes
    packed: bytes
    tag: str
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, words: str, media_type: str, headers: Mapping[str, str] = PAGE_HEADERS) -> Made:
        """Make it from text."""
        body = words.encode("utf-8", "replace")
        packed = gzip.compress(body, 6, mtime=0) if len(body) >= _WORTH_PACKING else b""
        return cls(body, packed, hashlib.sha256(body).hexdigest()[:20], media_type, headers)


def answer(request: web.Request, made: Made, changed_at: datetime) -> web.Response:
    """The answer to a GET or HEAD: 304 where what the asker holds is still right. ``changed_at`` is a moment at which
    it surely had its present text.
    """
    packed = bool(made.packed) and _takes_gzip(request)
    response = web.Response(headers=made.headers)
    response.headers["Vary"] = "Accept-Encoding"
    response.etag = made.tag + (_PACKED if packed else "")
    response.last_modified = changed_at
    if _holds(request, made.tag, changed_at):
        response.set_status(304)
        return response
    response.body = made.packed if packed else made.body
    response.headers["Content-Type"] = f"{made.media_type}; charset=utf-8"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _holds(request: web.Request, tag: str, changed_at: datetime) -> bool:
    # RFC 9110, 13.2.2: a date is only looked at where no tag is given.
    if (held := request.if_none_match) is not None:
        return any(each.value == "*" or each.value.removesuffix(_PACKED) == tag for each in held)
    since = request.if_modified_since
    return since is not None and changed_at.replace(microsecond=0) <= since


def _takes_gzip(request: web.Request) -> bool:
    for coding in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, quality = coding.replace(" ", "").partition(";q=")
        if name == "gzip":
            return quality.strip("0.") != "" if quality else True
    return False


class Shelf:
    """What was made for one state of the archive, the least used thrown away first. A new state empties it."""

    def __init__(self, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._state: object = None
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()

    def get(self, state: object, key: Hashable) -> Made | None:
        """What was made under this key for this very state."""
        if state is not self._state:
            self._state, self._size = state, 0
            self._kept.clear()
        made = self._kept.get(key)
        if made is not None:
            self._kept.move_to_end(key)
        return made

    def put(self, state: object, key: Hashable, made: Made) -> None:
        """Keep it, unless the archive has moved on."""
        if state is not self._state:
            return
        self._size += len(made.body) + len(made.packed)
        self._kept[key] = made
        while self._size > self._most and self._kept:
            _, gone = self._kept.popitem(last=False)
            self._size -= len(gone.body) + len(gone.packed)


class Bucket:
    """A limit that allows bursts: ``rate`` a second on average, and ``most`` at once."""

    def __init__(self, rate: float, most: int) -> None:
        self._rate, self._most, self._left, self._at = rate, most, float(most), 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed now. ``now`` is in seconds and never runs backwards."""
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
