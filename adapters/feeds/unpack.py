"""Collects a body as it arrives and unpacks it, never making more of it than is allowed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable
from typing import Protocol

import brotli

_GZIP = zlib.MAX_WBITS | 16
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


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
    if packing in _WINDOWS:
        return _Zlib(_WINDOWS[packing])
    if packing == "br":
        return _Brotli()
    raise UnknownPacking(packing[:40])


class _Zlib:
    def __init__(self, window: int) -> None:
        self._stream = zlib.decompressobj(window)

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
