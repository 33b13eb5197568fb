"""Metrics: true numbers on both databases, few labels, nothing personal; pings that hold nothing up."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from adapters.clock import Ticker
from adapters.monitor import Monitor, Standing
from adapters.pings import Pings
from adapters.slack.app import PATH as SLACK_PATH
from adapters.store.database import Database
from adapters.store.numbers import Numbers, numbers
from adapters.store.trouble import StoreTrouble
from adapters.teams.app import PATH as TEAMS_PATH
from adapters.web import WebServer, metrics
from config.watching import TICKS, parse_pings
from digests.model import UNTAGGED, Address, Delivery, DeliveryState, Fetch, Outcome, SourceState, TaggedItem
from tests.builders import NOW, a_tagged_item, an_item
from tests.contract.portable_rows import PEOPLE, fill_everything

HOUR = timedelta(hours=1)
EMPTY = Numbers({}, None, None, 0, 0, 0, 0, 0, {}, {}, 0)
TOKEN = "a-token-of-sixteen-or-more"


def a_delivery(key: str, platform: str = "slack", **more: object) -> Delivery:
    return Delivery(key, "edition", Address(platform, "T1", channel="C1"), "{}", NOW - HOUR, **more)  # type: ignore[arg-type]


async def test_the_numbers_are_those_of_the_database(database: Database) -> None:
    async with database.begin() as uow:
        fetches = [(Outcome.READ, NOW), (Outcome.READ, NOW - HOUR), (Outcome.UNREACHABLE, NOW - 23 * HOUR)]
        old = (Outcome.NOT_FOUND, NOW - 25 * HOUR)
        await uow.sources.add_fetches(
            [Fetch("a", at, at, outcome, "", 200, 1, 1, 0) for outcome, at in [*fetches, old]]
        )
        await uow.sources.save_states(
            [
                SourceState("a", last_fetch_at=NOW, last_good_at=NOW - HOUR, failing_since=NOW - HOUR),
                SourceState("b", last_fetch_at=NOW - 2 * HOUR, last_good_at=NOW - 2 * HOUR, paused=True),
            ]
        )
        await uow.items.add([a_tagged_item(1), TaggedItem(an_item(2), UNTAGGED)])
        await uow.deliveries.add(
            [
                a_delivery("old"),
                a_delivery("later", available_at=NOW + HOUR),
                a_delivery("mail", platform="mail", available_at=NOW - HOUR / 2),
                a_delivery("tried", platform="teams", state=DeliveryState.RETRY, available_at=NOW + HOUR),
                a_delivery("stuck", state=DeliveryState.PARKED),
            ]
        )
        await uow.commit()
    found = await numbers(database, NOW)
    assert found.fetches == {"read": 2, Outcome.UNREACHABLE.value: 1}
    assert (found.last_fetch, found.last_good) == (NOW, NOW - HOUR)
    assert (found.failing, found.paused, found.muted) == (1, 1, 0)
    assert (found.items, found.relevant) == (2, 1)
    assert found.deliveries == {
        ("slack", "pending"): 2,
        ("mail", "pending"): 1,
        ("teams", "retry"): 1,
        ("slack", "parked"): 1,
    }
    assert found.waiting_since == {"slack": NOW - HOUR, "mail": NOW - HOUR / 2, "teams": NOW - HOUR}
    assert found.open_requests == 0


async def test_nothing_is_counted_where_there_is_nothing(database: Database) -> None:
    assert await numbers(database, NOW) == EMPTY


async def told(monitor: Monitor) -> dict[tuple[str, ...], float]:
    """Every sample by its name and its labels' values."""
    words = (await monitor.text()).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(words)
        for sample in family.samples
    }


async def test_prometheus_reads_what_happened_and_how_things_stand() -> None:
    before = datetime.now(UTC) - HOUR
    counted = Numbers(
        fetches={"read": 7},
        last_fetch=before,
        last_good=before,
        failing=1,
        paused=2,
        muted=3,
        items=40,
        relevant=9,
        deliveries={("slack", "sent"): 5, ("xmpp", "parked"): 1, ("zulip", "parked"): 1},
        waiting_since={"slack": before},
        open_requests=4,
    )

    async def look() -> Standing:
        return Standing(counted, True, 60.0, 0.0, {"disk": 1}, None, True)

    monitor = Monitor("1.2.3", look)
    monitor.ticked("read", 0.5, well=True)
    monitor.ticked("read", 2.0, well=False)
    monitor.acknowledged("slack", 0.02)
    monitor.acknowledged("alice@example.org", 0.02)
    words = await monitor.text()
    found = await told(monitor)
    assert found["convenor_info", "1.2.3"] == 1
    assert found["convenor_fetches_last_day", "read"] == 7
    assert found["convenor_last_good_fetch_age_seconds",] == pytest.approx(3600, abs=60)
    assert found["convenor_sources", "muted"] == 3
    assert found["convenor_deliveries", "other", "parked"] == 2
    assert found["convenor_deliveries_stuck",] == 2
    assert found["convenor_deliveries_oldest_waiting_seconds", "slack"] == pytest.approx(3600, abs=60)
    assert (found["convenor_draft_open",], found["convenor_on_hold",], found["convenor_requests_open",]) == (1, 1, 4)
    assert found["convenor_tick_seconds_count", "read"] == 2
    assert found["convenor_tick_failures_total", "read"] == 1
    assert found["convenor_tick_last_run_timestamp_seconds", "read"] == pytest.approx(time.time(), abs=60)
    assert found["convenor_chat_acknowledgement_seconds_count", "other"] == 1
    assert found["convenor_alarms", "disk"] == 1
    assert math.isnan(found["convenor_last_backup_age_seconds",])
    assert found["process_resident_memory_bytes",] > 0
    # Asked again at once, the database is left alone.
    counted = EMPTY
    assert await monitor.text() is words


async def test_without_the_database_what_this_process_knows_is_told_all_the_same() -> None:
    there = True

    async def look() -> Standing:
        if not there:
            raise StoreTrouble("the database")
        return Standing(EMPTY)

    monitor = Monitor("1", look)
    assert (await told(monitor))["convenor_database",] == 1
    there, monitor._answer = False, None
    monitor.ticked("read", 0.5, well=False)
    found = await told(monitor)
    assert (found["convenor_database",], found["convenor_tick_failures_total", "read"]) == (0, 1)


async def test_no_metric_names_anybody(database: Database) -> None:
    await fill_everything(database)

    async def look() -> Standing:
        return Standing(await numbers(database, NOW))

    words = (await Monitor("1", look).text()).decode()
    assert "convenor_items " in words
    for who in PEOPLE:
        assert who not in words


@pytest.fixture
async def monitor() -> Monitor:
    async def look() -> Standing:
        return Standing(EMPTY)

    return Monitor("1", look)


async def status(monitor: Monitor, *, token: str | None, open_here: bool, sent: str = "") -> int:
    async def health() -> dict[str, bool]:
        return {"ok": True}

    server = WebServer("127.0.0.1", 0, health)
    metrics.attach(server.app, monitor, token=token, open_here=open_here)
    await server.start()
    headers = {"Authorization": sent} if sent else {}
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/metrics", headers=headers) as answer:
        words = await answer.text()
        assert ("convenor_items" in words) is (answer.status == 200)
    await server.stop()
    return answer.status


async def test_metrics_are_read_with_the_token_or_on_this_machine_alone(monitor: Monitor) -> None:
    assert await status(monitor, token=None, open_here=True) == 200
    assert await status(monitor, token=None, open_here=False) == 404
    assert await status(monitor, token=TOKEN, open_here=True) == 401
    assert await status(monitor, token=TOKEN, open_here=False, sent=f"Bearer {TOKEN}x") == 401
    assert await status(monitor, token=TOKEN, open_here=False, sent=f"Basic {TOKEN}") == 401
    assert await status(monitor, token=TOKEN, open_here=False, sent="Bearer ä") == 401
    assert await status(monitor, token=TOKEN, open_here=False, sent=f"Bearer {TOKEN}") == 200


async def test_only_what_a_platform_was_answered_is_timed(monitor: Monitor) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=int(request.query["status"]))

    app = web.Application(middlewares=[metrics.timed(monitor)])
    for path in (SLACK_PATH, TEAMS_PATH):
        app.router.add_route("*", path, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{site.port}") as http:
        for method, code in (("POST", 200), ("POST", 401), ("GET", 200)):
            for path in (SLACK_PATH, TEAMS_PATH):
                await http.request(method, f"{path}?status={code}")
    await runner.cleanup()
    found = await told(monitor)
    for platform in ("slack", "teams"):
        assert found["convenor_chat_acknowledgement_seconds_count", platform] == 1


async def test_a_ticker_tells_what_went_well_and_what_failed(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[tuple[str, bool]] = []
    ticker = Ticker(ended=lambda name, seconds, well: ended.append((name, well)))

    async def fine() -> None: ...

    async def broken() -> None:
        raise RuntimeError("broken")

    ticker.every(60, "fine", fine)
    ticker.every(60, "broken", broken)
    ticker.start()
    async with asyncio.timeout(30):
        while len(ended) < 2:
            await asyncio.sleep(0.01)
    ticker.stop()
    assert sorted(ended) == [("broken", False), ("fine", True)]


class Watchman:
    """Remembers which addresses were called."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.slow = asyncio.Event()

    async def hear(self, request: web.Request) -> web.Response:
        self.called.append(request.path)
        if request.path.startswith("/slow"):
            await self.slow.wait()
        return web.Response(status=500 if request.path.startswith("/broken") else 200)


@pytest.fixture
async def watchman() -> AsyncIterator[tuple[Watchman, str]]:
    watchman = Watchman()
    app = web.Application()
    app.router.add_get("/{path:.*}", watchman.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield watchman, f"http://127.0.0.1:{site.port}"
    watchman.slow.set()
    await runner.cleanup()


async def until(watchman: Watchman, many: int) -> None:
    async with asyncio.timeout(30):
        while len(watchman.called) < many:
            await asyncio.sleep(0.01)


async def test_each_tick_pings_its_own_address_and_says_when_it_failed(watchman: tuple[Watchman, str]) -> None:
    heard, url = watchman
    pings = Pings({"read": f"{url}/r", "draft": f"{url}/d"}, allow_private=True)
    pings.ticked("read", well=True)
    pings.ticked("draft", well=False)
    pings.ticked("sweep", well=True)
    await until(heard, 2)
    await asyncio.sleep(0.05)
    pings.ticked("read", well=True)  # within the minute, the same is not said again
    pings.ticked("draft", well=True)  # but that it is well again is
    await until(heard, 3)
    await pings.close()
    assert sorted(heard.called) == ["/d", "/d/fail", "/r"]


async def test_a_watchman_who_does_not_answer_holds_nothing_up(watchman: tuple[Watchman, str]) -> None:
    heard, url = watchman
    pings = Pings({"read": f"{url}/slow"}, allow_private=True)
    begun = time.monotonic()
    for _ in range(100):
        pings.ticked("read", well=False)
        pings.ticked("read", well=True)
    assert time.monotonic() - begun < 0.5
    await until(heard, 1)
    await pings.close()
    assert heard.called == ["/slow/fail"]


async def test_a_ping_that_cannot_be_sent_is_logged_without_its_address(
    watchman: tuple[Watchman, str], caplog: pytest.LogCaptureFixture
) -> None:
    _, url = watchman
    pings = Pings({"read": "http://127.0.0.1:1/secret", "draft": f"{url}/broken"}, allow_private=True)
    guarded = Pings({"read": f"{url}/secret"})
    for each in (pings, guarded):
        each.ticked("read", well=True)
        each.ticked("draft", well=True)
    with caplog.at_level(logging.DEBUG):
        async with asyncio.timeout(30):
            while len(caplog.records) < 3:
                await asyncio.sleep(0.01)
    await pings.close()
    await guarded.close()
    assert "the ping of the draft tick was answered with status 500" in caplog.messages
    assert "secret" not in caplog.text


def test_the_setting_names_an_address_for_each_tick() -> None:
    assert parse_pings("read=https://hc.example.org/1/, draft = https://hc.example.org/2") == {
        "read": "https://hc.example.org/1",
        "draft": "https://hc.example.org/2",
    }
    for wrong, why in (
        ("tea=https://a.example", "write TICK=ADDRESS, with one of these ticks: read, alert"),
        ("read", "write TICK=ADDRESS"),
        ("read=https://a.example,read=https://b.example", "the tick read has two addresses"),
        ("read=ftp://a.example", "the address of read must be a web address"),
        ("read=https://a.example?x", "must be a web address without \\? and #"),
    ):
        with pytest.raises(ValueError, match=why):
            parse_pings(wrong)


def test_every_tick_that_there_is_can_be_watched() -> None:
    words = (Path(__file__).parents[2] / "bot/app/service.py").read_text(encoding="utf-8")
    assert set(re.findall(r'every\([\w.]+, "(\w+)", ', words)) == set(TICKS)
