"""Who is treated as if they were not there, in memory."""

from __future__ import annotations

from bot.privacy.model import Processing
from tests.fakes.tables import Tables


def absent(tables: Tables, processing: Processing | None = None) -> frozenset[str]:
    """The members who wait to be erased, or object to this."""
    objecting = {member_id for member_id, what in tables.objections if what is processing}
    return frozenset(tables.erasures.keys() | objecting)


def rise(tables: Tables) -> None:
    """Say that the directory is not what it was."""
    tables.counters["profiles"] = tables.counters.get("profiles", 0) + 1
