"""Bodies that come compressed: whole, of at most the size that is allowed, or a reason why not."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator

import brotli
import pytest

from adapters.feeds.unpack import Damaged, TooLarge, UnknownPacking, unpack

FIRST, SECOND = b"<rss>first ", b"second</rss>"
BOTH = gzip.compress(FIRST) + gzip.compress(SECOND)


async def unpacked(packed: bytes, packing: str = "gzip", *, limit: int = 1_000, step: int = 1_000_000) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(packed), step):
            yield packed[start : start + step]

    return await unpack(chunks(), packing, limit)


@pytest.mark.parametrize("step", [1, 7, len(gzip.compress(FIRST)), 1_000])
async def test_gzip_may_have_several_members_and_zeros_behind_them_however_it_arrives(step: int) -> None:
    for packed in (BOTH, BOTH + bytes(30), gzip.compress(b"") + BOTH + gzip.compress(b"")):
        assert await unpacked(packed, step=step) == FIRST + SECOND


@pytest.mark.parametrize("step", [1, 7, 1_000])
@pytest.mark.parametrize(
    "rest",
    [
        b"x",
        b"\x1f",
        b"\x1f\x8b",
        b"</rss>",
        bytes(3) + b"x",
        bytes(3) + gzip.compress(SECOND),
        gzip.compress(b"y")[:-1],
    ],
    ids=[
        "a letter",
        "half a mark",
        "a mark alone",
        "words",
        "zeros and a letter",
        "zeros and a member",
        "half a member",
    ],
)
async def test_what_follows_gzip_and_is_no_whole_member_is_damage(rest: bytes, step: int) -> None:
    with pytest.raises(Damaged):
        await unpacked(BOTH + rest, step=step)


@pytest.mark.parametrize("step", [1, 1_000_000])
async def test_all_members_together_are_no_larger_than_is_allowed(step: int) -> None:
    assert await unpacked(BOTH, limit=len(BOTH), step=step) == FIRST + SECOND
    full = gzip.compress(b" " * 500) * 2
    assert len(await unpacked(full, limit=1_000, step=step)) == 1_000
    with pytest.raises(TooLarge):
        await unpacked(full + gzip.compress(b"x"), limit=1_000, step=step)
    with pytest.raises(TooLarge):
        await unpacked(full + gzip.compress(b" " * 50_000_000), limit=60_000, step=step)


async def test_members_without_end_are_not_followed() -> None:
    assert await unpacked(gzip.compress(b"") * 9_999 + gzip.compress(FIRST), limit=1_000_000) == FIRST
    with pytest.raises(Damaged):
        await unpacked(gzip.compress(b"") * 400_000, limit=10_000_000, step=10_000_000)


@pytest.mark.parametrize("step", [1, 1_000])
async def test_other_packings_are_unpacked_as_they_were(step: int) -> None:
    for packing, packed in (("deflate", zlib.compress(FIRST)), ("br", brotli.compress(FIRST)), ("", FIRST)):
        assert await unpacked(packed, packing, step=step) == FIRST
        if packing:
            with pytest.raises(Damaged):
                await unpacked(packed[:-1], packing, step=step)
    assert await unpacked(BOTH, "X-GZIP", step=step) == FIRST + SECOND
    with pytest.raises(UnknownPacking):
        await unpacked(FIRST, "compress", step=step)
