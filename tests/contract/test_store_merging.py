"""Every place where a member's id is kept is known to what makes one member of two."""

from __future__ import annotations

from adapters.store import merging
from adapters.store.tables import metadata

# Who these name is not a member's id: an account's key, a person of the browser's chat.
NO_MEMBERS = {"chat_lines.author"}
# Words for what a thing is rather than who did it.
_TELLING = ("member", "candidate", "coordinator", "requester", "author", "actor", "editor", "person")


def test_every_column_that_may_hold_a_members_id_is_merged() -> None:
    known = {f"{column.table.name}.{column.name}" for column in merging.columns()}
    may = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_by")
        or (any(word in column.name for word in _TELLING) and not column.name.endswith("_name"))
    }
    assert may - NO_MEMBERS <= known
