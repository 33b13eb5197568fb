"""Reads feeds from files instead of the network: the bundled samples of a trial run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from adapters.feeds.understand import Understood, understand
from digests.model import FetchResult, Outcome, Source, SourceState
from digests.ports import Clock


class SampleFeedReader:
    """Fulfils ``digests.ports.FeedReader`` from one file per source, through the same parser as the network's."""

    def __init__(self, samples: Mapping[str, Path], clock: Clock) -> None:
        self._samples = samples
        self._clock = clock

    async def read(self, source: Source, state: SourceState) -> FetchResult:
        """The source's sample, or the outcome ``offline`` where it has none."""
        started_at = self._clock.now()
        found = await self._find(source)
        return FetchResult(
            source_id=source.id,
            outcome=found.outcome,
            reason=found.reason,
            started_at=started_at,
            finished_at=self._clock.now(),
            title=found.title,
            entries=found.entries,
        )

    async def _find(self, source: Source) -> Understood:
        path = self._samples.get(source.id)
        if path is None:
            return Understood(Outcome.OFFLINE, "Convenor is reading its samples, and there is none for this source.")
        try:
            body = await asyncio.to_thread(path.read_bytes)
        except OSError as trouble:
            return Understood(Outcome.UNREACHABLE, f"The sample file {path.name} cannot be read: {trouble.strerror}.")
        return await understand(body, "", source.url)
