"""Collects a body as it arrives and unpacks it, never making more of it than is allowed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable

_GZIP = zlib.MAX_WBITS | 16
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


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
    packing = packing.strip().lower()
    if packing in ("", "identity"):
        unpacker = None
    elif packing in _WINDOWS:
        unpacker = zlib.decompressobj(_WINDOWS[packing])
    else:
        raise UnknownPacking(packing[:40])
    body = bytearray()
    packed = 0
    async for chunk in chunks:
        packed += len(chunk)
        if unpacker is not None:
            try:
                chunk = unpacker.decompress(chunk, limit + 1 - len(body))
            except zlib.error:
                raise Damaged from None
        body += chunk
        if packed > limit or len(body) > limit:
            raise TooLarge
    if unpacker is not None and packed and not unpacker.eof:
        raise Damaged
    return bytes(body)
