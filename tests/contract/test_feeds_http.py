"""What a publisher's server does becomes an outcome and a sentence; it never becomes an exception or a danger."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from adapters.feeds.guard import ForbiddenAddress, refuse_private
from adapters.feeds.http import HttpFeedReader, user_agent
from digests.model import FetchResult, Outcome, SourceState
from tests.builders import NOW, a_source
from tests.fakes.clock import FakeClock
from tests.fakes.publisher import ETAG, LAST_MODIFIED, FakePublisher

FRESH = SourceState("example")
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
        ("/brotli", Outcome.UNREADABLE, 200, "The feed was sent in a compression (br) that we did not ask for."),
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


async def test_a_gzipped_feed_is_unpacked(reader: HttpFeedReader, publisher: FakePublisher) -> None:
    assert len((await fetch(reader, publisher.url("/gzipped"))).entries) == 2
    assert publisher.requests[0].headers["Accept-Encoding"] == "gzip"


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


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.0.144", "2606:4700::1111", "2a00:1450:4009::200e"])
def test_an_address_of_the_public_internet_may_be_called(address: str) -> None:
    refuse_private((address, 443))


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
    with pytest.raises(ForbiddenAddress):
        refuse_private((address, 443))


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
