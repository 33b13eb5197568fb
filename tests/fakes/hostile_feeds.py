"""Feeds of some 5 MB that were made to cost whoever reads them time and memory."""

from __future__ import annotations

import os

# Well-formed, and of a version that is left to the careful parser in its own process.
ODD = b'<rss version="0.91"><channel><title>News</title><item><title>One</title></item></channel></rss>'


def rss(item: str) -> bytes:
    return f'<rss version="2.0"><channel><title>News</title><item>{item}</item></channel></rss>'.encode()


def entity_bomb() -> bytes:
    doctype = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    return f"<!DOCTYPE rss [{doctype}]>".encode() + rss("<title>&a11;</title>")


HOSTILE = {
    "an entity bomb": entity_bomb(),
    "deep nesting": b'<rss version="2.0"><channel><item><title>' + b"<a>" * 1_600_000,
    "deep nesting that ends": b'<rss version="2.0"><channel><item>'
    + b"<a>" * 700_000
    + b"</a>" * 700_000
    + b"</item></channel></rss>",
    "nested markup": rss("<title>A</title>" + "<description>&lt;div&gt;" + "&lt;div&gt;" * 400_000 + "</description>"),
    "nested markup in each of many entries": rss(
        "</item><item>".join(["<title>A</title><description>" + "&lt;b&gt;" * 2_000 + "</description>"] * 270)
    ),
    "many attributes": b'<rss version="2.0"><channel><item '
    + b" ".join(b"a%d='1'" % n for n in range(300_000))
    + b"/></channel></rss>",
    "open quotes": b'<rss version="2.0"><channel><item a="' + b"<b c='" * 800_000,
    "half declarations": b'<rss version="2.0">' + b"<!ENTITY " * 550_000,
    "ampersands": b'<rss version="2.0"><channel><item><title>' + b"&" * 5_000_000,
    "null bytes": b'<rss version="2.0"><channel><item><title>' + b"\0" * 5_000_000,
    "noise": b'<rss version="2.0">' + os.urandom(5_000_000),
}
