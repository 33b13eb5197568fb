"""What was done for the network, by whom, in ids and fixed words alone."""

from __future__ import annotations

from sqlalchemy import Table

from adapters.store.tables.columns import metadata, moment, order, words

# No foreign keys: a line outlives its actor and its subject.
audit_log = Table(
    "audit_log",
    metadata,
    order(),
    words("actor", index=True),
    words("action"),
    words("subject", index=True),
    moment("at"),
)
