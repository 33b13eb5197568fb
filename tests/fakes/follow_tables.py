"""What members follow, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.privacy.model import Processing
from digests.model import Cadence, Follow, Listener, Window
from tests.fakes.absence import absent
from tests.fakes.tables import Part


class FakeFollows(Part):
    """Fulfils ``bot.ports.Follows``."""

    async def add(self, follow: Follow) -> None:
        tables = self._written
        tables.member(follow.member_id)
        tables.follows.pop(follow.id, None)
        tables.follows[follow.id] = follow

    async def remove(self, member_id: str, follow_id: str) -> bool:
        tables = self._written
        known = tables.follows.get(follow_id)
        if known is None or known.member_id != member_id:
            return False
        del tables.follows[follow_id]
        return True

    async def of(self, member_id: str) -> Sequence[Follow]:
        own = [follow for follow in self._seen.follows.values() if follow.member_id == member_id]
        return sorted(own, key=lambda follow: follow.at)

    async def by_topic(self) -> Mapping[str, int]:
        out = absent(self._seen, Processing.RANKING)
        counted = (follow for follow in self._seen.follows.values() if follow.topic_id and follow.member_id not in out)
        pairs = {(follow.member_id, follow.topic_id) for follow in counted}
        return dict(Counter(topic for _, topic in pairs))

    async def listen(self, listener: Listener) -> None:
        tables = self._written
        tables.member(listener.member_id)
        known = tables.listeners.get(listener.member_id)
        marks = known.told_until if known else listener.told_until
        tables.listeners[listener.member_id] = replace(listener, told_until=dict(marks))

    async def listener(self, member_id: str) -> Listener | None:
        return self._seen.listeners.get(member_id)

    async def listeners(self) -> Sequence[Listener]:
        following = {follow.member_id for follow in self._seen.follows.values()} - absent(self._seen)
        return [self._seen.listeners[each] for each in sorted(following) if each in self._seen.listeners]

    async def advance(self, member_id: str, cadence: Cadence, window: Window) -> bool:
        tables = self._written
        known = tables.listeners.get(member_id)
        if known is None or known.told_until[cadence] != window.start:
            return False
        tables.listeners[member_id] = replace(known, told_until={**known.told_until, cadence: window.end})
        return True
