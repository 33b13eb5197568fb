"""What a publisher's server does becomes an outcome and a sentence; it never becomes an exception or a danger."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.feeds.guard import ForbiddenAddress, Guard, refuse_private
from adapters.feeds.http import HttpFeedReader, user_agent
from digests.model import FetchResult, Outcome, SourceState
from digests.polling import follow
from tests.builders import NOW, a_source
from tests.fakes.clock import FakeClock
from tests.fakes.publisher import ETAG, LAST_MODIFIED, FakePublisher

FRESH = SourceState("example")
HERE_AND_NOW = "Thu, 23 Jan 2025 10:00:00 GMT"
READ_BEFORE = SourceState("example", etag=ETAG, last_modified=LAST_MODIFIED, first_read_at=NOW)


@pytest_asyncio.fixture
async def publisher() -> AsyncIterator[FakePublisher]:
    async with FakePublisher() as server:
        yield server


@pytest_asyncio.fixture
async def reader() -> AsyncIterator[HttpFeedReader]:
    """A reader that may call loopback, with limits small enough to reach."""
    async with HttpFeedReader(
        FakeClock(), contact="alice@example.org", timeout_seconds=1, max_bytes=1_000_000, allow_private=True
    ) as http:
        yield http


async def fetch(reader: HttpFeedReader, url: str, state: SourceState = FRESH) -> FetchResult:
    result = await reader.read(a_source(url=url), state)
    assert (result.source_id, result.started_at.tzinfo, result.finished_at.tzinfo) == ("example", UTC, UTC)
    return result


async def test_a_feed_is_read_with_its_validators_byte_for_byte(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    result = await fetch(reader, publisher.url("/feed"))
    assert (result.outcome, result.status, result.reason, result.title) == (Outcome.READ, 200, "", "News")
    assert [entry.title for entry in result.entries] == ["One", "Two"]
    assert result.entries[0].link == publisher.url("/news/1")
    assert (result.etag, result.last_modified) == (ETAG, LAST_MODIFIED)


async def test_the_first_request_is_unconditional_and_says_who_we_are(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    await fetch(reader, publisher.url("/feed"))
    (request,) = publisher.requests
    assert re.fullmatch(r"Convenor(/[\w.+-]+)? \(\+alice@example\.org\)", request.headers["User-Agent"])
    assert "application/atom+xml" in request.headers["Accept"]
    assert not {"If-None-Match", "If-Modified-Since", "Cookie"} & set(request.headers)


async def test_validators_go_back_as_they_came_and_an_unchanged_feed_is_not_read_again(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    result = await fetch(reader, publisher.url("/feed"), READ_BEFORE)
    assert (result.outcome, result.status, result.reason, result.entries) == (Outcome.UNCHANGED, 304, "", ())


async def test_an_unchanged_that_nobody_asked_about_is_the_servers_mistake(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    assert (await fetch(reader, publisher.url("/status/304"))).outcome is Outcome.SERVER_TROUBLE


@pytest.mark.parametrize(
    ("path", "outcome", "status", "reason"),
    [
        ("/status/404", Outcome.NOT_FOUND, 404, "There is nothing at this address (404). The feed may have moved."),
        ("/status/410", Outcome.GONE, 410, "The publisher says that this feed is gone for good (410)."),
        ("/status/403", Outcome.REFUSED, 403, "The publisher refuses us (403). Somebody may have to ask them why."),
        ("/status/400", Outcome.REFUSED, 400, "The publisher's server does not accept our request (400)."),
        ("/status/500", Outcome.SERVER_TROUBLE, 500, "The publisher's server is in trouble (500)."),
        ("/page", Outcome.NOT_A_FEED, 200, "The address answered with a web page, not a feed."),
        ("/json", Outcome.NOT_A_FEED, 200, "The address answered with JSON data, not a feed."),
        ("/empty", Outcome.NOT_A_FEED, 200, "The address answered with an empty page."),
        ("/ended", Outcome.ENDED, 200, "The publisher says that this feed has ended."),
        ("/damaged-feed", Outcome.UNREADABLE, 200, "The feed is damaged, and nothing in it could be read."),
        ("/damaged-gzip", Outcome.UNREADABLE, 200, "The feed was sent compressed, and arrived damaged."),
        ("/half-gzip", Outcome.UNREADABLE, 200, "The feed was sent compressed, and arrived damaged."),
        ("/half-brotli", Outcome.UNREADABLE, 200, "The feed was sent compressed, and arrived damaged."),
        (
            "/compressed-oddly",
            Outcome.UNREADABLE,
            200,
            "The feed was sent in a compression (compress) that we did not ask for.",
        ),
        ("/brotli-bomb", Outcome.TOO_LARGE, 200, "The feed is larger than 1,000,000 bytes, and was not read."),
        ("/cookie-wall", Outcome.NOT_A_FEED, 200, "The address answered with a web page, not a feed."),
        ("/half-closed", Outcome.UNREACHABLE, None, "The connection broke off before the answer was complete."),
        (
            "/chain/11",
            Outcome.UNREACHABLE,
            301,
            "It sent us from one address to another more than 10 times.",
        ),
        ("/huge", Outcome.TOO_LARGE, 200, "The feed is larger than 1,000,000 bytes, and was not read."),
        ("/bomb", Outcome.TOO_LARGE, 200, "The feed is larger than 1,000,000 bytes, and was not read."),
        ("/drip", Outcome.TIMED_OUT, None, "It did not answer in full within 1 second."),
        ("/cut-short", Outcome.UNREACHABLE, None, "The connection broke off before the answer was complete."),
        ("/loop", Outcome.UNREACHABLE, 302, "It sent us from one address to another more than 10 times."),
        ("/to-nowhere", Outcome.UNREACHABLE, 302, "It sent us to another address without naming one."),
    ],
)
async def test_whatever_goes_wrong_is_an_outcome_with_its_reason(
    reader: HttpFeedReader, publisher: FakePublisher, path: str, outcome: Outcome, status: int | None, reason: str
) -> None:
    result = await fetch(reader, publisher.url(path))
    assert (result.outcome, result.status, result.reason) == (outcome, status, reason)
    assert (result.entries, result.etag, result.last_modified) == ((), "", "")
    assert (result.body_hash, result.fresh_seconds, result.moved_to) == ("", None, "")


@pytest.mark.parametrize("path", ["/gzipped", "/brotli"])
async def test_a_compressed_feed_is_unpacked(reader: HttpFeedReader, publisher: FakePublisher, path: str) -> None:
    result = await fetch(reader, publisher.url(path))
    assert len(result.entries) == 2
    assert result.body_hash == hashlib.sha256(publisher.body).hexdigest()
    assert publisher.requests[0].headers["Accept-Encoding"] == "gzip, br"


async def test_a_feed_is_read_whatever_its_content_type(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    assert len((await fetch(reader, publisher.url("/wrong-type"))).entries) == 2


async def test_a_cookie_that_is_set_is_never_sent(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    for _ in range(2):
        await fetch(reader, publisher.url("/cookie-wall"))
    assert all("Cookie" not in request.headers for request in publisher.requests)


async def test_ids_that_change_at_every_fetch_leave_the_links_as_they_are(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    first, second = [await fetch(reader, publisher.url("/changing-ids")) for _ in range(2)]
    assert [entry.id for entry in first.entries] != [entry.id for entry in second.entries]
    assert [entry.link for entry in first.entries] == [entry.link for entry in second.entries]


async def test_a_body_that_is_the_last_one_again_is_unchanged(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    url = publisher.url("/without-validators")
    first = await fetch(reader, url)
    again = await fetch(reader, url, replace(FRESH, body_hash=first.body_hash, first_read_at=NOW))
    assert (again.outcome, again.status, again.entries) == (Outcome.UNCHANGED, 200, ())
    assert again.body_hash == first.body_hash
    publisher.body = publisher.body.replace(b"One", b"Uno")
    changed = await fetch(reader, url, replace(FRESH, body_hash=first.body_hash, first_read_at=NOW))
    assert changed.outcome is Outcome.READ


async def test_a_new_validator_of_the_same_body_is_learnt_from_any_good_answer(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    validators = {"ETag": '"v2"', "Last-Modified": HERE_AND_NOW}
    url = publisher.url("/fresh?" + urlencode(validators))
    known = replace(READ_BEFORE, url=url, body_hash=hashlib.sha256(publisher.body).hexdigest())
    result = await fetch(reader, url, known)
    assert (result.outcome, result.status) == (Outcome.UNCHANGED, 200)
    assert (result.etag, result.last_modified) == ('"v2"', HERE_AND_NOW)
    state, _ = follow(a_source(url=url), known, result, now=NOW)
    await fetch(reader, url, state)
    assert publisher.requests[-1].headers["If-None-Match"] == '"v2"'

    renewed = await fetch(reader, publisher.url("/feed"), READ_BEFORE)
    assert (renewed.status, renewed.etag, renewed.last_modified) == (304, ETAG, LAST_MODIFIED)


async def test_validators_of_another_address_are_not_sent(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    url = publisher.url("/feed")
    elsewhere = replace(READ_BEFORE, url="https://example.org/before")
    assert (await fetch(reader, url, elsewhere)).outcome is Outcome.READ
    assert "If-None-Match" not in publisher.requests[0].headers
    assert (await fetch(reader, url, replace(READ_BEFORE, url=url))).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=900"}, 900),
        ({"Cache-Control": 'MAX-AGE="900"'}, 900),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": "no-store, max-age=900"}, None),
        ({"Cache-Control": "no-cache", "Expires": "Thu, 23 Jan 2025 11:00:00 GMT"}, None),
        ({"Date": "Thu, 23 Jan 2025 10:30:00 GMT", "Expires": "Thu, 23 Jan 2025 11:00:00 GMT"}, 1800),
        ({"Date": "Thu, 23 Jan 2025 10:30:00 GMT", "Expires": "0"}, None),
        ({"Date": "Thu, 23 Jan 2025 10:30:00 GMT", "Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"Cache-Control": "max-age=60", "Date": HERE_AND_NOW, "Expires": "Thu, 23 Jan 2025 11:00:00 GMT"}, 3600),
    ],
)
async def test_how_long_an_answer_is_fresh_comes_from_its_headers(
    reader: HttpFeedReader, publisher: FakePublisher, headers: dict[str, str], seconds: float | None
) -> None:
    result = await fetch(reader, publisher.url("/fresh?" + urlencode(headers)))
    assert (result.outcome, result.fresh_seconds) == (Outcome.READ, seconds)


async def test_a_feeds_own_ttl_counts_where_it_is_longer(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    publisher.body = (
        b'<rss version="2.0"><channel><title>News</title><ttl>60</ttl><item><title>One</title></item></channel></rss>'
    )
    for wish, seconds in (("max-age=60", 3600), ("max-age=7200", 7200), ("no-store", 3600)):
        result = await fetch(reader, publisher.url("/fresh?" + urlencode({"Cache-Control": wish})))
        assert result.fresh_seconds == seconds


@pytest.mark.parametrize(
    ("path", "moved_to"),
    [
        ("/feed", ""),
        ("/moved", "/feed"),
        ("/moved-again", "/feed"),
        ("/chain/10", "/feed"),
        ("/moved-for-now", ""),
        ("/moved-then-for-now", "/moved-for-now"),
    ],
)
async def test_a_source_has_moved_as_far_as_only_permanent_redirects_led(
    reader: HttpFeedReader, publisher: FakePublisher, path: str, moved_to: str
) -> None:
    result = await fetch(reader, publisher.url(path))
    assert result.outcome is Outcome.READ
    assert result.moved_to == (publisher.url(moved_to) if moved_to else "")


async def test_requests_to_one_host_begin_a_pause_apart(publisher: FakePublisher) -> None:
    gap = 0.1
    async with HttpFeedReader(FakeClock(), allow_private=True, per_host=4, gap_seconds=gap) as reader:
        start = asyncio.get_running_loop().time()
        for _ in range(2):
            await fetch(reader, publisher.url("/feed"))
        await asyncio.gather(*(fetch(reader, publisher.url("/moved")) for _ in range(2)))
    assert len(publisher.began) == 6
    # On a busy machine a request may come in late, even together with the next, but none before its time.
    assert all(began - start > number * gap - 0.01 for number, began in enumerate(publisher.began))


async def test_hosts_do_not_wait_for_each_other(publisher: FakePublisher) -> None:
    async with HttpFeedReader(FakeClock(), allow_private=True, gap_seconds=60) as reader, FakePublisher() as another:
        urls = [publisher.url("/feed"), another.url("/feed").replace("127.0.0.1", "localhost")]
        async with asyncio.timeout(30):
            results = await asyncio.gather(*(fetch(reader, url) for url in urls))
    assert {result.outcome for result in results} == {Outcome.READ}


class TwoFacedResolver(AbstractResolver):
    """Names a public address at the first look-up, and this machine afterwards."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        address = "192.0.2.1" if self.asked == 1 else "127.0.0.1"
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


async def test_a_name_is_judged_by_the_address_of_every_look_up(publisher: FakePublisher) -> None:
    guard = Guard(exceptions={("192.0.2.1", publisher.port)})
    resolver = TwoFacedResolver()
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, socket_factory=guard.open_socket)
    async with aiohttp.ClientSession(connector=connector) as session:
        for expected in (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError):
            with pytest.raises((expected, aiohttp.ClientConnectorError)) as trouble:
                await session.get(
                    f"http://rebinding.example.org:{publisher.port}/feed", timeout=aiohttp.ClientTimeout(connect=0.3)
                )
    assert resolver.asked == 2
    assert isinstance(trouble.value, aiohttp.ClientConnectorError)
    assert isinstance(trouble.value.os_error, ForbiddenAddress)
    assert publisher.requests == []


async def test_a_wish_to_wait_in_seconds_is_passed_on(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    result = await fetch(reader, publisher.url("/busy"))
    assert (result.outcome, result.retry_after_seconds) == (Outcome.RATE_LIMITED, 120.0)


async def test_a_wish_to_wait_until_a_moment_is_counted_from_now(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    result = await fetch(reader, publisher.url("/busy-until"))
    assert (result.outcome, result.retry_after_seconds) == (Outcome.SERVER_TROUBLE, 3600.0)


async def test_a_redirect_is_followed_and_links_are_relative_to_where_it_led(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    result = await fetch(reader, publisher.url("/moved"))
    assert result.outcome is Outcome.READ
    assert result.entries[0].link == publisher.url("/news/1")
    assert [request.path for request in publisher.requests] == ["/moved", "/feed"]


async def test_a_redirect_out_of_the_web_is_not_followed(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    result = await fetch(reader, publisher.url("/to-file"))
    assert result.outcome is Outcome.BLOCKED
    assert result.reason.startswith("It sent us to another address. The address is not a web address")


async def test_a_redirect_into_a_private_network_is_not_followed(publisher: FakePublisher) -> None:
    exceptions = {("127.0.0.1", publisher.port)}
    async with HttpFeedReader(FakeClock(), timeout_seconds=5, exceptions=exceptions) as reader:
        assert (await fetch(reader, publisher.url("/feed"))).outcome is Outcome.READ
        result = await fetch(reader, publisher.url("/to-private"))
    assert (result.outcome, result.reason) == (
        Outcome.BLOCKED,
        "The address leads into a private network, where nothing is called.",
    )


async def test_no_more_than_two_requests_are_with_one_host_at_once(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    results = await asyncio.gather(*(fetch(reader, publisher.url("/slow")) for _ in range(8)))
    assert {result.outcome for result in results} == {Outcome.READ}
    assert publisher.most_at_once == 2


async def test_waiting_for_a_turn_at_a_busy_host_is_not_held_against_it(publisher: FakePublisher) -> None:
    async with HttpFeedReader(FakeClock(), timeout_seconds=0.5, allow_private=True) as reader:
        results = await asyncio.gather(*(fetch(reader, publisher.url("/slow")) for _ in range(30)))
    assert {result.outcome for result in results} == {Outcome.READ}


async def test_a_closed_port_is_unreachable(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    async with FakePublisher() as another:
        url = another.url("/feed")
    result = await fetch(reader, url)
    assert (result.outcome, result.reason) == (Outcome.UNREACHABLE, "No connection to it could be made.")


async def test_a_server_that_does_not_speak_tls_is_unreachable(
    reader: HttpFeedReader, publisher: FakePublisher
) -> None:
    result = await fetch(reader, publisher.url("/feed").replace("http:", "https:"))
    assert (result.outcome, result.reason) == (Outcome.UNREACHABLE, "No secure connection to it could be made.")


async def test_a_reader_that_was_closed_opens_again(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    await fetch(reader, publisher.url("/feed"))
    await reader.aclose()
    assert (await fetch(reader, publisher.url("/feed"))).outcome is Outcome.READ


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "017700000001",
        "0x7f.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "127.0.0.1.",
        "224.0.0.251",
        "239.255.255.250",
        "198.51.100.1",
        "[::ffff:7f00:1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::10.0.0.1]",
        "[2002:a9fe:a9fe::1]",
        "[2001:0:7f00:1::]",
        "[::127.0.0.1]",
        "[ff05::1:3]",
        "0x7f000001",
        "0177.0.0.1",
        "①②⑦.⓪.⓪.①",
        "localhost",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "224.0.0.1",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fd00::1]",
        "[fe80::1]",
        "[ff02::1]",
    ],
)
async def test_no_spelling_of_a_private_address_is_called(host: str) -> None:
    async with HttpFeedReader(FakeClock(), timeout_seconds=5) as reader:
        result = await fetch(reader, f"http://{host}/feed")
    assert result.outcome is Outcome.BLOCKED
    assert result.status is None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/feed",
        "file:///etc/passwd",
        "https:///feed",
        "https://alice:secret@example.org/feed",
        "https://example.org:22/feed",
        "https://example.org:99999/feed",
        "https://[::1/feed",
        "https://" + "a" * 70 + ".example.org/feed",
        "https://example..org/feed",
    ],
)
async def test_an_address_that_must_not_be_called_is_blocked_with_a_reason(url: str) -> None:
    async with HttpFeedReader(FakeClock(), timeout_seconds=5) as reader:
        result = await fetch(reader, url)
    assert result.outcome is Outcome.BLOCKED
    assert result.reason.startswith("The address ")
    assert "secret" not in result.reason


def is_refused(address: str) -> bool:
    try:
        refuse_private((address, 443))
    except ForbiddenAddress:
        return True
    return False


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.0.144", "2606:4700::1111", "2a00:1450:4009::200e"])
def test_an_address_of_the_public_internet_may_be_called(address: str) -> None:
    assert not is_refused(address)


@pytest.mark.parametrize(
    "address",
    [
        "192.88.99.1",
        "198.18.0.1",
        "168.63.129.16",
        "240.0.0.1",
        "255.255.255.255",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "fec0::1",
        "::8.8.8.8",
        "fe80::1%eth0",
        "example.org",
        "",
    ],
)
def test_an_address_of_any_special_network_may_not_be_called(address: str) -> None:
    assert is_refused(address)


async def test_a_validator_that_could_not_be_sent_back_is_not_kept(
    reader: HttpFeedReader, publisher: FakePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fakes.publisher.ETAG", '"£"')
    monkeypatch.setattr("tests.fakes.publisher.LAST_MODIFIED", "x" * 501)
    result = await fetch(reader, publisher.url("/feed"))
    assert (result.outcome, result.etag, result.last_modified) == (Outcome.READ, "", "")


def test_a_contact_cannot_add_headers() -> None:
    assert "\n" not in user_agent("alice@example.org\r\nX-Evil: 1")


async def test_the_times_of_a_fetch_come_from_the_clock(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    result = await fetch(reader, publisher.url("/feed"), replace(FRESH, next_due_at=NOW))
    assert result.started_at == result.finished_at == datetime(2025, 1, 23, 10, 0, tzinfo=UTC)
