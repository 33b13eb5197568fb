"""The audit log, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.privacy.ports import AuditEntry
from tests.fakes.tables import Part


class FakeAudit(Part):
    """Fulfils ``bot.privacy.ports.Audit``."""

    async def note(self, actor_member_id: str, action: str, subject: str, now: datetime) -> None:
        log = self._written.audit_log
        number = log[-1].number + 1 if log else 1
        log.append(AuditEntry(actor_member_id, action, subject, now.astimezone(UTC), number))

    async def latest(self, most: int, before: int = 0) -> Sequence[AuditEntry]:
        older = [entry for entry in self._seen.audit_log if not before or entry.number < before]
        return older[::-1][:most]

    async def of(self, member_id: str) -> Sequence[AuditEntry]:
        return [
            entry for entry in self._seen.audit_log if member_id in (entry.actor, entry.subject.removeprefix("member:"))
        ]

    async def forget(self, before: datetime) -> Mapping[tuple[str, str], int]:
        tables = self._written
        gone = [entry for entry in tables.audit_log if entry.at < before]
        tables.audit_log = [entry for entry in tables.audit_log if entry.at >= before]
        return Counter((entry.action, f"{entry.at:%Y-%m}") for entry in gone)
