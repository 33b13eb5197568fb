"""Requests for introductions, each with its asks and its introduction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select, true

from adapters.store.tables import asks, requests
from adapters.store.transaction import Transaction
from bot.introductions.model import (
    FINAL,
    Ask,
    Asked,
    AskState,
    Introduction,
    Journey,
    Met,
    Request,
    Requester,
    Suggested,
    Way,
    Wish,
)
from bot.introductions.outcomes import Numbers, numbers_of, outcome_of
from bot.messages import Identity
from bot.privacy.statistics import Outcome

_UNFINISHED = requests.c.state.not_in(sorted(FINAL))


class SqlRequests:
    """Fulfils ``bot.introductions.ports.Requests``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, journey: Journey) -> None:
        row = {"id": journey.id, "revision": journey.request.revision, **_request_row(journey)}
        if await self._transaction.added(self._transaction.insert(requests).values(row)):
            await self._save_asks(journey)

    async def get(self, request_id: str) -> Journey | None:
        return next(iter(await self._journeys(requests.c.id == request_id)), None)

    async def save(self, journey: Journey) -> bool:
        revision = journey.request.revision
        here = requests.update().where(requests.c.id == journey.id, requests.c.revision == revision)
        if await self._transaction.change(here.values(revision=revision + 1, **_request_row(journey))) != 1:
            return False
        await self._save_asks(journey)
        return True

    async def of_ask(self, ask_id: str) -> Journey | None:
        its = requests.c.id.in_(select(asks.c.request_id).where(asks.c.id == ask_id))
        return next(iter(await self._journeys(its)), None)

    async def of_requester(self, member_id: str) -> Sequence[Journey]:
        return await self._journeys(requests.c.member_id == member_id)

    async def of_candidate(self, member_id: str) -> Sequence[Journey]:
        return await self._journeys(
            requests.c.id.in_(select(asks.c.request_id).where(asks.c.candidate_id == member_id))
        )

    async def unfinished(self) -> Sequence[Journey]:
        return await self._journeys(_UNFINISHED)

    async def closed(self, before: datetime) -> Sequence[Journey]:
        return await self._journeys(and_(requests.c.closed_at < before, requests.c.blank.is_(False)))

    async def asked_since(self, moment: datetime) -> Sequence[Asked]:
        query = (
            select(asks.c.request_id, asks.c.candidate_id, asks.c.asked_at, asks.c.state, requests.c.member_id)
            .add_columns(requests.c.details)
            .join(requests)
            .where(asks.c.asked_at >= moment)
            .order_by(asks.c.asked_at, asks.c.id)
        )
        return [
            Asked(row.request_id, row.candidate_id, _key(row), row.asked_at, row.state is AskState.OPEN)
            for row in await self._transaction.rows(query)
        ]

    async def blank(self, closed_before: datetime) -> Sequence[datetime]:
        old = requests.c.closed_at < closed_before
        theirs = asks.c.request_id.in_(select(requests.c.id).where(old))
        await self._transaction.change(asks.update().where(theirs).values(details="{}"))
        bare = dict.fromkeys(("name", "need", "platform", "workspace", "user_id"), "") | {"details": "{}"}
        blanked: list[datetime] = []
        for journey in await self._journeys(and_(old, requests.c.blank.is_(False))):
            course = _json({"numbers": asdict(numbers_of(journey))})
            this = requests.update().where(requests.c.id == journey.id, requests.c.blank.is_(False))
            changed = this.values(**bare, course=course, blank=True).returning(requests.c.closed_at)
            blanked += [row.closed_at for row in await self._transaction.changed(changed)]
        return blanked

    async def outcomes(self) -> Sequence[Outcome]:
        bare = select(requests.c.id, requests.c.course).where(requests.c.blank)
        kept = {row.id: _numbers(json.loads(row.course)) for row in await self._transaction.rows(bare)}
        return [outcome_of(each, kept.get(each.id) or numbers_of(each)) for each in await self._journeys(true())]

    async def forget(self, member_id: str, mark: str) -> int:
        """Take a member out of what coordinators keep of the requests of others; returns of how many."""
        rows = await self._transaction.rows(
            select(requests.c.id, requests.c.revision, requests.c.course).where(requests.c.blank.is_(False))
        )
        touched = 0
        for row in rows:
            if member_id in row.course:
                course = json.loads(row.course)
                course["suggested"] = [each for each in course.get("suggested", ()) if each["member_id"] != member_id]
                # Whoever works on it at the same time has to look again.
                changed = {"course": _json(_marked(course, member_id, mark)), "revision": row.revision + 1}
                update = requests.update().where(requests.c.id == row.id)
                touched += await self._transaction.change(update.values(**changed))
        return touched

    async def _save_asks(self, journey: Journey) -> None:
        for place, ask in enumerate(journey.asks):
            row = {"id": ask.id, "request_id": journey.id, "place": place, **_ask_row(ask)}
            insert = self._transaction.insert(asks).values(row)
            await self._transaction.change(insert.on_conflict_do_update(index_elements=["id"], set_=_ask_row(ask)))

    async def _journeys(self, condition: ColumnElement[bool]) -> list[Journey]:
        query = select(requests).where(condition).order_by(requests.c.created_at, requests.c.id)
        rows = await self._transaction.rows(query)
        found: dict[str, list[Ask]] = {row.id: [] for row in rows}
        if not rows:
            return []
        theirs = asks.c.request_id.in_(select(requests.c.id).where(condition))
        for row in await self._transaction.rows(select(asks).where(theirs).order_by(asks.c.request_id, asks.c.place)):
            found[row.request_id].append(_ask(row))
        return [_journey(row, tuple(found[row.id])) for row in rows]


def _request_row(journey: Journey) -> dict[str, Any]:
    request = journey.request
    requester, wish, identity = request.requester, request.wish, request.requester.identity
    details = {
        "organisation": requester.organisation,
        "email": requester.email,
        "avoids": requester.avoids,
        "also": requester.also,
        "blurb": wish.blurb,
        "needed_by": wish.needed_by,
        "prefer": wish.prefer,
        "avoid": wish.avoid,
    }
    course = {
        "wanted_id": wish.wanted_id,
        "coordinator_id": request.coordinator_id,
        "then_next": request.then_next,
        "joins": request.joins,
        "note": request.note,
        "suggested": [asdict(each) for each in request.suggested],
        "introduction": asdict(journey.introduction) if journey.introduction else None,
    }
    return {
        "member_id": requester.member_id or None,
        "platform": identity.platform if identity else "",
        "workspace": identity.workspace if identity else "",
        "user_id": identity.user if identity else "",
        "name": requester.name,
        "need": wish.need,
        "created_at": request.created_at,
        "answer_at": request.answer_at,
        "closed_at": request.closed_at,
        "state": request.state,
        "topics": " ".join(request.topics),
        "blank": False,
        "details": _json(details),
        "course": _json(course),
    }


def _ask_row(ask: Ask) -> dict[str, Any]:
    kept = ("because", "consent_text", "shares", "expires_at", "reminded_at", "answered_at", "reason")
    return {
        "candidate_id": ask.candidate_id,
        "state": ask.state,
        "asked_at": ask.asked_at,
        "details": _json({name: getattr(ask, name) for name in kept}),
    }


def _journey(row: Row[Any], theirs: tuple[Ask, ...]) -> Journey:
    details, course = json.loads(row.details), json.loads(row.course)
    identity = Identity(row.platform, row.workspace, row.user_id, row.name) if row.user_id else None
    requester = Requester(
        row.name,
        row.member_id or "",
        identity,
        details.get("organisation", ""),
        details.get("email", ""),
        tuple(details.get("avoids", ())),
        tuple(details.get("also", ())),
    )
    request = Request(
        id=row.id,
        requester=requester,
        wish=_wish(row.need, details, course),
        created_at=row.created_at,
        answer_at=row.answer_at,
        state=row.state,
        coordinator_id=course.get("coordinator_id", ""),
        then_next=course.get("then_next", False),
        joins=course.get("joins", False),
        note=course.get("note", ""),
        suggested=tuple(Suggested(**each) for each in course.get("suggested", ())),
        topics=tuple(row.topics.split()),
        closed_at=row.closed_at,
        revision=row.revision,
    )
    introduction = _introduction(course.get("introduction"))
    if introduction is not None:
        # Two members who became one are one in the ask.
        who = {ask.id: ask.candidate_id for ask in theirs}
        introduction = replace(introduction, candidate_id=who.get(introduction.ask_id, introduction.candidate_id))
    return Journey(request, theirs, introduction)


def _wish(need: str, data: Mapping[str, Any], course: Mapping[str, Any]) -> Wish:
    by = date.fromisoformat(data["needed_by"]) if data.get("needed_by") else None
    wish = Wish(need, data.get("blurb", ""), by, wanted_id=course.get("wanted_id", ""))
    return replace(wish, prefer=tuple(data.get("prefer", ())), avoid=tuple(data.get("avoid", ())))


def _introduction(data: Mapping[str, Any] | None) -> Introduction | None:
    if not data:
        return None
    return Introduction(
        ask_id=data["ask_id"],
        candidate_id=data["candidate_id"],
        way=Way(data["way"]),
        agreed_at=datetime.fromisoformat(data["agreed_at"]),
        sent_at=_moment(data["sent_at"]),
        followed_up_at=_moment(data["followed_up_at"]),
        requester_met=Met(data["requester_met"]) if data["requester_met"] else None,
        candidate_met=Met(data["candidate_met"]) if data["candidate_met"] else None,
    )


def _ask(row: Row[Any]) -> Ask:
    details = json.loads(row.details)
    return Ask(
        id=row.id,
        candidate_id=row.candidate_id,
        because=details.get("because", ""),
        state=row.state,
        consent_text=details.get("consent_text", ""),
        shares=tuple(details.get("shares", ())),
        asked_at=row.asked_at,
        expires_at=_moment(details.get("expires_at")),
        reminded_at=_moment(details.get("reminded_at")),
        answered_at=_moment(details.get("answered_at")),
        reason=details.get("reason", ""),
    )


def _key(row: Row[Any]) -> str:
    return Requester("", row.member_id or "", email=json.loads(row.details).get("email", "")).key


def _json(details: Mapping[str, Any]) -> str:
    return json.dumps(details, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    assert isinstance(value, date)
    return value.isoformat()


def _numbers(course: Mapping[str, Any]) -> Numbers:
    kept = course.get("numbers", {})
    return Numbers(_moment(kept.get("agreed_at")), _moment(kept.get("sent_at")), bool(kept.get("met")))


def _marked(value: Any, member_id: str, mark: str) -> Any:
    """The same with a mark wherever this member stands."""
    if isinstance(value, dict):
        return {name: _marked(each, member_id, mark) for name, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, member_id, mark) for each in value]
    return mark if value == member_id else value


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
