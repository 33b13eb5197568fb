"""Collects a body as it arrives and unpacks it, never making more of it than is allowed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable
from typing import Protocol

import brotli

_GZIP = zlib.MAX_WBITS | 16
# A member costs time however little is in it, and at its end what follows is copied: neither may be made to hold us up.
_MOST_MEMBERS = 10_000
_STEP = 65_536

ACCEPTED = "gzip, br"
"""What we offer to understand, as an Accept-Encoding header."""


class TooLarge(Exception):
    """The body is larger than allowed."""


class Damaged(Exception):
    """The body cannot be unpacked, or ends too early."""


class UnknownPacking(Exception):
    """The body is compressed in a way that we did not offer to understand; the exception's text names it."""


async def unpack(chunks: AsyncIterable[bytes], packing: str, limit: int) -> bytes:
    """The whole body, unpacked according to its Content-Encoding, of at most ``limit`` bytes.

    Raises :class:`TooLarge` as soon as it is, whether packed or not, :class:`Damaged`, or :class:`UnknownPacking`.
    """
    unpacker = _unpacker(packing.strip().lower())
    body = bytearray()
    packed = 0
    async for chunk in chunks:
        packed += len(chunk)
        body += unpacker.unpack(chunk, limit + 1 - len(body)) if unpacker else chunk
        if packed > limit or len(body) > limit:
            raise TooLarge
    if unpacker is not None and packed and not unpacker.ended:
        raise Damaged
    return bytes(body)


class _Unpacker(Protocol):
    @property
    def ended(self) -> bool:
        """Whether the packed stream came to its proper end."""
        ...

    def unpack(self, chunk: bytes, most: int) -> bytes:
        """What comes of a chunk, at least ``most`` bytes of it where there are more. Raises :class:`Damaged`."""
        ...


def _unpacker(packing: str) -> _Unpacker | None:
    if packing in ("", "identity"):
        return None
    if packing in ("gzip", "x-gzip"):
        return _Gzip()
    if packing == "deflate":
        return _Deflate()
    if packing == "br":
        return _Brotli()
    raise UnknownPacking(packing[:40])


class _Gzip:
    """One member after the other (RFC 1952, 2.2). Zero bytes may fill up what follows the last, and nothing else."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP)
        self._members = 1
        self._is_filling = False

    @property
    def ended(self) -> bool:
        return self._stream.eof

    def unpack(self, chunk: bytes, most: int) -> bytes:
        pieces = bytearray()
        for start in range(0, len(chunk), _STEP):
            rest = chunk[start : start + _STEP]
            while rest and len(pieces) < most:
                if self._stream.eof and not self._begins_another(rest):
                    break
                try:
                    pieces += self._stream.decompress(rest, most - len(pieces))
                except zlib.error:
                    raise Damaged from None
                rest = self._stream.unused_data
        return bytes(pieces)

    def _begins_another(self, rest: bytes) -> bool:
        """Whether a member begins with what follows the last. Raises :class:`Damaged` where neither it nor zeros do."""
        if self._is_filling or rest[0] == 0:
            self._is_filling = True
            if rest.strip(b"\0"):
                raise Damaged
            return False
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise Damaged
        self._stream = zlib.decompressobj(_GZIP)
        return True


class _Deflate:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj()

    @property
    def ended(self) -> bool:
        return self._stream.eof

    def unpack(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._stream.decompress(chunk, most)
        except zlib.error:
            raise Damaged from None


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def ended(self) -> bool:
        return bool(self._stream.is_finished())

    def unpack(self, chunk: bytes, most: int) -> bytes:
        pieces = bytearray()
        try:
            pieces += self._stream.process(chunk, output_buffer_limit=most)
            # What would have gone beyond the limit waits inside; at the limit there is no need to ask for it.
            while len(pieces) < most and not (self._stream.is_finished() or self._stream.can_accept_more_data()):
                pieces += self._stream.process(b"", output_buffer_limit=most - len(pieces))
        except brotli.error:
            raise Damaged from None
        return bytes(pieces)
