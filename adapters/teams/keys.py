"""Microsoft's signing keys: fetched off the wire within a time limit, kept, and fetched anew when they change."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import jwt
from jwt.algorithms import RSAAlgorithm

from adapters.teams.security import Key
from digests.errors import ConvenorError

log = logging.getLogger("convenor.teams")

FETCH_SECONDS: Final = 8.0
ANSWER_BYTES: Final = 1_000_000
# Microsoft: keys are to be read again every day.
FRESH_SECONDS: Final = 24 * 3600.0
# Whoever sends made-up key ids must not make us ask Microsoft each time.
UNKNOWN_SECONDS: Final = 300.0
# While Microsoft cannot be reached.
AGAIN_SECONDS: Final = 10.0
# Keys that could not be read anew are trusted for so long.
STALE_SECONDS: Final = 5 * 24 * 3600.0


class NoKeys(ConvenorError):
    """Microsoft's keys cannot be had, so nobody's request can be checked."""

    sentence = "Microsoft’s signing keys could not be read."


class SigningKeys:
    """The keys by their ids. Several that ask at once wait for the same fetch."""

    def __init__(self, metadata_url: str, session: aiohttp.ClientSession) -> None:
        self._metadata_url = metadata_url
        self._session = session
        self._keys: dict[str, Key] = {}
        self._read_at = float("-inf")
        self._next_at = float("-inf")
        self._fetch: asyncio.Task[None] | None = None

    async def get(self, kid: str) -> Key | None:
        """The key of this id, or None where Microsoft has none. Raises :class:`NoKeys` where that cannot be told."""
        now = self._now()
        if kid not in self._keys and (self._fetch or now >= self._next_at):
            await self.read()
        elif now - self._read_at > FRESH_SECONDS and now >= self._next_at:
            self._begin()
        if self._now() - self._read_at > STALE_SECONDS:
            raise NoKeys
        return self._keys.get(kid)

    async def read(self) -> None:
        """Read the keys, so that a request need not wait for them. Never raises."""
        # One that asked may be gone before the others.
        await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[None]:
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._read())
            self._fetch.add_done_callback(self._finished)
        return self._fetch

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._fetch = None

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                metadata = await self._get(self._metadata_url)
                published = await self._get(str(metadata["jwks_uri"]))
            keys = dict(filter(None, map(_read_key, published["keys"])))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, LookupError, TypeError) as error:
            log.warning("Microsoft’s signing keys could not be read (%s).", type(error).__name__)
            self._next_at = self._now() + AGAIN_SECONDS
        else:
            self._keys, self._read_at = keys, self._now()
            self._next_at = self._read_at + UNKNOWN_SECONDS

    async def _get(self, url: str) -> Mapping[str, Any]:
        async with self._session.get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            body = await answer.content.read(ANSWER_BYTES)
            while chunk := await answer.content.read(ANSWER_BYTES):
                body += chunk
                if len(body) > ANSWER_BYTES:
                    raise ValueError("too long")
        found = json.loads(body)
        if not isinstance(found, Mapping):
            raise ValueError("no object")
        return found

    async def close(self) -> None:
        """Give up a fetch that is under way."""
        if self._fetch:
            self._fetch.cancel()
            await asyncio.gather(self._fetch, return_exceptions=True)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _read_key(jwk: object) -> tuple[str, Key] | None:
    """One key with its id. None for one that cannot be used: it must not cost us the others."""
    if not isinstance(jwk, Mapping) or jwk.get("kty") != "RSA" or not isinstance(jwk.get("kid"), str):
        return None
    endorsements = jwk.get("endorsements")
    held = [str(one) for one in endorsements] if isinstance(endorsements, list) else []
    try:
        return jwk["kid"], Key(RSAAlgorithm.from_jwk(json.dumps(jwk)), held)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
