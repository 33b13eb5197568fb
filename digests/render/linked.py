"""Finds the web addresses in what editors write around the entries, so that each output can link them its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digests.render.view import web_address

_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"“”«»]+", re.IGNORECASE)
_AFTER = ".,;:!?…'’*_"
"""What stands behind an address in a sentence is not part of it."""
_PAIRS = {")": "(", "]": "[", "}": "{"}


def pieces(words: str) -> Iterator[tuple[str, str]]:
    """The words in pieces, each with the address that it is, or with an empty string; together they are the words."""
    begin = 0
    for found in _ADDRESS.finditer(words):
        address = _trimmed(found[0])
        if not web_address(address) or not address.partition("://")[2]:
            continue
        if found.start() > begin:
            yield words[begin : found.start()], ""
        yield address, address
        begin = found.start() + len(address)
    if begin < len(words):
        yield words[begin:], ""


def _trimmed(address: str) -> str:
    """The address without the end of the sentence or the bracket in which it stands."""
    while address:
        last = address[-1]
        open_one = _PAIRS.get(last)
        if last in _AFTER or (open_one and address.count(last) > address.count(open_one)):
            address = address[:-1]
        else:
            break
    return address
