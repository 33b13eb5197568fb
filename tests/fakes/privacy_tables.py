"""The audit log, and what people asked for about their own data, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from bot.privacy.model import Complaint, Erasure, Held, Objection, Processing, Rows
from bot.privacy.ports import AuditEntry
from bot.privacy.register import kept_in
from bot.privacy.retention import Swept
from tests.fakes.absence import absent, rise
from tests.fakes.tables import Part, Tables


class FakeAudit(Part):
    """Fulfils ``bot.privacy.ports.Audit``."""

    async def note(self, actor_member_id: str, action: str, subject: str, now: datetime) -> None:
        log = self._written.audit_log
        number = log[-1].number + 1 if log else 1
        log.append(AuditEntry(actor_member_id, action, subject, now.astimezone(UTC), number))

    async def latest(self, most: int, before: int = 0) -> Sequence[AuditEntry]:
        older = [entry for entry in self._seen.audit_log if not before or entry.number < before]
        return older[::-1][:most]

    async def last(self, action: str, subject: str) -> AuditEntry | None:
        log = reversed(self._seen.audit_log)
        return next((entry for entry in log if (entry.action, entry.subject) == (action, subject)), None)

    async def of(self, member_id: str) -> Sequence[AuditEntry]:
        return [
            entry for entry in self._seen.audit_log if member_id in (entry.actor, entry.subject.removeprefix("member:"))
        ]

    async def forget(self, before: datetime) -> Mapping[tuple[str, str], int]:
        tables = self._written
        gone = [entry for entry in tables.audit_log if entry.at < before]
        tables.audit_log = [entry for entry in tables.audit_log if entry.at >= before]
        return Counter((entry.action, f"{entry.at:%Y-%m}") for entry in gone)


class FakeRights(Part):
    """Fulfils ``bot.privacy.ports.Rights``."""

    async def object(self, objection: Objection) -> bool:
        self._written.member(objection.member_id)
        key = (objection.member_id, objection.processing)
        rise(self._written)
        return self._written.objections.setdefault(key, objection) is objection

    async def take_back(self, member_id: str, processing: Processing) -> bool:
        rise(self._written)
        return self._written.objections.pop((member_id, processing), None) is not None

    async def objections(self, member_id: str) -> Sequence[Objection]:
        own = [each for each in self._seen.objections.values() if each.member_id == member_id]
        return sorted(own, key=lambda each: (each.at, each.processing))

    async def ask_erasure(self, erasure: Erasure) -> bool:
        self._written.member(erasure.member_id)
        rise(self._written)
        return self._written.erasures.setdefault(erasure.member_id, erasure) is erasure

    async def undo_erasure(self, member_id: str) -> bool:
        rise(self._written)
        return self._written.erasures.pop(member_id, None) is not None

    async def erasure_of(self, member_id: str) -> Erasure | None:
        return self._seen.erasures.get(member_id)

    async def erasures_due(self, now: datetime) -> Sequence[Erasure]:
        due = [each for each in self._seen.erasures.values() if each.due_at <= now]
        return sorted(due, key=lambda each: (each.due_at, each.member_id))

    async def absent(self, processing: Processing | None = None) -> Collection[str]:
        return absent(self._seen, processing)

    async def complain(self, complaint: Complaint) -> None:
        self._written.complaints[complaint.reference] = complaint

    async def complaint(self, reference: str) -> Complaint | None:
        return self._seen.complaints.get(reference)

    async def complaints(self, member_id: str = "") -> Sequence[Complaint]:
        every = self._seen.complaints.values()
        return [each for each in every if (each.member_id == member_id if member_id else each.is_open)]

    async def answer(self, complaint: Complaint) -> bool:
        known = self._written.complaints.get(complaint.reference)
        if known is None or not known.is_open:
            return False
        self._written.complaints[complaint.reference] = replace(
            known, answer=complaint.answer, answered_by=complaint.answered_by, answered_at=complaint.answered_at
        )
        return True

    async def note_reminder(self, reference: str, day: int) -> bool:
        known = self._written.complaints.get(reference)
        if known is None or not known.is_open or known.reminded_on >= day:
            return False
        self._written.complaints[reference] = replace(known, reminded_on=day)
        return True


class FakePersonal(Part):
    """Fulfils ``bot.privacy.ports.Personal`` for the tables that the journeys in memory fill."""

    async def held(self, member_id: str) -> Mapping[str, Held]:
        found: dict[str, Held] = {}
        for table, rows in _rows_of(self._seen, member_id).items():
            when = kept_in(table).when
            moments = [row[when] for row in rows] if when else []
            found[table] = Held(len(rows), min(moments, default=None), max(moments, default=None))
        return found

    async def export(self, member_id: str) -> Rows:
        return {
            table: [{name: str(value) for name, value in row.items()} for row in rows]
            for table, rows in _rows_of(self._seen, member_id).items()
        }

    async def erase(self, member_id: str, mark: str) -> Mapping[str, int]:
        tables = self._written
        kept = ("complaints", "consents")
        touched = {table: len(rows) for table, rows in _rows_of(tables, member_id).items() if table not in kept}
        tables.identities = {key: known for key, known in tables.identities.items() if known[0] != member_id}
        tables.follows = {key: each for key, each in tables.follows.items() if each.member_id != member_id}
        tables.objections = {key: each for key, each in tables.objections.items() if each.member_id != member_id}
        tables.requests = {
            key: each for key, each in tables.requests.items() if each.request.requester.member_id != member_id
        }
        for key, each in list(tables.requests.items()):
            kept_asks = tuple(ask for ask in each.asks if ask.candidate_id != member_id)
            tables.requests[key] = replace(each, asks=kept_asks)
        tables.grants = [each for each in tables.grants if each.member.id != member_id]
        tables.audit_log = [
            replace(
                each,
                actor=mark if each.actor == member_id else each.actor,
                subject=f"member:{mark}" if each.subject == f"member:{member_id}" else each.subject,
            )
            for each in tables.audit_log
        ]
        for table in (tables.erasures, tables.listeners, tables.profiles, tables.members):
            table.pop(member_id, None)
        rise(tables)
        return touched

    async def sweep(self, due: Mapping[Swept, datetime]) -> Mapping[Swept, int]:
        tables = self._written
        gone = dict.fromkeys(due, 0)
        old = {key for key, seen_at in tables.events.items() if seen_at < due[Swept.EVENTS]}
        for key in old:
            del tables.events[key]
        gone[Swept.EVENTS] = len(old)
        for (action, month), number in (await FakeAudit(self._work).forget(due[Swept.AUDIT])).items():
            gone[Swept.AUDIT] += number
            tables.tallies[f"audit: {action}", month] = tables.tallies.get((f"audit: {action}", month), 0) + number
        return gone

    async def tallies(self) -> Mapping[tuple[str, str], int]:
        return dict(sorted(self._seen.tallies.items()))


def _rows_of(tables: Tables, member_id: str) -> dict[str, list[dict[str, Any]]]:
    subject = f"member:{member_id}"
    found: dict[str, list[dict[str, Any]]] = {
        "members": [asdict(each) for each in tables.members.values() if each.id == member_id],
        "identities": [asdict(who) for owner, who in tables.identities.values() if owner == member_id],
        "roles": [
            {"role": each.role, "at": each.at}
            for each in tables.grants
            if member_id in (each.member.id, each.granted_by)
        ],
        "follows": [asdict(each) for each in tables.follows.values() if each.member_id == member_id],
        "requests": [
            {"need": each.request.wish.need, "created_at": each.request.created_at}
            for each in tables.requests.values()
            if each.request.requester.member_id == member_id
        ],
        "asks": [
            {"because": ask.because, "asked_at": ask.asked_at}
            for each in tables.requests.values()
            for ask in each.asks
            if ask.candidate_id == member_id
        ],
        "profiles": [asdict(each) for each in tables.profiles.values() if each.member_id == member_id],
        "consents": [asdict(each) for each in tables.consents.values() if each.member_id == member_id],
        "objections": [asdict(each) for each in tables.objections.values() if each.member_id == member_id],
        "erasures": [asdict(each) for each in tables.erasures.values() if each.member_id == member_id],
        "complaints": [
            {"words": each.words, "at": each.at, "answer": each.answer}
            for each in tables.complaints.values()
            if each.member_id == member_id
        ],
        "audit_log": [
            {"action": each.action, "at": each.at}
            for each in tables.audit_log
            if each.actor == member_id or each.subject == subject
        ],
    }
    return {table: rows for table, rows in found.items() if rows}
