"""Lists of feeds from other readers come in, ours go out, and nothing hostile is taken from a file."""

from __future__ import annotations

import pytest

from digests.adding import Feed
from digests.model import Format, Group
from digests.opml import MAX_BYTES, BadOpml, read_opml, write_opml
from tests.builders import NOW, a_source

LIST = b"""<?xml version="1.0"?>
<opml version="1.0"><head><title>Mine</title></head><body>
  <outline text="Folder">
    <outline type="rss" text="A &amp; B" xmlUrl="https://example.org/a" category="/press,/x"/>
  </outline>
  <outline type="rss" version="ATOM1" TITLE="  An   Atom feed " text="x" XMLURL=" https://example.org/b "/>
  <outline text="a link" type="link" url="https://example.org/"/>
</body></opml>"""


def test_the_feeds_of_a_list_are_found_in_whatever_folder() -> None:
    assert read_opml(LIST) == (
        Feed("https://example.org/a", Format.RSS, "A & B", Group.PRESS),
        Feed("https://example.org/b", Format.ATOM, "An Atom feed"),
    )


def test_what_we_write_we_read_again() -> None:
    sources = [
        a_source("one", name='“One” <& "two">\x00\n', url="https://example.org/?a=1&b='2'"),
        a_source("two", format=Format.RSS, group=Group.CIVIL_SOCIETY),
        a_source("api", format=Format.BILLS),
    ]
    written = write_opml(sources, title="Sources & more", now=NOW)
    assert read_opml(written.encode()) == (
        Feed("https://example.org/?a=1&b='2'", Format.ATOM, '“One” <& "two">', Group.GOVERNMENT),
        Feed("https://two.example.org/feed.atom", Format.RSS, "News of two", Group.CIVIL_SOCIETY),
    )
    assert "<dateCreated>Thu, 23 Jan 2025 10:00:00 +0000</dateCreated>" in written


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "not sound XML"),
        (b"\x00\xff\xfe garbage", "not sound XML"),
        (b"<opml><body>", "not sound XML (line 1)"),
        (b"<html></html>", "not a list of feeds in OPML"),
        (b'<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml/>', "refused as a danger"),
        (b'<!DOCTYPE opml [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><opml>&b;</opml>', "refused as a danger"),
        (b'<?xml version="1.0" encoding="no-such"?><opml/>', "so nothing was read from it"),
        (b"<opml>" + b"<outline>" * 200, "folders in one another"),
        (b"<opml>" + b'<outline xmlUrl="https://example.org/"/>' * 5_001, "more than 5,000 feeds"),
        (b" " * (MAX_BYTES + 1), "larger than 5,000,000 bytes"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(body: bytes, sentence: str) -> None:
    with pytest.raises(BadOpml) as refused:
        read_opml(body)
    assert sentence in refused.value.sentence
