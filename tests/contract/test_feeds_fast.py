"""On what the fast lane accepts, it agrees with the careful parser to the letter; it leaves alone whatever is odd."""

from __future__ import annotations

import gzip
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feeds.fast import read_fast
from adapters.feeds.feed import NotAFeed, ParsedFeed, Unreadable
from adapters.feeds.parse import parse_carefully
from tests.shared import SHARED, shared_dir

BASE = "https://feeds.example.org/dir/feed.xml"
SAMPLES = sorted((Path(__file__).parents[2] / "config/samples").glob("*.[ra]*"))
REAL = [
    *SAMPLES,
    *sorted(path for path in (SHARED / "data").rglob("*") if path.suffix in (".rss", ".atom", ".xml", ".gz")),
]


def carefully(body: bytes) -> ParsedFeed | None:
    try:
        return parse_carefully(body, "text/xml", BASE)
    except (NotAFeed, Unreadable):
        return None


def in_both_lanes(body: bytes) -> tuple[ParsedFeed | None, ParsedFeed | None]:
    """What the fast lane makes of a feed, None where it leaves it alone, and what the careful parser makes of it."""
    fast = read_fast(body, BASE)
    return fast, carefully(body) if fast else None


def accepted(body: bytes) -> bool:
    """Whether the fast lane reads this feed; if it does, there must be no difference in anything."""
    fast, careful = in_both_lanes(body)
    assert fast == careful
    return fast is not None


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_both_lanes_read_every_feed_at_hand_alike(path: Path) -> None:
    body = path.read_bytes()
    fast, careful = in_both_lanes(gzip.decompress(body) if path.suffix == ".gz" else body)
    assert fast == careful


def test_nearly_every_bundled_sample_goes_the_fast_way() -> None:
    taken = [path.name for path in SAMPLES if accepted(path.read_bytes())]
    print(f"{len(taken)} of {len(SAMPLES)} samples are accepted")
    assert len(taken) >= len(SAMPLES) - 1


def test_most_real_feeds_of_government_and_parliament_go_the_fast_way() -> None:
    folder = shared_dir("data/snapshots")
    feeds = sorted(path for path in folder.rglob("*") if path.suffix in (".rss", ".atom", ".xml"))
    taken = [path.name for path in feeds if accepted(path.read_bytes())]
    print(f"{len(taken)} of {len(feeds)} snapshots are accepted")
    assert len(taken) >= len(feeds) // 2


RSS_ROOT = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:x="urn:example">'
)
GOOD_RSS = (
    "<guid>https://example.org/1</guid><title>A &amp; B</title><link>https://example.org/1</link>"
    "<description><![CDATA[<p>One</p><p>Two</p>]]></description><pubDate>Mon, 1 Sep 2025 10:00:00 BST</pubDate>"
)
GOOD_ATOM = (
    '<id>tag:example.org,2025:1</id><title type="html">A &amp;amp; B</title><link href="/1"/>'
    "<updated>2025-09-01T10:00:00+01:00</updated><summary>Words</summary>"
)


def rss(item: str, channel: str = "<title>News</title>", attributes: str = "") -> bytes:
    return f"{RSS_ROOT}<channel>{channel}<item{attributes}>{item}</item></channel></rss>".encode()


def atom(entry: str, feed: str = "<title>News</title>") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">{feed}<entry>{entry}</entry></feed>'.encode()


@pytest.mark.parametrize(
    "body",
    [
        rss(GOOD_RSS),
        rss(GOOD_RSS, "<title>News</title><ttl>60</ttl><image><title>I</title><url>/i.png</url></image>"),
        rss(GOOD_RSS, attributes=' p4:stage="2nd reading" xmlns:p4="urn:bills"'),
        rss(GOOD_RSS + "<stage>Report stage</stage><category>One</category><category domain='d'>Two</category>"),
        rss(GOOD_RSS.replace("<guid>", '<guid isPermaLink="false">')),
        rss(GOOD_RSS + "<content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded><dc:creator>A</dc:creator>"),
        rss(GOOD_RSS + '<enclosure url="/a.mp3" length="1" type="audio/mpeg"/><atom:link rel="self" href="/s"/>'),
        rss(GOOD_RSS + "<atom:updated>2025-09-02T10:00:00Z</atom:updated>"),
        atom(GOOD_ATOM),
        atom(GOOD_ATOM + '<category term="t" label="Label"/><content type="html">&lt;p&gt;Long&lt;/p&gt;</content>'),
        atom(GOOD_ATOM + '<link rel="alternate" type="application/pdf" href="/1.pdf"/><author><name>A</name></author>'),
    ],
)
def test_plain_feeds_go_the_fast_way(body: bytes) -> None:
    assert accepted(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><p>Sign in",
        b'{"items": []}',
        rss(GOOD_RSS).replace(b'version="2.0"', b""),
        rss(GOOD_RSS).replace(b'version="2.0"', b'version="0.91"'),
        rss(GOOD_RSS)[:-20],
        b"\n<?xml version='1.0'?>" + rss(GOOD_RSS),
        b"<?xml version='1.0' encoding='iso-8859-1'?>" + rss(GOOD_RSS),
        b"<!DOCTYPE rss>" + rss(GOOD_RSS),
        b'<!DOCTYPE rss [<!ENTITY a "b">]>' + rss(GOOD_RSS.replace("A &amp;", "&a;")),
        rss(GOOD_RSS.replace("&amp;", "&nbsp;")),
        rss(GOOD_RSS.replace("&amp;", "&")),
        rss(GOOD_RSS.replace("&amp;", "&#x92;")),
        rss(GOOD_RSS.replace("&amp;", "&#xD800;")),
        rss(GOOD_RSS.replace("A &amp; B", "£5").encode().decode("latin-1")),
        rss(GOOD_RSS.replace("A &amp; B", "£5")).replace("£".encode(), b"\xa3"),
        rss(GOOD_RSS).decode().encode("utf-16"),
        rss(GOOD_RSS) + b"\0",
        rss(GOOD_RSS.replace("10:00:00 BST", "some time")),
        rss(GOOD_RSS.replace("pubDate", "dc:creator")),
        rss(GOOD_RSS.replace("https://example.org/1</link>", "javascript:alert(1)</link>")),
        rss(GOOD_RSS.replace("https://example.org/1</link>", "https:///example.org/1</link>")),
        rss(GOOD_RSS.replace("<link>", '<link xml:base="/a/">')),
        rss(GOOD_RSS.replace("<link>https://example.org/1</link>", "")),
        rss(GOOD_RSS.replace("A &amp; B", "A <b>bold</b> title")),
        rss(GOOD_RSS + "<title>Another</title>"),
        rss(GOOD_RSS + "<media:title>Another</media:title>"),
        rss(GOOD_RSS + "<dc:date>2025-09-02</dc:date>"),
        rss(GOOD_RSS + "<atom:link href='/other'/>"),
        rss(GOOD_RSS + "<x:link>https://example.org/2</x:link>"),
        rss(GOOD_RSS + "<source url='/'>Elsewhere</source>"),
        rss(GOOD_RSS + "stray words"),
        rss(GOOD_RSS, attributes=' lastmod="2025-09-02"'),
        rss(GOOD_RSS, channel="<image><title>I</title></image><title>News</title>"),
        rss(GOOD_RSS, channel="<title>News</title><title>Other</title>"),
        rss("").replace(b"<item></item>", b""),
        atom(GOOD_ATOM).replace(b"http://www.w3.org/2005/Atom", b"http://www.w3.org/2005/Atm"),
        atom(GOOD_ATOM.replace("/1", "", 1).replace('href="/1"', "")),
        atom(GOOD_ATOM + '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A</div></content>'),
        atom(GOOD_ATOM + '<content type="application/octet-stream">QQ==</content>'),
        atom(GOOD_ATOM + '<content src="https://example.org/2"/>'),
        atom(GOOD_ATOM + "<source><title>Elsewhere</title></source>"),
        atom(GOOD_ATOM + "<updated>2025-09-02T10:00:00Z</updated>"),
    ],
)
def test_whatever_is_odd_is_left_to_the_careful_parser(body: bytes) -> None:
    assert read_fast(body, BASE) is None


def test_a_feed_with_more_markup_than_allowed_is_left_to_the_careful_parser() -> None:
    assert read_fast(rss(GOOD_RSS), BASE, most_markup=5) is not None
    assert read_fast(rss(GOOD_RSS), BASE, most_markup=4) is None


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "A & B",
            "&nbsp;",
            "&amp;amp;",
            "<p>One</p><p>Two",
            "Â£5",
            "cafÃ©",
            "’tis",
            "\x92",
            "  ",
            "R&D;",
            "?a=1&copy=2",
            "]]",
        ]
    ),
)
DATES = st.sampled_from(
    [
        "2025-09-01T10:00:00Z",
        "2025-09-01",
        "Mon, 1 Sep 2025 10:00:00 BST",
        "1 Sep 2025",
        "3200-01-30T00:00:00",
        "soon",
        "",
    ]
)
LINKS = st.one_of(
    st.sampled_from(
        [
            "https://example.org/1",
            "/1",
            "1?a=1&b=2",
            "https:///example.org/1",
            "javascript:alert(1)",
            "",
            "?a&lt;",
            "//host/a",
        ]
    ),
    st.text(max_size=20).map(lambda words: f"https://example.org/{words}"),
)
NAMES = st.sampled_from(
    [
        *("title", "description", "link", "guid", "pubDate", "category", "author", "comments", "source", "stage", "id"),
        *(
            "content:encoded",
            "dc:creator",
            "dc:date",
            "dc:title",
            "dc:subject",
            "atom:updated",
            "atom:title",
            "atom:id",
        ),
        *("media:title", "media:description", "media:thumbnail", "media:keywords", "x:title", "x:stage", "summary"),
        *("updated", "published", "content", "modified", "body", "tags", "image", "subtitle", "rights", "contributor"),
    ]
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["type", "isPermaLink", "domain", "term", "label", "href", "rel", "xml:base", "xml:lang", "url", "x:stage"]
    ),
    st.sampled_from(["html", "text", "xhtml", "false", "true", "t", "/2", "alternate", "self", "HTML", ""]),
    max_size=2,
)


@st.composite
def elements(draw: st.DrawFn) -> str:
    """One element of an entry: a common one with fitting words, or any with any."""
    name = draw(NAMES)
    words = draw(DATES if name.lower().endswith(("date", "updated", "published")) else st.one_of(TEXTS, LINKS))
    attributes = "".join(
        f" {key}={quoteattr(value)}" for key, value in draw(st.one_of(st.just({}), ATTRIBUTES)).items()
    )
    inner = draw(
        st.sampled_from([escape(words), escape(words), f"<![CDATA[{words}]]>", words, "<b>" + escape(words) + "</b>"])
    )
    return f"<{name}{attributes}>{inner}</{name}>"


@given(
    parts=st.permutations([0, 1, 2, 3, 4]),
    title=TEXTS,
    link=LINKS,
    date=DATES,
    extra=st.lists(elements(), max_size=3),
    channel=st.lists(elements(), max_size=1),
    is_atom=st.booleans(),
)
@settings(deadline=None, max_examples=300)
def test_both_lanes_read_every_variant_alike(
    parts: list[int], title: str, link: str, date: str, extra: list[str], channel: list[str], is_atom: bool
) -> None:
    if is_atom:
        known = [
            f"<title>{escape(title)}</title>",
            f"<link href={quoteattr(link)}/>",
            f"<updated>{date}</updated>",
            "<id>tag:example.org,2025:1</id>",
            f"<summary>{escape(title)}</summary>",
        ]
    else:
        known = [
            f"<title>{escape(title)}</title>",
            f"<link>{escape(link)}</link>",
            f"<pubDate>{date}</pubDate>",
            f"<guid>{escape(link)}</guid>",
            f"<description>{escape(title)}</description>",
        ]
    inner = "".join([known[part] for part in parts] + extra)
    feed = "<title>News</title>" + "".join(channel)
    fast, careful = in_both_lanes((atom if is_atom else rss)(inner, feed).replace(b"\0", b""))
    assert fast == careful


@given(
    path=st.sampled_from(SAMPLES),
    where=st.floats(0, 1),
    length=st.integers(0, 12),
    put=st.sampled_from(
        [b"", b"&", b"<", b">", b"\xc2\xa3", b"\x92", b"</title>", b"<b>", b"&#145;", b"]]>", b"xml:base='/a'", b" "]
    ),
)
@settings(deadline=None, max_examples=300)
def test_both_lanes_read_every_damaged_sample_alike(path: Path, where: float, length: int, put: bytes) -> None:
    body = path.read_bytes()
    at = int(where * len(body))
    fast, careful = in_both_lanes(body[:at] + put + body[at + length :])
    assert fast == careful
