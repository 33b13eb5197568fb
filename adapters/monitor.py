"""What Prometheus is told: numbers of this process as they happen, and of the network when somebody asks.

No personal data: labels are words of ours, of which there are few, never an id, an address or a name.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.process_collector import ProcessCollector

from adapters.store.numbers import Numbers
from digests.errors import ConvenorError

__all__ = ["CONTENT_TYPE", "Monitor", "Standing"]

log = logging.getLogger(__name__)

PLATFORMS = frozenset({"slack", "teams", "local", "mail"})
OTHER = "other"
KEPT_SECONDS = 5.0
"""How long one answer serves: whoever asks more often gets the same again, so that asking costs the database little."""
LOOK_SECONDS = 5.0
"""Prometheus itself waits for ten."""
_ACKNOWLEDGED = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 10.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the network stands. ``late_seconds`` is how long the edition that should exist by now has not."""

    numbers: Numbers
    draft_is_open: bool = False
    draft_age_seconds: float = 0.0
    late_seconds: float = 0.0
    alarms: Mapping[str, int] | None = None
    last_backup: datetime | None = None
    on_hold: bool = False


class Monitor:
    """A registry of its own, so that tests and two services in one process do not meet.

    ``look`` tells how the network stands, whenever somebody asks.
    """

    def __init__(self, version: str, look: Callable[[], Awaitable[Standing]]) -> None:
        self._look = look
        self._answer: tuple[float, bytes] | None = None
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._gauge("info", "Which Convenor this is.", "version").labels(version).set(1)
        self._ticks = Histogram(
            "convenor_tick_seconds",
            "How long each look for what is due took.",
            ["tick"],
            registry=self.registry,
            buckets=(0.01, 0.1, 1, 10, 60, 300),
        )
        self._tick_failures = Counter(
            "convenor_tick_failures", "How many of them failed.", ["tick"], registry=self.registry
        )
        self._tick_last = self._gauge("tick_last_run_timestamp_seconds", "When the last of them ended.", "tick")
        self._acknowledged = Histogram(
            "convenor_chat_acknowledgement_seconds",
            "How long a chat platform waited for the answer to its request.",
            ["platform"],
            registry=self.registry,
            buckets=_ACKNOWLEDGED,
        )
        self._define()

    def ticked(self, name: str, seconds: float, *, well: bool) -> None:
        """A tick has ended, well or not, after so many seconds."""
        self._ticks.labels(name).observe(seconds)
        self._tick_last.labels(name).set_to_current_time()
        failures = self._tick_failures.labels(name)
        if not well:
            failures.inc()

    def acknowledged(self, platform: str, seconds: float) -> None:
        """A platform's request was answered after so many seconds."""
        self._acknowledged.labels(_platform(platform)).observe(seconds)

    async def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        if self._answer is None or time.monotonic() - self._answer[0] > KEPT_SECONDS:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    self._tell(await self._look())
                self._database.set(1)
            except (ConvenorError, TimeoutError) as trouble:
                # What this process knows by itself is wanted most where the database is out of reach.
                log.warning("the metrics are without the database: %s", type(trouble).__name__)
                self._database.set(0)
            self._answer = time.monotonic(), generate_latest(self.registry)
        return self._answer[1]

    def _define(self) -> None:
        gauge = self._gauge
        self._database = gauge(
            "database", "Whether the database answers (1) or not (0): then its numbers are older ones."
        )
        self._fetches = gauge("fetches_last_day", "Attempts to read a source in the last 24 hours.", "outcome")
        self._last_fetch = gauge("last_fetch_timestamp_seconds", "When a source was last asked for.")
        self._last_good = gauge("last_good_fetch_timestamp_seconds", "When a source was last read well.")
        self._read_age = gauge("last_good_fetch_age_seconds", "How long ago that was.")
        self._sources = gauge("sources", "Sources that are not read as they should be.", "state")
        self._items = gauge("items", "Documents in the archive.")
        self._relevant = gauge("items_relevant", "Those of them that are relevant.")
        self._deliveries = gauge("deliveries", "Messages in the outbox.", "platform", "state")
        self._oldest = gauge(
            "deliveries_oldest_waiting_seconds", "How long the oldest message waits that could be sent.", "platform"
        )
        self._stuck = gauge("deliveries_stuck", "Messages that go no further until a person decides.")
        self._requests = gauge("requests_open", "Requests for introductions that are not settled.")
        self._draft = gauge("draft_open", "Whether there is an open draft (1) or not (0).")
        self._draft_age = gauge("draft_open_seconds", "How long it has been open.")
        self._late = gauge("draft_late_seconds", "How long the draft that should exist by now has not.")
        self._alarms = gauge("alarms", "Alarms that stand at present: docs/operating.md has what to do.", "alarm")
        self._hold = gauge("on_hold", "Whether a restored database waits to be released (1) or not (0).")
        self._backup = gauge("last_backup_timestamp_seconds", "When the last backup was made.")
        self._backup_age = gauge("last_backup_age_seconds", "How long ago that was.")

    def _tell(self, standing: Standing) -> None:
        now, numbers = time.time(), standing.numbers
        _fill(self._fetches, {(outcome,): count for outcome, count in numbers.fetches.items()})
        _at(self._last_fetch, numbers.last_fetch)
        _at(self._last_good, numbers.last_good)
        _since(self._read_age, numbers.last_good, now)
        _fill(
            self._sources,
            {("failing",): numbers.failing, ("paused",): numbers.paused, ("muted",): numbers.muted},
        )
        self._items.set(numbers.items)
        self._relevant.set(numbers.relevant)
        by_state: dict[tuple[str, ...], float] = {}
        for (platform, state), count in numbers.deliveries.items():
            label = (_platform(platform), state)
            by_state[label] = by_state.get(label, 0) + count
        _fill(self._deliveries, by_state)
        self._stuck.set(sum(count for (_, state), count in by_state.items() if state in ("parked", "unknown")))
        _fill(self._oldest, {(_platform(p),): now - since.timestamp() for p, since in numbers.waiting_since.items()})
        self._requests.set(numbers.open_requests)
        self._draft.set(standing.draft_is_open)
        self._draft_age.set(standing.draft_age_seconds)
        self._late.set(standing.late_seconds)
        _fill(self._alarms, {(name,): count for name, count in (standing.alarms or {}).items()})
        self._hold.set(standing.on_hold)
        _at(self._backup, standing.last_backup)
        _since(self._backup_age, standing.last_backup, now)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"convenor_{name}", words, labels, registry=self.registry)


def _platform(name: str) -> str:
    return name if name in PLATFORMS else OTHER


def _fill(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)


def _at(gauge: Gauge, moment: datetime | None) -> None:
    gauge.set(moment.timestamp() if moment else 0)


def _since(gauge: Gauge, moment: datetime | None, now: float) -> None:
    gauge.set(max(0.0, now - moment.timestamp()) if moment else float("nan"))
