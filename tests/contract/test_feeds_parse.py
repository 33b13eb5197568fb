"""Real, broken and hostile feeds become plain entries, or are refused in words; never slowly, never by crashing."""

from __future__ import annotations

import csv
import gzip
import time
import unicodedata
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feeds.feed import MAX_ENTRIES, MAX_SUMMARY, MAX_TITLE, NotAFeed, ParsedFeed, Unreadable
from adapters.feeds.moments import _carefully, moment
from adapters.feeds.parse import parse
from adapters.feeds.plain import plain_text
from adapters.feeds.samples import SampleFeedReader
from digests.model import FeedEntry, Outcome, SourceState
from tests.builders import a_source
from tests.fakes.clock import FakeClock
from tests.shared import SHARED, shared_dir

BASE = "https://feeds.example.org/dir/feed.xml"
SECONDS = 3.0
"""What the slowest of these files may take on a busy machine; a runaway parse takes far longer."""

NASTY = sorted(path.name for path in (SHARED / "data/nasty-feeds").glob("*") if path.name != "index.csv")
SNAPSHOTS = sorted(
    str(path.relative_to(SHARED / "data/snapshots"))
    for path in (SHARED / "data/snapshots").rglob("*")
    if path.suffix in (".rss", ".xml", ".atom")
)


def rss(items: str, *, attributes: str = "", title: str = "T") -> bytes:
    channel = f"<channel><title>{title}</title>{items}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"{attributes}>{channel}</rss>'.encode()


def only(body: bytes, content_type: str = "application/rss+xml") -> FeedEntry:
    (entry,) = parse(body, content_type, BASE).entries
    return entry


def parse_in_time(body: bytes) -> ParsedFeed | None:
    """The feed, or None where it was refused; checked against everything an entry promises."""
    began = time.process_time()
    feed: ParsedFeed | None = None
    with suppress(NotAFeed, Unreadable):
        feed = parse(body, "text/xml", BASE)
    assert time.process_time() - began < SECONDS
    for entry in feed.entries if feed else ():
        check_promises(entry)
    return feed


def check_promises(entry: FeedEntry) -> None:
    for words, limit in ((entry.title, MAX_TITLE), (entry.summary, MAX_SUMMARY), *((c, 100) for c in entry.categories)):
        assert len(words) <= limit
        assert words == " ".join(words.split())
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in words)
        assert not set("\u200b\u202e\u202d\u2066\u2067\ufeff") & set(words)
    if entry.link:
        link = urlsplit(entry.link)
        assert link.scheme in ("http", "https")
        assert link.hostname
        assert "@" not in link.netloc
    for at in (entry.published, entry.updated):
        assert at is None or at.tzinfo is UTC
    assert "root:" not in entry.title + entry.summary


@pytest.mark.skipif(not NASTY, reason=f"needs {SHARED / 'data/nasty-feeds'}, which is not here")
@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_feed_is_read_or_refused(name: str) -> None:
    folder = shared_dir("data/nasty-feeds")
    with (folder / "index.csv").open(encoding="utf-8", newline="") as index:
        expected = next(row for row in csv.DictReader(index) if row["file"] == name)
    body = (folder / name).read_bytes()
    feed = parse_in_time(gzip.decompress(body) if name.endswith(".gz") else body)
    if expected["expected_title"]:
        assert feed is not None
        assert feed.title == expected["expected_title"]
    if expected["expected_entries"]:
        assert len(feed.entries if feed else ()) == int(expected["expected_entries"])


@pytest.mark.skipif(not SNAPSHOTS, reason=f"needs {SHARED / 'data/snapshots'}, which is not here")
@pytest.mark.parametrize("name", SNAPSHOTS)
def test_every_entry_of_a_real_feed_has_a_title_and_an_address(name: str) -> None:
    feed = parse_in_time((shared_dir("data/snapshots") / name).read_bytes())
    assert feed is not None
    assert feed.entries
    assert all(entry.title and entry.link for entry in feed.entries)


def test_real_bills_have_their_stage_under_the_old_namespace_and_the_new() -> None:
    folder = shared_dir("data/snapshots")
    for name in (
        "bills-api_allbills_2025-02-01.TRANSCRIBED.rss",
        "ukparliament_rss-notification-service__public_bills.rss",
    ):
        feed = parse((folder / name).read_bytes(), "", BASE)
        assert all(entry.stage for entry in feed.entries)
        assert {"2nd reading", "Committee stage"} <= {entry.stage for entry in feed.entries}


def test_real_legislation_links_to_the_page_and_not_to_its_data() -> None:
    body = (shared_dir("data/snapshots") / "roddicki_legislation-parser__doclist_1.feed.xml").read_bytes()
    links = [entry.link for entry in parse(body, "", BASE).entries]
    assert links[0] == "http://www.legislation.gov.uk/asp/2015/13/enacted"
    assert all(link.startswith("http://www.legislation.gov.uk/") for link in links)


@pytest.mark.parametrize("where", ["item", "channel"])
def test_a_bills_stage_is_found_wherever_its_namespace_is_declared(where: str) -> None:
    namespace = ' xmlns:p4="#billsSchema"'
    first = f'<item p4:stage="Report stage"{namespace if where == "item" else ""}><title>A Bill</title></item>'
    body = rss(f"{first}<item><title>Another Bill</title></item>", attributes=namespace if where == "channel" else "")
    assert [entry.stage for entry in parse(body, "", BASE).entries] == ["Report stage", ""]


def test_a_stage_may_also_be_an_element() -> None:
    assert only(rss("<item><title>A</title><stage>2nd reading</stage></item>")).stage == "2nd reading"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The address answered with an empty page."),
        (b"\xef\xbb\xbf \n", "The address answered with an empty page."),
        (b"<!DOCTYPE html><html><p>Sign in", "The address answered with a web page, not a feed."),
        (b'{"items": []}', "The address answered with JSON data, not a feed."),
        (b"/etc/passwd", "The address answered with something that is not a feed."),
        (b"http://127.0.0.1/feed", "The address answered with something that is not a feed."),
        (b"<svg/>", "The address answered with something that is not a feed."),
    ],
)
def test_what_is_not_a_feed_is_named(body: bytes, sentence: str) -> None:
    with pytest.raises(NotAFeed) as refusal:
        parse(body, "application/xml", BASE)
    assert refusal.value.sentence == sentence


def test_a_feed_cut_off_before_its_first_entry_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        parse(b'<rss version="2.0"><channel><title>News</ti', "", BASE)


def test_a_feed_cut_off_later_gives_the_entries_that_arrived() -> None:
    body = rss("<item><title>A</title></item><item><title>B</title></item>")
    arrived = parse(body[: body.index(b"<item><title>B")], "", BASE)
    assert [entry.title for entry in arrived.entries] == ["A"]


def test_the_only_entry_this_feed_has_ended_ends_the_feed() -> None:
    entry = "<item><title>This feed has ended</title></item>"
    assert parse(rss(entry), "", BASE).ended
    assert not parse(rss(entry * 2), "", BASE).ended
    assert not parse(rss("<item><title>This feed has ended well</title></item>"), "", BASE).ended


def test_half_a_surrogate_pair_does_not_stop_a_feed() -> None:
    assert only(rss("<item><title>a&#xD800;b&#55296;c&#0;d</title></item>")).title == "abcd"


def test_a_bare_ampersand_is_itself() -> None:
    entry = only(rss("<item><title>R&D, AT&T &amp; &#163;5</title><link>https://example.org/?a=1&b=2</link></item>"))
    assert (entry.title, entry.link) == ("R&D, AT&T & £5", "https://example.org/?a=1&b=2")


def test_an_ampersand_in_cdata_is_itself() -> None:
    entry = only(rss("<item><title>A</title><link><![CDATA[https://example.org/?a=1&b=2]]></link></item>"))
    assert entry.link == "https://example.org/?a=1&b=2"


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ("<link>/news/1</link>", "https://feeds.example.org/news/1"),
        ("<link>news/1</link>", "https://feeds.example.org/dir/news/1"),
        ("<link>javascript:alert(1)</link><guid>https://example.org/1</guid>", ""),
        ("<guid>https://example.org/1</guid>", "https://example.org/1"),
        ('<guid isPermaLink="false">https://example.org/1</guid>', ""),
        ("<guid>b89170f6-7e73</guid>", ""),
        ("<guid>b89170f6-7e73</guid><link>/news/1</link>", "https://feeds.example.org/news/1"),
        ("<link>https://alice:secret@example.org/1</link>", ""),
        ("<link>data:text/html,x</link>", ""),
        ("<link>https://[bad</link>", ""),
    ],
)
def test_only_an_address_that_can_be_opened_is_a_link(item: str, link: str) -> None:
    assert only(rss(f"<item><title>A</title>{item}</item>")).link == link


def test_an_id_that_is_declared_not_to_be_an_address_cannot_be_taken_for_one() -> None:
    assert only(rss('<item><title>A</title><guid isPermaLink="false">https://example.org/1</guid></item>')).id == ""


@pytest.mark.parametrize(
    "content_type", ["", "text/xml", "text/html; charset=iso-8859-1", "application/xml; charset=bogus"]
)
def test_utf_8_is_read_as_such_whatever_the_header_says(content_type: str) -> None:
    assert only(rss("<item><title>Café £5</title></item>"), content_type).title == "Café £5"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16"])
def test_another_encoding_is_read_as_declared(encoding: str) -> None:
    body = rss("<item><title>Café £5</title></item>").decode().replace("utf-8", encoding).encode(encoding)
    assert only(body, "application/rss+xml").title == "Café £5"


def test_entities_that_point_elsewhere_are_not_fetched_and_those_that_multiply_do_not() -> None:
    doctype = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    body = f'<!DOCTYPE rss [{doctype}]><rss version="2.0"><channel><item><title>&a8;</title></item></channel></rss>'
    feed = parse_in_time(body.encode())
    assert feed is None or all(len(entry.title) <= MAX_TITLE for entry in feed.entries)


def test_long_texts_are_cut_at_a_word_and_long_feeds_at_their_end() -> None:
    entry = only(rss(f"<item><title>{'word ' * 300}</title><description>{'word ' * 3000}</description></item>"))
    assert entry.title.endswith("word…")
    assert len(entry.summary) <= MAX_SUMMARY
    assert len(parse(rss("<item/>" * (MAX_ENTRIES + 1)), "", BASE).entries) == MAX_ENTRIES


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("<ul><li>One</li><li>Two</li></ul>", "One Two"),
        ("A <em>good</em>, <b>b</b>ig plan", "A good, big plan"),
        ("<a href='/1'>One</a><a href='/2'>Two</a>", "One Two"),
        ("One<br>Two<script>alert('x')</script><style>p{}</style><!-- no -->", "One Two"),
        ("&lt;p&gt;Escaped once too often&lt;/p&gt;", "Escaped once too often"),
        ("Fish &amp; chips&nbsp;&ndash; &pound;5", "Fish & chips – £5"),
        ("?page=1&copy=2", "?page=1&copy=2"),
        ("emissions <5% and 3 > 2", "emissions <5% and 3 > 2"),
        ("Pa\u200by \u202egnp.exe\u202c \ufeffnotice\x00\x1b", "Pay gnp.exe notice"),
        (" spread\n\tover\u00a0\u2028lines ", "spread over lines"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_text_becomes_plain(raw: str, words: str) -> None:
    assert plain_text(raw, 500) == words


@given(st.text(), st.integers(1, 50))
@settings(deadline=None)
def test_any_text_becomes_plain_text_of_at_most_its_limit(raw: str, limit: int) -> None:
    words = plain_text(raw, limit)
    assert len(words) <= limit
    assert words == " ".join(words.split())


@pytest.mark.parametrize("tag", ["<div>", "<b>", "<p><b>", "<table>", "&lt;div&gt;"])
def test_deeply_nested_markup_does_not_take_long(tag: str) -> None:
    began = time.process_time()
    assert plain_text(tag * 50_000, MAX_SUMMARY) == ""
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("words", "utc"),
    [
        ("Mon, 1 Sep 2025 10:00:00 BST", datetime(2025, 9, 1, 9, 0, tzinfo=UTC)),
        ("Mon, 01 Sep 2025 10:00:00 GMT", datetime(2025, 9, 1, 10, 0, tzinfo=UTC)),
        ("Mon, 01 Sep 2025 10:00:00 +0100 (BST)", datetime(2025, 9, 1, 9, 0, tzinfo=UTC)),
        ("Mon, 01 Sep 2025 10:00:00 +01:00", datetime(2025, 9, 1, 9, 0, tzinfo=UTC)),
        ("Mon, 1 Sep 2025 10:00 CEST", datetime(2025, 9, 1, 8, 0, tzinfo=UTC)),
        ("Mon, 1 Sep 2025 10:00:00 EDT", datetime(2025, 9, 1, 14, 0, tzinfo=UTC)),
        ("Sat, 01 Feb 2025 15:08:29 Z", datetime(2025, 2, 1, 15, 8, 29, tzinfo=UTC)),
        ("2025-09-01T10:00:00+01:00", datetime(2025, 9, 1, 9, 0, tzinfo=UTC)),
        ("2025-09-01 10:00:00 BST", datetime(2025, 9, 1, 9, 0, tzinfo=UTC)),
        ("2025-09-01T10:00:00", datetime(2025, 9, 1, 10, 0, tzinfo=UTC)),
        ("2025-09-01", datetime(2025, 9, 1, tzinfo=UTC)),
        ("3200-01-30T00:00:00", datetime(3200, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_in_its_own_zone_and_in_utc_where_it_has_none(words: str, utc: datetime) -> None:
    assert moment(words) == utc


@pytest.mark.parametrize(
    "words",
    ["", "32 Foo 2025", "Mon, 01 Sep 2025 25:61:00 GMT", "0000-00-00T00:00:00Z", "2025-09-01T10:00:00+99:00", "soon"],
)
def test_a_date_that_cannot_be_read_is_missing(words: str) -> None:
    assert moment(words) is None


@given(st.text(alphabet="0123456789:+-TZ /,.()BSTGMMonSep", max_size=60))
def test_any_text_for_a_date_gives_a_moment_in_utc_or_none(words: str) -> None:
    at = moment(words)
    assert at is None or at.tzinfo is UTC


async def test_a_sample_is_read_from_its_file_like_a_feed(tmp_path: Path) -> None:
    path = tmp_path / "example.xml"
    path.write_bytes(rss("<item><title>A</title><link>/1</link></item>"))
    reader = SampleFeedReader({"example": path}, FakeClock())
    result = await reader.read(a_source(), SourceState("example"))
    assert (result.outcome, result.reason, result.title) == (Outcome.READ, "", "T")
    assert [entry.link for entry in result.entries] == ["https://example.example.org/1"]


async def test_a_source_without_a_sample_is_offline_and_a_lost_file_unreachable(tmp_path: Path) -> None:
    reader = SampleFeedReader({"lost": tmp_path / "lost.xml"}, FakeClock())
    offline = await reader.read(a_source(), SourceState("example"))
    lost = await reader.read(a_source("lost"), SourceState("lost"))
    assert (offline.outcome, lost.outcome) == (Outcome.OFFLINE, Outcome.UNREACHABLE)
    assert offline.reason == "Convenor is reading its samples, and there is none for this source."
    assert lost.reason.startswith("The sample file lost.xml cannot be read")


@given(
    st.dates(min_value=date(1000, 1, 1), max_value=date(9998, 1, 1)).flatmap(
        lambda day: st.times().map(lambda at: datetime.combine(day, at, UTC))
    ),
    st.sampled_from(["GMT", "+0000", "+0100", "-0530", "+1345"]),
    st.sampled_from(["%a, %d %b %Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%a, %d %b %Y %H:%M:61", "%a, 31 %b %Y %H:%M:%S"]),
)
def test_what_most_feeds_write_means_in_one_step_what_it_means_in_many(at: datetime, zone: str, form: str) -> None:
    words = f"{at.strftime(form)} {zone}"
    assert moment(words) == _carefully(words, None)
