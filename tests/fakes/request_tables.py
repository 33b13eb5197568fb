"""The repository of requests for introductions in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.introductions.model import Ask, Asked, AskState, Journey, Request, Requester, Wish
from bot.introductions.outcomes import numbers_of, outcome_of
from bot.privacy.statistics import Outcome
from tests.fakes.tables import Part


class FakeRequests(Part):
    """Fulfils ``bot.introductions.ports.Requests``."""

    async def add(self, journey: Journey) -> None:
        tables = self._written
        if journey.request.requester.member_id:
            tables.member(journey.request.requester.member_id)
        tables.requests.setdefault(journey.id, journey)

    async def get(self, request_id: str) -> Journey | None:
        return self._seen.requests.get(request_id)

    async def save(self, journey: Journey) -> bool:
        requests = self._written.requests
        known = requests.get(journey.id)
        if known is None or known.request.revision != journey.request.revision:
            return False
        requests[journey.id] = journey.with_request(revision=journey.request.revision + 1)
        return True

    async def of_ask(self, ask_id: str) -> Journey | None:
        return next((each for each in self._seen.requests.values() if each.ask(ask_id)), None)

    async def of_requester(self, member_id: str) -> Sequence[Journey]:
        return [each for each in self._all() if each.request.requester.member_id == member_id]

    async def of_candidate(self, member_id: str) -> Sequence[Journey]:
        return [each for each in self._all() if any(ask.candidate_id == member_id for ask in each.asks)]

    async def unfinished(self) -> Sequence[Journey]:
        return [each for each in self._all() if not each.request.is_over]

    async def closed(self, before: datetime) -> Sequence[Journey]:
        ended = [each for each in self._all() if each.request.closed_at and each.request.closed_at < before]
        return [each for each in ended if each.request.wish.need]

    async def asked_since(self, moment: datetime) -> Sequence[Asked]:
        found = [
            (ask.asked_at, ask.id, Asked(each.id, ask.candidate_id, each.request.requester.key, ask.asked_at,
                                         ask.state is AskState.OPEN))
            for each in self._all()
            for ask in each.asks
            if ask.asked_at is not None and ask.asked_at >= moment
        ]  # fmt: skip
        return [asked for _, _, asked in sorted(found, key=lambda each: each[:2])]

    async def blank(self, closed_before: datetime) -> Sequence[datetime]:
        requests = self._written.requests
        blanked: list[datetime] = []
        for journey in list(requests.values()):
            request = journey.request
            if request.closed_at is not None and request.closed_at < closed_before:
                bare = Journey(_bare(request), tuple(_bare_ask(ask) for ask in journey.asks))
                if journey.id not in self._written.numbers:
                    blanked.append(request.closed_at)
                    self._written.numbers[journey.id] = numbers_of(journey)
                requests[journey.id] = bare
        return blanked

    async def outcomes(self) -> Sequence[Outcome]:
        kept = self._seen.numbers
        return [outcome_of(each, kept.get(each.id) or numbers_of(each)) for each in self._all()]

    def _all(self) -> list[Journey]:
        return sorted(self._seen.requests.values(), key=lambda each: (each.request.created_at, each.id))


def _bare(request: Request) -> Request:
    requester = Requester("", request.requester.member_id)
    return replace(
        request,
        requester=requester,
        wish=Wish(""),
        note="",
        suggested=(),
        coordinator_id="",
        then_next=False,
        joins=False,
    )


def _bare_ask(ask: Ask) -> Ask:
    return Ask(ask.id, ask.candidate_id, state=ask.state, asked_at=ask.asked_at)
