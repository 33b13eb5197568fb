"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Fulfils ``digests.ports.Clock``."""

    def __init__(self, now: datetime = datetime(2025, 1, 23, 10, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> None:
        """Move on by a span given as to ``timedelta``."""
        self._now += timedelta(**by)

    def set(self, now: datetime) -> None:
        """Jump to a moment."""
        self._now = now
